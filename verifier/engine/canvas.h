/**
 * An image made ready for face detection; not public.
 *
 * Detectors are trained on faces with something around them, at sizes within limits. A tight
 * portrait gets a border, a small one is enlarged, a large one reduced.
 */
#ifndef IMI_CANVAS_H
#define IMI_CANVAS_H

#include "imi/face.h"
#include "imi/image.h"

typedef struct imi_canvas {
    imi_image *image;
    float scale; /* canvas pixels per image pixel */
    float border; /* canvas pixels around the scaled image */
} imi_canvas;

/**
 * larger_side:  of the scaled image in pixels.
 * border_share: of larger_side, on every side; the image's edge is repeated outwards.
 */
IMI_MUST_USE imi_status imi_canvas_init(imi_canvas *canvas, const imi_image *image,
                                        uint32_t larger_side, float border_share, imi_error *err);
void imi_canvas_clean_up(imi_canvas *canvas);
#define IMI_AUTO_CANVAS __attribute__((cleanup(imi_canvas_clean_up))) imi_canvas

/** Carry boxes from canvas to image coordinates, in place. */
void imi_canvas_to_image(const imi_canvas *canvas, imi_face_box *boxes, size_t count);

#endif
