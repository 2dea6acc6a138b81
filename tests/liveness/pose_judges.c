#include "pose_judges.h"

#include "imi/face_measure.h"

#include <math.h>

/* Focal length of a lens that sees 60 degrees to that of one that sees 75. */
static const double OTHER_LENS = 0.7525;

const char *pose_judge_name(pose_judge judge)
{
    static const char *const NAMES[POSE_JUDGES] = {"fit", "axes", "pnp", "mean", "other"};
    return NAMES[judge];
}

pose_rest pose_rest_of(const imi_landmarks *frontal)
{
    pose_rest rest = {.frontal = *frontal};
    imi_mesh_upper_face(frontal, &rest.upper);
    return rest;
}

static imi_gen_turn by_fit(const pose_rest *rest, const imi_landmarks *mesh)
{
    imi_solid_fit fit = imi_mesh_fit_solid(&rest->frontal, mesh, &rest->upper);
    return (imi_gen_turn){.yaw_deg = fit.yaw_deg, .pitch_deg = fit.pitch_deg};
}

static imi_gen_turn by_axes(const pose_rest *rest, const imi_landmarks *mesh)
{
    imi_head_pose from = imi_face_head_pose(&rest->frontal);
    imi_head_pose to = imi_face_head_pose(mesh);
    return (imi_gen_turn){.yaw_deg = to.yaw_deg - from.yaw_deg,
                          .pitch_deg = to.pitch_deg - from.pitch_deg};
}

static imi_gen_turn by_pnp(const imi_gen_lens *lens, const pnp_model *model, const pose_rest *rest,
                           const imi_landmarks *mesh)
{
    imi_gen_turn from;
    imi_gen_turn to;
    if (!pnp_solve(lens, model, &rest->frontal, &rest->upper, &from) ||
        !pnp_solve(lens, model, mesh, &rest->upper, &to)) {
        return (imi_gen_turn){.yaw_deg = NAN, .pitch_deg = NAN};
    }
    return (imi_gen_turn){.yaw_deg = to.yaw_deg - from.yaw_deg,
                          .pitch_deg = to.pitch_deg - from.pitch_deg};
}

imi_gen_turn pose_judge_turn(pose_judge judge, const pose_known *known, const pose_rest *rest,
                             const imi_landmarks *mesh)
{
    imi_gen_lens lens = known->lens;
    pnp_model own;
    switch (judge) {
    case POSE_FIT:
        return by_fit(rest, mesh);
    case POSE_AXES:
        return by_axes(rest, mesh);
    case POSE_PNP:
        own = pnp_model_of(&lens, &rest->frontal);
        return by_pnp(&lens, &own, rest, mesh);
    case POSE_MEAN:
        return by_pnp(&lens, &known->mean, rest, mesh);
    case POSE_OTHER_LENS:
    default:
        lens.focal_px *= OTHER_LENS;
        return by_pnp(&lens, &known->mean, rest, mesh);
    }
}
