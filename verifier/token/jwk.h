/**
 * Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.2, RFC 8037).
 */
#ifndef IMI_TOKEN_JWK_H
#define IMI_TOKEN_JWK_H

#include "algorithm.h"
#include "imi/jws.h"
#include "verifier/json/json.h"

/** A public key and the algorithm that it is for. */
typedef struct imi_jwk {
    const imi_algorithm *algorithm;
    imi_public_bytes bytes;
    EVP_MD_CTX *verifier; /* prepared */
} imi_jwk;

void imi_jwk_clean_up(imi_jwk *jwk);

#define IMI_AUTO_JWK __attribute__((cleanup(imi_jwk_clean_up))) imi_jwk

/** RFC 7638 thumbprint of a key's bytes. */
IMI_MUST_USE imi_status imi_jwk_thumbprint_of_bytes(const imi_algorithm *algorithm,
                                                    const imi_public_bytes *bytes,
                                                    char out[IMI_KEY_ID_SIZE], imi_error *err);

/** Append the public JWK with kid, alg and use sig. */
IMI_MUST_USE imi_status imi_jwk_render(const imi_algorithm *algorithm,
                                       const imi_public_bytes *bytes, const char *key_id,
                                       imi_buffer *json_out, imi_error *err);

/**
 * Read a JWK that is fit to check signatures; algorithm stays NULL for kinds that we do not know.
 * Errors: IMI_E_KEY if it is private, damaged, or for another use or algorithm.
 */
IMI_MUST_USE imi_status imi_jwk_read(const json_t *object, imi_jwk *out, imi_error *err);

/**
 * The set's key of this kid.
 * Errors: IMI_E_TOKEN_KEY_UNKNOWN if none has it; IMI_E_KEY if two have it, or the key is not fit
 *         or for another algorithm.
 */
IMI_MUST_USE imi_status imi_key_set_find(const imi_key_set *set, const char *key_id,
                                         const imi_algorithm *algorithm,
                                         const EVP_MD_CTX **borrowed_out, imi_error *err);

#endif
