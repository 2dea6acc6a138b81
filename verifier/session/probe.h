/**
 * Frames kept until the decision: the best neutral ones to compare with the reference, and
 * one per answered action to show that the same person was there throughout.
 *
 * Kept as the JPEGs that came in, which are a tenth of the pixels; wiped with the set.
 */
#ifndef IMI_SESSION_PROBE_H
#define IMI_SESSION_PROBE_H

#include "decide.h"
#include "held_bytes.h"
#include "imi/engine.h"
#include "imi/image.h"

enum { IMI_PROBE_FRAMES_MAX = 5 };

typedef struct imi_kept_frame {
    imi_buffer jpeg;
    imi_face face;
    int64_t from_ms; /* of a neutral one: it is the best since then, for a short while */
} imi_kept_frame;

typedef struct imi_probe_set {
    imi_held_bytes *held; /* borrowed */
    imi_kept_frame neutral[IMI_PROBE_FRAMES_MAX];
    size_t neutral_count;
    imi_kept_frame action[IMI_CHALLENGE_ACTIONS_MAX];
    size_t action_count;
} imi_probe_set;

void imi_probe_set_init(imi_probe_set *set, imi_held_bytes *held);
/** Wipe and free all kept frames; the set is empty afterwards. */
void imi_probe_set_clean_up(imi_probe_set *set);

/** Keep a neutral frame (copied) if it is among the best by unified quality, and the best of its
 * moment: frames that lie close together show the same and would only count twice. */
IMI_MUST_USE imi_status imi_probe_set_offer_neutral(imi_probe_set *set, imi_view jpeg,
                                                    const imi_face *face, int64_t captured_at_ms,
                                                    imi_error *err);

/** Keep the frame (copied) that answered an action. */
IMI_MUST_USE imi_status imi_probe_set_add_action(imi_probe_set *set, imi_view jpeg,
                                                 const imi_face *face, imi_error *err);

/** Decode a camera frame as the whole layer does, within the frame limits. */
IMI_MUST_USE imi_status imi_frame_decode(imi_view jpeg, imi_image **image_out, imi_error *err);
/** Check a camera frame's header against the same limits. */
IMI_MUST_USE imi_status imi_frame_inspect(imi_view jpeg, imi_error *err);

/** Parts that judging needs; all borrowed. */
typedef struct imi_probe_judge {
    imi_engine *engine;
    const imi_scorer *scorer;
} imi_probe_judge;

/** Templates of the usable neutral frames. Personal data: wipe with imi_probes_wipe. */
typedef struct imi_probes {
    size_t count;
    imi_template templates[IMI_PROBE_FRAMES_MAX];
    imi_template fused; /* their average, weighted by quality; empty without any */
} imi_probes;

void imi_probes_wipe(imi_probes *probes);
/** Number of the template that is most like all of them together; 0 if there is one or none. */
size_t imi_probes_most_typical(const imi_probes *probes, const imi_scorer *scorer);

/**
 * Make the templates of the usable neutral frames and fill in the evidence's probe and one-person
 * fields.
 *
 * out:       as many as evidence->probe_count; the caller wipes it.
 * Errors:    only when a model cannot run or memory is short; out is then empty.
 */
IMI_MUST_USE imi_status imi_probe_set_judge(const imi_probe_set *set, const imi_probe_judge *judge,
                                            imi_evidence *evidence, imi_probes *out,
                                            imi_error *err);

#endif
