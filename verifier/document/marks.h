/**
 * Marks that a photo of a document bears: light that washes it out, missing colours, the
 * raster of a print or screen. Plain measures of pixels, from 0 to 1; fields.c judges them.
 */
#ifndef IMI_DOCUMENT_MARKS_H
#define IMI_DOCUMENT_MARKS_H

#include "imi/face.h"
#include "imi/image.h"

/**
 * Share of washed-out pixels: of the face itself, or of the whole document where paper is not
 * white anyway, whichever is larger.
 *
 * view: RGB8. face: NULL if there is none.
 */
float imi_marks_glare(const imi_image *view, const imi_face_box *face);

/** How much hue varies: the mean distance of two colour differences from their means. */
float imi_marks_colour(const imi_image *view);

/**
 * How strongly the finest structure repeats itself every 3 to 7 pixels: the highest local
 * maximum of its autocorrelation along rows or columns, 0 when there is none.
 */
float imi_marks_raster(const imi_image *view);

#endif
