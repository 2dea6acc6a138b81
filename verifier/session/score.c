#include "score.h"

#include <math.h>
#include <string.h>

static imi_rule_score no_rule_score(void)
{
    return (imi_rule_score){
        .comparison = {.similarity = NAN, .fmr = NAN}, .threshold = NAN, .target_fmr = NAN};
}

void imi_scores_init(imi_scores *out)
{
    *out = (imi_scores){
        .raw = NAN, .normalised = NAN, .active = no_rule_score(), .shadow = no_rule_score()};
}

bool imi_rule_score_matches(const imi_rule_score *score)
{
    return isfinite(score->comparison.similarity) &&
           (double)score->comparison.similarity >= score->threshold;
}

/* Both templates with their statistics, if there is a cohort to measure them against. */
typedef struct measured {
    bool there;
    imi_cohort_statistics probe, reference;
} measured;

/* A template that is equally like everybody has no statistics: then there is no normalised
 * score, which is no failure. */
static imi_status measure_one(const imi_score_request *request, const imi_template *face_template,
                              imi_cohort_statistics *out, bool *there, imi_error *err)
{
    imi_status status = imi_cohort_measure(request->cohort, face_template, request->left_out,
                                           request->left_out_count, out, err);
    *there = status == IMI_OK;
    return status == IMI_E_CALIBRATION ? IMI_OK : status;
}

static bool are_of(const imi_cohort_statistics *statistics, const imi_cohort *cohort)
{
    return statistics != NULL && strcmp(statistics->cohort_id, imi_cohort_id(cohort)) == 0;
}

static imi_status measure_both(const imi_score_request *request, measured *out, imi_error *err)
{
    *out = (measured){.there = false};
    if (request->cohort == NULL) {
        return IMI_OK;
    }
    bool probe = false, reference = true;
    IMI_TRY(measure_one(request, request->probe, &out->probe, &probe, err));
    if (are_of(request->reference_statistics, request->cohort)) {
        out->reference = *request->reference_statistics;
    } else {
        IMI_TRY(measure_one(request, request->reference, &out->reference, &reference, err));
    }
    out->there = probe && reference;
    return IMI_OK;
}

/* The scores that a calibration's weights give. */
typedef struct both_kinds {
    imi_comparison by_kind[IMI_SCORE_KINDS + 1];
} both_kinds;

static imi_status compare_by(const imi_score_request *request, const imi_scorer *scorer,
                             const measured *statistics, both_kinds *out, imi_error *err)
{
    for (int kind = 0; kind <= IMI_SCORE_KINDS; kind++) {
        out->by_kind[kind] = (imi_comparison){.similarity = NAN, .fmr = NAN};
    }
    IMI_TRY(
        imi_compare(scorer, request->probe, request->reference, &out->by_kind[IMI_SCORE_RAW], err));
    if (!statistics->there) {
        return IMI_OK;
    }
    imi_measured_template probe = {request->probe, &statistics->probe};
    imi_measured_template reference = {request->reference, &statistics->reference};
    return imi_compare_normalised(scorer, request->cohort, &probe, &reference,
                                  &out->by_kind[IMI_SCORE_NORMALISED], err);
}

static imi_rule_score judge_by(const imi_operating_rule *rule, const both_kinds *scores)
{
    imi_score_kind kind = rule->kind;
    if (!isfinite(scores->by_kind[kind].similarity)) {
        kind = IMI_SCORE_RAW;
    }
    imi_rule_score judged = {.comparison = scores->by_kind[kind],
                             .threshold = rule->thresholds[kind],
                             .target_fmr = rule->target_fmr};
    judged.comparison.kind = kind;
    return judged;
}

imi_status imi_score_compare(const imi_score_request *request, imi_scores *out, imi_error *err)
{
    imi_scores_init(out);
    measured statistics;
    both_kinds active, shadow;
    const imi_operating_point *point = request->point;
    IMI_TRY(measure_both(request, &statistics, err));
    IMI_TRY(compare_by(request, point->active.scorer, &statistics, &active, err));
    if (point->has_shadow) {
        IMI_TRY(compare_by(request, point->shadow.scorer, &statistics, &shadow, err));
        out->shadow = judge_by(&point->shadow, &shadow);
    }
    out->active = judge_by(&point->active, &active);
    out->raw = active.by_kind[IMI_SCORE_RAW].similarity;
    out->normalised = active.by_kind[IMI_SCORE_NORMALISED].similarity;
    if (statistics.there) {
        imi_copy_text(out->cohort_id, sizeof out->cohort_id, imi_cohort_id(request->cohort));
        out->reference_statistics = statistics.reference;
    }
    return IMI_OK;
}
