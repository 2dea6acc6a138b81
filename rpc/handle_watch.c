#include "rpc/handle_watch.h"

#include "rpc/arena.h"
#include "rpc/message.h"
#include "rpc/pump.h"
#include "rpc/session_message.h"

enum { BATCH = 16 };

/*
 * Lifetime: made in open, freed in closed. Callbacks of a call never overlap, and after
 * imi_watch_destroy the listener does not run any more, so closed is the last user.
 */
typedef struct watcher {
    imi_rpc_call *call; /* held */
    imi_service *service;
    char party[IMI_STORE_NAME_SIZE];
    char session_id[IMI_ID_SIZE];
    imi_watch *watch;
    int64_t after; /* touched only by the thread that pumps */
    imi_pump pump;
} watcher;

static bool is_over(imi_session_state state)
{
    return state == IMI_SESSION_DECIDED || state == IMI_SESSION_EXPIRED ||
           state == IMI_SESSION_WITHDRAWN;
}

/* Send one event with the session as it stands. */
static imi_status send_event(watcher *self, imi_event_record *event, imi_session_message *session,
                             imi_error *err)
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

/* Send what is stored behind self->after; ended_out: the session is over and all was sent. */
static imi_status send_batch(watcher *self, imi_session_message *session, bool *ended_out,
                             imi_error *err)
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

static void pump_once(void *user)
{
    watcher *self = user;
    imi_error error = IMI_ERROR_INIT;
    bool ended = false;
    imi_session_message session;
    imi_session_message_init(&session);
    imi_status status = send_batch(self, &session, &ended, &error);
    imi_session_message_clean_up(&session);
    if (status == IMI_OK && ended) {
        imi_rpc_call_finish(self->call);
    } else if (status != IMI_OK && status != IMI_E_EXHAUSTED && status != IMI_E_CANCELLED) {
        imi_rpc_call_fail(self->call, status, &error);
    }
    /* IMI_E_EXHAUSTED: the client reads slowly; writable pumps again. */
}

static void on_event(void *user, const char *session_id)
{
    watcher *self = user;
    (void)session_id;
    imi_pump_nudge(&self->pump);
}

static void watcher_destroy(watcher **watcher_pointer)
{
    watcher *self = *watcher_pointer;
    if (self != NULL) {
        imi_watch_destroy(&self->watch);
        imi_rpc_call_release(&self->call);
        imi_pump_clean_up(&self->pump);
        imi_free(self);
        *watcher_pointer = NULL;
    }
}

static imi_status watcher_new(imi_rpc_call *call, watcher **out, imi_error *err)
{
    watcher *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to watch a session");
    }
    const imi_handlers *handlers = imi_rpc_call_user(call);
    imi_pump_init(&self->pump, pump_once, self);
    self->call = imi_rpc_call_acquire(call);
    self->service = handlers->service;
    *out = self;
    return IMI_OK;
}

static imi_status begin(imi_rpc_call *call, imi_view message, imi_error *err)
{
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&imi__v1__watch_session_request__descriptor, message, &arena,
                               &decoded, err));
    const Imi__V1__WatchSessionRequest *request = (const void *)decoded;
    watcher *self = NULL;
    IMI_TRY(watcher_new(call, &self, err));
    imi_rpc_call_set_state(call, self); /* from here closed destroys it */
    IMI_TRY(imi_handler_party(call, self->party, err));
    if (!imi_copy_text(self->session_id, sizeof self->session_id, request->session_id)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    if (request->after_sequence < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "after_sequence must not be negative");
    }
    self->after = request->after_sequence;
    IMI_TRY(imi_service_watch(self->service, self->party, self->session_id, on_event, self,
                              &self->watch, err));
    imi_pump_nudge(&self->pump);
    return IMI_OK;
}

static imi_rpc_flow on_message(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = begin(call, message, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_PAUSE;
}

static void on_writable(imi_rpc_call *call)
{
    watcher *self = imi_rpc_call_state(call);
    if (self != NULL) {
        imi_pump_nudge(&self->pump);
    }
}

static void on_closed(imi_rpc_call *call, bool cancelled)
{
    (void)cancelled;
    watcher *self = imi_rpc_call_state(call);
    imi_rpc_call_set_state(call, NULL);
    watcher_destroy(&self);
}

imi_rpc_method imi_handle_watch_session(void)
{
    return (imi_rpc_method){
        .name = "WatchSession",
        .server_streams = true,
        .message = on_message,
        .writable = on_writable,
        .closed = on_closed,
    };
}
