#include "imi/passive.h"

#include <math.h>

enum { RING = 64, FRAMES_MIN = 3 };

/* Frames of one capture share camera, light and medium: what they err in together does not
 * average out. Log odds; docs/passive.md. */
static const float SHARED_ERROR = 1.0F;
/* Without the networks the cues were only ever tried on simulated attacks and one set of prints:
 * whatever they say, it counts for no more than this. Log odds. */
static const float REDUCED_REACH = 1.0F;

void imi_passive_tally_reset(imi_passive_tally *tally)
{
    *tally = (imi_passive_tally){.frames = 0};
}

void imi_passive_tally_add(imi_passive_tally *tally, const imi_cues *cues)
{
    float combined = imi_passive_combine(cues);
    if (!isfinite(combined)) {
        return;
    }
    tally->combined[tally->frames % RING] = combined;
    tally->frames++;
    tally->with_networks += isfinite(cues->value[IMI_CUE_NETWORKS]);
}

static void sort(float *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        float value = values[i];
        uint32_t at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
}

/* Sorts them. */
static float median(float *values, uint32_t count)
{
    sort(values, count);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void imi_passive_tally_report(const imi_passive_tally *tally, imi_findings *findings)
{
    imi_finding *finding = &findings->layer[IMI_LAYER_PASSIVE];
    *finding = (imi_finding){.score = NAN, .uncertainty = NAN};
    if (tally->frames < FRAMES_MIN) {
        return;
    }
    uint32_t count = tally->frames < RING ? tally->frames : RING;
    float values[RING];
    for (uint32_t i = 0; i < count; i++) {
        values[i] = tally->combined[i];
    }
    float middle = median(values, count);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = fabsf(tally->combined[i] - middle);
    }
    /* 1.4826 makes the median deviation that of a normal distribution, 1.2533 the error of a
     * median that of a mean. */
    float spread = 1.4826F * 1.2533F * median(values, count);
    finding->measured = true;
    finding->reduced = tally->with_networks < tally->frames;
    finding->uncertainty = sqrtf(spread * spread / (float)count + SHARED_ERROR * SHARED_ERROR);
    finding->score =
        finding->reduced ? fminf(fmaxf(middle, -REDUCED_REACH), REDUCED_REACH) : middle;
    finding->code = finding->score < 0 ? "looks_like_a_medium" : NULL;
}
