#include "rpc/gateway/exchange.h"

#include "imi/clock.h"
#include "imi/log.h"
#include "rpc/gateway/access_log.h"
#include "rpc/gateway/page.h"
#include "rpc/gateway/public_file.h"
#include "rpc/gateway/web_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DISCARD_MAX = 4 << 20, /* of a body that nobody wants, read so that its answer arrives */
    STREAM_BLOCK = 16 << 10,
    METHOD_SIZE = 8,
    RETRY_AWAY_S = 2
};

/* What answers a request. */
typedef enum target {
    TARGET_REFUSAL = 0,
    TARGET_PREFLIGHT,
    TARGET_UPSTREAM, /* a document of imid's */
    TARGET_PUBLIC,
    TARGET_PAGE,
    TARGET_CALL
} target;

struct imi_exchange {
    imi_gateway *gateway;
    struct MHD_Connection *connection;
    imi_connection *watched;
    const char *path; /* MHD's, while it answers */
    const imi_route *route;
    target target;
    unsigned refusal; /* of HTTP, with TARGET_REFUSAL */
    bool is_ambiguous; /* nobody can tell where its body ends */
    unsigned retry_after_s;
    const char *allow; /* with 405 */
    const char *cors_origin; /* an allowed other origin; NULL: none */
    imi_grpc_web_format format;
    imi_buffer body;
    imi_web_call *call;
    imi_buffer frame; /* of the call's answer, */
    size_t frame_sent; /* of which so much is sent */
    uint64_t declared; /* bytes of the body by Content-Length; 0: not told */
    uint64_t bytes_out;
    char method[METHOD_SIZE];
    char request_id[IMI_ID_SIZE];
    imi_access access;
    int64_t started_ms;
};

static const char *header(const imi_exchange *self, const char *name)
{
    return MHD_lookup_connection_value(self->connection, MHD_HEADER_KIND, name);
}

/* ---- Who asks ---- */

static enum MHD_Result keep_last(void *user, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
    (void)kind;
    if (strcasecmp(key, "X-Forwarded-For") == 0) {
        *(const char **)user = value;
    }
    return MHD_YES;
}

/* Behind a proxy it is the last word of the last X-Forwarded-For: those before are the client's. */
static imi_client_address find_client(const imi_exchange *self)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(self->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    imi_client_address address =
        imi_client_address_of_socket(info == NULL ? NULL : info->client_addr);
    if (self->gateway->options->is_plain) {
        const char *forwarded = NULL;
        imi_client_address told;
        MHD_get_connection_values(self->connection, MHD_HEADER_KIND, keep_last, (void *)&forwarded);
        if (forwarded != NULL && imi_client_address_of_forwarded(forwarded, &told)) {
            address = told;
        }
    }
    return address;
}

/* ---- What is asked ---- */

static void refuse(imi_exchange *self, unsigned status)
{
    self->target = TARGET_REFUSAL;
    self->refusal = status;
}

static bool reads(const imi_exchange *self)
{
    return strcmp(self->method, "GET") == 0 || strcmp(self->method, "HEAD") == 0;
}

static void refuse_method(imi_exchange *self, const char *allow)
{
    refuse(self, MHD_HTTP_METHOD_NOT_ALLOWED);
    self->allow = allow;
}

/* Sets target and the route's name for the log. */
static void find_target(imi_exchange *self)
{
    const imi_gateway_options *options = self->gateway->options;
    self->route = imi_route_find(self->path);
    const char *public_route = imi_public_file_route(self->path);
    const char *page_route = imi_page_route(self->path);
    if (self->route != NULL) {
        self->access.route = self->route->path;
        self->target = self->route->is_call ? TARGET_CALL : TARGET_UPSTREAM;
    } else if (options->public_folder != NULL && public_route != NULL) {
        self->access.route = public_route;
        self->target = TARGET_PUBLIC;
    } else if (options->page_folder != NULL && page_route != NULL) {
        self->access.route = page_route;
        self->target = TARGET_PAGE;
    } else {
        self->access.route = "none";
        refuse(self, MHD_HTTP_NOT_FOUND);
    }
}

