/**
 * What happened between two pictures of one thing, told from matched points alone: a sheet,
 * flat or bent, moved, or a solid did. Knows nothing of faces.
 */
#ifndef IMI_PLANARITY_TWO_VIEW_H
#define IMI_PLANARITY_TWO_VIEW_H

#include <stdbool.h>
#include <stdint.h>

enum { IMI_HOMOGRAPHY_UNKNOWNS = 8, IMI_TWO_VIEW_MAX = 120 };

/** A point in both pictures. For good conditioning, about an origin amid the points and in a
 * unit of about their spread. */
typedef struct imi_match {
    double from_x, from_y, to_x, to_y;
} imi_match;

/**
 * The best homography h (with h[8] = 1 implied); weights NULL for equal ones.
 * Source: R. Hartley and A. Zisserman, "Multiple View Geometry", 2nd ed., 4.1.
 */
bool imi_fit_homography(const imi_match *matches, uint32_t count, const double *weights,
                        double h[IMI_HOMOGRAPHY_UNKNOWNS]);
/** Where it carries a point. */
void imi_apply_homography(const double h[IMI_HOMOGRAPHY_UNKNOWNS], double x, double y, double *to_x,
                          double *to_y);

/** RMS of what each explanation leaves over, per degree of freedom, in the second picture. */
typedef struct imi_two_view {
    double sheet; /* a homography, and a smooth displacement along one axis: bent paper */
    double solid; /* epipolar lines: anything rigid */
    double noise; /* of the matches, which what was seen aslant makes worse */
} imi_two_view;

/**
 * Compare the explanations on the matches that the most general of them accepts.
 *
 * noise:  RMS by which matches of one picture with itself would miss, in their unit.
 * Errors: false without enough matches, or when they are degenerate or not finite.
 * Source: Hartley and Zisserman 11.2 (normalised eight points, here reweighted to the distance
 *         from epipolar lines), 13.3 (plane plus parallax); P. H. S. Torr, "Geometric motion
 *         segmentation and model selection", 1998 (residuals by degrees of freedom).
 */
bool imi_two_view_compare(const imi_match *all, uint32_t all_count, double noise,
                          imi_two_view *out);

#endif
