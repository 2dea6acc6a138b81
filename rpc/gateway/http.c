#include "rpc/gateway/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    PEM_BYTES_MAX = 65536,
    CONNECTIONS_MAX = 512,
    CONNECTION_MEMORY = 32 << 10, /* headers, and a piece of body */
    STACK_BYTES = 512 << 10
};

struct imi_http {
    struct MHD_Daemon *daemon;
    unsigned long wanted_port;
};

/* ---- What MHD calls ---- */

static void on_connection(void *user, struct MHD_Connection *connection, void **watched,
                          enum MHD_ConnectionNotificationCode what)
{
    imi_gateway *gateway = user;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *watched =
            imi_connections_add(gateway->connections, info->connect_fd, IMI_REQUEST_WITHIN_MS);
    } else {
        imi_connections_remove(gateway->connections, *watched);
        *watched = NULL;
    }
}

static imi_connection *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    (void)version;
    imi_exchange *exchange = *state;
    if (exchange == NULL) {
        imi_connection *watched = watched_of(connection);
        if (watched != NULL) {
            exchange = imi_exchange_begin(user, connection, watched, method, path);
        }
        if (exchange == NULL) {
            return MHD_NO;
        }
        *state = exchange;
        return imi_exchange_is_hopeless(exchange) ? imi_exchange_answer(exchange) : MHD_YES;
    }
    if (*upload_size != 0) {
        imi_view bytes = {(const uint8_t *)upload, *upload_size};
        *upload_size = 0;
        return imi_exchange_take_body(exchange, bytes) ? MHD_YES : MHD_NO;
    }
    return imi_exchange_answer(exchange);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)why;
    imi_gateway *gateway = user;
    imi_exchange *exchange = *state;
    *state = NULL;
    imi_exchange_end(&exchange);
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              (unsigned)IMI_CONNECTION_SILENCE_S);
    imi_connection *watched = watched_of(connection);
    if (watched != NULL) {
        imi_connections_arm(gateway->connections, watched, IMI_REQUEST_WITHIN_MS);
    }
}

/* ---- Starting ---- */

static imi_status read_pem(const char *path, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_file_read(path, PEM_BYTES_MAX, out, err));
    return imi_buffer_terminate(out, err);
}

typedef union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} socket_address;

/* False when the text is no IP address. */
static bool parse_address(const char *text, unsigned long port, socket_address *out)
{
    imi_wipe(out, sizeof *out);
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        return true;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
}

static bool is_loopback(const socket_address *address)
{
    return address->any.sa_family == AF_INET
               ? (ntohl(address->v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET
               : IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr) != 0;
}

static imi_status find_address(const imi_gateway_options *options, socket_address *out,
                               imi_error *err)
{
    if (!parse_address(options->listen, options->port, out)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no IP address", options->listen);
    }
    if (options->is_plain && !is_loopback(out)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--plain serves loopback alone, which %s is not",
                 options->listen);
    }
    return IMI_OK;
}

/* The TLS part of MHD's options: none with --plain. */
static imi_status read_identity(const imi_gateway_options *options, imi_buffer *cert,
                                imi_buffer *key, struct MHD_OptionItem out[4], imi_error *err)
{
    out[0] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    if (options->is_plain) {
        return IMI_OK;
    }
    IMI_TRY(read_pem(options->cert_file, cert, err));
    IMI_TRY(read_pem(options->key_file, key, err));
    out[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, cert->data};
    out[1] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, key->data};
    out[2] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                     (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
    out[3] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return IMI_OK;
}

static struct MHD_Daemon *start_daemon(imi_gateway *gateway, const socket_address *address,
                                       const struct MHD_OptionItem *identity)
{
    const imi_gateway_options *options = gateway->options;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | (options->is_plain ? 0 : MHD_USE_TLS) |
                     (address->any.sa_family == AF_INET6 ? MHD_USE_DUAL_STACK : 0);
    /* Behind a proxy every connection is the proxy's. */
    unsigned per_address = options->is_plain ? 0 : (unsigned)options->connections_per_address;
    return MHD_start_daemon(
        flags, (uint16_t)options->port, NULL, NULL, on_request, gateway, MHD_OPTION_SOCK_ADDR,
        &address->any, MHD_OPTION_NOTIFY_COMPLETED, on_completed, gateway,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, gateway, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IMI_CONNECTION_SILENCE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)STACK_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, identity,
        MHD_OPTION_END);
}

imi_status imi_http_start(imi_gateway *gateway, imi_http **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    struct MHD_OptionItem identity[4];
    socket_address address;
    IMI_TRY(read_identity(gateway->options, &cert, &key, identity, err));
    IMI_TRY(find_address(gateway->options, &address, err));
    imi_http *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a server");
    }
    fresh->wanted_port = gateway->options->port;
    fresh->daemon = start_daemon(gateway, &address, identity);
    if (fresh->daemon == NULL) {
        imi_free(fresh);
        IMI_FAIL(err, IMI_E_IO, "cannot serve at %s, port %lu: is it taken?",
                 gateway->options->listen, gateway->options->port);
    }
    *out = fresh;
    return IMI_OK;
}

unsigned imi_http_port(const imi_http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? (unsigned)http->wanted_port : info->port;
}

void imi_http_stop(imi_http **http_pointer)
{
    imi_http *http = IMI_STEAL(http_pointer);
    if (http != NULL) {
        MHD_stop_daemon(http->daemon);
        imi_free(http);
    }
}
