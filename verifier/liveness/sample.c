#include "sample.h"

#include "imi/face_measure.h"
#include "limits.h"

#include <math.h>

static bool is_inside(imi_point3 p, const imi_observation *o)
{
    return p.x >= 0 && p.y >= 0 && p.x <= (float)o->image_width && p.y <= (float)o->image_height;
}

static bool mesh_is_finite(const imi_landmarks *mesh)
{
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = mesh->points[i];
        if (!isfinite(p.x) || !isfinite(p.y) || !isfinite(p.z)) {
            return false;
        }
    }
    return true;
}

/* The face counts as whole if hardly a point above the mouth lies outside the image. */
static bool face_is_whole(const imi_observation *o)
{
    float lowest = o->landmarks->points[IMI_MESH_UPPER_LIP_INNER].y;
    unsigned count = 0;
    unsigned inside = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        if (o->landmarks->points[i].y < lowest) {
            count++;
            inside += is_inside(o->landmarks->points[i], o) ? 1 : 0;
        }
    }
    return count > 0 && (float)inside >= LIMIT_WHOLE_SHARE * (float)count;
}

static imi_oval oval_of_face(const imi_observation *o, float side_px)
{
    imi_point3 top = o->landmarks->points[IMI_MESH_FOREHEAD_TOP];
    imi_point3 chin = o->landmarks->points[IMI_MESH_CHIN];
    return (imi_oval){(top.x + chin.x) / 2 / (float)o->image_width,
                      (top.y + chin.y) / 2 / (float)o->image_height,
                      hypotf(top.x - chin.x, top.y - chin.y) / side_px};
}

static bool sample_is_finite(const imi_liveness_sample *s)
{
    return isfinite(s->face.centre_x) && isfinite(s->face.centre_y) && s->face.height > 0 &&
           isfinite(s->mouth) && isfinite(s->right_eye) && isfinite(s->left_eye) &&
           isfinite(s->pose.yaw_deg) && isfinite(s->pose.pitch_deg) && isfinite(s->pose.roll_deg);
}

bool imi_liveness_sample_take(const imi_observation *observation, imi_liveness_sample *out)
{
    const imi_landmarks *mesh = observation->landmarks;
    if (observation->box == NULL || mesh == NULL || observation->reason == IMI_CAPTURE_NO_FACE ||
        !(mesh->presence >= LIMIT_PRESENCE) || !mesh_is_finite(mesh)) {
        return false;
    }
    imi_eye_openness eyes = imi_face_eye_openness(mesh);
    uint32_t width = observation->image_width;
    uint32_t height = observation->image_height;
    float side_px = (float)(width < height ? width : height);
    *out = (imi_liveness_sample){
        .at_ms = observation->captured_at_ms,
        .image_side_px = side_px,
        .wide = (float)width / side_px,
        .high = (float)height / side_px,
        .face = oval_of_face(observation, side_px),
        .inter_eye_px = imi_face_inter_eye_distance(mesh),
        .mouth = imi_face_mouth_openness(mesh),
        .right_eye = eyes.right,
        .left_eye = eyes.left,
        .pose = imi_face_head_pose(mesh),
        .whole = face_is_whole(observation) && observation->reason != IMI_CAPTURE_FACE_CUT_OFF,
        .fit = observation->reason == IMI_CAPTURE_OK,
        .landmarks = *mesh,
    };
    return out->inter_eye_px >= LIMIT_INTER_EYE_PX && sample_is_finite(out);
}
