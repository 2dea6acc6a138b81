#include "jwk.h"

#include "imi/crypto.h"

#include <string.h>

enum { COORDINATE_TEXT_SIZE = 44 };

typedef struct coordinates {
    char x[COORDINATE_TEXT_SIZE], y[COORDINATE_TEXT_SIZE]; /* y "" where there is none */
} coordinates;

void imi_jwk_clean_up(imi_jwk *jwk)
{
    EVP_MD_CTX_free(jwk->verifier);
    *jwk = (imi_jwk){0};
}

/* base64url of 32 bytes as a C string. */
static imi_status encode_32(const uint8_t *bytes, char out[COORDINATE_TEXT_SIZE], imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){bytes, IMI_COORDINATE_SIZE}, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    imi_copy_text(out, COORDINATE_TEXT_SIZE, (const char *)text.data);
    return IMI_OK;
}

static imi_status encode(const imi_algorithm *algorithm, const imi_public_bytes *bytes,
                         coordinates *out, imi_error *err)
{
    *out = (coordinates){0};
    if (!algorithm->is_point) {
        return encode_32(bytes->data, out->x, err);
    }
    IMI_TRY(encode_32(bytes->data + 1, out->x, err));
    return encode_32(bytes->data + 1 + IMI_COORDINATE_SIZE, out->y, err);
}

imi_status imi_jwk_thumbprint_of_bytes(const imi_algorithm *algorithm,
                                       const imi_public_bytes *bytes, char out[IMI_KEY_ID_SIZE],
                                       imi_error *err)
{
    out[0] = '\0';
    coordinates at;
    IMI_TRY(encode(algorithm, bytes, &at, err));
    /* Required members alone, in the order of their names, without white space. */
    IMI_AUTO_BUFFER members = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&members, err, "{\"crv\":\"%s\",\"kty\":\"%s\",\"x\":\"%s\"",
                              algorithm->curve, algorithm->key_type, at.x));
    if (algorithm->is_point) {
        IMI_TRY(imi_buffer_printf(&members, err, ",\"y\":\"%s\"", at.y));
    }
    IMI_TRY(imi_buffer_append_text(&members, "}", err));
    uint8_t digest[IMI_SHA256_SIZE];
    IMI_TRY(imi_sha256(imi_buffer_view(&members), digest, err));
    char text[COORDINATE_TEXT_SIZE];
    IMI_TRY(encode_32(digest, text, err));
    imi_copy_text(out, IMI_KEY_ID_SIZE, text);
    return IMI_OK;
}

imi_status imi_jwk_render(const imi_algorithm *algorithm, const imi_public_bytes *bytes,
                          const char *key_id, imi_buffer *json_out, imi_error *err)
{
    coordinates at;
    IMI_TRY(encode(algorithm, bytes, &at, err));
    /* Nothing of this needs escaping: names of the table and base64url. */
    IMI_TRY(imi_buffer_printf(json_out, err, "{\"kty\":\"%s\",\"crv\":\"%s\",\"x\":\"%s\"",
                              algorithm->key_type, algorithm->curve, at.x));
    if (algorithm->is_point) {
        IMI_TRY(imi_buffer_printf(json_out, err, ",\"y\":\"%s\"", at.y));
    }
    return imi_buffer_printf(json_out, err, ",\"kid\":\"%s\",\"alg\":\"%s\",\"use\":\"sig\"}",
                             key_id, algorithm->name);
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
        (status == IMI_OK && bytes.size != IMI_COORDINATE_SIZE)) {
        IMI_FAIL(err, IMI_E_KEY, "coordinate %s of the key is not 32 bytes of base64url", member);
    }
    IMI_TRY(status);
    imi_copy(out, bytes.data, bytes.size);
    return IMI_OK;
}

static imi_status read_bytes(const json_t *jwk, const imi_algorithm *algorithm,
                             imi_public_bytes *out, imi_error *err)
{
    *out = (imi_public_bytes){.size = IMI_COORDINATE_SIZE};
    if (!algorithm->is_point) {
        return decode_coordinate(jwk, "x", out->data, err);
    }
    out->size = IMI_POINT_SIZE;
    out->data[0] = 0x04;
    IMI_TRY(decode_coordinate(jwk, "x", out->data + 1, err));
    return decode_coordinate(jwk, "y", out->data + 1 + IMI_COORDINATE_SIZE, err);
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

static imi_status check_use(const json_t *jwk, const char *algorithm, imi_error *err)
{
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

imi_status imi_jwk_read(const json_t *object, imi_jwk *out, imi_error *err)
{
    *out = (imi_jwk){0};
    const imi_algorithm *algorithm =
        imi_algorithm_of_curve(imi_json_text(object, "kty"), imi_json_text(object, "crv"));
    if (algorithm == NULL) {
        return IMI_OK;
    }
    IMI_TRY(check_use(object, algorithm->name, err));
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(read_bytes(object, algorithm, &out->bytes, err));
    IMI_TRY(imi_algorithm_key_of_bytes(algorithm, &out->bytes, &key, err));
    IMI_TRY(imi_algorithm_prepare_to_verify(algorithm, key, &out->verifier, err));
    out->algorithm = algorithm;
    return IMI_OK;
}

imi_status imi_jwk_thumbprint(imi_view jwk_json, char out[IMI_KEY_ID_SIZE], imi_error *err)
{
    out[0] = '\0';
    IMI_AUTO_JSON object = NULL;
    IMI_TRY(
        imi_json_parse_object(jwk_json, IMI_JWKS_BYTES_MAX, "the key", IMI_E_KEY, &object, err));
    IMI_AUTO_JWK jwk = {0};
    IMI_TRY(imi_jwk_read(object, &jwk, err));
    if (jwk.algorithm == NULL) {
        IMI_FAIL(err, IMI_E_KEY, "the key is of a kind that is not supported");
    }
    return imi_jwk_thumbprint_of_bytes(jwk.algorithm, &jwk.bytes, out, err);
}
