/*
 * Banding: a screen is refreshed while the camera's rows are read one after another, which lays
 * bands of brightness over the picture. They run through all columns alike; what is in the
 * picture does not. Measured between strips that lie side by side.
 */
#include "cues.h"

#include <math.h>

enum { STRIPS = 6, TAPS = 24, SMOOTH = 12, LOW = 6, HIGH = 64 };

/* Mean logarithm of luma along a strip: bands multiply. Trends longer than a band go. */
static void profile(const passive_scene *scene, int strip, float out[PASSIVE_LINE])
{
    const passive_rect *r = &scene->around;
    float raw[PASSIVE_LINE];
    for (uint32_t i = 0; i < PASSIVE_LINE; i++) {
        uint32_t y = r->top + (uint32_t)((uint64_t)i * r->height / PASSIVE_LINE);
        float sum = 0;
        for (uint32_t tap = 0; tap < TAPS; tap++) {
            uint64_t place = (uint64_t)strip * TAPS + tap;
            uint32_t x = r->left + (uint32_t)(place * r->width / (STRIPS * TAPS));
            sum += passive_luma(scene->image, x, y);
        }
        raw[i] = logf(sum / TAPS + 8);
    }
    for (int i = 0; i < PASSIVE_LINE; i++) {
        int from = i > SMOOTH ? i - SMOOTH : 0;
        int to = i + SMOOTH < PASSIVE_LINE ? i + SMOOTH : PASSIVE_LINE - 1;
        float sum = 0;
        for (int k = from; k <= to; k++) {
            sum += raw[k];
        }
        out[i] = raw[i] - sum / (float)(to - from + 1);
    }
}

/* What strips share against what each has by itself, by frequency. */
typedef struct coherence {
    float real[HIGH], imaginary[HIGH]; /* of the sum of the strips */
    float power[HIGH]; /* sum of the strips' own */
} coherence;

static void add_strip(coherence *c, const passive_fft *fft, float line[PASSIVE_LINE])
{
    float imaginary[PASSIVE_LINE] = {0};
    /* One rough row must not look like a band of all frequencies. */
    for (int i = 0; i < PASSIVE_LINE; i++) {
        line[i] = fminf(fmaxf(line[i], -0.1F), 0.1F);
    }
    passive_fft_run(fft, line, imaginary);
    for (int f = 0; f < HIGH; f++) {
        c->real[f] += line[f];
        c->imaginary[f] += imaginary[f];
        c->power[f] += line[f] * line[f] + imaginary[f] * imaginary[f];
    }
}

/* The strongest shared frequency, in nepers over the mean of the shared power. */
float passive_cue_banding(const passive_scene *scene)
{
    if (scene->around.height < PASSIVE_LINE / 2) {
        return NAN;
    }
    passive_fft fft;
    passive_fft_init(&fft, PASSIVE_LINE);
    coherence c = {0};
    for (int strip = 0; strip < STRIPS; strip++) {
        float line[PASSIVE_LINE];
        profile(scene, strip, line);
        add_strip(&c, &fft, line);
    }
    float most = 0;
    float sum = 0;
    const float floor = 0.05F; /* power of rounding alone */
    for (int f = LOW; f < HIGH; f++) {
        float shared = (c.real[f] * c.real[f] + c.imaginary[f] * c.imaginary[f]) / STRIPS;
        float whole = c.power[f] + floor;
        float strength = shared * shared / (whole * STRIPS); /* coherence times power */
        most = fmaxf(most, strength);
        sum += strength;
    }
    return logf((most + floor) / (sum / (HIGH - LOW) + floor));
}
