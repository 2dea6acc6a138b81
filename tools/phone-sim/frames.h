/**
 * Camera frames as a phone would send them: JPEGs with their capture times and digests, made
 * once and then played any number of times by any number of simulated phones.
 */
#ifndef IMI_TOOLS_FRAMES_H
#define IMI_TOOLS_FRAMES_H

#include "imi/bytes.h"
#include "imi/image.h"
#include "imi/memory.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_SIM_DIGEST_SIZE = 32, IMI_SIM_JPEG_QUALITY = 85 };

/** One encoded frame. */
typedef struct imi_sim_frame {
    imi_buffer jpeg;
    uint8_t digest[IMI_SIM_DIGEST_SIZE]; /* SHA-256 of jpeg */
    int64_t at_ms; /* since the start of the clip */
} imi_sim_frame;

/** Frames in order of time. Immutable once loaded, shared by threads. */
typedef struct imi_sim_frames {
    imi_sim_frame *items;
    size_t count;
    size_t capacity;
} imi_sim_frames;

/** A stretch of a clip: start_ms is within, end_ms is not. */
typedef struct imi_sim_range {
    int64_t start_ms;
    int64_t end_ms;
} imi_sim_range;

/**
 * Decode a video and encode the frames that lie within any of the ranges (all frames when
 * range_count is 0), at their own size and IMI_SIM_JPEG_QUALITY.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_IO, and IMI_E_INVALID_ARGUMENT when nothing lies within.
 */
IMI_MUST_USE imi_status imi_sim_frames_load_clip(const char *path, const imi_sim_range *ranges,
                                                 size_t range_count, imi_sim_frames **out,
                                                 imi_error *err);
/**
 * Read the *.jpg files of a folder in the order of their names, spaced frames_per_s apart.
 * A file that is named after its time, as imi_sim_frames_save does, keeps that time.
 */
IMI_MUST_USE imi_status imi_sim_frames_load_folder(const char *path, double frames_per_s,
                                                   imi_sim_frames **out, imi_error *err);
/** Write every frame to folder/MILLISECONDS.jpg, such as 0001240.jpg; makes the folder. */
IMI_MUST_USE imi_status imi_sim_frames_save(const imi_sim_frames *frames, const char *folder,
                                            imi_error *err);
/** Wipes the images. */
void imi_sim_frames_destroy(imi_sim_frames **frames);
IMI_AUTO_DEFINE(imi_sim_frames, imi_sim_frames_destroy)

/** Last frame at or before at_ms, or the first one. */
const imi_sim_frame *imi_sim_frames_at(const imi_sim_frames *frames, int64_t at_ms);
/** One frame period after the last frame. */
int64_t imi_sim_frames_end_ms(const imi_sim_frames *frames);

/** Append a frame; the buffer's contents move into the list. For tests and loaders. */
IMI_MUST_USE imi_status imi_sim_frames_add(imi_sim_frames *frames, imi_buffer *take_jpeg,
                                           int64_t at_ms, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
