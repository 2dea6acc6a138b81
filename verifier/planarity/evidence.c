#include "evidence.h"

#include "limits.h"

#include "imi/median.h"

#include <math.h>

void imi_pair_samples_add(imi_pair_samples *samples, float value, bool other_view)
{
    if (!isfinite(value)) {
        return;
    }
    samples->value[samples->count % IMI_PAIR_SAMPLES] = value;
    samples->count++;
    samples->views += other_view || samples->views == 0 ? 1 : 0;
}

imi_planarity_summary imi_pair_samples_summarise(const imi_pair_samples *samples)
{
    imi_planarity_summary summary = {false, NAN, NAN};
    uint32_t n = samples->count < IMI_PAIR_SAMPLES ? samples->count : IMI_PAIR_SAMPLES;
    if (n < LIMIT_KIND_FRAMES) {
        return summary;
    }
    float values[IMI_PAIR_SAMPLES];
    for (uint32_t i = 0; i < n; i++) {
        values[i] = samples->value[i];
    }
    float middle = imi_take_median(values, n);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = fabsf(values[i] - middle);
    }
    float spread = IMI_DEVIATION_OF_MEDIAN * imi_take_median(values, n);
    summary.measured = true;
    summary.score = middle;
    summary.uncertainty = hypotf(spread, LIMIT_UNCERTAINTY) / sqrtf((float)samples->views);
    return summary;
}

/* Those from one kind to the last. */
static imi_planarity_summary summarise_from(const imi_pair_samples samples[IMI_PAIR_KINDS],
                                            int first)
{
    float sum = 0;
    float weights = 0;
    float squares = 0;
    for (int kind = first; kind < IMI_PAIR_KINDS; kind++) {
        imi_planarity_summary one = imi_pair_samples_summarise(&samples[kind]);
        if (one.measured) {
            float weight = fminf((float)samples[kind].views, LIMIT_KIND_VIEWS);
            sum += weight * one.score;
            squares += weight * weight * one.uncertainty * one.uncertainty;
            weights += weight;
        }
    }
    if (!(weights > 0)) {
        return (imi_planarity_summary){false, NAN, NAN};
    }
    return (imi_planarity_summary){true, sum / weights, sqrtf(squares) / weights};
}

imi_planarity_summary imi_pair_kinds_summarise(const imi_pair_samples samples[IMI_PAIR_KINDS])
{
    return summarise_from(samples, IMI_PAIR_NEAR);
}

imi_planarity_summary imi_pair_turns_summarise(const imi_pair_samples samples[IMI_PAIR_KINDS])
{
    imi_planarity_summary turns = summarise_from(samples, IMI_PAIR_LEFT);
    return turns.measured ? turns : imi_pair_samples_summarise(&samples[IMI_PAIR_NEAR]);
}
