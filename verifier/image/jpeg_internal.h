/**
 * What the JPEG files of this layer share; not public.
 */
#ifndef IMI_JPEG_INTERNAL_H
#define IMI_JPEG_INTERNAL_H

#include "imi/image.h"

/**
 * Orientation (tag 0x0112) from the body of an APP1 segment: "Exif\0\0" and a TIFF structure.
 * Returns 1 to 8; 0 if the segment is not EXIF; 1 if it is but says nothing valid.
 * Source: CIPA DC-008 (Exif 2.32) section 4.6, TIFF 6.0 section 2.
 */
uint32_t imi_exif_orientation(imi_view segment);

/**
 * Turn a stored image upright. The image is replaced; on failure it stays as it was.
 *
 * orientation: 1 to 8; 1 does nothing.
 */
IMI_MUST_USE imi_status imi_image_orient(imi_image **image, uint32_t orientation, imi_error *err);

#endif
