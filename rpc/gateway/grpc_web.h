/**
 * gRPC-Web: messages and trailers as HTTP/1.1 bodies carry them.
 *
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */
#ifndef IMI_GATEWAY_GRPC_WEB_H
#define IMI_GATEWAY_GRPC_WEB_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum imi_grpc_web_format {
    IMI_GRPC_WEB_NONE = 0, /* not gRPC-Web, or a codec that is not protobuf */
    IMI_GRPC_WEB_BINARY,
    IMI_GRPC_WEB_TEXT /* frames in base64 */
} imi_grpc_web_format;

/** The format that a Content-Type or Accept names; NULL names none. */
imi_grpc_web_format imi_grpc_web_format_of(const char *content_type);
/** The Content-Type of an answer in a format. */
const char *imi_grpc_web_content_type(imi_grpc_web_format format);

/**
 * Take the next message off a request's body.
 *
 * rest:    shortened by the frame.
 * message: a view into it.
 * Errors:  IMI_E_RPC_MESSAGE when the frame is cut, compressed, or no message.
 */
IMI_MUST_USE imi_status imi_grpc_web_take_message(imi_view *rest, imi_view *message,
                                                  imi_error *err);

/** Append a message as a frame. */
IMI_MUST_USE imi_status imi_grpc_web_append_message(imi_view message, imi_buffer *out,
                                                    imi_error *err);

/** How a call ended. */
typedef struct imi_grpc_web_end {
    int code; /* of gRPC */
    const char *name; /* imi_status_name, or NULL */
    const char *message; /* for developers, any UTF-8; or NULL */
} imi_grpc_web_end;

/** Append the trailers as a frame; the message is percent-encoded. */
IMI_MUST_USE imi_status imi_grpc_web_append_end(const imi_grpc_web_end *end, imi_buffer *out,
                                                imi_error *err);

/**
 * Milliseconds of a grpc-timeout ("250m", "5S"), rounded up, at most limit_ms.
 *
 * Returns: false when the text is no timeout.
 */
bool imi_grpc_web_parse_timeout(const char *text, int64_t limit_ms, int64_t *ms_out);

#endif
