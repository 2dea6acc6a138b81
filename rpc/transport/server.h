/** The server's parts, as the files of this folder share them. */
#ifndef IMI_RPC_TRANSPORT_SERVER_H
#define IMI_RPC_TRANSPORT_SERVER_H

#include "rpc/transport.h"
#include "rpc/transport/library.h"

#include <grpc/grpc_security.h>
#include <pthread.h>
#include <stdatomic.h>

enum { IMI_GRPC_THREADS_MAX = 64 };

/** What gRPC gives back when something has happened. */
typedef struct imi_grpc_tag {
    void (*run)(void *self, bool ok);
    void *self;
} imi_grpc_tag;

typedef struct imi_grpc_queued {
    struct imi_grpc_queued *next;
    grpc_byte_buffer *buffer;
    size_t size;
} imi_grpc_queued;

/** A method as the server knows it; the last one of a server stands for all unknown ones. */
typedef struct imi_grpc_route {
    const imi_rpc_service *service;
    const imi_rpc_method *method;
    void *registration; /* NULL: the generic request */
} imi_grpc_route;

/** A thread and its queue. */
typedef struct imi_grpc_worker {
    imi_rpc_server *server;
    grpc_completion_queue *queue;
    pthread_t thread;
    bool thread_started;
    atomic_size_t *pending; /* requests waiting for a call, per route */
    atomic_bool is_starved; /* memory ran out while asking for calls: try again */
} imi_grpc_worker;

struct imi_rpc_server {
    imi_rpc_server_options options;
    grpc_server *grpc;
    imi_grpc_worker workers[IMI_GRPC_THREADS_MAX];
    imi_rpc_service *services; /* what options.services points to */
    imi_grpc_route *routes;
    size_t route_count;
    int port;
    uint64_t id_seed;
    atomic_uint_fast64_t id_next;
    atomic_size_t live_calls;
    atomic_size_t holds; /* call objects, those included that still wait for a client */
    atomic_bool is_stopping;
    imi_grpc_tag on_stopped;

    pthread_mutex_t mutex; /* guards everything below, and holds against lost wake-ups */
    pthread_cond_t changed;
    bool is_drained, has_stopped;
    imi_rpc_call *waiting; /* calls to be ended when it drains */
};

struct imi_rpc_call {
    imi_grpc_worker *worker;
    const imi_grpc_route *route;
    const imi_rpc_method *method;
    grpc_call *grpc;
    void *state;
    imi_rpc_message *delivering; /* only while the message callback runs */
    imi_rpc_call *next_waiting, **waiting_link; /* the server's mutex guards them; NULL: not in */
    bool is_counted;
    char id[17];
    atomic_size_t references;
    imi_grpc_tag on_accepted, on_received, on_sent, on_ended;

    /* Filled by gRPC before the event that announces them. */
    grpc_metadata_array metadata;
    grpc_call_details details;
    gpr_timespec deadline;
    grpc_byte_buffer *received;
    int was_cancelled;

    pthread_mutex_t mutex; /* guards everything below */
    imi_grpc_queued *first_queued, **last_queued;
    size_t queued_bytes;
    imi_grpc_queued *flying;
    bool metadata_sent, status_sent, is_sending, is_receiving, no_more_messages;
    bool is_finishing, is_over, is_closed;
    grpc_status_code code;
    grpc_slice status_text;
    grpc_metadata trailers[2];
    size_t trailer_count;
};

/* ---- call.c ---- */

/**
 * While held, the server and its queues stay: gRPC aborts when a call whose event was still
 * waiting in a queue is started after the queue's shutdown.
 */
void imi_grpc_hold_server(imi_rpc_server *server);
void imi_grpc_let_server_go(imi_rpc_server *server);

/** A call object of its own that waits for a client, with one reference; NULL without memory. */
imi_rpc_call *imi_grpc_call_new(imi_grpc_worker *w, const imi_grpc_route *r,
                                void (*accepted)(void *self, bool ok));
/** As imi_rpc_call_release, for those who keep their own pointer. */
void imi_grpc_release(imi_rpc_call *call);
/** Be told when the client has gone or the call has ended. */
void imi_grpc_watch_end(imi_rpc_call *call);
bool imi_grpc_is_ending(imi_rpc_call *call);
/** Give a message to the handler. Consumes the buffer. */
imi_rpc_flow imi_grpc_deliver(imi_rpc_call *call, grpc_byte_buffer *buffer);
/** Hand over to gRPC what can be sent now. The call's mutex is held. */
void imi_grpc_flush(imi_rpc_call *call);
void imi_grpc_destroy_queued(imi_grpc_queued **message);

/* ---- accept.c ---- */

/** Takes the place of the handler for calls that are refused. */
extern const imi_rpc_method imi_grpc_refusing_method;

void imi_grpc_request_all_calls(imi_grpc_worker *w);
/** Again, for what had no memory. */
void imi_grpc_request_missing_calls(imi_grpc_worker *w);

/* ---- drain.c ---- */

/** From now on the drain ends the call; false if the server has drained. */
bool imi_grpc_remember_waiting(imi_rpc_call *call);
/** The server's mutex is held. */
void imi_grpc_forget_waiting(imi_rpc_call *call);
void imi_grpc_end_for_drain(imi_rpc_call *call);

/* ---- server_options.c ---- */

imi_rpc_server_options imi_grpc_server_defaults(const imi_rpc_server_options *given);
IMI_MUST_USE imi_status imi_grpc_check_server_options(const imi_rpc_server_options *o,
                                                      imi_error *err);
/** The caller's to release. */
IMI_MUST_USE imi_status imi_grpc_server_credentials(const imi_rpc_server_options *o,
                                                    grpc_server_credentials **out, imi_error *err);
grpc_server *imi_grpc_server_create(const imi_rpc_server_options *o);

#endif
