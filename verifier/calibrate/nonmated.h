/**
 * A measured distribution of non-mated scores; not public. Method: docs/calibration.md.
 */
#ifndef IMI_CALIBRATE_NONMATED_H
#define IMI_CALIBRATE_NONMATED_H

#include "imi/calibrate.h"
#include "tail.h"

enum {
    NONMATED_BINS = 8192,
    NONMATED_LEVELS = 6, /* scores at which subjects' own events are counted */
    NONMATED_GROUPS_MAX = 24,
    NONMATED_DUPLICATES_MAX = 10000
};

/** Scores fall into equal bins over [low, low + BINS * width); what lies outside, into the ends. */
typedef struct nonmated_scale {
    double low, width;
} nonmated_scale;

nonmated_scale nonmated_scale_of(imi_score_kind kind);
/** Bin of a score, 0 to BINS - 1. Not for NaN. */
size_t nonmated_bin_of(imi_score_kind kind, double score);
/** Lower edge of a bin; that of BINS is the end of the scale. */
double nonmated_edge(imi_score_kind kind, size_t bin);

/** How much wider than independent comparisons' the variance of a rate is. */
typedef struct nonmated_level {
    size_t bin; /* of events at or above it */
    double rate;
    double effect; /* variance / binomial variance, at least 1 */
} nonmated_level;

/** Scores of one kind in one group. */
typedef struct nonmated_table {
    uint64_t above[NONMATED_BINS + 1]; /* comparisons in this bin or higher; above[0] is all */
    nonmated_level levels[NONMATED_LEVELS]; /* falling rate; those with too few events left out */
    size_t level_count;
    size_t suspects_from; /* bin from which scores are suspected mated; BINS: none are */
    nonmated_tail tail;
} nonmated_table;

struct imi_nonmated {
    char model_ids[IMI_TEMPLATE_VECTORS_MAX][IMI_MODEL_ID_SIZE];
    double weights[IMI_TEMPLATE_VECTORS_MAX][IMI_SCORE_KINDS];
    imi_normalisation normalisations[IMI_TEMPLATE_VECTORS_MAX];
    size_t model_count;
    char cohort_id[IMI_COHORT_ID_SIZE]; /* "" = raw scores only */
    uint64_t references, subjects;
    uint64_t pairs; /* that there are; comparisons of group 0 are those that were made */
    double cpu_seconds;
    double duplicate_fmr;
    imi_nonmated_group groups[NONMATED_GROUPS_MAX];
    nonmated_table *tables[NONMATED_GROUPS_MAX][IMI_SCORE_KINDS]; /* NULL: not measured */
    size_t group_count;
    imi_likely_duplicate *duplicates;
    size_t duplicate_count;
};

/** Table of a kind and group; NULL if there is none. */
const nonmated_table *nonmated_table_of(const imi_nonmated *nonmated, imi_score_kind kind,
                                        size_t group);
/** An empty measurement. NULL without memory. */
imi_nonmated *nonmated_new(void);
/** Add a group with a table for each kind, raw alone unless normalised. */
IMI_MUST_USE imi_status nonmated_add_group(imi_nonmated *nonmated, const char *name,
                                           bool normalised, imi_error *err);

#endif
