#include "rpc/gateway/served_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 1024, REQUEST_PATH_MAX = 128 };

bool imi_served_file_is_harmless(const char *path)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    return path[0] == '/' && strlen(path) <= REQUEST_PATH_MAX &&
           strspn(path, allowed) == strlen(path) && strstr(path, "/.") == NULL &&
           strstr(path, "//") == NULL;
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

imi_status imi_served_file_read(const char *folder, const char *path, const char *suffix,
                                size_t limit, imi_buffer *out, imi_error *err)
{
    char full[PATH_MAX_BYTES];
    int size = snprintf(full, sizeof full, "%s%s%s", folder, path, suffix);
    if (!imi_served_file_is_harmless(path) || size < 0 || (size_t)size >= sizeof full) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such document");
    }
    __attribute__((cleanup(close_file))) int fd =
        open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 0 ||
        (size_t)info.st_size > limit) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such document");
    }
    imi_status status = read_all(fd, (size_t)info.st_size, out, err);
    if (status != IMI_OK) {
        imi_buffer_clean_up(out);
    }
    return status;
}
