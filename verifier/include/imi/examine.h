/**
 * The examiner: one pass over the frames of a capture that runs every layer of presentation
 * attack detection. The server and imi-eval use the same one.
 */
#ifndef IMI_EXAMINE_H
#define IMI_EXAMINE_H

#include "imi/engine.h"
#include "imi/findings.h"
#include "imi/light.h"
#include "imi/liveness.h"
#include "imi/passive.h"
#include "imi/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to examine by. Copied, but for what is borrowed and outlives the examiner. */
typedef struct imi_examiner_options {
    const imi_challenge *challenge; /* NULL: none is asked; every layer but CHALLENGE still works */
    const imi_liveness_options *patience; /* NULL: the defaults */
    const imi_light_sequence *light; /* NULL or count 0: none */
    bool networks; /* run the engine's PAD models where it has any */
    const imi_device_hints *hints; /* NULL: none */
    const imi_scorer *scorer; /* borrowed; NULL: no templates are made and nobody is compared */
} imi_examiner_options;

typedef struct imi_examiner imi_examiner;

IMI_MUST_USE imi_status imi_examiner_new(const imi_examiner_options *options, imi_examiner **out,
                                         imi_error *err);
/** Wipe and free: it holds landmarks and templates. Accepts NULL, nulls the pointer. */
void imi_examiner_destroy(imi_examiner **examiner);
IMI_AUTO_DEFINE(imi_examiner, imi_examiner_destroy)

/** One frame. Pointers borrowed for the call. */
typedef struct imi_examined_frame {
    uint64_t sequence;
    int64_t captured_at_ms;
    int64_t arrived_at_ms; /* server's monotonic clock; < 0: not known */
    imi_view jpeg; /* empty: a frame of a stored clip */
    const imi_image *image; /* decoded RGB8 */
    int64_t light_shown_ms; /* since the page showed the first colour, by the phone's clock; < 0:
                               it shows none */
    bool hurried; /* others wait: do only what cannot be done later or be left */
} imi_examined_frame;

/** What came of a frame. */
typedef struct imi_examined {
    imi_guidance guidance;
    bool has_target;
    imi_oval target; /* where the face is to be, with has_target */
    imi_face face;
    bool neutral; /* fit to be compared */
    imi_liveness_verdict verdict; /* of the challenge; without one never complete, and live not
                                     before the coloured light has been shown */
} imi_examined;

/** Take one frame, in order. Errors: only when a model cannot run, or without memory. */
IMI_MUST_USE imi_status imi_examiner_feed(imi_examiner *examiner, imi_engine *engine,
                                          const imi_examined_frame *frame, imi_examined *out,
                                          imi_error *err);
/** A frame that is not looked at for want of time: only its bytes and times count. */
IMI_MUST_USE imi_status imi_examiner_skip(imi_examiner *examiner, const imi_examined_frame *frame,
                                          imi_error *err);
/** All findings so far, but ATTESTATION. */
void imi_examiner_report(const imi_examiner *examiner, imi_findings *out);

enum { IMI_PROBES_MAX = 5 };

/**
 * Templates of the person, made while the capture runs: of the best frames that meet the limits
 * of a frontal probe, no two of one moment, and of each frame that answered an action.
 */
typedef struct imi_probes {
    size_t count;
    imi_template templates[IMI_PROBES_MAX];
    float quality[IMI_PROBES_MAX]; /* unified, 0 to 1, of the frame of each */
    imi_capture_reason refused; /* why the best frame that gave none did not; OK: all did */
    size_t action_count;
    imi_template actions[IMI_CHALLENGE_ACTIONS_MAX]; /* in the order in which they were answered */
} imi_probes;

/** What there is to be compared so far. Ownership: the examiner's, until it is fed or destroyed. */
const imi_probes *imi_examiner_probes(const imi_examiner *examiner);

/**
 * The cues of one image with the networks' among them, as the examiner takes them.
 * networks: run the engine's PAD models where it has any.
 */
IMI_MUST_USE imi_status imi_examine_cues(imi_engine *engine, const imi_image *image,
                                         const imi_face *face, bool networks, imi_cues *out,
                                         imi_error *err);

/** Whether two templates of one capture count as one person's. Looser than any purpose's
 * threshold: turned heads score lower, and tracking has tied most frames together. */
IMI_MUST_USE imi_status imi_examine_same_person(const imi_scorer *scorer, const imi_template *a,
                                                const imi_template *b, bool *same_out,
                                                imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
