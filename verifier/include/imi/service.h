/**
 * The application core: every use case of the product, free of transport and of models.
 *
 * Threads:   all functions are safe from any thread. Those that answer through a callback
 *            return at once; the callback runs once, on a compute worker or on the caller's
 *            thread, never under a lock.
 * Ownership: text and byte inputs are borrowed for the call.
 * Errors:    IMI_E_UNAUTHENTICATED for a credential that is wrong, expired or of an unknown
 *            session, without telling which; IMI_E_NOT_FOUND for another party's objects.
 */
#ifndef IMI_SERVICE_H
#define IMI_SERVICE_H

#include "imi/attest.h"
#include "imi/clock.h"
#include "imi/compare.h"
#include "imi/document.h"
#include "imi/engine.h"
#include "imi/keyring.h"
#include "imi/light.h"
#include "imi/liveness.h"
#include "imi/policy.h"
#include "imi/pool.h"
#include "imi/store.h"
#include "imi/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_service imi_service;
struct imi_operating_points;
struct imi_cohort_keeper;
struct imi_log_keeper;

/** Parts; all borrowed and outliving the service. */
typedef struct imi_service_options {
    imi_store *store; /* required */
    imi_clock *clock; /* required */
    imi_keyring *keyring; /* required: with a key for each party's algorithm */
    const imi_policy *policy; /* required */
    const imi_scorer *scorer; /* required */
    imi_pool *compute; /* required: worker state is an imi_engine * */
    bool pad_available; /* the workers' engines have PAD models */
    const imi_attest_roots *attest_roots; /* NULL: no platform's word is trusted */
    const char *model_version; /* required: goes into decisions and tokens */
    const uint8_t *subject_secret; /* required: 32 bytes behind pairwise subjects */
    size_t live_captures_max; /* captures in memory at once; 0 = 256 */
    size_t captures_at_once; /* that may run; others wait. 0 = as many as can be judged */
    /* Operating points that administrators change (session/operating_points.h); NULL: the service
     * loads them itself, once, and decides under those. */
    struct imi_operating_points *points;
    struct imi_log_keeper *log; /* session/log_keeper.h; NULL: receipts cannot be had */
} imi_service_options;

/**
 * Put the service together and check that it can keep its promises.
 *
 * Errors: IMI_E_INVALID_ARGUMENT (a part is missing), IMI_E_CALIBRATION (a purpose asks for a
 *         false match rate that the table cannot support), IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_service_new(const imi_service_options *options, imi_service **out,
                                        imi_error *err);
/** All calls and jobs must have ended (destroy the compute pool first). */
void imi_service_destroy(imi_service **service);
IMI_AUTO_DEFINE(imi_service, imi_service_destroy)

/** Housekeeping: expires sessions, drops idle captures and erases subjects whose retention is over;
 *  call about once a second. */
void imi_service_tick(imi_service *service);

/**
 * Where several processes serve one store: let those who watch sessions look for events that others
 * have stored; call about once a second.
 */
void imi_service_follow_others(imi_service *service);

/** The deployment's cohort, for calibration jobs (session/cohort_keeper.h); owned by the service.
 */
struct imi_cohort_keeper *imi_service_cohorts(imi_service *service);

/* ---- Relying party. `party` is the name from its verified client certificate. ---- */

typedef struct imi_create_session {
    const char *purpose; /* required */
    const char *reference_id; /* required */
    const char *nonce; /* required, 8 to 200 characters */
    const char *request_id; /* "" = none */
    const char *const *claims; /* that the token shall tell, if the subject agrees */
    size_t claim_count; /* at most IMI_POLICY_CLAIMS_MAX */
} imi_create_session;

enum { IMI_SECRET_TEXT_SIZE = 44, IMI_CREDENTIAL_TEXT_SIZE = 80 };

