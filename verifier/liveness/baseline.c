#include "baseline.h"

#include "imi/memory.h"

#include <math.h>
#include <stdlib.h>

void imi_liveness_baseline_reset(imi_liveness_baseline *baseline)
{
    imi_wipe(baseline, sizeof *baseline);
}

bool imi_liveness_is_frontal(const imi_liveness_sample *sample)
{
    return fabsf(sample->pose.yaw_deg) <= LIMIT_BASELINE_YAW_DEG &&
           fabsf(sample->pose.pitch_deg) <= LIMIT_BASELINE_PITCH_DEG &&
           fabsf(sample->pose.roll_deg) <= LIMIT_BASELINE_ROLL_DEG;
}

static bool is_usable(const imi_liveness_sample *sample)
{
    return sample->fit && sample->whole && sample->mouth <= LIMIT_BASELINE_MOUTH &&
           imi_liveness_is_frontal(sample);
}

/* Did the head stay where the first frame of this baseline saw it? */
static bool is_calm(const imi_liveness_baseline *b, const imi_liveness_sample *sample)
{
    imi_solid_fit fit = imi_mesh_fit_solid(&b->views.model, &sample->landmarks, &b->upper);
    return fabsf(fit.yaw_deg) <= LIMIT_BASELINE_SWAY_DEG &&
           fabsf(fit.pitch_deg) <= LIMIT_BASELINE_SWAY_DEG &&
           fabsf(fit.scale - 1) <= LIMIT_BASELINE_SWAY_SCALE;
}

static void begin(imi_liveness_baseline *b, const imi_liveness_sample *sample)
{
    imi_liveness_baseline_reset(b);
    b->since_ms = sample->at_ms;
    imi_mesh_upper_face(&sample->landmarks, &b->upper);
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static float median(const float *values, uint32_t count)
{
    float sorted[LIMIT_BASELINE_FRAMES];
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = values[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_floats);
    return sorted[count / 2];
}

/* Standard deviation of the eye levels, from how much successive frames differ: lids that sink
 * or rise slowly are no noise. Blinks in between are left out. */
static float eye_noise(const imi_liveness_baseline *b, uint32_t count)
{
    float sum = 0;
    uint32_t pairs = 0;
    for (uint32_t i = 1; i < count; i++) {
        float now = b->eye_levels[(b->count - i) % LIMIT_BASELINE_FRAMES] / b->eyes;
        float before = b->eye_levels[(b->count - i - 1) % LIMIT_BASELINE_FRAMES] / b->eyes;
        if (fminf(now, before) >= LIMIT_BLINK_CLOSED) {
            sum += (now - before) * (now - before) / 2;
            pairs++;
        }
    }
    return pairs > 0 ? sqrtf(sum / (float)pairs) : 0;
}

static void finish(imi_liveness_baseline *b)
{
    uint32_t kept = b->count < LIMIT_BASELINE_FRAMES ? b->count : LIMIT_BASELINE_FRAMES;
    imi_mean_mesh_get(&b->views, &b->mesh);
    imi_mesh_upper_face(&b->mesh, &b->upper);
    b->height = median(b->heights, kept);
    b->mouth = median(b->mouths, kept);
    b->eyes = median(b->eye_levels, kept);
    b->eye_noise = eye_noise(b, kept);
    b->known = b->upper.count > 0 && b->eyes > 0;
}

bool imi_liveness_baseline_learn(imi_liveness_baseline *baseline, const imi_liveness_sample *sample)
{
    if (!is_usable(sample)) {
        imi_liveness_baseline_reset(baseline);
        return false;
    }
    if (baseline->count == 0 || !is_calm(baseline, sample)) {
        begin(baseline, sample);
    }
    uint32_t slot = baseline->count % LIMIT_BASELINE_FRAMES;
    baseline->heights[slot] = sample->face.height;
    baseline->mouths[slot] = sample->mouth;
    baseline->eye_levels[slot] = (sample->right_eye + sample->left_eye) / 2;
    imi_mean_mesh_add(&baseline->views, &sample->landmarks, 1);
    baseline->count++;
    if (baseline->count >= LIMIT_BASELINE_FRAMES &&
        sample->at_ms - baseline->since_ms >= LIMIT_BASELINE_MS) {
        finish(baseline);
    }
    return baseline->known;
}

bool imi_liveness_baseline_read(const imi_liveness_baseline *baseline,
                                const imi_liveness_sample *sample, imi_liveness_reading *out)
{
    imi_solid_fit fit = imi_mesh_fit_solid(&baseline->mesh, &sample->landmarks, &baseline->upper);
    *out = (imi_liveness_reading){
        .sample = sample,
        .yaw_deg = fit.yaw_deg,
        .pitch_deg = fit.pitch_deg,
        .scale = fit.scale,
        .shape = fit.residual,
        .height = baseline->height * fit.scale,
        .mouth = sample->mouth - baseline->mouth,
    };
    return isfinite(fit.residual);
}

bool imi_liveness_is_neutral(const imi_liveness_baseline *baseline,
                             const imi_liveness_reading *reading)
{
    const imi_liveness_sample *sample = reading->sample;
    float eyes = (sample->right_eye + sample->left_eye) / 2;
    return sample->whole && fabsf(reading->yaw_deg) <= LIMIT_NEUTRAL_YAW_DEG &&
           fabsf(reading->pitch_deg) <= LIMIT_NEUTRAL_PITCH_DEG &&
           reading->mouth <= LIMIT_NEUTRAL_MOUTH && reading->shape <= LIMIT_NEUTRAL_SHAPE &&
           eyes >= LIMIT_NEUTRAL_EYES * baseline->eyes;
}
