/**
 * What it costs that one of two photos is a small grey portrait: the same comparisons with the
 * photos as they are and with the portrait, at one threshold.
 */
#ifndef IMI_EVAL_PORTRAIT_RATES_H
#define IMI_EVAL_PORTRAIT_RATES_H

#include "rates.h"

/** A comparison both ways; -INFINITY where it could not be made. */
typedef struct eval_portrait_score {
    float clean, portrait;
    bool mated;
    uint32_t subject_a, subject_b; /* below the subjects' count */
    uint32_t group; /* below the groups' count */
} eval_portrait_score;

/** Borrowed. */
typedef struct eval_portrait_scores {
    const eval_portrait_score *scores;
    size_t count, groups, subjects;
    const uint32_t *strata; /* one a subject: a bootstrap draws within each */
    size_t strata_count;
} eval_portrait_scores;

/** Rates of a group at one threshold; NaN without such comparisons. */
typedef struct eval_portrait_row {
    size_t mated, non_mated;
    double fnmr_clean, fnmr_portrait, fmr_clean, fmr_portrait;
    double ratio; /* of the FNMRs; NaN where nothing is missed among the clean ones */
    eval_interval ratio_interval; /* of the draws that have a ratio */
} eval_portrait_row;

/**
 * Fill in a row a group and one of all, behind them.
 *
 * Intervals: 95 %, percentile bootstrap over subjects within strata. Both kinds of score of a
 *            comparison are drawn together; the threshold stays. The draws are the same in every
 *            run.
 * Errors:    IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status eval_portrait_rates(const eval_portrait_scores *all, double threshold,
                                            eval_portrait_row *rows, imi_error *err);

#endif
