/*
 * imi-gateway: the public documents of a running imid over HTTPS. A process of its own that
 * holds no signing key: it asks imid over gRPC.
 *
 *   /.well-known/jwks.json  public keys for checking tokens (RFC 7517)
 *   /healthz                200 while imid serves, 503 otherwise
 *   /log/..., /status/...   the public log and the status of tokens, from the files that imid
 * writes
 */
#include "imi/bytes.h"
#include "imi/log.h"
#include "imi/memory.h"
#include "rpc/arena.h"
#include "rpc/client.h"
#include "rpc/message.h"
#include "rpc/served_file.h"

#include "grpc/health/v1/health.pb-c.h"
#include "imi/v1/relying_party.pb-c.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    EXIT_USAGE = 2,
    EXIT_CANNOT_START = 3,
    CALL_DEADLINE_MS = 5000,
    CONNECTIONS_MAX = 256,
    CONNECTIONS_PER_ADDRESS_MAX = 32,
    CONNECTION_TIMEOUT_S = 15,
    HTTP_THREADS = 4,
    PEM_BYTES_MAX = 65536
};

typedef struct gateway_options {
    const char *server; /* imid's HOST:PORT */
    const char *ca_file; /* who signed imid's certificate */
    const char *cert_file, *key_file; /* own TLS identity */
    const char *listen; /* IP address of this machine to serve at */
    unsigned long port;
    const char *public_folder; /* imid's DATA/public; NULL: no files are served */
    const char *ready_file;
} gateway_options;

typedef struct gateway {
    imi_rpc_channel *channel;
    const char *public_folder;
} gateway;

static const char usage[] =
    "imi-gateway: public documents of a running imid over HTTPS\n"
    "\n"
    "  --server HOST:PORT  imid [localhost:7443]\n"
    "  --ca FILE           who signed imid's certificate, PEM (required)\n"
    "  --cert FILE --key FILE  this gateway's own TLS certificate and key, PEM (required)\n"
    "  --listen ADDRESS    IP address to serve at; 0.0.0.0 or :: for all [127.0.0.1]\n"
    "  --port N            HTTPS port; 0 picks one [7480]\n"
    "  --public DIR        imid's DATA/public: also serve the log and the status of tokens\n"
    "  --ready-file FILE   write the port there once serving\n"
    "\n"
    "GET /.well-known/jwks.json, /healthz, /log/..., /status/...\n";

/* ---- Documents ---- */

typedef struct document {
    unsigned status;
    const char *type;
    const char *cache;
    imi_buffer body;
} document;

static imi_status call(gateway *self, const char *path, const ProtobufCMessage *request,
                       imi_buffer *response, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_message_encode(request, &bytes, err));
    imi_rpc_request target = {.path = path, .deadline_ms = CALL_DEADLINE_MS};
    return imi_rpc_channel_call(self->channel, &target, imi_buffer_view(&bytes), response, err);
}

static imi_status fetch_jwks(gateway *self, document *out, imi_error *err)
{
    Imi__V1__GetJwksRequest request = IMI__V1__GET_JWKS_REQUEST__INIT;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(call(self, "/imi.v1.RelyingPartyService/GetJwks", &request.base, &bytes, err));
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&imi__v1__get_jwks_response__descriptor, imi_buffer_view(&bytes),
                               &arena, &decoded, err));
    const Imi__V1__GetJwksResponse *response = (const void *)decoded;
    out->type = "application/jwk-set+json";
    out->cache = "public, max-age=300";
    return imi_buffer_append_text(&out->body, response->jwks_json, err);
}

static imi_status fetch_health(gateway *self, document *out, imi_error *err)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(call(self, "/grpc.health.v1.Health/Check", &request.base, &bytes, err));
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&grpc__health__v1__health_check_response__descriptor,
                               imi_buffer_view(&bytes), &arena, &decoded, err));
    const Grpc__Health__V1__HealthCheckResponse *response = (const void *)decoded;
    bool serving =
        response->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    out->status = serving ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    return imi_buffer_append_text(&out->body, serving ? "serving\n" : "draining\n", err);
}

typedef struct route {
    const char *path;
    imi_status (*fetch)(gateway *self, document *out, imi_error *err);
} route;

static const route routes[] = {
    {"/.well-known/jwks.json", fetch_jwks},
    {"/healthz", fetch_health},
};

static void set_text(document *out, unsigned status, const char *text)
{
    imi_buffer_clean_up(&out->body);
    *out = (document){.status = status, .type = "text/plain", .cache = "no-store"};
    /* Without memory for a dozen bytes the client gets the status alone. */
    imi_status ignored = imi_buffer_append_text(&out->body, text, NULL);
    (void)ignored;
}

static void make_file(const gateway *self, const char *path, document *out)
{
    imi_error error = IMI_ERROR_INIT;
    imi_served_file file;
    imi_status status = imi_served_file_read(self->public_folder, path, &file, &error);
    if (status == IMI_OK) {
        *out = (document){MHD_HTTP_OK, file.type, file.cache, file.body};
    } else if (status == IMI_E_NOT_FOUND) {
        set_text(out, MHD_HTTP_NOT_FOUND, "no such document\n");
    } else {
        imi_log(IMI_LOG_WARNING, "gateway", "%s: %s", path, error.message);
        set_text(out, MHD_HTTP_SERVICE_UNAVAILABLE, "the document cannot be read now\n");
    }
}

