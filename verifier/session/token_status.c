/*
 * A token and a credential of one session share their fate. The token's status is set first, and a
 * credential looks at it once it has a place: so of two that come at once one sees the other.
 */
#include "token_status.h"

#include "consent.h"

#include <string.h>

void imi_session_credential_id(const imi_session_record *session, char out[IMI_ID_SIZE])
{
    imi_session_own_id(session, "crd", out);
}

static imi_status set(imi_service *service, const imi_session_record *session, const char *id,
                      imi_token_status status, const char *reason, imi_error *err)
{
    imi_session_record named = *session;
    imi_store *store = service->options.store;
    int64_t now_ms = imi_service_now_ms(service);
    imi_copy_text(named.token_id, sizeof named.token_id, id);
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_log_event_status(&named, status, reason, now_ms, &event, err));
    return store->set_status(store, id, status, now_ms, &event.draft, err);
}

static imi_status set_credential(imi_service *service, const imi_session_record *session,
                                 imi_token_status status, const char *reason, imi_error *err)
{
    char id[IMI_ID_SIZE];
    imi_session_credential_id(session, id);
    imi_status done = set(service, session, id, status, reason, err);
    return done == IMI_E_NOT_FOUND || done == IMI_E_CONFLICT ? IMI_OK : done;
}

imi_status imi_session_set_status(imi_service *service, const imi_session_record *session,
                                  imi_token_status status, const char *reason, imi_error *err)
{
    if (session->token_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the session has no token");
    }
    IMI_TRY(set(service, session, session->token_id, status, reason, err));
    return set_credential(service, session, status, reason, err);
}

imi_status imi_session_revoke(imi_service *service, const imi_session_record *session,
                              const char *reason, imi_error *err)
{
    imi_status status = imi_session_set_status(service, session, IMI_TOKEN_INVALID, reason, err);
    /* A token of before there were statuses has none; its credential may. */
    return status == IMI_E_NOT_FOUND
               ? set_credential(service, session, IMI_TOKEN_INVALID, reason, err)
               : status;
}

static imi_status check_token_stands(imi_service *service, const imi_session_record *session,
                                     imi_error *err)
{
    imi_status_record token;
    imi_store *store = service->options.store;
    imi_status status = store->get_status(store, session->token_id, &token, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK; /* of before there were statuses */
    }
    IMI_TRY(status);
    if (token.status != IMI_TOKEN_VALID) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the session's token does not stand any more");
    }
    return IMI_OK;
}

imi_status imi_session_place_credential(imi_service *service, const imi_session_record *session,
                                        imi_status_record *out, imi_error *err)
{
    char id[IMI_ID_SIZE];
    imi_store *store = service->options.store;
    imi_session_credential_id(session, id);
    IMI_TRY(store->allocate_status(store, id, out, err));
    if (out->status != IMI_TOKEN_VALID) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the credential was revoked or suspended");
    }
    return check_token_stands(service, session, err);
}
