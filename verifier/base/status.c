#include "imi/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

typedef struct status_name {
    imi_status status;
    const char *name;
} status_name;

static const status_name names[] = {
    {IMI_OK, "ok"},
    {IMI_E_INVALID_ARGUMENT, "invalid_argument"},
    {IMI_E_NO_MEMORY, "no_memory"},
    {IMI_E_OVERFLOW, "overflow"},
    {IMI_E_IO, "io"},
    {IMI_E_NOT_FOUND, "not_found"},
    {IMI_E_EXHAUSTED, "exhausted"},
    {IMI_E_CANCELLED, "cancelled"},
    {IMI_E_DEADLINE, "deadline"},
    {IMI_E_INTERNAL, "internal"},
    {IMI_E_UNSUPPORTED, "unsupported"},
    {IMI_E_PERMISSION, "permission"},
    {IMI_E_CONFLICT, "conflict"},
    {IMI_E_UNAUTHENTICATED, "unauthenticated"},
    {IMI_E_IMAGE_EMPTY, "image_empty"},
    {IMI_E_IMAGE_FORMAT, "image_format"},
    {IMI_E_IMAGE_CORRUPT, "image_corrupt"},
    {IMI_E_IMAGE_TOO_LARGE, "image_too_large"},
    {IMI_E_IMAGE_TOO_SMALL, "image_too_small"},
    {IMI_E_MODEL_MISSING, "model_missing"},
    {IMI_E_MODEL_DIGEST, "model_digest"},
    {IMI_E_MODEL_LOAD, "model_load"},
    {IMI_E_MODEL_RUN, "model_run"},
    {IMI_E_MODEL_MISMATCH, "model_mismatch"},
    {IMI_E_MANIFEST, "manifest"},
    {IMI_E_CALIBRATION, "calibration"},
    {IMI_E_TEMPLATE_FORMAT, "template_format"},
    {IMI_E_POLICY, "policy"},
    {IMI_E_POLICY_UNKNOWN_PURPOSE, "policy_unknown_purpose"},
    {IMI_E_TOKEN_FORMAT, "token_format"},
    {IMI_E_TOKEN_ALGORITHM, "token_algorithm"},
    {IMI_E_TOKEN_KEY_UNKNOWN, "token_key_unknown"},
    {IMI_E_TOKEN_SIGNATURE, "token_signature"},
    {IMI_E_TOKEN_EXPIRED, "token_expired"},
    {IMI_E_TOKEN_NOT_YET_VALID, "token_not_yet_valid"},
    {IMI_E_TOKEN_CLAIM, "token_claim"},
    {IMI_E_KEY, "key"},
    {IMI_E_CRYPTO, "crypto"},
    {IMI_E_TOKEN_REVOKED, "token_revoked"},
    {IMI_E_TOKEN_SUSPENDED, "token_suspended"},
    {IMI_E_STORE_BUSY, "store_busy"},
    {IMI_E_STORE_CORRUPT, "store_corrupt"},
    {IMI_E_STORE_IO, "store_io"},
    {IMI_E_STORE_SCHEMA, "store_schema"},
    {IMI_E_SESSION_EXPIRED, "session_expired"},
    {IMI_E_SESSION_STATE, "session_state"},
    {IMI_E_FRAME_CHAIN, "frame_chain"},
    {IMI_E_CONSENT_REQUIRED, "consent_required"},
    {IMI_E_FRAME_EARLY, "frame_early"},
    {IMI_E_RPC_MESSAGE, "rpc_message"},
    {IMI_E_RPC_UNAVAILABLE, "rpc_unavailable"},
    {IMI_E_LEDGER_FORMAT, "ledger_format"},
    {IMI_E_LEDGER_LOG, "ledger_log"},
    {IMI_E_LEDGER_SIGNATURE, "ledger_signature"},
    {IMI_E_LEDGER_PROOF, "ledger_proof"},
    {IMI_E_LEDGER_WITNESS, "ledger_witness"},
    {IMI_E_LEDGER_EVENT, "ledger_event"},
    {IMI_E_LEDGER_REWRITTEN, "ledger_rewritten"},
    {IMI_E_CREDENTIAL_DISCLOSURE, "credential_disclosure"},
    {IMI_E_CREDENTIAL_UNBOUND, "credential_unbound"},
    {IMI_E_CREDENTIAL_HOLDER, "credential_holder"},
    {IMI_E_CREDENTIAL_REPLAYED, "credential_replayed"},
};

const char *imi_status_name(imi_status status)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return "unknown";
}

imi_status imi_error_set(imi_error *err, imi_status status, int64_t foreign_code, const char *file,
                         int line, const char *format, ...)
{
    if (err == NULL) {
        return status;
    }
    err->status = status;
    err->foreign_code = foreign_code;
    err->file = file;
    err->line = line;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return status;
}