typedef struct imi_created_session {
    char session_id[IMI_ID_SIZE];
    char join_secret[IMI_SECRET_TEXT_SIZE]; /* 32 bytes, base64url; only its hash is stored */
    char join_url[IMI_STORE_NAME_SIZE + 128];
    int64_t expires_at_ms;
} imi_created_session;

/**
 * Errors: IMI_E_PERMISSION (purpose not granted), IMI_E_POLICY_UNKNOWN_PURPOSE,
 *         IMI_E_NOT_FOUND (reference), IMI_E_INVALID_ARGUMENT, IMI_E_CONFLICT (request_id used
 *         with other arguments, or a phone has joined already).
 */
IMI_MUST_USE imi_status imi_service_create_session(imi_service *service, const char *party,
                                                   const imi_create_session *request,
                                                   imi_created_session *out, imi_error *err);

/** The stored record; token appended to token_out if it has one (NULL = not wanted). */
IMI_MUST_USE imi_status imi_service_get_session(imi_service *service, const char *party,
                                                const char *session_id, imi_session_record *out,
                                                imi_buffer *token_out, imi_error *err);

/** Told that a session has a new event; read it with imi_service_list_events. */
typedef void (*imi_session_listener)(void *user, const char *session_id);
typedef struct imi_watch imi_watch;
/** Listen to one session. The listener may run before the function returns. */
IMI_MUST_USE imi_status imi_service_watch(imi_service *service, const char *party,
                                          const char *session_id, imi_session_listener listener,
                                          void *user, imi_watch **out, imi_error *err);
/** Listen to all sessions of a relying party, or ("", for parts of the server) of all. */
IMI_MUST_USE imi_status imi_service_watch_party(imi_service *service, const char *party,
                                                imi_session_listener listener, void *user,
                                                imi_watch **out, imi_error *err);
/** After this returns the listener does not run any more. Not from within the listener. */
void imi_watch_destroy(imi_watch **watch);

/**
 * Events of a session with sequence > after, oldest first.
 *
 * Shape:  out holds capacity records; *count_out of them are filled.
 * Errors: IMI_E_NOT_FOUND.
 */
IMI_MUST_USE imi_status imi_service_list_events(imi_service *service, const char *party,
                                                const char *session_id, int64_t after,
                                                imi_event_record *out, size_t capacity,
                                                size_t *count_out, imi_error *err);

/**
 * Events of all sessions of a party with cursor > after, oldest first.
 *
 * Shape:  out holds capacity records; *count_out of them are filled.
 * Errors: IMI_E_PERMISSION; IMI_E_INVALID_ARGUMENT for a negative cursor.
 */
IMI_MUST_USE imi_status imi_service_list_feed(imi_service *service, const char *party,
                                              int64_t after, imi_feed_record *out, size_t capacity,
                                              size_t *count_out, imi_error *err);
/**
 * A party's webhook calls in a state, or (NONE) both pending and dead ones, oldest event first.
 *
 * Shape:  as above.
 * Errors: IMI_E_PERMISSION.
 */
IMI_MUST_USE imi_status imi_service_list_deliveries(imi_service *service, const char *party,
                                                    imi_delivery_state state,
                                                    imi_delivery_record *out, size_t capacity,
                                                    size_t *count_out, imi_error *err);
/** Send one again, or ("") all that were given up. Errors: IMI_E_PERMISSION, IMI_E_NOT_FOUND. */
IMI_MUST_USE imi_status imi_service_replay_deliveries(imi_service *service, const char *party,
                                                      const char *delivery_id, size_t *count_out,
                                                      imi_error *err);

typedef struct imi_introspection {
    bool active;
    char session_id[IMI_ID_SIZE];
    int64_t expires_at_s;
    imi_status reason; /* why not active */
} imi_introspection;

/**
 * Whether a token is genuine, for this party and still stands. One that is not is a result
 * (active false, and why), not an error.
 */
