/**
 * What a picture is shown on, as far as a camera can tell it from skin: dots of a print, stripes
 * of a screen, their contrast, black level, reflections, refreshing.
 *
 * Patterns are cosines over the medium, weakened by the share that a camera pixel averages away
 * and otherwise sampled as they are, so that moire appears where a camera would show it.
 */
#ifndef IMI_GENERATOR_MEDIUM_H
#define IMI_GENERATOR_MEDIUM_H

#include "imi/face.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum imi_gen_medium_kind {
    IMI_GEN_PRINT = 1, /* three rotated screens of dots */
    IMI_GEN_SCREEN = 2 /* columns of red, green and blue, rows between */
} imi_gen_medium_kind;

typedef struct imi_gen_medium {
    imi_gen_medium_kind kind;
    double cells_per_px; /* dots or screen pixels by texture pixel */
    double depth; /* of the pattern, 0 to 1 */
    double contrast; /* what the medium keeps of it, 0 to 1 */
    double black; /* level of its black, 0 to 255 */
    double tint[3]; /* of its white */
    imi_point picture_low, picture_high; /* texture px: the medium ends there, the rest is frame */
    double glare; /* brightness of a lamp's reflection; 0: matt */
    imi_point glare_at; /* texture px */
    double glare_radius; /* texture px */
    double band; /* share by which a refreshing band is darker */
    double band_phase, band_period_px; /* along the camera's rows */
} imi_gen_medium;

/** How strongly the pattern shows where one camera pixel covers so many texture pixels. */
double imi_gen_medium_visible(const imi_gen_medium *medium, double texture_px_per_px);

/** Turn a colour of the picture into what the camera sees at a point of the medium.
 * visible: from imi_gen_medium_visible. row: of the camera's picture. */
void imi_gen_medium_shade(const imi_gen_medium *medium, double visible, imi_point at, uint32_t row,
                          float rgb[3]);

#endif
