/**
 * A photo before a camera: drawn as a plane, or bent like a sheet of paper, with perspective,
 * sensor noise and JPEG, as an attacker would hold it.
 */
#ifndef IMI_TESTS_PHOTO_H
#define IMI_TESTS_PHOTO_H

#include "imi/image.h"

/** How the photo is held at one moment. All zero with scale 1: as the photo itself. */
typedef struct imi_photo_hold {
    double yaw_deg, pitch_deg, roll_deg;
    double scale;
    double shift_x, shift_y; /* pixels */
    double bend; /* curvature by image widths: 0 flat, 1 a half-cylinder-like curl */
    double noise; /* standard deviation of each channel */
    int jpeg_quality; /* 0: not encoded */
} imi_photo_hold;

/** What a camera sees of the photo, held about a point of it. */
IMI_MUST_USE imi_status imi_photo_draw(const imi_image *photo, double centre_x, double centre_y,
                                       const imi_photo_hold *hold, uint32_t seed, imi_image **out,
                                       imi_error *err);

#endif
