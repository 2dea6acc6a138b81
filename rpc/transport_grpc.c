/*
 * The only file that knows gRPC's C core (surface API of 1.51), server and client side.
 * What was measured of it and is relied on here:
 *   - one completion queue per thread, so that a call's events stay on one thread;
 *   - a method that is not registered hangs unless a generic request is pending as well;
 *   - the size limit is applied after inflation, so compression is switched off;
 *   - without ALLOW_REUSEPORT 0 a second server shares the port silently;
 *   - a connection ends its GOAWAY only when the client has answered a ping, and clients that
 *     poll for their calls alone, as ours, do not while they are idle: stopping cuts them off;
 *   - RECV_CLOSE can complete before an outstanding RECV_MESSAGE or SEND: closed() waits
 *     for all of them;
 *   - the library does not survive fork.
 */
#include "rpc/transport.h"

#include "imi/log.h"
#include "rpc/client.h"
#include "rpc/pki.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)IMI_RPC_CODE_UNAUTHENTICATED == (int)GRPC_STATUS_UNAUTHENTICATED &&
                   (int)IMI_RPC_CODE_INTERNAL == (int)GRPC_STATUS_INTERNAL,
               "our codes are those of the wire");

enum {
    ACCEPTS_PER_METHOD = 4, /* requests kept pending per method and thread */
    MAX_THREADS = 64,
    MAX_CLIENT_METADATA = 8,
    REQUEST_ID_MAX = 64,
    PEM_LIMIT = 1 << 20,
    DEFAULT_MESSAGE_BYTES = 4 << 20,
    DEFAULT_UNARY_DEADLINE_MS = 30000,
    GOODBYE_MS = 200, /* for clients to leave by themselves, once no call is left */
    RECONNECT_WAIT_MS = 1500, /* longer than the longest backoff */
    HANDSHAKE_TIMEOUT_MS = 10000
};

/* gRPC hands a tag from one thread to another under locks that TSan cannot see. */
#ifdef __SANITIZE_THREAD__
void __tsan_release(void *address);
void __tsan_acquire(void *address);
#define HAND_OVER(tag) __tsan_release(tag)
#define TAKE_OVER(tag) __tsan_acquire(tag)
#else
#define HAND_OVER(tag) (void)(tag)
#define TAKE_OVER(tag) (void)(tag)
#endif

static const char STATUS_TRAILER[] = "imi-status";
static const char ID_TRAILER[] = "imi-correlation-id";

/* ---- the library's life ---- */

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static atomic_bool g_forked;

static void mark_forked(void)
{
    atomic_store(&g_forked, true);
}

static void log_from_grpc(gpr_log_func_args *args)
{
    imi_log_level level =
        args->severity == GPR_LOG_SEVERITY_ERROR ? IMI_LOG_WARNING : IMI_LOG_DEBUG;
    imi_log(level, "grpc", "%s", args->message);
}

static void prepare_once(void)
{
    gpr_set_log_function(log_from_grpc);
    pthread_atfork(NULL, NULL, mark_forked);
}

/* The threads behind gRPC exist in the parent only: a forked child would wait for ever. */
static imi_status refuse_forked(imi_error *err)
{
    if (atomic_load(&g_forked)) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED,
                 "this process was forked after RPC had started; start a new program instead");
    }
    return IMI_OK;
}

static imi_status library_start(imi_error *err)
{
    IMI_TRY(refuse_forked(err));
    pthread_once(&g_once, prepare_once);
    grpc_init();
    return IMI_OK;
}

static void library_stop(void)
{
    grpc_shutdown_blocking();
}

/* ---- byte buffers ---- */

static grpc_slice slice_of_view(imi_view view)
{
    return grpc_slice_from_copied_buffer((const char *)view.data, view.size);
}

