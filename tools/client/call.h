/**
 * One unary call with protobuf-c messages on both sides.
 */
#ifndef IMI_TOOLS_CALL_H
#define IMI_TOOLS_CALL_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "rpc/client.h"

#include <protobuf-c/protobuf-c.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Append the encoded message. */
IMI_MUST_USE imi_status imi_message_pack(const ProtobufCMessage *message, imi_buffer *out,
                                         imi_error *err);
/**
 * Decode a message; free it with protobuf_c_message_free_unpacked(message, NULL).
 *
 * Errors: IMI_E_RPC_MESSAGE.
 */
IMI_MUST_USE imi_status imi_message_unpack(const ProtobufCMessageDescriptor *type, imi_view bytes,
                                           ProtobufCMessage **out, imi_error *err);

/** What to call and what comes back. Everything is borrowed for the call. */
typedef struct imi_unary_call {
    imi_rpc_channel *channel;
    const char *path; /* "/imi.v1.SubjectService/Join" */
    const char *authorization; /* value of that metadata entry, or NULL */
    const ProtobufCMessage *request;
    const ProtobufCMessageDescriptor *response_type;
} imi_unary_call;

/** Call; *response_out is freed as imi_message_unpack says, NULL on failure. */
IMI_MUST_USE imi_status imi_unary_call_run(const imi_unary_call *call,
                                           ProtobufCMessage **response_out, imi_error *err);

/** Text of a message's field for our own storage: NULL becomes "", too long is an error. */
IMI_MUST_USE imi_status imi_message_text(const char *field, char *out, size_t capacity,
                                         imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
