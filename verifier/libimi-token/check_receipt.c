/* Receipts of the public log, against the token that they are about. */
#include "internal.h"

#include "verifier/json/json.h"

#include <string.h>

static bool says(const json_t *event, const char *member, const char *wanted)
{
    const char *text = imi_json_text(event, member);
    return text != NULL && wanted[0] != '\0' && strcmp(text, wanted) == 0;
}

static imitoken_code check_subject(const json_t *event, const imitoken_claims *claims,
                                   imitoken_error *err)
{
    if (!says(event, "sid", claims->session_id) || !says(event, "purpose", claims->purpose)) {
        return imitoken_fail(err, IMITOKEN_E_RECEIPT_OTHER, "the receipt is of another session");
    }
    if (says(event, "kind", "consent")) {
        return IMITOKEN_OK;
    }
    if (!says(event, "kind", "decision")) {
        return imitoken_fail(err, IMITOKEN_E_RECEIPT_OTHER,
                             "the receipt is of neither a decision nor a consent");
    }
    if (!says(event, "tok", claims->token_id) || !says(event, "decision", "VERIFIED")) {
        return imitoken_fail(err, IMITOKEN_E_RECEIPT_OTHER,
                             "the receipt is of another decision than the token");
    }
    return IMITOKEN_OK;
}

static imitoken_code read_event(const json_t *event, imitoken_receipt *out, imitoken_error *err)
{
    const char *kind = imi_json_text(event, "kind");
    const char *outcome = imi_json_text(event, strcmp(kind, "consent") == 0 ? "state" : "decision");
    const json_t *at = json_object_get(event, "at_ms");
    if (outcome == NULL || !json_is_integer(at) ||
        !imi_copy_text(out->outcome, sizeof out->outcome, outcome)) {
        return imitoken_fail(err, IMITOKEN_E_RECEIPT_FORMAT, "the receipt's event is malformed");
    }
    imi_copy_text(out->kind, sizeof out->kind, kind);
    out->at_ms = json_integer_value(at);
    return IMITOKEN_OK;
}

static imitoken_code check(const imitoken_checker *checker, imi_view receipt,
                           const imitoken_claims *claims, imitoken_receipt *out,
                           imitoken_error *err)
{
    imi_ledger_trust trust = {&checker->log, checker->witnesses, checker->witness_count,
                              checker->witnesses_needed};
    imi_error cause = IMI_ERROR_INIT;
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    imi_status status = imi_receipt_verify(receipt, &trust, &facts, &cause);
    IMITOKEN_TRY(imitoken_fail_as(err, status, &cause));
    IMI_AUTO_JSON event = NULL;
    status = imi_json_parse_object(imi_buffer_view(&facts.event), IMI_LEDGER_EVENT_MAX, "the event",
                                   IMI_E_LEDGER_FORMAT, &event, &cause);
    IMITOKEN_TRY(imitoken_fail_as(err, status, &cause));
    IMITOKEN_TRY(check_subject(event, claims, err));
    IMITOKEN_TRY(read_event(event, out, err));
    out->index = facts.index;
    out->log_size = facts.checkpoint.size;
    out->witnesses = facts.cosigned;
    return IMITOKEN_OK;
}

imitoken_code imitoken_check_receipt(imitoken_checker *checker, const char *receipt, size_t size,
                                     const imitoken_claims *claims, imitoken_receipt *out,
                                     imitoken_error *err)
{
    if (!IMITOKEN_FITS(out)) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "self_size of the receipt is not set");
    }
    IMITOKEN_CLEAR(out);
    if (checker == NULL || receipt == NULL || !IMITOKEN_FITS(claims) || !checker->has_log) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT,
                             "checker, its log_key, receipt or claims are missing");
    }
    imi_view bytes = {(const uint8_t *)receipt, size};
    return check(checker, bytes, claims, out, err);
}
