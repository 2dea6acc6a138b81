/**
 * Compact JSON Web Signatures (RFC 7515) after RFC 8725: the caller fixes algorithm and typ, keys
 * come from a set that the caller trusts, and nothing in a signature chooses how it is checked.
 *
 * Algorithms: "ES256", "EdDSA" (Ed25519) and "SM2" (with SM3, GB/T 32918; a private name).
 */
#ifndef IMI_JWS_H
#define IMI_JWS_H

#include "imi/bytes.h"
#include "imi/signer.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bounds on what is read: of a signature by whatever bytes_max says, of a key set. */
enum { IMI_JWS_BYTES_MAX = 65536, IMI_JWKS_BYTES_MAX = 65536 };

/**
 * Public keys of a JSON Web Key Set (RFC 7517), parsed once.
 *
 * Keys of kinds that are not supported are passed over.
 * Threads: safe, it never changes.
 */
typedef struct imi_key_set imi_key_set;

/** Errors: IMI_E_KEY if the set cannot be read. An unfit key is an error once its kid is sought. */
IMI_MUST_USE imi_status imi_key_set_parse(imi_view jwks_json, imi_key_set **out, imi_error *err);
void imi_key_set_destroy(imi_key_set **set);
IMI_AUTO_DEFINE(imi_key_set, imi_key_set_destroy)

/** RFC 7638 thumbprint of a public JWK. Errors: IMI_E_KEY; out is then "". */
IMI_MUST_USE imi_status imi_jwk_thumbprint(imi_view jwk_json, char out[IMI_KEY_ID_SIZE],
                                           imi_error *err);

/** The three parts of a compact signature, still encoded, and what is signed; views of it. */
typedef struct imi_jws_parts {
    imi_view header, payload, signature, signed_text;
} imi_jws_parts;

/**
 * Take a compact signature apart without believing any of it.
 *
 * bytes_max: a larger one is refused unread; 1 to IMI_JWS_BYTES_MAX.
 * Errors:    IMI_E_TOKEN_FORMAT; out is then empty.
 */
IMI_MUST_USE imi_status imi_jws_split(imi_view compact, size_t bytes_max, imi_jws_parts *out,
                                      imi_error *err);

/**
 * Sign; appends the compact form to out.
 *
 * type:          the header's typ; required.
 * extra_members: JSON object of further header members, or NULL; never alg, typ, kid, crit, b64.
 */
IMI_MUST_USE imi_status imi_jws_sign(imi_signer *signer, const char *type,
                                     const char *extra_members, imi_view payload, imi_buffer *out,
                                     imi_error *err);

/** What a verifier insists on. */
typedef struct imi_jws_expectation {
    const char *algorithm; /* required; never taken from the signature */
    const char *type; /* of the header's typ; NULL: not looked at */
    size_t bytes_max; /* see imi_jws_split */
} imi_jws_expectation;

/**
 * Check a signature by the key of the set that its kid names; appends the payload to payload_out.
 *
 * Errors: IMI_E_UNSUPPORTED (algorithm), IMI_E_TOKEN_FORMAT, _ALGORITHM, _CLAIM (typ),
 *         _KEY_UNKNOWN, _SIGNATURE, IMI_E_KEY. payload_out then stays as it was.
 */
IMI_MUST_USE imi_status imi_jws_verify(imi_view compact, const imi_key_set *keys,
                                       const imi_jws_expectation *expectation,
                                       imi_buffer *payload_out, imi_error *err);

/** The same by one public JWK that the caller trusts, whatever kid the signature names. */
IMI_MUST_USE imi_status imi_jws_verify_by_jwk(imi_view compact, imi_view jwk_json,
                                              const imi_jws_expectation *expectation,
                                              imi_buffer *payload_out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
