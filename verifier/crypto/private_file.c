#include "imi/crypto.h"

#include "imi/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_file(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

#define AUTO_FD __attribute__((cleanup(close_file))) int

static imi_status check_safe(int fd, const char *path, imi_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot inspect %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        IMI_FAIL(err, IMI_E_KEY, "%s is not a regular file", path);
    }
    if (info.st_uid != geteuid()) {
        IMI_FAIL(err, IMI_E_KEY, "%s belongs to another user: give it to the server's user", path);
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        IMI_FAIL(err, IMI_E_KEY, "%s is open to other users: chmod 600 it, or replace it", path);
    }
    return IMI_OK;
}

/* From the descriptor that was checked, so that the path cannot be switched in between. */
static imi_status read_file(int fd, const char *path, size_t limit, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_reserve(out, limit + 1, err));
    while (out->size <= limit) {
        ssize_t got = read(fd, out->data + out->size, limit + 1 - out->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot read %s: %s", path, strerror(errno));
        }
        if (got == 0) {
            return IMI_OK;
        }
        out->size += (size_t)got;
    }
    IMI_FAIL(err, IMI_E_KEY, "%s is larger than %zu bytes", path, limit);
}

imi_status imi_private_file_read(const char *path, size_t limit, imi_buffer *out, imi_error *err)
{
    /* O_NONBLOCK: a FIFO put in the file's place must not hang the start. */
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        imi_status status = errno == ENOENT ? IMI_E_NOT_FOUND : IMI_E_IO;
        IMI_FAIL_FOREIGN(err, status, errno, "cannot open %s: %s", path, strerror(errno));
    }
    IMI_TRY(check_safe(fd, path, err));
    return read_file(fd, path, limit, out, err);
}

static imi_status lock_folder_of(const char *path, int *fd_out, imi_error *err)
{
    char folder[4096];
    if (!imi_copy_text(folder, sizeof folder, path)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "path is too long");
    }
    *fd_out = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd_out < 0 || flock(*fd_out, LOCK_EX) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot lock the folder of %s: %s", path,
                         strerror(errno));
    }
    return IMI_OK;
}

imi_status imi_private_file_load(const char *path, size_t limit, imi_private_file_make make,
                                 void *user, imi_buffer *out, imi_error *err)
{
    imi_status status = imi_private_file_read(path, limit, out, err);
    if (status != IMI_E_NOT_FOUND) {
        return status;
    }
    AUTO_FD folder = -1;
    IMI_TRY(lock_folder_of(path, &folder, err));
    /* Another process may have made it while this one waited for the lock. */
    status = imi_private_file_read(path, limit, out, err);
    if (status != IMI_E_NOT_FOUND) {
        return status;
    }
    IMI_AUTO_BUFFER fresh = IMI_BUFFER_INIT;
    IMI_TRY(make(user, &fresh, err));
    IMI_TRY(imi_file_write(path, imi_buffer_view(&fresh), 0600, err));
    return imi_buffer_append(out, imi_buffer_view(&fresh), err);
}
