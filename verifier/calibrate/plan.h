/**
 * What a measurement compares and in which order.
 */
#ifndef IMI_CALIBRATE_PLAN_H
#define IMI_CALIBRATE_PLAN_H

#include "tile.h"

/** A plan and what groups are made of. */
typedef struct plan {
    tile_plan tile;
    int32_t decades[TILE_DECADES]; /* by cell number; 0 = not known */
    size_t decade_count; /* with number 0 */
    uint64_t pairs; /* of references of different subjects */
    uint64_t tiles; /* pairs of blocks, a block with itself included */
    uint64_t random;
} plan;

/**
 * References in random order within cells, so that blocks are random samples of their cell.
 * Errors: IMI_E_CALIBRATION (fewer than two subjects), IMI_E_NO_MEMORY. out is to be cleaned up.
 */
IMI_MUST_USE imi_status plan_make(const imi_population *population,
                                  const imi_nonmated_options *options, plan *out, imi_error *err);
void plan_clean_up(plan *p);

/** Blocks of the tile at a place of a random order in which each tile comes once. */
void plan_tile_at(const plan *p, uint64_t place, size_t *block_a, size_t *block_b);

#endif
