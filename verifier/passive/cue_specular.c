/*
 * Highlights: skin under a lamp has small bright ones; paper has none or a broad sheen, glass
 * has hard-edged ones. Measured as the reach of the brightest pixels above the face's median,
 * against the reach of the darkest below it.
 */
#include "cues.h"

#include <math.h>

typedef struct histogram {
    unsigned count[256];
    unsigned total;
} histogram;

static float quantile(const histogram *h, float share)
{
    float wanted = share * (float)h->total;
    float seen = 0;
    for (int i = 0; i < 256; i++) {
        float next = seen + (float)h->count[i];
        if (h->count[i] > 0 && next >= wanted) {
            return (float)i + (wanted - seen) / (float)h->count[i];
        }
        seen = next;
    }
    return 255;
}

float passive_cue_specular(const passive_scene *scene)
{
    const passive_thumb *t = &scene->thumb;
    histogram h = {.total = 0};
    for (uint32_t y = t->face.top; y < t->face.top + t->face.height; y++) {
        for (uint32_t x = t->face.left; x < t->face.left + t->face.width; x++) {
            h.count[(uint8_t)fminf(fmaxf(t->luma[y][x], 0), 255)]++;
            h.total++;
        }
    }
    if (h.total == 0) {
        return NAN;
    }
    float middle = quantile(&h, 0.5F);
    return logf((quantile(&h, 0.995F) - middle + 4) / (middle - quantile(&h, 0.05F) + 4));
}
