#include "check.h"

#include <stdio.h>

/* Natural logarithms of likelihood ratios: e^20 is certain beyond any measurement. */
static const double LOG_RATIO_MAX = 20;
static const double SCORE_MAX = 1e6;

static imi_status check_numbers(imi_checker *checker, const char *path, char *const *texts,
                                unsigned count, double limit, float *out)
{
    for (unsigned i = 0; i < count; i++) {
        double value = 0;
        imi_checker_at(checker, "%s[%u]", path, i);
        IMI_TRY(imi_check_number(checker, texts[i], -limit, limit, &value));
        out[i] = (float)value;
    }
    return IMI_OK;
}

static imi_status check_layer(imi_checker *checker, imi_layer layer, const imi_raw_layer *raw,
                              imi_layer_weight *out)
{
    char path[96];
    snprintf(path, sizeof path, "presentation_attack.%s.log_ratios", imi_layer_name(layer));
    IMI_TRY(check_numbers(checker, path, raw->log_ratios, raw->log_ratio_count, LOG_RATIO_MAX,
                          out->log_ratio));
    snprintf(path, sizeof path, "presentation_attack.%s.scores", imi_layer_name(layer));
    IMI_TRY(check_numbers(checker, path, raw->scores, raw->score_count, SCORE_MAX, out->score));
    imi_checker_at(checker, "%s", path);
    if (raw->score_count != raw->log_ratio_count) {
        IMI_CHECK_FAIL(checker, "must be as many as log_ratios: %u, not %u", raw->log_ratio_count,
                       raw->score_count);
    }
    out->required = raw->required == 1;
    out->knot_count = raw->score_count;
    imi_weighing alone = {.accept = 0};
    imi_error error = IMI_ERROR_INIT;
    alone.layer[layer] = *out;
    if (imi_weighing_check(&alone, &error) != IMI_OK) {
        IMI_CHECK_FAIL(checker, "are refused: %s", error.message);
    }
    return IMI_OK;
}

/* The most that a capture can reach. */
static double best_sum(const imi_weighing *weighing)
{
    double sum = 0;
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        const imi_layer_weight *weight = &weighing->layer[i];
        double best = weight->knot_count == 0 ? 0 : -LOG_RATIO_MAX;
        for (uint32_t k = 0; k < weight->knot_count; k++) {
            best = weight->log_ratio[k] > best ? (double)weight->log_ratio[k] : best;
        }
        sum += best;
    }
    return sum;
}

imi_status imi_check_presentation(imi_checker *checker, const imi_raw_presentation *raw,
                                  imi_weighing *out)
{
    double accept = 0, reject = 0;
    *out = (imi_weighing){.accept = 0};
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        IMI_TRY(check_layer(checker, (imi_layer)i, &raw->layers[i], &out->layer[i]));
    }
    imi_checker_at(checker, "presentation_attack.reject");
    IMI_TRY(imi_check_number(checker, raw->reject, -LOG_RATIO_MAX, 0, &reject));
    imi_checker_at(checker, "presentation_attack.accept");
    IMI_TRY(imi_check_number(checker, raw->accept, 0, LOG_RATIO_MAX, &accept));
    double best = best_sum(out);
    if (accept > best) {
        IMI_CHECK_FAIL(checker, "is out of reach: all log_ratios together are at most %g", best);
    }
    out->accept = (float)accept;
    out->reject = (float)reject;
    return IMI_OK;
}
