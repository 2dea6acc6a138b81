/**
 * Comparison of two blocks of references, each with each: scores, their histogram, and what lies
 * in the tail.
 */
#ifndef IMI_CALIBRATE_TILE_H
#define IMI_CALIBRATE_TILE_H

#include "fuse.h"
#include "nonmated.h"
#include "population.h"

#include <stdatomic.h>

enum {
    TILE_BLOCK_MAX = 512, /* references of a block */
    TILE_CHUNK = FUSE_ROWS, /* rows that stay in the first cache while all probes pass */
    TILE_SCOPES = 3 /* all, same sex, same birth decade */
};

/** Number of a sex or birth decade among the groups; 0 = not known. */
typedef struct tile_cell {
    uint8_t sex, decade;
} tile_cell;

/** References next to each other in the order of comparison, all of one cell. */
typedef struct tile_block {
    uint32_t first, count;
    tile_cell cell;
} tile_block;

/** Events of subjects at levels, which all threads count; see docs/calibration.md. */
typedef struct tile_events {
    size_t subjects;
    _Atomic uint32_t *counts; /* [scope][level][subject]; reached, but not the next level */
} tile_events;

/** What all threads share and none changes. */
typedef struct tile_plan {
    const imi_population *population;
    size_t kinds; /* 1: raw scores only */
    uint32_t *order; /* references in the order of comparison */
    uint32_t *subject_of; /* by reference: subjects numbered from 0 */
    bool *shares_subject; /* by reference: its subject has others */
    size_t subjects;
    tile_block *blocks;
    size_t block_count;
    size_t level_bins[IMI_SCORE_KINDS][NONMATED_LEVELS]; /* rising */
    tile_events events[IMI_SCORE_KINDS];
    _Atomic uint64_t *partners; /* [scope][block]: references compared with each of the block */
    _Atomic uint32_t *own; /* [scope][subject]: of those, references of the subject itself */
    size_t top_max; /* most similar pairs that are kept, by the last kind */
} tile_plan;

/** A pair by the numbers of its references. */
typedef struct tile_pair {
    float score;
    uint32_t a, b;
} tile_pair;

/** Counts by kind and bin, the last one for what must not count. */
typedef struct tile_counts {
    uint64_t bins[IMI_SCORE_KINDS][NONMATED_BINS + 1];
} tile_counts;

/** Classes of pairs: the sex they share (0: none) and the decade they share (0: none). */
enum { TILE_SEXES = 3, TILE_DECADES = 17, TILE_CLASSES = TILE_SEXES * TILE_DECADES };

/** One thread's own. Large: allocate it. */
typedef struct tile_worker tile_worker;

tile_worker *tile_worker_new(const tile_plan *plan);
void tile_worker_destroy(tile_worker **worker);
/**
 * Compare two blocks, or a block with itself; returns the number of comparisons that count.
 * Errors: UINT64_MAX without memory.
 */
uint64_t tile_compare(tile_worker *worker, size_t block_a, size_t block_b);
/** Counts of a class, NULL if none of its pairs was compared. */
const tile_counts *tile_worker_counts(tile_worker *worker, size_t class_number);
/** Best pairs so far; a heap whose first is the worst. */
const tile_pair *tile_worker_pairs(const tile_worker *worker, size_t *count);
/** Keep a pair if it is among the best of capacity. */
void tile_offer(tile_pair *heap, size_t *count, size_t capacity, tile_pair pair);

/**
 * The scores of two references, as tile_compare makes them but for rounding, and for a normalised
 * score below the first level, where it leaves members of the cohort in.
 */
void tile_scores_of(const imi_population *population, size_t a, size_t b,
                    float scores[IMI_SCORE_KINDS]);

#endif
