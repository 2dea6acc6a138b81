#include "probe.h"

#include <math.h>

/* A weight must be positive even for a frame of quality 0. */
static const float WEIGHT_MIN = 0.01F;

/* Each with each: against their mean two persons could both be alike enough. */
static imi_status are_probes_one_person(const imi_probes *probes, const imi_scorer *scorer,
                                        bool *same_out, imi_error *err)
{
    bool same = true;
    *same_out = false;
    for (size_t i = 0; i < probes->count && same; i++) {
        for (size_t j = i + 1; j < probes->count && same; j++) {
            IMI_TRY(imi_examine_same_person(scorer, &probes->templates[i], &probes->templates[j],
                                            &same, err));
        }
    }
    *same_out = same;
    return IMI_OK;
}

static imi_status check_one_person(const imi_probes *probes, const imi_scorer *scorer,
                                   const imi_template *fused, bool *one_person_out, imi_error *err)
{
    bool same = false;
    *one_person_out = false;
    IMI_TRY(are_probes_one_person(probes, scorer, &same, err));
    for (size_t i = 0; i < probes->action_count && same; i++) {
        IMI_TRY(imi_examine_same_person(scorer, &probes->actions[i], fused, &same, err));
    }
    *one_person_out = same;
    return IMI_OK;
}

static imi_status fuse(const imi_probes *probes, imi_template *out, float *quality_out,
                       imi_error *err)
{
    float weights[IMI_PROBES_MAX];
    float sum = 0;
    for (size_t i = 0; i < probes->count; i++) {
        weights[i] = fmaxf(probes->quality[i], WEIGHT_MIN);
        sum += weights[i];
    }
    *quality_out = sum / (float)probes->count;
    return imi_template_average(probes->templates, weights, probes->count, out, err);
}

imi_status imi_probes_judge(const imi_probes *probes, const imi_scorer *scorer,
                            imi_evidence *evidence, imi_template *fused_out, imi_error *err)
{
    imi_template_wipe(fused_out);
    if (probes->count == 0) {
        evidence->probe_reason = probes->refused;
        return IMI_OK;
    }
    float quality = NAN;
    bool one_person = false;
    IMI_TRY(fuse(probes, fused_out, &quality, err));
    imi_status status = check_one_person(probes, scorer, fused_out, &one_person, err);
    if (status != IMI_OK) {
        imi_template_wipe(fused_out);
        return status;
    }
    evidence->one_person = one_person;
    evidence->probe_count = (uint32_t)probes->count;
    evidence->probe_quality = quality;
    return IMI_OK;
}

size_t imi_probes_most_typical(const imi_probes *probes, const imi_template *fused,
                               const imi_scorer *scorer)
{
    size_t best = 0;
    float best_similarity = -INFINITY;
    for (size_t i = 0; i < probes->count; i++) {
        imi_comparison comparison;
        if (imi_compare(scorer, &probes->templates[i], fused, &comparison, NULL) == IMI_OK &&
            comparison.similarity > best_similarity) {
            best = i;
            best_similarity = comparison.similarity;
        }
    }
    return best;
}