IMI_MUST_USE imi_status imi_service_introspect(imi_service *service, const char *party,
                                               imi_view token, imi_introspection *out,
                                               imi_error *err);

enum { IMI_REDEMPTION_REASON_SIZE = 32 };

typedef struct imi_redeemed {
    bool redeemed; /* by this call, or an earlier one with the same request_id */
    char reason[IMI_REDEMPTION_REASON_SIZE]; /* "" if it is; else a stable code of why not */
    int64_t redeemed_at_ms; /* 0 if it never was */
    char session_id[IMI_ID_SIZE]; /* "" unless the token is genuine */
} imi_redeemed;

/**
 * Use a token up, exactly once over threads, processes and crashes. One that cannot be is a
 * result, not an error. Repeat a call whose answer was lost before the token expires.
 *
 * Errors: IMI_E_INVALID_ARGUMENT (request_id: 8 to 100 characters), IMI_E_PERMISSION.
 */
IMI_MUST_USE imi_status imi_service_redeem_token(imi_service *service, const char *party,
                                                 imi_view token, const char *request_id,
                                                 imi_redeemed *out, imi_error *err);

/**
 * Revoke, suspend or reinstate the token of a session. reason: letters, digits and _, at most 60.
 *
 * Errors: IMI_E_NOT_FOUND (no such session, or it has no token), IMI_E_CONFLICT (it was revoked
 *         for good), IMI_E_INVALID_ARGUMENT.
 */
IMI_MUST_USE imi_status imi_service_set_token_status(imi_service *service, const char *party,
                                                     const char *session_id,
                                                     imi_token_status status, const char *reason,
                                                     imi_error *err);

typedef enum imi_receipt_kind {
    IMI_RECEIPT_DECISION = 0,
    IMI_RECEIPT_CONSENT = 1,
    IMI_RECEIPT_DELETION = 2
} imi_receipt_kind;

/**
 * Append the receipt of what a session's newest leaf of this kind says; nothing while the log has
 * not taken it in, or too few witnesses have cosigned: ask again.
 *
 * id:     of the session, or of the deletion: of either the party's own alone.
 * Errors: IMI_E_NOT_FOUND (nothing was logged, or it was forgotten), IMI_E_UNSUPPORTED (this
 *         service keeps no log).
 */
IMI_MUST_USE imi_status imi_service_receipt(imi_service *service, const char *party, const char *id,
                                            imi_receipt_kind kind, imi_buffer *json_out,
                                            imi_error *err);

/** Append the JSON Web Key Set. */
IMI_MUST_USE imi_status imi_service_jwks(imi_service *service, imi_buffer *json_out,
                                         imi_error *err);

/* ---- Enrolment ---- */

/** All borrowed for the call. */
typedef struct imi_enrol_request {
    const char *subject_id; /* required, 1 to 100 bytes */
    /* Exactly one of the two photos: */
    imi_view portrait_jpeg;
    imi_view document_jpeg; /* photo of a document, whose portrait is enrolled */
    /* With a document, which is checked against them: a number or the name at least. */
    imi_document_claims claims;
    /* Group error rates, never needed to verify. What is not told here is taken from a document
     * that is accepted. */
    int32_t birth_decade; /* such as 1950; 0 = not told */
    imi_sex sex;
    int64_t delete_after_ms; /* unix time after which all of the subject is erased; 0 = none */
} imi_enrol_request;

/** What is told of a document: how it was read and compared, never what stands in it. */
typedef struct imi_document_summary {
    imi_document_kind kind;
    uint32_t reasons; /* bit per imi_document_reason; hints also of accepted ones */
    imi_data_match matches[IMI_CLAIM_COUNT];
    imi_field_source sources[IMI_FIELD_COUNT]; /* NONE: not read */
    imi_check_state checks[IMI_FIELD_COUNT];
} imi_document_summary;

