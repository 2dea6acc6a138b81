#include "jws.h"

#include "jwk.h"
#include "verifier/json/json.h"

#include <string.h>

/* The three parts of a compact JWS, still encoded, and what is signed. */
typedef struct compact_parts {
    imi_view header, payload, signature, signed_text;
} compact_parts;

static imi_status split_compact(imi_view token, compact_parts *out, imi_error *err)
{
    if (token.size == 0 || token.size > IMI_JWS_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a token has 1 to %d bytes", IMI_JWS_BYTES_MAX);
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
    return imi_json_parse_object(imi_buffer_view(&text), IMI_JWS_BYTES_MAX, name,
                                 IMI_E_TOKEN_FORMAT, out, err);
}

/* The header is checked against the expectation; nothing in it chooses how to verify, but the
 * kid, which picks one of the keys that the caller trusts. */
static imi_status check_header(const json_t *header, const char *algorithm, const char *type,
                               const char **kid_out, imi_error *err)
{
    const char *alg = imi_json_text(header, "alg");
    if (alg == NULL || strcmp(alg, algorithm) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_ALGORITHM, "the token's alg is not %s", algorithm);
    }
    const char *typ = imi_json_text(header, "typ");
    if (type != NULL && (typ == NULL || strcmp(typ, type) != 0)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token's typ is not %s", type);
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

imi_status imi_jws_verify(imi_view compact, imi_view jwks_json, const char *algorithm,
                          const char *type, imi_buffer *payload_out, imi_error *err)
{
    compact_parts parts;
    IMI_TRY(split_compact(compact, &parts, err));
    IMI_AUTO_JSON header = NULL;
    IMI_TRY(decode_object(parts.header, "the token's header", &header, err));
    const char *kid = NULL;
    IMI_TRY(check_header(header, algorithm, type, &kid, err));
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(imi_jwks_find(jwks_json, kid, algorithm, &key, err));
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(decode_part(parts.signature, "the token's signature", &signature, err));
    IMI_TRY(imi_es256_verify(key, parts.signed_text, imi_buffer_view(&signature), err));
    /* Only now is the payload worth decoding: it was written by a holder of the key. */
    return decode_part(parts.payload, "the token's payload", payload_out, err);
}
