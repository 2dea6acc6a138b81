/* Calls that clients make: asked of gRPC ahead, counted, and given to their handlers. */
#include "rpc/transport/server.h"

#include <stdio.h>

enum { ACCEPTS_PER_METHOD = 4 /* requests kept pending per method and thread */ };

/* Takes the place of the handler for calls that are refused. */
const imi_rpc_method imi_grpc_refusing_method = {
    .name = "refused", .client_streams = true, .server_streams = true};

static void request_calls(imi_grpc_worker *w, size_t index);

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
        call->method = &imi_grpc_refusing_method;
        imi_rpc_call_fail(call, status, &why);
        return;
    }
    if (call->method->open != NULL) {
        call->method->open(call);
    }
    if (call->method->ends_on_drain && !imi_grpc_remember_waiting(call)) {
        imi_grpc_end_for_drain(call);
    }
    if (call->method->client_streams) {
        imi_rpc_call_resume(call);
    } else if (call->received != NULL) {
        imi_grpc_deliver(call, IMI_STEAL(&call->received));
    } else if (!imi_grpc_is_ending(call)) {
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
    imi_grpc_worker *w = call->worker;
    imi_rpc_server *server = w->server;
    size_t index = (size_t)(call->route - server->routes);
    atomic_fetch_sub(&w->pending[index], 1);
    if (!ok) { /* the server is stopping */
        imi_grpc_release(call);
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
    imi_grpc_watch_end(call);
    open_call(call, too_many);
    imi_grpc_release(call);
}

static bool request_call(imi_grpc_worker *w, const imi_grpc_route *r)
{
    imi_rpc_call *call = imi_grpc_call_new(w, r, when_accepted);
    if (call == NULL) {
        return false;
    }
    IMI_GRPC_HAND_OVER(&call->on_accepted);
    grpc_byte_buffer **first = r->method->client_streams ? NULL : &call->received;
    grpc_call_error code =
        r->registration == NULL
            ? grpc_server_request_call(w->server->grpc, &call->grpc, &call->details,
                                       &call->metadata, w->queue, w->queue, &call->on_accepted)
            : grpc_server_request_registered_call(w->server->grpc, r->registration, &call->grpc,
                                                  &call->deadline, &call->metadata, first, w->queue,
                                                  w->queue, &call->on_accepted);
    if (code != GRPC_CALL_OK) {
        imi_grpc_release(call);
        return false;
    }
    return true;
}

/* Keep ACCEPTS_PER_METHOD requests pending for a route. */
static void request_calls(imi_grpc_worker *w, size_t index)
{
    while (atomic_fetch_add(&w->pending[index], 1) < ACCEPTS_PER_METHOD) {
        if (!request_call(w, &w->server->routes[index])) {
            atomic_store(&w->is_starved, true);
            break;
        }
    }
    atomic_fetch_sub(&w->pending[index], 1);
}

void imi_grpc_request_all_calls(imi_grpc_worker *w)
{
    for (size_t i = 0; i < w->server->route_count; i++) {
        request_calls(w, i);
    }
}

/* Held before is_stopping is read: no request is made of a server that is gone. */
void imi_grpc_request_missing_calls(imi_grpc_worker *w)
{
    imi_grpc_hold_server(w->server);
    if (!atomic_load(&w->server->is_stopping)) {
        imi_grpc_request_all_calls(w);
    }
    imi_grpc_let_server_go(w->server);
}
