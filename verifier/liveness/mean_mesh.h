/**
 * The mean of a face's views from one distance: a single frame's mesh trembles as much as
 * perspective changes it.
 */
#ifndef IMI_LIVENESS_MEAN_MESH_H
#define IMI_LIVENESS_MEAN_MESH_H

#include "imi/face.h"

typedef struct imi_mean_mesh {
    float weight; /* of the views that it holds; 0: none */
    imi_landmarks model; /* the first view, onto which others are laid */
    imi_landmarks sum;
} imi_mean_mesh;

void imi_mean_mesh_reset(imi_mean_mesh *mean);
/** keep: how much of the weight of earlier views stays, above 0 to 1; 1 weighs all alike. */
void imi_mean_mesh_add(imi_mean_mesh *mean, const imi_landmarks *view, float keep);
/** Requires a view. */
void imi_mean_mesh_get(const imi_mean_mesh *mean, imi_landmarks *out);

#endif
