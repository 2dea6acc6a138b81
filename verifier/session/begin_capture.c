/*
 * The beginning of a capture: whether one may begin, and by what it is to be examined.
 */
#include "attempts.h"
#include "decide.h"
#include "live_capture.h"
#include "service_internal.h"

#include <string.h>

/* Challenges drawn anew in one session, for a person who cannot do what was drawn. An attacker who
 * may name what he cannot do over and over would draw until a recorded clip fits. */
enum { REDRAWS_MAX = 3 };

/* Captures of one attempt, for reloads and lost networks. Each shows the same challenge, of which
 * an attacker who breaks off learns what was found good. */
enum { BEGINS_MAX = 4 };

static const imi_jpeg_limits frame_limits = IMI_JPEG_LIMITS_FRAME;

static imi_status check_request(const imi_begin_capture *request, imi_error *err)
{
    if (request == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "what the phone says is needed, even if nothing");
    }
    if (request->attestation.size > IMI_ATTESTATION_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an attestation has at most %d bytes",
                 IMI_ATTESTATION_BYTES_MAX);
    }
    return IMI_OK;
}

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

/* ---- A way on where no capture can begin ---- */

static imi_status apply_review(imi_service *service, imi_session_change *change, void *argument,
                               imi_error *err)
{
    const char *reason = argument;
    imi_session_record *record = &change->record;
    if (record->state != IMI_SESSION_CONSENTED) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the session is over");
    }
    record->state = IMI_SESSION_DECIDED;
    record->decision = IMI_DECISION_REVIEW;
    record->decided_ms = change->event.at_ms;
    imi_copy_text(record->reason, sizeof record->reason, reason);
    imi_copy_text(record->policy_version, sizeof record->policy_version,
                  imi_policy_version(service->options.policy));
    imi_copy_text(record->model_version, sizeof record->model_version,
                  service->options.model_version);
    imi_event_describe(&change->event, IMI_EVENT_DECIDED, reason);
    return IMI_OK;
}

/* End the session in a review. Always a failure: no capture begins. */
static imi_status leave_to_staff(imi_service *service, const char *session_id, const char *reason,
                                 imi_error *err)
{
    char code[IMI_STORE_NAME_SIZE];
    imi_session_record record;
    imi_copy_text(code, sizeof code, reason);
    IMI_TRY(imi_session_update(service, session_id, apply_review, code, &record, err));
    imi_captures_drop_session(&service->captures, session_id);
    atomic_fetch_add(&service->counters.decisions[IMI_DECISION_REVIEW], 1);
    IMI_FAIL(err, IMI_E_SESSION_STATE, "a member of staff will see to it");
}

/* ---- An attempt that was given up ---- */

static imi_status apply_abandon(imi_service *service, imi_session_change *change, void *argument,
                                imi_error *err)
{
    (void)service;
    const uint32_t *attempts = argument;
    imi_session_record *record = &change->record;
    if (record->state != IMI_SESSION_CONSENTED || record->attempts != *attempts) {
        IMI_FAIL(err, IMI_E_CONFLICT, "another capture was judged or given up meanwhile");
    }
    record->attempts++;
    imi_event_describe(&change->event, IMI_EVENT_CAPTURE_ABANDONED, "");
    return IMI_OK;
}

/*
 * An attempt that was begun too often has been made: the next one has a challenge of its own.
 * past_out is what the events tell then.
 */
static imi_status settle_abandoned(imi_service *service, const imi_purpose *purpose,
                                   imi_session_record *record, imi_session_past *past_out,
                                   imi_error *err)
{
    IMI_TRY(imi_session_read_past(service, record->session_id, past_out, err));
    if (past_out->begins < BEGINS_MAX) {
        return IMI_OK;
    }
    past_out->begins = 0;
    past_out->open_challenge[0] = '\0';
    char id[IMI_ID_SIZE];
    uint32_t attempts = record->attempts;
    imi_copy_text(id, sizeof id, record->session_id);
    IMI_TRY(imi_session_update(service, id, apply_abandon, &attempts, record, err));
    imi_captures_drop_session(&service->captures, id);
    return record->attempts < purpose->attempts
               ? IMI_OK
               : leave_to_staff(service, id, IMI_REASON_ATTEMPT_LIMIT, err);
}

/* ---- By what it is examined ---- */

static bool asks_for(const imi_challenge *challenge, uint32_t mask)
{
    for (uint32_t i = 0; i < challenge->count; i++) {
        if ((mask & (1U << challenge->actions[i])) != 0) {
            return true;
        }
    }
    return false;
}

/*
 * The challenge of an attempt that was begun before stays the same, unless the person cannot do
 * it. possible_out is false when no challenge is left to this person.
 */
static imi_status choose_challenge(const imi_session_past *past, const imi_purpose *purpose,
                                   uint32_t cannot_mask, imi_challenge *out, bool *possible_out,
                                   imi_error *err)
{
    imi_challenge_rules rules;
    *possible_out = true;
    imi_status status = imi_challenge_rules_without(&purpose->challenge, cannot_mask, &rules, err);
    if (status == IMI_E_UNSUPPORTED) {
        *possible_out = false;
        return IMI_OK;
    }
    IMI_TRY(status);
    bool open = past->open_challenge[0] != '\0' &&
                imi_challenge_parse(past->open_challenge, out, NULL) == IMI_OK &&
                out->count >= purpose->challenge.count;
    if (open && !asks_for(out, cannot_mask)) {
        return IMI_OK;
    }
    if (past->redraws >= REDRAWS_MAX) {
        *possible_out = false;
        return IMI_OK;
    }
    return imi_challenge_draw(&rules, out, err);
}

