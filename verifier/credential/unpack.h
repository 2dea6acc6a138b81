/**
 * Claims back where their digests are (RFC 9901 section 7.1).
 */
#ifndef IMI_CREDENTIAL_UNPACK_H
#define IMI_CREDENTIAL_UNPACK_H

#include "sd_jwt.h"

/**
 * Turn a payload into the claims that are disclosed, in place; gives each disclosure its path.
 *
 * After a failure the payload is of no use.
 * Errors: IMI_E_CREDENTIAL_DISCLOSURE for whatever breaks a rule of section 7.1, a claim that is
 *         the issuer's to say, or claims nested more than IMI_CREDENTIAL_DEPTH_MAX deep.
 */
IMI_MUST_USE imi_status imi_sd_unpack(json_t *payload, imi_sd_jwt *sd, imi_error *err);

#endif
