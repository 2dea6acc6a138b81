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
 * payload: that the issuer signed; afterwards the disclosed claims without those in out.
 * Errors:  see imi_credential_verify.
 */
IMI_MUST_USE imi_status imi_credential_judge(json_t *payload, imi_sd_jwt *sd,
                                             const imi_credential_expectation *expectation,
                                             imi_credential_facts *out, imi_error *err);

#endif
