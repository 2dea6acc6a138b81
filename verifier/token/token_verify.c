#include "imi/token.h"

#include "algorithm.h"
#include "claims.h"
#include "imi/jws.h"
#include "status_claim.h"
#include "times.h"
#include "verification.h"
#include "verifier/json/json.h"

#include <string.h>

static imi_status read_text(const json_t *payload, const imi_text_claim *claim,
                            imi_token_claims *out, imi_error *err)
{
    const json_t *value = json_object_get(payload, claim->member);
    if (value == NULL && !claim->required) {
        return IMI_OK;
    }
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0') {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is missing or not text", claim->member);
    }
    if (!imi_copy_text(imi_text_claim_of(out, claim), IMI_TOKEN_TEXT_MAX, text)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is too long", claim->member);
    }
    return IMI_OK;
}

/* aud is one text or a list of them (RFC 7519 section 4.1.3); a list must hold the audience. */
static imi_status read_audience(const json_t *payload, const char *audience, imi_token_claims *out,
                                imi_error *err)
{
    const json_t *value = json_object_get(payload, "aud");
    bool found = json_is_string(value) && strcmp(json_string_value(value), audience) == 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        if (text == NULL) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim aud holds something that is not text");
        }
        found = found || strcmp(text, audience) == 0;
    }
    if (!found) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token is for another audience");
    }
    imi_copy_text(out->audience, sizeof out->audience, audience);
    return IMI_OK;
}

/* ["face","liveness"] as "face liveness". */
static imi_status read_methods(const json_t *payload, imi_token_claims *out, imi_error *err)
{
    const json_t *list = json_object_get(payload, "amr");
    size_t size = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (word == NULL || word[0] == '\0' || strchr(word, ' ') != NULL) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim amr holds something that is not a word");
        }
        if (i > 0 && size + 1 < sizeof out->methods) {
            out->methods[size++] = ' ';
        }
        if (!imi_copy_text(out->methods + size, sizeof out->methods - size, word)) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim amr is too long");
        }
        size += strlen(word);
    }
    if (size == 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim amr is missing or not a list");
    }
    return IMI_OK;
}

static imi_status check_times(const json_t *payload, const imi_token_expectation *expectation,
                              imi_token_claims *out, imi_error *err)
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
static imi_status read_confirmation(const json_t *value, imi_token_claims *out, imi_error *err)
{
    const char *thumbprint = imi_json_text(value, "jkt");
    if (thumbprint == NULL || strlen(thumbprint) != IMI_THUMBPRINT_LENGTH) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim cnf holds no thumbprint jkt");
    }
    imi_copy_text(out->confirmation, sizeof out->confirmation, thumbprint);
    return IMI_OK;
}

/* What a token need not say. */
static imi_status read_options(const json_t *payload, imi_token_claims *out, imi_error *err)
{
    const json_t *confirmation = json_object_get(payload, "cnf");
    const json_t *verified = json_object_get(payload, "verified_claims");
    if (confirmation != NULL) {
        IMI_TRY(read_confirmation(confirmation, out, err));
    }
    IMI_TRY(imi_status_claim_read(payload, out->status_uri, &out->status_index, err));
    return verified == NULL ? IMI_OK : imi_verification_read(verified, &out->verification, err);
}

static imi_status read_target(const json_t *payload, imi_token_claims *out, imi_error *err)
{
    const json_t *value = json_object_get(payload, "imi_target_fmr");
    double target = json_is_number(value) ? json_number_value(value) : 0;
    if (!(target > 0 && target <= 1)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim imi_target_fmr is missing or not in (0, 1]");
    }
    out->target_fmr = target;
    return IMI_OK;
}

static imi_status check_payload(const json_t *payload, const imi_token_expectation *expectation,
                                imi_token_claims *out, imi_error *err)
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

imi_status imi_token_verify_by_keys(imi_view token, const imi_key_set *keys,
                                    const imi_token_expectation *expectation, imi_token_claims *out,
                                    imi_error *err)
{
    *out = (imi_token_claims){0};
    IMI_TRY(check_expectation(expectation, err));
    imi_jws_expectation form = {expectation->algorithm, IMI_TOKEN_TYPE, IMI_TOKEN_BYTES_MAX};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_jws_verify(token, keys, &form, &text, err));
    IMI_AUTO_JSON payload = NULL;
    IMI_TRY(imi_json_parse_object(imi_buffer_view(&text), IMI_TOKEN_BYTES_MAX,
                                  "the token's payload", IMI_E_TOKEN_FORMAT, &payload, err));
    imi_status status = check_payload(payload, expectation, out, err);
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
