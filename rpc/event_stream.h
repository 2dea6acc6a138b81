/**
 * A call that streams events as they are stored: of one session, or of all of a relying party.
 *
 * Lifetime: made by the first message, freed in closed. Callbacks of a call never overlap, and
 * after imi_watch_destroy the listener does not run any more, so closed is the last user.
 */
#ifndef IMI_RPC_EVENT_STREAM_H
#define IMI_RPC_EVENT_STREAM_H

#include "rpc/handler.h"
#include "rpc/pump.h"

typedef struct imi_event_stream imi_event_stream;

/** What is watched. Static storage. */
typedef struct imi_event_stream_kind {
    const ProtobufCMessageDescriptor *request;
    /** Fill in what the request names, which is of that type; stream->call says who asks. */
    imi_status (*take)(imi_event_stream *stream, const void *request, imi_error *err);
    /** Make stream->watch, with this listener and the stream as its user. */
    imi_status (*listen)(imi_event_stream *stream, imi_session_listener listener, imi_error *err);
    /**
     * Send what is stored behind stream->after, and finish the call if there will be no more.
     * By one thread at a time. IMI_E_EXHAUSTED: the client reads slowly; it is called again.
     */
    imi_status (*send)(imi_event_stream *stream, imi_error *err);
} imi_event_stream_kind;

struct imi_event_stream {
    imi_rpc_call *call; /* held */
    imi_service *service;
    const imi_event_stream_kind *kind;
    char party[IMI_STORE_NAME_SIZE]; /* "" where the join link is what lets in */
    char session_id[IMI_ID_SIZE]; /* "" = all sessions of the party */
    char join_secret[IMI_SECRET_TEXT_SIZE]; /* of who follows by the join link; wiped at the end */
    int64_t after; /* cursor, sequence or step sent last; touched only by the thread that sends */
    imi_watch *watch;
    imi_pump pump;
};

/**
 * The method's only message: make the stream of the call, whose state it is until the call is
 * closed, listen, and send what is there.
 */
imi_rpc_flow imi_event_stream_on_message(imi_rpc_call *call, imi_view message,
                                         const imi_event_stream_kind *kind);
/** A method of streams; message calls imi_event_stream_on_message with its kind. */
imi_rpc_method imi_event_stream_method(const char *name, imi_rpc_flow (*message)(imi_rpc_call *call,
                                                                                 imi_view message));

#endif
