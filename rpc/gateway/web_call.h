/**
 * One call of gRPC-Web, passed on to imid: the messages of its body up, and the answers, one
 * frame at a time, down. The next answer is taken from imid only when the one before has gone
 * out to the client.
 *
 * Threads: none.
 */
#ifndef IMI_GATEWAY_WEB_CALL_H
#define IMI_GATEWAY_WEB_CALL_H

#include "imi/bytes.h"
#include "imi/memory.h"
#include "rpc/client.h"
#include "rpc/gateway/grpc_web.h"
#include "rpc/gateway/routes.h"

#include <stdbool.h>

typedef struct imi_web_call imi_web_call;

/** What the client asks. Borrowed for imi_web_call_begin. */
typedef struct imi_web_request {
    const imi_route *route;
    imi_view body; /* as it came */
    imi_grpc_web_format body_format, answer_format;
    const char *authorization; /* or NULL */
    const char *timeout; /* grpc-timeout, or NULL */
    const char *request_id;
} imi_web_request;

/** Send the request on. A request that is wrong is told by the answer. NULL without memory. */
imi_web_call *imi_web_call_begin(imi_rpc_channel *channel, const imi_web_request *request);
/** Cancels the call if it has not ended. */
void imi_web_call_destroy(imi_web_call **call);

/** Whether to give up waiting for imid. */
typedef bool (*imi_web_call_given_up)(void *user);

/**
 * Wait for the next bytes of the answer. They replace what out holds; none: the answer is over.
 * Without memory it ends early, and the client misses the trailers.
 */
void imi_web_call_next(imi_web_call *call, imi_web_call_given_up given_up, void *user,
                       imi_buffer *out);
/** The gRPC code that it ended with; CANCELLED while it has not. */
int imi_web_call_code(const imi_web_call *call);

#endif