typedef struct imi_enrolment {
    bool accepted;
    char reference_id[IMI_ID_SIZE];
    imi_capture_reason reason;
    float quality;
    /* How far later comparisons can be expected to succeed. An accepted portrait may be POOR: then
     * its reason says what a better one needs (imi_capture_advise, IMI_CAPTURE_PORTRAIT). */
    imi_matchability matchability;
    bool from_document; /* then the summary is filled in */
    imi_document_summary document;
} imi_enrolment;

/** error is meaningful when status is not IMI_OK. Both borrowed for the call. */
typedef void (*imi_enrol_reply)(void *user, imi_status status, const imi_error *error,
                                const imi_enrolment *enrolment);

/**
 * Enrol a portrait, or that of a document, on a compute worker. The JPEG is copied; it and what
 * was read from it are wiped after extraction. A document that is not accepted stores nothing.
 * Errors: returned at once (IMI_E_EXHAUSTED, IMI_E_PERMISSION, IMI_E_INVALID_ARGUMENT, image
 *         limits), in which case reply never runs; later ones go to reply, such as
 *         IMI_E_UNSUPPORTED for a document where the workers have no reader.
 */
IMI_MUST_USE imi_status imi_service_enrol(imi_service *service, const char *party,
                                          const imi_enrol_request *request, imi_enrol_reply reply,
                                          void *user, imi_error *err);
/**
 * References of a subject, primary and additional ones, at most capacity.
 * Errors: IMI_E_PERMISSION (may not enrol). An unknown subject has none.
 */
IMI_MUST_USE imi_status imi_service_list_references(imi_service *service, const char *party,
                                                    const char *subject_id,
                                                    imi_reference_record *out, size_t capacity,
                                                    size_t *count_out, imi_error *err);
/** Erase a reference; with a primary one its additional ones. Errors: IMI_E_NOT_FOUND,
 * IMI_E_STORE_BUSY (call again). */
IMI_MUST_USE imi_status imi_service_delete_reference(imi_service *service, const char *party,
                                                     const char *reference_id, imi_error *err);

/**
 * What a party tells of a subject that it has enrolled: a JSON object of at most 8 KiB and 32
 * members, in place of what it told before; "" = nothing.
 * Errors: IMI_E_PERMISSION, IMI_E_NOT_FOUND (not enrolled), IMI_E_INVALID_ARGUMENT,
 *         IMI_E_STORE_BUSY (call again).
 */
IMI_MUST_USE imi_status imi_service_set_claims(imi_service *service, const char *party,
                                               const char *subject_id, const char *claims_json,
                                               imi_error *err);
/** Where a deletion is found in the public log; -1 and "" if a call before has stored its leaf. */
typedef struct imi_erased {
    int64_t log_index;
    char deletion_id[IMI_ID_SIZE]; /* random; its receipt is asked for by it */
} imi_erased;

/**
 * Erase a subject: docs/deletion.md. Its open sessions end.
 *
 * Errors: IMI_E_PERMISSION, IMI_E_NOT_FOUND (nothing of it is there), IMI_E_STORE_BUSY (nothing
 *         can be read any more, but pages wait to be cleaned: call again).
 */
IMI_MUST_USE imi_status imi_service_erase_subject(imi_service *service, const char *party,
                                                  const char *subject_id, imi_erased *out,
                                                  imi_error *err);

typedef struct imi_photo_comparison {
    imi_capture_reason probe_reason, reference_reason;
    imi_decision decision; /* VERIFIED = match, REJECTED = non-match, RETRY = not usable */
    imi_comparison comparison;
} imi_photo_comparison;

typedef void (*imi_compare_reply)(void *user, imi_status status, const imi_error *error,
                                  const imi_photo_comparison *result);

/** Compare two photos under a purpose's threshold; stores nothing. */
IMI_MUST_USE imi_status imi_service_compare_photos(imi_service *service, const char *party,
                                                   const char *purpose, imi_view probe_jpeg,
                                                   imi_view reference_jpeg, imi_compare_reply reply,
                                                   void *user, imi_error *err);

