/* The life of one call: its references, what is received and what is sent. */
#include "rpc/transport/server.h"

#include "imi/log.h"
#include "rpc/transport/bytes.h"

#include <stdlib.h>

void imi_grpc_destroy_queued(imi_grpc_queued **message)
{
    if (*message != NULL) {
        grpc_byte_buffer_destroy((*message)->buffer);
        imi_free(*message);
        *message = NULL;
    }
}

/* While held, the server and its queues stay: gRPC aborts when a call whose event was still
 * waiting in a queue is started after the queue's shutdown. */
void imi_grpc_hold_server(imi_rpc_server *server)
{
    atomic_fetch_add(&server->holds, 1);
}

void imi_grpc_let_server_go(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    atomic_fetch_sub(&server->holds, 1);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

static void destroy_call(imi_rpc_call *call)
{
    while (call->first_queued != NULL) {
        imi_grpc_queued *message = call->first_queued;
        call->first_queued = message->next;
        imi_grpc_destroy_queued(&message);
    }
    imi_grpc_destroy_queued(&call->flying);
    imi_grpc_destroy_received(&call->received);
    for (size_t i = 0; i < call->trailer_count; i++) {
        grpc_slice_unref(call->trailers[i].value);
    }
    grpc_slice_unref(call->status_text);
    if (call->grpc != NULL) {
        grpc_call_unref(call->grpc);
    }
    grpc_metadata_array_destroy(&call->metadata);
    grpc_call_details_destroy(&call->details);
    pthread_mutex_destroy(&call->mutex);
    imi_rpc_server *server = call->worker->server;
    if (call->is_counted) {
        atomic_fetch_sub(&server->live_calls, 1);
    }
    imi_free(call);
    imi_grpc_let_server_go(server);
}

imi_rpc_call *imi_rpc_call_acquire(imi_rpc_call *call)
{
    atomic_fetch_add(&call->references, 1);
    return call;
}

void imi_rpc_call_release(imi_rpc_call **call_pointer)
{
    imi_rpc_call *call = call_pointer == NULL ? NULL : IMI_STEAL(call_pointer);
    if (call != NULL && atomic_fetch_sub(&call->references, 1) == 1) {
        destroy_call(call);
    }
}

void imi_grpc_release(imi_rpc_call *call)
{
    imi_rpc_call_release(&call);
}

/* Start a batch; the call's mutex is held, so that flags and batches agree. A batch holds
 * a reference until its event. gRPC refuses a batch only for a defect of this file. */
static void start_batch(imi_rpc_call *call, const grpc_op *ops, size_t count,
                        imi_grpc_tag *completion)
{
    imi_rpc_call_acquire(call);
    IMI_GRPC_HAND_OVER(completion);
    grpc_call_error code = grpc_call_start_batch(call->grpc, ops, count, completion, NULL);
    if (code != GRPC_CALL_OK) {
        imi_log(IMI_LOG_ERROR, "rpc", "gRPC refused a batch with error %d", (int)code);
        abort();
    }
}

static void close_call(imi_rpc_call *call)
{
    imi_rpc_server *server = call->worker->server;
    pthread_mutex_lock(&server->mutex);
    imi_grpc_forget_waiting(call);
    pthread_mutex_unlock(&server->mutex);
    if (call->method->closed != NULL) {
        call->method->closed(call, call->was_cancelled != 0);
    }
}

/* After each event: the last of them closes the call. */
static void settle(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool closes = call->is_over && !call->is_receiving && !call->is_sending && !call->is_closed;
    call->is_closed = call->is_closed || closes;
    pthread_mutex_unlock(&call->mutex);
    if (closes) {
        close_call(call);
    }
    imi_grpc_release(call);
}

/* Next message to send, or NULL; takes it out of the queue. */
static imi_grpc_queued *next_to_send(imi_rpc_call *call)
{
    imi_grpc_queued *message = call->first_queued;
    if (message == NULL) {
        return NULL;
    }
    call->first_queued = message->next;
    if (call->first_queued == NULL) {
        call->last_queued = &call->first_queued;
    }
    return message;
}

static grpc_op status_op(imi_rpc_call *call)
{
    grpc_op op = {.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    op.data.send_status_from_server.status = call->code;
    op.data.send_status_from_server.status_details = &call->status_text;
    op.data.send_status_from_server.trailing_metadata = call->trailers;
    op.data.send_status_from_server.trailing_metadata_count = call->trailer_count;
    return op;
}

/* Hand over what can be sent now: one batch in flight at a time. A unary answer travels
 * whole (metadata, message, status). The mutex is held. */
void imi_grpc_flush(imi_rpc_call *call)
{
    bool streams = call->method->server_streams;
    bool has_work = call->is_finishing || (streams && call->first_queued != NULL);
    if (call->is_sending || call->status_sent || call->is_over || !has_work) {
        return;
    }
    grpc_op ops[3];
    size_t count = 0;
    if (!call->metadata_sent) {
        ops[count++] = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
        call->metadata_sent = true;
    }
    bool drops_answer = !streams && call->code != GRPC_STATUS_OK;
    call->flying = drops_answer ? NULL : next_to_send(call);
    if (call->flying != NULL) {
        ops[count] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE};
        ops[count++].data.send_message.send_message = call->flying->buffer;
    }
    if (call->is_finishing && (drops_answer || call->first_queued == NULL)) {
        ops[count++] = status_op(call);
        call->status_sent = true;
    }
    call->is_sending = true;
    start_batch(call, ops, count, &call->on_sent);
}

static void when_sent(void *self, bool ok)
{
    imi_rpc_call *call = self;
    pthread_mutex_lock(&call->mutex);
    bool was_message = call->flying != NULL;
    if (was_message) {
        call->queued_bytes -= call->flying->size;
        imi_grpc_destroy_queued(&call->flying);
    }
    call->is_sending = false;
    if (ok) {
        imi_grpc_flush(call);
    }
    bool is_writable = ok && was_message && !call->is_finishing && !call->is_over;
    pthread_mutex_unlock(&call->mutex);
    if (is_writable && call->method->writable != NULL) {
        call->method->writable(call);
    }
    settle(call);
}

void imi_rpc_call_resume(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    if (!call->is_receiving && !call->is_over && !call->is_finishing && !call->no_more_messages) {
        grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
        op.data.recv_message.recv_message = &call->received;
        call->is_receiving = true;
        start_batch(call, &op, 1, &call->on_received);
    }
    pthread_mutex_unlock(&call->mutex);
}

bool imi_grpc_is_ending(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool ending = call->is_over || call->is_finishing;
    pthread_mutex_unlock(&call->mutex);
    return ending;
}

/* Consumes the buffer. */
imi_rpc_flow imi_grpc_deliver(imi_rpc_call *call, grpc_byte_buffer *buffer)
{
    if (imi_grpc_is_ending(call)) {
        imi_grpc_destroy_received(&buffer);
        return IMI_RPC_PAUSE;
    }
    call->delivering = imi_grpc_message_of_buffer(&buffer);
    if (call->delivering == NULL) {
        imi_rpc_call_fail(call, IMI_E_NO_MEMORY, NULL);
        return IMI_RPC_PAUSE;
    }
    imi_rpc_flow flow = IMI_RPC_CONTINUE;
    if (call->method->message != NULL) {
        flow = call->method->message(call, imi_rpc_message_view(call->delivering));
    }
    imi_rpc_message_destroy(&call->delivering);
    return flow;
}

static void when_received(void *self, bool ok)
{
    (void)ok; /* a failed receive shows as no message */
    imi_rpc_call *call = self;
    /* Taken first: once is_receiving is false, any thread may start the next receive, and
     * gRPC fills call->received again. */
    grpc_byte_buffer *buffer = IMI_STEAL(&call->received);
    bool has_message = buffer != NULL;
    bool half_closed = !has_message && !grpc_call_failed_before_recv_message(call->grpc);
    pthread_mutex_lock(&call->mutex);
    call->is_receiving = false;
    call->no_more_messages = !has_message;
    half_closed = half_closed && !call->is_over && !call->is_finishing;
    pthread_mutex_unlock(&call->mutex);
    if (has_message && imi_grpc_deliver(call, buffer) == IMI_RPC_CONTINUE) {
        imi_rpc_call_resume(call);
    } else if (half_closed && call->method->half_close != NULL) {
        call->method->half_close(call);
    }
    settle(call);
}

static void when_ended(void *self, bool ok)
{
    (void)ok;
    imi_rpc_call *call = self;
    pthread_mutex_lock(&call->mutex);
    call->is_over = true;
    pthread_mutex_unlock(&call->mutex);
    settle(call);
}

void imi_grpc_watch_end(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &call->was_cancelled;
    start_batch(call, &op, 1, &call->on_ended);
    pthread_mutex_unlock(&call->mutex);
}

imi_rpc_call *imi_grpc_call_new(imi_grpc_worker *w, const imi_grpc_route *r,
                                void (*accepted)(void *self, bool ok))
{
    imi_rpc_call *call = imi_alloc(sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    imi_grpc_hold_server(w->server);
    call->worker = w;
    call->route = r;
    call->method = r->method;
    atomic_init(&call->references, 1);
    call->on_accepted = (imi_grpc_tag){accepted, call};
    call->on_received = (imi_grpc_tag){when_received, call};
    call->on_sent = (imi_grpc_tag){when_sent, call};
    call->on_ended = (imi_grpc_tag){when_ended, call};
    call->last_queued = &call->first_queued;
    call->status_text = grpc_empty_slice();
    grpc_metadata_array_init(&call->metadata);
    grpc_call_details_init(&call->details);
    pthread_mutex_init(&call->mutex, NULL);
    return call;
}
