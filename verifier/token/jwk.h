/**
 * JSON Web Keys on P-256: render, thumbprint, parse, find in a set.
 */
#ifndef IMI_TOKEN_JWK_H
#define IMI_TOKEN_JWK_H

#include "imi/signer.h"
#include "verifier/crypto/openssl.h"

enum { IMI_JWKS_BYTES_MAX = 65536 };

/** RFC 7638 thumbprint of a point: base64url of a SHA-256. */
IMI_MUST_USE imi_status imi_jwk_thumbprint(const uint8_t point[IMI_P256_POINT_SIZE],
                                           char out[IMI_KEY_ID_SIZE], imi_error *err);

/** Append the public JWK of a point with kid, alg ES256 and use sig. */
IMI_MUST_USE imi_status imi_jwk_render(const uint8_t point[IMI_P256_POINT_SIZE], const char *key_id,
                                       imi_buffer *json_out, imi_error *err);

/**
 * Public key of the set with this kid, fit to check signatures of this algorithm.
 *
 * Errors: IMI_E_TOKEN_KEY_UNKNOWN if no key has the kid; IMI_E_KEY if the set cannot be read,
 *         names the kid twice, or the key is of another kind, use or algorithm, or private.
 */
IMI_MUST_USE imi_status imi_jwks_find(imi_view jwks_json, const char *key_id, const char *algorithm,
                                      EVP_PKEY **out, imi_error *err);

#endif