static grpc_byte_buffer *buffer_of_view(imi_view view)
{
    grpc_slice slice = slice_of_view(view);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

/* A received range belongs to its message alone once gRPC has handed it over. */
static void wipe_buffer(grpc_byte_buffer *buffer)
{
    for (size_t i = 0; i < buffer->data.raw.slice_buffer.count; i++) {
        grpc_slice *slice = &buffer->data.raw.slice_buffer.slices[i];
        imi_wipe(GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
    }
}

static void destroy_received(grpc_byte_buffer **buffer)
{
    if (*buffer != NULL) {
        wipe_buffer(*buffer);
        grpc_byte_buffer_destroy(*buffer);
        *buffer = NULL;
    }
}

/* One contiguous slice of a whole message. A message that arrived in one piece is not
 * copied; one of several HTTP/2 frames is joined once, here. */
static bool take_contiguous(grpc_byte_buffer **buffer, grpc_slice *out)
{
    if ((*buffer)->data.raw.slice_buffer.count == 1) {
        *out = grpc_slice_ref((*buffer)->data.raw.slice_buffer.slices[0]);
        grpc_byte_buffer_destroy(*buffer);
        *buffer = NULL;
        return true;
    }
    grpc_byte_buffer_reader reader;
    bool readable = grpc_byte_buffer_reader_init(&reader, *buffer) != 0;
    if (readable) {
        *out = grpc_byte_buffer_reader_readall(&reader);
        grpc_byte_buffer_reader_destroy(&reader);
    }
    destroy_received(buffer);
    return readable;
}

struct imi_rpc_message {
    grpc_slice slice;
};

static imi_rpc_message *message_of_buffer(grpc_byte_buffer **buffer)
{
    imi_rpc_message *message = imi_alloc(sizeof *message);
    if (message == NULL || !take_contiguous(buffer, &message->slice)) {
        imi_free(message);
        destroy_received(buffer);
        return NULL;
    }
    return message;
}

imi_view imi_rpc_message_view(const imi_rpc_message *message)
{
    return (imi_view){GRPC_SLICE_START_PTR(message->slice), GRPC_SLICE_LENGTH(message->slice)};
}

void imi_rpc_message_destroy(imi_rpc_message **message_pointer)
{
    imi_rpc_message *message = message_pointer == NULL ? NULL : IMI_STEAL(message_pointer);
    if (message != NULL) {
        imi_wipe(GRPC_SLICE_START_PTR(message->slice), GRPC_SLICE_LENGTH(message->slice));
        grpc_slice_unref(message->slice);
        imi_free(message);
    }
}

/* ---- server: types ---- */

typedef struct tag {
    void (*run)(void *self, bool ok);
    void *self;
} tag;

typedef struct queued_message {
    struct queued_message *next;
    grpc_byte_buffer *buffer;
    size_t size;
} queued_message;

/* A method as the server knows it; the last one of a server stands for all unknown ones. */
typedef struct route {
    const imi_rpc_service *service;
    const imi_rpc_method *method;
    void *registration; /* NULL: the generic request */
} route;

typedef struct worker {
    imi_rpc_server *server;
    grpc_completion_queue *queue;
    pthread_t thread;
    bool thread_started;
    atomic_size_t *pending; /* requests waiting for a call, per route */
    atomic_bool is_starved; /* memory ran out while asking for calls: try again */
} worker;

struct imi_rpc_server {
    imi_rpc_server_options options;
    grpc_server *grpc;
    worker workers[MAX_THREADS];
    imi_rpc_service *services; /* what options.services points to */
    route *routes;
    size_t route_count;
    int port;
    uint64_t id_seed;
    atomic_uint_fast64_t id_next;
    atomic_size_t live_calls;
    atomic_size_t holds; /* call objects, those included that still wait for a client */
    atomic_bool is_stopping;
    tag on_stopped;

    pthread_mutex_t mutex; /* guards everything below, and holds against lost wake-ups */
    pthread_cond_t changed;
    bool is_drained, has_stopped;
    imi_rpc_call *waiting; /* calls to be ended when it drains */
};

struct imi_rpc_call {
    worker *worker;
    const route *route;
    const imi_rpc_method *method;
    grpc_call *grpc;
    void *state;
    imi_rpc_message *delivering; /* only while the message callback runs */
    imi_rpc_call *next_waiting, **waiting_link; /* the server's mutex guards them; NULL: not in */
    bool is_counted;
    char id[17];
    atomic_size_t references;
    tag on_accepted, on_received, on_sent, on_ended;

    /* Filled by gRPC before the event that announces them. */
    grpc_metadata_array metadata;
    grpc_call_details details;
    gpr_timespec deadline;
    grpc_byte_buffer *received;
    int was_cancelled;

    pthread_mutex_t mutex; /* guards everything below */
    queued_message *first_queued, **last_queued;
    size_t queued_bytes;
    queued_message *flying;
    bool metadata_sent, status_sent, is_sending, is_receiving, no_more_messages;
    bool is_finishing, is_over, is_closed;
    grpc_status_code code;
    grpc_slice status_text;
    grpc_metadata trailers[2];
    size_t trailer_count;
};

/* Takes the place of the handler for calls that are refused. */
static const imi_rpc_method refusing_method = {
    .name = "refused", .client_streams = true, .server_streams = true};

static void request_calls(worker *w, size_t index);

/* ---- server: one call ---- */

static void destroy_queued(queued_message **message)
{
    if (*message != NULL) {
        grpc_byte_buffer_destroy((*message)->buffer);
        imi_free(*message);
        *message = NULL;
    }
}

/* While held, the server and its queues stay: gRPC aborts when a call whose event was still
 * waiting in a queue is started after the queue's shutdown. */
static void hold_server(imi_rpc_server *server)
{
    atomic_fetch_add(&server->holds, 1);
}

static void let_server_go(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    atomic_fetch_sub(&server->holds, 1);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

static void destroy_call(imi_rpc_call *call)
{
    while (call->first_queued != NULL) {
        queued_message *message = call->first_queued;
        call->first_queued = message->next;
        destroy_queued(&message);
    }
    destroy_queued(&call->flying);
    destroy_received(&call->received);
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
    let_server_go(server);
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

static void release(imi_rpc_call *call)
{
    imi_rpc_call_release(&call);
}

/* Start a batch; the call's mutex is held, so that flags and batches agree. A batch holds
 * a reference until its event. gRPC refuses a batch only for a defect of this file. */
static void start_batch(imi_rpc_call *call, const grpc_op *ops, size_t count, tag *completion)
{
    imi_rpc_call_acquire(call);
    HAND_OVER(completion);
    grpc_call_error code = grpc_call_start_batch(call->grpc, ops, count, completion, NULL);
    if (code != GRPC_CALL_OK) {
        imi_log(IMI_LOG_ERROR, "rpc", "gRPC refused a batch with error %d", (int)code);
        abort();
    }
}

/* The mutex of the server is held. */
static void forget_waiting(imi_rpc_call *call)
{
    if (call->waiting_link != NULL) {
        *call->waiting_link = call->next_waiting;
        if (call->next_waiting != NULL) {
            call->next_waiting->waiting_link = call->waiting_link;
        }
        call->waiting_link = NULL;
    }
}

/* From now on the drain ends the call; false if the server has drained. */
static bool remember_waiting(imi_rpc_call *call)
{
    imi_rpc_server *server = call->worker->server;
    pthread_mutex_lock(&server->mutex);
    bool in_time = !server->is_drained;
    if (in_time) {
        call->next_waiting = server->waiting;
        call->waiting_link = &server->waiting;
        if (call->next_waiting != NULL) {
            call->next_waiting->waiting_link = &call->next_waiting;
        }
        server->waiting = call;
    }
    pthread_mutex_unlock(&server->mutex);
    return in_time;
}

static void end_for_drain(imi_rpc_call *call)
{
    imi_error why = IMI_ERROR_INIT;
    imi_rpc_call_fail(call,
                      imi_error_set(&why, IMI_E_RPC_UNAVAILABLE, 0, __FILE__, __LINE__,
                                    "the server is stopping: call again in a moment"),
                      &why);
}

static void close_call(imi_rpc_call *call)
{
    imi_rpc_server *server = call->worker->server;
    pthread_mutex_lock(&server->mutex);
    forget_waiting(call);
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
    release(call);
}

/* Next message to send, or NULL; takes it out of the queue. */
static queued_message *next_to_send(imi_rpc_call *call)
{
    queued_message *message = call->first_queued;
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
static void flush(imi_rpc_call *call)
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
        destroy_queued(&call->flying);
    }
    call->is_sending = false;
    if (ok) {
        flush(call);
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

static bool is_ending(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool ending = call->is_over || call->is_finishing;
    pthread_mutex_unlock(&call->mutex);
    return ending;
}

/* Consumes the buffer. */
static imi_rpc_flow deliver(imi_rpc_call *call, grpc_byte_buffer *buffer)
{
    if (is_ending(call)) {
        destroy_received(&buffer);
        return IMI_RPC_PAUSE;
    }
    call->delivering = message_of_buffer(&buffer);
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
    if (has_message && deliver(call, buffer) == IMI_RPC_CONTINUE) {
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

static void watch_end(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &call->was_cancelled;
    start_batch(call, &op, 1, &call->on_ended);
    pthread_mutex_unlock(&call->mutex);
}

/* Give the call to its handler, or refuse it. */
static void open_call(imi_rpc_call *call, bool too_many)
{
    if (call->route->registration == NULL || too_many) {
        imi_error why = IMI_ERROR_INIT;
        imi_status status =
            too_many ? imi_error_set(&why, IMI_E_EXHAUSTED, 0, __FILE__, __LINE__,
                                     "the server has too many calls: try again in a moment")
                     : imi_error_set(&why, IMI_E_UNSUPPORTED, 0, __FILE__, __LINE__,
                                     "the server has no such method");
        call->method = &refusing_method;
        imi_rpc_call_fail(call, status, &why);
        return;
    }
    if (call->method->open != NULL) {
        call->method->open(call);
    }
    if (call->method->ends_on_drain && !remember_waiting(call)) {
        end_for_drain(call);
    }
    if (call->method->client_streams) {
        imi_rpc_call_resume(call);
    } else if (call->received != NULL) {
        deliver(call, IMI_STEAL(&call->received));
    } else if (!is_ending(call)) {
        imi_error why = IMI_ERROR_INIT;
        imi_rpc_call_fail(call,
                          imi_error_set(&why, IMI_E_RPC_MESSAGE, 0, __FILE__, __LINE__,
                                        "the call has no request message"),
                          &why);
    }
}

static void when_accepted(void *self, bool ok)
{
    imi_rpc_call *call = self;
    worker *w = call->worker;
    imi_rpc_server *server = w->server;
    size_t index = (size_t)(call->route - server->routes);
    atomic_fetch_sub(&w->pending[index], 1);
    if (!ok) { /* the server is stopping */
        release(call);
        return;
    }
    call->is_counted = true;
    bool too_many = atomic_fetch_add(&server->live_calls, 1) >= server->options.max_calls;
    if (!atomic_load(&server->is_stopping)) {
        request_calls(w, index);
    }
    if (call->route->registration == NULL) {
        call->deadline = call->details.deadline;
    }
    snprintf(call->id, sizeof call->id, "%016llx",
             (unsigned long long)(server->id_seed + atomic_fetch_add(&server->id_next, 1)));
    watch_end(call);
    open_call(call, too_many);
    release(call);
}

static imi_rpc_call *new_call(worker *w, const route *r)
{
    imi_rpc_call *call = imi_alloc(sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    hold_server(w->server);
    call->worker = w;
    call->route = r;
    call->method = r->method;
    atomic_init(&call->references, 1);
    call->on_accepted = (tag){when_accepted, call};
    call->on_received = (tag){when_received, call};
    call->on_sent = (tag){when_sent, call};
    call->on_ended = (tag){when_ended, call};
    call->last_queued = &call->first_queued;
    call->status_text = grpc_empty_slice();
    grpc_metadata_array_init(&call->metadata);
    grpc_call_details_init(&call->details);
    pthread_mutex_init(&call->mutex, NULL);
    return call;
}

static bool request_call(worker *w, const route *r)
{
    imi_rpc_call *call = new_call(w, r);
    if (call == NULL) {
        return false;
    }
    HAND_OVER(&call->on_accepted);
    grpc_byte_buffer **first = r->method->client_streams ? NULL : &call->received;
    grpc_call_error code =
        r->registration == NULL
            ? grpc_server_request_call(w->server->grpc, &call->grpc, &call->details,
                                       &call->metadata, w->queue, w->queue, &call->on_accepted)
            : grpc_server_request_registered_call(w->server->grpc, r->registration, &call->grpc,
                                                  &call->deadline, &call->metadata, first, w->queue,
                                                  w->queue, &call->on_accepted);
    if (code != GRPC_CALL_OK) {
        release(call);
        return false;
    }
    return true;
}

/* Keep ACCEPTS_PER_METHOD requests pending for a route. */
static void request_calls(worker *w, size_t index)
{
    while (atomic_fetch_add(&w->pending[index], 1) < ACCEPTS_PER_METHOD) {
        if (!request_call(w, &w->server->routes[index])) {
            atomic_store(&w->is_starved, true);
            break;
        }
    }
    atomic_fetch_sub(&w->pending[index], 1);
}

static void request_all_calls(worker *w)
{
    for (size_t i = 0; i < w->server->route_count; i++) {
        request_calls(w, i);
    }
}

/* Held before is_stopping is read: no request is made of a server that is gone. */
static void request_missing_calls(worker *w)
{
    hold_server(w->server);
    if (!atomic_load(&w->server->is_stopping)) {
        request_all_calls(w);
    }
    let_server_go(w->server);
}

/* ---- server: what handlers ask and say ---- */

void *imi_rpc_call_user(const imi_rpc_call *call)
{
    return call->route->service == NULL ? NULL : call->route->service->user;
}

const imi_rpc_method *imi_rpc_call_method(const imi_rpc_call *call)
{
    return call->method;
}

void imi_rpc_call_set_state(imi_rpc_call *call, void *state)
{
    call->state = state;
}

void *imi_rpc_call_state(const imi_rpc_call *call)
{
    return call->state;
}

const char *imi_rpc_call_id(const imi_rpc_call *call)
{
    return call->id;
}

static bool find_metadata(const grpc_metadata_array *array, const char *key, imi_view *value_out)
{
    *value_out = (imi_view){NULL, 0};
    for (size_t i = 0; i < array->count; i++) {
        if (grpc_slice_str_cmp(array->metadata[i].key, key) == 0) {
            grpc_slice *value = &array->metadata[i].value;
            *value_out = (imi_view){GRPC_SLICE_START_PTR(*value), GRPC_SLICE_LENGTH(*value)};
            return true;
        }
    }
    return false;
}

bool imi_rpc_call_metadata(const imi_rpc_call *call, const char *key, imi_view *value_out)
{
    return find_metadata(&call->metadata, key, value_out);
}

/* The one common name of an authenticated peer. */
static bool read_peer_name(const grpc_auth_context *context, char *name, size_t capacity)
{
    if (context == NULL || !grpc_auth_context_peer_is_authenticated(context)) {
        return false;
    }
    grpc_auth_property_iterator each =
        grpc_auth_context_find_properties_by_name(context, GRPC_X509_CN_PROPERTY_NAME);
    const grpc_auth_property *first = grpc_auth_property_iterator_next(&each);
    if (first == NULL || grpc_auth_property_iterator_next(&each) != NULL) {
        return false;
    }
    imi_view value = {(const uint8_t *)first->value, first->value_length};
    if (value.size == 0 || value.size >= capacity || !imi_text_is_clean_utf8(value)) {
        return false;
    }
    imi_copy(name, value.data, value.size);
    name[value.size] = '\0';
    return true;
}

bool imi_rpc_call_peer_name(const imi_rpc_call *call, char *name, size_t capacity)
{
    if (capacity > 0) {
        name[0] = '\0';
    }
    grpc_auth_context *context = grpc_call_auth_context(call->grpc);
    bool known = read_peer_name(context, name, capacity);
    grpc_auth_context_release(context);
    return known;
}

int64_t imi_rpc_call_time_left_ms(const imi_rpc_call *call)
{
    gpr_timespec deadline = gpr_convert_clock_type(call->deadline, GPR_CLOCK_MONOTONIC);
    if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
        return INT64_MAX;
    }
    gpr_timespec left = gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
    int64_t left_ms = left.tv_sec * 1000 + left.tv_nsec / 1000000;
    return left_ms > 0 ? left_ms : 0;
}

bool imi_rpc_call_is_over(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool over = call->is_over;
    pthread_mutex_unlock(&call->mutex);
    return over;
}

imi_status imi_rpc_call_keep(imi_rpc_call *call, imi_rpc_message **out, imi_error *err)
{
    *out = NULL;
    if (call->delivering == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no message is being delivered");
    }
    *out = IMI_STEAL(&call->delivering);
    return IMI_OK;
}

/* Queue if there is room. One message is always accepted, however large. */
static imi_status enqueue(imi_rpc_call *call, queued_message *message, imi_error *err)
{
    if (call->is_over || call->is_finishing) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    size_t limit = call->worker->server->options.max_queued_bytes;
    if (call->queued_bytes > 0 && call->queued_bytes + message->size > limit) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "the client reads too slowly");
    }
    *call->last_queued = message;
    call->last_queued = &message->next;
    call->queued_bytes += message->size;
    flush(call);
    return IMI_OK;
}

imi_status imi_rpc_call_send(imi_rpc_call *call, imi_view bytes, imi_error *err)
{
    queued_message *message = imi_alloc(sizeof *message);
    if (message == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a message");
    }
    /* An empty message counts too, or any number of them would fit. */
    message->size = bytes.size + sizeof *message;
    message->buffer = buffer_of_view(bytes);
    pthread_mutex_lock(&call->mutex);
    imi_status status = enqueue(call, message, err);
    pthread_mutex_unlock(&call->mutex);
    if (status != IMI_OK) {
        destroy_queued(&message);
    }
    return status;
}

/* Ends the call once; false if it had ended before. The mutex is held. */
static bool begin_finish(imi_rpc_call *call, imi_rpc_code code)
{
    if (call->is_finishing || call->is_over) {
        return false;
    }
    call->is_finishing = true;
    call->code = (grpc_status_code)code;
    return true;
}

void imi_rpc_call_finish(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    if (begin_finish(call, IMI_RPC_CODE_OK)) {
        flush(call);
    }
    pthread_mutex_unlock(&call->mutex);
}

void imi_rpc_call_reply(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_rpc_call_send(call, message, &error);
    if (status == IMI_OK) {
        imi_rpc_call_finish(call);
    } else if (status != IMI_E_CANCELLED) {
        imi_rpc_call_fail(call, status, &error);
    }
}

static void add_trailer(imi_rpc_call *call, const char *static_key, const char *value)
{
    grpc_metadata *trailer = &call->trailers[call->trailer_count++];
    trailer->key = grpc_slice_from_static_string(static_key);
    trailer->value = grpc_slice_from_copied_string(value);
}

/* The caller's own name for the request; empty if it gave none that may be written. */
static imi_view request_id(const imi_rpc_call *call)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    imi_view id;
    bool is_good = imi_rpc_call_metadata(call, IMI_RPC_REQUEST_ID_KEY, &id);
    is_good = is_good && id.size <= REQUEST_ID_MAX;
    for (size_t i = 0; is_good && i < id.size; i++) {
        is_good = id.data[i] != '\0' && strchr(allowed, id.data[i]) != NULL;
    }
    return is_good ? id : (imi_view){(const uint8_t *)"", 0};
}

static void log_failure(const imi_rpc_call *call, imi_status status, const imi_error *err)
{
    const char *service = call->route->service == NULL ? "?" : call->route->service->name;
    imi_view request = request_id(call);
    imi_log(imi_rpc_status_is_public(status) ? IMI_LOG_DEBUG : IMI_LOG_WARNING, "rpc",
            "call %s (request \"%.*s\") to %s/%s failed: %s: %s", call->id, (int)request.size,
            (const char *)request.data, service, call->method->name, imi_status_name(status),
            err == NULL ? "" : err->message);
}

void imi_rpc_call_fail(imi_rpc_call *call, imi_status status, const imi_error *err)
{
    status = status == IMI_OK ? IMI_E_INTERNAL : status; /* a failure never looks like success */
    bool shows = imi_rpc_status_is_public(status) && err != NULL && err->message[0] != '\0';
    char text[sizeof err->message + 64];
    snprintf(text, sizeof text, "%s",
             shows ? err->message : "the server could not do this; its log says more");
    pthread_mutex_lock(&call->mutex);
    bool began = begin_finish(call, imi_rpc_code_of_status(status));
    if (began) {
        call->status_text = grpc_slice_from_copied_string(text);
        add_trailer(call, STATUS_TRAILER, imi_status_name(status));
        add_trailer(call, ID_TRAILER, call->id);
        flush(call);
    }
    pthread_mutex_unlock(&call->mutex);
    if (began) {
        log_failure(call, status, err);
    }
}

void imi_rpc_call_abort(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    call->is_finishing = true;
    call->code = GRPC_STATUS_CANCELLED;
    pthread_mutex_unlock(&call->mutex);
    grpc_call_cancel(call->grpc, NULL);
}

/* ---- server: threads ---- */

static void *serve(void *argument)
{
    worker *w = argument;
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(w->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        tag *completion = event.tag;
        TAKE_OVER(completion);
        completion->run(completion->self, event.success != 0);
        if (atomic_exchange(&w->is_starved, false)) {
            request_missing_calls(w);
        }
    }
}

static imi_status start_worker(imi_rpc_server *server, size_t index, imi_error *err)
{
    worker *w = &server->workers[index];
    w->server = server;
    w->pending = imi_alloc_array(server->route_count, sizeof *w->pending);
    if (w->pending == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an RPC thread");
    }
    w->queue = grpc_completion_queue_create_for_next(NULL);
    int code = pthread_create(&w->thread, NULL, serve, w);
    if (code != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot start an RPC thread");
    }
    w->thread_started = true;
    char name[16];
    snprintf(name, sizeof name, "imi-rpc-%zu", index % 100);
    pthread_setname_np(w->thread, name);
    return IMI_OK;
}

static void stop_workers(imi_rpc_server *server)
{
    for (size_t i = 0; i < server->options.threads; i++) {
        worker *w = &server->workers[i];
        if (w->queue != NULL) {
            grpc_completion_queue_shutdown(w->queue);
        }
        if (w->thread_started) {
            pthread_join(w->thread, NULL);
        }
        if (w->queue != NULL) {
            grpc_completion_queue_destroy(w->queue);
        }
        imi_free(w->pending);
    }
}

/* ---- server: start ---- */

static size_t or_default(size_t value, size_t standard)
{
    return value == 0 ? standard : value;
}

static int or_default_ms(int value, int standard)
{
    return value <= 0 ? standard : value;
}

static imi_rpc_server_options with_defaults(const imi_rpc_server_options *given)
{
    imi_rpc_server_options o = *given;
    o.threads = or_default(o.threads, 2);
    o.max_calls = or_default(o.max_calls, 1024);
    o.max_streams_per_connection = or_default(o.max_streams_per_connection, 128);
    o.max_message_bytes = or_default(o.max_message_bytes, DEFAULT_MESSAGE_BYTES);
    o.max_queued_bytes = or_default(o.max_queued_bytes, 256 << 10);
    o.max_metadata_bytes = or_default(o.max_metadata_bytes, 16 << 10);
    o.max_memory_bytes = or_default(o.max_memory_bytes, 256 << 20);
    o.keepalive_ms = or_default_ms(o.keepalive_ms, 30000);
    o.keepalive_timeout_ms = or_default_ms(o.keepalive_timeout_ms, 10000);
    o.min_client_ping_ms = or_default_ms(o.min_client_ping_ms, 10000);
    return o;
}

static imi_status check_options(const imi_rpc_server_options *o, imi_error *err)
{
    if (o->address == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server needs an address");
    }
    if (o->cert_file == NULL || o->key_file == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server needs a certificate and its key");
    }
    if (o->threads > MAX_THREADS) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server has at most %d threads", MAX_THREADS);
    }
    if (o->max_message_bytes > INT32_MAX || o->max_metadata_bytes > INT32_MAX ||
        o->max_streams_per_connection > INT32_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a limit of the server is too large");
    }
    for (size_t i = 0; i < o->service_count; i++) {
        if (o->services[i].name == NULL || o->services[i].methods == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "service %zu has no name or no methods", i);
        }
    }
    return IMI_OK;
}

static imi_status read_pem(const char *path, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_file_read(path, PEM_LIMIT, out, err));
    return imi_buffer_terminate(out, err);
}

static imi_status make_server_credentials(const imi_rpc_server_options *o,
                                          grpc_server_credentials **out, imi_error *err)
{
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER ca = IMI_BUFFER_INIT;
    IMI_TRY(imi_pki_check_pair(o->cert_file, o->key_file, err));
    IMI_TRY(read_pem(o->cert_file, &cert, err));
    IMI_TRY(read_pem(o->key_file, &key, err));
    if (o->client_ca_file != NULL) {
        IMI_TRY(read_pem(o->client_ca_file, &ca, err));
    }
    grpc_ssl_pem_key_cert_pair pair = {(const char *)key.data, (const char *)cert.data};
    grpc_ssl_server_certificate_config *config =
        grpc_ssl_server_certificate_config_create((const char *)ca.data, &pair, 1);
    grpc_ssl_client_certificate_request_type request =
        o->client_ca_file == NULL ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                  : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    *out = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config(request, config));
    return IMI_OK;
}

