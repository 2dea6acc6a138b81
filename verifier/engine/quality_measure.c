/*
 * Quality components, named after ISO/IEC 29794-5, measured on a grey chip of the face
 * (face_chip.h) so that they do not depend on the image's size. Where the standard's own
 * algorithm needs a trained model, a simpler measure stands in, and says so:
 *
 * sharpness                The standard's is a forest over gradient statistics. Here: energy of
 *                          the Laplacian over variance of luminance, r, as r / (r + 0.1).
 * illumination uniformity  Sum over 32 bins of the smaller of left and right half's share.
 * under-exposure           Share of luminance at or below 25.
 * over-exposure            Share of luminance at or above 247.
 * inter-eye distance,      From the mesh (imi/face_measure.h).
 * pose
 * eyes, mouth visible      The standard segments occlusions. Here: the spread of luminance
 *                          around each eye (5 % to 95 % quantile) by the face's, as an eye that
 *                          is seen has dark and light beside each other. A measure of last
 *                          resort: a patterned cover passes it.
 */
#include "face_chip.h"
#include "imi/face_measure.h"
#include "imi/quality.h"

#include <math.h>

enum { UNDER_EXPOSED_UP_TO = 25, OVER_EXPOSED_FROM = 247, UNIFORMITY_BIN = 8 };

/* Laplacian energy by variance at which sharpness is a half: a webcam frame in focus. */
static const float SHARPNESS_HALF = 0.1F;
/* Energy that rounding to whole levels alone gives the Laplacian: (16 + 4) / 12. */
static const float ROUNDING_ENERGY = 20.0F / 12;
/* Added to the variance, so that a face washed out or blurred to one level is not sharp by its
 * noise; a face in normal light has a variance of about 1000. */
static const float VARIANCE_FLOOR = 100;

static float laplacian(const imi_image *chip, uint32_t x, uint32_t y)
{
    const uint8_t *row = imi_image_row(chip, y);
    int around =
        imi_image_row(chip, y - 1)[x] + imi_image_row(chip, y + 1)[x] + row[x - 1] + row[x + 1];
    return (float)(around - 4 * row[x]);
}

static float measure_sharpness(const imi_image *chip)
{
    double energy = 0;
    double sum = 0;
    double square = 0;
    uint32_t count = 0;
    for (uint32_t y = 1; y + 1 < chip->height; y++) {
        for (uint32_t x = 1; x + 1 < chip->width; x++) {
            if (imi_face_chip_is_skin(x, y)) {
                double edge = laplacian(chip, x, y);
                double level = imi_image_row(chip, y)[x];
                energy += edge * edge;
                sum += level;
                square += level * level;
                count++;
            }
        }
    }
    double mean = sum / count;
    float variance = (float)(square / count - mean * mean);
    float r = fmaxf((float)(energy / count) - ROUNDING_ENERGY, 0) / (variance + VARIANCE_FLOOR);
    return r / (r + SHARPNESS_HALF);
}

static float share_between(const imi_histogram *histogram, uint32_t low, uint32_t high)
{
    uint32_t count = 0;
    for (uint32_t level = low; level <= high; level++) {
        count += histogram->counts[level];
    }
    return (float)count / (float)histogram->total;
}

static float measure_uniformity(const imi_image *chip)
{
    imi_histogram right;
    imi_histogram left;
    imi_face_chip_histogram(chip, 0, IMI_CHIP_MIDDLE_X, &right);
    imi_face_chip_histogram(chip, IMI_CHIP_MIDDLE_X, IMI_CHIP_WIDTH, &left);
    float common = 0;
    for (uint32_t level = 0; level < 256; level += UNIFORMITY_BIN) {
        common += fminf(share_between(&right, level, level + UNIFORMITY_BIN - 1),
                        share_between(&left, level, level + UNIFORMITY_BIN - 1));
    }
    return common;
}

static float spread(const imi_histogram *histogram)
{
    return (float)(imi_histogram_quantile(histogram, 0.95) -
                   imi_histogram_quantile(histogram, 0.05));
}

static float patch_visible(const imi_image *chip, uint32_t x, uint32_t y, uint32_t half_width,
                           uint32_t half_height, float face_spread)
{
    imi_histogram patch;
    imi_face_chip_patch(chip, x, y, half_width, half_height, &patch);
    return fminf(spread(&patch) / fmaxf(face_spread, 1), 1);
}

static void measure_chip(const imi_image *chip, imi_quality *out)
{
    imi_histogram face;
    imi_face_chip_histogram(chip, 0, IMI_CHIP_WIDTH, &face);
    float face_spread = spread(&face);
    out->sharpness = measure_sharpness(chip);
    out->illumination_uniformity = measure_uniformity(chip);
    out->under_exposure = share_between(&face, 0, UNDER_EXPOSED_UP_TO);
    out->over_exposure = share_between(&face, OVER_EXPOSED_FROM, 255);
    out->eyes_visible =
        fminf(patch_visible(chip, IMI_CHIP_RIGHT_EYE_X, IMI_CHIP_EYE_Y, 13, 7, face_spread),
              patch_visible(chip, IMI_CHIP_LEFT_EYE_X, IMI_CHIP_EYE_Y, 13, 7, face_spread));
    out->mouth_visible =
        patch_visible(chip, IMI_CHIP_MIDDLE_X, IMI_CHIP_MOUTH_Y, 18, 9, face_spread);
}

static float share_outside(const imi_image *image, const imi_landmarks *landmarks)
{
    size_t outside = 0;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        const imi_point3 *p = &landmarks->points[i];
        bool inside =
            p->x >= 0 && p->y >= 0 && p->x < (float)image->width && p->y < (float)image->height;
        outside += inside ? 0 : 1;
    }
    return (float)outside / IMI_MESH_POINTS;
}

/* One where value is at least full, falling in proportion below. */
static float ramp(float value, float full)
{
    return fminf(fmaxf(value / full, 0), 1);
}

/*
 * Product of what is known to make comparisons worse; each factor is one on a good capture.
 * Used to choose the best of several frames, never to accept one.
 */
static float unify(const imi_quality *q)
{
    const float rad_per_deg = 0.01745329252F;
    float facing = cosf(q->pose.yaw_deg * rad_per_deg) * cosf(q->pose.pitch_deg * rad_per_deg);
    float exposed = 1 - q->under_exposure - q->over_exposure;
    return ramp(q->inter_eye_distance_px, 64) * q->sharpness * fmaxf(facing, 0) *
           fmaxf(exposed, 0) * ramp(q->illumination_uniformity, 0.6F) * ramp(q->eyes_open, 0.2F) *
           (1 - q->cut_off);
}

imi_status imi_quality_measure(const imi_image *image, const imi_landmarks *landmarks,
                               imi_quality *out, imi_error *err)
{
    *out = (imi_quality){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, {NAN, NAN, NAN}, 1, NAN, NAN};
    IMI_AUTO(imi_image) chip = NULL;
    IMI_TRY(imi_face_chip_new(image, landmarks, &chip, err));
    imi_eye_openness eyes = imi_face_eye_openness(landmarks);
    out->inter_eye_distance_px = imi_face_inter_eye_distance(landmarks);
    out->eyes_open = fminf(eyes.right, eyes.left);
    out->pose = imi_face_head_pose(landmarks);
    out->cut_off = share_outside(image, landmarks);
    measure_chip(chip, out);
    out->unified = unify(out);
    return IMI_OK;
}
