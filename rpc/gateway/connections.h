/**
 * Connections and their deadlines: whoever sends a request or takes an answer too slowly is cut
 * off, however steadily the bytes drip.
 *
 * Threads: safe; a connection is added and removed by the thread that serves it.
 */
#ifndef IMI_GATEWAY_CONNECTIONS_H
#define IMI_GATEWAY_CONNECTIONS_H

#include "imi/memory.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct imi_connections imi_connections;
typedef struct imi_connection imi_connection;

/** Starts the thread that watches them. */
IMI_MUST_USE imi_status imi_connections_new(imi_connections **out, imi_error *err);
/** No connection may be left. */
void imi_connections_destroy(imi_connections **connections);
IMI_AUTO_DEFINE(imi_connections, imi_connections_destroy)

/** Watch a socket; NULL without memory. It must not be closed before it is removed. */
imi_connection *imi_connections_add(imi_connections *connections, int fd, int64_t within_ms);
/** Forget it; accepts NULL. */
void imi_connections_remove(imi_connections *connections, imi_connection *connection);
/** Give it so long from now. */
void imi_connections_arm(imi_connections *connections, imi_connection *connection,
                         int64_t within_ms);
/** Whether the other side has closed it. */
bool imi_connection_is_gone(const imi_connection *connection);

#endif
