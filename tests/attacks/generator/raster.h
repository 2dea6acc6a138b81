/**
 * Textured triangles, drawn with a depth buffer and exact perspective.
 */
#ifndef IMI_GENERATOR_RASTER_H
#define IMI_GENERATOR_RASTER_H

#include "geometry.h"
#include "imi/image.h"
#include "medium.h"
#include "triangles.h"

/** The picture that is being drawn, with the distance of what each pixel shows. */
typedef struct imi_gen_canvas {
    imi_image *image; /* RGB8 */
    float *nearness; /* 1 / z; 0: nothing yet */
} imi_gen_canvas;

IMI_MUST_USE imi_status imi_gen_canvas_new(uint32_t width, uint32_t height, imi_gen_canvas **out,
                                           imi_error *err);
void imi_gen_canvas_destroy(imi_gen_canvas **canvas);
IMI_AUTO_DEFINE(imi_gen_canvas, imi_gen_canvas_destroy)
/** Begin a new picture. */
void imi_gen_canvas_clear(imi_gen_canvas *canvas);

/** What is drawn. All borrowed. Texture coordinates in pixels; beyond the edges what is
 * beside them goes on. */
typedef struct imi_gen_surface {
    const imi_gen_point *points; /* before the camera */
    const imi_point *texture_at;
    const imi_gen_triangle *triangles;
    size_t triangle_count;
    const imi_image *texture; /* RGB8 */
    const imi_gen_medium *medium; /* NULL: skin, hair, walls */
} imi_gen_surface;

void imi_gen_canvas_draw(imi_gen_canvas *canvas, const imi_gen_lens *lens,
                         const imi_gen_surface *surface);

#endif
