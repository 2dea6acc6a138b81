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
    IMI_WATCH_WRONG, /* something else was done, as clearly */
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

/** Growth from the farthest views since the ask, with the perspective of a solid. */
typedef struct imi_near_far_watch {
    unsigned target; /* which oval, later perhaps a nearer one; ANY: near enough is enough */
    imi_mean_mesh far_views, near_views;
    float far_scale; /* of the farthest view */
    float far_span_scale; /* of the nearest of the far views */
    imi_oval far;
    bool too_near; /* there is no room to come closer */
    bool whole;
    float size; /* by the oval's, natural logarithm */
    bool centred; /* in the oval */
    uint32_t fit_frames; /* in a row, in the oval */
    int64_t fit_since_ms;
    imi_liveness_evidence evidence;
} imi_near_far_watch;

void imi_near_far_watch_reset(imi_near_far_watch *watch, unsigned target);
imi_watch_answer imi_near_far_watch_feed(imi_near_far_watch *watch,
                                         const imi_liveness_baseline *baseline,
                                         const imi_liveness_reading *reading);

imi_guidance imi_near_far_watch_guide(const imi_near_far_watch *watch);

/** Face brought into an oval beside the middle, from elsewhere, and kept there. */
typedef struct imi_follow_watch {
    unsigned target;
    bool seen;
    bool came; /* was elsewhere since the ask */
    unsigned rest; /* oval that the face was in without being asked, or was told about */
    unsigned place; /* oval that it is in, 0: none */
    uint32_t frames; /* in a row, in that place */
    uint32_t fit_frames; /* in a row, in the oval asked for and of its size */
    int64_t since_ms;
    float size; /* by the oval's, natural logarithm */
} imi_follow_watch;

void imi_follow_watch_reset(imi_follow_watch *watch, unsigned target);
imi_watch_answer imi_follow_watch_feed(imi_follow_watch *watch,
                                       const imi_liveness_baseline *baseline,
                                       const imi_liveness_reading *reading);
/* To be shown: the one asked for, or the middle where the face has to leave that one first. */
imi_oval imi_follow_watch_oval(const imi_follow_watch *watch, float height,
                               const imi_liveness_sample *picture);
imi_guidance imi_follow_watch_guide(const imi_follow_watch *watch);

/** Chin up or down, of a solid, and back to where it began. */
typedef struct imi_nod_watch {
    bool begun;
    float start_deg;
    bool there;
    imi_liveness_evidence evidence;
} imi_nod_watch;

void imi_nod_watch_reset(imi_nod_watch *watch);
imi_watch_answer imi_nod_watch_feed(imi_nod_watch *watch, const imi_liveness_baseline *baseline,
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
    float eyes; /* in it */
    float start_yaw_deg, start_pitch_deg, start_scale, start_mouth; /* in that frame */
} imi_blink_watch;

void imi_blink_watch_reset(imi_blink_watch *watch);
imi_watch_answer imi_blink_watch_feed(imi_blink_watch *watch, const imi_liveness_baseline *baseline,
                                      const imi_liveness_reading *reading);

/** The watch of whichever action is asked for. */
typedef struct imi_watch {
    imi_action action;
    union {
        imi_turn_watch turn;
        imi_near_far_watch near_far;
        imi_mouth_watch mouth;
        imi_blink_watch blink;
        imi_follow_watch follow;
        imi_nod_watch nod;
    };
} imi_watch;

void imi_watch_reset(imi_watch *watch, imi_action action, unsigned target);
imi_watch_answer imi_watch_feed(imi_watch *watch, const imi_liveness_baseline *baseline,
                                const imi_liveness_reading *reading);
/** What to tell the person about a frame that was fed. */
imi_guidance imi_watch_guide(const imi_watch *watch);
/** The oval to show in a picture; false if the action has none. */
bool imi_watch_target(const imi_watch *watch, const imi_liveness_baseline *baseline,
                      const imi_liveness_sample *picture, imi_oval *out);

#endif
