#include "rpc/gateway/connections.h"

#include "imi/clock.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

struct imi_connection {
    imi_connection *next, **link; /* link points to what points here */
    int64_t until_ms;
    int fd;
};

struct imi_connections {
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    pthread_t watcher;
    imi_connection *first;
    bool is_stopping;
};

static int64_t now_ms(void)
{
    imi_clock *clock = imi_clock_system();
    return clock->monotonic_ms(clock);
}

/* The thread that serves it finds the socket ended, and closes it. */
static void cut_late_ones(imi_connections *self)
{
    int64_t now = now_ms();
    for (imi_connection *it = self->first; it != NULL; it = it->next) {
        if (it->until_ms < now) {
            shutdown(it->fd, SHUT_RDWR);
        }
    }
}

static void *watch(void *user)
{
    imi_connections *self = user;
    pthread_mutex_lock(&self->mutex);
    while (!self->is_stopping) {
        cut_late_ones(self);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&self->stopped, &self->mutex, &until);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

imi_status imi_connections_new(imi_connections **out, imi_error *err)
{
    *out = NULL;
    imi_connections *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for connections");
    }
    pthread_mutex_init(&fresh->mutex, NULL);
    pthread_cond_init(&fresh->stopped, NULL);
    int code = pthread_create(&fresh->watcher, NULL, watch, fresh);
    if (code != 0) {
        pthread_cond_destroy(&fresh->stopped);
        pthread_mutex_destroy(&fresh->mutex);
        imi_free(fresh);
        IMI_FAIL_FOREIGN(err, IMI_E_EXHAUSTED, code, "no thread to watch connections");
    }
    *out = fresh;
    return IMI_OK;
}

void imi_connections_destroy(imi_connections **connections_pointer)
{
    imi_connections *self = IMI_STEAL(connections_pointer);
    if (self == NULL) {
        return;
    }
    pthread_mutex_lock(&self->mutex);
    self->is_stopping = true;
    pthread_cond_signal(&self->stopped);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->watcher, NULL);
    pthread_cond_destroy(&self->stopped);
    pthread_mutex_destroy(&self->mutex);
    imi_free(self);
}

imi_connection *imi_connections_add(imi_connections *connections, int fd, int64_t within_ms)
{
    imi_connection *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        return NULL;
    }
    fresh->fd = fd;
    fresh->until_ms = now_ms() + within_ms;
    pthread_mutex_lock(&connections->mutex);
    fresh->next = connections->first;
    fresh->link = &connections->first;
    if (fresh->next != NULL) {
        fresh->next->link = &fresh->next;
    }
    connections->first = fresh;
    pthread_mutex_unlock(&connections->mutex);
    return fresh;
}

void imi_connections_remove(imi_connections *connections, imi_connection *connection)
{
    if (connection == NULL) {
        return;
    }
    pthread_mutex_lock(&connections->mutex);
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    pthread_mutex_unlock(&connections->mutex);
    imi_free(connection);
}

void imi_connections_arm(imi_connections *connections, imi_connection *connection,
                         int64_t within_ms)
{
    pthread_mutex_lock(&connections->mutex);
    connection->until_ms = now_ms() + within_ms;
    pthread_mutex_unlock(&connections->mutex);
}

bool imi_connection_is_gone(const imi_connection *connection)
{
    struct pollfd poller = {.fd = connection->fd, .events = POLLRDHUP};
    return poll(&poller, 1, 0) > 0 &&
           (poller.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}
