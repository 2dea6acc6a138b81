#include "stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { OUTLINE_POINTS = 36, SAMPLES_ACROSS = 900, SAMPLES_DOWN = 1100 };

static const double RAD_PER_DEG = 0.017453292519943295;
static const double GOLDEN_ANGLE = 2.399963;
static const double FOCAL_PX = 560;
static const double REST_DISTANCE = 7.5; /* 46 cm */
static const double HALF_WIDTH = 1.15;
static const double HALF_HEIGHT = 1.4;
static const double MIDDLE_Y = 0.2;
static const double CURL_RADIUS = 1.3;

static const uint16_t outline[OUTLINE_POINTS] = {
    10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109,
};

/* Where the named points lie on the front of the face, in inter-eye distances. */
static const struct {
    unsigned index;
    double x, y;
} features[] = {
    {IMI_MESH_NOSE_TIP, 0, 0.5},         {2, 0, 0.75},
    {IMI_MESH_RIGHT_EYE_OUTER, -.72, 0}, {IMI_MESH_RIGHT_EYE_INNER, -.28, 0},
    {IMI_MESH_LEFT_EYE_INNER, .28, 0},   {IMI_MESH_LEFT_EYE_OUTER, .72, 0},
};

typedef struct vec3 {
    double x, y, z;
} vec3;

stage_pose stage_at_rest(stage_surface surface)
{
    return (stage_pose){.surface = surface, .distance = REST_DISTANCE};
}

/* An ellipsoid with a nose, z into the head. */
static double depth(double x, double y)
{
    double v = y - MIDDLE_Y;
    double bulge = 1 - x * x / (1.35 * 1.35) - v * v / (1.9 * 1.9);
    double nose = 0.45 * exp(-x * x / 0.03 - (y - 0.5) * (y - 0.5) / 0.1);
    return 1.2 * (1 - sqrt(fmax(bulge, 0))) - nose;
}

/* Where the surface holds what the head has at (x, y). */
static vec3 place(stage_surface surface, double x, double y)
{
    double z = depth(x, y);
    if (surface == STAGE_HEAD) {
        return (vec3){x, y, z};
    }
    double taken = REST_DISTANCE / (REST_DISTANCE + z);
    vec3 ink = {x * taken, y * taken, 0};
    if (surface == STAGE_CURLED) {
        ink.z = CURL_RADIUS * (1 - cos(ink.x / CURL_RADIUS));
        ink.x = CURL_RADIUS * sin(ink.x / CURL_RADIUS);
    }
    return ink;
}

static vec3 turn(const stage_pose *pose, vec3 p)
{
    double cy = cos(pose->yaw_deg * RAD_PER_DEG);
    double sy = sin(pose->yaw_deg * RAD_PER_DEG);
    double cp = cos(pose->pitch_deg * RAD_PER_DEG);
    double sp = sin(pose->pitch_deg * RAD_PER_DEG);
    vec3 a = {p.x, cp * p.y + sp * p.z, -sp * p.y + cp * p.z};
    return (vec3){cy * a.x - sy * a.z, a.y, sy * a.x + cy * a.z};
}

static imi_point3 project(const stage_pose *pose, double x, double y)
{
    vec3 p = turn(pose, place(pose->surface, x, y));
    double scale = FOCAL_PX / (pose->distance + p.z);
    /* The landmarker believes in the face on a photo: it reports a head's depth. */
    double z = pose->surface == STAGE_HEAD ? p.z : depth(x, y);
    return (imi_point3){(float)(STAGE_WIDTH / 2.0 + pose->shift_x + scale * p.x),
                        (float)(STAGE_HEIGHT / 2.0 + scale * p.y),
                        (float)(FOCAL_PX / pose->distance * z)};
}