/* ---- Subject's phone. `credential` is "SESSION_ID.SECRET" from the metadata. ---- */

typedef struct imi_joined {
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    const char *purpose_title; /* owned by the policy */
    const char *consent_text; /* owned by the policy */
    int64_t expires_at_ms;
    const char *receiver; /* who asks, in words; owned by the policy */
    const imi_claim_rule *claims[IMI_POLICY_CLAIMS_MAX]; /* asked for; owned by the policy */
    size_t claim_count;
} imi_joined;

/**
 * Bind a phone to a session. The same phone may join again, with the same secret and key, until
 * it has answered the consent text: its credential before ceases to hold.
 *
 * Errors: IMI_E_UNAUTHENTICATED (secret wrong or used up, another phone's, or the session is
 *         unknown or over), IMI_E_INVALID_ARGUMENT (not a P-256 key).
 */
IMI_MUST_USE imi_status imi_service_join(imi_service *service, const char *session_id,
                                         const char *join_secret, imi_view device_key_spki,
                                         imi_joined *out, imi_error *err);

/** How far a session is, as coarse as whoever holds its join link may know it. */
typedef enum imi_follow_step {
    IMI_FOLLOW_NONE = 0,
    IMI_FOLLOW_WAITING_FOR_PHONE = 1,
    IMI_FOLLOW_PHONE_JOINED = 2,
    IMI_FOLLOW_CONSENTED = 3,
    IMI_FOLLOW_CAPTURING = 4,
    IMI_FOLLOW_TRY_AGAIN = 5,
    IMI_FOLLOW_DONE = 6, /* from here on nothing follows */
    IMI_FOLLOW_STAFF_REVIEW = 7,
    IMI_FOLLOW_EXPIRED = 8,
    IMI_FOLLOW_WITHDRAWN = 9
} imi_follow_step;

typedef struct imi_followed {
    imi_follow_step step;
    bool is_over;
    int64_t expires_at_ms;
} imi_followed;

/**
 * Listen to a session by the secret of its join link, whether or not a phone has joined. It lets
 * nobody do anything else. The listener may run before the function returns.
 *
 * Errors: IMI_E_UNAUTHENTICATED (secret wrong, session unknown, or its credential ended),
 *         IMI_E_EXHAUSTED (4 follow it already).
 */
IMI_MUST_USE imi_status imi_service_follow(imi_service *service, const char *session_id,
                                           const char *join_secret, imi_session_listener listener,
                                           void *user, imi_watch **out, imi_error *err);
/**
 * How far it is. Once it is decided the receipt is appended, as imi_service_decision_receipt;
 * nothing where no log is kept.
 *
 * Errors: IMI_E_UNAUTHENTICATED.
 */
IMI_MUST_USE imi_status imi_service_followed(imi_service *service, const char *session_id,
                                             const char *join_secret, imi_followed *out,
                                             imi_buffer *receipt_out, imi_error *err);

/** Answer to the consent text. Borrowed. */
typedef struct imi_consent_answer {
    bool accepted;
    const char *const *claims; /* with accepted: those that may be told */
    size_t claim_count;
} imi_consent_answer;

/**
 * Record the answer to the consent text, with its leaf of the public log; a refusal ends the
 * session. The same answer again is allowed.
 *
 * Errors: IMI_E_UNAUTHENTICATED, IMI_E_SESSION_STATE; IMI_E_INVALID_ARGUMENT for claims that were
 *         not asked for or without one that is required: the session goes on unanswered.
 */
IMI_MUST_USE imi_status imi_service_consent(imi_service *service, const char *credential,
                                            const imi_consent_answer *answer,
                                            imi_session_state *state_out, imi_error *err);

/**
 * Append the record of the answer as JSON, and its receipt, or nothing while the log has not taken
 * it in. Errors: IMI_E_UNAUTHENTICATED, IMI_E_NOT_FOUND (not answered).
 */
