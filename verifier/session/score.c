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

/* All templates with their statistics, if there is a cohort to measure them against. */
typedef struct measured {
    bool there;
    imi_cohort_statistics probes[IMI_SCORE_PROBES_MAX];
    imi_cohort_statistics references[IMI_SCORE_REFERENCES_MAX];
} measured;

/* A template that is equally like everybody has no statistics: then there is no normalised
 * score, which is no failure. */
static imi_status measure_all(const imi_score_request *request, const imi_template *templates,
                              size_t count, imi_cohort_statistics *out, bool *there, imi_error *err)
{
    for (size_t i = 0; i < count && *there; i++) {
        imi_status status = imi_cohort_measure(request->cohort, &templates[i], request->left_out,
                                               request->left_out_count, &out[i], err);
        *there = status == IMI_OK;
        if (status != IMI_OK && status != IMI_E_CALIBRATION) {
            return status;
        }
    }
    return IMI_OK;
}

static bool are_of(const imi_cohort_statistics *statistics, const imi_cohort *cohort)
{
    return statistics != NULL && strcmp(statistics->cohort_id, imi_cohort_id(cohort)) == 0;
}

static imi_status measure(const imi_score_request *request, measured *out, imi_error *err)
{
    *out = (measured){.there = request->cohort != NULL};
    if (!out->there) {
        return IMI_OK;
    }
    size_t known = are_of(request->first_statistics, request->cohort) ? 1 : 0;
    if (known == 1) {
        out->references[0] = *request->first_statistics;
    }
    IMI_TRY(
        measure_all(request, request->probes, request->probe_count, out->probes, &out->there, err));
    return measure_all(request, request->references + known, request->reference_count - known,
                       out->references + known, &out->there, err);
}

/* The scores that a calibration's weights give. */
typedef struct both_kinds {
    imi_comparison by_kind[IMI_SCORE_KINDS + 1];
} both_kinds;

static imi_status compare_pair(const imi_score_request *request, const imi_scorer *scorer,
                               const measured *statistics, size_t probe, size_t reference,
                               both_kinds *out, imi_error *err)
{
    imi_measured_template a = {&request->probes[probe], &statistics->probes[probe]};
    imi_measured_template b = {&request->references[reference], &statistics->references[reference]};
    IMI_TRY(
        imi_compare(scorer, a.face_template, b.face_template, &out->by_kind[IMI_SCORE_RAW], err));
    /* A calibration of an older formula has no normalised scores here, which is no failure: its
     * raw threshold decides. */
    bool normalise = statistics->there && imi_cohort_fits(request->cohort, scorer);
    return !normalise ? IMI_OK
                      : imi_compare_normalised(scorer, request->cohort, &a, &b,
                                               &out->by_kind[IMI_SCORE_NORMALISED], err);
}

static void add_share(imi_comparison *sum, const imi_comparison *pair, float share)
{
    sum->similarity += share * pair->similarity;
    for (size_t i = 0; i < IMI_TEMPLATE_VECTORS_MAX; i++) {
        sum->by_model[i] += share * pair->by_model[i];
    }
}

static void clear_scores(both_kinds *out, float start)
{
    for (int kind = 0; kind <= IMI_SCORE_KINDS; kind++) {
        out->by_kind[kind] = (imi_comparison){.similarity = start, .fmr = NAN};
    }
}

/* The portrait counts half, however many further references there are: by the plain mean, strangers
 * passed three times as often (docs/accuracy.md, "Age gaps"). */
static float share_of(const imi_score_request *request, size_t reference)
{
    float others = (float)(request->reference_count - 1);
    float share = others == 0 ? 1 : reference == 0 ? 0.5F : 0.5F / others;
    return share / (float)request->probe_count;
}

/* Mean over all pairs of a probe and a reference; NaN for a kind that cannot be had. */
static imi_status compare_by(const imi_score_request *request, const imi_scorer *scorer,
                             const measured *statistics, both_kinds *out, imi_error *err)
{
    clear_scores(out, 0);
    for (size_t i = 0; i < request->probe_count; i++) {
        for (size_t j = 0; j < request->reference_count; j++) {
            both_kinds pair;
            clear_scores(&pair, NAN);
            float share = share_of(request, j);
            IMI_TRY(compare_pair(request, scorer, statistics, i, j, &pair, err));
            add_share(&out->by_kind[IMI_SCORE_RAW], &pair.by_kind[IMI_SCORE_RAW], share);
            add_share(&out->by_kind[IMI_SCORE_NORMALISED], &pair.by_kind[IMI_SCORE_NORMALISED],
                      share);
        }
    }
    for (int kind = IMI_SCORE_RAW; kind <= IMI_SCORE_KINDS; kind++) {
        imi_comparison *mean = &out->by_kind[kind];
        mean->kind = (imi_score_kind)kind;
        mean->fmr = imi_scorer_fmr_at(scorer, mean->kind, mean->similarity);
    }
    return IMI_OK;
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
    return judged;
}

static imi_status check_request(const imi_score_request *request, imi_error *err)
{
    if (request->probe_count < 1 || request->probe_count > IMI_SCORE_PROBES_MAX ||
        request->reference_count < 1 || request->reference_count > IMI_SCORE_REFERENCES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%zu probes and %zu references cannot be compared",
                 request->probe_count, request->reference_count);
    }
    return IMI_OK;
}

imi_status imi_score_compare(const imi_score_request *request, imi_scores *out, imi_error *err)
{
    imi_scores_init(out);
    IMI_TRY(check_request(request, err));
    measured statistics;
    both_kinds active, shadow;
    imi_rule_score shadow_score = no_rule_score();
    const imi_operating_point *point = request->point;
    IMI_TRY(measure(request, &statistics, err));
    IMI_TRY(compare_by(request, point->active.scorer, &statistics, &active, err));
    if (point->has_shadow) {
        IMI_TRY(compare_by(request, point->shadow.scorer, &statistics, &shadow, err));
        shadow_score = judge_by(&point->shadow, &shadow);
    }
    out->shadow = shadow_score;
    out->active = judge_by(&point->active, &active);
    out->raw = active.by_kind[IMI_SCORE_RAW].similarity;
    out->normalised = active.by_kind[IMI_SCORE_NORMALISED].similarity;
    if (statistics.there) {
        imi_copy_text(out->cohort_id, sizeof out->cohort_id, imi_cohort_id(request->cohort));
        out->first_statistics = statistics.references[0];
    }
    return IMI_OK;
}
