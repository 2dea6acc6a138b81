#include "jwk.h"

#include "imi/crypto.h"
#include "verifier/json/json.h"

#include <stdio.h>

enum { COORDINATE_TEXT_SIZE = 44 };

/* base64url of 32 bytes as a C string. */
static imi_status encode_32(const uint8_t *bytes, char out[COORDINATE_TEXT_SIZE], imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){bytes, IMI_P256_COORDINATE_SIZE}, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    imi_copy_text(out, COORDINATE_TEXT_SIZE, (const char *)text.data);
    return IMI_OK;
}

static imi_status encode_point(const uint8_t point[IMI_P256_POINT_SIZE],
                               char x[COORDINATE_TEXT_SIZE], char y[COORDINATE_TEXT_SIZE],
                               imi_error *err)
{
    IMI_TRY(encode_32(point + 1, x, err));
    return encode_32(point + 1 + IMI_P256_COORDINATE_SIZE, y, err);
}

imi_status imi_jwk_thumbprint(const uint8_t point[IMI_P256_POINT_SIZE], char out[IMI_KEY_ID_SIZE],
                              imi_error *err)
{
    out[0] = '\0';
    char x[COORDINATE_TEXT_SIZE], y[COORDINATE_TEXT_SIZE];
    IMI_TRY(encode_point(point, x, y, err));
    /* Required members alone, in the order of their names, without white space. */
    char members[192];
    int size = snprintf(members, sizeof members,
                        "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    uint8_t digest[32];
    IMI_TRY(imi_sha256((imi_view){(uint8_t *)members, (size_t)size}, digest, err));
    char text[COORDINATE_TEXT_SIZE];
    IMI_TRY(encode_32(digest, text, err));
    imi_copy_text(out, IMI_KEY_ID_SIZE, text);
    return IMI_OK;
}

imi_status imi_jwk_render(const uint8_t point[IMI_P256_POINT_SIZE], const char *key_id,
                          imi_buffer *json_out, imi_error *err)
{
    char x[COORDINATE_TEXT_SIZE], y[COORDINATE_TEXT_SIZE];
    IMI_TRY(encode_point(point, x, y, err));
    IMI_AUTO_JSON jwk =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "kty", "EC", "crv", "P-256", "x", x, "y",
                  y, "kid", key_id, "alg", "ES256", "use", "sig");
    return imi_json_render(jwk, json_out, err);
}
