/**
 * One capture in memory: its chain, its queue of frames, its judge.
 *
 * Frames are taken in the order of the chain by whichever thread brings them, and judged one
 * after the other by at most one job at a time. When several wait only the newest two are judged,
 * or, where workers are short, the newest: the others are answered with what the person was told
 * last, so that no answer is late, and only their bytes and times are examined. Answers go out in
 * the order of the frames. Counted: the table, a caller and the job each hold a reference.
 */
#ifndef IMI_SESSION_LIVE_CAPTURE_H
#define IMI_SESSION_LIVE_CAPTURE_H

#include "captures.h"
#include "frame_chain.h"
#include "imi/examine.h"
#include "imi/service.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    /* As many as come while a capture waits for its turn on a server that is far behind: a queue
     * that is full leaves its last frame without a newer one, and so without an answer. */
    IMI_PENDING_FRAMES_MAX = 32,
    /* Frames whose answers are remembered for a phone that asks again after an interruption.
     * A power of two above IMI_PENDING_FRAMES_MAX. */
    IMI_ANSWERS_KEPT = 64,
    IMI_EARLY_FRAMES_MAX = 8, /* so far a phone may be ahead, as the largest window of the core */
    IMI_WAITERS_MAX = 4 /* calls that wait for the answer to one frame */
};

typedef struct imi_frame_waiter {
    struct imi_frame_waiter *next;
    imi_frame_reply reply;
    void *user;
} imi_frame_waiter;

/** A frame that the chain has taken: first waiting to be judged, then its answer. */
typedef struct imi_taken_frame {
    uint64_t sequence; /* 0: none */
    int64_t captured_at_ms;
    int64_t arrived_at_ms; /* monotonic */
    uint32_t light_shown_ms;
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
    imi_buffer jpeg; /* until a job takes it */
    imi_frame_waiter *waiters; /* until answered; oldest last */
    uint32_t waiter_count;
    bool answered;
    imi_status status; /* of the answer */
    imi_frame_feedback feedback;
} imi_taken_frame;

typedef enum imi_live_phase {
    IMI_PHASE_LIVE = 0,
    IMI_PHASE_ENDED = 1, /* judged; frames get the final answer */
    IMI_PHASE_DROPPED = 2 /* replaced, idle, withdrawn or failed; frames are refused */
} imi_live_phase;

/** By what a capture is examined. */
typedef struct imi_capture_plan {
    imi_challenge challenge;
    imi_light_sequence light; /* count 0: none */
    imi_device_hints hints;
    imi_findings attested; /* only IMI_LAYER_ATTESTATION is used */
} imi_capture_plan;

struct imi_live_capture {
    atomic_uint references;

    /* Fixed once made. */
    imi_service *service;
    const imi_purpose *purpose;
    char capture_id[IMI_ID_SIZE];
    char session_id[IMI_ID_SIZE];
    char reference_id[IMI_ID_SIZE];
    uint8_t credential_hash[IMI_STORE_HASH_SIZE];
    uint8_t device_key[IMI_STORE_KEY_SIZE];
    size_t device_key_size;
    uint8_t nonce[IMI_CAPTURE_NONCE_SIZE];
    int64_t expires_ms;
    imi_capture_plan plan;

    pthread_mutex_t mutex; /* guards the following, and is held for copies only */
    imi_frame_chain chain;
    uint64_t next_judged; /* sequence that the job takes next */
    bool job_queued; /* a job runs or waits in the pool; it holds a reference */
    uint64_t job_number; /* of the latest; the first is 1 */
    bool job_sure; /* the pool has taken it: what waits for it will not be taken back */
    bool hurried; /* it had to wait: workers are short */
    int64_t queued_ms; /* monotonic: when the job was queued last */
    bool judging; /* it is at a frame, whose answer is to come before those of newer ones */
    imi_live_phase phase;
    int64_t last_frame_ms; /* monotonic */
    imi_taken_frame taken[IMI_ANSWERS_KEPT]; /* at sequence % IMI_ANSWERS_KEPT */
    imi_frame_feedback last_feedback; /* of the frame judged last */

    /* Used by the one job only. */
    imi_examiner *examiner;
    imi_frame_feedback final_feedback; /* once ENDED */
};

