/**
 * A call that streams a relying party's events as they are stored: of one session, or of all.
 *
 * Lifetime: made by the first message, freed in closed. Callbacks of a call never overlap, and
 * after imi_watch_destroy the listener does not run any more, so closed is the last user.
 */
#ifndef IMI_RPC_EVENT_STREAM_H
#define IMI_RPC_EVENT_STREAM_H

#include "rpc/handler.h"
#include "rpc/pump.h"

typedef struct imi_event_stream imi_event_stream;

/**
 * Send what is stored behind stream->after, and finish the call if there will be no more.
 * By one thread at a time. IMI_E_EXHAUSTED: the client reads slowly; it is called again.
 */
typedef imi_status (*imi_event_stream_send)(imi_event_stream *stream, imi_error *err);

struct imi_event_stream {
    imi_rpc_call *call; /* held */
    imi_service *service;
    char party[IMI_STORE_NAME_SIZE];
    char session_id[IMI_ID_SIZE]; /* "" = all sessions of the party */
    int64_t after; /* cursor or sequence sent last; touched only by the thread that sends */
    imi_event_stream_send send;
    imi_watch *watch;
    imi_pump pump;
};

/** Make the stream of a call, whose state it is until the call is closed, for its party. */
IMI_MUST_USE imi_status imi_event_stream_new(imi_rpc_call *call, imi_event_stream_send send,
                                             imi_event_stream **out, imi_error *err);
/** Listen, with session_id and after filled in, and send what is there. */
IMI_MUST_USE imi_status imi_event_stream_begin(imi_event_stream *stream, imi_error *err);

/** Callbacks of the method. */
void imi_event_stream_on_writable(imi_rpc_call *call);
void imi_event_stream_on_closed(imi_rpc_call *call, bool cancelled);

#endif
