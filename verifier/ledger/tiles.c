#include "tiles.h"

#include <stdio.h>

void imi_tile_path(const imi_tile_place *place, char out[IMI_TILE_PATH_SIZE])
{
    char level[8] = "entries", partial[8] = "", number[48] = "";
    if (place->level != IMI_TILE_BUNDLE) {
        snprintf(level, sizeof level, "%d", place->level & 63);
    }
    if (place->width < IMI_TILE_WIDTH) {
        snprintf(partial, sizeof partial, ".p/%u", place->width & 255);
    }
    /* Three digits a folder, all but the last behind an x: no folder is ever too large. */
    uint64_t unit = 1;
    while (place->number / unit >= 1000) {
        unit *= 1000;
    }
    size_t size = 0;
    for (; unit > 1; unit /= 1000) {
        size += (size_t)snprintf(number + size, sizeof number - size, "x%03u/",
                                 (unsigned)(place->number / unit % 1000));
    }
    snprintf(number + size, sizeof number - size, "%03u", (unsigned)(place->number % 1000));
    snprintf(out, IMI_TILE_PATH_SIZE, "tile/%s/%s%s", level, number, partial);
}

unsigned imi_tile_width(uint64_t size, int level, uint64_t number)
{
    unsigned shift = level == IMI_TILE_BUNDLE ? 0 : (unsigned)level * IMI_TILE_BITS;
    uint64_t hashes = size >> shift;
    if (number > hashes >> IMI_TILE_BITS) {
        return 0;
    }
    uint64_t left = hashes - (number << IMI_TILE_BITS);
    return left > IMI_TILE_WIDTH ? IMI_TILE_WIDTH : (unsigned)left;
}

static imi_status check_size(const char *path, size_t size, size_t expected, imi_error *err)
{
    if (size != expected) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "%s has %zu bytes instead of %zu", path, size, expected);
    }
    return IMI_OK;
}

/* Partial tiles may be gone as soon as the full tile is there, which begins with them. */
static imi_status read_bytes(imi_ledger_source *source, const imi_tile_place *place, size_t unit,
                             imi_buffer *out, imi_error *err)
{
    char path[IMI_TILE_PATH_SIZE];
    imi_tile_path(place, path);
    size_t limit = IMI_TILE_WIDTH * unit;
    imi_status status = source->read(source, path, limit, out, err);
    if (status == IMI_OK) {
        return check_size(path, out->size, place->width * unit, err);
    }
    if (place->width == IMI_TILE_WIDTH) {
        return status;
    }
    imi_tile_place full = {place->level, place->number, IMI_TILE_WIDTH};
    imi_tile_path(&full, path);
    out->size = 0;
    if (source->read(source, path, limit, out, NULL) != IMI_OK) {
        return status; /* what was asked for is what is reported */
    }
    return check_size(path, out->size, limit, err);
}

imi_status imi_tile_read(imi_ledger_source *source, const imi_tile_place *place,
                         imi_ledger_hash out[IMI_TILE_WIDTH], imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(read_bytes(source, place, IMI_LEDGER_HASH_SIZE, &bytes, err));
    for (unsigned i = 0; i < place->width; i++) {
        imi_copy(out[i].bytes, bytes.data + (size_t)i * IMI_LEDGER_HASH_SIZE, IMI_LEDGER_HASH_SIZE);
    }
    return IMI_OK;
}

imi_status imi_bundle_read(imi_ledger_source *source, const imi_tile_place *place,
                           imi_ledger_entry out[IMI_TILE_WIDTH], imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(read_bytes(source, place, IMI_BUNDLE_ENTRY_SIZE, &bytes, err));
    for (unsigned i = 0; i < place->width; i++) {
        const uint8_t *at = bytes.data + (size_t)i * IMI_BUNDLE_ENTRY_SIZE;
        if (at[0] != 0 || at[1] != IMI_LEDGER_ENTRY_SIZE) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "an entry of this log is not of %d bytes",
                     IMI_LEDGER_ENTRY_SIZE);
        }
        imi_copy(out[i].bytes, at + 2, IMI_LEDGER_ENTRY_SIZE);
    }
    return IMI_OK;
}

imi_status imi_bundle_write(const imi_ledger_entry *entries, unsigned count, imi_buffer *out,
                            imi_error *err)
{
    static const uint8_t length[2] = {0, IMI_LEDGER_ENTRY_SIZE};
    IMI_TRY(imi_buffer_reserve(out, out->size + (size_t)count * IMI_BUNDLE_ENTRY_SIZE, err));
    for (unsigned i = 0; i < count; i++) {
        IMI_TRY(imi_buffer_append(out, (imi_view){length, sizeof length}, err));
        imi_view entry = {entries[i].bytes, IMI_LEDGER_ENTRY_SIZE};
        IMI_TRY(imi_buffer_append(out, entry, err));
    }
    return IMI_OK;
}

imi_status imi_tile_root(const imi_ledger_hash *hashes, unsigned count, imi_ledger_hash *out,
                         imi_error *err)
{
    imi_ledger_hash level[IMI_TILE_WIDTH];
    imi_copy(level, hashes, count * sizeof *hashes);
    for (; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++) {
            imi_ledger_hash node;
            IMI_TRY(imi_ledger_node_hash(&level[2 * i], &level[2 * i + 1], &node, err));
            level[i] = node;
        }
    }
    *out = level[0];
    return IMI_OK;
}
