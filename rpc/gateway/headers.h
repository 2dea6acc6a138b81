/**
 * Headers that tell browsers to be strict, and which other origins may call.
 */
#ifndef IMI_GATEWAY_HEADERS_H
#define IMI_GATEWAY_HEADERS_H

#include "rpc/gateway/options.h"

#include "imi/bytes.h"

#include <microhttpd.h>

/** Headers of an installation. */
typedef struct imi_headers {
    const imi_gateway_options *options; /* borrowed */
    imi_buffer policy; /* Content-Security-Policy */
} imi_headers;

IMI_MUST_USE imi_status imi_headers_init(const imi_gateway_options *options, imi_headers *out,
                                         imi_error *err);
void imi_headers_clean_up(imi_headers *headers);

/** Where a request came from, as the browser tells. */
typedef enum imi_origin {
    IMI_ORIGIN_SAME = 0, /* our own page, or no page at all: an app */
    IMI_ORIGIN_ALLOWED, /* another that the options name */
    IMI_ORIGIN_FOREIGN
} imi_origin;

/** origin, host: of those headers, or NULL. */
imi_origin imi_headers_judge_origin(const imi_headers *headers, const char *origin,
                                    const char *host);

/** Headers of every answer. */
void imi_headers_add(const imi_headers *headers, struct MHD_Response *response);
/** Headers of an answer to an allowed origin; is_preflight also for what it may send. */
void imi_headers_add_cors(struct MHD_Response *response, const char *origin, bool is_preflight);

#endif