static void make_document(gateway *self, const char *method, const char *path, document *out)
{
    bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (!reads) {
        set_text(out, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served here\n");
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(path, routes[i].path) != 0) {
            continue;
        }
        set_text(out, MHD_HTTP_OK, "");
        imi_error error = IMI_ERROR_INIT;
        imi_status status = routes[i].fetch(self, out, &error);
        if (status != IMI_OK) {
            imi_log(IMI_LOG_WARNING, "gateway", "%s: %s: %s", path, imi_status_name(status),
                    error.message);
            set_text(out, MHD_HTTP_SERVICE_UNAVAILABLE, "the verification server is away\n");
        }
        return;
    }
    if (self->public_folder != NULL && imi_served_file_is_path(path)) {
        make_file(self, path, out);
        return;
    }
    set_text(out, MHD_HTTP_NOT_FOUND, "no such document\n");
}

/* ---- HTTP ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, document *made)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(made->body.size, made->body.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", made->type);
    MHD_add_response_header(response, "Cache-Control", made->cache);
    if (made->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    }
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    enum MHD_Result result = MHD_queue_response(connection, made->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    static int seen_headers;
    if (*state == NULL) {
        *state = &seen_headers; /* called again when the request is whole */
        return MHD_YES;
    }
    if (*upload_size != 0) {
        *upload_size = 0; /* nobody asked for a body; an answer before its end would be dropped */
        return MHD_YES;
    }
    document made = {.body = IMI_BUFFER_INIT};
    make_document(user, method, path, &made);
    enum MHD_Result result = answer(connection, &made);
    imi_buffer_clean_up(&made.body);
    return result;
}

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

static imi_status start_http(gateway *self, const gateway_options *options, struct MHD_Daemon **out,
                             imi_error *err)
{
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_TRY(read_pem(options->cert_file, &cert, err));
    IMI_TRY(read_pem(options->key_file, &key, err));
    socket_address address;
    if (!parse_address(options->listen, options->port, &address)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no IP address", options->listen);
    }
    unsigned stack = address.any.sa_family == AF_INET6 ? MHD_USE_DUAL_STACK : 0;
    *out = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS | stack, (uint16_t)options->port, NULL, NULL,
        handle, self, MHD_OPTION_SOCK_ADDR, &address.any, MHD_OPTION_HTTPS_MEM_CERT, cert.data,
        MHD_OPTION_HTTPS_MEM_KEY, key.data, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_THREADS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)CONNECTION_TIMEOUT_S, MHD_OPTION_END);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_IO, "cannot serve HTTPS at %s, port %lu: is it taken?", options->listen,
                 options->port);
    }
    return IMI_OK;
}

static imi_status announce(struct MHD_Daemon *http, const gateway_options *options, imi_error *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http, MHD_DAEMON_INFO_BIND_PORT);
    unsigned port = info == NULL ? (unsigned)options->port : info->port;
    imi_log(IMI_LOG_INFO, "gateway", "serving HTTPS at %s, port %u, for imid at %s",
            options->listen, port, options->server);
    if (options->ready_file == NULL) {
        return IMI_OK;
    }
    char text[16];
    snprintf(text, sizeof text, "%u\n", port);
    return imi_file_write(options->ready_file, imi_view_of_text(text), 0644, err);
}

static imi_status run(const gateway_options *options, const sigset_t *signals, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    imi_rpc_channel_options target = {.target = options->server, .ca_file = options->ca_file};
    IMI_TRY(imi_rpc_channel_new(&target, &channel, err));
    gateway self = {channel, options->public_folder};
    struct MHD_Daemon *http = NULL;
    IMI_TRY(start_http(&self, options, &http, err));
    imi_status status = announce(http, options, err);
    if (status == IMI_OK) {
        int signal = 0;
        sigwait(signals, &signal);
        imi_log(IMI_LOG_INFO, "gateway", "signal %d: stopping", signal);
    }
    MHD_stop_daemon(http);
    return status;
}

static bool parse_port(const char *text, unsigned long *out)
{
    char *end = NULL;
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *out <= 65535;
}

static bool parse(int argc, char **argv, gateway_options *out)
{
    static const struct option long_options[] = {
        {"server", required_argument, NULL, 's'}, {"ca", required_argument, NULL, 'a'},
        {"cert", required_argument, NULL, 'c'},   {"key", required_argument, NULL, 'k'},
        {"listen", required_argument, NULL, 'l'}, {"port", required_argument, NULL, 'p'},
        {"public", required_argument, NULL, 'u'}, {"ready-file", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    *out = (gateway_options){.server = "localhost:7443", .listen = "127.0.0.1", .port = 7480};
    bool port_ok = true;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case 's':
            out->server = optarg;
            break;
        case 'a':
            out->ca_file = optarg;
            break;
        case 'c':
            out->cert_file = optarg;
            break;
        case 'k':
            out->key_file = optarg;
            break;
        case 'l':
            out->listen = optarg;
            break;
        case 'p':
            port_ok = parse_port(optarg, &out->port);
            break;
        case 'u':
            out->public_folder = optarg;
            break;
        case 'r':
            out->ready_file = optarg;
            break;
        default:
            return false;
        }
    }
    return optind == argc && port_ok && out->ca_file != NULL && out->cert_file != NULL &&
           out->key_file != NULL;
}

int main(int argc, char **argv)
{
    gateway_options options;
    if (!parse(argc, argv, &options)) {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        fputs(usage, asked ? stdout : stderr);
        return asked ? 0 : EXIT_USAGE;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);

    imi_error error = IMI_ERROR_INIT;
    if (run(&options, &signals, &error) != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "gateway", "cannot start: %s", error.message);
        return EXIT_CANNOT_START;
    }
    return 0;
}