static grpc_arg integer_arg(const char *key, int value)
{
    return (grpc_arg){GRPC_ARG_INTEGER, (char *)(uintptr_t)key, {.integer = value}};
}

static grpc_server *create_grpc_server(const imi_rpc_server_options *o)
{
    grpc_resource_quota *quota = grpc_resource_quota_create("imi");
    grpc_resource_quota_resize(quota, o->max_memory_bytes);
    grpc_arg quota_arg = {GRPC_ARG_POINTER,
                          (char *)(uintptr_t)GRPC_ARG_RESOURCE_QUOTA,
                          {.pointer = {quota, grpc_resource_quota_arg_vtable()}}};
    grpc_arg args[] = {
        quota_arg,
        /* Bit 0 alone: no algorithm but identity. */
        integer_arg(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1),
        integer_arg(GRPC_ARG_ALLOW_REUSEPORT, 0),
        integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)o->max_message_bytes),
        integer_arg(GRPC_ARG_MAX_CONCURRENT_STREAMS, (int)o->max_streams_per_connection),
        integer_arg(GRPC_ARG_MAX_METADATA_SIZE, (int)o->max_metadata_bytes),
        integer_arg(GRPC_ARG_KEEPALIVE_TIME_MS, o->keepalive_ms),
        integer_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, o->keepalive_timeout_ms),
        integer_arg(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
        integer_arg(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, o->min_client_ping_ms),
        integer_arg(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS),
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    grpc_server *server = grpc_server_create(&list, NULL);
    grpc_resource_quota_unref(quota);
    return server;
}

