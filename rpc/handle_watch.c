#include "rpc/handle_watch.h"

#include "rpc/event_stream.h"
#include "rpc/session_message.h"

enum { BATCH = 16 };

static bool is_over(imi_session_state state)
{
    return state == IMI_SESSION_DECIDED || state == IMI_SESSION_EXPIRED ||
           state == IMI_SESSION_WITHDRAWN;
}

/* Send one event with the session as it stands. */
static imi_status send_event(imi_event_stream *self, imi_event_record *event,
                             imi_session_message *session, imi_error *err)
{
    Imi__V1__WatchSessionResponse message = IMI__V1__WATCH_SESSION_RESPONSE__INIT;
    message.sequence = event->sequence;
    message.at_ms = event->at_ms;
    message.kind = event->kind;
    message.detail = event->detail;
    message.session = &session->message;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_respond(&message, &bytes, err));
    return imi_rpc_call_send(self->call, imi_buffer_view(&bytes), err);
}

/* An empty id, as any that is none, names no session. */
static imi_status take(imi_event_stream *self, const void *message, imi_error *err)
{
    const Imi__V1__WatchSessionRequest *request = message;
    IMI_TRY(imi_handler_party(self->call, self->party, err));
    if (request->session_id[0] == '\0' ||
        !imi_copy_text(self->session_id, sizeof self->session_id, request->session_id)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    if (request->after_sequence < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "after_sequence must not be negative");
    }
    self->after = request->after_sequence;
    return IMI_OK;
}

/* ended_out: the session is over and all was sent. */
static imi_status send_batches(imi_event_stream *self, imi_session_message *session,
                               bool *ended_out, imi_error *err)
{
    /* The session is read before its events: an end seen here has all its events stored. */
    IMI_TRY(imi_session_message_load(session, self->service, self->party, self->session_id, err));
    for (;;) {
        imi_event_record events[BATCH];
        size_t count = 0;
        IMI_TRY(imi_service_list_events(self->service, self->party, self->session_id, self->after,
                                        events, BATCH, &count, err));
        for (size_t i = 0; i < count; i++) {
            IMI_TRY(send_event(self, &events[i], session, err));
            self->after = events[i].sequence;
        }
        if (count < BATCH) {
            *ended_out = is_over(session->record.state);
            return IMI_OK;
        }
    }
}

static imi_status send_behind(imi_event_stream *self, imi_error *err)
{
    bool ended = false;
    imi_session_message session;
    imi_session_message_init(&session);
    imi_status status = send_batches(self, &session, &ended, err);
    imi_session_message_clean_up(&session);
    if (status == IMI_OK && ended) {
        imi_rpc_call_finish(self->call);
    }
    return status;
}

static imi_status listen(imi_event_stream *self, imi_session_listener listener, imi_error *err)
{
    return imi_service_watch(self->service, self->party, self->session_id, listener, self,
                             &self->watch, err);
}

static imi_rpc_flow on_message(imi_rpc_call *call, imi_view message)
{
    static const imi_event_stream_kind kind = {
        &imi__v1__watch_session_request__descriptor,
        take,
        listen,
        send_behind,
    };
    return imi_event_stream_on_message(call, message, &kind);
}

imi_rpc_method imi_handle_watch_session(void)
{
    return imi_event_stream_method("WatchSession", on_message);
}
