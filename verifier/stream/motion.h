/**
 * From picture to picture: does anything move at all, and does everything change at once?
 */
#ifndef IMI_STREAM_MOTION_H
#define IMI_STREAM_MOTION_H

#include "imi/face.h"
#include "limits.h"
#include "signature.h"

/** A stretch in which no picture is farther from its first than a limit. */
typedef struct imi_standstill {
    imi_thumb anchor;
    int64_t since_ms;
    uint32_t frames;
    int64_t longest_ms; /* of stretches with enough frames */
} imi_standstill;

typedef struct imi_motion_watch {
    uint32_t count;
    imi_thumb last;
    int64_t last_ms;
    float last_change; /* share of the structure that changed at the last step */
    imi_standstill frozen; /* nothing but encoding differs */
    imi_standstill still; /* nothing but noise differs */
    uint32_t cuts;
    bool jumped;
    imi_face_box box; /* of the last face */
    int64_t box_ms;
    bool has_box;
    uint32_t face_jumps;
} imi_motion_watch;

void imi_motion_watch_feed(imi_motion_watch *watch, const imi_thumb *thumb, int64_t at_ms);
/** The face of the picture that was fed last. */
void imi_motion_watch_face(imi_motion_watch *watch, const imi_face_box *box, int64_t at_ms);

#endif
