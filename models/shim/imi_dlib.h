/**
 * dlib's frontal face detector and face chip geometry behind a C interface.
 */
#ifndef IMI_DLIB_H
#define IMI_DLIB_H

#include "imi/face.h"
#include "imi/image.h"
#include "imi/status.h"

#ifdef __cplusplus
#ifndef IMI_NOEXCEPT
#define IMI_NOEXCEPT noexcept
#endif
extern "C" {
#else
#ifndef IMI_NOEXCEPT
#define IMI_NOEXCEPT
#endif
#endif

/** dlib's HOG detector for frontal faces of 80 pixels and more. One per worker. */
typedef struct imi_hog imi_hog;

/** Errors: IMI_E_MODEL_LOAD, IMI_E_NO_MEMORY. */
IMI_MUST_USE imi_status imi_hog_new(imi_hog **out, imi_error *err) IMI_NOEXCEPT;
void imi_hog_destroy(imi_hog **hog) IMI_NOEXCEPT;

/**
 * Find frontal faces of a GREY8 image, best first, at most capacity of them.
 *
 * Units:  box confidence is the distance from the hyperplane, unbounded, higher = surer.
 * Errors: IMI_E_INVALID_ARGUMENT for another pixel format or no pixels, IMI_E_MODEL_RUN.
 */
IMI_MUST_USE imi_status imi_hog_detect(imi_hog *hog, const imi_image *grey, double threshold,
                                       imi_face_box *boxes, size_t capacity, size_t *count_out,
                                       imi_error *err) IMI_NOEXCEPT;

enum { IMI_DLIB_POINTS = 68 };

/**
 * The similarity from image to a square chip on which dlib's face networks were trained.
 *
 * points:  the 68 points of the iBUG scheme; 17 to 54 and 60 to 64 matter but for the brows.
 * Units:   size in pixels; padding as a share of the face on each side.
 * Source:  dlib's get_face_chip_details. It rounds points to whole pixels, so they are passed
 *          to it enlarged, and the map is scaled back.
 * Errors:  IMI_E_INVALID_ARGUMENT for a point that is not finite or far outside any image.
 */
IMI_MUST_USE imi_status imi_dlib_chip_map(const imi_point points[IMI_DLIB_POINTS], uint32_t size,
                                          double padding, imi_affine *image_to_chip_out,
                                          imi_error *err) IMI_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
