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
    /* Used up by one signature, so that OpenSSL need not copy it again. */
    EVP_MD_CTX_set_flags(out, EVP_MD_CTX_FLAG_FINALISE);
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

/* INTEGER of DER: the number without zeros in front, but for one that keeps it positive. */
static size_t write_integer(const uint8_t number[IMI_COORDINATE_SIZE], uint8_t *out)
{
    size_t zeros = 0;
    while (zeros < IMI_COORDINATE_SIZE - 1 && number[zeros] == 0) {
        zeros++;
    }
    size_t padding = number[zeros] >> 7, size = IMI_COORDINATE_SIZE - zeros;
    out[0] = 0x02;
    out[1] = (uint8_t)(padding + size);
    out[2] = 0;
    imi_copy(out + 2 + padding, number + zeros, size);
    return 2 + padding + size;
}

/* DER of r||s: a tenth of the time that OpenSSL takes for it by way of its numbers. */
static size_t join_signature(const uint8_t *joined, uint8_t out[DER_SIGNATURE_MAX])
{
    size_t size = write_integer(joined, out + 2);
    size += write_integer(joined + IMI_COORDINATE_SIZE, out + 2 + size);
    out[0] = 0x30;
    out[1] = (uint8_t)size;
    return 2 + size;
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
        raw = (imi_view){der, join_signature(signature.data, der)};
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
