/**
 * Groups at one threshold for everybody: counts, rates with intervals, curves.
 */
#ifndef IMI_EVAL_OPERATING_H
#define IMI_EVAL_OPERATING_H

#include "curves.h"
#include "scored.h"

enum { EVAL_HISTOGRAM_BINS = 60 };

/** What is known of one group. */
typedef struct eval_group_result {
    const char *name;
    size_t subjects;
    imi_report_rate fmr, fnmr; /* at the threshold */
    uint64_t mated_counts[EVAL_HISTOGRAM_BINS], non_mated_counts[EVAL_HISTOGRAM_BINS];
    imi_report_histogram mated, non_mated; /* borrow the counts above: do not copy the struct */
    eval_curves curves; /* empty unless asked for */
} eval_group_result;

/**
 * Rates of a selection at a threshold.
 *
 * Intervals: from the bootstrap over subjects, widened to the exact binomial interval where that
 *            reaches further: no bootstrap can tell 0 of 10 from 0 of 1000.
 */
IMI_MUST_USE imi_status eval_group_measure(const eval_scored *scored,
                                           const eval_selection *selection, double threshold,
                                           bool with_curves, eval_group_result *out,
                                           imi_error *err);

#endif
