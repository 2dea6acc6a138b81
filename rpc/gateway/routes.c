#include "rpc/gateway/routes.h"

#include <string.h>

enum {
    BODY_FRAMES = 1 << 20, /* images */
    BODY_SMALL = 64 << 10,
    DEADLINE_UNARY_MS = 30000,
    DEADLINE_STREAM_MS = 60000
};

#define CALL(service, method)                                                                      \
    {                                                                                              \
        .path = "/imi.v1." service "/" method, .is_call = true, .body_max = BODY_SMALL,            \
        .deadline_ms = DEADLINE_UNARY_MS                                                           \
    }

static const imi_route routes[] = {
    {.path = "/.well-known/jwks.json", .fetch = imi_upstream_fetch_jwks},
    {.path = "/healthz", .fetch = imi_upstream_fetch_health},
    {.path = "/imi.v1.SubjectService/SubmitFrame",
     .is_call = true,
     .body_max = BODY_FRAMES,
     .deadline_ms = DEADLINE_UNARY_MS},
    {.path = "/imi.v1.SubjectService/StreamFrames",
     .is_call = true,
     .is_stream = true,
     .body_max = BODY_FRAMES,
     .deadline_ms = DEADLINE_STREAM_MS},
    {.path = "/imi.v1.SubjectService/FollowSession",
     .is_call = true,
     .body_max = BODY_SMALL,
     .deadline_ms = DEADLINE_STREAM_MS},
    CALL("SubjectService", "Join"),
    CALL("SubjectService", "GiveConsent"),
    CALL("SubjectService", "BeginCapture"),
    CALL("SubjectService", "GetOutcome"),
    CALL("SubjectService", "AnswerAdditionalReference"),
    CALL("HolderService", "GetConsent"),
    CALL("HolderService", "WithdrawConsent"),
    CALL("HolderService", "GetDecisionReceipt"),
    CALL("HolderService", "IssueCredential"),
};

const imi_route *imi_route_find(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(path, routes[i].path) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}
