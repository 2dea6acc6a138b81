/**
 * Server side of the RPC runtime: a table of methods and their handlers.
 *
 * Conventions:
 *   - Every callback of one call runs on one thread, one after the other. Callbacks never
 *     block: long work goes to a pool, which holds a reference of the call.
 *   - Functions that take an imi_rpc_call may be called from any thread that holds a
 *     reference; callbacks hold one while they run.
 *   - TLS always. A client certificate is asked for and, when given, verified.
 *   - After a server or client exists the process must not fork (a child that runs another
 *     program through posix_spawn is fine); a forked child is refused.
 */
#ifndef IMI_RPC_TRANSPORT_H
#define IMI_RPC_TRANSPORT_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "rpc/status_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_rpc_server imi_rpc_server;
typedef struct imi_rpc_call imi_rpc_call;
typedef struct imi_rpc_message imi_rpc_message;

/** What a handler wants after a message. */
typedef enum imi_rpc_flow {
    IMI_RPC_CONTINUE, /* read the next message */
    IMI_RPC_PAUSE /* read none until imi_rpc_call_resume: backpressure on the client */
} imi_rpc_flow;

/** One method. A callback that is NULL does nothing. */
typedef struct imi_rpc_method {
    const char *name; /* required: "Join" */
    bool client_streams;
    bool server_streams;
    /** A call waits for news that may never come: when the server drains it is failed with
     *  IMI_E_RPC_UNAVAILABLE behind what is queued, and clients come back. */
    bool ends_on_drain;
    /** The call has arrived; metadata, deadline and peer are known, no message is read. */
    void (*open)(imi_rpc_call *call);
    /** A message; the view is valid until the callback returns (see imi_rpc_call_keep). */
    imi_rpc_flow (*message)(imi_rpc_call *call, imi_view message);
    /** The client will send no more messages. Only for methods with client_streams. */
    void (*half_close)(imi_rpc_call *call);
    /** A queued message was handed to the network: there is room for another. */
    void (*writable)(imi_rpc_call *call);
    /** Last callback, exactly once for each open. cancelled: the client went away, the
     *  deadline passed, or the server is stopping. */
    void (*closed)(imi_rpc_call *call, bool cancelled);
} imi_rpc_method;

/** One service: what a handle_<service>.c offers. */
typedef struct imi_rpc_service {
    const char *name; /* required, with its package: "imi.v1.SubjectService" */
    const imi_rpc_method *methods;
    size_t method_count;
    void *user; /* borrowed, given by imi_rpc_call_user */
    /** Optional: the server begins to drain. Called once, on the thread that drains. */
    void (*drain)(void *user);
} imi_rpc_service;

/** Options of a server. Zero means the default in brackets. Everything is copied, the
 *  list of services too; names and methods of services and their users outlive the server. */
typedef struct imi_rpc_server_options {
    const char *address; /* required: "0.0.0.0:7443", "[::]:7443"; port 0 picks a free one */
    const char *cert_file; /* required, PEM chain */
    const char *key_file; /* required, PEM */
    const char *client_ca_file; /* optional, PEM: client certificates must chain to it */
    const imi_rpc_service *services;
    size_t service_count;
    size_t threads; /* completion threads [2], at most 64 */
    size_t max_calls; /* in the whole server [1024]; more are refused */
    size_t max_streams_per_connection; /* [128]; more wait at the client */
    size_t max_message_bytes; /* received [4 MiB]; larger ends the call */
    size_t max_queued_bytes; /* waiting to be sent, per call [256 KiB] */
    size_t max_metadata_bytes; /* [16 KiB] */
    size_t max_memory_bytes; /* of gRPC's own buffers [256 MiB] */
    int keepalive_ms; /* silence before a ping [30,000] */
    int keepalive_timeout_ms; /* wait for its answer [10,000] */
    int min_client_ping_ms; /* a client that pings more often is cut off [10,000] */
} imi_rpc_server_options;

/**
 * Bind, start the threads and serve.
 *
 * Errors: IMI_E_IO when the address is taken or a file is unreadable, IMI_E_KEY when
 *         certificate and key are no usable pair.
 */
IMI_MUST_USE imi_status imi_rpc_server_new(const imi_rpc_server_options *options,
                                           imi_rpc_server **out, imi_error *err);
/** The port that is served. */
int imi_rpc_server_port(const imi_rpc_server *server);
/** Tell every service that the end is near (health turns NOT_SERVING), and end the calls that
 *  wait for news; other calls still work. */
