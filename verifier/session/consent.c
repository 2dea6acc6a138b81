#include "consent.h"

#include "verifier/json/json.h"

#include <string.h>

void imi_session_own_id(const imi_session_record *session, const char prefix[3],
                        char out[IMI_ID_SIZE])
{
    imi_copy_text(out, IMI_ID_SIZE, session->session_id);
    imi_copy(out, prefix, 3);
}

static void consent_id_of(const imi_session_record *session, char out[IMI_ID_SIZE])
{
    imi_session_own_id(session, "con", out);
}

/* NONE: nothing was recorded. */
static imi_status find(imi_service *service, const imi_session_record *session,
                       imi_consent_record *out, imi_buffer *details_out, imi_error *err)
{
    char id[IMI_ID_SIZE];
    imi_store *store = service->options.store;
    consent_id_of(session, id);
    imi_status status = store->get_consent(store, id, out, details_out, err);
    if (status == IMI_E_NOT_FOUND) {
        *out = (imi_consent_record){.state = IMI_CONSENT_NONE};
        return IMI_OK;
    }
    return status;
}

imi_status imi_consent_is_withdrawn(imi_service *service, const imi_session_record *session,
                                    bool *out, imi_error *err)
{
    *out = true;
    imi_consent_record consent;
    IMI_TRY(find(service, session, &consent, NULL, err));
    *out = consent.state == IMI_CONSENT_WITHDRAWN;
    return IMI_OK;
}

/* ---- Recording ---- */

static imi_status add_claim(json_t *list, const imi_claim_rule *rule, bool agreed, imi_error *err)
{
    json_t *claim =
        json_pack("{s:b, s:s, s:s, s:b, s:I, s:s}", "agreed", agreed, "name", rule->name, "purpose",
                  rule->purpose, "required", rule->required, "retention_days",
                  (json_int_t)rule->retention_days, "title", rule->title);
    if (json_array_append_new(list, claim) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a consent");
    }
    return IMI_OK;
}

/* In the words that were shown: the policy may change, what was agreed to does not. */
static imi_status render_details(const imi_relying_party *party, const imi_purpose *purpose,
                                 const imi_claim_names *asked, const imi_claim_names *agreed,
                                 imi_buffer *out, imi_error *err)
{
    IMI_AUTO_JSON list = json_array();
    for (size_t i = 0; i < asked->count; i++) {
        const imi_claim_rule *rule = imi_claim_rule_find(purpose, asked->names[i]);
        if (rule != NULL) {
            IMI_TRY(add_claim(list, rule, imi_claim_names_hold(agreed, rule->name), err));
        }
    }
    IMI_AUTO_JSON details =
        json_pack("{s:O, s:s, s:s, s:s}", "claims", list, "purpose", purpose->name, "purpose_title",
                  purpose->title, "receiver", party->title);
    if (details == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a consent");
    }
    return imi_json_render(details, out, err);
}

static imi_status log_answer(imi_session_change *change, const imi_claim_names *agreed,
                             imi_error *err)
{
    const char *names[IMI_POLICY_CLAIMS_MAX];
    for (size_t i = 0; i < agreed->count; i++) {
        names[i] = agreed->names[i];
    }
    imi_logged_consent logged = {
        .session = &change->record,
        .state = change->consent.state,
        .text_digest = change->consent.text_digest,
        .claims = names,
        .claim_count = agreed->count,
        .at_ms = change->event.at_ms,
    };
    return imi_log_event_consent(&logged, &change->logged, err);
}

