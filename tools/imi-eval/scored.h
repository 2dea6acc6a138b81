/**
 * Comparisons that were made before: what `imi-eval faces --scores` wrote, read again.
 */
#ifndef IMI_EVAL_SCORED_H
#define IMI_EVAL_SCORED_H

#include "pairs.h"
#include "rates.h"

/** Pairs and, by position, their similarity; -INFINITY where there was no template. */
typedef struct eval_scored {
    eval_pairs pairs;
    float *similarities;
} eval_scored;

#define AUTO_EVAL_SCORED __attribute__((cleanup(eval_scored_clean_up))) eval_scored

/**
 * Read the columns set, a, b, same, tag, status and similarity; others may stand beside them.
 *
 * Errors: IMI_E_INVALID_ARGUMENT names the row whose similarity is no number, or that has one
 *         although its status is not ok.
 */
IMI_MUST_USE imi_status eval_scored_load(const char *path, eval_scored *out, imi_error *err);
void eval_scored_clean_up(eval_scored *scored);

/** Some of the pairs under a name. */
typedef struct eval_selection {
    const char *name; /* borrowed */
    uint32_t *pairs; /* positions */
    size_t count;
} eval_selection;

/** Whether a pair is to be in a selection. */
typedef bool (*eval_pair_filter)(const eval_scored *scored, size_t pair, const void *context);

/** Select pairs; those without a group, which measure attack detection, never. */
IMI_MUST_USE imi_status eval_select(const eval_scored *scored, const char *name,
                                    eval_pair_filter filter, const void *context,
                                    eval_selection *out, imi_error *err);
void eval_selection_clean_up(eval_selection *selection);

/**
 * Scores of a selection, sorted, with its subjects numbered from 0.
 *
 * Shape: out holds one score a pair; subjects_out may be NULL.
 */
IMI_MUST_USE imi_status eval_selection_scores(const eval_scored *scored,
                                              const eval_selection *selection, eval_score *out,
                                              size_t *subjects_out, imi_error *err);

/**
 * The lowest similarity at which the mean FMR over selections is at most a target; each counts
 * alike, whatever its size.
 *
 * Errors: IMI_E_INVALID_ARGUMENT when one has no non-mated comparison.
 */
IMI_MUST_USE imi_status eval_threshold_for(const eval_scored *scored,
                                           const eval_selection *selections, size_t count,
                                           double target_fmr, double *out, imi_error *err);

#endif
