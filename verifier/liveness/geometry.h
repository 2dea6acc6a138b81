/**
 * Two explanations of how one view of a face became another: a solid that turned and came
 * nearer, or a plane that did. A live face fits the first, a photo the second.
 *
 * Units:   residuals are RMS distances in inter-eye distances of the second view.
 * Errors:  degenerate or non-finite points give NaN, which passes no threshold.
 * Threads: safe.
 */
#ifndef IMI_LIVENESS_GEOMETRY_H
#define IMI_LIVENESS_GEOMETRY_H

#include "imi/face.h"

/** Points of the mesh that facial expression hardly moves: those above the nose's base. */
typedef struct imi_mesh_subset {
    uint32_t count;
    uint16_t index[IMI_MESH_POINTS];
} imi_mesh_subset;

void imi_mesh_upper_face(const imi_landmarks *mesh, imi_mesh_subset *out);

/** The turn and growth that carry one mesh nearest to another. */
typedef struct imi_solid_fit {
    float yaw_deg, pitch_deg; /* signs as in imi_head_pose */
    float scale;
    float residual; /* of all three coordinates */
} imi_solid_fit;

/** Source: B. K. P. Horn, "Closed-form solution of absolute orientation using unit
 * quaternions", 1987. */
imi_solid_fit imi_mesh_fit_solid(const imi_landmarks *from, const imi_landmarks *to,
                                 const imi_mesh_subset *subset);

/** The best homography from one mesh's image to another's, and what it leaves over. */
typedef struct imi_plane_fit {
    float residual; /* what no plane explains */
    float depth_gain; /* how much of it is near points growing more than far ones; > 0 when a
                         solid came nearer */
} imi_plane_fit;

/** Source: R. Hartley and A. Zisserman, "Multiple View Geometry", 2nd ed., 4.1 (normalised
 * DLT) and 13.3 (plane plus parallax). */
imi_plane_fit imi_mesh_fit_plane(const imi_landmarks *from, const imi_landmarks *to,
                                 const imi_mesh_subset *subset);

/**
 * The mesh as it looks from nearer by, where near points grow more than far ones.
 *
 * depth_gain: as imi_mesh_fit_plane measures it.
 */
void imi_mesh_bring_nearer(const imi_landmarks *mesh, const imi_mesh_subset *subset,
                           float depth_gain, imi_landmarks *out);

/**
 * Add a mesh to a sum after moving it onto a model by the best in-plane turn, shift and scale,
 * so that a mean of several frames is sharp.
 */
void imi_mesh_add_aligned(imi_landmarks *sum, const imi_landmarks *model,
                          const imi_landmarks *mesh);

#endif
