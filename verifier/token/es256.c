#include "imi/signer.h"
#include "verifier/crypto/openssl.h"

#include <openssl/err.h>

enum { DER_SIGNATURE_MAX = 72, SPKI_PREFIX_SIZE = 26 };

/* r||s of a DER signature (RFC 7518 section 3.4). */
static imi_status split_signature(const uint8_t *der, size_t size, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_ECDSA_SIG parsed = d2i_ECDSA_SIG(NULL, &der, (long)size);
    uint8_t joined[IMI_ES256_SIGNATURE_SIZE];
    if (parsed == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(parsed), joined, 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed), joined + 32, 32) != 32) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "the signature just made cannot be read");
    }
    return imi_buffer_append(out, (imi_view){joined, sizeof joined}, err);
}

imi_status imi_es256_sign(EVP_PKEY *key, imi_view message, imi_buffer *signature_out,
                          imi_error *err)
{
    uint8_t der[DER_SIGNATURE_MAX];
    size_t size = sizeof der;
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &size, message.data, message.size) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "signing failed");
    }
    return split_signature(der, size, signature_out, err);
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

imi_status imi_es256_verify(EVP_PKEY *key, imi_view message, imi_view signature, imi_error *err)
{
    if (signature.size != IMI_ES256_SIGNATURE_SIZE) {
        IMI_FAIL(err, IMI_E_TOKEN_SIGNATURE, "an ES256 signature has 64 bytes, not %zu",
                 signature.size);
    }
    uint8_t der[DER_SIGNATURE_MAX];
    size_t der_size = 0;
    IMI_TRY(join_signature(signature, der, &der_size, err));
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot prepare to check a signature");
    }
    /* 1 alone is a valid signature: 0 and negative numbers are both refusals. */
    if (EVP_DigestVerify(context, der, der_size, message.data, message.size) != 1) {
        ERR_clear_error();
        IMI_FAIL(err, IMI_E_TOKEN_SIGNATURE, "the signature does not match");
    }
    return IMI_OK;
}

imi_status imi_es256_verify_spki(imi_view spki_der, imi_view message, imi_view signature,
                                 imi_error *err)
{
    /* A P-256 key with a named curve and an uncompressed point has one single encoding (RFC 5480),
     * so hostile bytes are compared rather than parsed: no explicit curves, no trailing data. */
    static const uint8_t prefix[SPKI_PREFIX_SIZE] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    imi_view head = {spki_der.data, sizeof prefix};
    if (spki_der.size != sizeof prefix + IMI_P256_POINT_SIZE ||
        !imi_view_equal(head, (imi_view){prefix, sizeof prefix}) ||
        spki_der.data[sizeof prefix] != 0x04) {
        IMI_FAIL(err, IMI_E_KEY, "not the SubjectPublicKeyInfo of an uncompressed P-256 key");
    }
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(imi_p256_key_of_point(spki_der.data + sizeof prefix, &key, err));
    return imi_es256_verify(key, message, signature, err);
}