static void judge_call(imi_exchange *self)
{
    const char *origin = header(self, "Origin");
    imi_origin judged =
        imi_headers_judge_origin(&self->gateway->headers, origin, header(self, "Host"));
    self->cors_origin = judged == IMI_ORIGIN_ALLOWED ? origin : NULL;
    self->format = imi_grpc_web_format_of(header(self, "Content-Type"));
    if (strcmp(self->method, "OPTIONS") == 0 && judged == IMI_ORIGIN_ALLOWED) {
        self->target = TARGET_PREFLIGHT;
    } else if (strcmp(self->method, "POST") != 0) {
        refuse_method(self, "POST");
    } else if (judged == IMI_ORIGIN_FOREIGN) {
        refuse(self, MHD_HTTP_FORBIDDEN);
    } else if (self->format == IMI_GRPC_WEB_NONE) {
        refuse(self, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE);
    } else if (self->declared > self->route->body_max) {
        refuse(self, MHD_HTTP_CONTENT_TOO_LARGE);
    }
}

/* Two ways to tell a length: a proxy before us may believe the other one, and take what follows
 * for a request of its own (RFC 9112 section 6.1). */
static bool tells_two_lengths(const imi_exchange *self)
{
    return header(self, "Content-Length") != NULL && header(self, "Transfer-Encoding") != NULL;
}

static void judge(imi_exchange *self)
{
    find_target(self);
    self->is_ambiguous = tells_two_lengths(self);
    if (self->is_ambiguous) {
        refuse(self, MHD_HTTP_BAD_REQUEST);
    } else if (self->target == TARGET_CALL) {
        judge_call(self);
    } else if (self->target != TARGET_REFUSAL && !reads(self)) {
        refuse_method(self, "GET, HEAD");
    }
    /* Everybody counts, also those who are refused. */
    unsigned wait_s = imi_limits_take(self->gateway->limits, &self->access.client,
                                      header(self, "Authorization"), self->started_ms);
    if (wait_s > 0) {
        refuse(self, MHD_HTTP_TOO_MANY_REQUESTS);
        self->retry_after_s = wait_s;
    }
}

static uint64_t declared_bytes(const imi_exchange *self)
{
    const char *text = header(self, "Content-Length");
    return text == NULL ? 0 : strtoull(text, NULL, 10); /* MHD has refused what is no number */
}

imi_exchange *imi_exchange_begin(imi_gateway *gateway, struct MHD_Connection *connection,
                                 imi_connection *watched, const char *method, const char *path)
{
    imi_exchange *self = imi_alloc(sizeof *self);
    if (self == NULL || imi_id_new("req", self->request_id, NULL) != IMI_OK) {
        imi_free(self);
        return NULL;
    }
    imi_clock *clock = imi_clock_system();
    self->gateway = gateway;
    self->connection = connection;
    self->watched = watched;
    self->path = path;
    self->started_ms = clock->monotonic_ms(clock);
    imi_copy_text(self->method, sizeof self->method, method);
    self->access = (imi_access){.at_ms = clock->unix_ms(clock),
                                .request_id = self->request_id,
                                .method = self->method,
                                .grpc_code = -1};
    self->access.client = find_client(self);
    self->declared = declared_bytes(self);
    judge(self);
    return self;
}

bool imi_exchange_is_hopeless(const imi_exchange *exchange)
{
    const char *expect = header(exchange, "Expect");
    return exchange->target == TARGET_REFUSAL &&
           (exchange->is_ambiguous || exchange->declared > DISCARD_MAX || expect != NULL);
}

bool imi_exchange_take_body(imi_exchange *exchange, imi_view bytes)
{
    exchange->access.bytes_in += bytes.size;
    if (exchange->target == TARGET_CALL) {
        if (exchange->access.bytes_in > exchange->route->body_max) {
            imi_buffer_clean_up(&exchange->body);
            refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE);
        } else if (imi_buffer_append(&exchange->body, bytes, NULL) != IMI_OK) {
            return false;
        }
    }
    return exchange->access.bytes_in <= DISCARD_MAX;
}

