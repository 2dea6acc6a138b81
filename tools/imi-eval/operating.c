#include "operating.h"

#include <math.h>

/* The wider of two intervals at each end; NaN gives way. */
static imi_report_rate widen(imi_report_rate rate, eval_interval drawn)
{
    rate.low = fmin(rate.low, drawn.low);
    rate.high = fmax(rate.high, drawn.high);
    return rate;
}

static void count_events(const eval_score *scores, size_t count, double threshold,
                         eval_group_result *out)
{
    uint64_t events[2] = {0, 0};
    uint64_t trials[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        bool match = (double)scores[i].similarity >= threshold;
        trials[scores[i].mated]++;
        events[scores[i].mated] += match != scores[i].mated ? 1 : 0;
    }
    out->fmr = imi_report_rate_of(events[false], trials[false]);
    out->fnmr = imi_report_rate_of(events[true], trials[true]);
}

static imi_status count_bins(const eval_score *scores, size_t count, eval_group_result *out,
                             imi_error *err)
{
    float *values = imi_alloc_array(count, sizeof *values);
    if (values == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scores", count);
    }
    for (int mated = 0; mated < 2; mated++) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            if (scores[i].mated == (mated == 1)) {
                values[kept++] = scores[i].similarity;
            }
        }
        uint64_t *counts = mated == 1 ? out->mated_counts : out->non_mated_counts;
        *(mated == 1 ? &out->mated : &out->non_mated) =
            imi_report_count_scores(values, kept, counts, EVAL_HISTOGRAM_BINS);
    }
    imi_free(values);
    return IMI_OK;
}

static imi_status measure(const eval_score *scores, size_t count, double threshold,
                          bool with_curves, eval_group_result *out, imi_error *err)
{
    eval_intervals drawn;
    count_events(scores, count, threshold, out);
    IMI_TRY(eval_bootstrap(scores, count, out->subjects, 1e-3, threshold, &drawn, err));
    out->fmr = widen(out->fmr, drawn.fmr_at);
    out->fnmr = widen(out->fnmr, drawn.fnmr_at);
    IMI_TRY(count_bins(scores, count, out, err));
    return with_curves ? eval_curves_make(scores, count, out->subjects, &out->curves, err) : IMI_OK;
}

imi_status eval_group_measure(const eval_scored *scored, const eval_selection *selection,
                              double threshold, bool with_curves, eval_group_result *out,
                              imi_error *err)
{
    *out = (eval_group_result){
        .name = selection->name, .fmr = imi_report_rate_of(0, 0), .fnmr = imi_report_rate_of(0, 0)};
    if (selection->count == 0) {
        return IMI_OK;
    }
    eval_score *scores = imi_alloc_array(selection->count, sizeof *scores);
    if (scores == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scores", selection->count);
    }
    imi_status status = eval_selection_scores(scored, selection, scores, &out->subjects, err);
    if (status == IMI_OK) {
        status = measure(scores, selection->count, threshold, with_curves, out, err);
    }
    imi_free(scores);
    return status;
}
