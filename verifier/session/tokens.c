/*
 * What becomes of tokens after they were issued: keys, introspection, redemption, status, receipts.
 */
#include "log_keeper.h"
#include "token_status.h"
#include "verifier/json/json.h"

#include <ctype.h>
#include <string.h>

enum { REQUEST_ID_MIN = 8, REQUEST_ID_MAX = 100, REASON_MAX = 60 };

static int64_t now_s(const imi_service *service)
{
    return imi_service_now_ms(service) / 1000;
}

imi_status imi_service_jwks(imi_service *service, imi_buffer *json_out, imi_error *err)
{
    return imi_keyring_jwks(service->options.keyring, now_s(service), json_out, err);
}

/* A failure of ours, as opposed to a token that is not good. */
static bool is_our_failure(imi_status status)
{
    return status == IMI_E_NO_MEMORY || status == IMI_E_INTERNAL || status == IMI_E_CRYPTO ||
           status == IMI_E_OVERFLOW || status == IMI_E_IO || status == IMI_E_KEY;
}

/* A token that was looked at. reason is IMI_OK if it is genuine and stands; the rest is then set.
 */
typedef struct examined_token {
    imi_status reason;
    imi_token_claims claims;
    imi_session_record session;
} examined_token;

/* Signature, issuer, audience and times; keys and algorithm are never the token's own choice. */
static imi_status verify_token(imi_service *service, const char *party, imi_view token,
                               examined_token *out, imi_error *err)
{
    const imi_relying_party *relying_party = NULL;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imi_service_party(service, party, &relying_party, err));
    IMI_TRY(imi_service_jwks(service, &jwks, err));
    imi_token_expectation expectation = {
        .algorithm = relying_party->token_algorithm,
        .issuer = imi_policy_issuer(service->options.policy),
        .audience = relying_party->audience,
        .now_s = now_s(service),
    };
    out->reason = imi_token_verify(token, imi_buffer_view(&jwks), &expectation, &out->claims, err);
    return is_our_failure(out->reason) ? out->reason : IMI_OK;
}

/* The token is genuine; it stands only if its session says the same. */
static imi_status find_session(imi_service *service, const char *party, examined_token *token,
                               imi_error *err)
{
    imi_session_record *record = &token->session;
    imi_store *store = service->options.store;
    imi_status status = store->find_session_by_token(store, token->claims.token_id, record, err);
    if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
        return status;
    }
    if (status == IMI_E_NOT_FOUND || strcmp(record->relying_party, party) != 0 ||
        strcmp(record->session_id, token->claims.session_id) != 0 ||
        record->decision != IMI_DECISION_VERIFIED) {
        token->reason = IMI_E_NOT_FOUND;
    }
    return IMI_OK;
}

static imi_status reason_of(imi_token_status status)
{
    switch (status) {
    case IMI_TOKEN_VALID:
        return IMI_OK;
    case IMI_TOKEN_SUSPENDED:
        return IMI_E_TOKEN_SUSPENDED;
    default:
        return IMI_E_TOKEN_REVOKED;
    }
}

static imi_status look_up_status(imi_service *service, examined_token *token, imi_error *err)
{
    imi_status_record record;
    imi_store *store = service->options.store;
    imi_status status = store->get_status(store, token->claims.token_id, &record, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK; /* of before tokens had a status */
    }
    IMI_TRY(status);
    token->reason = reason_of(record.status);
    return IMI_OK;
}

static imi_status examine(imi_service *service, const char *party, imi_view token,
                          examined_token *out, imi_error *err)
{
    *out = (examined_token){.reason = IMI_E_TOKEN_FORMAT};
    IMI_TRY(verify_token(service, party, token, out, err));
    if (out->reason == IMI_OK) {
        IMI_TRY(find_session(service, party, out, err));
    }
    return out->reason == IMI_OK ? look_up_status(service, out, err) : IMI_OK;
}

imi_status imi_service_introspect(imi_service *service, const char *party, imi_view token,
                                  imi_introspection *out, imi_error *err)
{
    *out = (imi_introspection){.reason = IMI_E_TOKEN_FORMAT};
    examined_token examined;
    IMI_TRY(examine(service, party, token, &examined, err));
    out->reason = examined.reason;
    if (examined.reason == IMI_OK) {
        imi_copy_text(out->session_id, sizeof out->session_id, examined.session.session_id);
        out->expires_at_s = examined.claims.expires_at_s;
        out->active = true;
    }
    return IMI_OK;
}

/* ---- Redemption ---- */

static void refuse(imi_redeemed *out, const char *reason)
{
    imi_copy_text(out->reason, sizeof out->reason, reason);
}

/* Also of a token that stands no more: it may have been redeemed by this very request before. The
 * store looks once more while it redeems, so that nothing comes in between. */
