/**
 * Where a known solid is before a known lens, from its points in one picture
 * (perspective-n-point): the other way to tell a head's pose, to compare the judge's with.
 */
#ifndef IMI_TESTS_PNP_H
#define IMI_TESTS_PNP_H

#include "geometry.h"
#include "imi/planarity.h"

/** Points of a mesh about the middle of its eyes, in centimetres. */
typedef struct pnp_model {
    imi_gen_point point[IMI_MESH_POINTS];
} pnp_model;

/** The model as which a lens sees the mesh unturned: its eyes lie as far apart as people's. */
pnp_model pnp_model_of(const imi_gen_lens *lens, const imi_landmarks *mesh);

/**
 * The turn with which the lens sees the model nearest to the mesh, by its x and y alone.
 *
 * Errors: false when the points determine no finite pose.
 * Source: R. Hartley and A. Zisserman, "Multiple View Geometry", 2nd ed., 7.2 (least reprojection
 *         error) and A6.1 (Gauss-Newton).
 */
bool pnp_solve(const imi_gen_lens *lens, const pnp_model *model, const imi_landmarks *mesh,
               const imi_mesh_subset *subset, imi_gen_turn *out);

#endif