/** Where the frame of this sequence number is or would be kept. Mutex held. */
static inline imi_taken_frame *imi_live_capture_place(imi_live_capture *capture, uint64_t sequence)
{
    return &capture->taken[sequence % IMI_ANSWERS_KEPT];
}

/** Call and free a list of waiters. Never under a lock. */
void imi_frame_waiters_tell(imi_frame_waiter *waiters, imi_status status, const imi_error *error,
                            const imi_frame_feedback *feedback);

/** Make a capture for a session, with a fresh id and nonce. The reference is the caller's. */
IMI_MUST_USE imi_status imi_live_capture_new(imi_service *service, const imi_session_record *record,
                                             const imi_purpose *purpose,
                                             const imi_capture_plan *plan, imi_live_capture **out,
                                             imi_error *err);
imi_live_capture *imi_live_capture_acquire(imi_live_capture *capture);
/** Give a reference back; the last one wipes and frees. Accepts NULL; nulls the pointer. */
void imi_live_capture_release(imi_live_capture **capture);
IMI_AUTO_DEFINE(imi_live_capture, imi_live_capture_release)

/** From now on frames are refused. Frames that wait are answered by the job. */
void imi_live_capture_drop(imi_live_capture *capture);
imi_live_phase imi_live_capture_phase(imi_live_capture *capture);
int64_t imi_live_capture_last_frame_ms(imi_live_capture *capture);
/** Whether it is under way and had a frame, or was begun, since since_ms (monotonic). */
bool imi_live_capture_is_busy(imi_live_capture *capture, int64_t since_ms);

/** Take one frame and see that it gets judged; see imi_service_submit_frame. */
IMI_MUST_USE imi_status imi_live_capture_submit(imi_live_capture *capture, const imi_frame *frame,
                                                imi_frame_reply reply, void *user, imi_error *err);

/** The job: judges waiting frames; owns one reference (job is the imi_live_capture). */
void imi_live_capture_run(void *engine, void *job);

/** A frame on its way from the queue to its answer. */
typedef struct imi_pending_frame {
    uint64_t sequence;
    int64_t captured_at_ms, arrived_at_ms;
    uint32_t light_shown_ms;
    imi_buffer jpeg;
    bool skipped; /* newer ones wait: not to be judged */
} imi_pending_frame;

/**
 * The oldest waiting frame; false when there is none, upon which the caller is no longer the
 * job of this capture.
 */
bool imi_live_capture_take_pending(imi_live_capture *capture, imi_pending_frame *out);
/** Answer the frame taken last, unless it was, and frames that wait behind it for no judgement;
 * calls their waiters. feedback is not used when status is one. */
void imi_live_capture_answer(imi_live_capture *capture, const imi_pending_frame *frame,
                             imi_status status, const imi_error *error,
                             const imi_frame_feedback *feedback);

/** What is to be told: waiters, with the answer to each one's frame. */
typedef struct imi_frame_answers {
    size_t count;
    imi_frame_waiter *waiters[IMI_PENDING_FRAMES_MAX + 1];
    imi_frame_feedback feedback[IMI_PENDING_FRAMES_MAX + 1];
} imi_frame_answers;

/** Answer all waiting frames but those that will be judged with the last feedback, if the job can
 * be relied on and is not at an older one. Mutex held; tell the answers without it. */
void imi_live_capture_shed(imi_live_capture *capture, imi_frame_answers *out);
/** Never under a lock. */
void imi_frame_answers_tell(imi_frame_answers *answers);

/** Judge one frame: feedback_out as it is to be sent. Runs on the capture's job only. */
IMI_MUST_USE imi_status imi_live_capture_judge(imi_live_capture *capture, imi_engine *engine,
                                               const imi_pending_frame *frame,
                                               imi_frame_feedback *feedback_out, imi_error *err);

/** Take note of a frame that is not judged. Runs on the capture's job only. */
IMI_MUST_USE imi_status imi_live_capture_skip(imi_live_capture *capture,
                                              const imi_pending_frame *frame, imi_error *err);

/**
 * Decide after the verdict and make the decision durable. outcome_out is what the phone may
 * know. On failure nothing is decided and nothing is stored.
 */
IMI_MUST_USE imi_status imi_live_capture_finish(imi_live_capture *capture,
                                                const imi_liveness_verdict *verdict,
                                                imi_subject_outcome *outcome_out, imi_error *err);

#endif
