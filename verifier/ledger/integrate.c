/* New entries become tiles, tiles become durable, and only then a checkpoint is signed. */
#include "tile_batch.h"
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Tiles of an attempt that failed may have their names, but not yet for ever. */
static imi_status settle(imi_ledger *self, imi_error *err)
{
    if (self->unsettled && syncfs(self->lock_fd) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot sync the log in %s: %s", self->folder.path,
                         strerror(errno));
    }
    self->unsettled = false;
    return IMI_OK;
}

static imi_status write_entries(imi_ledger *self, uint64_t size, const imi_ledger_entry *entries,
                                size_t count, imi_error *err)
{
    IMI_AUTO(imi_tile_batch) batch = NULL;
    IMI_AUTO(imi_ledger_edge) edge = NULL;
    IMI_TRY(imi_tile_batch_new(&self->folder, &batch, err));
    IMI_TRY(imi_ledger_edge_load(&self->folder.base, size, &edge, err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(imi_ledger_edge_append(edge, &entries[i], &batch->base, err));
    }
    IMI_TRY(imi_ledger_edge_finish(edge, &batch->base, err));
    return imi_tile_batch_flush(batch, err);
}

/* Partial tiles of widths that once were published, when the full tile is. */
static void remove_partial(const imi_ledger *self, int level, uint64_t number)
{
    char path[IMI_TILE_FULL_PATH_SIZE];
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
    IMI_TRY(settle(ledger, err));
    ledger->unsettled = true;
    IMI_TRY(write_entries(ledger, size, entries + known, count - known, err));
    IMI_TRY(imi_ledger_publish(ledger, size + (count - known), err));
    ledger->unsettled = false;
    remove_partials(ledger, size, size + (count - known));
    return IMI_OK;
}
