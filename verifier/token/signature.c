/* Signing and checking by the table of algorithms. */
#include "algorithm.h"

#include <openssl/err.h>
#include <string.h>

enum { DER_SIGNATURE_MAX = 72 };

typedef int (*start_function)(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *,
                              const char *, EVP_PKEY *, const OSSL_PARAM *);

static imi_status prepare(const imi_algorithm *algorithm, start_function begin, EVP_PKEY *key,
                          EVP_MD_CTX **out, imi_error *err)
{
    *out = NULL;
    EVP_PKEY_CTX *detail = NULL; /* belongs to context */
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    if (context == NULL || begin(context, &detail, algorithm->digest, NULL, NULL, key, NULL) != 1 ||
        (algorithm->user_id != NULL &&
         EVP_PKEY_CTX_set1_id(detail, algorithm->user_id, (int)strlen(algorithm->user_id)) != 1)) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot prepare a signature");
    }
    *out = IMI_STEAL(&context);
    return IMI_OK;
}

imi_status imi_algorithm_prepare_to_sign(const imi_algorithm *algorithm, EVP_PKEY *key,
                                         EVP_MD_CTX **out, imi_error *err)
{
    return prepare(algorithm, EVP_DigestSignInit_ex, key, out, err);
}

imi_status imi_algorithm_prepare_to_verify(const imi_algorithm *algorithm, EVP_PKEY *key,
                                           EVP_MD_CTX **out, imi_error *err)
{
    return prepare(algorithm, EVP_DigestVerifyInit_ex, key, out, err);
}

static imi_status copy_prepared(const EVP_MD_CTX *prepared, EVP_MD_CTX *out, imi_error *err)
{
    if (out == NULL || EVP_MD_CTX_copy_ex(out, prepared) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "no memory for a signature");
    }
    return IMI_OK;
}

/* r||s of a DER signature (RFC 7518 section 3.4). */
static imi_status split_signature(const uint8_t *der, size_t size, uint8_t out[IMI_SIGNATURE_SIZE],
                                  imi_error *err)
{
    IMI_AUTO_ECDSA_SIG parsed = d2i_ECDSA_SIG(NULL, &der, (long)size);
    if (parsed == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(parsed), out, 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed), out + 32, 32) != 32) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "the signature just made cannot be read");
    }
    return IMI_OK;
}

imi_status imi_algorithm_sign(const imi_algorithm *algorithm, const EVP_MD_CTX *prepared,
                              imi_view message, imi_buffer *signature_out, imi_error *err)
{
    uint8_t raw[DER_SIGNATURE_MAX], joined[IMI_SIGNATURE_SIZE];
    size_t size = sizeof raw;
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    IMI_TRY(copy_prepared(prepared, context, err));
    if (EVP_DigestSign(context, raw, &size, message.data, message.size) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "signing failed");
    }
    if (!algorithm->is_point) {
        return imi_buffer_append(signature_out, (imi_view){raw, size}, err);
    }
    IMI_TRY(split_signature(raw, size, joined, err));
    return imi_buffer_append(signature_out, (imi_view){joined, sizeof joined}, err);
}

/* DER of r||s into out, which holds DER_SIGNATURE_MAX bytes. */
static imi_status join_signature(imi_view signature, uint8_t *out, size_t *size_out, imi_error *err)
{
    IMI_AUTO_ECDSA_SIG parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature.data, 32, NULL);
    BIGNUM *s = BN_bin2bn(signature.data + 32, 32, NULL);
    if (parts == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(parts, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        IMI_CRYPTO_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signature");
    }
    int size = i2d_ECDSA_SIG(parts, &out);
    if (size <= 0) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "the signature cannot be encoded");
    }
    *size_out = (size_t)size;
    return IMI_OK;
}

imi_status imi_algorithm_verify(const imi_algorithm *algorithm, const EVP_MD_CTX *prepared,
                                imi_view message, imi_view signature, imi_error *err)
{
    if (signature.size != IMI_SIGNATURE_SIZE) {
        IMI_FAIL(err, IMI_E_TOKEN_SIGNATURE, "a signature by %s has %d bytes, not %zu",
                 algorithm->name, IMI_SIGNATURE_SIZE, signature.size);
    }
    uint8_t der[DER_SIGNATURE_MAX];
    imi_view raw = signature;
    if (algorithm->is_point) {
        raw = (imi_view){der, 0};
        IMI_TRY(join_signature(signature, der, &raw.size, err));
    }
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    IMI_TRY(copy_prepared(prepared, context, err));
    /* 1 alone is a valid signature: 0 and negative numbers are both refusals. */
    if (EVP_DigestVerify(context, raw.data, raw.size, message.data, message.size) != 1) {
        ERR_clear_error();
        IMI_FAIL(err, IMI_E_TOKEN_SIGNATURE, "the signature does not match");
    }
    return IMI_OK;
}
