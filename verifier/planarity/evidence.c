#include "evidence.h"

#include "limits.h"

#include <math.h>
#include <stdlib.h>

void imi_pair_samples_add(imi_pair_samples *samples, float value, bool other_view)
{
    if (!isfinite(value)) {
        return;
    }
    samples->value[samples->count % IMI_PAIR_SAMPLES] = value;
    samples->count++;
    samples->views += other_view || samples->views == 0 ? 1 : 0;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Lower median; sorts the values. */
static float median(float *values, uint32_t count)
{
    qsort(values, count, sizeof *values, compare_floats);
    return values[(count - 1) / 2];
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
    float middle = median(values, n);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = fabsf(values[i] - middle);
    }
    float spread = 1.4826F * median(values, n);
    summary.measured = true;
    summary.score = middle;
    summary.uncertainty = hypotf(spread, LIMIT_UNCERTAINTY) / sqrtf((float)samples->views);
    return summary;
}

imi_planarity_summary imi_pair_kinds_summarise(const imi_pair_samples samples[IMI_PAIR_KINDS])
{
    float sum = 0;
    float weights = 0;
    float squares = 0;
    for (int kind = 0; kind < IMI_PAIR_KINDS; kind++) {
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