static imi_status redeem_genuine(imi_service *service, const examined_token *token,
                                 const char *request_id, imi_redeemed *out, imi_error *err)
{
    const imi_session_record *session = &token->session;
    imi_store *store = service->options.store;
    imi_redemption_outcome outcome;
    imi_redemption_record held, record = {.at_ms = imi_service_now_ms(service)};
    imi_copy_text(record.token_id, sizeof record.token_id, session->token_id);
    imi_copy_text(record.relying_party, sizeof record.relying_party, session->relying_party);
    imi_copy_text(record.request_id, sizeof record.request_id, request_id);
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_log_event_redemption(session, record.at_ms, &event, err));
    IMI_TRY(store->redeem_token(store, &record, &event.draft, &outcome, &held, err));
    out->redeemed = outcome == IMI_REDEMPTION_NOW || outcome == IMI_REDEMPTION_REPEATED;
    out->redeemed_at_ms = held.at_ms;
    imi_copy_text(out->session_id, sizeof out->session_id, session->session_id);
    if (outcome == IMI_REDEMPTION_ALREADY) {
        refuse(out, "already_redeemed");
    } else if (!out->redeemed) {
        bool stood = token->reason == IMI_OK; /* a moment ago */
        refuse(out, imi_status_name(stood ? IMI_E_TOKEN_REVOKED : token->reason));
    }
    return IMI_OK;
}

imi_status imi_service_redeem_token(imi_service *service, const char *party, imi_view token,
                                    const char *request_id, imi_redeemed *out, imi_error *err)
{
    *out = (imi_redeemed){.redeemed = false};
    IMI_TRY(imi_request_text(request_id, REQUEST_ID_MIN, REQUEST_ID_MAX, "request_id", err));
    examined_token examined;
    IMI_TRY(examine(service, party, token, &examined, err));
    bool genuine = examined.reason == IMI_OK || examined.reason == IMI_E_TOKEN_REVOKED ||
                   examined.reason == IMI_E_TOKEN_SUSPENDED;
    if (!genuine) {
        refuse(out, imi_status_name(examined.reason));
        return IMI_OK;
    }
    return redeem_genuine(service, &examined, request_id, out, err);
}

/* ---- Status ---- */

static imi_status check_reason(const char *reason, imi_error *err)
{
    IMI_TRY(imi_request_text(reason, 1, REASON_MAX, "reason", err));
    for (const char *c = reason; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_') {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "reason takes letters, digits and _");
        }
    }
    return IMI_OK;
}

imi_status imi_service_set_token_status(imi_service *service, const char *party,
                                        const char *session_id, imi_token_status status,
                                        const char *reason, imi_error *err)
{
    imi_session_record session;
    IMI_TRY(check_reason(reason, err));
    IMI_TRY(imi_session_of_party(service, party, session_id, &session, err));
    return imi_session_set_status(service, &session, status, reason, err);
}

/* ---- Receipts ---- */

static imi_status check_log(const imi_service *service, imi_error *err)
{
    if (service->options.log == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "this service keeps no public log");
    }
    return IMI_OK;
}

static imi_status leaf_receipt(imi_service *service, const imi_leaf_record *leaf, imi_view event,
                               imi_buffer *json_out, imi_error *err)
{
    imi_status status = imi_log_keeper_receipt(service->options.log, leaf, event, json_out, err);
    return status == IMI_E_NOT_FOUND || status == IMI_E_LEDGER_WITNESS ? IMI_OK : status;
}

imi_status imi_session_receipt(imi_service *service, const imi_session_record *session,
                               imi_receipt_kind kind, imi_buffer *json_out, imi_error *err)
{
    imi_leaf_record leaf;
    imi_store *store = service->options.store;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    IMI_TRY(check_log(service, err));
    IMI_TRY(store->find_leaf(store, session->session_id,
                             kind == IMI_RECEIPT_CONSENT ? IMI_LEAF_CONSENT : IMI_LEAF_DECISION,
                             &leaf, &event, err));
    return leaf_receipt(service, &leaf, imi_buffer_view(&event), json_out, err);
}

/* The leaf alone still tells whose deletion it was: nothing else is left of the subject. */
static imi_status deletion_receipt(imi_service *service, const char *party, const char *deletion_id,
                                   imi_buffer *json_out, imi_error *err)
{
    imi_leaf_record leaf;
    imi_store *store = service->options.store;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_JSON event = NULL;
    IMI_TRY(store->find_leaf(store, deletion_id, IMI_LEAF_DELETION, &leaf, &text, err));
    imi_view said = imi_buffer_view(&text);
    IMI_TRY(imi_json_parse_object(said, IMI_STORE_LEAF_MAX, "the event of a leaf",
                                  IMI_E_STORE_CORRUPT, &event, err));
    const char *whose = imi_json_text(event, "party");
    if (whose == NULL || strcmp(whose, party) != 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such deletion");
    }
    IMI_TRY(check_log(service, err));
    return leaf_receipt(service, &leaf, said, json_out, err);
}

imi_status imi_service_receipt(imi_service *service, const char *party, const char *id,
                               imi_receipt_kind kind, imi_buffer *json_out, imi_error *err)
{
    imi_session_record session;
    if (kind == IMI_RECEIPT_DELETION) {
        return deletion_receipt(service, party, id, json_out, err);
    }
    IMI_TRY(imi_session_of_party(service, party, id, &session, err));
    return imi_session_receipt(service, &session, kind, json_out, err);
}