void stage_mesh(const stage_pose *pose, imi_landmarks *out)
{
    *out = (imi_landmarks){.presence = 0.99F};
    /* Like the seeds of a sunflower. */
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        double radius = sqrt((i + 0.5) / IMI_MESH_POINTS);
        double angle = i * GOLDEN_ANGLE;
        out->points[i] = project(pose, HALF_WIDTH * radius * cos(angle),
                                 MIDDLE_Y + HALF_HEIGHT * radius * sin(angle));
    }
    for (unsigned i = 0; i < OUTLINE_POINTS; i++) {
        double angle = i * 360.0 / OUTLINE_POINTS * RAD_PER_DEG;
        out->points[outline[i]] =
            project(pose, HALF_WIDTH * sin(angle), MIDDLE_Y - HALF_HEIGHT * cos(angle));
    }
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        out->points[features[i].index] = project(pose, features[i].x, features[i].y);
    }
}

static double lattice(int x, int y)
{
    uint64_t h =
        (uint64_t)(x + 1000) * 0x9e3779b97f4a7c15U + (uint64_t)(y + 1000) * 0xc2b2ae3d27d4eb4fU;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9U;
    return (double)(h >> 40) / 16777216.0 - 0.5;
}

/* Noise that is smooth over `size`. */
static double blur(double x, double y, double size)
{
    int left = (int)floor(x / size);
    int top = (int)floor(y / size);
    double u = x / size - left;
    double v = y / size - top;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    return (lattice(left, top) * (1 - u) + lattice(left + 1, top) * u) * (1 - v) +
           (lattice(left, top + 1) * (1 - u) + lattice(left + 1, top + 1) * u) * v;
}

/* Brightness of the skin at (x, y). */
static double texture(double x, double y)
{
    return 128 + 90 * blur(x, y, 0.11) + 60 * blur(x + 7, y, 0.3);
}

enum { STAGE_PIXELS = STAGE_WIDTH * STAGE_HEIGHT };

/* Samples of the surface fall into pixels, several into each. */
static void scatter(const stage_pose *pose, float sum[STAGE_PIXELS], float count[STAGE_PIXELS])
{
    for (int j = 0; j < SAMPLES_DOWN; j++) {
        for (int i = 0; i < SAMPLES_ACROSS; i++) {
            double u = 2.0 * i / SAMPLES_ACROSS - 1;
            double v = 2.0 * j / SAMPLES_DOWN - 1;
            double x = HALF_WIDTH * u;
            double y = MIDDLE_Y + HALF_HEIGHT * v;
            imi_point3 p = project(pose, x, y);
            int px = (int)floorf(p.x + 0.5F);
            int py = (int)floorf(p.y + 0.5F);
            if (u * u + v * v < 1 && px >= 0 && py >= 0 && px < STAGE_WIDTH && py < STAGE_HEIGHT) {
                sum[py * STAGE_WIDTH + px] += (float)texture(x, y);
                count[py * STAGE_WIDTH + px] += 1;
            }
        }
    }
}

static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 40) / 8388608.0 - 1;
}

imi_image *stage_draw(const stage_pose *pose, imi_pixel_format format)
{
    static float sum[STAGE_PIXELS];
    static float count[STAGE_PIXELS];
    for (int i = 0; i < STAGE_PIXELS; i++) {
        sum[i] = 0;
        count[i] = 0;
    }
    if (!pose->blank) {
        scatter(pose, sum, count);
    }
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(STAGE_WIDTH, STAGE_HEIGHT, format, &image, NULL), IMI_OK);
    uint64_t random = pose->seed * 2862933555777941757U + 3037000493U;
    for (int i = 0; i < STAGE_PIXELS; i++) {
        double value = count[i] > 0 ? sum[i] / count[i] : 90;
        value += pose->blank ? 0 : 3 * noise(&random);
        uint8_t *pixel = image->pixels + (size_t)(i / STAGE_WIDTH) * image->stride_bytes +
                         (size_t)(i % STAGE_WIDTH) * (size_t)format;
        for (int c = 0; c < (int)format; c++) {
            pixel[c] = (uint8_t)fmin(fmax(value + 0.5, 0), 255);
        }
    }
    return image;
}
