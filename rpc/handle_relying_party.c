#include "rpc/handler.h"

#include "rpc/handle_watch.h"
#include "rpc/session_message.h"

#include "imi/v1/relying_party.pb-c.h"

static imi_status create_session(imi_service *service, imi_rpc_call *call, const void *message,
                                 imi_buffer *response, imi_error *err)
{
    const Imi__V1__CreateSessionRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_create_session wanted = {
        .purpose = request->purpose,
        .reference_id = request->reference_id,
        .nonce = request->nonce,
        .request_id = request->request_id,
        .claims = (const char *const *)request->claims,
        .claim_count = request->n_claims,
    };
    imi_created_session created;
    IMI_TRY(imi_service_create_session(service, party, &wanted, &created, err));

    Imi__V1__CreateSessionResponse answer = IMI__V1__CREATE_SESSION_RESPONSE__INIT;
    answer.session_id = created.session_id;
    answer.join_secret = created.join_secret;
    answer.join_url = created.join_url;
    answer.expires_at_ms = created.expires_at_ms;
    imi_status status = imi_handler_respond(&answer, response, err);
    imi_wipe(&created, sizeof created);
    return status;
}

static imi_status get_session(imi_service *service, imi_rpc_call *call, const void *message,
                              imi_buffer *response, imi_error *err)
{
    const Imi__V1__GetSessionRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_session_message session;
    imi_session_message_init(&session);
    imi_status status =
        imi_session_message_load(&session, service, party, request->session_id, err);
    if (status == IMI_OK) {
        Imi__V1__GetSessionResponse answer = IMI__V1__GET_SESSION_RESPONSE__INIT;
        answer.session = &session.message;
        status = imi_handler_respond(&answer, response, err);
    }
    imi_session_message_clean_up(&session);
    return status;
}

static imi_status introspect_token(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    const Imi__V1__IntrospectTokenRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_introspection result;
    IMI_TRY(imi_service_introspect(service, party, imi_view_of_text(request->token), &result, err));

    Imi__V1__IntrospectTokenResponse answer = IMI__V1__INTROSPECT_TOKEN_RESPONSE__INIT;
    answer.active = result.active;
    if (result.active) {
        answer.session_id = result.session_id;
        answer.expires_at = result.expires_at_s;
    } else {
        answer.reason = (char *)imi_status_name(result.reason);
    }
    return imi_handler_respond(&answer, response, err);
}

/* Public keys are public: no certificate is asked for. */
static imi_status get_jwks(imi_service *service, imi_rpc_call *call, const void *message,
                           imi_buffer *response, imi_error *err)
{
    (void)call;
    (void)message;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_service_jwks(service, &json, err));
    IMI_TRY(imi_buffer_terminate(&json, err));
    Imi__V1__GetJwksResponse answer = IMI__V1__GET_JWKS_RESPONSE__INIT;
    answer.jwks_json = (char *)json.data;
    return imi_handler_respond(&answer, response, err);
}

static imi_rpc_flow on_create_session(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__create_session_request__descriptor,
                           create_session);
}

static imi_rpc_flow on_get_session(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_session_request__descriptor, get_session);
}

static imi_rpc_flow on_introspect_token(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__introspect_token_request__descriptor,
                           introspect_token);
}

static imi_rpc_flow on_get_jwks(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_jwks_request__descriptor, get_jwks);
}

imi_rpc_service imi_handle_relying_party(imi_handlers *handlers)
{
    static imi_rpc_method methods[] = {
        {.name = "CreateSession", .message = on_create_session},
        {.name = "GetSession", .message = on_get_session},
        {.name = "IntrospectToken", .message = on_introspect_token},
        {.name = "GetJwks", .message = on_get_jwks},
        {.name = NULL}, /* WatchSession, which has a file of its own */
    };
    const size_t count = sizeof methods / sizeof methods[0];
    methods[count - 1] = imi_handle_watch_session();
    return (imi_rpc_service){
        .name = "imi.v1.RelyingPartyService",
        .methods = methods,
        .method_count = count,
        .user = handlers,
    };
}
