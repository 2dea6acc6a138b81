/**
 * Frames as a stream: do they come from a camera, in one take?
 *
 * Two layers of evidence from one pass over the frames. IMI_LAYER_CAMERA: capture times jitter
 * as a camera's and agree with arrival, the JPEG structure stays the same, sensor noise is there
 * and is never the same twice. IMI_LAYER_CONTINUITY: no cut, no frozen, repeated, looped or
 * reversed stretch, no second face in place of the first.
 */
#ifndef IMI_STREAM_H
#define IMI_STREAM_H

#include "imi/bytes.h"
#include "imi/face.h"
#include "imi/findings.h"
#include "imi/image.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the phone says about itself; all "" or 0 if it says nothing. Hints, never proof. */
typedef struct imi_device_hints {
    bool virtual_camera; /* the camera's name is that of a virtual one */
    bool emulator;
    bool automation; /* the page is driven by a program */
} imi_device_hints;

/** One frame. Pointers borrowed for the call. */
typedef struct imi_stream_frame {
    uint64_t sequence;
    int64_t captured_at_ms; /* the phone's clock */
    int64_t arrived_at_ms; /* the server's monotonic clock; < 0: not known (a stored clip) */
    imi_view jpeg; /* empty: a clip without JPEG frames; structure is not judged */
    const imi_image *image; /* RGB8; NULL: not looked at, only bytes and times count */
    const imi_face_box *box; /* NULL without a face */
    const imi_landmarks *landmarks; /* NULL without a face */
} imi_stream_frame;

typedef struct imi_stream_watch imi_stream_watch;

IMI_MUST_USE imi_status imi_stream_watch_new(const imi_device_hints *hints, imi_stream_watch **out,
                                             imi_error *err);
/** Wipe and free. Accepts NULL, nulls the pointer. */
void imi_stream_watch_destroy(imi_stream_watch **watch);
IMI_AUTO_DEFINE(imi_stream_watch, imi_stream_watch_destroy)

/** Take one frame, in order. Bounded memory; about a millisecond at 640 x 480. */
IMI_MUST_USE imi_status imi_stream_watch_feed(imi_stream_watch *watch,
                                              const imi_stream_frame *frame, imi_error *err);
/** The picture jumped at the frame last fed: a cut, or a very fast movement. */
bool imi_stream_watch_jumped(const imi_stream_watch *watch);
/** Fill IMI_LAYER_CAMERA and IMI_LAYER_CONTINUITY; of the others nothing is touched. */
void imi_stream_watch_report(const imi_stream_watch *watch, imi_findings *findings);

#ifdef __cplusplus
}
#endif
#endif
