#include "rpc/gateway/public_file.h"

#include "rpc/gateway/served_file.h"

#include <microhttpd.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20 };

/* How documents under a path are served. The first that fits counts. */
typedef struct served_kind {
    const char *start;
    bool whole; /* the path is just this */
    const char *type, *cache;
} served_kind;

static const served_kind kinds[] = {
    {"/log/checkpoint", true, "text/plain; charset=utf-8", "no-cache"},
    {"/log/tile/", false, "application/octet-stream", IMI_DOCUMENT_IMMUTABLE},
    {"/status/", false, "application/statuslist+jwt", "public, max-age=60"},
};

static const served_kind *kind_of(const char *path)
{
    for (size_t i = 0; imi_served_file_is_harmless(path) && i < sizeof kinds / sizeof kinds[0];
         i++) {
        size_t size = strlen(kinds[i].start);
        if (strncmp(path, kinds[i].start, size) == 0 && (!kinds[i].whole || path[size] == '\0')) {
            return &kinds[i];
        }
    }
    return NULL;
}

const char *imi_public_file_route(const char *path)
{
    const served_kind *kind = kind_of(path);
    return kind == NULL ? NULL : kind->start;
}

imi_status imi_public_file_read(const char *folder, const char *path, imi_document *out,
                                imi_error *err)
{
    const served_kind *kind = kind_of(path);
    if (kind == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such document");
    }
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    IMI_TRY(imi_served_file_read(folder, path, "", FILE_BYTES_MAX, &body, err));
    *out = (imi_document){.status = MHD_HTTP_OK, .type = kind->type, .cache = kind->cache};
    out->body = body;
    body = (imi_buffer)IMI_BUFFER_INIT;
    return IMI_OK;
}
