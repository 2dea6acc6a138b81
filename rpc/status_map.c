#include "rpc/status_map.h"

#include <stddef.h>
#include <string.h>

typedef struct mapping {
    imi_status status;
    imi_rpc_code code;
    bool is_public;
} mapping;

/* The first row of a code is what a client without the name gets back. */
static const mapping table[] = {
    {IMI_OK, IMI_RPC_CODE_OK, true},
    {IMI_E_CANCELLED, IMI_RPC_CODE_CANCELLED, true},
    {IMI_E_INVALID_ARGUMENT, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_RPC_MESSAGE, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_IMAGE_EMPTY, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_IMAGE_FORMAT, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_IMAGE_CORRUPT, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_IMAGE_TOO_LARGE, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_IMAGE_TOO_SMALL, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TEMPLATE_FORMAT, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_POLICY_UNKNOWN_PURPOSE, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_FRAME_CHAIN, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_FORMAT, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_ALGORITHM, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_KEY_UNKNOWN, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_SIGNATURE, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_EXPIRED, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_NOT_YET_VALID, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_CLAIM, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_REVOKED, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_TOKEN_SUSPENDED, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_DEADLINE, IMI_RPC_CODE_DEADLINE_EXCEEDED, true},
    {IMI_E_NOT_FOUND, IMI_RPC_CODE_NOT_FOUND, true},
    {IMI_E_PERMISSION, IMI_RPC_CODE_PERMISSION_DENIED, true},
    {IMI_E_EXHAUSTED, IMI_RPC_CODE_RESOURCE_EXHAUSTED, true},
    {IMI_E_NO_MEMORY, IMI_RPC_CODE_RESOURCE_EXHAUSTED, false},
    {IMI_E_CONFLICT, IMI_RPC_CODE_FAILED_PRECONDITION, true},
    {IMI_E_SESSION_EXPIRED, IMI_RPC_CODE_FAILED_PRECONDITION, true},
    {IMI_E_SESSION_STATE, IMI_RPC_CODE_FAILED_PRECONDITION, true},
    {IMI_E_CONSENT_REQUIRED, IMI_RPC_CODE_FAILED_PRECONDITION, true},
    {IMI_E_UNSUPPORTED, IMI_RPC_CODE_UNIMPLEMENTED, true},
    {IMI_E_INTERNAL, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_OVERFLOW, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_IO, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MODEL_MISSING, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MODEL_DIGEST, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MODEL_LOAD, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MODEL_RUN, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MODEL_MISMATCH, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_MANIFEST, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_CALIBRATION, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_POLICY, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_KEY, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_CRYPTO, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_STORE_IO, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_STORE_SCHEMA, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_LEDGER_FORMAT, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_LEDGER_LOG, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_LEDGER_SIGNATURE, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_LEDGER_PROOF, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_LEDGER_EVENT, IMI_RPC_CODE_INTERNAL, false},
    {IMI_E_CREDENTIAL_DISCLOSURE, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_CREDENTIAL_UNBOUND, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_CREDENTIAL_HOLDER, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_CREDENTIAL_REPLAYED, IMI_RPC_CODE_INVALID_ARGUMENT, true},
    {IMI_E_RPC_UNAVAILABLE, IMI_RPC_CODE_UNAVAILABLE, true},
    {IMI_E_FRAME_EARLY, IMI_RPC_CODE_UNAVAILABLE, true},
    {IMI_E_STORE_BUSY, IMI_RPC_CODE_UNAVAILABLE, false},
    {IMI_E_LEDGER_WITNESS, IMI_RPC_CODE_UNAVAILABLE, true}, /* soon there may be enough */
    {IMI_E_STORE_CORRUPT, IMI_RPC_CODE_DATA_LOSS, false},
    {IMI_E_LEDGER_REWRITTEN, IMI_RPC_CODE_DATA_LOSS, false},
    {IMI_E_UNAUTHENTICATED, IMI_RPC_CODE_UNAUTHENTICATED, true},
};

enum { ROWS = sizeof table / sizeof table[0] };

static const mapping *find(imi_status status)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].status == status) {
            return &table[i];
        }
    }
    return NULL;
}

imi_rpc_code imi_rpc_code_of_status(imi_status status)
{
    const mapping *row = find(status);
    return row == NULL ? IMI_RPC_CODE_INTERNAL : row->code;
}

bool imi_rpc_status_is_public(imi_status status)
{
    const mapping *row = find(status);
    return row != NULL && row->is_public;
}

imi_status imi_rpc_status_of_code(imi_rpc_code code, const char *name)
{
    imi_status first = IMI_OK;
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].code != code) {
            continue;
        }
        if (name != NULL && strcmp(imi_status_name(table[i].status), name) == 0) {
            return table[i].status;
        }
        if (first == IMI_OK) {
            first = table[i].status;
        }
    }
    /* A code of no row (UNKNOWN, ABORTED...) is a failure like any other, never success. */
    return first == IMI_OK && code != IMI_RPC_CODE_OK ? IMI_E_INTERNAL : first;
}
