/**
 * Ways to tell by how much a head has turned since the person was seen frontal.
 */
#ifndef IMI_TESTS_POSE_JUDGES_H
#define IMI_TESTS_POSE_JUDGES_H

#include "pnp.h"

typedef enum pose_judge {
    POSE_FIT = 0, /* the rigid turn of the mesh in three dimensions, as the judge of liveness */
    POSE_AXES, /* the difference of imi_face_head_pose */
    POSE_PNP, /* PnP by the lens that took the picture and the person's own frontal mesh */
    POSE_MEAN, /* the same with the mean of many people's meshes */
    POSE_OTHER_LENS, /* that, with the lens taken for one of 75 degrees across */
    POSE_JUDGES
} pose_judge;

/** Static storage. */
const char *pose_judge_name(pose_judge judge);

/** A person at rest. */
typedef struct pose_rest {
    imi_landmarks frontal;
    imi_mesh_subset upper; /* of it: the points that are looked at */
} pose_rest;

/** What PnP needs to know besides. */
typedef struct pose_known {
    imi_gen_lens lens; /* 60 degrees across */
    pnp_model mean;
} pose_known;

pose_rest pose_rest_of(const imi_landmarks *frontal);
/** Yaw and pitch since rest; NaN where there is no answer. */
imi_gen_turn pose_judge_turn(pose_judge judge, const pose_known *known, const pose_rest *rest,
                             const imi_landmarks *mesh);

#endif
