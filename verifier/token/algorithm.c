#include "algorithm.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

/* SM2: the user id is the default of GM/T 0009-2012; alg and crv are private names
 * (docs/tokens.md), for IANA has registered none. */
static const imi_algorithm algorithms[] = {
    {"ES256", "EC", "P-256", "EC", "prime256v1", "SHA256", NULL, true},
    {"EdDSA", "OKP", "Ed25519", "ED25519", NULL, NULL, NULL, false},
    {"SM2", "EC", "SM2", "SM2", "SM2", "SM3", "1234567812345678", true},
};

enum { ALGORITHMS = sizeof algorithms / sizeof algorithms[0] };

static bool are_equal(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

const imi_algorithm *imi_algorithm_named(const char *name)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (are_equal(algorithms[i].name, name)) {
            return &algorithms[i];
        }
    }
    return NULL;
}

const imi_algorithm *imi_algorithm_of_curve(const char *key_type, const char *curve)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (are_equal(algorithms[i].key_type, key_type) && are_equal(algorithms[i].curve, curve)) {
            return &algorithms[i];
        }
    }
    return NULL;
}

static bool fits(const imi_algorithm *algorithm, const EVP_PKEY *key)
{
    char group[32] = "";
    size_t size = 0;
    return EVP_PKEY_is_a(key, algorithm->evp_type) == 1 &&
           (algorithm->evp_group == NULL ||
            (EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
             strcmp(group, algorithm->evp_group) == 0));
}

const imi_algorithm *imi_algorithm_of_key(const EVP_PKEY *key)
{
    const imi_algorithm *found = NULL;
    for (size_t i = 0; found == NULL && i < ALGORITHMS; i++) {
        found = fits(&algorithms[i], key) ? &algorithms[i] : NULL;
    }
    ERR_clear_error();
    return found;
}

imi_status imi_algorithm_make_key(const imi_algorithm *algorithm, EVP_PKEY **out, imi_error *err)
{
    /* The curve is read for the type EC alone. */
    *out = EVP_PKEY_Q_keygen(NULL, NULL, algorithm->evp_type, algorithm->evp_group);
    if (*out == NULL) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot make a signing key");
    }
    return IMI_OK;
}

imi_status imi_algorithm_key_of_bytes(const imi_algorithm *algorithm, const imi_public_bytes *bytes,
                                      EVP_PKEY **out, imi_error *err)
{
    *out = NULL;
    size_t wanted = algorithm->is_point ? IMI_POINT_SIZE : IMI_COORDINATE_SIZE;
    if (bytes->size != wanted) {
        IMI_FAIL(err, IMI_E_KEY, "a public key of %s has %zu bytes", algorithm->name, wanted);
    }
    IMI_AUTO_PKEY_CTX context = EVP_PKEY_CTX_new_from_name(NULL, algorithm->evp_type, NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot prepare a public key");
    }
    OSSL_PARAM parameters[3] = {OSSL_PARAM_construct_octet_string(
        OSSL_PKEY_PARAM_PUB_KEY, (void *)bytes->data, bytes->size)};
    parameters[1] = algorithm->evp_group == NULL
                        ? OSSL_PARAM_construct_end()
                        : OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                           (char *)algorithm->evp_group, 0);
    parameters[2] = OSSL_PARAM_construct_end();
    /* Refuses coordinates that are not reduced and points that are not on the curve. */
    if (EVP_PKEY_fromdata(context, out, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        EVP_PKEY_free(IMI_STEAL(out));
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "not a public key on the curve");
    }
    return IMI_OK;
}

static bool read_coordinate(const EVP_PKEY *key, const char *name, uint8_t *out)
{
    BIGNUM *number = NULL;
    bool done = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
                BN_bn2binpad(number, out, IMI_COORDINATE_SIZE) == IMI_COORDINATE_SIZE;
    BN_free(number);
    return done;
}

imi_status imi_algorithm_bytes_of_key(const imi_algorithm *algorithm, const EVP_PKEY *key,
                                      imi_public_bytes *out, imi_error *err)
{
    *out = (imi_public_bytes){.size = algorithm->is_point ? IMI_POINT_SIZE : IMI_COORDINATE_SIZE};
    bool done = false;
    if (algorithm->is_point) {
        out->data[0] = 0x04;
        done = read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, out->data + 1) &&
               read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, out->data + 1 + IMI_COORDINATE_SIZE);
    } else {
        size_t size = out->size;
        done = EVP_PKEY_get_raw_public_key(key, out->data, &size) == 1 && size == out->size;
    }
    if (!done) {
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "the key has no public part");
    }
    return IMI_OK;
}
