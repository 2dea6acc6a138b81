#include "noise.h"

#include <math.h>
#include <stdlib.h>

/* Sums of a correlation. */
typedef struct sums {
    int64_t n, x, y, xx, yy, xy;
} sums;

static bool is_noise(int8_t grain)
{
    return grain >= -LIMIT_GRAIN_LARGEST && grain <= LIMIT_GRAIN_LARGEST;
}

static void add_cell(sums *s, const int8_t *a, const int8_t *b)
{
    for (unsigned i = 0; i < IMI_GRAIN_PER_CELL; i++) {
        if (is_noise(a[i]) && is_noise(b[i])) {
            s->n++;
            s->x += a[i];
            s->y += b[i];
            s->xx += a[i] * a[i];
            s->yy += b[i] * b[i];
            s->xy += a[i] * b[i];
        }
    }
}

static bool correlate(const sums *s, double *out)
{
    double n = (double)s->n;
    double spread_x = n * (double)s->xx - (double)s->x * (double)s->x;
    double spread_y = n * (double)s->yy - (double)s->y * (double)s->y;
    double least = LIMIT_GRAIN_POWER * n * n;
    if (s->n < LIMIT_GRAIN_SAMPLES || !(spread_x > least && spread_y > least)) {
        return false;
    }
    *out = (n * (double)s->xy - (double)s->x * (double)s->y) / sqrt(spread_x * spread_y);
    return true;
}

bool imi_grain_correlate(const imi_grain *a, const imi_grain *b, double *out)
{
    sums all = {0};
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        size_t at = (size_t)i * IMI_GRAIN_PER_CELL;
        add_cell(&all, a->sample + at, b->sample + at);
    }
    return correlate(&all, out);
}

/* Compare with the frame that came so many frames ago. */
static void compare(imi_noise_watch *watch, const imi_signature *now, uint32_t back)
{
    uint32_t place = (watch->count - back) % LIMIT_GRAIN_KEPT;
    const imi_thumb *thumb = &watch->thumb[place];
    const imi_grain *grain = &watch->grain[place];
    sums moved = {0};
    sums resting = {0};
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        int change = abs(now->thumb.cell[i] - thumb->cell[i]);
        size_t at = (size_t)i * IMI_GRAIN_PER_CELL;
        add_cell(change > LIMIT_GRAIN_MOVED ? &moved : &resting, now->grain.sample + at,
                 grain->sample + at);
    }
    double correlation = 0;
    if (correlate(&moved, &correlation)) {
        watch->moved_pairs++;
        watch->moved_sum += correlation;
    }
    if (back == 1 && correlate(&resting, &correlation)) {
        watch->resting_pairs++;
        watch->resting_sum += correlation;
    }
}

void imi_noise_watch_feed(imi_noise_watch *watch, const imi_signature *signature)
{
    static const uint32_t backs[] = {1, LIMIT_GRAIN_KEPT / 4, LIMIT_GRAIN_KEPT};
    for (size_t i = 0; i < sizeof backs / sizeof backs[0]; i++) {
        if (watch->count >= backs[i]) {
            compare(watch, signature, backs[i]);
        }
    }
    uint32_t place = watch->count++ % LIMIT_GRAIN_KEPT;
    watch->thumb[place] = signature->thumb;
    watch->grain[place] = signature->grain;
}

float imi_noise_watch_constant(const imi_noise_watch *watch)
{
    if (watch->moved_pairs < LIMIT_GRAIN_PAIRS) {
        return NAN;
    }
    return (float)(watch->moved_sum / watch->moved_pairs);
}

float imi_noise_watch_fresh(const imi_noise_watch *watch)
{
    if (watch->resting_pairs < LIMIT_GRAIN_PAIRS) {
        return NAN;
    }
    return (float)fmin(fmax(1 - watch->resting_sum / watch->resting_pairs, 0), 1);
}
