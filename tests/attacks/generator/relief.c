#include "relief.h"

static const double STILL_DISTANCE_CM = 130; /* from which portraits are taken */

imi_gen_point imi_gen_relief_point(const imi_gen_portrait *portrait, imi_point at, double depth_cm)
{
    double cm_per_px = IMI_GEN_EYES_CM / IMI_GEN_EYES_PX;
    double spread = cm_per_px * (1 + depth_cm / STILL_DISTANCE_CM);
    return (imi_gen_point){((double)at.x - portrait->eyes.x) * spread,
                           ((double)at.y - portrait->eyes.y) * spread, depth_cm};
}

imi_gen_point imi_gen_relief_place(imi_gen_point rest, double follows, const imi_gen_matrix *turn,
                                   const imi_gen_pose *pose)
{
    imi_gen_point from_neck = imi_gen_subtract(rest, IMI_GEN_NECK);
    imi_gen_point turned = imi_gen_add(IMI_GEN_NECK, imi_gen_rotate(turn, from_neck));
    imi_gen_point at = imi_gen_blend(rest, turned, follows);
    return imi_gen_add(at, (imi_gen_point){pose->x_cm, pose->y_cm, pose->distance_cm});
}
