/** Scope cleanup for the objects of OpenSSL that attestation uses. */
#ifndef IMI_ATTEST_OPENSSL_H
#define IMI_ATTEST_OPENSSL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

static inline void imi_attest_bio_free_(BIO **bio)
{
    BIO_free(*bio);
}

static inline void imi_attest_pkey_free_(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static inline void imi_attest_x509_free_(X509 **certificate)
{
    X509_free(*certificate);
}

static inline void imi_attest_store_ctx_free_(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

static inline void imi_attest_stack_free_(STACK_OF(X509) * *certificates)
{
    sk_X509_pop_free(*certificates, X509_free);
}

#define IMI_AUTO_BIO __attribute__((cleanup(imi_attest_bio_free_))) BIO *
#define IMI_AUTO_PKEY __attribute__((cleanup(imi_attest_pkey_free_))) EVP_PKEY *
#define IMI_AUTO_X509 __attribute__((cleanup(imi_attest_x509_free_))) X509 *
#define IMI_AUTO_STORE_CTX __attribute__((cleanup(imi_attest_store_ctx_free_))) X509_STORE_CTX *
#define IMI_AUTO_X509_STACK __attribute__((cleanup(imi_attest_stack_free_))) STACK_OF(X509) *

#endif
