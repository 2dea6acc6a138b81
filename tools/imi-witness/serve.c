#include "serve.h"

#include "imi/log.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

enum {
    CONNECTIONS_MAX = 256,
    CONNECTIONS_PER_ADDRESS_MAX = 32,
    CONNECTION_TIMEOUT_S = 15,
    HTTP_THREADS = 4,
    HOST_SIZE = 256
};

struct witness_server {
    imi_witness *witness;
    struct MHD_Daemon *http;
};

/* What arrives of one request. */
typedef struct exchange {
    imi_buffer body;
    bool too_large, failed;
} exchange;

static void take_part(exchange *self, const char *data, size_t size)
{
    self->too_large = self->too_large || self->body.size + size > IMI_WITNESS_REQUEST_MAX;
    if (!self->too_large && !self->failed) {
        imi_view part = {(const uint8_t *)data, size};
        self->failed = imi_buffer_append(&self->body, part, NULL) != IMI_OK;
    }
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
                                   const imi_witness_answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.size, answer->body.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", answer->type);
    if (answer->code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, "Allow", "POST");
    }
    enum MHD_Result result = MHD_queue_response(connection, answer->code, response);
    MHD_destroy_response(response);
    return result;
}

static void set_code(imi_witness_answer *answer, unsigned code)
{
    imi_buffer_clean_up(&answer->body);
    *answer = (imi_witness_answer){code, "text/plain; charset=utf-8", IMI_BUFFER_INIT};
}

static void make_answer(witness_server *self, const char *method, const char *path,
                        const exchange *request, imi_witness_answer *out)
{
    if (strcmp(path, "/add-checkpoint") != 0) {
        set_code(out, MHD_HTTP_NOT_FOUND);
    } else if (strcmp(method, "POST") != 0) {
        set_code(out, MHD_HTTP_METHOD_NOT_ALLOWED);
    } else if (request->too_large) {
        set_code(out, MHD_HTTP_CONTENT_TOO_LARGE);
    } else {
        imi_error error = IMI_ERROR_INIT;
        imi_status status =
            imi_witness_add_checkpoint(self->witness, imi_buffer_view(&request->body), out, &error);
        if (status != IMI_OK || request->failed) {
            imi_log(IMI_LOG_ERROR, "witness", "no answer: %s", error.message);
            set_code(out, MHD_HTTP_INTERNAL_SERVER_ERROR);
        }
    }
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version;
    exchange *request = *state;
    if (request == NULL) {
        *state = imi_alloc(sizeof *request);
        return *state == NULL ? MHD_NO : MHD_YES; /* called again with the body */
    }
    if (*upload_size != 0) {
        take_part(request, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    imi_witness_answer answer = {.body = IMI_BUFFER_INIT};
    make_answer(user, method, path, request, &answer);
    enum MHD_Result result = send_answer(connection, &answer);
    imi_buffer_clean_up(&answer.body);
    return result;
}

static void finish(void *user, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)user;
    (void)connection;
    (void)code;
    exchange *request = *state;
    if (request != NULL) {
        imi_buffer_clean_up(&request->body);
        imi_free(request);
        *state = NULL;
    }
}

/* "HOST:PORT" or "[HOST]:PORT". */
static bool split(const char *listen, char host[HOST_SIZE], const char **port)
{
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || colon == listen || (size_t)(colon - listen) >= HOST_SIZE) {
        return false;
    }
    bool bracketed = listen[0] == '[' && colon[-1] == ']';
    snprintf(host, HOST_SIZE, "%.*s", (int)(colon - listen) - (bracketed ? 2 : 0),
             listen + (bracketed ? 1 : 0));
    *port = colon + 1;
    return true;
}

static imi_status start_http(witness_server *self, const struct addrinfo *address,
                             const char *listen, imi_error *err)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;
    flags |= address->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0U;
    self->http = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, self, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_NOTIFY_COMPLETED, finish, NULL, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_PER_ADDRESS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S, MHD_OPTION_END);
    if (self->http == NULL) {
        IMI_FAIL(err, IMI_E_IO, "cannot serve HTTP on %s: is it taken?", listen);
    }
    return IMI_OK;
}

static imi_status listen_on(witness_server *self, const char *listen, unsigned *port_out,
                            imi_error *err)
{
    char host[HOST_SIZE];
    const char *port = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *address = NULL;
    if (!split(listen, host, &port) || getaddrinfo(host, port, &hints, &address) != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no HOST:PORT to listen on", listen);
    }
    imi_status status = start_http(self, address, listen, err);
    freeaddrinfo(address);
    IMI_TRY(status);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(self->http, MHD_DAEMON_INFO_BIND_PORT);
    *port_out = info == NULL ? 0 : info->port;
    return IMI_OK;
}

imi_status witness_server_start(imi_witness *witness, const char *listen, witness_server **out,
                                unsigned *port_out, imi_error *err)
{
    *out = NULL;
    *port_out = 0;
    witness_server *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a server");
    }
    self->witness = witness;
    imi_status status = listen_on(self, listen, port_out, err);
    if (status != IMI_OK) {
        witness_server_stop(&self);
    }
    *out = self;
    return status;
}

void witness_server_stop(witness_server **server)
{
    if (*server == NULL) {
        return;
    }
    if ((*server)->http != NULL) {
        MHD_stop_daemon((*server)->http);
    }
    imi_free(*server);
    *server = NULL;
}
