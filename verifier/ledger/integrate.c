/* New entries become tiles, tiles become durable, and only then a checkpoint is signed. */
#include "grow.h"
#include "note.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUBLIC_MODE = 0644, FOLDER_MODE = 0755 };

typedef struct tile_writer {
    imi_tile_sink base;
    imi_ledger *ledger;
} tile_writer;

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

/* Make the folders of path below its first `from` bytes, each durable in the one above. */
static imi_status make_folders(char *path, size_t from, imi_error *err)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, FOLDER_MODE) == 0;
        int code = made ? 0 : errno;
        if (made) {
            char *above = strrchr(path, '/');
            *above = '\0';
            imi_status status = sync_folder(path, err);
            *above = '/';
            IMI_TRY(status);
        } else if (code != EEXIST) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot make %s: %s", path, strerror(code));
        }
        *slash = '/';
    }
    return IMI_OK;
}

/* A file that a crash left behind is right if it is equal, and nothing else may replace it. */
static imi_status write_tile(imi_tile_sink *sink, const imi_tile_place *place, imi_view bytes,
                             imi_error *err)
{
    imi_ledger *ledger = ((tile_writer *)sink)->ledger;
    imi_ledger_source *source = &ledger->folder.base;
    char name[IMI_TILE_PATH_SIZE], path[IMI_LEDGER_PATH_SIZE + IMI_TILE_PATH_SIZE + 1];
    imi_tile_path(place, name);
    IMI_AUTO_BUFFER there = IMI_BUFFER_INIT;
    imi_status status =
        source->read(source, name, IMI_TILE_WIDTH * IMI_BUNDLE_ENTRY_SIZE, &there, err);
    if (status == IMI_OK && imi_view_equal(bytes, imi_buffer_view(&there))) {
        return IMI_OK;
    }
    if (status != IMI_E_NOT_FOUND) {
        IMI_FAIL(err, status == IMI_OK ? IMI_E_LEDGER_REWRITTEN : status,
                 "%s in the log %s is there already and is not what the entries say", name,
                 ledger->folder.path);
    }
    int size = snprintf(path, sizeof path, "%s/%s", ledger->folder.path, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log's path is too long");
    }
    IMI_TRY(make_folders(path, strlen(ledger->folder.path) + 1, err));
    return imi_file_write(path, bytes, PUBLIC_MODE, err);
}

/* ---- Entries that are in ---- */

static imi_status compare_bundle(imi_ledger *self, uint64_t size, uint64_t index,
                                 const imi_ledger_entry *entries, size_t count, size_t *done_out,
                                 imi_error *err)
{
    uint64_t number = index / IMI_TILE_WIDTH;
    imi_tile_place place = {IMI_TILE_BUNDLE, number, imi_tile_width(size, IMI_TILE_BUNDLE, number)};
    imi_ledger_entry there[IMI_TILE_WIDTH];
    IMI_TRY(imi_bundle_read(&self->folder.base, &place, there, err));
    unsigned from = (unsigned)(index % IMI_TILE_WIDTH);
    *done_out = place.width - from < count ? place.width - from : count;
    for (size_t i = 0; i < *done_out; i++) {
        if (memcmp(there[from + i].bytes, entries[i].bytes, IMI_LEDGER_ENTRY_SIZE) != 0) {
            IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                     "entry %llu is in the log with other contents: its history was rewritten",
                     (unsigned long long)(index + i));
        }
    }
    return IMI_OK;
}

static imi_status compare_entries(imi_ledger *self, uint64_t size, uint64_t first_index,
                                  const imi_ledger_entry *entries, size_t count, imi_error *err)
{
    for (size_t done = 0; done < count;) {
        size_t more = 0;
        IMI_TRY(compare_bundle(self, size, first_index + done, entries + done, count - done, &more,
                               err));
        done += more;
    }
    return IMI_OK;
}

/* ---- New entries ---- */

static imi_status write_entries(imi_ledger *self, uint64_t size, const imi_ledger_entry *entries,
                                size_t count, imi_error *err)
{
    tile_writer writer = {{write_tile}, self};
    IMI_AUTO(imi_ledger_edge) edge = NULL;
    IMI_TRY(imi_ledger_edge_load(&self->folder.base, size, &edge, err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(imi_ledger_edge_append(edge, &entries[i], &writer.base, err));
    }
    return imi_ledger_edge_finish(edge, &writer.base, err);
}

/* Partial tiles of widths that once were published, when the full tile is. */
static void remove_partial(const imi_ledger *self, int level, uint64_t number)
{
    char path[IMI_LEDGER_PATH_SIZE + IMI_TILE_PATH_SIZE + 1];
    for (unsigned width = 1; width < IMI_TILE_WIDTH; width++) {
        imi_tile_place place = {level, number, width};
        char name[IMI_TILE_PATH_SIZE];
        imi_tile_path(&place, name);
        snprintf(path, sizeof path, "%s/%s", self->folder.path, name);
        unlink(path);
    }
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

/* Housekeeping: what cannot be removed does no harm. */
static void remove_partials(const imi_ledger *self, uint64_t old_size, uint64_t size)
{
    for (int level = IMI_TILE_BUNDLE; level < IMI_TILE_LEVELS; level++) {
        unsigned shift = level == IMI_TILE_BUNDLE ? 0 : (unsigned)level * IMI_TILE_BITS;
        uint64_t number = old_size >> shift >> IMI_TILE_BITS;
        bool was_partial = (old_size >> shift) % IMI_TILE_WIDTH != 0;
        if (was_partial && size >> shift >> IMI_TILE_BITS > number) {
            remove_partial(self, level, number);
        }
    }
}

imi_status imi_ledger_integrate(imi_ledger *ledger, uint64_t first_index,
                                const imi_ledger_entry *entries, size_t count, imi_error *err)
{
    uint64_t size = imi_ledger_size(ledger);
    if (first_index > size) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the log ends at %llu: entries up to %llu are missing",
                 (unsigned long long)size, (unsigned long long)first_index);
    }
    size_t known = size - first_index < count ? (size_t)(size - first_index) : count;
    IMI_TRY(compare_entries(ledger, size, first_index, entries, known, err));
    if (known == count) {
        return IMI_OK;
    }
    IMI_TRY(write_entries(ledger, size, entries + known, count - known, err));
    IMI_TRY(imi_ledger_publish(ledger, size + (count - known), err));
    remove_partials(ledger, size, size + (count - known));
    return IMI_OK;
}
