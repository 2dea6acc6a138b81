#include "rpc/event_stream.h"

#include "rpc/arena.h"
#include "rpc/message.h"

static void pump_once(void *user)
{
    imi_event_stream *stream = user;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = stream->kind->send(stream, &error);
    /* IMI_E_EXHAUSTED: writable pumps again. */
    if (status != IMI_OK && status != IMI_E_EXHAUSTED && status != IMI_E_CANCELLED) {
        imi_rpc_call_fail(stream->call, status, &error);
    }
}

static void on_news(void *user, const char *session_id)
{
    imi_event_stream *stream = user;
    (void)session_id;
    imi_pump_nudge(&stream->pump);
}

static imi_status make(imi_rpc_call *call, const imi_event_stream_kind *kind,
                       imi_event_stream **out, imi_error *err)
{
    *out = NULL;
    imi_event_stream *stream = imi_alloc(sizeof *stream);
    if (stream == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to watch events");
    }
    const imi_handlers *handlers = imi_rpc_call_user(call);
    stream->call = imi_rpc_call_acquire(call);
    stream->service = handlers->service;
    stream->kind = kind;
    imi_pump_init(&stream->pump, pump_once, stream);
    imi_rpc_call_set_state(call, stream); /* from here closed destroys it */
    *out = stream;
    return IMI_OK;
}

static imi_status begin(imi_rpc_call *call, imi_view message, const imi_event_stream_kind *kind,
                        imi_error *err)
{
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *request = NULL;
    imi_event_stream *stream = NULL;
    IMI_TRY(imi_message_decode(kind->request, message, &arena, &request, err));
    IMI_TRY(make(call, kind, &stream, err));
    IMI_TRY(kind->take(stream, request, err));
    IMI_TRY(kind->listen(stream, on_news, err));
    imi_pump_nudge(&stream->pump);
    return IMI_OK;
}

imi_rpc_flow imi_event_stream_on_message(imi_rpc_call *call, imi_view message,
                                         const imi_event_stream_kind *kind)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = begin(call, message, kind, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_PAUSE;
}

static void on_writable(imi_rpc_call *call)
{
    imi_event_stream *stream = imi_rpc_call_state(call);
    if (stream != NULL) {
        imi_pump_nudge(&stream->pump);
    }
}

static void on_closed(imi_rpc_call *call, bool cancelled)
{
    (void)cancelled;
    imi_event_stream *stream = imi_rpc_call_state(call);
    imi_rpc_call_set_state(call, NULL);
    if (stream != NULL) {
        imi_watch_destroy(&stream->watch);
        imi_rpc_call_release(&stream->call);
        imi_pump_clean_up(&stream->pump);
        imi_wipe(stream->join_secret, sizeof stream->join_secret);
        imi_free(stream);
    }
}

imi_rpc_method imi_event_stream_method(const char *name, imi_rpc_flow (*message)(imi_rpc_call *call,
                                                                                 imi_view message))
{
    return (imi_rpc_method){
        .name = name,
        .server_streams = true,
        .ends_on_drain = true,
        .message = message,
        .writable = on_writable,
        .closed = on_closed,
    };
}
