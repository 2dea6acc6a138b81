/**
 * Measures of quality, read from a file, held against scores.
 */
#ifndef IMI_EVAL_DISCARD_RUN_H
#define IMI_EVAL_DISCARD_RUN_H

#include "discard.h"
#include "discard_report.h"
#include "groups.h"

/** Measures that are compared: the one under test and the older one. */
enum { EVAL_NEW_MEASURE = 0, EVAL_OLD_MEASURE = 1, EVAL_MEASURES = 2, EVAL_BANDS = 6 };

/** Columns of quality.csv that hold them; more of each is better. */
extern const char *const eval_measure_names[EVAL_MEASURES];

/** Ends of the bands of the new measure in which failures are counted. */
extern const double eval_band_ends[EVAL_BANDS + 1];

/** What is known of one group of pairs. */
typedef struct eval_discard_group {
    const char *name;
    size_t mated, failed;
    eval_discard measures[EVAL_MEASURES];
} eval_discard_group;

typedef struct eval_discard_run {
    const eval_discard_options *options;
    eval_scored scored;
    eval_selections groups; /* the first one is of all */
    double threshold;
    float *values[EVAL_MEASURES]; /* by number of image; NaN: no measure */
    eval_discard_group *results; /* one a group */
    uint64_t failed_in_band[EVAL_BANDS], mated_in_band[EVAL_BANDS];
} eval_discard_run;

/** Read and measure. Clean up in either case. */
IMI_MUST_USE imi_status eval_discard_run_all(const eval_discard_options *options,
                                             eval_discard_run *out, imi_error *err);
void eval_discard_run_clean_up(eval_discard_run *run);

#endif
