/**
 * Two explanations of how one view of a face became another: a solid that turned and came
 * nearer, or a plane that did. A live face fits the first, a photo the second.
 *
 * Units:   residuals are RMS distances in inter-eye distances of the second view.
 * Errors:  degenerate or non-finite points give NaN, which passes no threshold.
 * Threads: safe.
 */
#ifndef IMI_PLANARITY_H
#define IMI_PLANARITY_H

#include "imi/face.h"
#include "imi/findings.h"
#include "imi/image.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/** Both explanations of how one view became another. */
typedef struct imi_view_change {
    imi_plane_fit plane;
    imi_solid_fit solid; /* after near points were let grow more than far ones */
} imi_view_change;

imi_view_change imi_mesh_compare_views(const imi_landmarks *from, const imi_landmarks *to,
                                       const imi_mesh_subset *subset);

/**
 * Add a mesh to a sum after moving it onto a model by the best in-plane turn, shift and scale,
 * so that a mean of several frames is sharp.
 */
void imi_mesh_add_aligned(imi_landmarks *sum, const imi_landmarks *model,
                          const imi_landmarks *mesh);

/* ---- over a capture ---- */

/**
 * Watches a whole capture for views between which a solid and a plane differ: another distance,
 * another pose, whether asked for or not. Two kinds of evidence that share no input: the mesh
 * (IMI_LAYER_GEOMETRY) and features of the picture tracked from frame to frame
 * (IMI_LAYER_PARALLAX), which know nothing of what a face looks like.
 */
typedef struct imi_planarity_watch imi_planarity_watch;
IMI_MUST_USE imi_status imi_planarity_watch_new(imi_planarity_watch **out, imi_error *err);
/** Wipe and free. Accepts NULL, nulls the pointer. */
void imi_planarity_watch_destroy(imi_planarity_watch **watch);
IMI_AUTO_DEFINE(imi_planarity_watch, imi_planarity_watch_destroy)
/** Take one frame, in order; landmarks NULL without a face. Bounded memory and time. */
IMI_MUST_USE imi_status imi_planarity_watch_feed(imi_planarity_watch *watch, int64_t at_ms,
                                                 const imi_image *image,
                                                 const imi_landmarks *landmarks, imi_error *err);
/** Fill IMI_LAYER_GEOMETRY and IMI_LAYER_PARALLAX: log of how much better a solid explains the
 * views than a plane, with its uncertainty; unmeasured when the views hardly differ. */
void imi_planarity_watch_report(const imi_planarity_watch *watch, imi_findings *findings);

#ifdef __cplusplus
}
#endif
#endif
