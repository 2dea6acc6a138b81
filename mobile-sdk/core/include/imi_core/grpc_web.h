/**
 * gRPC-Web framing of unary calls (application/grpc-web+proto).
 *
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */
#ifndef IMI_CORE_GRPC_WEB_H
#define IMI_CORE_GRPC_WEB_H

#include "imi_core/codes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_CORE_GRPC_WEB_HEADER_SIZE = 5,
    IMI_CORE_GRPC_WEB_ANSWER_MAX = 256 * 1024 /* larger answers are malformed */
};

/** A status of gRPC's that no answer holds: there was none. */
#define IMI_CORE_GRPC_NO_STATUS UINT32_MAX

typedef struct imi_core_answer {
    imi_core_view message; /* of the call, if status is 0; borrowed */
    uint32_t status; /* of gRPC, or IMI_CORE_GRPC_NO_STATUS */
} imi_core_answer;

/** The bytes that go before a request of so many bytes. */
IMI_CORE_API void imi_core_grpc_web_header(uint32_t message_size,
                                           uint8_t out[IMI_CORE_GRPC_WEB_HEADER_SIZE]);

/**
 * Take an answer's body apart: at most one message, then trailers.
 *
 * Errors: false if it is not well formed or has no status; out is then empty with
 *         IMI_CORE_GRPC_NO_STATUS.
 */
IMI_CORE_API bool imi_core_grpc_web_parse(imi_core_view body, imi_core_answer *out);

/** What a call's status means for the phone; NONE for 0. */
IMI_CORE_API imi_core_reason imi_core_grpc_reason(uint32_t status);

#ifdef __cplusplus
}
#endif
#endif
