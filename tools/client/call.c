#include "client/call.h"

#include <string.h>

imi_status imi_message_pack(const ProtobufCMessage *message, imi_buffer *out, imi_error *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t total = 0;
    if (!imi_size_add(out->size, size, &total)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "a message is too large");
    }
    IMI_TRY(imi_buffer_reserve(out, total, err));
    if (size > 0) {
        protobuf_c_message_pack(message, out->data + out->size);
    }
    out->size = total;
    return IMI_OK;
}

imi_status imi_message_unpack(const ProtobufCMessageDescriptor *type, imi_view bytes,
                              ProtobufCMessage **out, imi_error *err)
{
    *out = protobuf_c_message_unpack(type, NULL, bytes.size, bytes.data);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server's %s cannot be read", type->short_name);
    }
    return IMI_OK;
}

imi_status imi_unary_call_run(const imi_unary_call *call, ProtobufCMessage **response_out,
                              imi_error *err)
{
    *response_out = NULL;
    IMI_AUTO_BUFFER request = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    IMI_TRY(imi_message_pack(call->request, &request, err));
    imi_rpc_metadata authorization = {"authorization", call->authorization};
    imi_rpc_request rpc = {
        .path = call->path,
        .metadata = &authorization,
        .metadata_count = call->authorization != NULL,
    };
    IMI_TRY(imi_rpc_channel_call(call->channel, &rpc, imi_buffer_view(&request), &response, err));
    return imi_message_unpack(call->response_type, imi_buffer_view(&response), response_out, err);
}

imi_status imi_message_text(const char *field, char *out, size_t capacity, imi_error *err)
{
    out[0] = '\0';
    if (field != NULL && strlen(field) >= capacity) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server sent a text that is too long");
    }
    imi_copy_text(out, capacity, field == NULL ? "" : field);
    return IMI_OK;
}
