/**
 * Finds the corners of one view again in another.
 */
#ifndef IMI_PLANARITY_ALIGN_H
#define IMI_PLANARITY_ALIGN_H

#include "face_view.h"
#include "two_view.h"

/**
 * Match the corners of `from` in `to`, in pixels of each view, about the middle of the corners.
 *
 * Each corner is searched where the two meshes, as flat figures (an affine map), lead one to
 * expect it: they say where to look, and nothing of depth. A match must look alike, and lead
 * back to where it came from.
 * Source: S. Baker and I. Matthews, "Lucas-Kanade 20 Years On", 2004 (inverse compositional);
 * Z. Kalal et al., "Forward-Backward Error", 2010.
 *
 * Returns how many are written to out.
 */
uint32_t imi_align_corners(const imi_face_view *from, const imi_face_view *to,
                           imi_match out[IMI_VIEW_CORNERS]);

#endif
