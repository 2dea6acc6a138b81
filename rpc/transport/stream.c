/* Streams of clients. */
#include "rpc/transport/bytes.h"
#include "rpc/transport/client_call.h"
#include "rpc/transport/library.h"

#include <grpc/support/time.h>

/* Send the metadata, and leave the receiving of the final status under way. */
static imi_status begin_stream(imi_rpc_stream *stream, imi_error *err)
{
    grpc_op status_ops[] = {imi_grpc_receive_metadata_op(stream),
                            imi_grpc_receive_status_op(stream)};
    if (grpc_call_start_batch(stream->grpc, status_ops, 2, &stream->status_tag, NULL) !=
        GRPC_CALL_OK) {
        stream->status_is_known = true;
        IMI_FAIL(err, IMI_E_INTERNAL, "the stream cannot be opened");
    }
    grpc_op op = imi_grpc_metadata_op(stream);
    if (imi_grpc_run_batch(stream, &op, 1, &stream->open_tag)) {
        return IMI_OK;
    }
    bool ok = false;
    imi_grpc_pluck(stream, &stream->status_tag, -1, &ok);
    stream->status_is_known = true;
    IMI_TRY(imi_grpc_final_status(stream, err));
    IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the stream could not be opened");
}

imi_status imi_rpc_stream_open(imi_rpc_channel *channel, const imi_rpc_request *request,
                               imi_rpc_stream **out, imi_error *err)
{
    *out = NULL;
    IMI_TRY(imi_grpc_check_request(request, err));
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_stream *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a stream");
    }
    imi_grpc_begin_call(fresh, channel, request,
                        request->deadline_ms > 0 ? imi_grpc_deadline_after(request->deadline_ms)
                                                 : gpr_inf_future(GPR_CLOCK_MONOTONIC));
    stream = fresh;
    IMI_TRY(begin_stream(stream, err));
    *out = IMI_STEAL(&stream);
    return IMI_OK;
}

imi_status imi_rpc_stream_watch(imi_rpc_channel *channel, const imi_rpc_request *request,
                                imi_view message, imi_rpc_stream **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_TRY(imi_rpc_stream_open(channel, request, &stream, err));
    /* A call that the server has ended already is told by the first receive. */
    imi_status status = imi_rpc_stream_send(stream, message, err);
    if (status == IMI_OK) {
        status = imi_rpc_stream_close_send(stream, err);
    }
    if (status != IMI_OK && status != IMI_E_CANCELLED) {
        return status;
    }
    *out = IMI_STEAL(&stream);
    return IMI_OK;
}

void imi_rpc_stream_destroy(imi_rpc_stream **stream_pointer)
{
    imi_rpc_stream *stream = stream_pointer == NULL ? NULL : IMI_STEAL(stream_pointer);
    if (stream == NULL || imi_grpc_is_forked()) {
        return;
    }
    grpc_call_cancel(stream->grpc, NULL);
    bool ok = false;
    if (stream->is_receiving) {
        imi_grpc_pluck(stream, &stream->receive_tag, -1, &ok);
    }
    if (!stream->status_is_known) {
        imi_grpc_pluck(stream, &stream->status_tag, -1, &ok);
    }
    imi_grpc_clean_up_call(stream);
    imi_free(stream);
}

imi_status imi_rpc_stream_send(imi_rpc_stream *stream, imi_view message, imi_error *err)
{
    grpc_byte_buffer *buffer = imi_grpc_buffer_of_view(message);
    grpc_op op = imi_grpc_send_message_op(buffer);
    bool sent = imi_grpc_run_batch(stream, &op, 1, &stream->send_tag);
    grpc_byte_buffer_destroy(buffer);
    if (!sent) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    return IMI_OK;
}

imi_status imi_rpc_stream_close_send(imi_rpc_stream *stream, imi_error *err)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    if (!imi_grpc_run_batch(stream, &op, 1, &stream->send_tag)) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    return IMI_OK;
}

static imi_status learn_status(imi_rpc_stream *stream, imi_rpc_received *received_out,
                               imi_error *err)
{
    if (!stream->status_is_known) {
        bool ok = false;
        imi_grpc_pluck(stream, &stream->status_tag, -1, &ok);
        stream->status_is_known = true;
    }
    IMI_TRY(imi_grpc_final_status(stream, err));
    *received_out = IMI_RPC_RECEIVED_END;
    return IMI_OK;
}

imi_status imi_rpc_stream_receive(imi_rpc_stream *stream, int64_t timeout_ms, imi_buffer *message,
                                  imi_rpc_received *received_out, imi_error *err)
{
    *received_out = IMI_RPC_RECEIVED_NOTHING;
    message->size = 0;
    if (stream->status_is_known) {
        return learn_status(stream, received_out, err);
    }
    if (!stream->is_receiving) {
        grpc_op op = imi_grpc_receive_message_op(stream);
        if (grpc_call_start_batch(stream->grpc, &op, 1, &stream->receive_tag, NULL) !=
            GRPC_CALL_OK) {
            IMI_FAIL(err, IMI_E_INTERNAL, "the stream cannot be read");
        }
        stream->is_receiving = true;
    }
    bool ok = false;
    if (imi_grpc_pluck(stream, &stream->receive_tag, timeout_ms, &ok) != GRPC_OP_COMPLETE) {
        return IMI_OK;
    }
    stream->is_receiving = false;
    if (stream->received == NULL) {
        return learn_status(stream, received_out, err);
    }
    IMI_TRY(imi_grpc_append_received(stream, message, err));
    *received_out = IMI_RPC_RECEIVED_MESSAGE;
    return IMI_OK;
}

void imi_rpc_stream_cancel(imi_rpc_stream *stream)
{
    grpc_call_cancel(stream->grpc, NULL);
}
