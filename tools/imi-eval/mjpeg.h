/**
 * Motion JPEG: JPEG files one behind the other.
 */
#ifndef IMI_EVAL_MJPEG_H
#define IMI_EVAL_MJPEG_H

#include "phone-sim/frames.h"

/** Errors: IMI_E_IMAGE_FORMAT if the file does not start with a JPEG or breaks off within one. */
IMI_MUST_USE imi_status eval_mjpeg_load(const char *path, double frames_per_s, imi_sim_frames **out,
                                        imi_error *err);

#endif
