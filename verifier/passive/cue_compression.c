/*
 * Earlier compression: JPEG leaves a step every eight pixels. The frame's own grid starts at its
 * corner; steps at another phase, or with another period, are of a picture that was compressed,
 * scaled or cropped before it came here.
 */
#include "cues.h"

#include <math.h>

enum { LINES = 64, GRID = 8 };

/* One direction of the image: along is where steps are looked for. */
typedef struct direction {
    bool vertical;
    uint32_t along_from, across_from, across_count;
} direction;

static float luma_at(const imi_image *image, const direction *d, uint32_t along, uint32_t across)
{
    return d->vertical ? passive_luma(image, across, along) : passive_luma(image, along, across);
}

/* How rough the image is at each place: second differences, limited so that edges of the scene
 * do not outweigh the faint steps of a grid. */
static void roughness(const imi_image *image, const direction *d, float out[PASSIVE_LINE])
{
    const float limit = 8;
    for (uint32_t line = 0; line < LINES; line++) {
        uint32_t across = d->across_from + (uint32_t)((uint64_t)line * d->across_count / LINES);
        float before = luma_at(image, d, d->along_from, across);
        float here = luma_at(image, d, d->along_from + 1, across);
        for (uint32_t i = 0; i < PASSIVE_LINE; i++) {
            float after = luma_at(image, d, d->along_from + i + 2, across);
            out[i] += fminf(fabsf(before - 2 * here + after), limit) / LINES;
            before = here;
            here = after;
        }
    }
}

/* Of the spectrum of the roughness: the highest bin off the frame's own grid, in nepers of power
 * above the mean of its neighbours. */
static float strange_period(const passive_fft *fft, float line[PASSIVE_LINE])
{
    float imaginary[PASSIVE_LINE] = {0};
    passive_fft_run(fft, line, imaginary);
    float power[PASSIVE_LINE / 2];
    for (int f = 0; f < PASSIVE_LINE / 2; f++) {
        power[f] = line[f] * line[f] + imaginary[f] * imaginary[f];
    }
    const int own = PASSIVE_LINE / GRID;
    const int low = 16; /* longer periods are the scene */
    const float floor = 0.05F;
    float most = 0;
    for (int f = low; f + 6 < PASSIVE_LINE / 2; f++) {
        int off = f % own;
        if (off <= 1 || off >= own - 1) {
            continue;
        }
        float around = 0;
        for (int k = 3; k <= 6; k++) {
            around += power[f - k] + power[f + k];
        }
        most = fmaxf(most, logf((power[f] + floor) / (around / 8 + floor)));
    }
    return most;
}

/* The middle of a span, as long as the profile needs; false if the image is too small. */
static bool centre(uint32_t from, uint32_t count, uint32_t size, uint32_t *first)
{
    const uint32_t wanted = PASSIVE_LINE + 2;
    if (size < wanted) {
        return false;
    }
    uint32_t middle = from + count / 2;
    uint32_t start = middle > wanted / 2 ? middle - wanted / 2 : 0;
    *first = start + wanted <= size ? start : size - wanted;
    return true;
}

static float measure(const passive_scene *scene, bool vertical)
{
    const imi_image *image = scene->image;
    const passive_rect *r = &scene->around;
    direction d = {vertical, 0, vertical ? r->left : r->top, vertical ? r->width : r->height};
    if (!(vertical ? centre(r->top, r->height, image->height, &d.along_from)
                   : centre(r->left, r->width, image->width, &d.along_from))) {
        return NAN;
    }
    float line[PASSIVE_LINE] = {0};
    roughness(image, &d, line);
    passive_fft fft;
    passive_fft_init(&fft, PASSIVE_LINE);
    return strange_period(&fft, line);
}

/* Both directions have to show it: a striped shirt does in one. */
float passive_cue_compression(const passive_scene *scene)
{
    float across = measure(scene, false);
    float down = measure(scene, true);
    return isnan(across) ? down : isnan(down) ? across : fminf(across, down);
}
