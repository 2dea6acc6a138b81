/**
 * Compact JSON Web Signatures (RFC 7515): one algorithm, keys that the caller trusts.
 */
#ifndef IMI_TOKEN_JWS_H
#define IMI_TOKEN_JWS_H

#include "imi/bytes.h"
#include "imi/status.h"

enum { IMI_JWS_BYTES_MAX = 8192 };

/**
 * Check a compact JWS and append its payload to payload_out.
 *
 * algorithm: what the header's alg must be; "ES256".
 * type:      what the header's typ must be, or NULL where the caller has none.
 * Errors:    IMI_E_TOKEN_FORMAT, _ALGORITHM, _CLAIM (typ), _KEY_UNKNOWN, _SIGNATURE, IMI_E_KEY.
 */
IMI_MUST_USE imi_status imi_jws_verify(imi_view compact, imi_view jwks_json, const char *algorithm,
                                       const char *type, imi_buffer *payload_out, imi_error *err);

#endif
