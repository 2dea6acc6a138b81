#include "imi/token.h"

#include "algorithm.h"
#include "claims.h"
#include "imi/jws.h"
#include "status_claim.h"
#include "times.h"
#include "verification.h"
#include "verifier/json/reader.h"

#include <string.h>

/* Names and values. The largest token of ours, with all evidence and claims, has some 160. */
enum { PAYLOAD_NODES_MAX = 512 };

static imi_status read_text(const imi_json_node *payload, const imi_text_claim *claim,
                            imi_token_claims *out, imi_error *err)
{
    const imi_json_node *value = imi_json_member(payload, claim->member);
    if ((value != NULL || claim->required) &&
        !imi_json_copy_text(value, imi_text_claim_of(out, claim), IMI_TOKEN_TEXT_MAX)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is missing, not text or too long",
                 claim->member);
    }
    return IMI_OK;
}

/* aud is one text or a list of them (RFC 7519 section 4.1.3); a list must hold the audience. */
static imi_status read_audience(const imi_json_node *payload, const char *audience,
                                imi_token_claims *out, imi_error *err)
{
    const imi_json_node *value = imi_json_member(payload, "aud");
    bool is_list = imi_json_is(value, IMI_JSON_ARRAY);
    bool found = imi_json_says(value, audience);
    const imi_json_node *text = is_list ? imi_json_first(value) : NULL;
    for (; text != NULL; text = imi_json_next(value, text)) {
        if (!imi_json_is(text, IMI_JSON_TEXT)) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim aud holds something that is not text");
        }
        found = found || imi_json_says(text, audience);
    }
    if (!found) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token is for another audience");
    }
    imi_copy_text(out->audience, sizeof out->audience, audience);
    return IMI_OK;
}

/* ["face","liveness"] as "face liveness". */
static imi_status read_methods(const imi_json_node *payload, imi_token_claims *out, imi_error *err)
{
    const imi_json_node *list = imi_json_member(payload, "amr");
    const imi_json_node *word = imi_json_is(list, IMI_JSON_ARRAY) ? imi_json_first(list) : NULL;
    size_t size = 0;
    for (; word != NULL; word = imi_json_next(list, word)) {
        if (size > 0 && size + 1 < sizeof out->methods) {
            out->methods[size++] = ' ';
        }
        char *start = out->methods + size;
        if (!imi_json_copy_text(word, start, sizeof out->methods - size) ||
            strchr(start, ' ') != NULL) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim amr holds something that is not a word");
        }
        size += strlen(start);
    }
    if (size == 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim amr is missing or not a list");
    }
    return IMI_OK;
}

static imi_status check_times(const imi_json_node *payload,
                              const imi_token_expectation *expectation, imi_token_claims *out,
                              imi_error *err)
{
    imi_token_times times;
    IMI_TRY(imi_token_times_read(payload, &times, err));
    imi_token_clock clock = {expectation->now_s, expectation->leeway_s};
    IMI_TRY(imi_token_times_hold(&times, clock, err));
    out->issued_at_s = times.issued_s;
    out->not_before_s = times.not_before_s;
    out->expires_at_s = times.expires_s;
    return IMI_OK;
}

/* A confirmation that we cannot check must not pass for none. */
static imi_status read_confirmation(const imi_json_node *value, imi_token_claims *out,
                                    imi_error *err)
{
    if (!imi_json_copy_text(imi_json_member(value, "jkt"), out->confirmation,
                            sizeof out->confirmation) ||
        strlen(out->confirmation) != IMI_THUMBPRINT_LENGTH) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim cnf holds no thumbprint jkt");
    }
    return IMI_OK;
}

/* What a token need not say. */
static imi_status read_options(const imi_json_node *payload, imi_token_claims *out, imi_error *err)
{
    const imi_json_node *confirmation = imi_json_member(payload, "cnf");
    const imi_json_node *verified = imi_json_member(payload, "verified_claims");
    if (confirmation != NULL) {
        IMI_TRY(read_confirmation(confirmation, out, err));
    }
    IMI_TRY(imi_status_claim_read(payload, out->status_uri, &out->status_index, err));
    return verified == NULL ? IMI_OK : imi_verification_read(verified, &out->verification, err);
}

