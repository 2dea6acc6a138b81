#include "imi/face_measure.h"

#include <math.h>

/* Lid points of the mesh: two upper-lower pairs an eye, a third of the width from each corner. */
enum {
    RIGHT_UPPER_OUTER = 160,
    RIGHT_LOWER_OUTER = 144,
    RIGHT_UPPER_INNER = 158,
    RIGHT_LOWER_INNER = 153,
    LEFT_UPPER_INNER = 385,
    LEFT_LOWER_INNER = 380,
    LEFT_UPPER_OUTER = 387,
    LEFT_LOWER_OUTER = 373
};

static const float DEG_PER_RAD = 57.29577951F;

static imi_point3 subtract(imi_point3 a, imi_point3 b)
{
    return (imi_point3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static imi_point3 middle(imi_point3 a, imi_point3 b)
{
    return (imi_point3){(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2};
}

static float dot(imi_point3 a, imi_point3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static float distance(imi_point3 a, imi_point3 b)
{
    imi_point3 d = subtract(a, b);
    return sqrtf(dot(d, d));
}

/* Unit vector; NaN when there is no direction. */
static imi_point3 normalise(imi_point3 v)
{
    float length = sqrtf(dot(v, v));
    float scale = length > 0 ? 1 / length : NAN;
    return (imi_point3){v.x * scale, v.y * scale, v.z * scale};
}

static imi_point3 cross(imi_point3 a, imi_point3 b)
{
    return (imi_point3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/* From the subject's right to their left: eyes and cheeks together, as each alone is noisy. */
static imi_point3 head_x_axis(const imi_point3 *p)
{
    imi_point3 eyes = normalise(subtract(p[IMI_MESH_LEFT_EYE_OUTER], p[IMI_MESH_RIGHT_EYE_OUTER]));
    imi_point3 cheeks =
        normalise(subtract(p[IMI_MESH_LEFT_CHEEK_EDGE], p[IMI_MESH_RIGHT_CHEEK_EDGE]));
    return normalise((imi_point3){eyes.x + cheeks.x, eyes.y + cheeks.y, eyes.z + cheeks.z});
}

imi_head_pose imi_face_head_pose(const imi_landmarks *landmarks)
{
    const imi_point3 *p = landmarks->points;
    imi_point3 x = head_x_axis(p);
    imi_point3 down = normalise(subtract(p[IMI_MESH_CHIN], p[IMI_MESH_FOREHEAD_TOP]));
    imi_point3 z = normalise(cross(x, down));
    imi_point3 y = cross(z, x);
    return (imi_head_pose){
        .yaw_deg = DEG_PER_RAD * atan2f(x.z, hypotf(x.x, x.y)),
        .pitch_deg = DEG_PER_RAD * atan2f(-y.z, z.z),
        .roll_deg = DEG_PER_RAD * atan2f(x.y, x.x),
    };
}

/* Quotient of two lengths; NaN unless it is a finite number. */
static float ratio(float part, float whole)
{
    float value = part / whole;
    return isfinite(whole) && isfinite(value) ? value : NAN;
}

static float eye_aspect(float lids_a, float lids_b, float width)
{
    return ratio(lids_a + lids_b, 2 * width);
}

imi_eye_openness imi_face_eye_openness(const imi_landmarks *landmarks)
{
    const imi_point3 *p = landmarks->points;
    return (imi_eye_openness){
        .right = eye_aspect(distance(p[RIGHT_UPPER_OUTER], p[RIGHT_LOWER_OUTER]),
                            distance(p[RIGHT_UPPER_INNER], p[RIGHT_LOWER_INNER]),
                            distance(p[IMI_MESH_RIGHT_EYE_OUTER], p[IMI_MESH_RIGHT_EYE_INNER])),
        .left = eye_aspect(distance(p[LEFT_UPPER_OUTER], p[LEFT_LOWER_OUTER]),
                           distance(p[LEFT_UPPER_INNER], p[LEFT_LOWER_INNER]),
                           distance(p[IMI_MESH_LEFT_EYE_OUTER], p[IMI_MESH_LEFT_EYE_INNER])),
    };
}

imi_point3 imi_face_right_eye(const imi_landmarks *landmarks)
{
    return middle(landmarks->points[IMI_MESH_RIGHT_EYE_OUTER],
                  landmarks->points[IMI_MESH_RIGHT_EYE_INNER]);
}

imi_point3 imi_face_left_eye(const imi_landmarks *landmarks)
{
    return middle(landmarks->points[IMI_MESH_LEFT_EYE_OUTER],
                  landmarks->points[IMI_MESH_LEFT_EYE_INNER]);
}

float imi_face_inter_eye_distance(const imi_landmarks *landmarks)
{
    float eyes = distance(imi_face_right_eye(landmarks), imi_face_left_eye(landmarks));
    return eyes > 0 && isfinite(eyes) ? eyes : NAN;
}

float imi_face_mouth_openness(const imi_landmarks *landmarks)
{
    float gap = distance(landmarks->points[IMI_MESH_UPPER_LIP_INNER],
                         landmarks->points[IMI_MESH_LOWER_LIP_INNER]);
    return ratio(gap, imi_face_inter_eye_distance(landmarks));
}
