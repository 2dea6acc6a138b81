/**
 * The face in a fixed frame, where quality is measured; not public.
 *
 * A grey chip with the eyes 48 pixels apart, near the scale at which templates see a face, so
 * that what is finer does not count as sharp and what is coarser does count as blurred.
 */
#ifndef IMI_FACE_CHIP_H
#define IMI_FACE_CHIP_H

#include "imi/face.h"
#include "imi/image.h"

enum {
    IMI_CHIP_WIDTH = 128,
    IMI_CHIP_HEIGHT = 144,
    IMI_CHIP_EYE_Y = 48,
    IMI_CHIP_RIGHT_EYE_X = 40, /* the subject's right: left in the chip */
    IMI_CHIP_LEFT_EYE_X = 88,
    IMI_CHIP_MOUTH_Y = 104,
    IMI_CHIP_MIDDLE_X = 64
};

/** Make the chip. Errors: IMI_E_INVALID_ARGUMENT when the points give no similarity. */
IMI_MUST_USE imi_status imi_face_chip_new(const imi_image *image, const imi_landmarks *landmarks,
                                          imi_image **out, imi_error *err);

/** Inside the oval that every face fills: no hair, no background. */
bool imi_face_chip_is_skin(uint32_t x, uint32_t y);

/** Numbers of grey levels; 256 counts and their sum. */
typedef struct imi_histogram {
    uint32_t counts[256];
    uint32_t total;
} imi_histogram;

/** Levels of the oval between columns left (inclusive) and right (exclusive). */
void imi_face_chip_histogram(const imi_image *chip, uint32_t left, uint32_t right,
                             imi_histogram *out);
/** Levels of a rectangle around a centre. */
void imi_face_chip_patch(const imi_image *chip, uint32_t centre_x, uint32_t centre_y,
                         uint32_t half_width, uint32_t half_height, imi_histogram *out);
/** Smallest level with at least this share of all levels at or below it. */
uint32_t imi_histogram_quantile(const imi_histogram *histogram, double share);

#endif
