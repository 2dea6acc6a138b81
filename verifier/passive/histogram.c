#include "histogram.h"

#include <math.h>

void passive_histogram_fill(passive_histogram *histogram, const passive_thumb *thumb)
{
    *histogram = (passive_histogram){.total = 0};
    const passive_rect *face = &thumb->face;
    for (uint32_t y = face->top; y < face->top + face->height; y++) {
        for (uint32_t x = face->left; x < face->left + face->width; x++) {
            histogram->count[(uint8_t)fminf(fmaxf(thumb->luma[y][x], 0), 255)]++;
            histogram->total++;
        }
    }
}

float passive_histogram_quantile(const passive_histogram *histogram, float share)
{
    float wanted = share * (float)histogram->total;
    float seen = 0;
    for (int level = 0; level < 256; level++) {
        float here = (float)histogram->count[level];
        if (here > 0 && seen + here >= wanted) {
            return (float)level + (wanted - seen) / here;
        }
        seen += here;
    }
    return 255;
}
