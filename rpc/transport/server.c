/* A server: threads, methods, port. */
#include "rpc/transport/server.h"
#include "rpc/transport/library.h"

#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdio.h>

static void *serve(void *argument)
{
    imi_grpc_worker *w = argument;
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(w->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        imi_grpc_tag *completion = event.tag;
        IMI_GRPC_TAKE_OVER(completion);
        completion->run(completion->self, event.success != 0);
        if (atomic_exchange(&w->is_starved, false)) {
            imi_grpc_request_missing_calls(w);
        }
    }
}

static imi_status start_worker(imi_rpc_server *server, size_t index, imi_error *err)
{
    imi_grpc_worker *w = &server->workers[index];
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
        imi_grpc_worker *w = &server->workers[i];
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
    server->routes[server->route_count++] = (imi_grpc_route){service, method, registration};
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
    server->routes[server->route_count++] = (imi_grpc_route){NULL, &imi_grpc_refusing_method, NULL};
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
    IMI_TRY(imi_grpc_server_credentials(&server->options, &credentials, err));
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
    server->grpc = imi_grpc_server_create(&server->options);
    IMI_TRY(register_methods(server, err));
    for (size_t i = 0; i < server->options.threads; i++) {
        IMI_TRY(start_worker(server, i, err));
        grpc_server_register_completion_queue(server->grpc, server->workers[i].queue, NULL);
    }
    IMI_TRY(listen_on(server, err));
    grpc_server_start(server->grpc);
    for (size_t i = 0; i < server->options.threads; i++) {
        imi_grpc_request_all_calls(&server->workers[i]);
        /* A thread tries again after an event; with no call asked for, none would come. */
        if (atomic_load(&server->workers[i].is_starved)) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the calls to come");
        }
    }
    return IMI_OK;
}

static void init_server(imi_rpc_server *server, const imi_rpc_server_options *options)
{
    server->options = imi_grpc_server_defaults(options);
    server->on_stopped = (imi_grpc_tag){when_stopped, server};
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
    imi_rpc_server_options effective = imi_grpc_server_defaults(options);
    IMI_TRY(imi_grpc_check_server_options(&effective, err));
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    IMI_TRY(imi_grpc_start(err));
    imi_rpc_server *server = imi_alloc(sizeof *server);
    if (server == NULL) {
        imi_grpc_stop();
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

void imi_rpc_server_destroy(imi_rpc_server **server_pointer)
{
    imi_rpc_server *server = server_pointer == NULL ? NULL : IMI_STEAL(server_pointer);
    if (server == NULL || imi_grpc_is_forked()) {
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
    imi_grpc_stop();
}

int imi_rpc_server_port(const imi_rpc_server *server)
{
    return server->port;
}

size_t imi_rpc_server_live_calls(imi_rpc_server *server)
{
    return atomic_load(&server->live_calls);
}
