/**
 * grpc.health.v1: whether each service can take calls.
 */
#ifndef IMI_RPC_HANDLE_HEALTH_H
#define IMI_RPC_HANDLE_HEALTH_H

#include "rpc/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_health imi_health;

/**
 * Know the given services (their names are borrowed) and the server as a whole, "". All
 * begin as NOT_SERVING, and turn so again when the server drains.
 *
 * Threads: all functions are safe.
 */
IMI_MUST_USE imi_status imi_health_new(const imi_rpc_service *services, size_t count,
                                       imi_health **out, imi_error *err);
/** After the server that serves it. */
void imi_health_destroy(imi_health **health);
IMI_AUTO_DEFINE(imi_health, imi_health_destroy)

/** State of one service ("" for the server); NULL for all. Watchers are told. No effect once
 *  the server drains. */
void imi_health_set(imi_health *health, const char *service, bool is_serving);

/** What to register with the server; user is the health object. */
imi_rpc_service imi_health_service(imi_health *health);

#ifdef __cplusplus
}
#endif
#endif
