/**
 * Who stands before the camera in a test: a labelled clip, played as a person would act, or as
 * an attacker would play a recording.
 */
#ifndef IMI_TESTS_ACTOR_H
#define IMI_TESTS_ACTOR_H

#include "imi/liveness.h"
#include "phone-sim/segments.h"
#include "track_file.h"

/** How a clip is played. */
typedef enum imi_acting {
    IMI_ACTING_ANSWER = 0, /* act when asked: what the take holds for this step */
    IMI_ACTING_ONCE, /* play the take from start to end, whatever is asked */
    IMI_ACTING_LOOP /* the same, again and again */
} imi_acting;

enum { IMI_TAKE_STEPS_MAX = 32 };

/** What is acted, in order; a recording may be longer than a script. */
typedef struct imi_take {
    uint32_t count;
    imi_action actions[IMI_TAKE_STEPS_MAX];
    uint8_t targets[IMI_TAKE_STEPS_MAX];
} imi_take;

imi_take imi_take_of(const imi_challenge *script);

/**
 * Ovals beside the middle are reached by moving the whole face, near ones by enlarging it at the
 * end of a near_far segment, kept until the take goes on.
 */
typedef struct imi_actor_options {
    const imi_seen_track *track;
    const imi_segments *segments; /* of this clip */
    imi_acting acting;
    imi_take take; /* the challenge itself for an honest person */
    int64_t period_ms; /* between frames */
    int64_t reaction_ms; /* from being told to acting, and between two actions */
    float tremor_px; /* added movement of the whole face, amplitude */
    float noise_px; /* added to every landmark */
    uint32_t seed;
} imi_actor_options;

typedef struct imi_performance {
    imi_liveness_verdict verdict;
    int64_t took_ms;
} imi_performance;

/** Play before a judge until it has decided, or for two minutes. */
IMI_MUST_USE imi_status imi_actor_perform(const imi_actor_options *options,
                                          const imi_challenge *challenge, imi_performance *out,
                                          imi_error *err);

/** Show a track from end to end, or to and fro again and again until the judge has decided. */
IMI_MUST_USE imi_status imi_actor_show(const imi_seen_track *track, bool again,
                                       const imi_challenge *challenge, imi_performance *out,
                                       imi_error *err);

#endif
