/* Made-up pictures of something face-like, with or without what a medium adds. */
#ifndef PASSIVE_PICTURE_H
#define PASSIVE_PICTURE_H

#include "imi/passive.h"

typedef struct picture_recipe {
    uint32_t width, height;
    imi_pixel_format format;
    float noise; /* of the sensor, in levels */
    float grid_period_px, grid_height; /* stripes at 27 degrees over the face, in levels */
    float grid_reach; /* half widths of the face around its left cheek; 0: everywhere */
    float band_period_px, band_share; /* brightness along the rows */
    int rim_sides; /* dark straight edges around the face, 0 to 4: left, right, top, bottom */
    float chroma; /* 1: that of skin; 0: grey */
    float blur_px; /* of the face's detail; 0: none */
    float veil; /* levels that nothing is darker than: light thrown back by a surface */
    float highlight; /* levels that a small spot stands above the skin */
    uint32_t block_px; /* steps of an earlier grid, every so many pixels; 0: none */
} picture_recipe;

picture_recipe picture_plain(void);
/* Draw it; fails the running test when there is no memory. The face is where picture_face says. */
imi_image *picture_draw(const picture_recipe *recipe);
imi_face_box picture_face(const picture_recipe *recipe);
/* Draw, measure, destroy. */
imi_cues picture_measure(const picture_recipe *recipe);

#endif
