/**
 * A judge and a head that moves before it, frame by frame: what the tests are written in.
 */
#ifndef IMI_TESTS_THEATRE_H
#define IMI_TESTS_THEATRE_H

#include "head.h"

typedef struct theatre {
    imi_liveness_judge *judge;
    head_pose pose; /* as it is now */
    int64_t now_ms;
    int64_t period_ms;
    int64_t lag_ms; /* by which frames come late */
    double tremor_deg; /* hands and head that shake */
    unsigned drop_every; /* every n-th frame has no face; 0: none */
    unsigned frames;
    imi_capture_reason reason;
    imi_guidance guidance; /* told last */
    imi_liveness_verdict verdict;
} theatre;

/** Open with a challenge in text form; 12 frames a second. */
void theatre_open(theatre *t, const char *challenge);
void theatre_close(theatre *t);

/** Show one frame of the present pose, noise and tremor added. */
void theatre_frame(theatre *t);
/** Show frames for a while. */
void theatre_hold(theatre *t, int64_t for_ms);
/** Move to a pose within a time, frame by frame. */
void theatre_move(theatre *t, head_pose to, int64_t within_ms);
/** A frame without a face. */
void theatre_empty_frame(theatre *t);
/** A frame given as it is. */
void theatre_show(theatre *t, const imi_observation *observation);

/** Stand calm until the first action is asked for. */
void theatre_settle(theatre *t);
/** Do an action as a person would, and come back. */
void theatre_act(theatre *t, imi_action action);
/** The same for one of an action's ovals. */
void theatre_act_at(theatre *t, imi_action action, unsigned target);
/** Move the head so that its picture is in an oval beside the middle; the target's number. */
head_pose theatre_pose_at(const theatre *t, unsigned target);
/** Settle, then do what is asked until the verdict. */
void theatre_perform(theatre *t, const char *actions);

#endif
