/**
 * Signature algorithms of tokens, as one table: names in JOSE, kinds of key, how OpenSSL is asked.
 */
#ifndef IMI_TOKEN_ALGORITHM_H
#define IMI_TOKEN_ALGORITHM_H

#include "verifier/crypto/openssl.h"

#include <stdbool.h>

enum {
    IMI_COORDINATE_SIZE = 32, /* of a point, and of an Ed25519 key */
    IMI_POINT_SIZE = 65, /* 0x04, x, y */
    IMI_SIGNATURE_SIZE = 64 /* of every algorithm: r||s, or RFC 8032's R||S */
};

typedef struct imi_algorithm {
    const char *name; /* alg */
    const char *key_type, *curve; /* kty, crv */
    const char *evp_type; /* OpenSSL's name of the kind of key */
    const char *evp_group; /* OpenSSL's name of the curve; NULL: the kind has but one */
    const char *digest; /* NULL: the algorithm hashes by itself */
    const char *user_id; /* hashed in front of the message; NULL: none */
    bool is_point; /* the public key is a point, else IMI_COORDINATE_SIZE bytes */
} imi_algorithm;

/** Public key as plain bytes: IMI_POINT_SIZE or IMI_COORDINATE_SIZE of them. */
typedef struct imi_public_bytes {
    uint8_t data[IMI_POINT_SIZE];
    size_t size;
} imi_public_bytes;

/** By its JOSE name; NULL if there is none such, or name is NULL. */
const imi_algorithm *imi_algorithm_named(const char *name);
/** By kty and crv; NULL if there is none such, or one of them is NULL. */
const imi_algorithm *imi_algorithm_of_curve(const char *key_type, const char *curve);
/** By an OpenSSL key; NULL for kinds that sign no tokens. */
const imi_algorithm *imi_algorithm_of_key(const EVP_PKEY *key);

/** Make a key pair. */
IMI_MUST_USE imi_status imi_algorithm_make_key(const imi_algorithm *algorithm, EVP_PKEY **out,
                                               imi_error *err);
/** Public key of its bytes. Errors: IMI_E_KEY unless they are a key, and a point on the curve. */
IMI_MUST_USE imi_status imi_algorithm_key_of_bytes(const imi_algorithm *algorithm,
                                                   const imi_public_bytes *bytes, EVP_PKEY **out,
                                                   imi_error *err);
/** Bytes of a key that fits the algorithm. */
IMI_MUST_USE imi_status imi_algorithm_bytes_of_key(const imi_algorithm *algorithm,
                                                   const EVP_PKEY *key, imi_public_bytes *out,
                                                   imi_error *err);

/**
 * Everything about signing or checking by a key that does not depend on the message. What OpenSSL
 * looks up by name for it takes a tenth of a signature's time.
 * Ownership: freed by EVP_MD_CTX_free; keeps the key.
 */
IMI_MUST_USE imi_status imi_algorithm_prepare_to_sign(const imi_algorithm *algorithm, EVP_PKEY *key,
                                                      EVP_MD_CTX **out, imi_error *err);
IMI_MUST_USE imi_status imi_algorithm_prepare_to_verify(const imi_algorithm *algorithm,
                                                        EVP_PKEY *key, EVP_MD_CTX **out,
                                                        imi_error *err);

/** Sign; appends IMI_SIGNATURE_SIZE bytes. Threads: safe on one prepared context. */
IMI_MUST_USE imi_status imi_algorithm_sign(const imi_algorithm *algorithm,
                                           const EVP_MD_CTX *prepared, imi_view message,
                                           imi_buffer *signature_out, imi_error *err);
/** Check. Errors: IMI_E_TOKEN_SIGNATURE. Threads: safe on one prepared context. */
IMI_MUST_USE imi_status imi_algorithm_verify(const imi_algorithm *algorithm,
                                             const EVP_MD_CTX *prepared, imi_view message,
                                             imi_view signature, imi_error *err);

#endif
