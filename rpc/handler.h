/**
 * What the handlers of imi.v1 share: running a unary method on the request pool, who calls,
 * and turning records into messages.
 */
#ifndef IMI_RPC_HANDLER_H
#define IMI_RPC_HANDLER_H

#include "imi/pool.h"
#include "imi/service.h"
#include "rpc/transport.h"

#include <protobuf-c/protobuf-c.h>

/** User pointer of every imi.v1 service. Borrowed parts outlive the server. */
typedef struct imi_handlers {
    imi_service *service;
    imi_pool *requests; /* runs unary methods, which may wait for the disk */
    struct imi_administration *administration; /* NULL: nobody can administrate */
    struct imi_calibration_job *calibration; /* NULL: this server measures nothing */
    struct imi_frame_order *frames; /* calls of SubmitFrame that wait for their turn */
} imi_handlers;

/**
 * One unary method: request is decoded and valid, response is encoded by imi_handler_respond.
 * Returning a status ends the call with it. A method that answers later (from a callback)
 * holds the call and returns IMI_OK with an empty response.
 */
typedef imi_status (*imi_unary_function)(imi_service *service, imi_rpc_call *call,
                                         const void *request, imi_buffer *response, imi_error *err);

/** Body of a unary method's message callback: decode and run on the request pool. */
imi_rpc_flow imi_handler_run(imi_rpc_call *call, imi_view message,
                             const ProtobufCMessageDescriptor *request,
                             imi_unary_function function);

/** Append a packed message to response. */
IMI_MUST_USE imi_status imi_handler_respond(const void *message, imi_buffer *response,
                                            imi_error *err);
/** Pack and send a message as the answer to a unary call whose method answers later. */
void imi_handler_reply(imi_rpc_call *call, const void *message);

/** Name in the caller's verified client certificate. Errors: IMI_E_UNAUTHENTICATED. */
IMI_MUST_USE imi_status imi_handler_party(imi_rpc_call *call, char name[IMI_STORE_NAME_SIZE],
                                          imi_error *err);
/** Credential of the phone, from `authorization: Bearer ...`. Errors: IMI_E_UNAUTHENTICATED. */
IMI_MUST_USE imi_status imi_handler_credential(imi_rpc_call *call,
                                               char credential[IMI_CREDENTIAL_TEXT_SIZE],
                                               imi_error *err);

/** View of a bytes field. */
imi_view imi_handler_bytes(ProtobufCBinaryData bytes);

/** The services; user is an imi_handlers *. */
imi_rpc_service imi_handle_subject(imi_handlers *handlers);
imi_rpc_service imi_handle_relying_party(imi_handlers *handlers);
imi_rpc_service imi_handle_enrolment(imi_handlers *handlers);
imi_rpc_service imi_handle_holder(imi_handlers *handlers);
imi_rpc_service imi_handle_administration(imi_handlers *handlers);
imi_rpc_service imi_handle_token(imi_handlers *handlers);
imi_rpc_service imi_handle_event(imi_handlers *handlers);

#endif
