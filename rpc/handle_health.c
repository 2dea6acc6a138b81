#include "rpc/handle_health.h"

#include "grpc/health/v1/health.pb-c.h"
#include "rpc/message.h"

#include <pthread.h>
#include <string.h>

typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus serving_status;
#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

typedef struct entry {
    const char *service;
    serving_status status;
} entry;

/* A Watch call. Lives from its first message to closed. */
typedef struct watcher {
    struct watcher *next, **link;
    imi_rpc_call *call; /* borrowed: closed comes before the call goes */
    const entry *watched; /* NULL: a service that is not known */
} watcher;

struct imi_health {
    pthread_mutex_t mutex; /* guards everything below, and the order of what watchers get */
    bool is_draining;
    watcher *watchers;
    size_t count;
    entry entries[];
};

imi_status imi_health_new(const imi_rpc_service *services, size_t count, imi_health **out,
                          imi_error *err)
{
    imi_health *health = imi_alloc(sizeof *health + (count + 1) * sizeof health->entries[0]);
    *out = health;
    if (health == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for health states");
    }
    pthread_mutex_init(&health->mutex, NULL);
    health->count = count + 1;
    health->entries[0] = (entry){"", STATUS(NOT_SERVING)};
    for (size_t i = 0; i < count; i++) {
        health->entries[i + 1] = (entry){services[i].name, STATUS(NOT_SERVING)};
    }
    return IMI_OK;
}

void imi_health_destroy(imi_health **health_pointer)
{
    imi_health *health = health_pointer == NULL ? NULL : IMI_STEAL(health_pointer);
    if (health != NULL) {
        pthread_mutex_destroy(&health->mutex);
        imi_free(health);
    }
}

static imi_status send_status(imi_rpc_call *call, serving_status status, imi_error *err)
{
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = status;
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_reserve(&packed, 1, err));
    IMI_TRY(imi_message_encode(&response, &packed, err));
    return imi_rpc_call_send(call, imi_buffer_view(&packed), err);
}

static void send_or_fail(imi_rpc_call *call, serving_status status)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status sent = send_status(call, status, &error);
    if (sent != IMI_OK) {
        imi_rpc_call_fail(call, sent, &error);
    }
}

/* Sending only queues: no handler runs under the lock, and watchers see changes in order. */
static void change(imi_health *health, entry *changed, serving_status status)
{
    if (changed->status == status) {
        return;
    }
    changed->status = status;
    for (watcher *w = health->watchers; w != NULL; w = w->next) {
        if (w->watched == changed) {
            send_or_fail(w->call, status);
        }
    }
}

void imi_health_set(imi_health *health, const char *service, bool is_serving)
{
    serving_status status = is_serving ? STATUS(SERVING) : STATUS(NOT_SERVING);
    pthread_mutex_lock(&health->mutex);
    for (size_t i = 0; i < health->count && !health->is_draining; i++) {
        if (service == NULL || strcmp(health->entries[i].service, service) == 0) {
            change(health, &health->entries[i], status);
        }
    }
    pthread_mutex_unlock(&health->mutex);
}

static void drain(void *user)
{
    imi_health *health = user;
    imi_health_set(health, NULL, false);
    pthread_mutex_lock(&health->mutex);
    health->is_draining = true;
    pthread_mutex_unlock(&health->mutex);
}

static const entry *find(const imi_health *health, const char *service)
{
    for (size_t i = 0; i < health->count; i++) {
        if (strcmp(health->entries[i].service, service) == 0) {
            return &health->entries[i];
        }
    }
    return NULL;
}

static imi_status decode(imi_view message, imi_arena *arena, const char **service_out,
                         imi_error *err)
{
    ProtobufCMessage *request = NULL;
    IMI_TRY(imi_message_decode(&grpc__health__v1__health_check_request__descriptor, message, arena,
                               &request, err));
    *service_out = ((const Grpc__Health__V1__HealthCheckRequest *)(const void *)request)->service;
    return IMI_OK;
}

static imi_status run_check(imi_rpc_call *call, imi_view message, imi_error *err)
{
    imi_health *health = imi_rpc_call_user(call);
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    const char *service = NULL;
    IMI_TRY(decode(message, &arena, &service, err));
    pthread_mutex_lock(&health->mutex);
    const entry *found = find(health, service);
    serving_status status = found == NULL ? STATUS(SERVICE_UNKNOWN) : found->status;
    pthread_mutex_unlock(&health->mutex);
    if (found == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "there is no such service");
    }
    IMI_TRY(send_status(call, status, err));
    imi_rpc_call_finish(call);
    return IMI_OK;
}

static void add_watcher(imi_health *health, watcher *w)
{
    w->next = health->watchers;
    w->link = &health->watchers;
    if (w->next != NULL) {
        w->next->link = &w->next;
    }
    health->watchers = w;
}

static imi_status run_watch(imi_rpc_call *call, imi_view message, imi_error *err)
{
    imi_health *health = imi_rpc_call_user(call);
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    const char *service = NULL;
    IMI_TRY(decode(message, &arena, &service, err));
    watcher *w = imi_alloc(sizeof *w);
    if (w == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a watcher");
    }
    imi_rpc_call_set_state(call, w);
    pthread_mutex_lock(&health->mutex);
    w->call = call;
    w->watched = find(health, service);
    add_watcher(health, w);
    send_or_fail(call, w->watched == NULL ? STATUS(SERVICE_UNKNOWN) : w->watched->status);
    pthread_mutex_unlock(&health->mutex);
    return IMI_OK;
}

static imi_rpc_flow on_check(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run_check(call, message, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow on_watch(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run_watch(call, message, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_PAUSE;
}

static void on_watch_closed(imi_rpc_call *call, bool cancelled)
{
    (void)cancelled;
    imi_health *health = imi_rpc_call_user(call);
    watcher *w = imi_rpc_call_state(call);
    if (w == NULL) {
        return;
    }
    pthread_mutex_lock(&health->mutex);
    *w->link = w->next;
    if (w->next != NULL) {
        w->next->link = w->link;
    }
    pthread_mutex_unlock(&health->mutex);
    imi_free(w);
}

imi_rpc_service imi_health_service(imi_health *health)
{
    static const imi_rpc_method methods[] = {
        {.name = "Check", .message = on_check},
        {.name = "Watch",
         .server_streams = true,
         .ends_on_drain = true,
         .message = on_watch,
         .closed = on_watch_closed},
    };
    return (imi_rpc_service){.name = "grpc.health.v1.Health",
                             .methods = methods,
                             .method_count = sizeof methods / sizeof methods[0],
                             .user = health,
                             .drain = drain};
}
