#include "rpc/gateway/page.h"

#include "rpc/gateway/served_file.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

enum { FILE_BYTES_MAX = 4 << 20 };

static const char assets[] = "/assets/"; /* their names hold a hash of what is in them */

static const struct {
    const char *ending;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".mp3", "audio/mpeg"},
    {".m4a", "audio/mp4"},
    {".ogg", "audio/ogg"},
    {".opus", "audio/ogg"},
    {".wav", "audio/wav"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *file_of(const char *path)
{
    bool is_index = strcmp(path, "/") == 0 || strcmp(path, "/j") == 0;
    return is_index ? "/index.html" : path;
}

static const char *type_of(const char *file)
{
    const char *ending = strrchr(file, '.');
    for (size_t i = 0; ending != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(ending, types[i].ending) == 0) {
            return types[i].type;
        }
    }
    return NULL;
}

const char *imi_page_route(const char *path)
{
    const char *file = file_of(path);
    return imi_served_file_is_harmless(file) && type_of(file) != NULL ? "page" : NULL;
}

/* "q=0", "q=0.0" and so on. */
static bool has_weight_0(const char *parameters, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if ((parameters[i] == 'q' || parameters[i] == 'Q') && parameters[i + 1] == '=') {
            const char *weight = parameters + i + 2;
            return strspn(weight, "0.") >= strcspn(weight, ", ;\t");
        }
    }
    return false;
}

bool imi_page_accepts(const char *accept_encoding, const char *coding)
{
    size_t wanted = strlen(coding);
    for (const char *at = accept_encoding; at != NULL && *at != '\0';) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ",");
        size_t name = strcspn(at, ",; \t");
        if (name == wanted && strncasecmp(at, coding, wanted) == 0) {
            return !has_weight_0(at + name, size - name);
        }
        at += size;
    }
    return false;
}

static imi_status read_best(const char *folder, const char *file, const char *accept_encoding,
                            imi_document *out, imi_error *err)
{
    static const struct {
        const char *coding, *suffix;
    } made[] = {{"br", ".br"}, {"gzip", ".gz"}};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (!imi_page_accepts(accept_encoding, made[i].coding)) {
            continue;
        }
        imi_status status =
            imi_served_file_read(folder, file, made[i].suffix, FILE_BYTES_MAX, &out->body, err);
        if (status != IMI_E_NOT_FOUND) {
            out->encoding = made[i].coding;
            return status;
        }
    }
    return imi_served_file_read(folder, file, "", FILE_BYTES_MAX, &out->body, err);
}

imi_status imi_page_read(const char *folder, const char *path, const char *accept_encoding,
                         imi_document *out, imi_error *err)
{
    const char *file = file_of(path);
    const char *type = type_of(file);
    if (type == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such file of the page");
    }
    bool is_asset = strncmp(file, assets, sizeof assets - 1) == 0;
    *out = (imi_document){.status = MHD_HTTP_OK,
                          .type = type,
                          .cache = is_asset ? IMI_DOCUMENT_IMMUTABLE : "no-cache",
                          .varies = true};
    return read_best(folder, file, accept_encoding, out, err);
}
