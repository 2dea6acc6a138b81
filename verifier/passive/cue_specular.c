/*
 * Highlights: skin under a lamp has small bright ones; paper has none or a broad sheen, glass
 * has hard-edged ones. Measured as the reach of the brightest pixels above the face's median,
 * against the reach of the darkest below it.
 */
#include "cues.h"
#include "histogram.h"

#include <math.h>

float passive_cue_specular(const passive_scene *scene)
{
    passive_histogram h;
    passive_histogram_fill(&h, &scene->thumb);
    float middle = passive_histogram_quantile(&h, 0.5F);
    float above = passive_histogram_quantile(&h, 0.995F) - middle;
    float below = middle - passive_histogram_quantile(&h, 0.05F);
    return h.total == 0 ? NAN : logf((above + 4) / (below + 4));
}
