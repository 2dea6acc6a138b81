/*
 * What a relying party asks for: sessions and their events.
 */
#include "consent.h"
#include "credential.h"
#include "service_internal.h"

#include <stdio.h>
#include <string.h>

enum { NONCE_MIN = 8, NONCE_MAX = 200, REQUEST_ID_MAX = 100, CREATE_TRIES = 3 };

static imi_status check_request(const imi_create_session *request, imi_error *err)
{
    IMI_TRY(imi_request_text(request->purpose, 1, IMI_STORE_NAME_SIZE - 1, "purpose", err));
    IMI_TRY(imi_request_text(request->reference_id, 1, IMI_ID_SIZE - 1, "reference_id", err));
    IMI_TRY(imi_request_text(request->nonce, NONCE_MIN, NONCE_MAX, "nonce", err));
    return imi_request_text(request->request_id, 0, REQUEST_ID_MAX, "request_id", err);
}

/* The reference must be the party's own and made by the models that will compare. */
static imi_status check_reference(imi_service *service, const char *party, const char *reference_id,
                                  imi_reference_record *out, imi_error *err)
{
    imi_store *store = service->options.store;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    imi_status status = store->get_reference(store, reference_id, out, &blob, err);
    if (status == IMI_E_NOT_FOUND || (status == IMI_OK && strcmp(out->relying_party, party) != 0)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    IMI_TRY(status);
    /* Sessions name the primary one; those beside it come by themselves. */
    if (out->kind != IMI_REFERENCE_PRIMARY) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "reference_id names an additional reference");
    }
    imi_template reference = {0};
    imi_comparison itself;
    status = imi_template_decode(imi_buffer_view(&blob), &reference, err);
    if (status == IMI_OK) {
        status = imi_compare(service->options.scorer, &reference, &reference, &itself, err);
    }
    imi_template_wipe(&reference);
    if (status == IMI_E_MODEL_MISMATCH) {
        IMI_FAIL(err, IMI_E_CONFLICT,
                 "the reference was made by other models: enrol the portrait again");
    }
    return status;
}

static imi_status fill_claims(imi_service *service, const imi_create_session *request,
                              const imi_purpose *purpose, imi_session_record *record,
                              imi_error *err)
{
    imi_claim_names names;
    IMI_TRY(imi_claims_order(purpose, request->claims, request->claim_count, &names, err));
    IMI_TRY(
        imi_claims_check_enrolled(service, record->relying_party, record->subject_id, &names, err));
    imi_claim_names_write(&names, record->claims);
    return IMI_OK;
}

static void fill_record(imi_session_record *record, const char *party,
                        const imi_create_session *request, const imi_reference_record *reference,
                        const imi_purpose *purpose, int64_t now_ms)
{
    imi_copy_text(record->relying_party, sizeof record->relying_party, party);
    imi_copy_text(record->request_id, sizeof record->request_id, request->request_id);
    imi_copy_text(record->subject_id, sizeof record->subject_id, reference->subject_id);
    imi_copy_text(record->reference_id, sizeof record->reference_id, request->reference_id);
    imi_copy_text(record->purpose, sizeof record->purpose, request->purpose);
    imi_copy_text(record->nonce, sizeof record->nonce, request->nonce);
    record->state = IMI_SESSION_CREATED;
    record->similarity = record->fmr = __builtin_nan("");
    record->created_ms = now_ms;
    record->expires_ms = now_ms + (int64_t)purpose->session_lifetime_s * 1000;
}

static void describe_created(imi_service *service, const imi_session_record *record,
                             const char *secret, imi_created_session *out)
{
    imi_copy_text(out->session_id, sizeof out->session_id, record->session_id);
    imi_copy_text(out->join_secret, sizeof out->join_secret, secret);
    snprintf(out->join_url, sizeof out->join_url, "%s/j#%s.%s",
             imi_policy_issuer(service->options.policy), record->session_id, secret);
    out->expires_at_ms = record->expires_ms;
}

static imi_status create_fresh(imi_service *service, const char *party,
                               const imi_create_session *request, const imi_purpose *purpose,
                               imi_created_session *out, imi_error *err)
{
    imi_reference_record reference = {0};
    IMI_TRY(check_reference(service, party, request->reference_id, &reference, err));
    imi_session_record record = {0};
    imi_event_record event = {.at_ms = imi_service_now_ms(service)};
    fill_record(&record, party, request, &reference, purpose, event.at_ms);
    IMI_TRY(fill_claims(service, request, purpose, &record, err));
    imi_event_describe(&event, IMI_EVENT_CREATED, request->purpose);
    IMI_TRY(imi_id_new("ses", record.session_id, err));
    char secret[IMI_SECRET_TEXT_SIZE];
    IMI_TRY(imi_credential_draw(secret, record.join_secret_hash, err));
    imi_store *store = service->options.store;
    imi_status status = store->create_session(store, &record, &event, err);
    if (status == IMI_OK) {
        describe_created(service, &record, secret, out);
        imi_watches_notify(&service->watches, party, record.session_id);
    }
    imi_wipe(secret, sizeof secret);
    return status;
}

typedef struct renewal {
    const imi_create_session *request;
    const imi_purpose *purpose;
    const uint8_t *hash;
} renewal;