static imi_status register_method(imi_rpc_server *server, const imi_rpc_service *service,
                                  const imi_rpc_method *method, imi_error *err)
{
    char path[256];
    int size = snprintf(path, sizeof path, "/%s/%s", service->name, method->name);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of a method is too long");
    }
    void *registration = grpc_server_register_method(
        server->grpc, path, NULL,
        method->client_streams ? GRPC_SRM_PAYLOAD_NONE : GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
        0);
    if (registration == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "method %s is registered twice", path);
    }
    server->routes[server->route_count++] = (route){service, method, registration};
    return IMI_OK;
}

static imi_status register_methods(imi_rpc_server *server, imi_error *err)
{
    for (size_t i = 0; i < server->options.service_count; i++) {
        const imi_rpc_service *service = &server->options.services[i];
        for (size_t j = 0; j < service->method_count; j++) {
            IMI_TRY(register_method(server, service, &service->methods[j], err));
        }
    }
    server->routes[server->route_count++] = (route){NULL, &refusing_method, NULL};
    return IMI_OK;
}

static imi_status copy_services(imi_rpc_server *server, imi_error *err)
{
    size_t count = server->options.service_count;
    server->services = imi_alloc_array(count > 0 ? count : 1, sizeof *server->services);
    if (server->services == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu services", count);
    }
    for (size_t i = 0; i < count; i++) {
        server->services[i] = server->options.services[i];
    }
    server->options.services = server->services;
    return IMI_OK;
}

