/**
 * Triangles over scattered points of the plane.
 */
#ifndef IMI_GENERATOR_TRIANGLES_H
#define IMI_GENERATOR_TRIANGLES_H

#include "imi/face.h"
#include "imi/status.h"

enum { IMI_GEN_POINTS_MAX = 1024, IMI_GEN_TRIANGLES_MAX = 2 * IMI_GEN_POINTS_MAX };

typedef struct imi_gen_triangle {
    uint16_t corner[3];
} imi_gen_triangle;

/**
 * Delaunay triangulation of at most IMI_GEN_POINTS_MAX points.
 *
 * Shape:  out holds IMI_GEN_TRIANGLES_MAX.
 * Errors: IMI_E_INVALID_ARGUMENT for fewer than 3 points, too many, or none that span an area.
 * Source: A. Bowyer, "Computing Dirichlet tessellations", 1981.
 */
IMI_MUST_USE imi_status imi_gen_triangulate(const imi_point *points, size_t count,
                                            imi_gen_triangle *out, size_t *count_out,
                                            imi_error *err);

/** Corners of the convex hull, counter-clockwise with y up; returns how many. out holds count. */
size_t imi_gen_hull(const imi_point *points, size_t count, uint16_t *out);

#endif
