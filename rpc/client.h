/**
 * Client side of the RPC runtime: blocking, usable from several threads, TLS always.
 */
#ifndef IMI_RPC_CLIENT_H
#define IMI_RPC_CLIENT_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_rpc_channel imi_rpc_channel;
typedef struct imi_rpc_stream imi_rpc_stream;

/** How to reach a server. Everything is copied. */
typedef struct imi_rpc_channel_options {
    const char *target; /* required: "localhost:7443" */
    const char *ca_file; /* required, PEM: who may have signed the server's certificate */
    const char *cert_file; /* optional, PEM, with key_file: the client's own identity */
    const char *key_file; /* optional */
    size_t max_message_bytes; /* received; 0 means 4 MiB */
} imi_rpc_channel_options;

/**
 * Make a channel; it connects at the first call, over a connection of its own.
 *
 * Threads: one channel serves any number of threads.
 */
IMI_MUST_USE imi_status imi_rpc_channel_new(const imi_rpc_channel_options *options,
                                            imi_rpc_channel **out, imi_error *err);
/** No call or stream of the channel may be left. */
void imi_rpc_channel_destroy(imi_rpc_channel **channel);
IMI_AUTO_DEFINE(imi_rpc_channel, imi_rpc_channel_destroy)

/** Metadata key of a caller's own name for its request, [A-Za-z0-9._-]{1,64}: the server writes
 *  it to the log beside the call's correlation id. */
#define IMI_RPC_REQUEST_ID_KEY "x-request-id"

/** One metadata entry: lower-case key, printable value. */
typedef struct imi_rpc_metadata {
    const char *key;
    const char *value;
} imi_rpc_metadata;

/** What to call. Borrowed for the call. */
typedef struct imi_rpc_request {
    const char *path; /* required: "/imi.v1.SubjectService/Join" */
    int64_t deadline_ms; /* from now; 0: 30 s for a unary call, none for a stream */
    const imi_rpc_metadata *metadata;
    size_t metadata_count; /* at most 8 */
} imi_rpc_request;

/**
 * A unary call.
 *
 * Ownership: the response is appended to response.
 * Errors:    the server's status; err->foreign_code is the gRPC code. IMI_E_RPC_UNAVAILABLE
 *            when the server cannot be reached or is not trusted.
 */
IMI_MUST_USE imi_status imi_rpc_channel_call(imi_rpc_channel *channel,
                                             const imi_rpc_request *request, imi_view message,
                                             imi_buffer *response, imi_error *err);

/**
 * Open a stream of any kind.
 *
 * Threads: one thread may send while another receives; cancel from any.
 */
IMI_MUST_USE imi_status imi_rpc_stream_open(imi_rpc_channel *channel,
                                            const imi_rpc_request *request, imi_rpc_stream **out,
                                            imi_error *err);
/** Open a server stream: send its one request and close the sending side. */
IMI_MUST_USE imi_status imi_rpc_stream_watch(imi_rpc_channel *channel,
                                             const imi_rpc_request *request, imi_view message,
                                             imi_rpc_stream **out, imi_error *err);
/** Cancels if still open; releases everything. */
void imi_rpc_stream_destroy(imi_rpc_stream **stream);
IMI_AUTO_DEFINE(imi_rpc_stream, imi_rpc_stream_destroy)

/**
 * Send one message; blocks while the server does not read.
 *
 * Errors: IMI_E_CANCELLED when the call has ended; imi_rpc_stream_receive tells why.
 */
IMI_MUST_USE imi_status imi_rpc_stream_send(imi_rpc_stream *stream, imi_view message,
                                            imi_error *err);
/** No more messages will be sent. */
IMI_MUST_USE imi_status imi_rpc_stream_close_send(imi_rpc_stream *stream, imi_error *err);

typedef enum imi_rpc_received {
    IMI_RPC_RECEIVED_NOTHING = 0, /* timeout_ms passed; receive may be called again */
    IMI_RPC_RECEIVED_MESSAGE,
    IMI_RPC_RECEIVED_END /* the server ended the call well */
} imi_rpc_received;

/**
 * Wait for the next message. It replaces what message holds. timeout_ms below 0 waits as
 * long as the call lives.
 *
 * Errors: the server's status when it ended the call with a failure; the same again on
 *         every later call.
 */
IMI_MUST_USE imi_status imi_rpc_stream_receive(imi_rpc_stream *stream, int64_t timeout_ms,
                                               imi_buffer *message, imi_rpc_received *received_out,
                                               imi_error *err);
/** End the call from the client's side; a blocked send or receive returns. */
void imi_rpc_stream_cancel(imi_rpc_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
