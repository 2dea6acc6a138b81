/**
 * A face's part of one frame in grey, at three sizes, with the corners in it that can be found
 * again in another frame.
 */
#ifndef IMI_PLANARITY_FACE_VIEW_H
#define IMI_PLANARITY_FACE_VIEW_H

#include "imi/face.h"
#include "imi/image.h"
#include "imi/memory.h"

enum { IMI_VIEW_LEVELS = 3, IMI_VIEW_CORNERS = 100 };

/** One size of the crop; each is half the one before. */
typedef struct imi_view_level {
    uint32_t width, height;
    uint8_t *pixels; /* rows without padding, within the view's block */
} imi_view_level;

/** Coordinates in a view are those of level 0; at level l they are divided by 2^l. */
typedef struct imi_face_view {
    imi_landmarks mesh; /* in pixels of the frame */
    float left, top; /* of the crop in the frame */
    float factor; /* frame pixels to one of the view */
    imi_view_level level[IMI_VIEW_LEVELS];
    uint8_t *block;
    size_t block_size;
    uint32_t corner_count; /* 0 until imi_face_view_find_corners */
    imi_point corners[IMI_VIEW_CORNERS];
} imi_face_view;

/**
 * Cut the face out of a frame.
 *
 * Errors: IMI_E_NO_MEMORY. A face that is not finite, too small, or outside the image gives a
 *         view without pixels (block NULL), which is no error.
 */
IMI_MUST_USE imi_status imi_face_view_take(const imi_image *image, const imi_landmarks *mesh,
                                           imi_face_view *out, imi_error *err);
/** Wipe and free the pixels, zero the rest. */
void imi_face_view_clean_up(imi_face_view *view);

/** Find the corners of the upper face: those that expression moves least. */
void imi_face_view_find_corners(imi_face_view *view);

imi_point imi_face_view_from_frame(const imi_face_view *view, float x, float y);

#endif
