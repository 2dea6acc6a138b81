/**
 * Whether a candidate's comparisons are as right for every group as a baseline's.
 */
#ifndef IMI_EVAL_GATE_VERDICT_H
#define IMI_EVAL_GATE_VERDICT_H

#include "shared_point.h"

/** What is compared: the two sides of arrays below. */
enum { EVAL_BASELINE = 0, EVAL_CANDIDATE = 1, EVAL_SIDES = 2 };

/** What counts as worse, and how much data a judgement needs. Shares, not percent. */
typedef struct eval_gate_rule {
    double fmr; /* mean FMR over the anchors at the one threshold of a side */
    double fnmr_tolerance; /* a group's FNMR may rise by this */
    double fmr_tolerance; /* and its FMR by this */
    size_t subjects_min, mated_min; /* of a group */
} eval_gate_rule;

typedef enum eval_gate_finding {
    EVAL_GATE_NONE = 0,
    EVAL_GATE_TOO_FEW = 1, /* the group is too small to judge */
    EVAL_GATE_WORSE = 2, /* by more than the tolerance, and by more than chance */
    EVAL_GATE_UNSURE = 3, /* the interval of the change reaches beyond the tolerance */
    EVAL_GATE_NOT_WORSE = 4
} eval_gate_finding;

typedef enum eval_gate_verdict {
    EVAL_GATE_UNDECIDED = 0,
    EVAL_GATE_REFUSED = 1, /* worse in some group */
    EVAL_GATE_ACCEPTED = 2 /* not worse in any */
} eval_gate_verdict;

/** Candidate minus baseline. */
typedef struct eval_gate_change {
    double by;
    eval_interval interval;
} eval_gate_change;

typedef struct eval_gate_group {
    const char *name;
    bool is_anchor;
    size_t subjects, images, mated, non_mated;
    size_t failed_images[EVAL_SIDES]; /* without a template */
    eval_shared_rates rates[EVAL_SIDES];
    eval_gate_change fnmr, fmr;
    eval_gate_finding finding;
} eval_gate_group;

/** "not worse", "worse", ...; static storage. */
const char *eval_gate_finding_name(eval_gate_finding finding);
/** "accepted", "refused" or "undecided"; static storage. */
const char *eval_gate_verdict_name(eval_gate_verdict verdict);

/**
 * Rates of one side, without a judgement.
 *
 * groups: one a group of the scores, with everything but rates, changes and finding filled in.
 */
IMI_MUST_USE imi_status eval_gate_measure(const eval_gate_rule *rule,
                                          const eval_grouped_scores *scores, int side,
                                          eval_gate_group *groups, double *threshold_out,
                                          imi_error *err);

/**
 * Rates of both sides, their differences, and the verdict.
 *
 * Both have the same groups, subjects and strata. Each side has its own threshold, at which the
 * mean FMR over the anchors is the rule's; differences are paired: both sides see the same draws
 * of subjects.
 * Verdict: refused if FNMR or FMR of a group is worse by more than its tolerance and the interval
 *          of the difference lies above zero; accepted if in every group the intervals end
 *          within the tolerances; else undecided, as with groups or anchors that are too small.
 */
IMI_MUST_USE imi_status eval_gate_compare(const eval_gate_rule *rule,
                                          const eval_grouped_scores *sides, /* EVAL_SIDES */
                                          eval_gate_group *groups, double *thresholds_out,
                                          eval_gate_verdict *verdict_out, imi_error *err);

/** Non-mated comparisons of a group that anchors the threshold, by the rule of three. */
size_t eval_gate_non_mated_min(const eval_gate_rule *rule);

#endif
