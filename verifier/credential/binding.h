/**
 * Key binding: the holder's signature over one presentation, for one audience (RFC 9901 section
 * 4.3).
 */
#ifndef IMI_CREDENTIAL_BINDING_H
#define IMI_CREDENTIAL_BINDING_H

#include "imi/credential.h"
#include "sd_jwt.h"

/**
 * Text of the key that a credential is bound to, and its thumbprint.
 *
 * Errors: IMI_E_TOKEN_CLAIM without a cnf.jwk, IMI_E_KEY for one that is not fit.
 */
IMI_MUST_USE imi_status imi_holder_key_read(const json_t *payload, imi_buffer *jwk_out,
                                            char thumbprint_out[IMI_KEY_ID_SIZE], imi_error *err);

/** Sign what is shown; appends the key binding to out. */
IMI_MUST_USE imi_status imi_key_binding_make(imi_view shown, imi_signer *holder,
                                             const imi_presentation_terms *terms, imi_buffer *out,
                                             imi_error *err);

/** Check a key binding, which is there. Errors: see imi_credential_verify. */
IMI_MUST_USE imi_status imi_key_binding_check(const imi_sd_jwt *sd, imi_view holder_jwk,
                                              const imi_credential_expectation *expectation,
                                              imi_error *err);

#endif
