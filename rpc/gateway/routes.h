/**
 * What the gateway serves: documents that imid is asked for, and the methods that a phone may
 * call. Everything else that imid can do is out of reach from here.
 */
#ifndef IMI_GATEWAY_ROUTES_H
#define IMI_GATEWAY_ROUTES_H

#include "rpc/gateway/upstream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A path. Exactly one of fetch and is_call. Static storage. */
typedef struct imi_route {
    const char *path;
    imi_upstream_fetch fetch; /* the document is imid's answer */
    bool is_call; /* a method of gRPC */
    bool is_stream; /* of several messages either way; all of the client's in one body */
    size_t body_max; /* bytes of a request as they come */
    int64_t deadline_ms; /* longest that a call may take */
} imi_route;

/** NULL: it is none of them. */
const imi_route *imi_route_find(const char *path);

#endif
