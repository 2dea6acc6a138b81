#include "rpc/handler.h"

#include "imi/v1/holder.pb-c.h"

static imi_status get_consent(imi_service *service, imi_rpc_call *call, const void *message,
                              imi_buffer *response, imi_error *err)
{
    (void)message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_AUTO_BUFFER consent = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_credential(call, credential, err));
    IMI_TRY(imi_service_get_consent(service, credential, &consent, &receipt, err));
    IMI_TRY(imi_buffer_terminate(&consent, err));
    IMI_TRY(imi_buffer_terminate(&receipt, err));
    Imi__V1__GetConsentResponse answer = IMI__V1__GET_CONSENT_RESPONSE__INIT;
    answer.consent_json = (char *)consent.data;
    answer.receipt_json = (char *)receipt.data;
    return imi_handler_respond(&answer, response, err);
}

static imi_status withdraw_consent(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    (void)message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    IMI_TRY(imi_service_withdraw_consent(service, credential, err));
    Imi__V1__WithdrawConsentResponse answer = IMI__V1__WITHDRAW_CONSENT_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

static imi_status get_decision_receipt(imi_service *service, imi_rpc_call *call,
                                       const void *message, imi_buffer *response, imi_error *err)
{
    (void)message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_credential(call, credential, err));
    IMI_TRY(imi_service_decision_receipt(service, credential, &receipt, err));
    IMI_TRY(imi_buffer_terminate(&receipt, err));
    Imi__V1__GetDecisionReceiptResponse answer = IMI__V1__GET_DECISION_RECEIPT_RESPONSE__INIT;
    answer.receipt_json = (char *)receipt.data;
    return imi_handler_respond(&answer, response, err);
}

static imi_status issue_credential(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    (void)message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_AUTO_BUFFER issued = IMI_BUFFER_INIT;
    Imi__V1__IssueCredentialResponse answer = IMI__V1__ISSUE_CREDENTIAL_RESPONSE__INIT;
    IMI_TRY(imi_handler_credential(call, credential, err));
    IMI_TRY(imi_service_issue_credential(service, credential, &issued, &answer.expires_at_ms, err));
    IMI_TRY(imi_buffer_terminate(&issued, err));
    answer.credential = (char *)issued.data;
    return imi_handler_respond(&answer, response, err);
}

static imi_rpc_flow on_get_consent(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_consent_request__descriptor, get_consent);
}

static imi_rpc_flow on_withdraw_consent(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__withdraw_consent_request__descriptor,
                           withdraw_consent);
}

static imi_rpc_flow on_get_decision_receipt(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_decision_receipt_request__descriptor,
                           get_decision_receipt);
}

static imi_rpc_flow on_issue_credential(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__issue_credential_request__descriptor,
                           issue_credential);
}

imi_rpc_service imi_handle_holder(imi_handlers *handlers)
{
    static const imi_rpc_method methods[] = {
        {.name = "GetConsent", .message = on_get_consent},
        {.name = "WithdrawConsent", .message = on_withdraw_consent},
        {.name = "GetDecisionReceipt", .message = on_get_decision_receipt},
        {.name = "IssueCredential", .message = on_issue_credential},
    };
    return (imi_rpc_service){
        .name = "imi.v1.HolderService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = handlers,
    };
}
