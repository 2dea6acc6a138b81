/** The right edge of a tree that grows, and the tiles that come off it. */
#ifndef IMI_LEDGER_GROW_H
#define IMI_LEDGER_GROW_H

#include "tiles.h"

/** What becomes of tiles: written, or compared. */
typedef struct imi_tile_sink imi_tile_sink;
struct imi_tile_sink {
    /** bytes: as they stand in the file. */
    imi_status (*take)(imi_tile_sink *self, const imi_tile_place *place, imi_view bytes,
                       imi_error *err);
};

/** What is not yet in a full tile, by level. Large: keep it on the heap. */
typedef struct imi_ledger_edge {
    uint64_t size; /* of the tree */
    imi_ledger_entry entries[IMI_TILE_WIDTH];
    imi_ledger_hash hashes[IMI_TILE_LEVELS][IMI_TILE_WIDTH];
} imi_ledger_edge;

void imi_ledger_edge_destroy(imi_ledger_edge **edge);
IMI_AUTO_DEFINE(imi_ledger_edge, imi_ledger_edge_destroy)

/** Read the edge of a tree of that size. */
IMI_MUST_USE imi_status imi_ledger_edge_load(imi_ledger_source *source, uint64_t size,
                                             imi_ledger_edge **out, imi_error *err);
/** Append an entry; tiles that become full go to the sink. */
IMI_MUST_USE imi_status imi_ledger_edge_append(imi_ledger_edge *edge, const imi_ledger_entry *entry,
                                               imi_tile_sink *sink, imi_error *err);
/** Give the partial tiles to the sink. */
IMI_MUST_USE imi_status imi_ledger_edge_finish(const imi_ledger_edge *edge, imi_tile_sink *sink,
                                               imi_error *err);

#endif
