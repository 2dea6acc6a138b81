/**
 * The one table between imi_status and the status codes of gRPC.
 */
#ifndef IMI_RPC_STATUS_MAP_H
#define IMI_RPC_STATUS_MAP_H

#include "imi/status.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Status codes of gRPC as the wire has them (google.rpc.Code). */
typedef enum imi_rpc_code {
    IMI_RPC_CODE_OK = 0,
    IMI_RPC_CODE_CANCELLED = 1,
    IMI_RPC_CODE_UNKNOWN = 2,
    IMI_RPC_CODE_INVALID_ARGUMENT = 3,
    IMI_RPC_CODE_DEADLINE_EXCEEDED = 4,
    IMI_RPC_CODE_NOT_FOUND = 5,
    IMI_RPC_CODE_ALREADY_EXISTS = 6,
    IMI_RPC_CODE_PERMISSION_DENIED = 7,
    IMI_RPC_CODE_RESOURCE_EXHAUSTED = 8,
    IMI_RPC_CODE_FAILED_PRECONDITION = 9,
    IMI_RPC_CODE_ABORTED = 10,
    IMI_RPC_CODE_OUT_OF_RANGE = 11,
    IMI_RPC_CODE_UNIMPLEMENTED = 12,
    IMI_RPC_CODE_INTERNAL = 13,
    IMI_RPC_CODE_UNAVAILABLE = 14,
    IMI_RPC_CODE_DATA_LOSS = 15,
    IMI_RPC_CODE_UNAUTHENTICATED = 16
} imi_rpc_code;

/** Code for a status; a status that the table lacks gives INTERNAL. */
imi_rpc_code imi_rpc_code_of_status(imi_status status);

/**
 * True when the message of such an error may be shown to the client: it speaks of what
 * the client sent. False for our own failures, whose detail goes to the log alone.
 */
bool imi_rpc_status_is_public(imi_status status);

/**
 * The status behind a code that came from a server. name is imi_status_name as the
 * server sent it beside the code, or NULL; it is believed only if it belongs to the code.
 */
imi_status imi_rpc_status_of_code(imi_rpc_code code, const char *name);

#ifdef __cplusplus
}
#endif
#endif