static imi_status allocate_routes(imi_rpc_server *server, imi_error *err)
{
    size_t count = 1; /* the generic one */
    for (size_t i = 0; i < server->options.service_count; i++) {
        count += server->options.services[i].method_count;
    }
    server->routes = imi_alloc_array(count, sizeof *server->routes);
    if (server->routes == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu methods", count);
    }
    return IMI_OK;
}

static imi_status listen_on(imi_rpc_server *server, imi_error *err)
{
    grpc_server_credentials *credentials = NULL;
    IMI_TRY(make_server_credentials(&server->options, &credentials, err));
    server->port = grpc_server_add_http2_port(server->grpc, server->options.address, credentials);
    grpc_server_credentials_release(credentials);
    if (server->port <= 0) {
        IMI_FAIL(err, IMI_E_IO, "cannot listen on %s: is another server running there?",
                 server->options.address);
    }
    return IMI_OK;
}

static void when_stopped(void *self, bool ok)
{
    (void)ok;
    imi_rpc_server *server = self;
    pthread_mutex_lock(&server->mutex);
    server->has_stopped = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

/* Threads come first: with them running, every later failure is undone by stopping. */
static imi_status start_server(imi_rpc_server *server, imi_error *err)
{
    IMI_TRY(copy_services(server, err));
    IMI_TRY(allocate_routes(server, err));
    server->grpc = create_grpc_server(&server->options);
    IMI_TRY(register_methods(server, err));
    for (size_t i = 0; i < server->options.threads; i++) {
        IMI_TRY(start_worker(server, i, err));
        grpc_server_register_completion_queue(server->grpc, server->workers[i].queue, NULL);
    }
    IMI_TRY(listen_on(server, err));
    grpc_server_start(server->grpc);
    for (size_t i = 0; i < server->options.threads; i++) {
        request_all_calls(&server->workers[i]);
        /* A thread tries again after an event; with no call asked for, none would come. */
        if (atomic_load(&server->workers[i].is_starved)) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the calls to come");
        }
    }
    return IMI_OK;
}

