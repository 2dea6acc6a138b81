#include "phone-sim/device_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { SPKI_SIZE = 91, DER_SIGNATURE_MAX = 80, SCALAR_SIZE = IMI_CORE_SIGNATURE_SIZE / 2 };

struct imi_device_key {
    EVP_PKEY *pair;
    EVP_MD_CTX *digest;
    uint8_t spki[SPKI_SIZE];
};

static imi_status openssl_failed(const char *what, imi_error *err)
{
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    IMI_FAIL_FOREIGN(err, IMI_E_CRYPTO, (int64_t)code, "%s failed", what);
}

imi_status imi_device_key_new(imi_device_key **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_device_key) key = imi_alloc(sizeof *key);
    if (key == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a device key");
    }
    key->pair = EVP_EC_gen("P-256");
    key->digest = EVP_MD_CTX_new();
    if (key->pair == NULL || key->digest == NULL) {
        return openssl_failed("making a device key", err);
    }
    uint8_t *at = key->spki;
    if (i2d_PUBKEY(key->pair, NULL) != SPKI_SIZE || i2d_PUBKEY(key->pair, &at) != SPKI_SIZE) {
        return openssl_failed("encoding a device key", err);
    }
    *out = IMI_STEAL(&key);
    return IMI_OK;
}

void imi_device_key_destroy(imi_device_key **key)
{
    if (key == NULL || *key == NULL) {
        return;
    }
    EVP_PKEY_free((*key)->pair);
    EVP_MD_CTX_free((*key)->digest);
    imi_free(*key);
    *key = NULL;
}

imi_view imi_device_key_spki(const imi_device_key *key)
{
    return (imi_view){key->spki, SPKI_SIZE};
}

imi_status imi_device_key_pem(const imi_device_key *key, imi_buffer *out, imi_error *err)
{
    char *text = NULL;
    BIO *memory = BIO_new(BIO_s_secmem());
    if (memory == NULL ||
        PEM_write_bio_PKCS8PrivateKey(memory, key->pair, NULL, NULL, 0, NULL, NULL) != 1) {
        BIO_free(memory);
        return openssl_failed("writing a device key", err);
    }
    long size = BIO_get_mem_data(memory, &text);
    imi_status status =
        imi_buffer_append(out, (imi_view){(const uint8_t *)text, (size_t)size}, err);
    BIO_free(memory);
    return status;
}

/* JOSE wants r and s side by side, OpenSSL gives them in DER. */
static imi_status split_signature(const uint8_t *der, size_t size,
                                  uint8_t out[IMI_CORE_SIGNATURE_SIZE], imi_error *err)
{
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &der, (long)size);
    if (parsed == NULL) {
        return openssl_failed("reading a signature", err);
    }
    bool fits =
        BN_bn2binpad(ECDSA_SIG_get0_r(parsed), out, SCALAR_SIZE) == SCALAR_SIZE &&
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed), out + SCALAR_SIZE, SCALAR_SIZE) == SCALAR_SIZE;
    ECDSA_SIG_free(parsed);
    return fits ? IMI_OK : openssl_failed("splitting a signature", err);
}

imi_status imi_device_key_sign_frame(imi_device_key *key, const imi_core_frame_link *link,
                                     uint8_t out[IMI_CORE_SIGNATURE_SIZE], imi_error *err)
{
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame_message(link, message);
    uint8_t der[DER_SIGNATURE_MAX];
    size_t size = sizeof der;
    if (EVP_DigestSignInit(key->digest, NULL, EVP_sha256(), NULL, key->pair) != 1 ||
        EVP_DigestSign(key->digest, der, &size, message, sizeof message) != 1) {
        return openssl_failed("signing a frame", err);
    }
    return split_signature(der, size, out, err);
}
