/**
 * How the pixels of a still become points in space, and where these go with a head.
 */
#ifndef IMI_GENERATOR_RELIEF_H
#define IMI_GENERATOR_RELIEF_H

#include "head.h"

/** What a head turns about, seen from the middle of the eyes. */
#define IMI_GEN_NECK ((imi_gen_point){0, 8, 9})

/** A pixel of a still at a depth behind the eyes, so that from where stills are taken it keeps
 * its place. Centimetres, seen from the middle of the eyes. */
imi_gen_point imi_gen_relief_point(const imi_gen_portrait *portrait, imi_point at, double depth_cm);

/** Turn about the neck by the share with which a point follows the head, then to the place
 * before the camera. turn: of the pose. */
imi_gen_point imi_gen_relief_place(imi_gen_point rest, double follows, const imi_gen_matrix *turn,
                                   const imi_gen_pose *pose);

#endif
