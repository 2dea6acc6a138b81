/*
 * gRPC's C core (surface API of 1.51) as this folder uses it: nothing outside includes it.
 * What was measured of it and is relied on here:
 *   - one completion queue per thread, so that a call's events stay on one thread;
 *   - a method that is not registered hangs unless a generic request is pending as well;
 *   - the size limit is applied after inflation, so compression is switched off;
 *   - without ALLOW_REUSEPORT 0 a second server shares the port silently;
 *   - a connection ends its GOAWAY only when the client has answered a ping, and clients that
 *     poll for their calls alone, as ours, do not while they are idle: stopping cuts them off;
 *   - RECV_CLOSE can complete before an outstanding RECV_MESSAGE or SEND: closed() waits
 *     for all of them;
 *   - the library does not survive fork.
 */
#ifndef IMI_RPC_TRANSPORT_LIBRARY_H
#define IMI_RPC_TRANSPORT_LIBRARY_H

#include "imi/bytes.h"

#include <grpc/grpc.h>

/** The trailer that names a call's imi_status. */
#define IMI_GRPC_STATUS_TRAILER "imi-status"

enum { IMI_GRPC_MESSAGE_BYTES = 4 << 20 /* a message may have, unless options say otherwise */ };

/* gRPC hands a tag from one thread to another under locks that TSan cannot see. */
#ifdef __SANITIZE_THREAD__
void __tsan_release(void *address);
void __tsan_acquire(void *address);
#define IMI_GRPC_HAND_OVER(tag) __tsan_release(tag)
#define IMI_GRPC_TAKE_OVER(tag) __tsan_acquire(tag)
#else
#define IMI_GRPC_HAND_OVER(tag) (void)(tag)
#define IMI_GRPC_TAKE_OVER(tag) (void)(tag)
#endif

/** Whether this is a forked child, in which the threads behind gRPC do not exist. */
bool imi_grpc_is_forked(void);
/** Fails in a forked child, which would wait for ever. */
IMI_MUST_USE imi_status imi_grpc_refuse_forked(imi_error *err);

/** Counted: as many stops as starts. */
IMI_MUST_USE imi_status imi_grpc_start(imi_error *err);
void imi_grpc_stop(void);

/** A PEM file as text that ends in NUL. */
IMI_MUST_USE imi_status imi_grpc_read_pem(const char *path, imi_buffer *out, imi_error *err);

/** Arguments of servers and channels. */
grpc_arg imi_grpc_integer_arg(const char *key, int value);
size_t imi_grpc_or_default(size_t value, size_t standard);

#endif
