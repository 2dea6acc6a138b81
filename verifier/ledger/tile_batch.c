#include "tile_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUBLIC_MODE = 0644, FOLDER_MODE = 0755 };

static const char temporary_ending[] = ".new";

static imi_status sync_folder(const char *path, imi_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    if (failed != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, failed, "cannot sync %s: %s", path, strerror(failed));
    }
    return IMI_OK;
}

static imi_status sync_folder_of(char *path, imi_error *err)
{
    char *slash = strrchr(path, '/');
    *slash = '\0';
    imi_status status = sync_folder(path, err);
    *slash = '/';
    return status;
}

/* Make the folders of path below its first `from` bytes, each durable in the one above. */
static imi_status make_folders(char *path, size_t from, imi_error *err)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int code = mkdir(path, FOLDER_MODE) == 0 ? 0 : errno;
        imi_status status = code == 0 ? sync_folder_of(path, err) : IMI_OK;
        if (code != 0 && code != EEXIST) {
            status = imi_error_set(err, IMI_E_IO, code, __FILE__, __LINE__, "cannot make %s: %s",
                                   path, strerror(code));
        }
        *slash = '/';
        IMI_TRY(status);
    }
    return IMI_OK;
}

/* A file that a crash left behind is right if it is equal, and nothing else may replace it. */
static imi_status look_for(imi_ledger_folder *folder, const char *name, imi_view bytes,
                           bool *there_out, imi_error *err)
{
    IMI_AUTO_BUFFER there = IMI_BUFFER_INIT;
    imi_status status = folder->base.read(
        &folder->base, name, (size_t)IMI_TILE_WIDTH * IMI_BUNDLE_ENTRY_SIZE, &there, err);
    *there_out = status == IMI_OK;
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    if (!imi_view_equal(bytes, imi_buffer_view(&there))) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "%s in the log %s is there already and is not what the entries say", name,
                 folder->path);
    }
    return IMI_OK;
}

static void temporary_path(const imi_new_tile *tile, char out[IMI_TILE_FULL_PATH_SIZE + 8])
{
    snprintf(out, IMI_TILE_FULL_PATH_SIZE + 8, "%s%s", tile->path, temporary_ending);
}

static imi_status write_temporary(imi_new_tile *tile, imi_view bytes, imi_error *err)
{
    char path[IMI_TILE_FULL_PATH_SIZE + 8];
    temporary_path(tile, path);
    tile->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PUBLIC_MODE);
    if (tile->fd < 0 || fchmod(tile->fd, PUBLIC_MODE) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot create %s: %s", path, strerror(errno));
    }
    for (size_t done = 0; done < bytes.size;) {
        ssize_t put = write(tile->fd, bytes.data + done, bytes.size - done);
        if (put < 0 && errno != EINTR) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot write %s: %s", path, strerror(errno));
        }
        done += put > 0 ? (size_t)put : 0;
    }
    /* On its way already while others are written; only fsync tells that it arrived. */
    sync_file_range(tile->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    return IMI_OK;
}

static imi_status take(imi_tile_sink *sink, const imi_tile_place *place, imi_view bytes,
                       imi_error *err)
{
    imi_tile_batch *self = (imi_tile_batch *)sink;
    char name[IMI_TILE_PATH_SIZE];
    bool there = false;
    imi_tile_path(place, name);
    IMI_TRY(look_for(self->folder, name, bytes, &there, err));
    if (there) {
        return IMI_OK;
    }
    if (self->count == IMI_TILE_BATCH_MAX) {
        IMI_TRY(imi_tile_batch_flush(self, err));
    }
    imi_new_tile *tile = &self->tiles[self->count];
    tile->fd = -1;
    snprintf(tile->path, sizeof tile->path, "%s/%s", self->folder->path, name);
    IMI_TRY(make_folders(tile->path, strlen(self->folder->path) + 1, err));
    self->count++;
    return write_temporary(tile, bytes, err);
}

imi_status imi_tile_batch_new(imi_ledger_folder *folder, imi_tile_batch **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for new tiles");
    }
    (*out)->base.take = take;
    (*out)->folder = folder;
    return IMI_OK;
}

static imi_status sync_files(imi_tile_batch *self, imi_error *err)
{
    for (size_t i = 0; i < self->count; i++) {
        imi_new_tile *tile = &self->tiles[i];
        if (fsync(tile->fd) != 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot sync %s: %s", tile->path,
                             strerror(errno));
        }
    }
    return IMI_OK;
}

static imi_status name_files(imi_tile_batch *self, imi_error *err)
{
    for (size_t i = 0; i < self->count; i++) {
        imi_new_tile *tile = &self->tiles[i];
        char path[IMI_TILE_FULL_PATH_SIZE + 8];
        temporary_path(tile, path);
        if (rename(path, tile->path) != 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot rename to %s: %s", tile->path,
                             strerror(errno));
        }
        close(tile->fd);
        tile->fd = -1;
    }
    return IMI_OK;
}

static bool same_folder(const imi_new_tile *a, const imi_new_tile *b)
{
    size_t size = (size_t)(strrchr(a->path, '/') - a->path);
    return (size_t)(strrchr(b->path, '/') - b->path) == size && memcmp(a->path, b->path, size) == 0;
}

static imi_status sync_folders(imi_tile_batch *self, imi_error *err)
{
    for (size_t i = 0; i < self->count; i++) {
        bool synced = false;
        for (size_t k = 0; k < i && !synced; k++) {
            synced = same_folder(&self->tiles[k], &self->tiles[i]);
        }
        if (!synced) {
            IMI_TRY(sync_folder_of(self->tiles[i].path, err));
        }
    }
    return IMI_OK;
}

imi_status imi_tile_batch_flush(imi_tile_batch *batch, imi_error *err)
{
    IMI_TRY(sync_files(batch, err));
    IMI_TRY(name_files(batch, err));
    IMI_TRY(sync_folders(batch, err));
    batch->count = 0;
    return IMI_OK;
}

void imi_tile_batch_destroy(imi_tile_batch **batch)
{
    imi_tile_batch *self = *batch;
    for (size_t i = 0; self != NULL && i < self->count; i++) {
        char path[IMI_TILE_FULL_PATH_SIZE + 8];
        temporary_path(&self->tiles[i], path);
        if (self->tiles[i].fd >= 0) {
            close(self->tiles[i].fd);
            unlink(path);
        }
    }
    imi_free(self);
    *batch = NULL;
}
