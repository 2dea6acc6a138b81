/* Luma of the face in the small picture, counted. */
#ifndef IMI_PASSIVE_HISTOGRAM_H
#define IMI_PASSIVE_HISTOGRAM_H

#include "scene.h"

typedef struct passive_histogram {
    uint32_t count[256];
    uint32_t total;
} passive_histogram;

void passive_histogram_fill(passive_histogram *histogram, const passive_thumb *thumb);
/* Luma that a share of the pixels does not exceed, linear within a level. */
float passive_histogram_quantile(const passive_histogram *histogram, float share);

#endif
