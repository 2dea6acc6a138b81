/**
 * The decision: a pure function of the evidence, so that every combination can be tested.
 *
 * Every field of the evidence is zero, false or NaN unless the check behind it was made, and
 * each of those values argues against acceptance. docs/sessions.md holds the same rules as a
 * table.
 */
#ifndef IMI_SESSION_DECIDE_H
#define IMI_SESSION_DECIDE_H

#include "imi/compare.h"
#include "imi/findings.h"
#include "imi/liveness.h"
#include "imi/policy.h"
#include "imi/store.h"

/** What one capture has shown. */
typedef struct imi_evidence {
    imi_liveness_verdict liveness;
    imi_findings findings; /* of every layer that the purpose makes use of */
    imi_weighed weighed; /* what they amount to; UNDECIDED until weighed */
    uint32_t probe_count; /* frames that templates could be made of */
    imi_capture_reason probe_reason; /* with no such frame: why the best was refused */
    bool one_person; /* every probe and action frame shows the same person */
    bool reference_missing; /* erased since the session was made */
    bool document_checked; /* the reference was enrolled from a document whose checks held */
    bool compared;
    imi_score_kind score_kind; /* NONE unless compared */
    float similarity; /* NaN unless compared */
    double fmr; /* NaN unless compared */
    double threshold; /* lowest similarity of this kind that is a match; NaN if there is none */
    double target_fmr; /* that the threshold keeps; at most the purpose's */
    float probe_quality; /* mean over the probe frames, in [0, 1]; NaN without any */
} imi_evidence;

/** Evidence of nothing. */
void imi_evidence_init(imi_evidence *out);

/**
 * Weigh the findings. Those of layers that the purpose makes no use of are dropped: no opinion of
 * theirs counts, not even a veto.
 */
void imi_evidence_weigh(imi_evidence *evidence, const imi_purpose *purpose,
                        const imi_weighing *weighing);
/** Whether the optional detection networks had their say. */
bool imi_evidence_has_networks(const imi_evidence *evidence);

/** What happened in the session before this capture. */
typedef struct imi_history {
    uint32_t attempts; /* captures judged before */
    uint32_t suspicions; /* of these, how many looked like an attack */
} imi_history;

typedef struct imi_ruling {
    imi_decision decision;
    const char *reason; /* stable code, static storage */
} imi_ruling;

/** Reason codes other than the names of imi_capture_reason. */
#define IMI_REASON_MATCH "match"
#define IMI_REASON_NON_MATCH "non_match"
#define IMI_REASON_LIVENESS "liveness"
#define IMI_REASON_TIMEOUT "timeout"
#define IMI_REASON_FACE_LOST "face_lost"
#define IMI_REASON_INCOMPLETE "incomplete"
#define IMI_REASON_TIME "time"
#define IMI_REASON_WRONG_ACTION "wrong_action"
#define IMI_REASON_NO_USABLE_FRAME "no_usable_frame"
#define IMI_REASON_NOT_COMPARED "not_compared"
#define IMI_REASON_UNDECIDED "undecided"
#define IMI_REASON_PAD_UNAVAILABLE "pad_unavailable"
#define IMI_REASON_ATTESTATION_MISSING "attestation_missing"
#define IMI_REASON_DOCUMENT_MISSING "document_missing"
#define IMI_REASON_REFERENCE_MISSING "reference_missing"
/* Of sessions in which no capture could begin. */
#define IMI_REASON_ATTEMPT_LIMIT "attempt_limit"
#define IMI_REASON_CHALLENGE_IMPOSSIBLE "challenge_impossible"

/**
 * Decide on one capture. Never fails; what cannot be decided is IMI_DECISION_NONE.
 *
 * Shape: VERIFIED only if every single condition holds; any NaN argues against it.
 */
imi_ruling imi_decide(const imi_purpose *purpose, const imi_evidence *evidence,
                      const imi_history *history);

/** What to do better after a capture that ended for this reason; HOLD_STILL if unknown. */
imi_guidance imi_advice_of_reason(const char *reason);

#endif
