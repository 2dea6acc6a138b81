/**
 * Lids and jaw of a mesh: where its points go when somebody blinks or opens the mouth.
 */
#ifndef IMI_GENERATOR_EXPRESSION_H
#define IMI_GENERATOR_EXPRESSION_H

#include "geometry.h"
#include "imi/face.h"

#include <stdbool.h>

/** Move the mesh's points, given at rest, in place. mouth and blink as in imi_gen_pose; below 0
 * a blink opens the eyes wider. Shape: points holds IMI_MESH_POINTS, at most in centimetres. */
void imi_gen_express(imi_gen_point *points, double mouth, double blink);
/** Move the mesh's lids apart to where the eye's edges are: the network draws them too near. In
 * pixels or centimetres, whichever the points are in. */
void imi_gen_fit_lids(imi_point *points);
/** How far the jaw carries a point below the mouth that belongs to no face, such as the neck's. */
double imi_gen_jaw_drop_cm(double mouth);

/** The point belongs to the inner edge of the lips: a triangle of these alone is the mouth. */
bool imi_gen_is_inner_lip(unsigned index);
/** The point belongs to an eye's edge: a triangle of these alone is an eye. */
bool imi_gen_is_lid(unsigned index);

#endif