imi_status imi_consent_record_answer(imi_service *service, imi_session_change *change,
                                     imi_consent_state state, const imi_claim_names *asked,
                                     const imi_claim_names *agreed, imi_error *err)
{
    const imi_session_record *session = &change->record;
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, session->purpose);
    const imi_relying_party *party = NULL;
    IMI_TRY(imi_service_party(service, session->relying_party, &party, err));
    if (purpose == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose left the policy");
    }
    imi_consent_record *consent = &change->consent;
    *consent = (imi_consent_record){.state = state, .at_ms = change->event.at_ms};
    consent_id_of(session, consent->consent_id);
    imi_copy_text(consent->session_id, sizeof consent->session_id, session->session_id);
    imi_copy_text(consent->relying_party, sizeof consent->relying_party, session->relying_party);
    imi_copy_text(consent->subject_id, sizeof consent->subject_id, session->subject_id);
    IMI_TRY(imi_sha256(imi_view_of_text(purpose->consent_text), consent->text_digest, err));
    IMI_TRY(render_details(party, purpose, asked, agreed, &change->consent_details, err));
    return log_answer(change, agreed, err);
}

imi_status imi_consent_record_withdrawal(imi_service *service, imi_session_change *change,
                                         imi_error *err)
{
    imi_consent_record stored;
    imi_claim_names agreed;
    IMI_TRY(find(service, &change->record, &stored, NULL, err));
    if (stored.state != IMI_CONSENT_GIVEN) {
        return IMI_OK;
    }
    change->consent = stored;
    change->consent.state = IMI_CONSENT_WITHDRAWN;
    change->consent.withdrawn_ms = change->event.at_ms;
    imi_claim_names_read(change->record.claims, &agreed);
    return log_answer(change, &agreed, err);
}

/* ---- What the subject may see of it ---- */

static const char *state_text(imi_consent_state state)
{
    static const char *const texts[] = {"none", "given", "refused", "withdrawn"};
    return texts[state];
}

/* The text itself, unless the policy's is another by now: the digest tells which it was. */
static imi_status add_text(imi_service *service, const imi_session_record *session,
                           const imi_consent_record *consent, json_t *object, imi_error *err)
{
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, session->purpose);
    uint8_t digest[IMI_STORE_HASH_SIZE] = {0};
    if (purpose == NULL) {
        return IMI_OK;
    }
    IMI_TRY(imi_sha256(imi_view_of_text(purpose->consent_text), digest, err));
    bool same = memcmp(digest, consent->text_digest, sizeof digest) == 0;
    if (same && json_object_set_new(object, "text", json_string(purpose->consent_text)) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a consent");
    }
    return IMI_OK;
}

static imi_status render_consent(imi_service *service, const imi_session_record *session,
                                 const imi_consent_record *consent, imi_view details,
                                 imi_buffer *out, imi_error *err)
{
    char digest[2 * IMI_STORE_HASH_SIZE + 1];
    imi_hex_encode((imi_view){consent->text_digest, IMI_STORE_HASH_SIZE}, digest);
    IMI_AUTO_JSON object = NULL;
    IMI_TRY(imi_json_parse_object(details, IMI_STORE_CLAIMS_MAX, "the claims of a consent",
                                  IMI_E_STORE_CORRUPT, &object, err));
    IMI_AUTO_JSON record =
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "session_id", session->session_id, "state",
                  state_text(consent->state), "text_sha256", digest, "at_ms",
                  (json_int_t)consent->at_ms, "withdrawn_at_ms", (json_int_t)consent->withdrawn_ms);
    if (record == NULL || json_object_update(object, record) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a consent");
    }
    IMI_TRY(add_text(service, session, consent, object, err));
    return imi_json_render(object, out, err);
}

imi_status imi_service_get_consent(imi_service *service, const char *credential,
                                   imi_buffer *consent_out, imi_buffer *receipt_out, imi_error *err)
{
    imi_session_record session;
    imi_consent_record consent;
    IMI_AUTO_BUFFER details = IMI_BUFFER_INIT;
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    IMI_TRY(find(service, &session, &consent, &details, err));
    if (consent.state == IMI_CONSENT_NONE) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "this session has no answer to the consent text yet");
    }
    IMI_TRY(
        render_consent(service, &session, &consent, imi_buffer_view(&details), consent_out, err));
    imi_status status =
        imi_session_receipt(service, &session, IMI_RECEIPT_CONSENT, receipt_out, err);
    /* The record is the subject's with or without a log. */
    return status == IMI_E_NOT_FOUND || status == IMI_E_UNSUPPORTED ? IMI_OK : status;
}