IMI_MUST_USE imi_status imi_service_get_consent(imi_service *service, const char *credential,
                                                imi_buffer *consent_out, imi_buffer *receipt_out,
                                                imi_error *err);

/**
 * Take the consent back. A session that is not decided ends as WITHDRAWN. Else token and credential
 * are revoked, the token is not handed out again, and a template that was kept is erased.
 *
 * Errors: IMI_E_UNAUTHENTICATED, IMI_E_STORE_BUSY (call again).
 */
IMI_MUST_USE imi_status imi_service_withdraw_consent(imi_service *service, const char *credential,
                                                     imi_error *err);

/** Append the receipt of the session's newest decision; nothing before, and until the log has it.
 *  Errors: IMI_E_UNAUTHENTICATED, IMI_E_UNSUPPORTED (no log). */
IMI_MUST_USE imi_status imi_service_decision_receipt(imi_service *service, const char *credential,
                                                     imi_buffer *json_out, imi_error *err);

/**
 * Append an SD-JWT of all claims that were enrolled, bound to the session's device key. Asked again
 * it is issued again, with the same place in a status list.
 *
 * Errors: IMI_E_UNAUTHENTICATED, IMI_E_SESSION_STATE (not VERIFIED, consent withdrawn, or none is
 *         given for this purpose), IMI_E_NOT_FOUND (no claims were enrolled).
 */
IMI_MUST_USE imi_status imi_service_issue_credential(imi_service *service, const char *credential,
                                                     imi_buffer *out, int64_t *expires_ms_out,
                                                     imi_error *err);

/** What a phone says before a capture; all borrowed for the call. */
typedef struct imi_begin_capture {
    uint32_t cannot_mask; /* bit (1 << imi_action) of what the person cannot do */
    imi_device_hints hints;
    imi_attestation_kind attestation_kind;
    imi_view attestation; /* empty with kind NONE */
} imi_begin_capture;

enum { IMI_CAPTURE_NONCE_SIZE = 32 };

typedef struct imi_capture_begun {
    char capture_id[IMI_ID_SIZE];
    uint8_t nonce[IMI_CAPTURE_NONCE_SIZE];
    imi_challenge challenge;
    imi_light_sequence light; /* colours to show; count 0: none */
    /* When not 0 nothing has begun, and may then: the person or the phone tried too often, or,
     * with busy, as many captures run as the workers can judge. */
    uint32_t retry_after_ms;
    bool busy;
    uint32_t attempts_left; /* after this one */
    uint32_t max_frame_bytes;
} imi_capture_begun;

/**
 * Begin a capture, or say when one may begin; waiting costs no attempt. A session in which none can
 * begin, because nothing is left to ask or too many attempts were made, ends in a review: a member
 * of staff sees to it.
 *
 * Errors: IMI_E_CONSENT_REQUIRED, IMI_E_SESSION_STATE (decided, also just now, or no attempts
 *         left), IMI_E_INVALID_ARGUMENT (actions, attestation), IMI_E_EXHAUSTED (too many live
 *         captures).
 */
IMI_MUST_USE imi_status imi_service_begin_capture(imi_service *service, const char *credential,
                                                  const imi_begin_capture *request,
                                                  imi_capture_begun *out, imi_error *err);

/** One frame as it came in; all borrowed for the call. */
typedef struct imi_frame {
    const char *capture_id;
    uint64_t sequence;
    int64_t captured_at_ms;
    imi_view jpeg;
    imi_view signature; /* 64 bytes */
    uint32_t light_shown_ms; /* since the first colour was shown, counted from 1; 0: none is */
} imi_frame;

/** What the phone may know; numbers equal those of imi.v1.SubjectOutcome. */
typedef enum imi_subject_outcome {
    IMI_OUTCOME_NONE = 0,
    IMI_OUTCOME_IN_PROGRESS = 1,
    IMI_OUTCOME_DONE = 2,
    IMI_OUTCOME_TRY_AGAIN = 3,
    IMI_OUTCOME_STAFF_REVIEW = 4
} imi_subject_outcome;