static imi_status read_target(const imi_json_node *payload, imi_token_claims *out, imi_error *err)
{
    double target = 0;
    if (!imi_json_real(imi_json_member(payload, "imi_target_fmr"), &target) ||
        !(target > 0 && target <= 1)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim imi_target_fmr is missing or not in (0, 1]");
    }
    out->target_fmr = target;
    return IMI_OK;
}

static imi_status check_payload(const imi_json_node *payload,
                                const imi_token_expectation *expectation, imi_token_claims *out,
                                imi_error *err)
{
    for (size_t i = 0; i < IMI_TEXT_CLAIMS; i++) {
        if (strcmp(imi_text_claims[i].member, "aud") != 0) {
            IMI_TRY(read_text(payload, &imi_text_claims[i], out, err));
        }
    }
    if (strcmp(out->issuer, expectation->issuer) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token is from another issuer");
    }
    IMI_TRY(read_audience(payload, expectation->audience, out, err));
    if (expectation->nonce != NULL && strcmp(out->nonce, expectation->nonce) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token's nonce is not the one expected");
    }
    IMI_TRY(read_methods(payload, out, err));
    IMI_TRY(read_target(payload, out, err));
    IMI_TRY(read_options(payload, out, err));
    return check_times(payload, expectation, out, err);
}

static bool is_usable_text(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) < IMI_TOKEN_TEXT_MAX;
}

static imi_status check_expectation(const imi_token_expectation *expectation, imi_error *err)
{
    if (imi_algorithm_named(expectation->algorithm) == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the algorithm expected is not supported");
    }
    if (!is_usable_text(expectation->issuer) || !is_usable_text(expectation->audience)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "issuer and audience must be expected");
    }
    /* An empty nonce would accept a token that has none. */
    if (expectation->nonce != NULL && expectation->nonce[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an expected nonce is not empty");
    }
    imi_token_clock clock = {expectation->now_s, expectation->leeway_s};
    return imi_token_clock_check(clock, err);
}

/* Verified claims, which are most of it, have a count. */
static void empty(imi_token_claims *claims)
{
    memset(claims, 0, offsetof(imi_token_claims, verification.claims));
}

static imi_status verify(imi_view token, const imi_key_set *keys,
                         const imi_token_expectation *expectation, imi_token_claims *out,
                         imi_error *err)
{
    IMI_TRY(check_expectation(expectation, err));
    imi_jws_expectation form = {expectation->algorithm, IMI_TOKEN_TYPE, IMI_TOKEN_BYTES_MAX};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_jws_verify(token, keys, &form, &text, err));
    imi_json_node payload[PAYLOAD_NODES_MAX];
    IMI_TRY(imi_json_read_object(imi_buffer_view(&text), "the token's payload", IMI_E_TOKEN_FORMAT,
                                 payload, PAYLOAD_NODES_MAX, err));
    empty(out);
    return check_payload(payload, expectation, out, err);
}

imi_status imi_token_verify_by_keys(imi_view token, const imi_key_set *keys,
                                    const imi_token_expectation *expectation, imi_token_claims *out,
                                    imi_error *err)
{
    imi_status status = verify(token, keys, expectation, out, err);
    if (status != IMI_OK) {
        *out = (imi_token_claims){0};
    }
    return status;
}

imi_status imi_token_verify(imi_view token, imi_view jwks_json,
                            const imi_token_expectation *expectation, imi_token_claims *out,
                            imi_error *err)
{
    *out = (imi_token_claims){0};
    IMI_AUTO(imi_key_set) keys = NULL;
    IMI_TRY(imi_key_set_parse(jwks_json, &keys, err));
    return imi_token_verify_by_keys(token, keys, expectation, out, err);
}
