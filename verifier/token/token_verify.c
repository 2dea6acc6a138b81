#include "imi/token.h"

#include "claims.h"
#include "json.h"
#include "jwk.h"

#include <string.h>

enum { LEEWAY_MAX_S = 300 };

/* The three parts of a compact JWS, still encoded, and what is signed. */
typedef struct compact_parts {
    imi_view header, payload, signature, signed_text;
} compact_parts;

static imi_status split_compact(imi_view token, compact_parts *out, imi_error *err)
{
    if (token.size == 0 || token.size > IMI_TOKEN_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a token has 1 to %d bytes", IMI_TOKEN_BYTES_MAX);
    }
    const uint8_t *end = token.data + token.size;
    const uint8_t *first = memchr(token.data, '.', token.size);
    const uint8_t *second =
        first == NULL ? NULL : memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a token has three parts joined by dots");
    }
    out->header = (imi_view){token.data, (size_t)(first - token.data)};
    out->payload = (imi_view){first + 1, (size_t)(second - first - 1)};
    out->signature = (imi_view){second + 1, (size_t)(end - second - 1)};
    out->signed_text = (imi_view){token.data, (size_t)(second - token.data)};
    return IMI_OK;
}

static imi_status decode_part(imi_view part, const char *name, imi_buffer *out, imi_error *err)
{
    imi_status status = imi_base64url_decode(part, out, err);
    if (status == IMI_E_INVALID_ARGUMENT || (status == IMI_OK && out->size == 0)) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "%s is empty or not strict base64url", name);
    }
    return status;
}

static imi_status decode_object(imi_view part, const char *name, json_t **out, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(decode_part(part, name, &text, err));
    return imi_json_parse_object(imi_buffer_view(&text), IMI_TOKEN_BYTES_MAX, name,
                                 IMI_E_TOKEN_FORMAT, out, err);
}

/* The header is checked against the expectation; nothing in it chooses how to verify, but the
 * kid, which picks one of the keys that the caller trusts. */
static imi_status check_header(const json_t *header, const char *algorithm, const char **kid_out,
                               imi_error *err)
{
    const char *alg = imi_json_text(header, "alg");
    if (alg == NULL || strcmp(alg, algorithm) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_ALGORITHM, "the token's alg is not %s", algorithm);
    }
    const char *typ = imi_json_text(header, "typ");
    if (typ == NULL || strcmp(typ, IMI_TOKEN_TYPE) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token's typ is not %s", IMI_TOKEN_TYPE);
    }
    if (json_object_get(header, "crit") != NULL || json_object_get(header, "b64") != NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "the token demands extensions that are not supported");
    }
    *kid_out = imi_json_text(header, "kid");
    if (*kid_out == NULL || (*kid_out)[0] == '\0') {
        IMI_FAIL(err, IMI_E_TOKEN_KEY_UNKNOWN, "the token names no kid");
    }
    return IMI_OK;
}

static imi_status check_signature(const compact_parts *parts, imi_view jwks_json,
                                  const char *algorithm, imi_error *err)
{
    IMI_AUTO_JSON header = NULL;
    IMI_TRY(decode_object(parts->header, "the token's header", &header, err));
    const char *kid = NULL;
    IMI_TRY(check_header(header, algorithm, &kid, err));
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(imi_jwks_find(jwks_json, kid, algorithm, &key, err));
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(decode_part(parts->signature, "the token's signature", &signature, err));
    return imi_es256_verify(key, parts->signed_text, imi_buffer_view(&signature), err);
}

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

static imi_status read_time(const json_t *payload, const char *member, int64_t *out, imi_error *err)
{
    const json_t *value = json_object_get(payload, member);
    /* Bounded so that adding a leeway cannot overflow; the year 10000 is far enough. */
    if (!json_is_integer(value) || json_integer_value(value) <= 0 ||
        json_integer_value(value) > 253402300800) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is missing or not a time", member);
    }
    *out = json_integer_value(value);
    return IMI_OK;
}

static imi_status check_times(const json_t *payload, const imi_token_expectation *expectation,
                              imi_token_claims *out, imi_error *err)
{
    IMI_TRY(read_time(payload, "iat", &out->issued_at_s, err));
    IMI_TRY(read_time(payload, "exp", &out->expires_at_s, err));
    if (out->expires_at_s <= out->issued_at_s) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim exp is not after iat");
    }
    int64_t not_before = out->issued_at_s;
    if (json_object_get(payload, "nbf") != NULL) {
        IMI_TRY(read_time(payload, "nbf", &not_before, err));
    }
    int64_t latest_start = not_before > out->issued_at_s ? not_before : out->issued_at_s;
    if (latest_start > expectation->now_s + expectation->leeway_s) {
        IMI_FAIL(err, IMI_E_TOKEN_NOT_YET_VALID, "the token is not valid yet: check the clocks");
    }
    if (out->expires_at_s <= expectation->now_s - expectation->leeway_s) {
        IMI_FAIL(err, IMI_E_TOKEN_EXPIRED, "the token has expired");
    }
    return IMI_OK;
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
    return check_times(payload, expectation, out, err);
}

static bool is_usable_text(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) < IMI_TOKEN_TEXT_MAX;
}

static imi_status check_expectation(const imi_token_expectation *expectation, imi_error *err)
{
    if (expectation->algorithm == NULL || strcmp(expectation->algorithm, "ES256") != 0) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the only algorithm supported is ES256");
    }
    if (!is_usable_text(expectation->issuer) || !is_usable_text(expectation->audience)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "issuer and audience must be expected");
    }
    /* An empty nonce would accept a token that has none. */
    if (expectation->nonce != NULL && expectation->nonce[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an expected nonce is not empty");
    }
    if (expectation->now_s <= 0 || expectation->now_s > 253402300800) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "now_s is not a time");
    }
    if (expectation->leeway_s < 0 || expectation->leeway_s > LEEWAY_MAX_S) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "leeway_s is not in 0 to %d", LEEWAY_MAX_S);
    }
    return IMI_OK;
}

imi_status imi_token_verify(imi_view token, imi_view jwks_json,
                            const imi_token_expectation *expectation, imi_token_claims *out,
                            imi_error *err)
{
    *out = (imi_token_claims){0};
    IMI_TRY(check_expectation(expectation, err));
    compact_parts parts;
    IMI_TRY(split_compact(token, &parts, err));
    IMI_TRY(check_signature(&parts, jwks_json, expectation->algorithm, err));
    /* Only now is the payload worth parsing: it was written by a holder of the key. */
    IMI_AUTO_JSON payload = NULL;
    IMI_TRY(decode_object(parts.payload, "the token's payload", &payload, err));
    imi_token_claims claims = {0};
    IMI_TRY(check_payload(payload, expectation, &claims, err));
    *out = claims;
    return IMI_OK;
}
