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

#endif
