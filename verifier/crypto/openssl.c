#include "openssl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

imi_status imi_crypto_error_set(imi_error *err, imi_status status, const char *file, int line,
                                const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    /* Memory is reported as such whatever was being done, so that callers may retry. */
    if (code != 0 && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        status = IMI_E_NO_MEMORY;
    }
    ERR_clear_error();
    return imi_error_set(err, status, (int64_t)code, file, line, "%s%s%s", what,
                         reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
}

bool imi_key_is_p256(const EVP_PKEY *key)
{
    char group[32] = "";
    size_t size = 0;
    bool known = EVP_PKEY_is_a(key, "EC") == 1 &&
                 EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1;
    ERR_clear_error();
    return known && strcmp(group, "prime256v1") == 0;
}

imi_status imi_p256_key_of_point(const uint8_t point[IMI_P256_POINT_SIZE], EVP_PKEY **out,
                                 imi_error *err)
{
    *out = NULL;
    IMI_AUTO_PKEY_CTX context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot prepare a public key");
    }
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group - 1),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, IMI_P256_POINT_SIZE),
        OSSL_PARAM_END,
    };
    /* Refuses coordinates that are not reduced and points that are not on the curve. */
    if (EVP_PKEY_fromdata(context, out, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        EVP_PKEY_free(IMI_STEAL(out));
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "not a point on the curve P-256");
    }
    return IMI_OK;
}

imi_status imi_p256_point_of_key(const EVP_PKEY *key, uint8_t point_out[IMI_P256_POINT_SIZE],
                                 imi_error *err)
{
    uint8_t x[IMI_P256_COORDINATE_SIZE], y[IMI_P256_COORDINATE_SIZE];
    BIGNUM *x_number = NULL, *y_number = NULL;
    bool done = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x_number) == 1 &&
                EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y_number) == 1 &&
                BN_bn2binpad(x_number, x, sizeof x) == (int)sizeof x &&
                BN_bn2binpad(y_number, y, sizeof y) == (int)sizeof y;
    BN_free(x_number);
    BN_free(y_number);
    if (!done) {
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "the key has no point on P-256");
    }
    point_out[0] = 0x04;
    imi_copy(point_out + 1, x, sizeof x);
    imi_copy(point_out + 1 + sizeof x, y, sizeof y);
    return IMI_OK;
}
