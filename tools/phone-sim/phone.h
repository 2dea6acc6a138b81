/**
 * A simulated phone: joins a session, consents, and sends signed frames until the server has
 * heard enough, over the same calls as a real one.
 *
 * Threads: one thread a phone.
 */
#ifndef IMI_TOOLS_PHONE_H
#define IMI_TOOLS_PHONE_H

#include "imi/liveness.h"
#include "imi/memory.h"
#include "imi/service.h"
#include "imi/status.h"
#include "phone-sim/source.h"
#include "rpc/client.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_phone imi_phone;

/** What an observer is told of. */
typedef enum imi_phone_event_kind {
    IMI_PHONE_JOINED = 1,
    IMI_PHONE_CONSENTED,
    IMI_PHONE_CAPTURE_BEGUN,
    IMI_PHONE_GUIDANCE, /* the guidance has changed */
    IMI_PHONE_FEEDBACK, /* a frame was answered */
    IMI_PHONE_INTERRUPTED, /* the stream broke or was refused; the phone goes on */
    IMI_PHONE_CAPTURE_ENDED
} imi_phone_event_kind;

typedef struct imi_phone_event {
    imi_phone_event_kind kind;
    const char *purpose_title; /* JOINED */
    const char *consent_text; /* JOINED */
    const char *receiver; /* JOINED */
    const imi_challenge *challenge; /* CAPTURE_BEGUN */
    const imi_frame_feedback *feedback; /* GUIDANCE, FEEDBACK, CAPTURE_ENDED */
    int64_t latency_us; /* FEEDBACK: from sending the frame to its answer */
    imi_status status; /* INTERRUPTED: why */
} imi_phone_event;

/** All borrowed for the call. */
typedef void (*imi_phone_observer)(void *user, const imi_phone_event *event);

/** How frames keep time. */
typedef enum imi_phone_pace {
    /** As a camera: a frame that the server is too slow for is never taken. */
    IMI_PHONE_PACE_CAMERA = 0,
    /** Every frame is sent; on a slow server the capture clock waits for the answers. */
    IMI_PHONE_PACE_LOCKSTEP = 1
} imi_phone_pace;

/** Options of a phone. Zero means the default in brackets. Everything is borrowed. */
typedef struct imi_phone_options {
    imi_rpc_channel *channel; /* required */
    double frames_per_s; /* [12] */
    imi_phone_pace pace;
    bool unary; /* SubmitFrame a frame, as a browser, not StreamFrames */
    uint32_t interrupt_every; /* break the stream after so many frames; 0 = never */
    uint32_t cannot_mask; /* bit (1 << imi_action) of what the person says they cannot do */
    const char *const *claims; /* to agree to beside those that are required */
    size_t claim_count; /* at most IMI_POLICY_CLAIMS_MAX */
    uint32_t frames_max; /* leave after so many frames; 0 = no limit */
    int64_t capture_timeout_ms; /* give up on a capture [120,000] */
    int64_t patience_ms; /* waits no longer between captures when the server says later [60,000] */
    int64_t busy_patience_ms; /* nor before one while others have their turn [600,000] */
    imi_phone_observer observer; /* optional */
    void *user;
} imi_phone_options;

IMI_MUST_USE imi_status imi_phone_new(const imi_phone_options *options, imi_phone **out,
                                      imi_error *err);
/** Wipes the key and the credential. */
void imi_phone_destroy(imi_phone **phone);
IMI_AUTO_DEFINE(imi_phone, imi_phone_destroy)

/** Join by the session's id and the secret of the join link. */
IMI_MUST_USE imi_status imi_phone_join(imi_phone *phone, const char *session_id,
                                       const char *join_secret, imi_error *err);
/** Accept (or refuse) the consent text; accepting agrees to the claims of the options. */
IMI_MUST_USE imi_status imi_phone_consent(imi_phone *phone, bool accepted, imi_error *err);

/**
 * Keep what the person needs to come back within the session, and to present a credential later:
 * FOLDER/session, which opens the session, and FOLDER/key.pem, both of mode 0600. The folder is
 * made if it does not exist.
 */
IMI_MUST_USE imi_status imi_phone_save(const imi_phone *phone, const char *folder, imi_error *err);

/** Let the template of a verified session be kept, or not; out is how it stands then. */
IMI_MUST_USE imi_status imi_phone_answer_additional(imi_phone *phone, bool accepted,
                                                    imi_keep_reference *out, imi_error *err);

/** What came of a capture. */
typedef struct imi_phone_result {
    imi_subject_outcome outcome; /* IN_PROGRESS: gave up before the server had heard enough */
    imi_guidance advice; /* with TRY_AGAIN */
    uint32_t attempts_left;
    uint32_t retry_after_ms; /* with TRY_AGAIN: the server let none begin before */
    uint32_t waits; /* times that it was told to let others have their turn */
    int64_t waited_ms; /* in all, therefore */
    imi_keep_reference keep_reference; /* whether a template may be kept, or is */
    uint64_t frames_sent;
    uint64_t frames_answered;
    uint64_t frames_skipped; /* camera moments that found the server still busy */
    uint64_t refusals; /* RESOURCE_EXHAUSTED answers */
    uint64_t interruptions;
} imi_phone_result;

/**
 * Begin a capture, after others had their turn if need be, and play the source into it until the
 * server has heard enough.
 *
 * Errors: the server's, unless sending again later may help; the counts are filled also then.
 */
IMI_MUST_USE imi_status imi_phone_capture(imi_phone *phone, imi_source *source,
                                          imi_phone_result *out, imi_error *err);

/** Ask what came of it: outcome, advice, attempts left, whether a template may be kept. */
IMI_MUST_USE imi_status imi_phone_outcome(imi_phone *phone, imi_phone_result *out, imi_error *err);

/**
 * Captures until the outcome is something else than TRY_AGAIN, no attempts are left, or the server
 * lets none begin for longer than the phone's patience.
 * The counts are sums over the captures.
 */
IMI_MUST_USE imi_status imi_phone_run(imi_phone *phone, imi_source *source, imi_phone_result *out,
                                      imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
