/* Calls of clients, unary ones whole. */
#include "rpc/transport/client_call.h"

#include "rpc/transport/bytes.h"
#include "rpc/transport/library.h"

#include <grpc/support/time.h>

enum {
    DEFAULT_UNARY_DEADLINE_MS = 30000,
    RECONNECT_WAIT_MS = 1500 /* longer than the longest backoff */
};

gpr_timespec imi_grpc_deadline_after(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

grpc_completion_type imi_grpc_pluck(imi_rpc_stream *stream, char *wanted, int64_t timeout_ms,
                                    bool *ok)
{
    gpr_timespec until =
        timeout_ms < 0 ? gpr_inf_future(GPR_CLOCK_MONOTONIC) : imi_grpc_deadline_after(timeout_ms);
    grpc_event event = grpc_completion_queue_pluck(stream->queue, wanted, until, NULL);
    *ok = event.type == GRPC_OP_COMPLETE && event.success != 0;
    return event.type;
}

/* Run a batch to its end. Ends at the call's deadline or cancellation at the latest. */
bool imi_grpc_run_batch(imi_rpc_stream *stream, const grpc_op *ops, size_t count, char *completion)
{
    if (grpc_call_start_batch(stream->grpc, ops, count, completion, NULL) != GRPC_CALL_OK) {
        return false;
    }
    bool ok = false;
    imi_grpc_pluck(stream, completion, -1, &ok);
    return ok;
}

imi_status imi_grpc_check_request(const imi_rpc_request *request, imi_error *err)
{
    IMI_TRY(imi_grpc_refuse_forked(err));
    if (request->path == NULL || request->path[0] != '/') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a call needs a path that begins with /");
    }
    if (request->metadata_count > IMI_GRPC_CLIENT_METADATA_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a call has at most %d metadata entries",
                 IMI_GRPC_CLIENT_METADATA_MAX);
    }
    for (size_t i = 0; i < request->metadata_count; i++) {
        grpc_slice key = grpc_slice_from_static_string(request->metadata[i].key);
        grpc_slice value = grpc_slice_from_static_string(request->metadata[i].value);
        if (!grpc_header_key_is_legal(key) || grpc_is_binary_header(key) ||
            !grpc_header_nonbin_value_is_legal(value)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "metadata entry %zu is not legal", i);
        }
    }
    return IMI_OK;
}

/*
 * After a failure the C core makes a new connection only while somebody polls for it, and calls
 * that fail at once do not poll for long: a client of many short calls would never find back.
 */
static void await_reconnection(imi_rpc_channel *channel, gpr_timespec deadline)
{
    gpr_timespec until = gpr_time_min(deadline, imi_grpc_deadline_after(RECONNECT_WAIT_MS));
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel->grpc, 1);
    if (state != GRPC_CHANNEL_TRANSIENT_FAILURE && state != GRPC_CHANNEL_CONNECTING) {
        return;
    }
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    char seen;
    grpc_event event = {.success = 1};
    while (event.success != 0 && state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_SHUTDOWN) {
        grpc_channel_watch_connectivity_state(channel->grpc, state, until, queue, &seen);
        event =
            grpc_completion_queue_pluck(queue, &seen, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        state = grpc_channel_check_connectivity_state(channel->grpc, 1);
    }
    grpc_completion_queue_shutdown(queue);
    grpc_completion_queue_destroy(queue);
}

void imi_grpc_begin_call(imi_rpc_stream *stream, imi_rpc_channel *channel,
                         const imi_rpc_request *request, gpr_timespec deadline)
{
    await_reconnection(channel, deadline);
    stream->queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_slice path = grpc_slice_from_copied_string(request->path);
    stream->grpc = grpc_channel_create_call(channel->grpc, NULL, GRPC_PROPAGATE_DEFAULTS,
                                            stream->queue, path, NULL, deadline, NULL);
    grpc_slice_unref(path);
    stream->status_text = grpc_empty_slice();
    grpc_metadata_array_init(&stream->initial);
    grpc_metadata_array_init(&stream->trailing);
    for (size_t i = 0; i < request->metadata_count; i++) {
        grpc_metadata *entry = &stream->send_metadata[stream->send_metadata_count++];
        entry->key = grpc_slice_from_copied_string(request->metadata[i].key);
        entry->value = grpc_slice_from_copied_string(request->metadata[i].value);
    }
}

