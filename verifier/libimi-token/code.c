/* Results: names, advice, and what the layers below call them. */
#include "internal.h"

#include <stdio.h>

typedef struct code_text {
    imitoken_code code;
    const char *name, *advice;
} code_text;

static const code_text texts[] = {
    {IMITOKEN_OK, "ok", "Nothing is wrong."},
    {IMITOKEN_E_ARGUMENT, "argument", "Correct the call: it is a defect of the program."},
    {IMITOKEN_E_NO_MEMORY, "no_memory", "Refuse for now, and try again when there is memory."},
    {IMITOKEN_E_INTERNAL, "internal", "Refuse, and report it as a defect of the library."},
    {IMITOKEN_E_SPACE, "space", "Give as many bytes as the presentation has."},
    {IMITOKEN_E_UNSUPPORTED, "unsupported", "Choose ES256, EdDSA or SM2 in the options."},
    {IMITOKEN_E_KEYS_UNAVAILABLE, "keys_unavailable",
     "Refuse for now; see that the address of the key set can be reached."},
    {IMITOKEN_E_KEYS, "keys", "Refuse; compare the key set with the one that the issuer serves."},
    {IMITOKEN_E_KEY_UNKNOWN, "key_unknown",
     "Refuse; it was signed by a key that the issuer does not have, or has no more."},
    {IMITOKEN_E_FORMAT, "format", "Refuse; see that it arrived whole and unchanged."},
    {IMITOKEN_E_ALGORITHM, "algorithm",
     "Refuse; see that the options name the algorithm that was agreed with the issuer."},
    {IMITOKEN_E_SIGNATURE, "signature", "Refuse; it was changed, or forged."},
    {IMITOKEN_E_EXPIRED, "expired", "Refuse; have the person verified again."},
    {IMITOKEN_E_NOT_YET_VALID, "not_yet_valid", "Refuse; see that this machine's clock is right."},
    {IMITOKEN_E_CLAIM, "claim", "Refuse; see that issuer and audience in the options are right."},
    {IMITOKEN_E_NONCE, "nonce", "Refuse; it was made for another request."},
    {IMITOKEN_E_PURPOSE, "purpose", "Refuse; it was made for another purpose."},
    {IMITOKEN_E_REVOKED, "revoked", "Refuse; it was revoked for good."},
    {IMITOKEN_E_SUSPENDED, "suspended", "Refuse for now; it may be reinstated."},
    {IMITOKEN_E_STATUS_UNAVAILABLE, "status_unavailable",
     "Refuse for now; see that the status list can be reached."},
    {IMITOKEN_E_STATUS_MISSING, "status_missing",
     "Refuse, or do not set status_required if the issuer serves no status lists."},
    {IMITOKEN_E_RECEIPT_FORMAT, "receipt_format", "Ask GetReceipt again."},
    {IMITOKEN_E_RECEIPT_LOG, "receipt_log", "See that log_key is the key of the issuer's log."},
    {IMITOKEN_E_RECEIPT_SIGNATURE, "receipt_signature", "Do not believe it; it was changed."},
    {IMITOKEN_E_RECEIPT_PROOF, "receipt_proof", "Do not believe it; the entry is not in the log."},
    {IMITOKEN_E_RECEIPT_EVENT, "receipt_event", "Do not believe it; the event was changed."},
    {IMITOKEN_E_RECEIPT_WITNESSES, "receipt_witnesses",
     "Ask GetReceipt again in some seconds, when more witnesses have cosigned."},
    {IMITOKEN_E_RECEIPT_OTHER, "receipt_other", "Ask GetReceipt for the session of this token."},
    {IMITOKEN_E_DISCLOSURE, "disclosure", "Refuse; it discloses what the issuer did not sign."},
    {IMITOKEN_E_UNBOUND, "unbound", "Refuse; ask for a presentation with key binding."},
    {IMITOKEN_E_HOLDER, "holder", "Refuse; who presents it does not have the holder's key."},
    {IMITOKEN_E_REPLAYED, "replayed", "Refuse; it was presented for another request."},
};

static const code_text *text_of(imitoken_code code)
{
    static const code_text unknown = {IMITOKEN_E_INTERNAL, "unknown", "Refuse."};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].code == code) {
            return &texts[i];
        }
    }
    return &unknown;
}

const char *imitoken_code_name(imitoken_code code)
{
    return text_of(code)->name;
}

const char *imitoken_code_advice(imitoken_code code)
{
    return text_of(code)->advice;
}

const char *imitoken_version(void)
{
    return IMITOKEN_VERSION;
}

imitoken_code imitoken_code_of(imi_status status)
{
    static const struct {
        imi_status status;
        imitoken_code code;
    } pairs[] = {
        {IMI_OK, IMITOKEN_OK},
        {IMI_E_INVALID_ARGUMENT, IMITOKEN_E_ARGUMENT},
        {IMI_E_NO_MEMORY, IMITOKEN_E_NO_MEMORY},
        {IMI_E_UNSUPPORTED, IMITOKEN_E_UNSUPPORTED},
        {IMI_E_KEY, IMITOKEN_E_KEYS},
        {IMI_E_TOKEN_KEY_UNKNOWN, IMITOKEN_E_KEY_UNKNOWN},
        {IMI_E_TOKEN_FORMAT, IMITOKEN_E_FORMAT},
        {IMI_E_TOKEN_ALGORITHM, IMITOKEN_E_ALGORITHM},
        {IMI_E_TOKEN_SIGNATURE, IMITOKEN_E_SIGNATURE},
        {IMI_E_TOKEN_EXPIRED, IMITOKEN_E_EXPIRED},
        {IMI_E_TOKEN_NOT_YET_VALID, IMITOKEN_E_NOT_YET_VALID},
        {IMI_E_TOKEN_CLAIM, IMITOKEN_E_CLAIM},
        {IMI_E_LEDGER_FORMAT, IMITOKEN_E_RECEIPT_FORMAT},
        {IMI_E_LEDGER_LOG, IMITOKEN_E_RECEIPT_LOG},
        {IMI_E_LEDGER_SIGNATURE, IMITOKEN_E_RECEIPT_SIGNATURE},
        {IMI_E_LEDGER_PROOF, IMITOKEN_E_RECEIPT_PROOF},
        {IMI_E_LEDGER_WITNESS, IMITOKEN_E_RECEIPT_WITNESSES},
        {IMI_E_LEDGER_EVENT, IMITOKEN_E_RECEIPT_EVENT},
        {IMI_E_CREDENTIAL_DISCLOSURE, IMITOKEN_E_DISCLOSURE},
        {IMI_E_CREDENTIAL_UNBOUND, IMITOKEN_E_UNBOUND},
        {IMI_E_CREDENTIAL_HOLDER, IMITOKEN_E_HOLDER},
        {IMI_E_CREDENTIAL_REPLAYED, IMITOKEN_E_REPLAYED},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].status == status) {
            return pairs[i].code;
        }
    }
    return IMITOKEN_E_INTERNAL;
}

imitoken_code imitoken_fail(imitoken_error *err, imitoken_code code, const char *what)
{
    if (err != NULL) {
        err->code = code;
        snprintf(err->text, sizeof err->text, "%s. %s", what, imitoken_code_advice(code));
    }
    return code;
}

imitoken_code imitoken_fail_as(imitoken_error *err, imi_status status, const imi_error *cause)
{
    return status == IMI_OK ? IMITOKEN_OK
                            : imitoken_fail(err, imitoken_code_of(status), cause->message);
}
