/**
 * The HTTP server: a thread for each connection, so that a call that waits for imid, or a client
 * that reads slowly, holds up nobody else.
 */
#ifndef IMI_GATEWAY_HTTP_H
#define IMI_GATEWAY_HTTP_H

#include "rpc/gateway/exchange.h"

typedef struct imi_http imi_http;

/** Serve until imi_http_stop. Errors: IMI_E_INVALID_ARGUMENT, IMI_E_IO. */
IMI_MUST_USE imi_status imi_http_start(imi_gateway *gateway, imi_http **out, imi_error *err);
/** The port that is served. */
unsigned imi_http_port(const imi_http *http);
/** Close every connection, and wait for their threads. */
void imi_http_stop(imi_http **http);

#endif
