/*
 * Contrast: paper and glass throw the room's light back, so that what is dark on a medium
 * (pupils, nostrils, brows) is never as dark as before a lens. Measured on the face as the
 * logarithm of its darkest luma to its brightest.
 */
#include "cues.h"
#include "histogram.h"

#include <math.h>

float passive_cue_contrast(const passive_scene *scene)
{
    passive_histogram h;
    passive_histogram_fill(&h, &scene->thumb);
    float darkest = passive_histogram_quantile(&h, 0.01F);
    float brightest = passive_histogram_quantile(&h, 0.99F);
    return h.total == 0 ? NAN : logf((darkest + 4) / (brightest + 4));
}