void imi_grpc_clean_up_call(imi_rpc_stream *stream)
{
    imi_grpc_destroy_received(&stream->received);
    for (size_t i = 0; i < stream->send_metadata_count; i++) {
        grpc_slice_unref(stream->send_metadata[i].key);
        grpc_slice_unref(stream->send_metadata[i].value);
    }
    grpc_slice_unref(stream->status_text);
    grpc_metadata_array_destroy(&stream->initial);
    grpc_metadata_array_destroy(&stream->trailing);
    grpc_call_unref(stream->grpc);
    grpc_completion_queue_shutdown(stream->queue);
    grpc_completion_queue_destroy(stream->queue);
}

grpc_op imi_grpc_metadata_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    op.data.send_initial_metadata.count = stream->send_metadata_count;
    op.data.send_initial_metadata.metadata = stream->send_metadata;
    return op;
}

grpc_op imi_grpc_receive_metadata_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_INITIAL_METADATA};
    op.data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    return op;
}

grpc_op imi_grpc_receive_status_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    op.data.recv_status_on_client.trailing_metadata = &stream->trailing;
    op.data.recv_status_on_client.status = &stream->code;
    op.data.recv_status_on_client.status_details = &stream->status_text;
    return op;
}

grpc_op imi_grpc_receive_message_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &stream->received;
    return op;
}

grpc_op imi_grpc_send_message_op(grpc_byte_buffer *buffer)
{
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = buffer;
    return op;
}

/* What the server said at the end, as a status of ours. */
imi_status imi_grpc_final_status(const imi_rpc_stream *stream, imi_error *err)
{
    if (stream->code == GRPC_STATUS_OK) {
        return IMI_OK;
    }
    char name[64] = "";
    imi_view value;
    if (imi_grpc_find_metadata(&stream->trailing, IMI_GRPC_STATUS_TRAILER, &value) &&
        value.size < sizeof name) {
        imi_copy(name, value.data, value.size);
        name[value.size] = '\0';
    }
    imi_status status = imi_rpc_status_of_code((imi_rpc_code)stream->code, name);
    IMI_FAIL_FOREIGN(err, status, stream->code, "%.*s", (int)GRPC_SLICE_LENGTH(stream->status_text),
                     (const char *)GRPC_SLICE_START_PTR(stream->status_text));
}

imi_status imi_grpc_append_received(imi_rpc_stream *stream, imi_buffer *out, imi_error *err)
{
    grpc_slice whole;
    if (!imi_grpc_take_contiguous(&stream->received, &whole)) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the answer cannot be read");
    }
    imi_view view = {GRPC_SLICE_START_PTR(whole), GRPC_SLICE_LENGTH(whole)};
    imi_status status = imi_buffer_append(out, view, err);
    grpc_slice_unref(whole);
    return status;
}

static imi_status run_unary(imi_rpc_stream *stream, imi_view message, imi_buffer *response,
                            imi_error *err)
{
    grpc_byte_buffer *request = imi_grpc_buffer_of_view(message);
    grpc_op ops[] = {
        imi_grpc_metadata_op(stream),           imi_grpc_send_message_op(request),
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, imi_grpc_receive_metadata_op(stream),
        imi_grpc_receive_message_op(stream),    imi_grpc_receive_status_op(stream),
    };
    bool ran = imi_grpc_run_batch(stream, ops, sizeof ops / sizeof ops[0], &stream->status_tag);
    grpc_byte_buffer_destroy(request);
    if (!ran && stream->code == GRPC_STATUS_OK) {
        IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the call could not be made");
    }
    IMI_TRY(imi_grpc_final_status(stream, err));
    if (stream->received == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server sent no answer");
    }
    return imi_grpc_append_received(stream, response, err);
}

imi_status imi_rpc_channel_call(imi_rpc_channel *channel, const imi_rpc_request *request,
                                imi_view message, imi_buffer *response, imi_error *err)
{
    IMI_TRY(imi_grpc_check_request(request, err));
    int64_t ms = request->deadline_ms > 0 ? request->deadline_ms : DEFAULT_UNARY_DEADLINE_MS;
    imi_rpc_stream call = {0};
    imi_grpc_begin_call(&call, channel, request, imi_grpc_deadline_after(ms));
    imi_status status = run_unary(&call, message, response, err);
    imi_grpc_clean_up_call(&call);
    return status;
}
