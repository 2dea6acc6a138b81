#include "imi/passive.h"

#include <math.h>

enum { RING = 64, FRAMES_MIN = 3 };

/* Frames of one capture share camera, light and medium: what they err in together does not
 * average out. Log odds; docs/passive.md. */
static const float SHARED_ERROR = 1.0F;
/* Without the networks the cues were only ever tried on simulated attacks and one set of prints:
 * whatever they say, it counts for no more than this. Log odds. */
static const float REDUCED_REACH = 1.0F;
/* Of one frame it may be chance; that of half a capture's frames is a grid. Medians of live clips,
 * of webcam sessions and of people drawn by the generator reach 1.2; replays on screens whose grid
 * the camera resolves lie from 1.4 to 4.6 (docs/passive.md). */
static const float GRID_FREE = 1.3F;
static const float GRID_SURE = 1.6F;
/* So that what looks most like a person comes out below zero. Log odds. */
static const float GRID_REACH = 6.0F;

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
    tally->grid[tally->frames % RING] = isfinite(cues->grid) ? cues->grid : 0;
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

/* What a pattern that stays over the capture takes away. */
static float grid_penalty(const imi_passive_tally *tally, uint32_t count)
{
    float values[RING];
    imi_copy(values, tally->grid, count * sizeof *values);
    float share = (median(values, count) - GRID_FREE) / (GRID_SURE - GRID_FREE);
    return GRID_REACH * fminf(fmaxf(share, 0), 1);
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
    float score = middle - grid_penalty(tally, count);
    finding->score = finding->reduced ? fminf(fmaxf(score, -REDUCED_REACH), REDUCED_REACH) : score;
    finding->code = finding->score < 0 ? "looks_like_a_medium" : NULL;
}