/* ---- The answer ---- */

static enum MHD_Result queue(imi_exchange *self, unsigned status, struct MHD_Response *response)
{
    if (response == NULL) {
        return MHD_NO;
    }
    imi_headers_add(&self->gateway->headers, response);
    MHD_add_response_header(response, "X-Request-Id", self->request_id);
    if (self->cors_origin != NULL) {
        imi_headers_add_cors(response, self->cors_origin, self->target == TARGET_PREFLIGHT);
    }
    self->access.status = status;
    enum MHD_Result result = MHD_queue_response(self->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void add_number(struct MHD_Response *response, const char *name, unsigned value)
{
    char text[16];
    snprintf(text, sizeof text, "%u", value);
    MHD_add_response_header(response, name, text);
}

/* Takes the document's body. */
static enum MHD_Result queue_document(imi_exchange *self, imi_document *document)
{
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        document->body.size, document->body.data, imi_free);
    if (response == NULL) {
        imi_buffer_clean_up(&document->body);
        return MHD_NO;
    }
    self->bytes_out = strcmp(self->method, "HEAD") == 0 ? 0 : document->body.size;
    MHD_add_response_header(response, "Content-Type", document->type);
    MHD_add_response_header(response, "Cache-Control", document->cache);
    if (document->encoding != NULL) {
        MHD_add_response_header(response, "Content-Encoding", document->encoding);
    }
    if (document->varies) {
        MHD_add_response_header(response, "Vary", "Accept-Encoding");
    }
    if (self->allow != NULL) {
        MHD_add_response_header(response, "Allow", self->allow);
    }
    if (self->is_ambiguous) {
        MHD_add_response_header(response, "Connection", "close");
    }
    if (self->retry_after_s > 0) {
        add_number(response, "Retry-After", self->retry_after_s);
    }
    return queue(self, document->status, response);
}

static const char *refusal_text(unsigned status)
{
    switch (status) {
    case MHD_HTTP_NOT_FOUND:
        return "no such document\n";
    case MHD_HTTP_BAD_REQUEST:
        return "the request is ambiguous\n";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "this method is not served here\n";
    case MHD_HTTP_FORBIDDEN:
        return "pages of other origins may not call\n";
    case MHD_HTTP_UNSUPPORTED_MEDIA_TYPE:
        return "only application/grpc-web+proto and application/grpc-web-text are served\n";
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "the request is too large\n";
    case MHD_HTTP_TOO_MANY_REQUESTS:
        return "too many requests: wait\n";
    default:
        return "this is away now\n";
    }
}

static void make_document(imi_exchange *self, imi_document *out, imi_error *err)
{
    const imi_gateway_options *options = self->gateway->options;
    imi_status status = IMI_E_NOT_FOUND;
    if (self->target == TARGET_UPSTREAM) {
        status = self->route->fetch(self->gateway->upstream, self->request_id, out, err);
    } else if (self->target == TARGET_PUBLIC) {
        status = imi_public_file_read(options->public_folder, self->path, out, err);
    } else if (self->target == TARGET_PAGE) {
        status = imi_page_read(options->page_folder, self->path, header(self, "Accept-Encoding"),
                               out, err);
    }
    if (status == IMI_OK) {
        return;
    }
    unsigned code = MHD_HTTP_NOT_FOUND;
    if (self->target == TARGET_UPSTREAM || status != IMI_E_NOT_FOUND) {
        code = MHD_HTTP_SERVICE_UNAVAILABLE;
        self->retry_after_s = RETRY_AWAY_S;
        imi_log(IMI_LOG_WARNING, "gateway", "%s: %s: %s: %s", self->request_id, self->access.route,
                imi_status_name(status), err->message);
    }
    imi_document_set_text(out, code, refusal_text(code));
}

static enum MHD_Result answer_document(imi_exchange *self)
{
    imi_document document = {.body = IMI_BUFFER_INIT};
    imi_error error = IMI_ERROR_INIT;
    if (self->target == TARGET_REFUSAL) {
        imi_document_set_text(&document, self->refusal, refusal_text(self->refusal));
    } else {
        make_document(self, &document, &error);
    }
    return queue_document(self, &document);
}

/* ---- Calls ---- */

static bool given_up(void *user)
{
    const imi_exchange *self = user;
    return atomic_load(&self->gateway->is_stopping) || imi_connection_is_gone(self->watched);
}

/* MHD asks for more of the answer when the socket has taken what came before. */
static ssize_t read_call(void *user, uint64_t position, char *out, size_t capacity)
{
    (void)position;
    imi_exchange *self = user;
    if (self->frame_sent == self->frame.size) {
        imi_web_call_next(self->call, given_up, self, &self->frame);
        self->frame_sent = 0;
    }
    size_t left = self->frame.size - self->frame_sent;
    if (left == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t size = left < capacity ? left : capacity;
    imi_copy(out, self->frame.data + self->frame_sent, size);
    self->frame_sent += size;
    self->bytes_out += size;
    return (ssize_t)size;
}

static enum MHD_Result answer_call(imi_exchange *self)
{
    imi_grpc_web_format accepted = imi_grpc_web_format_of(header(self, "Accept"));
    const imi_web_request request = {
        .route = self->route,
        .body = imi_buffer_view(&self->body),
        .body_format = self->format,
        .answer_format = accepted == IMI_GRPC_WEB_NONE ? self->format : accepted,
        .authorization = header(self, "Authorization"),
        .timeout = header(self, "grpc-timeout"),
        .request_id = self->request_id,
    };
    self->call = imi_web_call_begin(imi_upstream_channel(self->gateway->upstream), &request);
    imi_buffer_clean_up(&self->body);
    if (self->call == NULL) {
        return MHD_NO;
    }
    /* MHD takes the time that imid says nothing for silence of the client's. */
    unsigned quiet_s = (unsigned)(self->route->deadline_ms / 1000) + IMI_CONNECTION_SILENCE_S;
    MHD_set_connection_option(self->connection, MHD_CONNECTION_OPTION_TIMEOUT, quiet_s);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_call, self, NULL);
    if (response != NULL) {
        MHD_add_response_header(response, "Content-Type",
                                imi_grpc_web_content_type(request.answer_format));
        MHD_add_response_header(response, "Cache-Control", "no-store");
    }
    return queue(self, MHD_HTTP_OK, response);
}

enum MHD_Result imi_exchange_answer(imi_exchange *exchange)
{
    imi_connections_arm(exchange->gateway->connections, exchange->watched, IMI_ANSWER_WITHIN_MS);
    switch (exchange->target) {
    case TARGET_CALL:
        return answer_call(exchange);
    case TARGET_PREFLIGHT:
        return queue(exchange, MHD_HTTP_NO_CONTENT,
                     MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
    default:
        return answer_document(exchange);
    }
}

static void write_line(const imi_access *access)
{
    IMI_AUTO_BUFFER line = IMI_BUFFER_INIT;
    if (imi_access_format(access, &line, NULL) == IMI_OK) {
        fwrite(line.data, 1, line.size, stdout);
        fflush(stdout);
    }
}

void imi_exchange_end(imi_exchange **exchange_pointer)
{
    imi_exchange *self = IMI_STEAL(exchange_pointer);
    if (self == NULL) {
        return;
    }
    imi_clock *clock = imi_clock_system();
    self->access.took_ms = clock->monotonic_ms(clock) - self->started_ms;
    self->access.bytes_out = self->bytes_out;
    self->access.grpc_code = self->call == NULL ? -1 : imi_web_call_code(self->call);
    write_line(&self->access);
    imi_web_call_destroy(&self->call);
    imi_buffer_clean_up(&self->body);
    imi_buffer_clean_up(&self->frame);
    imi_free(self);
}
