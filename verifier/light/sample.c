#include "sample.h"

#include <math.h>

/* Clipped or black channels say nothing of the light's colour. */
enum { CHANNEL_MIN = 10, CHANNEL_MAX = 247 };
/* Fewer leave the mean of JPEG blocks with more noise than the light's answer has. */
enum { SKIN_PIXELS_MIN = 200, BACKGROUND_PIXELS_MIN = 400 };
/* Every fourth pixel each way: the chroma of a 4:2:0 JPEG varies no faster. */
enum { BACKGROUND_STRIDE = 4 };

/* Middle of the cheeks and of the forehead: skin in every pose that the challenge asks for. */
static const uint16_t skin_points[] = {50,  280, 205, 425, 101, 330, 36,
                                       266, 151, 108, 337, 69,  299, 9};
enum { SKIN_POINT_COUNT = sizeof skin_points / sizeof skin_points[0] };
/* Half the side of the square about each point, in widths of the face. */
static const float skin_reach = 0.03f;

/* How far the head's hair and ears reach over the mesh, in widths and heights of it. */
static const float margin_beside = 0.40f;
static const float margin_above = 0.50f;

typedef struct light_sum {
    double red, green, blue;
    uint32_t count;
} light_sum;

/* Pixels from left to right and top to bottom, the last ones left out. */
typedef struct area {
    int32_t left, top, right, bottom;
} area;

void imi_light_curve_init(imi_light_curve *curve)
{
    for (unsigned value = 0; value < 256; value++) {
        curve->linear[value] = imi_light_linear((uint8_t)value);
    }
}

static bool is_unclipped(const uint8_t *pixel)
{
    for (int channel = 0; channel < 3; channel++) {
        if (pixel[channel] < CHANNEL_MIN || pixel[channel] > CHANNEL_MAX) {
            return false;
        }
    }
    return true;
}

static void add_area(const imi_light_curve *curve, const imi_image *image, area part,
                     int32_t stride, light_sum *sum)
{
    for (int32_t y = part.top; y < part.bottom; y += stride) {
        const uint8_t *row = imi_image_row(image, (uint32_t)y);
        for (int32_t x = part.left; x < part.right; x += stride) {
            const uint8_t *pixel = row + 3 * (size_t)x;
            if (is_unclipped(pixel)) {
                sum->red += (double)curve->linear[pixel[0]];
                sum->green += (double)curve->linear[pixel[1]];
                sum->blue += (double)curve->linear[pixel[2]];
                sum->count++;
            }
        }
    }
}

static bool chroma_of(const light_sum *sum, uint32_t pixels_min, imi_chroma *out)
{
    *out = (imi_chroma){0, 0};
    if (sum->count < pixels_min) {
        return false;
    }
    *out = (imi_chroma){(float)log(sum->red / sum->green), (float)log(sum->blue / sum->green)};
    return true;
}

/* Landmarks may be anywhere, or no numbers at all. */
static int32_t clamp_to(float value, uint32_t size)
{
    return value > 0.0f ? (int32_t)fminf(value, (float)size) : 0;
}

static area clip(const imi_image *image, float left, float top, float right, float bottom)
{
    return (area){clamp_to(left, image->width), clamp_to(top, image->height),
                  clamp_to(right, image->width), clamp_to(bottom, image->height)};
}

typedef struct extent {
    float left, top, right, bottom;
} extent;

static extent extent_of(const imi_landmarks *landmarks)
{
    const imi_point3 *points = landmarks->points;
    extent mesh = {points[0].x, points[0].y, points[0].x, points[0].y};
    for (int i = 1; i < IMI_MESH_POINTS; i++) {
        mesh.left = fminf(mesh.left, points[i].x);
        mesh.right = fmaxf(mesh.right, points[i].x);
        mesh.top = fminf(mesh.top, points[i].y);
        mesh.bottom = fmaxf(mesh.bottom, points[i].y);
    }
    return mesh;
}

bool imi_light_sample_skin(const imi_light_curve *curve, const imi_image *image,
                           const imi_landmarks *landmarks, imi_chroma *out)
{
    extent mesh = extent_of(landmarks);
    float reach = skin_reach * (mesh.right - mesh.left);
    light_sum sum = {0};
    for (int i = 0; i < SKIN_POINT_COUNT; i++) {
        imi_point3 at = landmarks->points[skin_points[i]];
        area part = clip(image, at.x - reach, at.y - reach, at.x + reach, at.y + reach);
        add_area(curve, image, part, 1, &sum);
    }
    return chroma_of(&sum, SKIN_PIXELS_MIN, out);
}

bool imi_light_sample_background(const imi_light_curve *curve, const imi_image *image,
                                 const imi_landmarks *landmarks, imi_chroma *out)
{
    extent mesh = extent_of(landmarks);
    float beside = margin_beside * (mesh.right - mesh.left);
    float above = margin_above * (mesh.bottom - mesh.top);
    float width = (float)image->width;
    area parts[] = {
        clip(image, 0, 0, width, mesh.top - above),
        clip(image, 0, mesh.top - above, mesh.left - beside, mesh.bottom),
        clip(image, mesh.right + beside, mesh.top - above, width, mesh.bottom),
    };
    light_sum sum = {0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        add_area(curve, image, parts[i], BACKGROUND_STRIDE, &sum);
    }
    return chroma_of(&sum, BACKGROUND_PIXELS_MIN, out);
}
