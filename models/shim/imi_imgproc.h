/**
 * OpenCV's imgproc module behind a C interface: dark lines of text, and outlines with four
 * corners. Only measures; what a line or an outline is taken for is decided in C.
 */
#ifndef IMI_IMGPROC_H
#define IMI_IMGPROC_H

#include "imi/document_vision.h"

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

/** A tilted rectangle: width along its longer side, which rises by angle (x right, y down). */
typedef struct imi_tilted_box {
    float x, y; /* centre */
    float width, height;
    float angle_rad; /* in (-pi/2, pi/2], of the longer side against the x axis */
} imi_tilted_box;

/**
 * Long, thin, dark shapes that letters of some height make when the gaps between them close.
 *
 * grey:             GREY8.
 * letter_height_px: about; shapes of half to twice that height are found.
 * Result:           longest first, at most capacity.
 * Errors:           IMI_E_INVALID_ARGUMENT, IMI_E_MODEL_RUN, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_imgproc_find_lines(const imi_image *grey, uint32_t letter_height_px,
                                               imi_tilted_box *boxes, size_t capacity,
                                               size_t *count_out, imi_error *err) IMI_NOEXCEPT;

/**
 * Convex outlines of four corners, largest first, at most capacity. Corners go round the
 * outline from the one nearest to the image's top left, through the top right. The image's own
 * edge may be among them.
 *
 * grey:      GREY8.
 * min_share: of the image's area that an outline must hold.
 */
IMI_MUST_USE imi_status imi_imgproc_find_quads(const imi_image *grey, float min_share,
                                               imi_quad *quads, size_t capacity, size_t *count_out,
                                               imi_error *err) IMI_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
