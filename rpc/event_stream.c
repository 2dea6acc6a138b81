#include "rpc/event_stream.h"

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

imi_status imi_event_stream_new(imi_rpc_call *call, const imi_event_stream_kind *kind,
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

imi_status imi_event_stream_begin(imi_event_stream *stream, imi_error *err)
{
    IMI_TRY(stream->kind->listen(stream, on_news, err));
    imi_pump_nudge(&stream->pump);
    return IMI_OK;
}

void imi_event_stream_on_writable(imi_rpc_call *call)
{
    imi_event_stream *stream = imi_rpc_call_state(call);
    if (stream != NULL) {
        imi_pump_nudge(&stream->pump);
    }
}

void imi_event_stream_on_closed(imi_rpc_call *call, bool cancelled)
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
