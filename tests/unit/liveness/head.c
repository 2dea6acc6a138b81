#include "head.h"

#include <math.h>

static const double RAD_PER_DEG = 0.017453292519943295;
static const double FOCAL_PX = 560;
static const double REST_DISTANCE = 7.5; /* 46 cm */

typedef struct vec3 {
    double x, y, z;
} vec3;

/* Named points in inter-eye distances: x to the subject's left, y down, z into the head. */
static const struct {
    unsigned index;
    vec3 at;
} features[] = {
    {IMI_MESH_NOSE_TIP, {0, 0.55, -0.45}},           {2, {0, 0.75, -0.28}}, /* base of the nose */
    {IMI_MESH_FOREHEAD_TOP, {0, -1.2, 0.12}},        {IMI_MESH_CHIN, {0, 1.6, 0.12}},
    {IMI_MESH_RIGHT_EYE_OUTER, {-0.72, 0, 0.18}},    {IMI_MESH_RIGHT_EYE_INNER, {-0.28, 0, 0.04}},
    {IMI_MESH_LEFT_EYE_INNER, {0.28, 0, 0.04}},      {IMI_MESH_LEFT_EYE_OUTER, {0.72, 0, 0.18}},
    {IMI_MESH_RIGHT_MOUTH, {-0.4, 1.05, 0.02}},      {IMI_MESH_LEFT_MOUTH, {0.4, 1.05, 0.02}},
    {IMI_MESH_UPPER_LIP_INNER, {0, 1.05, -0.12}},    {IMI_MESH_LOWER_LIP_INNER, {0, 1.05, -0.12}},
    {IMI_MESH_RIGHT_CHEEK_EDGE, {-1.12, 0.2, 0.95}}, {IMI_MESH_LEFT_CHEEK_EDGE, {1.12, 0.2, 0.95}},
};

/* Lid points: which eye, and whether the upper lid. */
static const struct {
    unsigned index;
    double x;
    double side; /* -1 upper, +1 lower */
} lids[] = {
    {160, -0.57, -1}, {144, -0.57, 1}, {158, -0.43, -1}, {153, -0.43, 1},
    {385, 0.43, -1},  {380, 0.43, 1},  {387, 0.57, -1},  {373, 0.57, 1},
};

static double next_noise(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 40) / 8388608.0 - 1;
}

/* Points on an ellipsoid with a nose, spread like seeds of a sunflower. */
static vec3 surface_point(unsigned index)
{
    double radius = sqrt((index + 0.5) / IMI_MESH_POINTS);
    double angle = index * 2.399963;
    double x = 1.15 * radius * cos(angle);
    double y = 0.2 + 1.4 * radius * sin(angle);
    double bulge = 1 - x * x / (1.35 * 1.35) - (y - 0.2) * (y - 0.2) / (1.9 * 1.9);
    double nose = 0.45 * exp(-x * x / 0.03 - (y - 0.5) * (y - 0.5) / 0.1);
    return (vec3){x, y, 1.2 * (1 - sqrt(fmax(bulge, 0))) - nose};
}

static void build(const head_pose *pose, uint64_t *random, vec3 out[IMI_MESH_POINTS])
{
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        out[i] = surface_point(i);
    }
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        out[features[i].index] = features[i].at;
    }
    double eyes = pose->eyes * (1 + pose->eye_noise * next_noise(random));
    for (size_t i = 0; i < sizeof lids / sizeof lids[0]; i++) {
        out[lids[i].index] = (vec3){lids[i].x, lids[i].side * (0.02 + 0.05 * eyes), 0.1};
    }
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        out[i].y += out[i].y > 1.1 ? pose->mouth : 0; /* the jaw moves with the lower lip */
        out[i].x *= pose->width;
    }
    out[IMI_MESH_LOWER_LIP_INNER].y = out[IMI_MESH_UPPER_LIP_INNER].y + 0.02 + pose->mouth;
}

static vec3 turn(const head_pose *pose, vec3 p)
{
    double cy = cos(pose->yaw_deg * RAD_PER_DEG);
    double sy = sin(pose->yaw_deg * RAD_PER_DEG);
    double cp = cos(pose->pitch_deg * RAD_PER_DEG);
    double sp = sin(pose->pitch_deg * RAD_PER_DEG);
    double cr = cos(pose->roll_deg * RAD_PER_DEG);
    double sr = sin(pose->roll_deg * RAD_PER_DEG);
    vec3 a = {p.x, cp * p.y + sp * p.z, -sp * p.y + cp * p.z};
    vec3 b = {cy * a.x - sy * a.z, a.y, sy * a.x + cy * a.z};
    return (vec3){cr * b.x - sr * b.y, sr * b.x + cr * b.y, b.z};
}

static imi_point3 project(const head_pose *pose, vec3 p)
{
    double scale = FOCAL_PX / (pose->distance + p.z);
    return (imi_point3){(float)(HEAD_IMAGE_WIDTH / 2.0 + pose->shift_x + scale * p.x),
                        (float)(HEAD_IMAGE_HEIGHT / 2.0 + pose->shift_y + scale * p.y),
                        (float)(FOCAL_PX / pose->distance * p.z)};
}

/*
 * A photo was taken at rest, and is now turned as a sheet. The landmarker believes in the face
 * on it: it reports the depth of a face that looks at the camera.
 */
static imi_point3 project_print(const head_pose *pose, vec3 p)
{
    double taken = REST_DISTANCE / (REST_DISTANCE + p.z);
    vec3 ink = turn(pose, (vec3){p.x * taken, p.y * taken, 0});
    imi_point3 seen = project(pose, ink);
    seen.z = (float)(FOCAL_PX / pose->distance * p.z);
    return seen;
}

head_pose head_at_rest(void)
{
    return (head_pose){.distance = REST_DISTANCE, .eyes = 1, .width = 1};
}

void head_look(const head_pose *pose, head_view *out)
{
    uint64_t random = pose->seed * 2862933555777941757U + 3037000493U;
    vec3 head[IMI_MESH_POINTS];
    build(pose, &random, head);
    *out = (head_view){.box = {1e9F, 1e9F, 0, 0, 0.99F}, .landmarks.presence = 0.99F};
    float right = -1e9F;
    float bottom = -1e9F;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p =
            pose->flat ? project_print(pose, head[i]) : project(pose, turn(pose, head[i]));
        p.x += (float)(pose->noise_px * next_noise(&random));
        p.y += (float)(pose->noise_px * next_noise(&random));
        p.z += (float)(pose->noise_px * next_noise(&random));
        out->landmarks.points[i] = p;
        out->box.left = fminf(out->box.left, p.x);
        out->box.top = fminf(out->box.top, p.y);
        right = fmaxf(right, p.x);
        bottom = fmaxf(bottom, p.y);
    }
    out->box.width = right - out->box.left;
    out->box.height = bottom - out->box.top;
    out->quality.face_count = 1;
}
