/**
 * The pictures of a clip, or of a folder of frames, one after the other.
 */
#ifndef IMI_TEST_PICTURES_H
#define IMI_TEST_PICTURES_H

#include "clip.h"
#include "phone-sim/frames.h"

/** Not safe for concurrent use. */
typedef struct pictures {
    imi_clip *clip; /* NULL: of a folder */
    imi_sim_frames *frames;
    size_t next; /* of frames */
} pictures;

/** path: a video file, or a folder as imi_sim_frames_save makes it. */
IMI_MUST_USE imi_status pictures_open(const char *path, pictures *out, imi_error *err);
void pictures_close(pictures *self);
/**
 * The next one, scaled down to what a phone sends if it is larger, and its time since the first.
 * At the end *out is NULL and the status IMI_OK.
 *
 * Ownership: the image is the caller's.
 */
IMI_MUST_USE imi_status pictures_next(pictures *self, imi_image **out, int64_t *at_ms_out,
                                      imi_error *err);

#endif
