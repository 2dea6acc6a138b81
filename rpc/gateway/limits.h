/**
 * Rate limits by address and by session. Clients are known by a keyed hash alone, whose secret
 * lives as long as the process.
 *
 * Threads: safe.
 */
#ifndef IMI_GATEWAY_LIMITS_H
#define IMI_GATEWAY_LIMITS_H

#include "rpc/gateway/bucket.h"
#include "rpc/gateway/client_address.h"

typedef struct imi_limits imi_limits;

/** Requests per second of one address and of one session; the burst is a few seconds' worth. */
IMI_MUST_USE imi_status imi_limits_new(double per_address, double per_session, imi_limits **out,
                                       imi_error *err);
void imi_limits_destroy(imi_limits **limits);
IMI_AUTO_DEFINE(imi_limits, imi_limits_destroy)

/**
 * Take one request of a client.
 *
 * authorization: as the client sent it, right or wrong; NULL without. The whole of it is the key,
 *                so that nobody who lacks a credential can use up what its holder may do.
 * Returns:       0, or the seconds to wait.
 */
unsigned imi_limits_take(imi_limits *limits, const imi_client_address *client,
                         const char *authorization, int64_t now_ms);

#endif
