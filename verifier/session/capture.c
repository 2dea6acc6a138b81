/*
 * Captures as the phone sees them: begin one, send frames.
 */
#include "credential.h"
#include "live_capture.h"
#include "service_internal.h"

#include <string.h>

static const imi_jpeg_limits frame_limits = IMI_JPEG_LIMITS_FRAME;

/* Whether a capture may begin in this session now. */
static imi_status check_may_begin(imi_service *service, const imi_session_record *record,
                                  const imi_purpose *purpose, imi_error *err)
{
    if (record->state == IMI_SESSION_JOINED) {
        IMI_FAIL(err, IMI_E_CONSENT_REQUIRED, "consent comes before any image");
    }
    if (record->state != IMI_SESSION_CONSENTED) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the session is over");
    }
    if (imi_session_overdue(record, imi_service_now_ms(service))) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    if (record->attempts >= purpose->attempts || record->version >= IMI_SESSION_CHANGES_MAX) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "no attempts are left in this session");
    }
    return IMI_OK;
}

/* The challenge of an attempt that was begun before stays the same. */
static imi_status choose_challenge(imi_service *service, const imi_session_record *record,
                                   const imi_purpose *purpose, imi_challenge *out, imi_error *err)
{
    imi_session_past past;
    IMI_TRY(imi_session_read_past(service, record->session_id, &past, err));
    if (past.open_challenge[0] != '\0' &&
        imi_challenge_parse(past.open_challenge, out, NULL) == IMI_OK &&
        out->count == purpose->challenge.count) {
        return IMI_OK;
    }
    return imi_challenge_draw(&purpose->challenge, out, err);
}

typedef struct beginning {
    const imi_purpose *purpose;
    uint32_t attempts; /* when the challenge was chosen */
    char challenge[IMI_CHALLENGE_TEXT_SIZE];
} beginning;

static imi_status apply_begin(imi_service *service, imi_session_change *change, void *argument,
                              imi_error *err)
{
    const beginning *wish = argument;
    imi_session_record *record = &change->record;
    IMI_TRY(check_may_begin(service, record, wish->purpose, err));
    if (record->attempts != wish->attempts) {
        IMI_FAIL(err, IMI_E_CONFLICT, "another capture was judged meanwhile");
    }
    record->decision = IMI_DECISION_NONE;
    record->reason[0] = '\0';
    imi_event_describe(&change->event, IMI_EVENT_CAPTURE_BEGUN, wish->challenge);
    return IMI_OK;
}

/* Admit first: a table that is full must not cost an event. */
static imi_status admit_and_record(imi_service *service, imi_live_capture *capture,
                                   uint32_t attempts, imi_error *err)
{
    beginning wish = {.purpose = capture->purpose, .attempts = attempts};
    imi_challenge_format(&capture->plan.challenge, wish.challenge);
    IMI_TRY(imi_captures_admit(&service->captures, capture, err));
    imi_session_record record;
    imi_status status =
        imi_session_update(service, capture->session_id, apply_begin, &wish, &record, err);
    if (status != IMI_OK) {
        imi_captures_drop(&service->captures, capture);
    }
    return status;
}

imi_status imi_service_begin_capture(imi_service *service, const char *credential,
                                     imi_capture_begun *out, imi_error *err)
{
    *out = (imi_capture_begun){0};
    imi_session_record record;
    IMI_TRY(imi_session_authenticate(service, credential, &record, err));
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, record.purpose);
    if (purpose == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose left the policy");
    }
    IMI_TRY(check_may_begin(service, &record, purpose, err));
    imi_capture_plan plan = {.challenge = {0}};
    IMI_TRY(choose_challenge(service, &record, purpose, &plan.challenge, err));
    IMI_AUTO(imi_live_capture) capture = NULL;
    IMI_TRY(imi_live_capture_new(service, &record, purpose, &plan, &capture, err));
    IMI_TRY(admit_and_record(service, capture, record.attempts, err));
    imi_copy_text(out->capture_id, sizeof out->capture_id, capture->capture_id);
    imi_copy(out->nonce, capture->nonce, sizeof out->nonce);
    out->challenge = plan.challenge;
    out->attempts_left = purpose->attempts - record.attempts - 1;
    out->max_frame_bytes = (uint32_t)frame_limits.bytes;
    return IMI_OK;
}

/* The capture that a credential is for, with a reference for the caller. The live capture
 * knows the credential, so that a frame does not cost a read of the store. */
static imi_status find_capture(imi_service *service, const char *credential, const char *capture_id,
                               imi_live_capture **out, imi_error *err)
{
    *out = NULL;
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    IMI_AUTO(imi_live_capture) capture = NULL;
    if (imi_credential_split(credential, session_id, &secret)) {
        capture = imi_captures_acquire(&service->captures, session_id);
    }
    if (capture == NULL) {
        imi_session_record record;
        IMI_TRY(imi_session_authenticate(service, credential, &record, err));
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "no such capture: begin another");
    }
    if (!imi_credential_matches(secret, capture->credential_hash) ||
        imi_service_now_ms(service) >= capture->expires_ms) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    if (strcmp(capture->capture_id, capture_id) != 0) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "no such capture: begin another");
    }
    *out = IMI_STEAL(&capture);
    return IMI_OK;
}

static imi_status submit_frame(imi_service *service, const char *credential, const imi_frame *frame,
                               imi_frame_reply reply, void *user, imi_error *err)
{
    if (frame == NULL || frame->capture_id == NULL || reply == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a frame, its capture and a reply are needed");
    }
    IMI_AUTO(imi_live_capture) capture = NULL;
    IMI_TRY(find_capture(service, credential, frame->capture_id, &capture, err));
    if (frame->jpeg.size > frame_limits.bytes) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "a frame has at most %zu bytes", frame_limits.bytes);
    }
    return imi_live_capture_submit(capture, frame, reply, user, err);
}

imi_status imi_service_submit_frame(imi_service *service, const char *credential,
                                    const imi_frame *frame, imi_frame_reply reply, void *user,
                                    imi_error *err)
{
    imi_status status = submit_frame(service, credential, frame, reply, user, err);
    atomic_fetch_add(
        status == IMI_OK ? &service->counters.frames_taken : &service->counters.frames_refused, 1);
    return status;
}
