#include "receiver.h"

#include "imi/memory.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALLS_MAX = 32, TEXT_MAX = 4096, STEP_MS = 10, READ_MS = 2000 };

struct receiver {
    const char *answer;
    int listener, port;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t mutex; /* guards what follows */
    size_t count;
    char calls[CALLS_MAX][TEXT_MAX];
    int held[CALLS_MAX]; /* connections that were not answered */
    size_t held_count;
};

/* Whether the text holds a whole request. */
static bool is_whole(const char *text)
{
    const char *body = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "content-length:");
    size_t size = 0;
    return body != NULL && length != NULL && sscanf(length + 15, "%zu", &size) == 1 &&
           strlen(body + 4) >= size;
}

static void read_call(int socket, char text[TEXT_MAX])
{
    size_t used = 0;
    struct pollfd ready = {.fd = socket, .events = POLLIN};
    while (used < TEXT_MAX - 1 && !is_whole(text) && poll(&ready, 1, READ_MS) == 1) {
        ssize_t got = read(socket, text + used, TEXT_MAX - 1 - used);
        if (got <= 0) {
            return;
        }
        used += (size_t)got;
        text[used] = '\0';
    }
}

static void take_call(receiver *self, int socket)
{
    char text[TEXT_MAX] = "";
    read_call(socket, text);
    pthread_mutex_lock(&self->mutex);
    if (self->count < CALLS_MAX) {
        imi_copy(self->calls[self->count++], text, sizeof text);
    }
    bool hold = self->answer == NULL && self->held_count < CALLS_MAX;
    if (hold) {
        self->held[self->held_count++] = socket;
    }
    pthread_mutex_unlock(&self->mutex);
    if (!hold) {
        ssize_t sent = self->answer == NULL ? 0 : write(socket, self->answer, strlen(self->answer));
        (void)sent;
        close(socket);
    }
}

static void *run(void *argument)
{
    receiver *self = argument;
    struct pollfd ready = {.fd = self->listener, .events = POLLIN};
    while (!atomic_load(&self->stopping)) {
        if (poll(&ready, 1, STEP_MS) == 1) {
            take_call(self, accept(self->listener, NULL, NULL));
        }
    }
    return NULL;
}

receiver *receiver_new(const char *answer)
{
    receiver *self = imi_alloc(sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_non_null(self);
    self->answer = answer;
    pthread_mutex_init(&self->mutex, NULL);
    self->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(self->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(self->listener, CALLS_MAX), 0);
    assert_int_equal(getsockname(self->listener, (struct sockaddr *)&address, &size), 0);
    self->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&self->thread, NULL, run, self), 0);
    return self;
}

void receiver_destroy(receiver **pointer)
{
    receiver *self = *pointer;
    atomic_store(&self->stopping, true);
    pthread_join(self->thread, NULL);
    for (size_t i = 0; i < self->held_count; i++) {
        close(self->held[i]);
    }
    close(self->listener);
    pthread_mutex_destroy(&self->mutex);
    imi_free(self);
    *pointer = NULL;
}

int receiver_port(const receiver *self)
{
    return self->port;
}

size_t receiver_wait(receiver *self, size_t calls, int within_ms)
{
    const struct timespec step = {0, STEP_MS * 1000000L};
    size_t count = 0;
    for (int waited = 0; waited <= within_ms; waited += STEP_MS) {
        pthread_mutex_lock(&self->mutex);
        count = self->count;
        pthread_mutex_unlock(&self->mutex);
        if (count >= calls) {
            break;
        }
        nanosleep(&step, NULL);
    }
    return count;
}

const char *receiver_header(receiver *self, size_t call, const char *name)
{
    static char value[TEXT_MAX];
    pthread_mutex_lock(&self->mutex);
    const char *text = self->calls[call];
    const char *body = strstr(text, "\r\n\r\n");
    value[0] = '\0';
    if (name[0] == '\0') {
        imi_copy_text(value, sizeof value, body == NULL ? "" : body + 4);
    } else {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\r\n%s: ", name);
        const char *found = strcasestr(text, wanted);
        if (found != NULL) {
            const char *start = found + strlen(wanted);
            snprintf(value, sizeof value, "%.*s", (int)strcspn(start, "\r"), start);
        }
    }
    pthread_mutex_unlock(&self->mutex);
    return value;
}
