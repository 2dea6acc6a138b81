/**
 * Frames of cameras as images, within the limits that hold for every frame.
 */
#ifndef IMI_SESSION_FRAME_IMAGE_H
#define IMI_SESSION_FRAME_IMAGE_H

#include "imi/image.h"

/** Check the header of a frame. */
IMI_MUST_USE imi_status imi_frame_inspect(imi_view jpeg, imi_error *err);
/** Decode it, at about the size that the models look at. */
IMI_MUST_USE imi_status imi_frame_decode(imi_view jpeg, imi_image **image_out, imi_error *err);

#endif
