#include "imi/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static imi_status read_all(int fd, const char *path, size_t limit, imi_buffer *out, imi_error *err)
{
    size_t before = out->size;
    for (;;) {
        IMI_TRY(imi_buffer_reserve(out, out->size + CHUNK, err));
        ssize_t got = read(fd, out->data + out->size, CHUNK);
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
        if (out->size - before > limit) {
            IMI_FAIL(err, IMI_E_OVERFLOW, "%s is larger than the limit of %zu bytes", path, limit);
        }
    }
}

imi_status imi_file_read(const char *path, size_t limit, imi_buffer *out, imi_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        imi_status status = errno == ENOENT ? IMI_E_NOT_FOUND : IMI_E_IO;
        IMI_FAIL_FOREIGN(err, status, errno, "cannot open %s: %s", path, strerror(errno));
    }
    size_t before = out->size;
    imi_status status = read_all(fd, path, limit, out, err);
    close(fd);
    if (status != IMI_OK) {
        imi_wipe(out->data + before, out->size - before);
        out->size = before;
    }
    return status;
}

static imi_status write_all(int fd, const char *path, unsigned mode, imi_view contents,
                            imi_error *err)
{
    /* Made with mode 0600; set here, as the mode given to open is cut by the umask. */
    if (fchmod(fd, (mode_t)mode) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot set the mode of %s: %s", path,
                         strerror(errno));
    }
    for (size_t done = 0; done < contents.size;) {
        ssize_t put = write(fd, contents.data + done, contents.size - done);
        if (put < 0 && errno != EINTR) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot write %s: %s", path, strerror(errno));
        }
        done += put > 0 ? (size_t)put : 0;
    }
    if (fsync(fd) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot sync %s: %s", path, strerror(errno));
    }
    return IMI_OK;
}

static bool is_at(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static void lock(int fd)
{
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
    }
}

/*
 * Create path and hold its lock, so that two writers of one file cannot mix their contents: who
 * finds it there waits for the other writer, or removes what a crash left. Returns -1 and errno.
 */
static int create_alone(const char *path)
{
    for (;;) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        bool fresh = fd >= 0;
        if (!fresh && errno != EEXIST) {
            return -1;
        }
        if (!fresh) {
            fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (fd < 0 && errno == ENOENT) {
            continue; /* the other writer is done */
        }
        if (fd < 0) {
            return -1;
        }
        lock(fd);
        if (is_at(fd, path)) {
            if (fresh) {
                return fd;
            }
            unlink(path);
        }
        close(fd);
    }
}

static imi_status sync_folder_of(const char *path, imi_error *err)
{
    char folder[4096];
    if (!imi_copy_text(folder, sizeof folder, path)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "path is too long");
    }
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        int code = errno;
        if (fd >= 0) {
            close(fd);
        }
        IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot sync the folder of %s: %s", path,
                         strerror(code));
    }
    close(fd);
    return IMI_OK;
}

imi_status imi_file_write(const char *path, imi_view contents, unsigned mode, imi_error *err)
{
    char temporary[4096];
    int size = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof temporary) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "path is too long");
    }
    int fd = create_alone(temporary);
    if (fd < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot create %s: %s", temporary, strerror(errno));
    }
    imi_status status = write_all(fd, temporary, mode, contents, err);
    if (status == IMI_OK && rename(temporary, path) != 0) {
        status = imi_error_set(err, IMI_E_IO, errno, __FILE__, __LINE__, "cannot rename to %s: %s",
                               path, strerror(errno));
    }
    if (status != IMI_OK) {
        unlink(temporary);
    }
    close(fd);
    IMI_TRY(status);
    return sync_folder_of(path, err);
}

imi_status imi_random(uint8_t *out, size_t size, imi_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = getrandom(out + done, size - done, 0);
        if (got < 0 && errno != EINTR) {
            imi_wipe(out, size);
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "no random bytes: %s", strerror(errno));
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return IMI_OK;
}

imi_status imi_id_new(const char *prefix, char out[IMI_ID_SIZE], imi_error *err)
{
    out[0] = '\0';
    if (strlen(prefix) > 3) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "identifier prefix is longer than 3 characters");
    }
    uint8_t raw[16];
    IMI_TRY(imi_random(raw, sizeof raw, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){raw, sizeof raw}, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    snprintf(out, IMI_ID_SIZE, "%s_%s", prefix, (const char *)text.data);
    return IMI_OK;
}
