#include "rpc/gateway/web_call.h"

#include "rpc/status_map.h"

enum { LOOK_UP_MS = 250 /* how soon a wait notices that it is given up */ };

struct imi_web_call {
    imi_rpc_stream *stream; /* NULL: it never reached imid */
    imi_grpc_web_format format;
    imi_status failure; /* of what came before the first answer */
    imi_error error;
    int code;
    bool is_over;
    imi_buffer message; /* the last answer */
};

static imi_status decode_body(const imi_web_request *request, imi_buffer *decoded, imi_view *out,
                              imi_error *err)
{
    *out = request->body;
    if (request->body_format == IMI_GRPC_WEB_TEXT) {
        if (imi_base64_decode(request->body, decoded, err) != IMI_OK) {
            IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the body is no base64");
        }
        *out = imi_buffer_view(decoded);
    }
    return IMI_OK;
}

/* The whole body is looked at before imid hears of it. */
static imi_status check_frames(const imi_route *route, imi_view rest, imi_error *err)
{
    size_t count = 0;
    for (imi_view message; rest.size > 0; count++) {
        IMI_TRY(imi_grpc_web_take_message(&rest, &message, err));
    }
    if (count == 0 || (count > 1 && !route->is_stream)) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the method takes %s message",
                 route->is_stream ? "at least one" : "one");
    }
    return IMI_OK;
}

static imi_status open_stream(imi_web_call *self, imi_rpc_channel *channel,
                              const imi_web_request *request, imi_error *err)
{
    imi_rpc_request target = {.path = request->route->path,
                              .deadline_ms = request->route->deadline_ms};
    if (request->timeout != NULL &&
        !imi_grpc_web_parse_timeout(request->timeout, request->route->deadline_ms,
                                    &target.deadline_ms)) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "grpc-timeout is no time");
    }
    const imi_rpc_metadata metadata[] = {
        {IMI_RPC_REQUEST_ID_KEY, request->request_id},
        {"authorization", request->authorization},
    };
    target.metadata = metadata;
    target.metadata_count = request->authorization == NULL ? 1 : 2;
    return imi_rpc_stream_open(channel, &target, &self->stream, err);
}

/* A call that imid has ended already is told by the first receive. */
static imi_status send_all(imi_rpc_stream *stream, imi_view rest, imi_error *err)
{
    while (rest.size > 0) {
        imi_view message;
        IMI_TRY(imi_grpc_web_take_message(&rest, &message, err));
        if (imi_rpc_stream_send(stream, message, NULL) != IMI_OK) {
            return IMI_OK;
        }
    }
    imi_status ended = imi_rpc_stream_close_send(stream, NULL);
    (void)ended;
    return IMI_OK;
}

static imi_status begin(imi_web_call *self, imi_rpc_channel *channel,
                        const imi_web_request *request, imi_error *err)
{
    IMI_AUTO_BUFFER decoded = IMI_BUFFER_INIT;
    imi_view frames;
    IMI_TRY(decode_body(request, &decoded, &frames, err));
    IMI_TRY(check_frames(request->route, frames, err));
    IMI_TRY(open_stream(self, channel, request, err));
    return send_all(self->stream, frames, err);
}

imi_web_call *imi_web_call_begin(imi_rpc_channel *channel, const imi_web_request *request)
{
    imi_web_call *self = imi_alloc(sizeof *self);
    if (self != NULL) {
        self->format = request->answer_format;
        self->code = IMI_RPC_CODE_CANCELLED;
        self->failure = begin(self, channel, request, &self->error);
    }
    return self;
}

void imi_web_call_destroy(imi_web_call **call_pointer)
{
    imi_web_call *call = IMI_STEAL(call_pointer);
    if (call != NULL) {
        imi_rpc_stream_destroy(&call->stream);
        imi_buffer_clean_up(&call->message);
        imi_free(call);
    }
}

static imi_status receive(imi_web_call *self, imi_web_call_given_up given_up, void *user,
                          imi_rpc_received *received, imi_error *err)
{
    if (self->failure != IMI_OK) {
        *err = self->error;
        return self->failure;
    }
    do {
        if (given_up(user)) {
            IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the gateway gave up");
        }
        IMI_TRY(imi_rpc_stream_receive(self->stream, LOOK_UP_MS, &self->message, received, err));
    } while (*received == IMI_RPC_RECEIVED_NOTHING);
    return IMI_OK;
}

/* What the client may hear of a failure. Where imid cannot be reached the C core's words would
 * tell its address. */
static imi_grpc_web_end end_of(imi_status status, const imi_error *error)
{
    if (status == IMI_OK) {
        return (imi_grpc_web_end){.code = IMI_RPC_CODE_OK};
    }
    const char *name = imi_status_name(status);
    if (status == IMI_E_RPC_UNAVAILABLE) {
        return (imi_grpc_web_end){IMI_RPC_CODE_UNAVAILABLE, name,
                                  "the verification server is away"};
    }
    int code = (int)imi_rpc_code_of_status(status);
    return (imi_grpc_web_end){code, name, error->message};
}

static imi_status append_next(imi_web_call *self, imi_web_call_given_up given_up, void *user,
                              imi_buffer *out, imi_error *err)
{
    imi_rpc_received received = IMI_RPC_RECEIVED_END;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = receive(self, given_up, user, &received, &error);
    if (status == IMI_OK && received == IMI_RPC_RECEIVED_MESSAGE) {
        return imi_grpc_web_append_message(imi_buffer_view(&self->message), out, err);
    }
    self->is_over = true;
    imi_grpc_web_end end = end_of(status, &error);
    self->code = end.code;
    return imi_grpc_web_append_end(&end, out, err);
}

void imi_web_call_next(imi_web_call *call, imi_web_call_given_up given_up, void *user,
                       imi_buffer *out)
{
    out->size = 0;
    if (call->is_over) {
        return;
    }
    IMI_AUTO_BUFFER frame = IMI_BUFFER_INIT;
    imi_status status = append_next(call, given_up, user, &frame, NULL);
    if (status == IMI_OK) {
        /* Each frame is a base64 text of its own; the format lets them follow one another. */
        status = call->format == IMI_GRPC_WEB_TEXT
                     ? imi_base64_encode(imi_buffer_view(&frame), out, NULL)
                     : imi_buffer_append(out, imi_buffer_view(&frame), NULL);
    }
    if (status != IMI_OK) {
        call->is_over = true;
        out->size = 0;
    }
}

int imi_web_call_code(const imi_web_call *call)
{
    return call->code;
}