typedef struct imi_frame_feedback {
    uint64_t sequence;
    imi_guidance guidance;
    uint32_t actions_done, actions_total;
    imi_subject_outcome outcome;
    bool has_target;
    imi_oval target; /* where the face is to be, with has_target */
    bool skipped; /* not looked at, as a newer one waited: the rest is what was told last */
} imi_frame_feedback;

typedef void (*imi_frame_reply)(void *user, imi_status status, const imi_error *error,
                                const imi_frame_feedback *feedback);

/**
 * Take a frame: checks credential, capture, sequence, time and signature at once, judges it on
 * a compute worker, in sequence order per capture, and replies. A frame that was taken already
 * gets its old answer again. After the last action the reply also carries the outcome.
 *
 * Errors: returned at once, reply then never runs: IMI_E_UNAUTHENTICATED, IMI_E_FRAME_CHAIN,
 *         IMI_E_FRAME_EARLY (a few frames before it are missing: send it again behind them),
 *         IMI_E_EXHAUSTED (queue full: send again later), IMI_E_IMAGE_* (limits and header).
 *         A JPEG that proves corrupt later goes to reply; the chain goes on behind it.
 */
IMI_MUST_USE imi_status imi_service_submit_frame(imi_service *service, const char *credential,
                                                 const imi_frame *frame, imi_frame_reply reply,
                                                 void *user, imi_error *err);

/** Additional reference of a verified session; numbers equal those of imi.v1.KeepReference. */
typedef enum imi_keep_reference {
    IMI_KEEP_REFERENCE_NONE = 0, /* nothing to answer */
    IMI_KEEP_REFERENCE_OFFERED = 1, /* the subject may let the template be kept */
    IMI_KEEP_REFERENCE_KEPT = 2 /* it is kept, and may be taken back */
} imi_keep_reference;

typedef struct imi_outcome {
    imi_subject_outcome outcome;
    imi_guidance advice;
    uint32_t attempts_left;
    imi_keep_reference keep_reference;
    const char *keep_text; /* consent text with OFFERED or KEPT, else NULL; owned by the policy */
} imi_outcome;

/** What the phone may know now. Errors: IMI_E_UNAUTHENTICATED. */
IMI_MUST_USE imi_status imi_service_outcome(imi_service *service, const char *credential,
                                            imi_outcome *out, imi_error *err);

/**
 * Let the template of this verified session be kept beside the enrolled one, or not. Refusing
 * wipes it, and takes it back if it is kept already. The same answer again is allowed.
 *
 * Errors: IMI_E_UNAUTHENTICATED, IMI_E_SESSION_STATE (nothing was offered, or it is too late),
 *         IMI_E_STORE_BUSY (call again).
 */
IMI_MUST_USE imi_status imi_service_answer_additional(imi_service *service, const char *credential,
                                                      bool accepted, imi_error *err);

/** Numbers for metrics. */
typedef struct imi_service_counts {
    uint64_t live_captures;
    uint64_t captures_at_once, captures_waiting; /* how many may run; who waits to begin one */
    uint64_t frames_taken, frames_refused;
    uint64_t frames_judged, frames_skipped; /* of those taken; skipped: a newer one waited */
    uint64_t decisions[5]; /* by imi_decision */
    uint64_t comparisons[3]; /* that decided, by imi_score_kind; [0]: none could be made */
    uint64_t cohort_members; /* 0 = scores are raw */
    uint64_t offers_held; /* templates in memory that subjects may let be kept */
} imi_service_counts;

/** Read the numbers; each is exact, all together are of about one moment. */
void imi_service_count(imi_service *service, imi_service_counts *out);

#ifdef __cplusplus
}
#endif
#endif
