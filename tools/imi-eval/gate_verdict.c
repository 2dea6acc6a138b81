#include "gate_verdict.h"

#include "imi/memory.h"

#include <math.h>

/* Replicates of FMR and FNMR of each group. */
enum { FIGURES = 2, FMR = 0, FNMR = 1 };

const char *eval_gate_finding_name(eval_gate_finding finding)
{
    static const char *const names[] = {"none", "too few", "worse", "unsure", "not worse"};
    return names[finding];
}

const char *eval_gate_verdict_name(eval_gate_verdict verdict)
{
    static const char *const names[] = {"undecided", "refused", "accepted"};
    return names[verdict];
}

size_t eval_gate_non_mated_min(const eval_gate_rule *rule)
{
    return (size_t)ceil(3 / rule->fmr);
}

static double *figure(double *replicates, size_t group, int which)
{
    return replicates + (FIGURES * group + (size_t)which) * EVAL_REPLICATES;
}

/* replicates: of all groups' figures, or NULL. */
static imi_status measure(const eval_gate_rule *rule, const eval_grouped_scores *scores, int side,
                          eval_gate_group *groups, double *replicates, double *threshold_out,
                          imi_error *err)
{
    eval_shared_rates *rates = imi_alloc_array(scores->groups, sizeof *rates);
    if (rates == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", scores->groups);
    }
    eval_shared_point point = {.target = rule->fmr, .groups = rates, .replicates = replicates};
    imi_status status = eval_shared_points(scores, &point, 1, err);
    for (size_t g = 0; g < scores->groups && status == IMI_OK; g++) {
        groups[g].rates[side] = rates[g];
    }
    *threshold_out = point.threshold;
    imi_free(rates);
    return status;
}

imi_status eval_gate_measure(const eval_gate_rule *rule, const eval_grouped_scores *scores,
                             int side, eval_gate_group *groups, double *threshold_out,
                             imi_error *err)
{
    return measure(rule, scores, side, groups, NULL, threshold_out, err);
}

/* differences: the candidate's replicates, which become those of the difference. */
static eval_gate_change change_of(double baseline, double candidate, const double *of_baseline,
                                  double *differences)
{
    for (size_t i = 0; i < EVAL_REPLICATES; i++) {
        differences[i] -= of_baseline[i];
    }
    return (eval_gate_change){candidate - baseline, eval_percentile_interval(differences)};
}

static void fill_changes(eval_gate_group *groups, size_t count, double *of_baseline,
                         double *of_candidate)
{
    for (size_t g = 0; g < count; g++) {
        const eval_shared_rates *a = &groups[g].rates[EVAL_BASELINE];
        const eval_shared_rates *b = &groups[g].rates[EVAL_CANDIDATE];
        groups[g].fmr =
            change_of(a->fmr, b->fmr, figure(of_baseline, g, FMR), figure(of_candidate, g, FMR));
        groups[g].fnmr = change_of(a->fnmr, b->fnmr, figure(of_baseline, g, FNMR),
                                   figure(of_candidate, g, FNMR));
    }
}

static bool is_large_enough(const eval_gate_rule *rule, const eval_gate_group *group)
{
    size_t non_mated_min = group->is_anchor ? eval_gate_non_mated_min(rule) : 1;
    return group->subjects >= rule->subjects_min && group->mated >= rule->mated_min &&
           group->non_mated >= non_mated_min;
}

static bool is_worse(const eval_gate_change *change, double tolerance)
{
    return change->by > tolerance && change->interval.low > 0;
}

/* Figures that are not numbers are not within anything. */
static bool is_within(const eval_gate_change *change, double tolerance)
{
    return change->by <= tolerance && change->interval.high <= tolerance;
}

static eval_gate_finding judge_group(const eval_gate_rule *rule, const eval_gate_group *group)
{
    if (!is_large_enough(rule, group)) {
        return EVAL_GATE_TOO_FEW;
    }
    if (is_worse(&group->fnmr, rule->fnmr_tolerance) ||
        is_worse(&group->fmr, rule->fmr_tolerance)) {
        return EVAL_GATE_WORSE;
    }
    return is_within(&group->fnmr, rule->fnmr_tolerance) &&
                   is_within(&group->fmr, rule->fmr_tolerance)
               ? EVAL_GATE_NOT_WORSE
               : EVAL_GATE_UNSURE;
}

static eval_gate_verdict judge(const eval_gate_rule *rule, eval_gate_group *groups, size_t count)
{
    size_t not_worse = 0;
    bool worse = false;
    for (size_t g = 0; g < count; g++) {
        groups[g].finding = judge_group(rule, &groups[g]);
        worse = worse || groups[g].finding == EVAL_GATE_WORSE;
        not_worse += groups[g].finding == EVAL_GATE_NOT_WORSE ? 1 : 0;
    }
    if (worse) {
        return EVAL_GATE_REFUSED;
    }
    return count > 0 && not_worse == count ? EVAL_GATE_ACCEPTED : EVAL_GATE_UNDECIDED;
}

imi_status eval_gate_compare(const eval_gate_rule *rule, const eval_grouped_scores *sides,
                             eval_gate_group *groups, double *thresholds_out,
                             eval_gate_verdict *verdict_out, imi_error *err)
{
    *verdict_out = EVAL_GATE_UNDECIDED;
    size_t count = sides[EVAL_BASELINE].groups;
    if (count != sides[EVAL_CANDIDATE].groups ||
        sides[EVAL_BASELINE].subjects != sides[EVAL_CANDIDATE].subjects) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "both sides must compare the same people");
    }
    double *replicates[EVAL_SIDES] = {NULL, NULL};
    imi_status status = IMI_OK;
    for (int side = 0; side < EVAL_SIDES && status == IMI_OK; side++) {
        replicates[side] =
            imi_alloc_array(FIGURES * count, (size_t)EVAL_REPLICATES * sizeof(double));
        status = replicates[side] == NULL
                     ? imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                                     "no memory for a bootstrap over %zu groups", count)
                     : measure(rule, &sides[side], side, groups, replicates[side],
                               &thresholds_out[side], err);
    }
    if (status == IMI_OK) {
        fill_changes(groups, count, replicates[EVAL_BASELINE], replicates[EVAL_CANDIDATE]);
        *verdict_out = judge(rule, groups, count);
    }
    imi_free(replicates[EVAL_BASELINE]);
    imi_free(replicates[EVAL_CANDIDATE]);
    return status;
}
