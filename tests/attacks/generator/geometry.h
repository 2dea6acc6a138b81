/**
 * Points in space and the pinhole camera of the generated scenes.
 *
 * Units: centimetres, the camera at the origin, x to the right, y down, z away from it, so that
 * its picture is an image of imi/image.h. Angles in degrees, signs as in imi_head_pose.
 */
#ifndef IMI_GENERATOR_GEOMETRY_H
#define IMI_GENERATOR_GEOMETRY_H

#include <stdint.h>

typedef struct imi_gen_point {
    double x, y, z;
} imi_gen_point;

/** Turn, nod and tilt about an origin: R = Rz(roll) Ry(yaw) Rx(pitch). */
typedef struct imi_gen_turn {
    double yaw_deg, pitch_deg, roll_deg;
} imi_gen_turn;

/** A turn as a matrix, to be used on many points. */
typedef struct imi_gen_matrix {
    double row[3][3];
} imi_gen_matrix;

/** Camera of a phone: pixels, square, no distortion. */
typedef struct imi_gen_lens {
    double focal_px;
    double centre_x, centre_y;
} imi_gen_lens;

/** Sees 60 degrees across, as front cameras of phones do. */
imi_gen_lens imi_gen_lens_of(uint32_t width, uint32_t height);

/** Where a point is seen; z stays the distance in centimetres. */
typedef struct imi_gen_seen {
    double x, y, z;
} imi_gen_seen;

imi_gen_point imi_gen_add(imi_gen_point a, imi_gen_point b);
imi_gen_point imi_gen_subtract(imi_gen_point a, imi_gen_point b);
/** a where share is 0, b where it is 1. */
imi_gen_point imi_gen_blend(imi_gen_point a, imi_gen_point b, double share);
imi_gen_matrix imi_gen_matrix_of(imi_gen_turn turn);
imi_gen_point imi_gen_rotate(const imi_gen_matrix *matrix, imi_gen_point point);
imi_gen_seen imi_gen_project(const imi_gen_lens *lens, imi_gen_point point);

/** 0 at low and below, 1 at high and above, smooth between. */
double imi_gen_ramp(double value, double low, double high);

#endif
