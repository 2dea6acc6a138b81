#include "imi/findings.h"

#include <math.h>

/* The score's log ratio by the layer's knots; NaN stays NaN. */
static float log_ratio_of(const imi_layer_weight *weight, float score)
{
    uint32_t last = weight->knot_count - 1;
    if (!(score > weight->score[0])) {
        return isnan(score) ? NAN : weight->log_ratio[0];
    }
    for (uint32_t i = 1; i <= last; i++) {
        if (score < weight->score[i]) {
            float share =
                (score - weight->score[i - 1]) / (weight->score[i] - weight->score[i - 1]);
            return weight->log_ratio[i - 1] +
                   share * (weight->log_ratio[i] - weight->log_ratio[i - 1]);
        }
    }
    return weight->log_ratio[last];
}

static imi_pad_decision decide(const imi_weighing *weighing, const imi_weighed *weighed,
                               bool only_measured)
{
    if (weighed->vetoes != 0 || weighed->log_ratio < weighing->reject) {
        return IMI_PAD_ATTACK;
    }
    bool complete = weighed->missing == 0 || only_measured;
    return complete && weighed->log_ratio >= weighing->accept ? IMI_PAD_BONA_FIDE
                                                              : IMI_PAD_UNDECIDED;
}

imi_weighed imi_weigh(const imi_weighing *weighing, const imi_findings *findings,
                      bool only_measured)
{
    imi_weighed weighed = {.log_ratio = NAN};
    float sum = 0;
    uint32_t counted = 0;
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        const imi_layer_weight *weight = &weighing->layer[i];
        const imi_finding *finding = &findings->layer[i];
        weighed.vetoes |= finding->veto ? 1U << i : 0;
        weighed.missing |= weight->required && !finding->measured ? 1U << i : 0;
        if (finding->measured && weight->knot_count > 0) {
            weighed.part[i] = log_ratio_of(weight, finding->score);
            sum += weighed.part[i];
            counted++;
        }
    }
    weighed.log_ratio = counted > 0 ? sum : NAN;
    weighed.decision = decide(weighing, &weighed, only_measured);
    return weighed;
}

static imi_status check_layer(imi_layer layer, const imi_layer_weight *weight, imi_error *err)
{
    bool good = weight->knot_count <= IMI_LAYER_KNOTS_MAX;
    for (uint32_t i = 0; good && i < weight->knot_count; i++) {
        good = isfinite(weight->score[i]) && isfinite(weight->log_ratio[i]) &&
               (i == 0 || weight->score[i] > weight->score[i - 1]);
    }
    if (!good) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "layer %s: scores of at most %d knots must rise and be finite",
                 imi_layer_name(layer), IMI_LAYER_KNOTS_MAX);
    }
    return IMI_OK;
}

imi_status imi_weighing_check(const imi_weighing *weighing, imi_error *err)
{
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        IMI_TRY(check_layer((imi_layer)i, &weighing->layer[i], err));
    }
    if (!isfinite(weighing->accept) || !isfinite(weighing->reject) ||
        weighing->reject > weighing->accept) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log ratio to reject at is above that to accept");
    }
    return IMI_OK;
}
