/**
 * Error rates of a set of comparisons, with intervals that respect who was compared.
 *
 * Terms: ISO/IEC 19795-1. A comparison that could not be made has similarity -INFINITY: it
 * never matches, so a failure to acquire raises FNMR.
 */
#ifndef IMI_EVAL_RATES_H
#define IMI_EVAL_RATES_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One comparison. Subjects are numbers below the set's subject count. */
typedef struct eval_score {
    float similarity;
    bool mated;
    uint32_t subject_a, subject_b;
} eval_score;

/** Order scores by falling similarity, which all functions below need. */
void eval_scores_sort(eval_score *scores, size_t count);

typedef struct eval_rates {
    double eer; /* where FMR and FNMR cross; their mean at the nearest step */
    double fnmr; /* at the lowest threshold whose FMR is at most the one asked for */
    double threshold;
} eval_rates;

/**
 * Rates of sorted scores.
 *
 * weights: one per subject, as often as a bootstrap drew it; NULL for one each. A comparison
 *          counts by the product of its subjects' weights, a mated one by the weight itself.
 * Errors:  NaN when there is no mated or no non-mated comparison.
 */
eval_rates eval_rates_of(const eval_score *scores, size_t count, const uint32_t *weights,
                         double fmr);

/** FMR and FNMR at a fixed threshold. */
typedef struct eval_point {
    double fmr, fnmr;
} eval_point;
eval_point eval_rates_at(const eval_score *scores, size_t count, const uint32_t *weights,
                         double threshold);

typedef struct eval_interval {
    double low, high;
} eval_interval;

/**
 * Exact 95 % interval of a share of independent trials; tells apart 0 of 10 from 0 of 1000,
 * which a bootstrap cannot.
 *
 * Source: Clopper and Pearson, Biometrika 26, 1934.
 */
eval_interval eval_share_interval(size_t failures, size_t trials);

/** Replicates of a bootstrap. */
enum { EVAL_REPLICATES = 500 };

/** SplitMix64 (Steele, Lea, Flood 2014); from a fixed seed, so that a table can be made again. */
uint64_t eval_random_next(uint64_t *state);
/**
 * 95 % percentile interval of EVAL_REPLICATES values, which are reordered. Replicates without a
 * mated or a non-mated comparison are NaN and left out.
 */
eval_interval eval_percentile_interval(double *values);

/** 95 % intervals of the rates. */
typedef struct eval_intervals {
    eval_interval eer, fnmr, fmr_at, fnmr_at;
} eval_intervals;

/**
 * Percentile bootstrap over subjects: whole subjects are drawn with replacement, since pairs
 * that share one are not independent. The draws are the same in every run.
 *
 * threshold: for the *_at intervals; may be NaN.
 * Source:    Bolle, Ratha, Pankanti, "Error analysis of pattern recognition systems - the
 *            subsets bootstrap", CVIU 93, 2004.
 */
IMI_MUST_USE imi_status eval_bootstrap(const eval_score *scores, size_t count, size_t subjects,
                                       double fmr, double threshold, eval_intervals *out,
                                       imi_error *err);

#endif