static void init_server(imi_rpc_server *server, const imi_rpc_server_options *options)
{
    server->options = with_defaults(options);
    server->on_stopped = (tag){when_stopped, server};
    pthread_mutex_init(&server->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

imi_status imi_rpc_server_new(const imi_rpc_server_options *options, imi_rpc_server **out,
                              imi_error *err)
{
    *out = NULL;
    imi_rpc_server_options effective = with_defaults(options);
    IMI_TRY(check_options(&effective, err));
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    IMI_TRY(library_start(err));
    imi_rpc_server *server = imi_alloc(sizeof *server);
    if (server == NULL) {
        library_stop();
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a server");
    }
    init_server(server, options);
    server->id_seed = seed;
    imi_status status = start_server(server, err);
    if (status != IMI_OK) {
        imi_rpc_server_destroy(&server);
        return status;
    }
    *out = server;
    return IMI_OK;
}

/* ---- server: stop ---- */

int imi_rpc_server_port(const imi_rpc_server *server)
{
    return server->port;
}

size_t imi_rpc_server_live_calls(imi_rpc_server *server)
{
    return atomic_load(&server->live_calls);
}

/* The next call to be ended, held; NULL: none. */
static imi_rpc_call *take_waiting(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    imi_rpc_call *call = server->waiting;
    if (call != NULL) {
        forget_waiting(call);
        imi_rpc_call_acquire(call);
    }
    pthread_mutex_unlock(&server->mutex);
    return call;
}

/* False if that was done before. */
static bool begin_drain(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    bool begins = !server->is_drained;
    server->is_drained = true;
    pthread_mutex_unlock(&server->mutex);
    return begins;
}

void imi_rpc_server_drain(imi_rpc_server *server)
{
    if (!begin_drain(server)) {
        return;
    }
    for (size_t i = 0; i < server->options.service_count; i++) {
        const imi_rpc_service *service = &server->options.services[i];
        if (service->drain != NULL) {
            service->drain(service->user);
        }
    }
    for (imi_rpc_call *call; (call = take_waiting(server)) != NULL;) {
        end_for_drain(call);
        release(call);
    }
}

static struct timespec monotonic_after(int ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static bool has_stopped(const imi_rpc_server *server)
{
    return server->has_stopped;
}

/* Requests that wait for a client are given back as soon as gRPC begins to stop. */
static bool has_no_call(const imi_rpc_server *server)
{
    return atomic_load(&server->holds) == 0;
}

/* Wait at most so long; whether it came about. */
static bool wait_until(imi_rpc_server *server, bool (*reached)(const imi_rpc_server *server),
                       int ms)
{
    struct timespec until = monotonic_after(ms > 0 ? ms : 0);
    pthread_mutex_lock(&server->mutex);
    int code = 0;
    while (!reached(server) && code == 0) {
        code = pthread_cond_timedwait(&server->changed, &server->mutex, &until);
    }
    bool is_reached = reached(server);
    pthread_mutex_unlock(&server->mutex);
    return is_reached;
}

static void wait_released(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    while (!server->has_stopped || atomic_load(&server->holds) > 0) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}

void imi_rpc_server_stop(imi_rpc_server *server, int grace_ms)
{
    if (atomic_exchange(&server->is_stopping, true)) {
        return;
    }
    imi_rpc_server_drain(server);
    HAND_OVER(&server->on_stopped);
    grpc_server_shutdown_and_notify(server->grpc, server->workers[0].queue, &server->on_stopped);
    bool ended = wait_until(server, has_no_call, grace_ms);
    if (ended) {
        imi_log(IMI_LOG_INFO, "stop", "every call has ended");
    } else if (imi_rpc_server_live_calls(server) > 0) {
        imi_log(IMI_LOG_WARNING, "stop", "%zu calls outlast %d ms and are cancelled",
                imi_rpc_server_live_calls(server), grace_ms);
    }
    if (!ended || !wait_until(server, has_stopped, GOODBYE_MS)) {
        grpc_server_cancel_all_calls(server->grpc); /* and cuts off who is connected */
    }
    wait_released(server);
}

void imi_rpc_server_destroy(imi_rpc_server **server_pointer)
{
    imi_rpc_server *server = server_pointer == NULL ? NULL : IMI_STEAL(server_pointer);
    if (server == NULL || atomic_load(&g_forked)) {
        return; /* in a forked child the threads that would have to stop do not exist */
    }
    if (server->grpc != NULL) {
        if (server->workers[0].thread_started) {
            imi_rpc_server_stop(server, 0);
        }
        grpc_server_destroy(server->grpc);
    }
    stop_workers(server);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->mutex);
    imi_free(server->routes);
    imi_free(server->services);
    imi_free(server);
    library_stop();
}

/* ---- client ---- */

struct imi_rpc_channel {
    grpc_channel *grpc;
};

static imi_status make_channel_credentials(const imi_rpc_channel_options *o,
                                           grpc_channel_credentials **out, imi_error *err)
{
    IMI_AUTO_BUFFER ca = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_TRY(read_pem(o->ca_file, &ca, err));
    if (o->cert_file != NULL) {
        IMI_TRY(imi_pki_check_pair(o->cert_file, o->key_file, err));
        IMI_TRY(read_pem(o->cert_file, &cert, err));
        IMI_TRY(read_pem(o->key_file, &key, err));
    }
    grpc_ssl_pem_key_cert_pair pair = {(const char *)key.data, (const char *)cert.data};
    *out = grpc_ssl_credentials_create((const char *)ca.data, o->cert_file == NULL ? NULL : &pair,
                                       NULL, NULL);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_KEY, "gRPC cannot use the certificates of the channel");
    }
    return IMI_OK;
}

