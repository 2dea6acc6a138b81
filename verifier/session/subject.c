/*
 * What the subject's phone asks for besides captures: join, consent, outcome.
 */
#include "additional_reference.h"
#include "consent.h"
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
    const imi_policy *policy = service->options.policy;
    if (imi_policy_purpose(policy, record->purpose) == NULL ||
        imi_policy_relying_party(policy, record->relying_party) == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE,
                 "the session's purpose or who asked for it left the policy");
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

static void describe_joined(imi_service *service, const imi_session_record *record,
                            const char *secret, imi_joined *out)
{
    const imi_policy *policy = service->options.policy;
    const imi_purpose *purpose = imi_policy_purpose(policy, record->purpose);
    imi_claim_names asked;
    snprintf(out->credential, sizeof out->credential, "%s.%s", record->session_id, secret);
    out->purpose_title = purpose->title;
    out->consent_text = purpose->consent_text;
    out->expires_at_ms = record->expires_ms;
    out->receiver = imi_policy_relying_party(policy, record->relying_party)->title;
    imi_claim_names_read(record->claims, &asked);
    for (size_t i = 0; i < asked.count; i++) {
        const imi_claim_rule *rule = imi_claim_rule_find(purpose, asked.names[i]);
        if (rule != NULL) {
            out->claims[out->claim_count++] = rule;
        }
    }
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
        describe_joined(service, &record, secret, out);
    }
    imi_wipe(secret, sizeof secret);
    if (status == IMI_E_NOT_FOUND || status == IMI_E_CONFLICT) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the join secret is not valid");
    }
    return status;
}

/* The agreed ones must have been asked for, and hold what there is nothing to do without. */
static imi_status check_agreed(const imi_purpose *purpose, const imi_claim_names *asked,
                               const imi_claim_names *agreed, imi_error *err)
{
    for (size_t i = 0; i < agreed->count; i++) {
        if (!imi_claim_names_hold(asked, agreed->names[i])) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s was not asked for", agreed->names[i]);
        }
    }
    for (size_t i = 0; i < asked->count; i++) {
        const imi_claim_rule *rule = imi_claim_rule_find(purpose, asked->names[i]);
        if (rule != NULL && rule->required && !imi_claim_names_hold(agreed, rule->name)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "claim %s is required: agree to it, or refuse with accepted false",
                     rule->name);
        }
    }
    return IMI_OK;
}

/* The phone has its credential: the link lets nobody join any more, only follow. */
static void take_answer(imi_session_change *change, imi_session_state state, const char *kind)
{
    imi_session_record *record = &change->record;
    record->state = state;
    record->decision = IMI_DECISION_NONE;
    imi_event_describe(&change->event, kind, "");
}

static imi_status apply_acceptance(imi_service *service, imi_session_change *change,
                                   const imi_consent_answer *answer, imi_error *err)
{
    imi_session_record *record = &change->record;
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, record->purpose);
    imi_claim_names asked, agreed;
    char joined[IMI_STORE_CLAIM_NAMES_SIZE];
    if (purpose == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose left the policy");
    }
    IMI_TRY(imi_claims_order(purpose, answer->claims, answer->claim_count, &agreed, err));
    imi_claim_names_write(&agreed, joined);
    if (record->state == IMI_SESSION_CONSENTED && strcmp(joined, record->claims) == 0) {
        change->unchanged = true;
        return IMI_OK;
    }
    if (record->state != IMI_SESSION_JOINED) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "consent cannot be given or changed any more");
    }
    imi_claim_names_read(record->claims, &asked);
    IMI_TRY(check_agreed(purpose, &asked, &agreed, err));
    take_answer(change, IMI_SESSION_CONSENTED, IMI_EVENT_CONSENTED);
    record->consented_ms = change->event.at_ms;
    imi_copy_text(record->claims, sizeof record->claims, joined);
    return imi_consent_record_answer(service, change, IMI_CONSENT_GIVEN, &asked, &agreed, err);
}

static imi_status apply_refusal(imi_service *service, imi_session_change *change, imi_error *err)
{
    const imi_claim_names none = {.count = 0};
    imi_session_record *record = &change->record;
    imi_claim_names asked;
    imi_session_state before = record->state;
    if (before == IMI_SESSION_WITHDRAWN) {
        change->unchanged = true;
        return IMI_OK;
    }
    if (before != IMI_SESSION_JOINED && before != IMI_SESSION_CONSENTED) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "consent cannot be given or taken back any more");
    }
    take_answer(change, IMI_SESSION_WITHDRAWN, IMI_EVENT_WITHDRAWN);
    if (before == IMI_SESSION_CONSENTED) {
        return imi_consent_record_withdrawal(service, change, err);
    }
    imi_claim_names_read(record->claims, &asked);
    return imi_consent_record_answer(service, change, IMI_CONSENT_REFUSED, &asked, &none, err);
}

static imi_status apply_consent(imi_service *service, imi_session_change *change, void *argument,
                                imi_error *err)
{
    const imi_consent_answer *answer = argument;
    if (imi_session_overdue(&change->record, change->event.at_ms)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    return answer->accepted ? apply_acceptance(service, change, answer, err)
                            : apply_refusal(service, change, err);
}

imi_status imi_service_consent(imi_service *service, const char *credential,
                               const imi_consent_answer *answer, imi_session_state *state_out,
                               imi_error *err)
{
    *state_out = IMI_SESSION_NONE;
    imi_session_record record;
    IMI_TRY(imi_session_authenticate(service, credential, &record, err));
    char session_id[IMI_ID_SIZE];
    imi_copy_text(session_id, sizeof session_id, record.session_id);
    IMI_TRY(imi_session_update(service, session_id, apply_consent, (void *)answer, &record, err));
    if (!answer->accepted) {
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
