#include "rpc/served_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 1024, REQUEST_PATH_MAX = 128, FILE_BYTES_MAX = 1 << 20 };

/* How documents under a path are served. The first that fits counts. */
typedef struct served_kind {
    const char *start;
    bool whole; /* the path is just this */
    const char *type, *cache;
} served_kind;

static const char immutable[] = "public, max-age=31536000, immutable";

static const served_kind kinds[] = {
    {"/log/checkpoint", true, "text/plain; charset=utf-8", "no-cache"},
    {"/log/tile/", false, "application/octet-stream", immutable},
    {"/status/", false, "application/statuslist+jwt", "public, max-age=60"},
};

/* Names as the log and the lists have them. Dots only within a name, so that none leads upward. */
static bool is_harmless(const char *path)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    return path[0] == '/' && strlen(path) <= REQUEST_PATH_MAX &&
           strspn(path, allowed) == strlen(path) && strstr(path, "/.") == NULL &&
           strstr(path, "//") == NULL;
}

static const served_kind *kind_of(const char *path)
{
    for (size_t i = 0; is_harmless(path) && i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i].start);
        if (strncmp(path, kinds[i].start, size) == 0 && (!kinds[i].whole || path[size] == '\0')) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool imi_served_file_is_path(const char *path)
{
    return kind_of(path) != NULL;
}

static void close_file(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

static imi_status read_all(int fd, size_t size, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_reserve(out, size, err));
    while (out->size < size) {
        ssize_t got = read(fd, out->data + out->size, size - out->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "a public document cannot be read");
        }
        out->size += (size_t)got;
    }
    return IMI_OK;
}

imi_status imi_served_file_read(const char *folder, const char *path, imi_served_file *out,
                                imi_error *err)
{
    *out = (imi_served_file){.body = IMI_BUFFER_INIT};
    const served_kind *kind = kind_of(path);
    char full[PATH_MAX_BYTES];
    int size = snprintf(full, sizeof full, "%s%s", folder, path);
    if (kind == NULL || size < 0 || (size_t)size >= sizeof full) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such document");
    }
    __attribute__((cleanup(close_file))) int fd =
        open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size > FILE_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such document");
    }
    out->type = kind->type;
    out->cache = kind->cache;
    imi_status status = read_all(fd, (size_t)info.st_size, &out->body, err);
    if (status != IMI_OK) {
        imi_buffer_clean_up(&out->body);
    }
    return status;
}