static grpc_channel *create_grpc_channel(const imi_rpc_channel_options *o,
                                         grpc_channel_credentials *credentials)
{
    grpc_arg args[] = {
        integer_arg(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1),
        integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
                    (int)or_default(o->max_message_bytes, DEFAULT_MESSAGE_BYTES)),
        /* A connection of its own, as the phone that it stands for would have. */
        integer_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        /* No retry behind the caller's back, no proxy from the environment. */
        integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        integer_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
        integer_arg(GRPC_ARG_KEEPALIVE_TIME_MS, 30000),
        integer_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000),
        integer_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200),
        integer_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000),
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    return grpc_channel_create(o->target, credentials, &list);
}

imi_status imi_rpc_channel_new(const imi_rpc_channel_options *options, imi_rpc_channel **out,
                               imi_error *err)
{
    *out = NULL;
    if (options->target == NULL || options->ca_file == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a channel needs a target and a CA file");
    }
    if ((options->cert_file == NULL) != (options->key_file == NULL)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a client certificate and its key go together");
    }
    if (options->max_message_bytes > INT32_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the message limit is too large");
    }
    IMI_TRY(library_start(err));
    imi_rpc_channel *channel = imi_alloc(sizeof *channel);
    grpc_channel_credentials *credentials = NULL;
    imi_status status = channel == NULL ? imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                                                        "no memory for a channel")
                                        : make_channel_credentials(options, &credentials, err);
    if (status != IMI_OK) {
        imi_free(channel);
        library_stop();
        return status;
    }
    channel->grpc = create_grpc_channel(options, credentials);
    grpc_channel_credentials_release(credentials);
    *out = channel;
    return IMI_OK;
}

void imi_rpc_channel_destroy(imi_rpc_channel **channel_pointer)
{
    imi_rpc_channel *channel = channel_pointer == NULL ? NULL : IMI_STEAL(channel_pointer);
    if (channel != NULL && !atomic_load(&g_forked)) {
        grpc_channel_destroy(channel->grpc);
        imi_free(channel);
        library_stop();
    }
}

/* A call of a client and everything that gRPC writes about it. */
struct imi_rpc_stream {
    grpc_call *grpc;
    grpc_completion_queue *queue;
    grpc_metadata send_metadata[MAX_CLIENT_METADATA];
    size_t send_metadata_count;
    grpc_metadata_array initial, trailing;
    grpc_status_code code;
    grpc_slice status_text;
    grpc_byte_buffer *received;
    bool is_receiving; /* a receive is under way; the receiving thread's */
    bool status_is_known; /* the receiving thread's */
    char open_tag, send_tag, receive_tag, status_tag; /* their addresses are the tags */
};

static gpr_timespec deadline_after(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

static grpc_completion_type pluck(imi_rpc_stream *stream, char *wanted, int64_t timeout_ms,
                                  bool *ok)
{
    gpr_timespec until =
        timeout_ms < 0 ? gpr_inf_future(GPR_CLOCK_MONOTONIC) : deadline_after(timeout_ms);
    grpc_event event = grpc_completion_queue_pluck(stream->queue, wanted, until, NULL);
    *ok = event.type == GRPC_OP_COMPLETE && event.success != 0;
    return event.type;
}

/* Run a batch to its end. Ends at the call's deadline or cancellation at the latest. */
static bool run_batch(imi_rpc_stream *stream, const grpc_op *ops, size_t count, char *completion)
{
    if (grpc_call_start_batch(stream->grpc, ops, count, completion, NULL) != GRPC_CALL_OK) {
        return false;
    }
    bool ok = false;
    pluck(stream, completion, -1, &ok);
    return ok;
}

static imi_status check_request(const imi_rpc_request *request, imi_error *err)
{
    IMI_TRY(refuse_forked(err));
    if (request->path == NULL || request->path[0] != '/') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a call needs a path that begins with /");
    }
    if (request->metadata_count > MAX_CLIENT_METADATA) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a call has at most %d metadata entries",
                 MAX_CLIENT_METADATA);
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
    gpr_timespec until = gpr_time_min(deadline, deadline_after(RECONNECT_WAIT_MS));
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

static void init_client_call(imi_rpc_stream *stream, imi_rpc_channel *channel,
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

static void clean_up_client_call(imi_rpc_stream *stream)
{
    destroy_received(&stream->received);
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

static grpc_op metadata_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    op.data.send_initial_metadata.count = stream->send_metadata_count;
    op.data.send_initial_metadata.metadata = stream->send_metadata;
    return op;
}

static grpc_op receive_metadata_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_INITIAL_METADATA};
    op.data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    return op;
}