/* The first answer may have been lost: give a new secret, as long as none has been used. */
static imi_status apply_renewal(imi_service *service, imi_session_change *change, void *argument,
                                imi_error *err)
{
    const renewal *wish = argument;
    imi_session_record *record = &change->record;
    imi_claim_names names;
    char claims[IMI_STORE_CLAIM_NAMES_SIZE];
    IMI_TRY(imi_claims_order(wish->purpose, wish->request->claims, wish->request->claim_count,
                             &names, err));
    imi_claim_names_write(&names, claims);
    bool open = record->state == IMI_SESSION_CREATED || record->state == IMI_SESSION_JOINED;
    if (strcmp(record->purpose, wish->request->purpose) != 0 ||
        (open && strcmp(record->claims, claims) != 0) ||
        strcmp(record->reference_id, wish->request->reference_id) != 0 ||
        strcmp(record->nonce, wish->request->nonce) != 0) {
        IMI_FAIL(err, IMI_E_CONFLICT, "request_id was used with other arguments");
    }
    if (record->state != IMI_SESSION_CREATED ||
        imi_session_overdue(record, imi_service_now_ms(service)) ||
        record->version >= IMI_SESSION_CHANGES_MAX) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the session of this request_id is under way or over");
    }
    imi_copy(record->join_secret_hash, wish->hash, sizeof record->join_secret_hash);
    imi_event_describe(&change->event, IMI_EVENT_CREATED, "secret_renewed");
    return IMI_OK;
}

static imi_status renew_secret(imi_service *service, const char *session_id,
                               const imi_create_session *request, const imi_purpose *purpose,
                               imi_created_session *out, imi_error *err)
{
    char secret[IMI_SECRET_TEXT_SIZE];
    uint8_t hash[IMI_STORE_HASH_SIZE];
    IMI_TRY(imi_credential_draw(secret, hash, err));
    renewal wish = {request, purpose, hash};
    imi_session_record record;
    imi_status status = imi_session_update(service, session_id, apply_renewal, &wish, &record, err);
    if (status == IMI_OK) {
        describe_created(service, &record, secret, out);
    }
    imi_wipe(secret, sizeof secret);
    return status;
}

/* The session of this idempotency key, or IMI_E_NOT_FOUND. */
static imi_status find_earlier(imi_service *service, const char *party, const char *request_id,
                               imi_session_record *out, imi_error *err)
{
    if (request_id[0] == '\0') {
        return IMI_E_NOT_FOUND;
    }
    imi_store *store = service->options.store;
    return store->find_session_by_request(store, party, request_id, out, err);
}

imi_status imi_service_create_session(imi_service *service, const char *party,
                                      const imi_create_session *request, imi_created_session *out,
                                      imi_error *err)
{
    *out = (imi_created_session){0};
    IMI_TRY(check_request(request, err));
    const imi_purpose *purpose = NULL;
    IMI_TRY(imi_service_granted_purpose(service, party, request->purpose, &purpose, err));
    imi_status status = IMI_E_CONFLICT;
    for (int i = 0; i < CREATE_TRIES; i++) {
        imi_session_record earlier = {0};
        status = find_earlier(service, party, request->request_id, &earlier, err);
        if (status == IMI_OK) {
            return renew_secret(service, earlier.session_id, request, purpose, out, err);
        }
        if (status != IMI_E_NOT_FOUND) {
            return status;
        }
        /* A conflict means that the same request has just come in twice: look again. */
        status = create_fresh(service, party, request, purpose, out, err);
        if (status != IMI_E_CONFLICT || request->request_id[0] == '\0') {
            return status;
        }
    }
    return status;
}

imi_status imi_service_get_session(imi_service *service, const char *party, const char *session_id,
                                   imi_session_record *out, imi_buffer *token_out, imi_error *err)
{
    IMI_TRY(imi_session_of_party(service, party, session_id, out, err));
    if (token_out == NULL || out->decision != IMI_DECISION_VERIFIED) {
        return IMI_OK;
    }
    /* What was told once is not told again. */
    imi_store *store = service->options.store;
    bool withdrawn = true;
    imi_status status = imi_consent_is_withdrawn(service, out, &withdrawn, err);
    if (status == IMI_OK && !withdrawn) {
        status = store->get_token(store, session_id, token_out, err);
    }
    if (status != IMI_OK) {
        *out = (imi_session_record){0};
    }
    return status;
}

imi_status imi_service_watch(imi_service *service, const char *party, const char *session_id,
                             imi_session_listener listener, void *user, imi_watch **out,
                             imi_error *err)
{
    *out = NULL;
    if (listener == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a watch needs a listener");
    }
    imi_session_record record;
    IMI_TRY(imi_session_of_party(service, party, session_id, &record, err));
    const imi_watch_wish wish = {party, session_id, listener, user, 0};
    return imi_watches_add(&service->watches, &wish, out, err);
}

imi_status imi_service_list_events(imi_service *service, const char *party, const char *session_id,
                                   int64_t after, imi_event_record *out, size_t capacity,
                                   size_t *count_out, imi_error *err)
{
    *count_out = 0;
    imi_session_record record;
    IMI_TRY(imi_session_of_party(service, party, session_id, &record, err));
    imi_store *store = service->options.store;
    return store->list_events(store, session_id, after, out, capacity, count_out, err);
}
