/**
 * Scores that were made before, grouped and measured at one threshold.
 */
#ifndef IMI_EVAL_EVALUATION_H
#define IMI_EVAL_EVALUATION_H

#include "groups.h"
#include "operating.h"

/** What to evaluate. Texts are borrowed. */
typedef struct eval_evaluation_options {
    const char *scores; /* required: as `imi-eval faces` writes them */
    const char *manifest; /* groups by its attributes; NULL = none */
    const char *anchor; /* groups whose mean FMR the target is for, a,b; NULL = all comparisons */
    double target_fmr;
    double threshold; /* instead of one for the target; NaN = none */
} eval_evaluation_options;

/** Pairs that a person should look at: positions, the most striking first. */
typedef struct eval_pair_list {
    uint32_t *pairs;
    size_t count;
} eval_pair_list;

enum { EVAL_LISTED_PAIRS = 20 };

typedef struct eval_evaluation {
    eval_evaluation_options options;
    eval_scored scored;
    eval_selections sets; /* the first one is of all */
    eval_selections attributes, gaps;
    double threshold;
    eval_group_result *sets_at, *attributes_at, *gaps_at; /* by position of the selections */
    size_t failed_mated; /* mated pairs without a score, as a photo gave no template */
    eval_pair_list worst_mated; /* lowest similarity, of those that have one */
    eval_pair_list highest_non_mated;
} eval_evaluation;

#define AUTO_EVAL_EVALUATION __attribute__((cleanup(eval_evaluation_clean_up))) eval_evaluation

/** Load, choose the threshold, measure. Clean up in either case. */
IMI_MUST_USE imi_status eval_evaluate(const eval_evaluation_options *options, eval_evaluation *out,
                                      imi_error *err);
void eval_evaluation_clean_up(eval_evaluation *evaluation);

/** The highest FMR of a set by that of all; NaN when nothing matched falsely. */
double eval_worst_ratio(const eval_evaluation *evaluation);

#endif
