/**
 * Digests in place of claims: the issuer's half of selective disclosure (RFC 9901 section 4.2).
 */
#ifndef IMI_CREDENTIAL_CONCEAL_H
#define IMI_CREDENTIAL_CONCEAL_H

#include "disclosure.h"

/**
 * Replace every member of every object, and every element of every array, by its digest, in place.
 *
 * claims:          an object; then {"_sd":[...]}, or empty.
 * decoys:          further digests at the top that stand for nothing.
 * disclosures_out: appends each disclosure with a '~'.
 * Errors:          IMI_E_INVALID_ARGUMENT for a name that is reserved, or more than
 *                  IMI_CREDENTIAL_DISCLOSURES_MAX disclosures. claims are then of no use.
 */
IMI_MUST_USE imi_status imi_sd_conceal(json_t *claims, size_t decoys, imi_buffer *disclosures_out,
                                       imi_error *err);

#endif
