/**
 * What the JPEG files of this layer share; not public.
 */
#ifndef IMI_JPEG_INTERNAL_H
#define IMI_JPEG_INTERNAL_H

#include "imi/image.h"

/**
 * Turn a stored image upright. The image is replaced; on failure it stays as it was.
 *
 * orientation: 1 to 8; 1 does nothing.
 */
IMI_MUST_USE imi_status imi_image_orient(imi_image **image, uint32_t orientation, imi_error *err);

#endif