/* As with the challenge, beginning again draws no other colours: those of the capture under way are
 * shown again, as long as it is in memory. */
static imi_status choose_light(imi_service *service, const imi_session_record *record,
                               const imi_purpose *purpose, imi_light_sequence *out, imi_error *err)
{
    if (!purpose->light) {
        return IMI_OK;
    }
    IMI_AUTO(imi_live_capture)
    before = imi_captures_acquire(&service->captures, record->session_id);
    if (before != NULL && imi_live_capture_phase(before) == IMI_PHASE_LIVE) {
        *out = before->plan.light;
        return IMI_OK;
    }
    return imi_light_draw(out, err);
}

/* Whoever may not begin yet costs no chain of certificates: only behind the gate of attempts. */
static imi_status examine_attestation(imi_service *service, const imi_session_record *record,
                                      const imi_purpose *purpose, const imi_begin_capture *request,
                                      imi_findings *out, imi_error *err)
{
    if (purpose->attestation == IMI_POLICY_ATTESTATION_OFF ||
        request->attestation_kind == IMI_ATTESTATION_NONE) {
        return IMI_OK;
    }
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    imi_view key = {record->device_key, record->device_key_size};
    bool names_key = request->attestation_kind != IMI_ATTESTATION_ANDROID_KEY;
    imi_view named = names_key ? key : (imi_view){0};
    IMI_TRY(imi_attest_challenge(record->session_id, named, challenge, err));
    imi_attestation attestation = {
        .kind = request->attestation_kind,
        .object = request->attestation,
        .device_key_spki = key,
        .challenge = {challenge, sizeof challenge},
        .now_s = imi_service_now_ms(service) / 1000,
    };
    return imi_attest_verify(service->options.attest_roots, &attestation, out, err);
}

static imi_status make_plan(imi_service *service, const imi_session_record *record,
                            const imi_session_past *past, const imi_purpose *purpose,
                            const imi_begin_capture *request, imi_capture_plan *out, imi_error *err)
{
    bool possible = false;
    *out = (imi_capture_plan){.hints = request->hints};
    IMI_TRY(choose_challenge(past, purpose, request->cannot_mask, &out->challenge, &possible, err));
    if (!possible) {
        return leave_to_staff(service, record->session_id, IMI_REASON_CHALLENGE_IMPOSSIBLE, err);
    }
    return choose_light(service, record, purpose, &out->light, err);
}

/* ---- The capture ---- */

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

static imi_status begin(imi_service *service, const imi_session_record *record,
                        const imi_purpose *purpose, const imi_capture_plan *plan,
                        imi_capture_begun *out, imi_error *err)
{
    IMI_AUTO(imi_live_capture) capture = NULL;
    IMI_TRY(imi_live_capture_new(service, record, purpose, plan, &capture, err));
    IMI_TRY(admit_and_record(service, capture, record->attempts, err));
    imi_copy_text(out->capture_id, sizeof out->capture_id, capture->capture_id);
    imi_copy(out->nonce, capture->nonce, sizeof out->nonce);
    out->challenge = plan->challenge;
    out->light = plan->light;
    out->attempts_left = purpose->attempts - record->attempts - 1;
    out->max_frame_bytes = (uint32_t)frame_limits.bytes;
    return IMI_OK;
}

/* Where there is room for it, unless the person or the phone has tried too often. */
static imi_status try_to_begin(imi_service *service, const imi_session_record *record,
                               const imi_purpose *purpose, const imi_begin_capture *request,
                               imi_capture_plan *plan, imi_capture_begun *out, imi_error *err)
{
    int64_t wait_ms = 0;
    IMI_TRY(imi_attempt_begin(service, record, purpose, &wait_ms, err));
    if (wait_ms >= record->expires_ms - imi_service_now_ms(service)) {
        return leave_to_staff(service, record->session_id, IMI_REASON_ATTEMPT_LIMIT, err);
    }
    if (wait_ms > 0) {
        out->retry_after_ms = (uint32_t)wait_ms;
        return IMI_OK;
    }
    IMI_TRY(examine_attestation(service, record, purpose, request, &plan->attested, err));
    return begin(service, record, purpose, plan, out, err);
}

imi_status imi_service_begin_capture(imi_service *service, const char *credential,
                                     const imi_begin_capture *request, imi_capture_begun *out,
                                     imi_error *err)
{
    *out = (imi_capture_begun){0};
    IMI_TRY(check_request(request, err));
    imi_session_record record;
    IMI_TRY(imi_session_authenticate(service, credential, &record, err));
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, record.purpose);
    if (purpose == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose left the policy");
    }
    IMI_TRY(check_may_begin(service, &record, purpose, err));
    imi_session_past past;
    imi_capture_plan plan;
    IMI_TRY(settle_abandoned(service, purpose, &record, &past, err));
    IMI_TRY(make_plan(service, &record, &past, purpose, request, &plan, err));
    int64_t wait_ms = imi_admission_ask(&service->admission, &service->captures, record.session_id,
                                        imi_service_monotonic_ms(service));
    if (wait_ms > 0) {
        out->retry_after_ms = (uint32_t)wait_ms;
        out->busy = true;
        return IMI_OK;
    }
    imi_status status = try_to_begin(service, &record, purpose, request, &plan, out, err);
    imi_admission_leave(&service->admission);
    return status;
}
