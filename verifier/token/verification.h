/**
 * verified_claims of a token, written and read.
 */
#ifndef IMI_TOKEN_VERIFICATION_H
#define IMI_TOKEN_VERIFICATION_H

#include "imi/token.h"
#include "verifier/json/json.h"
#include "verifier/json/reader.h"

/** The claim as JSON. Errors: IMI_E_INVALID_ARGUMENT if something is missing or malformed. */
IMI_MUST_USE imi_status imi_verification_render(const imi_verification *verification, json_t **out,
                                                imi_error *err);

/**
 * Read the claim into out, whose counts and texts are empty; evidence of kinds that we do not know
 * is passed over. Errors: IMI_E_TOKEN_CLAIM.
 */
IMI_MUST_USE imi_status imi_verification_read(const imi_json_node *value, imi_verification *out,
                                              imi_error *err);

#endif
