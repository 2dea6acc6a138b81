/* Calls that would wait for ever are ended when the server drains. */
#include "rpc/transport/server.h"

/* The mutex of the server is held. */
void imi_grpc_forget_waiting(imi_rpc_call *call)
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
bool imi_grpc_remember_waiting(imi_rpc_call *call)
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

void imi_grpc_end_for_drain(imi_rpc_call *call)
{
    imi_error why = IMI_ERROR_INIT;
    imi_rpc_call_fail(call,
                      imi_error_set(&why, IMI_E_RPC_UNAVAILABLE, 0, __FILE__, __LINE__,
                                    "the server is stopping: call again in a moment"),
                      &why);
}

/* The next call to be ended, held; NULL: none. */
static imi_rpc_call *take_waiting(imi_rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    imi_rpc_call *call = server->waiting;
    if (call != NULL) {
        imi_grpc_forget_waiting(call);
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
        imi_grpc_end_for_drain(call);
        imi_grpc_release(call);
    }
}
