/**
 * The edge to OpenSSL: scope cleanup for its objects, and translation of its errors.
 *
 * Every failing call is reported through IMI_CRYPTO_FAIL, which empties the thread's error
 * queue, so that no error of ours surfaces in another library that shares the thread.
 */
#ifndef IMI_CRYPTO_OPENSSL_H
#define IMI_CRYPTO_OPENSSL_H

#include "imi/bytes.h"
#include "imi/memory.h"
#include "imi/status.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

enum {
    IMI_P256_COORDINATE_SIZE = 32,
    IMI_P256_POINT_SIZE = 65, /* 0x04, x, y */
    IMI_ES256_SIGNATURE_SIZE = 64
};

static inline void imi_bio_free_(BIO **bio)
{
    BIO_free(*bio);
}

static inline void imi_pkey_free_(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static inline void imi_pkey_ctx_free_(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static inline void imi_md_ctx_free_(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static inline void imi_ecdsa_sig_free_(ECDSA_SIG **signature)
{
    ECDSA_SIG_free(*signature);
}

#define IMI_AUTO_BIO __attribute__((cleanup(imi_bio_free_))) BIO *
#define IMI_AUTO_PKEY __attribute__((cleanup(imi_pkey_free_))) EVP_PKEY *
#define IMI_AUTO_PKEY_CTX __attribute__((cleanup(imi_pkey_ctx_free_))) EVP_PKEY_CTX *
#define IMI_AUTO_MD_CTX __attribute__((cleanup(imi_md_ctx_free_))) EVP_MD_CTX *
#define IMI_AUTO_ECDSA_SIG __attribute__((cleanup(imi_ecdsa_sig_free_))) ECDSA_SIG *

/**
 * Take the oldest error off the thread's OpenSSL queue and empty it. Use through
 * IMI_CRYPTO_FAIL. The message holds OpenSSL's reason text only, never data.
 */
imi_status imi_crypto_error_set(imi_error *err, imi_status status, const char *file, int line,
                                const char *what);

#define IMI_CRYPTO_FAIL(err, status, what)                                                         \
    return imi_crypto_error_set((err), (status), __FILE__, __LINE__, (what))

/** True for an EC key on the named curve P-256. */
bool imi_key_is_p256(const EVP_PKEY *key);

/** Public key of an uncompressed point. Errors: IMI_E_KEY unless it lies on P-256. */
IMI_MUST_USE imi_status imi_p256_key_of_point(const uint8_t point[IMI_P256_POINT_SIZE],
                                              EVP_PKEY **out, imi_error *err);
/** Uncompressed point of a P-256 key. */
IMI_MUST_USE imi_status imi_p256_point_of_key(const EVP_PKEY *key,
                                              uint8_t point_out[IMI_P256_POINT_SIZE],
                                              imi_error *err);

/** Sign; appends r||s. Threads: safe on one key. */
IMI_MUST_USE imi_status imi_es256_sign(EVP_PKEY *key, imi_view message, imi_buffer *signature_out,
                                       imi_error *err);
/** Check r||s. Errors: IMI_E_TOKEN_SIGNATURE. */
IMI_MUST_USE imi_status imi_es256_verify(EVP_PKEY *key, imi_view message, imi_view signature,
                                         imi_error *err);

#endif
