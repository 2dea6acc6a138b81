/**
 * One watch an action: fed readings while the action is asked for, starting from neutral, it
 * says when the action was done. Plain state, reset by the judge at every ask.
 */
#ifndef IMI_LIVENESS_WATCH_H
#define IMI_LIVENESS_WATCH_H

#include "baseline.h"
#include "evidence.h"

typedef enum imi_watch_answer {
    IMI_WATCH_WAITING = 0,
    IMI_WATCH_DONE,
    IMI_WATCH_FLAT /* the movement was made, by a plane */
} imi_watch_answer;

/** Turn of the head: far enough, to the right side, and of a solid. */
typedef struct imi_turn_watch {
    float sign; /* +1 to the subject's left, -1 to their right */
    imi_liveness_evidence evidence;
} imi_turn_watch;

void imi_turn_watch_reset(imi_turn_watch *watch, float sign);
imi_watch_answer imi_turn_watch_feed(imi_turn_watch *watch, const imi_liveness_baseline *baseline,
                                     const imi_liveness_reading *reading);

/** Growth from the farthest view since the ask, with the perspective of a solid. */
typedef struct imi_near_far_watch {
    imi_landmarks far_mesh;
    float far_scale;
    float far_inter_eye_px;
    bool too_near; /* there is no room to come closer */
    imi_liveness_evidence evidence;
} imi_near_far_watch;

void imi_near_far_watch_reset(imi_near_far_watch *watch);
imi_watch_answer imi_near_far_watch_feed(imi_near_far_watch *watch,
                                         const imi_liveness_baseline *baseline,
                                         const imi_liveness_reading *reading);

/** Mouth opened beyond the person's own rest while facing the camera. */
typedef struct imi_mouth_watch {
    uint32_t open_frames;
} imi_mouth_watch;

void imi_mouth_watch_reset(imi_mouth_watch *watch);
imi_watch_answer imi_mouth_watch_feed(imi_mouth_watch *watch, const imi_liveness_reading *reading);

/** Both eyes closed for a while and open again, the head at rest. */
typedef struct imi_blink_watch {
    float open_level; /* running level of the open eyes, 0 before the first frame */
    bool closed;
    int64_t last_open_ms; /* latest frame with open eyes before they closed */
    float start_yaw_deg, start_pitch_deg, start_scale; /* at that frame */
} imi_blink_watch;

void imi_blink_watch_reset(imi_blink_watch *watch);
imi_watch_answer imi_blink_watch_feed(imi_blink_watch *watch, const imi_liveness_baseline *baseline,
                                      const imi_liveness_reading *reading);

#endif
