#include "grow.h"

#include "note.h"

void imi_ledger_edge_destroy(imi_ledger_edge **edge)
{
    imi_free(*edge);
    *edge = NULL;
}

static imi_tile_place last_place(uint64_t size, int level)
{
    unsigned shift = level == IMI_TILE_BUNDLE ? 0 : (unsigned)level * IMI_TILE_BITS;
    uint64_t hashes = size >> shift;
    return (imi_tile_place){level, hashes / IMI_TILE_WIDTH, (unsigned)(hashes % IMI_TILE_WIDTH)};
}

static imi_status load(imi_ledger_source *source, imi_ledger_edge *edge, imi_error *err)
{
    for (int level = IMI_TILE_BUNDLE; level < IMI_TILE_LEVELS; level++) {
        imi_tile_place place = last_place(edge->size, level);
        if (place.width == 0) {
            continue;
        }
        IMI_TRY(level == IMI_TILE_BUNDLE ? imi_bundle_read(source, &place, edge->entries, err)
                                         : imi_tile_read(source, &place, edge->hashes[level], err));
    }
    return IMI_OK;
}

imi_status imi_ledger_edge_load(imi_ledger_source *source, uint64_t size, imi_ledger_edge **out,
                                imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_ledger_edge) edge = imi_alloc(sizeof *edge);
    if (edge == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the edge of a log");
    }
    edge->size = size;
    IMI_TRY(load(source, edge, err));
    *out = IMI_STEAL(&edge);
    return IMI_OK;
}

static imi_status give_tile(const imi_ledger_edge *edge, const imi_tile_place *place,
                            imi_tile_sink *sink, imi_error *err)
{
    if (place->level == IMI_TILE_BUNDLE) {
        IMI_AUTO_BUFFER bundle = IMI_BUFFER_INIT;
        IMI_TRY(imi_bundle_write(edge->entries, place->width, &bundle, err));
        return sink->take(sink, place, imi_buffer_view(&bundle), err);
    }
    imi_view bytes = {edge->hashes[place->level][0].bytes,
                      (size_t)place->width * IMI_LEDGER_HASH_SIZE};
    return sink->take(sink, place, bytes, err);
}

/* hash is number index of its level; a tile that it fills is one hash of the level above. */
static imi_status add_hash(imi_ledger_edge *edge, int level, uint64_t index, imi_ledger_hash *hash,
                           imi_tile_sink *sink, imi_error *err)
{
    for (; level < IMI_TILE_LEVELS; level++, index /= IMI_TILE_WIDTH) {
        edge->hashes[level][index % IMI_TILE_WIDTH] = *hash;
        if (index % IMI_TILE_WIDTH != IMI_TILE_WIDTH - 1) {
            return IMI_OK;
        }
        imi_tile_place full = {level, index / IMI_TILE_WIDTH, IMI_TILE_WIDTH};
        IMI_TRY(give_tile(edge, &full, sink, err));
        IMI_TRY(imi_tile_root(edge->hashes[level], IMI_TILE_WIDTH, hash, err));
    }
    return IMI_OK;
}

imi_status imi_ledger_edge_append(imi_ledger_edge *edge, const imi_ledger_entry *entry,
                                  imi_tile_sink *sink, imi_error *err)
{
    if (edge->size == IMI_LEDGER_SIZE_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "the log is full");
    }
    uint64_t index = edge->size;
    edge->entries[index % IMI_TILE_WIDTH] = *entry;
    if (index % IMI_TILE_WIDTH == IMI_TILE_WIDTH - 1) {
        imi_tile_place full = {IMI_TILE_BUNDLE, index / IMI_TILE_WIDTH, IMI_TILE_WIDTH};
        IMI_TRY(give_tile(edge, &full, sink, err));
    }
    imi_ledger_hash hash;
    IMI_TRY(imi_ledger_leaf_hash(entry, &hash, err));
    IMI_TRY(add_hash(edge, 0, index, &hash, sink, err));
    edge->size++;
    return IMI_OK;
}

imi_status imi_ledger_edge_finish(const imi_ledger_edge *edge, imi_tile_sink *sink, imi_error *err)
{
    for (int level = IMI_TILE_BUNDLE; level < IMI_TILE_LEVELS; level++) {
        imi_tile_place place = last_place(edge->size, level);
        if (place.width != 0) {
            IMI_TRY(give_tile(edge, &place, sink, err));
        }
    }
    return IMI_OK;
}
