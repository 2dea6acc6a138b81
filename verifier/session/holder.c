/*
 * What the subject holds after its session: receipts, the way back, a credential.
 */
#include "additional_reference.h"
#include "consent.h"
#include "imi/credential.h"
#include "status_place.h"
#include "token_status.h"

#include <stdio.h>
#include <string.h>

enum {
    DAY_S = 24 * 3600,
    DECOYS = 4, /* so that the number of digests does not tell how much is known of a person */
    TYPE_SIZE = 384
};

imi_status imi_service_decision_receipt(imi_service *service, const char *credential,
                                        imi_buffer *json_out, imi_error *err)
{
    imi_session_record session;
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    if (session.decision == IMI_DECISION_NONE) {
        return IMI_OK;
    }
    return imi_session_receipt(service, &session, IMI_RECEIPT_DECISION, json_out, err);
}

/* ---- Withdrawal ---- */

static imi_status apply_withdrawal(imi_service *service, imi_session_change *change, void *argument,
                                   imi_error *err)
{
    (void)argument;
    IMI_TRY(imi_consent_record_withdrawal(service, change, err));
    change->unchanged = change->consent.state == IMI_CONSENT_NONE;
    imi_event_describe(&change->event, IMI_EVENT_CONSENT_WITHDRAWN, "");
    return IMI_OK;
}

/* The record comes last: while anything still stands the phone may call again. */
static imi_status withdraw_decided(imi_service *service, const imi_session_record *session,
                                   imi_error *err)
{
    imi_session_record changed;
    IMI_TRY(imi_additional_reference_take_back(service, session, err));
    IMI_TRY(imi_session_revoke(service, session, "consent_withdrawn", err));
    return imi_session_update(service, session->session_id, apply_withdrawal, NULL, &changed, err);
}

imi_status imi_service_withdraw_consent(imi_service *service, const char *credential,
                                        imi_error *err)
{
    imi_session_record session;
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    if (session.state == IMI_SESSION_DECIDED) {
        return withdraw_decided(service, &session, err);
    }
    const imi_consent_answer refusal = {.accepted = false};
    imi_session_state state = IMI_SESSION_NONE;
    imi_status status = imi_service_consent(service, credential, &refusal, &state, err);
    if (status != IMI_E_SESSION_STATE) {
        return status;
    }
    /* It was decided in between, and may have a token by now. */
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    return withdraw_decided(service, &session, err);
}

/* ---- Credential ---- */

static imi_status check_may_hold(imi_service *service, const imi_session_record *session,
                                 const imi_purpose **purpose_out, imi_error *err)
{
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, session->purpose);
    bool withdrawn = true;
    *purpose_out = purpose;
    if (session->state != IMI_SESSION_DECIDED || session->decision != IMI_DECISION_VERIFIED) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "a credential needs a session that ended VERIFIED");
    }
    if (purpose == NULL || purpose->credential_days == 0) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "this purpose gives no credential");
    }
    IMI_TRY(imi_consent_is_withdrawn(service, session, &withdrawn, err));
    if (withdrawn) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the consent was withdrawn");
    }
    return IMI_OK;
}

static imi_status apply_issue(imi_service *service, imi_session_change *change, void *argument,
                              imi_error *err)
{
    (void)service;
    if (change->record.version >= IMI_SESSION_CHANGES_MAX) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the credential was issued too often");
    }
    imi_event_describe(&change->event, IMI_EVENT_CREDENTIAL_ISSUED, argument);
    return IMI_OK;
}

/* Issued again it takes the same place in the status list: what revokes one revokes all. */
static imi_status place_credential(imi_service *service, const imi_session_record *session,
                                   imi_status_record *place, char uri[IMI_TOKEN_TEXT_MAX],
                                   imi_error *err)
{
    char id[IMI_ID_SIZE];
    imi_session_record changed;
    imi_session_credential_id(session, id);
    IMI_TRY(imi_session_place_credential(service, session, place, err));
    IMI_TRY(imi_status_uri(service->options.policy, place->list, uri, err));
    return imi_session_update(service, session->session_id, apply_issue, id, &changed, err);
}

static imi_status read_claims(imi_service *service, const imi_session_record *session,
                              imi_buffer *out, imi_error *err)
{
    imi_store *store = service->options.store;
    imi_status status =
        store->get_claims(store, session->relying_party, session->subject_id, out, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the office has enrolled no claims about this person");
    }
    return status;
}

imi_status imi_service_issue_credential(imi_service *service, const char *credential,
                                        imi_buffer *out, int64_t *expires_ms_out, imi_error *err)
{
    *expires_ms_out = 0;
    imi_session_record session;
    const imi_purpose *purpose = NULL;
    const imi_relying_party *party = NULL;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT, jwk = IMI_BUFFER_INIT;
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    IMI_TRY(check_may_hold(service, &session, &purpose, err));
    IMI_TRY(imi_service_party(service, session.relying_party, &party, err));
    IMI_TRY(read_claims(service, &session, &claims, err));
    IMI_TRY(
        imi_es256_jwk_of_spki((imi_view){session.device_key, session.device_key_size}, &jwk, err));
    imi_status_record place;
    char uri[IMI_TOKEN_TEXT_MAX], type[TYPE_SIZE];
    IMI_TRY(place_credential(service, &session, &place, uri, err));
    const char *issuer = imi_policy_issuer(service->options.policy);
    snprintf(type, sizeof type, "%s/credentials/%s", issuer, purpose->name);
    int64_t now_s = imi_service_now_ms(service) / 1000;
    /* The day alone: the second would tell presentations of one credential from all others. */
    int64_t day_s = now_s - now_s % DAY_S;
    imi_credential_terms terms = {
        .issuer = issuer,
        .type = type,
        .issued_at_s = day_s,
        .expires_at_s = day_s + (int64_t)purpose->credential_days * DAY_S,
        .holder_jwk = imi_buffer_view(&jwk),
        .status_uri = uri,
        .status_index = place.index,
        .decoys = DECOYS,
    };
    imi_signer *signer = NULL;
    IMI_TRY(
        imi_keyring_signer(service->options.keyring, party->token_algorithm, now_s, &signer, err));
    IMI_TRY(imi_credential_issue(signer, &terms, imi_buffer_view(&claims), out, err));
    *expires_ms_out = terms.expires_at_s * 1000;
    return IMI_OK;
}
