/* Stopping: all calls have their grace, then what is left is cut off. */
#include "imi/log.h"
#include "rpc/transport/server.h"

#include <time.h>

enum { GOODBYE_MS = 200 /* for clients to leave by themselves, once no call is left */ };

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
    IMI_GRPC_HAND_OVER(&server->on_stopped);
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
