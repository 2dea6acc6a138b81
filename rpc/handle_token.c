#include "rpc/handler.h"

#include "imi/v1/token.pb-c.h"

_Static_assert((int)IMI_TOKEN_INVALID == IMI__V1__TOKEN_STATUS__TOKEN_STATUS_INVALID &&
                   (int)IMI_TOKEN_SUSPENDED == IMI__V1__TOKEN_STATUS__TOKEN_STATUS_SUSPENDED,
               "statuses have the numbers of token.proto");
_Static_assert((int)IMI_RECEIPT_CONSENT == IMI__V1__RECEIPT_KIND__RECEIPT_KIND_CONSENT,
               "kinds of receipts have the numbers of token.proto");
_Static_assert((int)IMI_RECEIPT_DELETION == IMI__V1__RECEIPT_KIND__RECEIPT_KIND_DELETION,
               "kinds of receipts have the numbers of the protocol");

static imi_status redeem_token(imi_service *service, imi_rpc_call *call, const void *message,
                               imi_buffer *response, imi_error *err)
{
    const Imi__V1__RedeemTokenRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    imi_redeemed redeemed;
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_redeem_token(service, party, imi_view_of_text(request->token),
                                     request->request_id, &redeemed, err));
    Imi__V1__RedeemTokenResponse answer = IMI__V1__REDEEM_TOKEN_RESPONSE__INIT;
    answer.redeemed = redeemed.redeemed;
    answer.reason = redeemed.reason;
    answer.redeemed_at_ms = redeemed.redeemed_at_ms;
    answer.session_id = redeemed.session_id;
    return imi_handler_respond(&answer, response, err);
}

static imi_status set_token_status(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    const Imi__V1__SetTokenStatusRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_set_token_status(service, party, request->session_id,
                                         (imi_token_status)request->status, request->reason, err));
    Imi__V1__SetTokenStatusResponse answer = IMI__V1__SET_TOKEN_STATUS_RESPONSE__INIT;
    answer.status = request->status;
    return imi_handler_respond(&answer, response, err);
}

static imi_status get_receipt(imi_service *service, imi_rpc_call *call, const void *message,
                              imi_buffer *response, imi_error *err)
{
    const Imi__V1__GetReceiptRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_receipt(service, party, request->session_id,
                                (imi_receipt_kind)request->kind, &json, err));
    IMI_TRY(imi_buffer_terminate(&json, err));
    Imi__V1__GetReceiptResponse answer = IMI__V1__GET_RECEIPT_RESPONSE__INIT;
    answer.receipt_json = (char *)json.data;
    return imi_handler_respond(&answer, response, err);
}

static imi_rpc_flow on_redeem_token(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__redeem_token_request__descriptor, redeem_token);
}

static imi_rpc_flow on_set_token_status(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__set_token_status_request__descriptor,
                           set_token_status);
}

static imi_rpc_flow on_get_receipt(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_receipt_request__descriptor, get_receipt);
}

imi_rpc_service imi_handle_token(imi_handlers *handlers)
{
    static const imi_rpc_method methods[] = {
        {.name = "RedeemToken", .message = on_redeem_token},
        {.name = "SetTokenStatus", .message = on_set_token_status},
        {.name = "GetReceipt", .message = on_get_receipt},
    };
    return (imi_rpc_service){
        .name = "imi.v1.TokenService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = handlers,
    };
}
