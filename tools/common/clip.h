/**
 * Video files, frame by frame. For tools and tests: the server decodes no video.
 */
#ifndef IMI_TOOLS_CLIP_H
#define IMI_TOOLS_CLIP_H

#include "imi/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An open video file and its decoder. Not safe for concurrent use. */
typedef struct imi_clip imi_clip;

/**
 * Open the first video stream of a file.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_UNSUPPORTED (no video stream, or a codec that is not here),
 *         IMI_E_IMAGE_TOO_LARGE (a side over 4,096 pixels), IMI_E_IO; foreign_code is libav's.
 */
IMI_MUST_USE imi_status imi_clip_open(const char *path, imi_clip **out, imi_error *err);
void imi_clip_destroy(imi_clip **clip);
IMI_AUTO_DEFINE(imi_clip, imi_clip_destroy)

/**
 * Decode the next frame: upright (the file's rotation applied) RGB8, and its time in
 * milliseconds since the first frame. At the end *out is NULL and the status IMI_OK.
 *
 * Ownership: the image is the caller's.
 */
IMI_MUST_USE imi_status imi_clip_next(imi_clip *clip, imi_image **out, int64_t *at_ms_out,
                                      imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
