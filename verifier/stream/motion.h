/**
 * From picture to picture: does anything move at all, and does everything change at once?
 */
#ifndef IMI_STREAM_MOTION_H
#define IMI_STREAM_MOTION_H

#include "imi/face.h"
#include "limits.h"
#include "signature.h"

/** A stretch in which every picture is taken for its first. */
typedef struct imi_standstill {
    imi_signature anchor;
    int64_t since_ms;
    uint32_t frames;
    int64_t longest_ms; /* of stretches with enough frames */
} imi_standstill;

/** From one picture to the next. */
typedef struct imi_step {
    int64_t at_ms; /* of the later picture */
    float change; /* share of the structure that changed */
} imi_step;

/** A step that is much larger than those before. */
typedef struct imi_spike {
    int64_t at_ms;
    float change; /* 0: there is none */
    float before, behind; /* the largest of the steps shortly before and shortly behind */
    bool has_behind; /* a step came shortly behind */
} imi_spike;

typedef struct imi_motion_watch {
    uint32_t count;
    imi_signature last;
    int64_t last_ms;
    imi_step steps[LIMIT_CUT_STEPS]; /* the latest */
    imi_standstill frozen; /* nothing but encoding differs */
    imi_standstill still; /* nothing but noise differs */
    imi_spike spike; /* the latest, while it is young */
    uint32_t cuts; /* older ones that were cuts */
    bool jumped;
    imi_face_box box; /* of the last face */
    int64_t box_ms;
    bool has_box;
    uint32_t face_jumps;
} imi_motion_watch;

void imi_motion_watch_feed(imi_motion_watch *watch, const imi_signature *picture, int64_t at_ms);
/** The face of the picture that was fed last. */
void imi_motion_watch_face(imi_motion_watch *watch, const imi_face_box *box, int64_t at_ms);
/** How often everything changed at once, by what was seen so far. */
uint32_t imi_motion_watch_cuts(const imi_motion_watch *watch);

#endif
