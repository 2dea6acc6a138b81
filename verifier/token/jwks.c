#include "imi/signer.h"
#include "jwk.h"

#include "verifier/json/json.h"

#include <string.h>

imi_status imi_jwks_render(imi_signer *const *signers, size_t count, imi_buffer *json_out,
                           imi_error *err)
{
    if (count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a key set needs at least one signer");
    }
    IMI_TRY(imi_buffer_append_text(json_out, "{\"keys\":[", err));
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            IMI_TRY(imi_buffer_append_text(json_out, ",", err));
        }
        IMI_TRY(signers[i]->public_jwk(signers[i], json_out, err));
    }
    return imi_buffer_append_text(json_out, "]}", err);
}

static imi_status decode_coordinate(const json_t *jwk, const char *member, uint8_t *out,
                                    imi_error *err)
{
    const char *text = imi_json_text(jwk, member);
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_KEY, "the key has no coordinate %s", member);
    }
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    imi_status status = imi_base64url_decode(imi_view_of_text(text), &bytes, err);
    if (status == IMI_E_INVALID_ARGUMENT ||
        (status == IMI_OK && bytes.size != IMI_P256_COORDINATE_SIZE)) {
        IMI_FAIL(err, IMI_E_KEY, "coordinate %s of the key is not 32 bytes of base64url", member);
    }
    IMI_TRY(status);
    imi_copy(out, bytes.data, bytes.size);
    return IMI_OK;
}

static bool has_text(const json_t *object, const char *member, const char *wanted)
{
    const char *text = imi_json_text(object, member);
    return text != NULL && strcmp(text, wanted) == 0;
}

/* key_ops is optional; if there, it must name "verify" (RFC 7517 section 4.3). */
static bool may_verify(const json_t *jwk)
{
    const json_t *operations = json_object_get(jwk, "key_ops");
    for (size_t i = 0; i < json_array_size(operations); i++) {
        const char *name = json_string_value(json_array_get(operations, i));
        if (name != NULL && strcmp(name, "verify") == 0) {
            return true;
        }
    }
    return operations == NULL;
}

static imi_status check_kind(const json_t *jwk, const char *algorithm, imi_error *err)
{
    if (!has_text(jwk, "kty", "EC")) {
        IMI_FAIL(err, IMI_E_KEY, "the key's kty is not EC");
    }
    if (!has_text(jwk, "crv", "P-256")) {
        IMI_FAIL(err, IMI_E_KEY, "the key's crv is not P-256");
    }
    if (json_object_get(jwk, "alg") != NULL && !has_text(jwk, "alg", algorithm)) {
        IMI_FAIL(err, IMI_E_KEY, "the key's alg is not %s", algorithm);
    }
    if (json_object_get(jwk, "use") != NULL && !has_text(jwk, "use", "sig")) {
        IMI_FAIL(err, IMI_E_KEY, "the key's use is not sig");
    }
    if (!may_verify(jwk)) {
        IMI_FAIL(err, IMI_E_KEY, "the key's key_ops do not allow verify");
    }
    if (json_object_get(jwk, "d") != NULL) {
        IMI_FAIL(err, IMI_E_KEY, "the key set holds a private key: replace that key at once");
    }
    return IMI_OK;
}

static imi_status parse_key(const json_t *jwk, const char *algorithm, EVP_PKEY **out,
                            imi_error *err)
{
    IMI_TRY(check_kind(jwk, algorithm, err));
    uint8_t point[IMI_P256_POINT_SIZE] = {0x04};
    IMI_TRY(decode_coordinate(jwk, "x", point + 1, err));
    IMI_TRY(decode_coordinate(jwk, "y", point + 1 + IMI_P256_COORDINATE_SIZE, err));
    return imi_p256_key_of_point(point, out, err);
}

imi_status imi_jwks_find(imi_view jwks_json, const char *key_id, const char *algorithm,
                         EVP_PKEY **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_JSON set = NULL;
    IMI_TRY(
        imi_json_parse_object(jwks_json, IMI_JWKS_BYTES_MAX, "the key set", IMI_E_KEY, &set, err));
    const json_t *keys = json_object_get(set, "keys");
    if (!json_is_array(keys)) {
        IMI_FAIL(err, IMI_E_KEY, "the key set has no array keys");
    }
    const json_t *found = NULL;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *jwk = json_array_get(keys, i);
        if (has_text(jwk, "kid", key_id)) {
            if (found != NULL) {
                IMI_FAIL(err, IMI_E_KEY, "the key set names one kid twice");
            }
            found = jwk;
        }
    }
    if (found == NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_KEY_UNKNOWN, "no key of the set has the token's kid");
    }
    return parse_key(found, algorithm, out, err);
}
