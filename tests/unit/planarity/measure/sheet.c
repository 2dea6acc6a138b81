#include "sheet.h"

#include <math.h>

enum { JPEG_QUALITY = 80 };

static const double RAD_PER_DEG = 0.017453292519943295;
static const double SENSOR_NOISE = 3; /* grey levels */
static const double SCREEN_PITCH_PX = 1.9; /* picture pixels to one of the screen's */

typedef struct vec3 {
    double x, y, z;
} vec3;

/* All lengths in picture pixels. The camera looks along z from the origin. */
typedef struct scene {
    const imi_image *picture;
    imi_sheet_hold hold;
    double centre_x, centre_y; /* of the picture and of the image */
    double focal, distance;
    vec3 right, down, away; /* the sheet's axes as the camera sees them */
    double axis_cos, axis_sin;
} scene;

static scene make_scene(const imi_image *picture, double x, double y, const imi_sheet_hold *hold)
{
    double cy = cos(hold->yaw_deg * RAD_PER_DEG);
    double sy = sin(hold->yaw_deg * RAD_PER_DEG);
    double cp = cos(hold->pitch_deg * RAD_PER_DEG);
    double sp = sin(hold->pitch_deg * RAD_PER_DEG);
    double cr = cos(hold->roll_deg * RAD_PER_DEG);
    double sr = sin(hold->roll_deg * RAD_PER_DEG);
    return (scene){
        .picture = picture,
        .hold = *hold,
        .centre_x = x,
        .centre_y = y,
        .focal = picture->width, /* about 53 degrees across, as phones have */
        .distance = picture->width / hold->nearness,
        .right = {cr * cy, sr * cy, -sy},
        .down = {cr * sy * sp - sr * cp, sr * sy * sp + cr * cp, cy * sp},
        .away = {cr * sy * cp + sr * sp, sr * sy * cp - cr * sp, cy * cp},
        .axis_cos = cos(hold->axis_deg * RAD_PER_DEG),
        .axis_sin = sin(hold->axis_deg * RAD_PER_DEG),
    };
}

static double dot(vec3 a, vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* Along the bent direction, along the axis, away: where a line meets the sheet. */
static bool meet(const scene *s, vec3 from, vec3 along, double *across, double *upright)
{
    double t = -from.z / along.z;
    *across = from.x + t * along.x;
    if (s->hold.curl > 0) {
        double radius = s->picture->width / s->hold.curl;
        double a = along.x * along.x + along.z * along.z;
        double b = from.x * along.x + (from.z - radius) * along.z;
        double c = from.x * from.x + (from.z - radius) * (from.z - radius) - radius * radius;
        double root = b * b - a * c;
        if (!(root >= 0)) {
            return false;
        }
        t = (-b - sqrt(root)) / a;
        *across = radius * atan2(from.x + t * along.x, radius - (from.z + t * along.z));
    }
    *upright = from.y + t * along.y;
    return t > 0 && isfinite(t);
}

/* Where the line of sight through (x, y) meets the picture. */
static bool cast(const scene *s, double x, double y, double *picture_x, double *picture_y)
{
    vec3 sight = {x - s->centre_x - s->hold.shift * s->picture->width, y - s->centre_y, s->focal};
    vec3 camera = {0, 0, -s->distance};
    double right = dot(sight, s->right);
    double down = dot(sight, s->down);
    double camera_right = dot(camera, s->right);
    double camera_down = dot(camera, s->down);
    vec3 along = {s->axis_cos * right + s->axis_sin * down,
                  s->axis_cos * down - s->axis_sin * right, dot(sight, s->away)};
    vec3 from = {s->axis_cos * camera_right + s->axis_sin * camera_down,
                 s->axis_cos * camera_down - s->axis_sin * camera_right, dot(camera, s->away)};
    double across;
    double upright;
    if (!meet(s, from, along, &across, &upright)) {
        return false;
    }
    *picture_x = s->centre_x + s->axis_cos * across - s->axis_sin * upright;
    *picture_y = s->centre_y + s->axis_sin * across + s->axis_cos * upright;
    return *picture_x >= 0 && *picture_y >= 0 && *picture_x < s->picture->width - 1 &&
           *picture_y < s->picture->height - 1;
}

static double sample(const imi_image *picture, double x, double y, unsigned channel)
{
    uint32_t left = (uint32_t)x;
    uint32_t top = (uint32_t)y;
    double fx = x - left;
    double fy = y - top;
    const uint8_t *a = imi_image_row(picture, top) + (size_t)left * 3 + channel;
    const uint8_t *b = imi_image_row(picture, top + 1) + (size_t)left * 3 + channel;
    return (a[0] * (1 - fx) + a[3] * fx) * (1 - fy) + (b[0] * (1 - fx) + b[3] * fx) * fy;
}

/* Dark lines between the screen's pixels, and a lamp's reflection that stays where it is. */
static double as_screen(double value, double picture_x, double picture_y, double x, double y)
{
    const double tau = 6.283185307179586;
    double grid = cos(tau * picture_x / SCREEN_PITCH_PX) + cos(tau * picture_y / SCREEN_PITCH_PX);
    double lamp = exp(-((x - 150) * (x - 150) + (y - 120) * (y - 120)) / (2 * 40 * 40));
    return value * (0.9 + 0.05 * grid) + 50 * lamp;
}

/* About normal, from the sum of four bytes of a multiplicative generator. */
static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    uint64_t bits = *state >> 32;
    double sum = (double)((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24));
    return (sum - 510) / 147.8;
}

static void draw(const scene *s, uint32_t seed, imi_image *out)
{
    uint64_t state = seed * 2654435761U + 1U;
    for (uint32_t y = 0; y < out->height; y++) {
        uint8_t *row = out->pixels + (size_t)y * out->stride_bytes;
        for (uint32_t x = 0; x < out->width; x++) {
            double px = 0;
            double py = 0;
            bool hit = cast(s, x, y, &px, &py);
            for (unsigned c = 0; c < 3; c++) {
                double value = hit ? sample(s->picture, px, py, c) : 60 + 10 * c;
                value = hit && s->hold.screen ? as_screen(value, px, py, x, y) : value;
                value += SENSOR_NOISE * noise(&state);
                row[3 * x + c] = (uint8_t)fmin(fmax(value + 0.5, 0), 255);
            }
        }
    }
}

imi_status imi_sheet_draw(const imi_image *picture, double x, double y, const imi_sheet_hold *hold,
                          uint32_t seed, imi_image **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_image_new(picture->width, picture->height, IMI_PIXEL_RGB8, &image, err));
    scene s = make_scene(picture, x, y, hold);
    draw(&s, seed, image);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_jpeg_encode(image, JPEG_QUALITY, &jpeg, err));
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    return imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, out, err);
}
