/**
 * What the engine saw in every frame of a clip, kept in a file so that the judge can be tested
 * many times without decoding video again. A cache in the build folder, never committed.
 */
#ifndef IMI_TESTS_TRACK_FILE_H
#define IMI_TESTS_TRACK_FILE_H

#include "imi/liveness.h"

typedef struct imi_seen_frame {
    int64_t at_ms;
    uint32_t width, height;
    imi_capture_reason reason;
    imi_face_box box;
    imi_landmarks landmarks;
} imi_seen_frame;

typedef struct imi_seen_track {
    imi_seen_frame *frames;
    size_t count, capacity;
} imi_seen_track;

void imi_seen_track_destroy(imi_seen_track **track);
IMI_AUTO_DEFINE(imi_seen_track, imi_seen_track_destroy)

IMI_MUST_USE imi_status imi_seen_track_new(imi_seen_track **out, imi_error *err);
IMI_MUST_USE imi_status imi_seen_track_add(imi_seen_track *track, const imi_seen_frame *frame,
                                           imi_error *err);
IMI_MUST_USE imi_status imi_seen_track_save(const imi_seen_track *track, const char *path,
                                            imi_error *err);
IMI_MUST_USE imi_status imi_seen_track_load(const char *path, imi_seen_track **out, imi_error *err);
/** The latest frame at or before a time, the first one before that. */
const imi_seen_frame *imi_seen_track_at(const imi_seen_track *track, int64_t at_ms);
/** Show a frame to a judge as if it were captured at a time. */
IMI_MUST_USE imi_status imi_seen_frame_feed(const imi_seen_frame *frame, int64_t at_ms,
                                            imi_liveness_judge *judge, imi_guidance *guidance_out,
                                            imi_error *err);

#endif
