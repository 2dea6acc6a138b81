/** Many new tiles, made durable together: their writes overlap, a folder is synced once. */
#ifndef IMI_LEDGER_TILE_BATCH_H
#define IMI_LEDGER_TILE_BATCH_H

#include "grow.h"

enum {
    IMI_TILE_BATCH_MAX = 128, /* open files */
    IMI_TILE_FULL_PATH_SIZE = IMI_LEDGER_PATH_SIZE + IMI_TILE_PATH_SIZE + 8
};

typedef struct imi_new_tile {
    int fd; /* of the temporary file beside path */
    char path[IMI_TILE_FULL_PATH_SIZE];
} imi_new_tile;

/** A sink that writes. Large: keep it on the heap. */
typedef struct imi_tile_batch {
    imi_tile_sink base;
    imi_ledger_folder *folder; /* borrowed */
    size_t count;
    imi_new_tile tiles[IMI_TILE_BATCH_MAX];
} imi_tile_batch;

IMI_MUST_USE imi_status imi_tile_batch_new(imi_ledger_folder *folder, imi_tile_batch **out,
                                           imi_error *err);
/** Leaves nothing behind of what was not flushed. */
void imi_tile_batch_destroy(imi_tile_batch **batch);
IMI_AUTO_DEFINE(imi_tile_batch, imi_tile_batch_destroy)

/** All tiles that were taken are durable under their names when it returns IMI_OK. */
IMI_MUST_USE imi_status imi_tile_batch_flush(imi_tile_batch *batch, imi_error *err);

#endif
