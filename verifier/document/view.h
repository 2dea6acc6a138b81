/**
 * Other views of a photo: a card straightened, a photo turned, a part cut out.
 */
#ifndef IMI_DOCUMENT_VIEW_H
#define IMI_DOCUMENT_VIEW_H

#include "imi/document_vision.h"

/**
 * Draw what lies between four corners as an upright rectangle, as wide as the longer of top
 * and bottom and as high as the longer of left and right, at most 2400 pixels each.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for corners that are no convex quadrilateral of some size.
 */
IMI_MUST_USE imi_status imi_view_straighten(const imi_image *image, const imi_quad *quad,
                                            imi_image **out, imi_error *err);

/** Turn clockwise by quarters (1 to 3). */
IMI_MUST_USE imi_status imi_view_turn(const imi_image *image, uint32_t quarters, imi_image **out,
                                      imi_error *err);

/** A box of pixels. */
typedef struct imi_pixel_box {
    uint32_t left, top, width, height;
} imi_pixel_box;

/** The box around a face, grown by a factor about its middle and cut to the image. */
imi_pixel_box imi_view_box_around(const imi_image *image, const imi_face_box *face, float factor);

/** Copy a part. Errors: IMI_E_INVALID_ARGUMENT for one that is empty or reaches outside. */
IMI_MUST_USE imi_status imi_view_cut(const imi_image *image, const imi_pixel_box *box,
                                     imi_image **out, imi_error *err);

#endif
