/*
 * What the subject's phone asks for besides captures: join, consent, outcome.
 */
#include "additional_reference.h"
#include "credential.h"
#include "decide.h"
#include "service_internal.h"

#include <stdio.h>
#include <string.h>

/* Whether imi_es256_verify_spki will take the key: a P-256 point makes it get as far as
 * refusing this signature. */
static imi_status check_device_key(imi_view spki, imi_error *err)
{
    static const uint8_t signature[64] = {[31] = 1, [63] = 1};
    if (spki.size == 0 || spki.size > IMI_STORE_KEY_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the device key is not a P-256 public key");
    }
    imi_status status = imi_es256_verify_spki(spki, imi_view_of_text("imi"),
                                              (imi_view){signature, sizeof signature}, err);
    if (status == IMI_E_KEY) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the device key is not a P-256 public key");
    }
    return status == IMI_E_TOKEN_SIGNATURE ? IMI_OK : status;
}

typedef struct joining {
    const char *join_secret;
    imi_view device_key;
    uint8_t credential_hash[IMI_STORE_HASH_SIZE];
} joining;

/* The first phone wins. If its answer was lost it may ask again, with the same key, until it has
 * answered the consent text: the credential before was then seen by nobody, and ceases to hold. */
static bool may_join(const imi_session_record *record, imi_view device_key)
{
    if (record->state == IMI_SESSION_CREATED) {
        return true;
    }
    imi_view bound = {record->device_key, record->device_key_size};
    return record->state == IMI_SESSION_JOINED && bound.size > 0 &&
           imi_view_equal(bound, device_key);
}

static imi_status apply_join(imi_service *service, imi_session_change *change, void *argument,
                             imi_error *err)
{
    const joining *wish = argument;
    imi_session_record *record = &change->record;
    bool right = imi_credential_matches(wish->join_secret, record->join_secret_hash);
    if (!right || !may_join(record, wish->device_key) ||
        imi_session_overdue(record, imi_service_now_ms(service)) ||
        record->version >= IMI_SESSION_CHANGES_MAX) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the join secret is not valid");
    }
    if (imi_policy_purpose(service->options.policy, record->purpose) == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose left the policy");
    }
    IMI_TRY(check_device_key(wish->device_key, err));
    bool again = record->state != IMI_SESSION_CREATED;
    record->state = again ? record->state : IMI_SESSION_JOINED;
    imi_copy(record->credential_hash, wish->credential_hash, sizeof record->credential_hash);
    imi_copy(record->device_key, wish->device_key.data, wish->device_key.size);
    record->device_key_size = (uint32_t)wish->device_key.size;
    imi_event_describe(&change->event, IMI_EVENT_JOINED, again ? "again" : "");
    return IMI_OK;
}

imi_status imi_service_join(imi_service *service, const char *session_id, const char *join_secret,
                            imi_view device_key_spki, imi_joined *out, imi_error *err)
{
    *out = (imi_joined){0};
    if (session_id == NULL || join_secret == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a session id and a join secret are needed");
    }
    joining wish = {.join_secret = join_secret, .device_key = device_key_spki};
    char secret[IMI_SECRET_TEXT_SIZE];
    IMI_TRY(imi_credential_draw(secret, wish.credential_hash, err));
    imi_session_record record;
    imi_status status = imi_session_update(service, session_id, apply_join, &wish, &record, err);
    if (status == IMI_OK) {
        const imi_purpose *purpose = imi_policy_purpose(service->options.policy, record.purpose);
        snprintf(out->credential, sizeof out->credential, "%s.%s", record.session_id, secret);
        out->purpose_title = purpose->title;
        out->consent_text = purpose->consent_text;
        out->expires_at_ms = record.expires_ms;
    }
    imi_wipe(secret, sizeof secret);
    if (status == IMI_E_NOT_FOUND || status == IMI_E_CONFLICT) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the join secret is not valid");
    }
    return status;
}

static imi_status apply_consent(imi_service *service, imi_session_change *change, void *argument,
                                imi_error *err)
{
    bool accepted = *(const bool *)argument;
    imi_session_record *record = &change->record;
    imi_session_state wanted = accepted ? IMI_SESSION_CONSENTED : IMI_SESSION_WITHDRAWN;
    if (record->state == wanted) {
        change->unchanged = true;
        return IMI_OK;
    }
    bool may = record->state == IMI_SESSION_JOINED ||
               (record->state == IMI_SESSION_CONSENTED && !accepted);
    if (!may) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "consent cannot be given or taken back any more");
    }
    int64_t now_ms = imi_service_now_ms(service);
    if (imi_session_overdue(record, now_ms)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    /* The phone has its credential: the link opens nothing any more. */
    imi_wipe(record->join_secret_hash, sizeof record->join_secret_hash);
    record->state = wanted;
    record->consented_ms = accepted ? now_ms : record->consented_ms;
    record->decision = IMI_DECISION_NONE;
    imi_event_describe(&change->event, accepted ? IMI_EVENT_CONSENTED : IMI_EVENT_WITHDRAWN, "");
    return IMI_OK;
}

imi_status imi_service_consent(imi_service *service, const char *credential, bool accepted,
                               imi_session_state *state_out, imi_error *err)
{
    *state_out = IMI_SESSION_NONE;
    imi_session_record record;
    IMI_TRY(imi_session_authenticate(service, credential, &record, err));
    char session_id[IMI_ID_SIZE];
    imi_copy_text(session_id, sizeof session_id, record.session_id);
    IMI_TRY(imi_session_update(service, session_id, apply_consent, &accepted, &record, err));
    if (!accepted) {
        imi_captures_drop_session(&service->captures, session_id);
    }
    *state_out = record.state;
    return IMI_OK;
}

imi_status imi_service_outcome(imi_service *service, const char *credential, imi_outcome *out,
                               imi_error *err)
{
    *out = (imi_outcome){0};
    imi_session_record record;
    IMI_TRY(imi_session_authenticate(service, credential, &record, err));
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, record.purpose);
    uint32_t attempts = purpose == NULL ? 0 : purpose->attempts;
    bool open = record.state == IMI_SESSION_JOINED || record.state == IMI_SESSION_CONSENTED;
    out->outcome = imi_session_outcome(&record);
    out->attempts_left = open && record.attempts < attempts ? attempts - record.attempts : 0;
    if (out->outcome == IMI_OUTCOME_TRY_AGAIN) {
        out->advice = imi_advice_of_reason(record.reason);
    }
    IMI_TRY(imi_additional_reference_state(service, &record, &out->keep_reference, err));
    if (purpose != NULL && out->keep_reference != IMI_KEEP_REFERENCE_NONE) {
        out->keep_text = purpose->additional.consent_text;
    }
    return IMI_OK;
}