static grpc_op receive_status_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    op.data.recv_status_on_client.trailing_metadata = &stream->trailing;
    op.data.recv_status_on_client.status = &stream->code;
    op.data.recv_status_on_client.status_details = &stream->status_text;
    return op;
}

static grpc_op receive_message_op(imi_rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &stream->received;
    return op;
}

static grpc_op send_message_op(grpc_byte_buffer *buffer)
{
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = buffer;
    return op;
}

/* What the server said at the end, as a status of ours. */
static imi_status final_status(const imi_rpc_stream *stream, imi_error *err)
{
    if (stream->code == GRPC_STATUS_OK) {
        return IMI_OK;
    }
    char name[64] = "";
    imi_view value;
    if (find_metadata(&stream->trailing, STATUS_TRAILER, &value) && value.size < sizeof name) {
        imi_copy(name, value.data, value.size);
        name[value.size] = '\0';
    }
    imi_status status = imi_rpc_status_of_code((imi_rpc_code)stream->code, name);
    IMI_FAIL_FOREIGN(err, status, stream->code, "%.*s", (int)GRPC_SLICE_LENGTH(stream->status_text),
                     (const char *)GRPC_SLICE_START_PTR(stream->status_text));
}

static imi_status append_received(imi_rpc_stream *stream, imi_buffer *out, imi_error *err)
{
    grpc_slice whole;
    if (!take_contiguous(&stream->received, &whole)) {
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
    grpc_byte_buffer *request = buffer_of_view(message);
    grpc_op ops[] = {
        metadata_op(stream),
        send_message_op(request),
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
        receive_metadata_op(stream),
        receive_message_op(stream),
        receive_status_op(stream),
    };
    bool ran = run_batch(stream, ops, sizeof ops / sizeof ops[0], &stream->status_tag);
    grpc_byte_buffer_destroy(request);
    if (!ran && stream->code == GRPC_STATUS_OK) {
        IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the call could not be made");
    }
    IMI_TRY(final_status(stream, err));
    if (stream->received == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server sent no answer");
    }
    return append_received(stream, response, err);
}

imi_status imi_rpc_channel_call(imi_rpc_channel *channel, const imi_rpc_request *request,
                                imi_view message, imi_buffer *response, imi_error *err)
{
    IMI_TRY(check_request(request, err));
    int64_t ms = request->deadline_ms > 0 ? request->deadline_ms : DEFAULT_UNARY_DEADLINE_MS;
    imi_rpc_stream call = {0};
    init_client_call(&call, channel, request, deadline_after(ms));
    imi_status status = run_unary(&call, message, response, err);
    clean_up_client_call(&call);
    return status;
}

/* Send the metadata, and leave the receiving of the final status under way. */
static imi_status begin_stream(imi_rpc_stream *stream, imi_error *err)
{
    grpc_op status_ops[] = {receive_metadata_op(stream), receive_status_op(stream)};
    if (grpc_call_start_batch(stream->grpc, status_ops, 2, &stream->status_tag, NULL) !=
        GRPC_CALL_OK) {
        stream->status_is_known = true;
        IMI_FAIL(err, IMI_E_INTERNAL, "the stream cannot be opened");
    }
    grpc_op op = metadata_op(stream);
    if (run_batch(stream, &op, 1, &stream->open_tag)) {
        return IMI_OK;
    }
    bool ok = false;
    pluck(stream, &stream->status_tag, -1, &ok);
    stream->status_is_known = true;
    IMI_TRY(final_status(stream, err));
    IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the stream could not be opened");
}

imi_status imi_rpc_stream_open(imi_rpc_channel *channel, const imi_rpc_request *request,
                               imi_rpc_stream **out, imi_error *err)
{
    *out = NULL;
    IMI_TRY(check_request(request, err));
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_stream *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a stream");
    }
    init_client_call(fresh, channel, request,
                     request->deadline_ms > 0 ? deadline_after(request->deadline_ms)
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
    if (stream == NULL || atomic_load(&g_forked)) {
        return;
    }
    grpc_call_cancel(stream->grpc, NULL);
    bool ok = false;
    if (stream->is_receiving) {
        pluck(stream, &stream->receive_tag, -1, &ok);
    }
    if (!stream->status_is_known) {
        pluck(stream, &stream->status_tag, -1, &ok);
    }
    clean_up_client_call(stream);
    imi_free(stream);
}

imi_status imi_rpc_stream_send(imi_rpc_stream *stream, imi_view message, imi_error *err)
{
    grpc_byte_buffer *buffer = buffer_of_view(message);
    grpc_op op = send_message_op(buffer);
    bool sent = run_batch(stream, &op, 1, &stream->send_tag);
    grpc_byte_buffer_destroy(buffer);
    if (!sent) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    return IMI_OK;
}

imi_status imi_rpc_stream_close_send(imi_rpc_stream *stream, imi_error *err)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    if (!run_batch(stream, &op, 1, &stream->send_tag)) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    return IMI_OK;
}

static imi_status learn_status(imi_rpc_stream *stream, imi_rpc_received *received_out,
                               imi_error *err)
{
    if (!stream->status_is_known) {
        bool ok = false;
        pluck(stream, &stream->status_tag, -1, &ok);
        stream->status_is_known = true;
    }
    IMI_TRY(final_status(stream, err));
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
        grpc_op op = receive_message_op(stream);
        if (grpc_call_start_batch(stream->grpc, &op, 1, &stream->receive_tag, NULL) !=
            GRPC_CALL_OK) {
            IMI_FAIL(err, IMI_E_INTERNAL, "the stream cannot be read");
        }
        stream->is_receiving = true;
    }
    bool ok = false;
    if (pluck(stream, &stream->receive_tag, timeout_ms, &ok) != GRPC_OP_COMPLETE) {
        return IMI_OK;
    }
    stream->is_receiving = false;
    if (stream->received == NULL) {
        return learn_status(stream, received_out, err);
    }
    IMI_TRY(append_received(stream, message, err));
    *received_out = IMI_RPC_RECEIVED_MESSAGE;
    return IMI_OK;
}

void imi_rpc_stream_cancel(imi_rpc_stream *stream)
{
    grpc_call_cancel(stream->grpc, NULL);
}
