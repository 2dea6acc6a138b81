/**
 * One request and its answer: what it may do is decided when its headers are there, before its
 * body is read.
 */
#ifndef IMI_GATEWAY_EXCHANGE_H
#define IMI_GATEWAY_EXCHANGE_H

#include "rpc/gateway/connections.h"
#include "rpc/gateway/headers.h"
#include "rpc/gateway/limits.h"
#include "rpc/gateway/upstream.h"

#include <microhttpd.h>
#include <stdatomic.h>

/** What all requests share. Everything is borrowed and lives as long as the server. */
typedef struct imi_gateway {
    const imi_gateway_options *options;
    imi_headers headers;
    imi_upstream *upstream;
    imi_limits *limits;
    imi_connections *connections;
    atomic_bool is_stopping; /* waiting calls give up */
} imi_gateway;

enum {
    IMI_REQUEST_WITHIN_MS = 20000, /* a request, from its first byte to its last */
    IMI_ANSWER_WITHIN_MS = 90000, /* an answer, the longest call included */
    IMI_CONNECTION_SILENCE_S = 15 /* without a byte either way, but while imid is waited for */
};

typedef struct imi_exchange imi_exchange;

/**
 * Judge a request by its headers. NULL without memory.
 *
 * watched: its connection.
 */
imi_exchange *imi_exchange_begin(imi_gateway *gateway, struct MHD_Connection *connection,
                                 imi_connection *watched, const char *method, const char *path);
/** Whether it is refused so clearly that its body need not be read. */
bool imi_exchange_is_hopeless(const imi_exchange *exchange);
/** Take some of the body; what is too much is dropped. False: the connection is to be closed. */
bool imi_exchange_take_body(imi_exchange *exchange, imi_view bytes);
/** Queue the answer. */
enum MHD_Result imi_exchange_answer(imi_exchange *exchange);
/** Write the access log's line, and forget it. */
void imi_exchange_end(imi_exchange **exchange);

#endif
