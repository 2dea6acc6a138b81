/**
 * imid, as the gateway reaches it: several connections, so that many calls fit, and the
 * documents that it is asked for.
 *
 * Threads: safe.
 */
#ifndef IMI_GATEWAY_UPSTREAM_H
#define IMI_GATEWAY_UPSTREAM_H

#include "imi/status.h"
#include "rpc/client.h"
#include "rpc/gateway/document.h"

typedef struct imi_upstream imi_upstream;

/** Errors: IMI_E_IO when the CA cannot be read. imid need not be there yet. */
IMI_MUST_USE imi_status imi_upstream_new(const char *server, const char *ca_file,
                                         imi_upstream **out, imi_error *err);
/** No call may be left. */
void imi_upstream_destroy(imi_upstream **upstream);
IMI_AUTO_DEFINE(imi_upstream, imi_upstream_destroy)

/** A channel for the next call; the upstream's. */
imi_rpc_channel *imi_upstream_channel(imi_upstream *upstream);

/** Asks imid for a document. */
typedef imi_status (*imi_upstream_fetch)(imi_upstream *upstream, const char *request_id,
                                         imi_document *out, imi_error *err);
/** Public keys for checking tokens (RFC 7517). */
IMI_MUST_USE imi_status imi_upstream_fetch_jwks(imi_upstream *upstream, const char *request_id,
                                                imi_document *out, imi_error *err);
/** 200 while imid serves, 503 while it drains. */
IMI_MUST_USE imi_status imi_upstream_fetch_health(imi_upstream *upstream, const char *request_id,
                                                  imi_document *out, imi_error *err);

#endif
