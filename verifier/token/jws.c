#include "imi/jws.h"

#include "imi/token.h"
#include "jwk.h"
#include "verifier/json/reader.h"

#include <string.h>

enum { HEADER_NODES_MAX = 128 }; /* names and values; ours has six */

imi_status imi_jws_split(imi_view compact, size_t bytes_max, imi_jws_parts *out, imi_error *err)
{
    *out = (imi_jws_parts){0};
    if (bytes_max == 0 || bytes_max > IMI_JWS_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "bytes_max is not in 1 to %d", IMI_JWS_BYTES_MAX);
    }
    if (compact.size == 0 || compact.size > bytes_max) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a token has 1 to %zu bytes", bytes_max);
    }
    const uint8_t *end = compact.data + compact.size;
    const uint8_t *first = memchr(compact.data, '.', compact.size);
    const uint8_t *second =
        first == NULL ? NULL : memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a token has three parts joined by dots");
    }
    out->header = (imi_view){compact.data, (size_t)(first - compact.data)};
    out->payload = (imi_view){first + 1, (size_t)(second - first - 1)};
    out->signature = (imi_view){second + 1, (size_t)(end - second - 1)};
    out->signed_text = (imi_view){compact.data, (size_t)(second - compact.data)};
    return IMI_OK;
}

static imi_status decode_part(imi_view part, const char *name, imi_buffer *out, imi_error *err)
{
    imi_status status = imi_base64url_decode(part, out, err);
    if (status == IMI_E_INVALID_ARGUMENT || (status == IMI_OK && part.size == 0)) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "%s is empty or not strict base64url", name);
    }
    return status;
}

/* The header is checked against the expectation; nothing in it chooses how to verify. */
static imi_status check_header(const imi_json_node *header, const imi_jws_expectation *expectation,
                               imi_error *err)
{
    if (!imi_json_says(imi_json_member(header, "alg"), expectation->algorithm)) {
        IMI_FAIL(err, IMI_E_TOKEN_ALGORITHM, "the token's alg is not %s", expectation->algorithm);
    }
    if (expectation->type != NULL &&
        !imi_json_says(imi_json_member(header, "typ"), expectation->type)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the token's typ is not %s", expectation->type);
    }
    if (imi_json_member(header, "crit") != NULL || imi_json_member(header, "b64") != NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "the token demands extensions that are not supported");
    }
    return IMI_OK;
}

/* A signature whose header fits, before any key is involved. */
typedef struct opened {
    const imi_algorithm *algorithm;
    imi_jws_parts parts;
    char key_id[IMI_TOKEN_TEXT_MAX]; /* kid; "" if there is none, or one longer than any of ours */
} opened;

static imi_status open_header(imi_view part, const imi_jws_expectation *expectation, opened *out,
                              imi_error *err)
{
    imi_json_node header[HEADER_NODES_MAX];
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(decode_part(part, "the token's header", &text, err));
    IMI_TRY(imi_json_read_object(imi_buffer_view(&text), "the token's header", IMI_E_TOKEN_FORMAT,
                                 header, HEADER_NODES_MAX, err));
    IMI_TRY(check_header(header, expectation, err));
    imi_json_copy_text(imi_json_member(header, "kid"), out->key_id, sizeof out->key_id);
    return IMI_OK;
}

static imi_status open_signature(imi_view compact, const imi_jws_expectation *expectation,
                                 opened *out, imi_error *err)
{
    out->algorithm = imi_algorithm_named(expectation->algorithm);
    if (out->algorithm == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the algorithm expected is not supported");
    }
    IMI_TRY(imi_jws_split(compact, expectation->bytes_max, &out->parts, err));
    return open_header(out->parts.header, expectation, out, err);
}

static imi_status check_signature(const opened *self, const EVP_MD_CTX *verifier,
                                  imi_buffer *payload_out, imi_error *err)
{
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(decode_part(self->parts.signature, "the token's signature", &signature, err));
    IMI_TRY(imi_algorithm_verify(self->algorithm, verifier, self->parts.signed_text,
                                 imi_buffer_view(&signature), err));
    /* Only now is the payload worth decoding: it was written by a holder of the key. */
    return decode_part(self->parts.payload, "the token's payload", payload_out, err);
}

imi_status imi_jws_verify(imi_view compact, const imi_key_set *keys,
                          const imi_jws_expectation *expectation, imi_buffer *payload_out,
                          imi_error *err)
{
    opened self;
    IMI_TRY(open_signature(compact, expectation, &self, err));
    /* The kid picks one of the keys that the caller trusts, and nothing else. */
    if (self.key_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_TOKEN_KEY_UNKNOWN, "the token names no kid");
    }
    const EVP_MD_CTX *verifier = NULL;
    IMI_TRY(imi_key_set_find(keys, self.key_id, self.algorithm, &verifier, err));
    return check_signature(&self, verifier, payload_out, err);
}

imi_status imi_jws_verify_by_jwk(imi_view compact, imi_view jwk_json,
                                 const imi_jws_expectation *expectation, imi_buffer *payload_out,
                                 imi_error *err)
{
    opened self;
    IMI_TRY(open_signature(compact, expectation, &self, err));
    IMI_AUTO_JSON object = NULL;
    IMI_TRY(
        imi_json_parse_object(jwk_json, IMI_JWKS_BYTES_MAX, "the key", IMI_E_KEY, &object, err));
    IMI_AUTO_JWK jwk = {0};
    IMI_TRY(imi_jwk_read(object, &jwk, err));
    if (jwk.algorithm != self.algorithm) {
        IMI_FAIL(err, IMI_E_KEY, "the key's kty and crv are not those of %s", self.algorithm->name);
    }
    return check_signature(&self, jwk.verifier, payload_out, err);
}
