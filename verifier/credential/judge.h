/**
 * What is demanded of a presentation once the issuer's signature holds.
 */
#ifndef IMI_CREDENTIAL_JUDGE_H
#define IMI_CREDENTIAL_JUDGE_H

#include "imi/credential.h"
#include "sd_jwt.h"

/**
 * Check everything else and say what is disclosed.
 *
 * signed_text: the payload that the issuer signed.
 * claims_out:  the disclosed claims, without those in out; new reference.
 * Errors:      see imi_credential_verify.
 */
IMI_MUST_USE imi_status imi_credential_judge(imi_view signed_text, imi_sd_jwt *sd,
                                             const imi_credential_expectation *expectation,
                                             imi_credential_facts *out, json_t **claims_out,
                                             imi_error *err);

#endif
