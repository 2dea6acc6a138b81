/**
 * Error rates of every group at one threshold that all groups share.
 *
 * A threshold a group of its own would hide what one threshold does to each; so this one holds
 * the mean false match rate over some groups, the anchors, and shows the rates of all.
 */
#ifndef IMI_EVAL_SHARED_POINT_H
#define IMI_EVAL_SHARED_POINT_H

#include "rates.h"

/** A comparison and the group that it belongs to. */
typedef struct eval_grouped_score {
    eval_score score;
    uint32_t group;
} eval_grouped_score;

/** All comparisons of a run by one kind of score. Borrowed. */
typedef struct eval_grouped_scores {
    eval_grouped_score *scores; /* sorted by eval_grouped_scores_sort */
    size_t count;
    size_t groups;
    const bool *is_anchor; /* one a group */
    size_t subjects;
    const uint32_t *strata; /* one a subject: a bootstrap draws within each; below strata_count */
    size_t strata_count;
} eval_grouped_scores;

/** Order by falling similarity. */
void eval_grouped_scores_sort(eval_grouped_scores *all);

typedef struct eval_shared_rates {
    double fmr, fnmr; /* NaN without such comparisons */
    eval_interval fmr_interval, fnmr_interval;
} eval_shared_rates;

/** What happens at one threshold. */
typedef struct eval_shared_point {
    double target; /* mean FMR over the anchors */
    double threshold; /* lowest that holds it */
    double pooled_fmr; /* over all comparisons, whatever their group */
    double worst_to_pooled; /* highest FMR of a group / pooled FMR; NaN if nothing matches */
    eval_interval worst_to_pooled_interval;
    eval_shared_rates *groups; /* one a group; the caller's storage */
    double *replicates; /* NULL, or the caller's storage: EVAL_REPLICATES values of FMR, then of
                         * FNMR, for each group; to pair with those of another run */
} eval_shared_point;

/**
 * Fill in everything but target and the storage, for count points (1 to 4) with falling targets.
 *
 * A comparison that could not be made raises FNMR, and counts for no FMR: unlike a comparison
 * that was made and did not match, it says nothing about a threshold.
 * Intervals: 95 %, percentile bootstrap over subjects within strata, threshold chosen anew in
 *            each replicate; the draws are the same in every run.
 * Errors:    IMI_E_INVALID_ARGUMENT, also without an anchor; IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status eval_shared_points(const eval_grouped_scores *all,
                                           eval_shared_point *points, size_t count, imi_error *err);

#endif
