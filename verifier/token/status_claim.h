/**
 * Claim status of tokens and credentials: where a status list says what has become of them
 * (draft-ietf-oauth-status-list-21 section 6.1).
 */
#ifndef IMI_TOKEN_STATUS_CLAIM_H
#define IMI_TOKEN_STATUS_CLAIM_H

#include "imi/token.h"
#include "verifier/json/json.h"
#include "verifier/json/reader.h"

/** {"status_list":{"idx":...,"uri":...}}; NULL without memory. New reference. */
json_t *imi_status_claim_make(const char *uri, uint32_t index);

/**
 * Read the payload's status; without one uri is "". A status of a kind that we cannot look up does
 * not pass for none.
 *
 * Errors: IMI_E_TOKEN_CLAIM.
 */
IMI_MUST_USE imi_status imi_status_claim_read(const imi_json_node *payload,
                                              char uri_out[IMI_TOKEN_TEXT_MAX], uint32_t *index_out,
                                              imi_error *err);

#endif
