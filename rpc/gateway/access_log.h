/**
 * The access log: one JSON object a line about each request, and nothing about a person: no
 * address but its network, no query, no header, no path that the gateway does not know.
 */
#ifndef IMI_GATEWAY_ACCESS_LOG_H
#define IMI_GATEWAY_ACCESS_LOG_H

#include "imi/bytes.h"
#include "rpc/gateway/client_address.h"

#include <stdint.h>

/** A request that was answered. Texts are the program's own words, never the client's. */
typedef struct imi_access {
    int64_t at_ms; /* since 1970 */
    const char *request_id;
    const char *method; /* as it came: unknown ones are written as "OTHER" */
    const char *route;
    unsigned status; /* of HTTP; 0 when the client went before the answer */
    int grpc_code; /* -1: no call was made */
    uint64_t bytes_in; /* of the body */
    uint64_t bytes_out; /* of the body */
    int64_t took_ms;
    imi_client_address client;
} imi_access;

/** Append the line, with its end. */
IMI_MUST_USE imi_status imi_access_format(const imi_access *access, imi_buffer *out,
                                          imi_error *err);

#endif