void imi_rpc_server_drain(imi_rpc_server *server);
/**
 * Stop accepting, let running calls finish for grace_ms, cancel the rest, and wait until
 * every call is closed and released. Drains first if that was not done. The log tells whether
 * any call was cancelled.
 *
 * Threads: not from a callback; once.
 */
void imi_rpc_server_stop(imi_rpc_server *server, int grace_ms);
/** Stops without grace if still serving; joins the threads. */
void imi_rpc_server_destroy(imi_rpc_server **server);
IMI_AUTO_DEFINE(imi_rpc_server, imi_rpc_server_destroy)
/** Calls in flight now. */
size_t imi_rpc_server_live_calls(imi_rpc_server *server);

/** Hold a call beyond a callback; every hold needs a release. */
imi_rpc_call *imi_rpc_call_acquire(imi_rpc_call *call);
/** Give a hold back; nulls the pointer. */
void imi_rpc_call_release(imi_rpc_call **call);

/** The service's user pointer. */
void *imi_rpc_call_user(const imi_rpc_call *call);
/** The method that was called; lives as long as the server. */
const imi_rpc_method *imi_rpc_call_method(const imi_rpc_call *call);
/** The handler's own state; set in open, cleaned up in closed. */
void imi_rpc_call_set_state(imi_rpc_call *call, void *state);
/** What imi_rpc_call_set_state left, or NULL. */
void *imi_rpc_call_state(const imi_rpc_call *call);
/** Correlation id: in the log line of a failure and in the client's error. */
const char *imi_rpc_call_id(const imi_rpc_call *call);
/** First value of a metadata key (lower case); false if absent. Borrowed from the call. */
bool imi_rpc_call_metadata(const imi_rpc_call *call, const char *key, imi_view *value_out);
/**
 * Common name in the client's certificate, verified against client_ca_file.
 *
 * Returns: false, and an empty name, when the client gave no certificate or its name is
 *          not exactly one clean text of less than capacity bytes.
 */
bool imi_rpc_call_peer_name(const imi_rpc_call *call, char *name, size_t capacity);
/** Milliseconds until the client's deadline; 0 when passed, INT64_MAX without one. */
int64_t imi_rpc_call_time_left_ms(const imi_rpc_call *call);
/** True once nothing more can reach the client; long work looks here between stages. */
bool imi_rpc_call_is_over(imi_rpc_call *call);

/**
 * Keep the message that is being delivered, without a copy, beyond the callback. Views
 * into it stay valid.
 *
 * Errors: IMI_E_INVALID_ARGUMENT outside the message callback or a second time.
 */
IMI_MUST_USE imi_status imi_rpc_call_keep(imi_rpc_call *call, imi_rpc_message **out,
                                          imi_error *err);
/** The bytes of a kept message; valid until it is destroyed. */
imi_view imi_rpc_message_view(const imi_rpc_message *message);
/** Wipes: messages carry images. */
void imi_rpc_message_destroy(imi_rpc_message **message);
IMI_AUTO_DEFINE(imi_rpc_message, imi_rpc_message_destroy)

/** Go on reading after IMI_RPC_PAUSE. From any thread, at any time: without a pause it does
 *  no harm, and the message being delivered stays untouched. */
void imi_rpc_call_resume(imi_rpc_call *call);
/**
 * Queue a copy of a message.
 *
 * Errors: IMI_E_EXHAUSTED when max_queued_bytes wait already (the client reads too
 *         slowly), IMI_E_CANCELLED when the call is over or finished.
 */
IMI_MUST_USE imi_status imi_rpc_call_send(imi_rpc_call *call, imi_view message, imi_error *err);
/** Send the queue, then end the call well. Later sends and ends do nothing. */
void imi_rpc_call_finish(imi_rpc_call *call);
/** Answer a unary call: send and finish. */
void imi_rpc_call_reply(imi_rpc_call *call, imi_view message);
/**
 * End the call with a failure. The client gets the code, the name of the status, the
 * correlation id, and the message if such a status is public; the log gets everything.
 */
void imi_rpc_call_fail(imi_rpc_call *call, imi_status status, const imi_error *err);
/** Cut the call off at once without flushing, as for a client that does not read. */
void imi_rpc_call_abort(imi_rpc_call *call);

#ifdef __cplusplus
}
#endif
#endif
