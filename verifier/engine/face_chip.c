#include "face_chip.h"

#include "imi/face_measure.h"

#include <math.h>

enum { ANCHORS = 4 };

/* Mouth corners lie 0.83 eye distances apart: the mean over faces, as in ArcFace's template. */
static const imi_point anchors_in_chip[ANCHORS] = {
    {IMI_CHIP_RIGHT_EYE_X, IMI_CHIP_EYE_Y},
    {IMI_CHIP_LEFT_EYE_X, IMI_CHIP_EYE_Y},
    {IMI_CHIP_MIDDLE_X - 20, IMI_CHIP_MOUTH_Y},
    {IMI_CHIP_MIDDLE_X + 20, IMI_CHIP_MOUTH_Y},
};

static imi_point middle_of(const imi_point *points)
{
    imi_point sum = {0, 0};
    for (int i = 0; i < ANCHORS; i++) {
        sum.x += points[i].x / ANCHORS;
        sum.y += points[i].y / ANCHORS;
    }
    return sum;
}

/* Least-squares similarity: with points as complex numbers, the quotient <to, from> / |from|^2. */
static imi_affine fit_similarity(const imi_point *from, const imi_point *to)
{
    imi_point from_middle = middle_of(from);
    imi_point to_middle = middle_of(to);
    float real = 0;
    float imaginary = 0;
    float square = 0;
    for (int i = 0; i < ANCHORS; i++) {
        imi_point p = {from[i].x - from_middle.x, from[i].y - from_middle.y};
        imi_point q = {to[i].x - to_middle.x, to[i].y - to_middle.y};
        real += p.x * q.x + p.y * q.y;
        imaginary += p.x * q.y - p.y * q.x;
        square += p.x * p.x + p.y * p.y;
    }
    float a = real / square;
    float d = imaginary / square;
    return (imi_affine){a, -d, to_middle.x - a * from_middle.x + d * from_middle.y,
                        d, a,  to_middle.y - d * from_middle.x - a * from_middle.y};
}

static imi_point flat(imi_point3 p)
{
    return (imi_point){p.x, p.y};
}

imi_status imi_face_chip_new(const imi_image *image, const imi_landmarks *landmarks,
                             imi_image **out, imi_error *err)
{
    *out = NULL;
    imi_point anchors[ANCHORS] = {
        flat(imi_face_right_eye(landmarks)),
        flat(imi_face_left_eye(landmarks)),
        flat(landmarks->points[IMI_MESH_RIGHT_MOUTH]),
        flat(landmarks->points[IMI_MESH_LEFT_MOUTH]),
    };
    imi_affine to_chip = fit_similarity(anchors, anchors_in_chip);
    IMI_AUTO(imi_image) colour = NULL;
    IMI_TRY(imi_image_new(IMI_CHIP_WIDTH, IMI_CHIP_HEIGHT, image->format, &colour, err));
    IMI_TRY(imi_image_warp(image, &to_chip, colour, err));
    return imi_image_to_grey(colour, out, err);
}

bool imi_face_chip_is_skin(uint32_t x, uint32_t y)
{
    float across = ((float)x - IMI_CHIP_MIDDLE_X) / 46;
    float down = ((float)y - 80) / 60;
    return across * across + down * down <= 1;
}

void imi_face_chip_histogram(const imi_image *chip, uint32_t left, uint32_t right,
                             imi_histogram *out)
{
    *out = (imi_histogram){{0}, 0};
    for (uint32_t y = 0; y < chip->height; y++) {
        const uint8_t *row = imi_image_row(chip, y);
        for (uint32_t x = left; x < right; x++) {
            if (imi_face_chip_is_skin(x, y)) {
                out->counts[row[x]]++;
                out->total++;
            }
        }
    }
}

void imi_face_chip_patch(const imi_image *chip, uint32_t centre_x, uint32_t centre_y,
                         uint32_t half_width, uint32_t half_height, imi_histogram *out)
{
    *out = (imi_histogram){{0}, 0};
    for (uint32_t y = centre_y - half_height; y <= centre_y + half_height; y++) {
        const uint8_t *row = imi_image_row(chip, y);
        for (uint32_t x = centre_x - half_width; x <= centre_x + half_width; x++) {
            out->counts[row[x]]++;
            out->total++;
        }
    }
}

uint32_t imi_histogram_quantile(const imi_histogram *histogram, double share)
{
    double wanted = share * histogram->total;
    uint32_t seen = 0;
    for (uint32_t level = 0; level < 256; level++) {
        seen += histogram->counts[level];
        if (seen >= wanted && seen > 0) {
            return level;
        }
    }
    return 255;
}
