#include "answer.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Page, display and camera together are taken to lag no more; not measured on phones. */
enum { DELAY_MAX_MS = 400, DELAY_GRAIN_MS = 50, DELAYS = DELAY_MAX_MS / DELAY_GRAIN_MS + 1 };
enum { OTHERS = 255 };
/* Keeps Fisher's z of a perfect correlation finite: 3.8. */
static const double correlation_max = 0.999;

/* At one delay: how much of each colour shone on each sample, slow drift taken out, reduced to
 * the products from which the correlation with any sequence follows. */
typedef struct products {
    double colours[IMI_LIGHT_COLOURS_MAX][IMI_LIGHT_COLOURS_MAX];
    double red[IMI_LIGHT_COLOURS_MAX], blue[IMI_LIGHT_COLOURS_MAX];
    double squares; /* of both channels */
} products;

typedef struct columns {
    uint32_t count;
    double time[IMI_LIGHT_SAMPLES_MAX];
    double shares[IMI_LIGHT_COLOURS_MAX][IMI_LIGHT_SAMPLES_MAX];
    double red[IMI_LIGHT_SAMPLES_MAX], blue[IMI_LIGHT_SAMPLES_MAX];
} columns;

static double dot(const double *a, const double *b, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static void take_out_mean(double *values, uint32_t count)
{
    double mean = 0;
    for (uint32_t i = 0; i < count; i++) {
        mean += values[i] / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        values[i] -= mean;
    }
}

/* Mean and straight line: white balance that settles, a hand that sinks. */
static void take_out_drift(double *values, const double *time, uint32_t count)
{
    take_out_mean(values, count);
    double extent = dot(time, time, count);
    double slope = extent > 0 ? dot(values, time, count) / extent : 0;
    for (uint32_t i = 0; i < count; i++) {
        values[i] -= slope * time[i];
    }
}

static void fill_shares(columns *c, const imi_light_series *series, uint32_t colour_count,
                        uint32_t step_ms, int64_t delay_ms)
{
    imi_wipe(c->shares, sizeof c->shares);
    for (uint32_t i = 0; i < series->count; i++) {
        int64_t at = series->shown_ms[i] - delay_ms;
        at = at < 0 ? 0 : at;
        int64_t step = at / step_ms;
        uint32_t colour = step < colour_count ? (uint32_t)step : colour_count - 1;
        double faded = (double)(at - (int64_t)colour * step_ms) / IMI_LIGHT_RAMP_MS;
        double share = colour == 0 ? 1 : fmin(1, faded);
        c->shares[colour][i] = share;
        if (colour > 0) {
            c->shares[colour - 1][i] = 1 - share;
        }
    }
    for (uint32_t colour = 0; colour < colour_count; colour++) {
        take_out_drift(c->shares[colour], c->time, c->count);
    }
}

static void fill_values(columns *c, const imi_light_series *series)
{
    c->count = series->count;
    for (uint32_t i = 0; i < series->count; i++) {
        c->time[i] = (double)series->shown_ms[i];
        c->red[i] = (double)series->chroma[i].red;
        c->blue[i] = (double)series->chroma[i].blue;
    }
    take_out_mean(c->time, c->count);
    take_out_drift(c->red, c->time, c->count);
    take_out_drift(c->blue, c->time, c->count);
}

static void multiply(const columns *c, uint32_t colour_count, products *out)
{
    *out = (products){.squares = dot(c->red, c->red, c->count) + dot(c->blue, c->blue, c->count)};
    for (uint32_t a = 0; a < colour_count; a++) {
        out->red[a] = dot(c->shares[a], c->red, c->count);
        out->blue[a] = dot(c->shares[a], c->blue, c->count);
        for (uint32_t b = 0; b < colour_count; b++) {
            out->colours[a][b] = dot(c->shares[a], c->shares[b], c->count);
        }
    }
}

/* What each colour of a sequence does to the two channels. */
typedef struct pushes {
    uint32_t count;
    double red[IMI_LIGHT_COLOURS_MAX], blue[IMI_LIGHT_COLOURS_MAX];
} pushes;

static pushes pushes_of(const imi_light_sequence *sequence)
{
    pushes p = {.count = sequence->count};
    for (uint32_t i = 0; i < p.count; i++) {
        imi_chroma push = imi_light_push(sequence->colours[i]);
        p.red[i] = (double)push.red;
        p.blue[i] = (double)push.blue;
    }
    return p;
}

/* Signed square that one channel explains: its gain is free, as it depends on the room's light. */
static double explained_by(const products *p, const double *channel, const double *answers,
                           uint32_t colour_count)
{
    double along = 0, extent = 0;
    for (uint32_t a = 0; a < colour_count; a++) {
        along += channel[a] * answers[a];
        for (uint32_t b = 0; b < colour_count; b++) {
            extent += channel[a] * channel[b] * p->colours[a][b];
        }
    }
    return extent > 0 ? along * fabs(along) / extent : 0;
}

/* At the delay that suits it best. */
static double best_z(const products *delays, const imi_light_sequence *sequence)
{
    pushes shown = pushes_of(sequence);
    double best = -correlation_max;
    for (int delay = 0; delay < DELAYS; delay++) {
        const products *p = &delays[delay];
        double explained = explained_by(p, shown.red, p->red, shown.count) +
                           explained_by(p, shown.blue, p->blue, shown.count);
        double share = p->squares > 0 ? explained / p->squares : 0;
        best = fmax(best, copysign(sqrt(fabs(share)), share));
    }
    return atanh(fmin(correlation_max, best));
}

/* SplitMix64 (Steele, Lea and Flood 2014): the others are the same for everybody. */
static uint32_t next_pick(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static void draw_other(uint64_t *state, const imi_light_sequence *shown, imi_light_sequence *out)
{
    do {
        uint32_t picks[IMI_LIGHT_COLOURS_MAX];
        for (int i = 0; i < IMI_LIGHT_COLOURS_MAX; i++) {
            picks[i] = next_pick(state);
        }
        imi_light_compose(picks, out);
        out->count = shown->count;
    } while (memcmp(out->colours, shown->colours, shown->count * sizeof *shown->colours) == 0);
}

float imi_light_margin(const imi_light_series *series, const imi_light_sequence *sequence)
{
    products delays[DELAYS];
    columns c;
    fill_values(&c, series);
    for (int delay = 0; delay < DELAYS; delay++) {
        fill_shares(&c, series, sequence->count, sequence->step_ms,
                    (int64_t)delay * DELAY_GRAIN_MS);
        multiply(&c, sequence->count, &delays[delay]);
    }
    uint64_t state = 0;
    double best_other = -DBL_MAX;
    for (int i = 0; i < OTHERS; i++) {
        imi_light_sequence other;
        draw_other(&state, sequence, &other);
        best_other = fmax(best_other, best_z(delays, &other));
    }
    return (float)(best_z(delays, sequence) - best_other);
}
