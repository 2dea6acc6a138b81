/* The state file of a keyring, and its lock. */
#include "imi/crypto.h"
#include "keyring_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Renaming gives a changed file another inode, and time and size tell reused ones apart. */
static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

imi_status imi_keyring_read_state(imi_keyring *ring, imi_error *err)
{
    char path[IMI_KEYRING_PATH_SIZE];
    struct stat now = {0};
    IMI_TRY(imi_keyring_path(ring, "keys.json", path, err));
    if (stat(path, &now) == 0 && is_same_file(&now, &ring->read_from)) {
        return IMI_OK;
    }
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_private_file_read(path, IMI_KEYRING_STATE_BYTES_MAX, &text, err);
    if (status == IMI_E_NOT_FOUND && ring->state.count == 0) {
        return IMI_OK; /* the first start */
    }
    IMI_TRY(status);
    imi_keyring_state state;
    IMI_TRY(imi_keyring_state_parse(imi_buffer_view(&text), &state, err));
    ring->state = state;
    /* Of before it was read: should it have changed meanwhile, it is read once more. */
    ring->read_from = now;
    return IMI_OK;
}

imi_status imi_keyring_write_state(imi_keyring *ring, const imi_keyring_state *state,
                                   imi_error *err)
{
    char path[IMI_KEYRING_PATH_SIZE];
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_keyring_path(ring, "keys.json", path, err));
    IMI_TRY(imi_keyring_state_render(state, &text, err));
    IMI_TRY(imi_file_write(path, imi_buffer_view(&text), 0600, err));
    ring->state = *state;
    return IMI_OK;
}

/* A file of its own: making a key file locks the folder itself. */
static imi_status take_lock(imi_keyring *ring, int *fd_out, imi_error *err)
{
    char path[IMI_KEYRING_PATH_SIZE];
    IMI_TRY(imi_keyring_path(ring, "lock", path, err));
    *fd_out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd_out < 0 || flock(*fd_out, LOCK_EX) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot lock the keyring %s: %s",
                         ring->options.folder, strerror(errno));
    }
    return IMI_OK;
}

imi_status imi_keyring_change_state(imi_keyring *ring, imi_keyring_apply apply,
                                    const imi_keyring_change *what, imi_error *err)
{
    int fd = -1;
    imi_status status = take_lock(ring, &fd, err);
    if (status == IMI_OK) {
        status = imi_keyring_read_state(ring, err);
    }
    if (status == IMI_OK) {
        status = apply(ring, what, err);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}
