/** Tiles: their paths, their sizes, and reading them from a source. */
#ifndef IMI_LEDGER_TILES_H
#define IMI_LEDGER_TILES_H

#include "imi/ledger.h"

enum {
    IMI_TILE_BITS = 8,
    IMI_TILE_WIDTH = 256, /* hashes */
    IMI_TILE_LEVELS = 8, /* 64 bits of size */
    IMI_TILE_BYTES = IMI_TILE_WIDTH * IMI_LEDGER_HASH_SIZE,
    IMI_TILE_PATH_SIZE = 96,
    IMI_BUNDLE_ENTRY_SIZE = 2 + IMI_LEDGER_ENTRY_SIZE /* big-endian length and entry */
};

/** Which tile of which tree: as many hashes as the tree of that size has there. */
typedef struct imi_tile_place {
    int level; /* IMI_TILE_BUNDLE for entries */
    uint64_t number;
    unsigned width; /* 1 to IMI_TILE_WIDTH */
} imi_tile_place;

enum { IMI_TILE_BUNDLE = -1 };

/** "tile/0/x001/067.p/5". */
void imi_tile_path(const imi_tile_place *place, char out[IMI_TILE_PATH_SIZE]);
/** How wide a tile is in a tree of size leaves; 0 if the tree does not have it. */
unsigned imi_tile_width(uint64_t size, int level, uint64_t number);

/** Read the hashes of a tile; from the full tile where a partial one is gone. */
IMI_MUST_USE imi_status imi_tile_read(imi_ledger_source *source, const imi_tile_place *place,
                                      imi_ledger_hash out[IMI_TILE_WIDTH], imi_error *err);
/** The same for an entry bundle. */
IMI_MUST_USE imi_status imi_bundle_read(imi_ledger_source *source, const imi_tile_place *place,
                                        imi_ledger_entry out[IMI_TILE_WIDTH], imi_error *err);
/** Append an entry bundle's bytes. */
IMI_MUST_USE imi_status imi_bundle_write(const imi_ledger_entry *entries, unsigned count,
                                         imi_buffer *out, imi_error *err);

/** Root of count hashes, a power of two of at most IMI_TILE_WIDTH. */
IMI_MUST_USE imi_status imi_tile_root(const imi_ledger_hash *hashes, unsigned count,
                                      imi_ledger_hash *out, imi_error *err);

#endif
