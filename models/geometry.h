/**
 * Similarities between point sets, and affine maps applied and inverted.
 */
#ifndef IMI_MODELS_GEOMETRY_H
#define IMI_MODELS_GEOMETRY_H

#include "imi/face.h"
#include "imi/image.h"

/**
 * The similarity (rotation, one scale, shift) that carries from[] to to[] with the smallest
 * sum of squared distances.
 *
 * Source: S. Umeyama, IEEE TPAMI 13(4), 1991; in two dimensions the minimum is linear in
 *         (scale * cos, scale * sin, shift), which is what is solved here.
 * Errors: IMI_E_INVALID_ARGUMENT if the points are fewer than two, not finite, or all in one.
 */
IMI_MUST_USE imi_status imi_similarity_fit(const imi_point *from, const imi_point *to, size_t count,
                                           imi_affine *out, imi_error *err);

imi_point imi_affine_apply(const imi_affine *map, imi_point point);
/** Errors: IMI_E_INVALID_ARGUMENT if the map has no finite inverse. */
IMI_MUST_USE imi_status imi_affine_invert(const imi_affine *map, imi_affine *out, imi_error *err);

/** Mean of the mesh points at the indices. */
imi_point imi_mesh_mean(const imi_landmarks *landmarks, const uint16_t *indices, size_t count);
imi_point imi_mesh_point(const imi_landmarks *landmarks, uint16_t index);

#endif
