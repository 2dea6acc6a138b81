#include "answer.h"

#include <float.h>
#include <math.h>

/* Phases are tried this far apart: half the distance of frames at ten a second. */
enum { PHASE_GRAIN_MS = 50 };
enum { SAMPLES_A_STEP_MIN = 3 };

/* Step in which a moment lies when steps begin at phase; -1 while one colour fades into another. */
static int step_at(int64_t shown_ms, int64_t phase_ms, uint32_t step_ms)
{
    int64_t since = shown_ms - phase_ms + step_ms; /* the part before the first whole step is 0 */
    return since % step_ms < IMI_LIGHT_RAMP_MS ? -1 : (int)(since / step_ms);
}

typedef struct spread {
    double within, between; /* variances, of both channels together */
} spread;

typedef struct group {
    double count, red, blue, squares;
} group;

/* One-way analysis of variance. */
static spread spread_of(const group *groups, int group_count)
{
    double count = 0, red = 0, blue = 0, explained = 0, squares = 0;
    int used = 0;
    for (int i = 0; i < group_count; i++) {
        const group *g = &groups[i];
        if (g->count > 0) {
            explained += (g->red * g->red + g->blue * g->blue) / g->count;
            count += g->count;
            red += g->red;
            blue += g->blue;
            squares += g->squares;
            used++;
        }
    }
    spread result = {0, 0};
    if (count > used) {
        result.within = fmax(0, squares - explained) / (count - used);
        result.between = fmax(0, explained - (red * red + blue * blue) / count) / count;
    }
    return result;
}

static spread spread_at(const imi_light_series *series, int64_t phase_ms, uint32_t step_ms)
{
    /* One more for the part before the first whole step, and one for the lag at the end. */
    group groups[IMI_LIGHT_COLOURS_MAX + 2] = {{0}};
    int group_count = (int)(sizeof groups / sizeof groups[0]);
    for (uint32_t i = 0; i < series->count; i++) {
        int step = step_at(series->shown_ms[i], phase_ms, step_ms);
        if (step >= 0 && step < group_count) {
            double red = (double)series->chroma[i].red, blue = (double)series->chroma[i].blue;
            groups[step].count++;
            groups[step].red += red;
            groups[step].blue += blue;
            groups[step].squares += red * red + blue * blue;
        }
    }
    return spread_of(groups, group_count);
}

imi_light_steps imi_light_find_steps(const imi_light_series *series, uint32_t step_ms)
{
    spread best = {DBL_MAX, 0};
    int64_t best_phase = 0;
    for (int64_t phase = 0; phase < step_ms; phase += PHASE_GRAIN_MS) {
        spread here = spread_at(series, phase, step_ms);
        if (here.within < best.within) {
            best = here;
            best_phase = phase;
        }
    }
    spread wrong = spread_at(series, (best_phase + step_ms / 2) % step_ms, step_ms);
    return (imi_light_steps){(float)sqrt(best.between),
                             best.within > 0 ? (float)(wrong.within / best.within) : 0};
}

bool imi_light_is_covered(const imi_light_series *series, const imi_light_sequence *sequence)
{
    uint32_t samples[IMI_LIGHT_COLOURS_MAX] = {0};
    for (uint32_t i = 0; i < series->count; i++) {
        int step = step_at(series->shown_ms[i], 0, sequence->step_ms) - 1;
        if (step >= 0 && step < (int)sequence->count) {
            samples[step]++;
        }
    }
    for (uint32_t step = 0; step < sequence->count; step++) {
        if (samples[step] < SAMPLES_A_STEP_MIN) {
            return false;
        }
    }
    return true;
}
