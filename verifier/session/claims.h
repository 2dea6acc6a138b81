/**
 * Claims about a subject: what may be asked for, what is there, what a token tells.
 */
#ifndef IMI_SESSION_CLAIMS_H
#define IMI_SESSION_CLAIMS_H

#include "service_internal.h"

/** Names of claims of a session, in the policy's order. */
typedef struct imi_claim_names {
    size_t count;
    char names[IMI_POLICY_CLAIMS_MAX][IMI_TOKEN_NAME_SIZE];
} imi_claim_names;

/** Read the form in which a session record keeps them. */
void imi_claim_names_read(const char *joined, imi_claim_names *out);
void imi_claim_names_write(const imi_claim_names *names, char out[IMI_STORE_CLAIM_NAMES_SIZE]);
bool imi_claim_names_hold(const imi_claim_names *names, const char *name);

/** What the policy says of a claim of this purpose; NULL if it may not be asked for. */
const imi_claim_rule *imi_claim_rule_find(const imi_purpose *purpose, const char *name);

/** Names as they came in, for a record: known to the purpose, none twice. */
IMI_MUST_USE imi_status imi_claims_order(const imi_purpose *purpose, const char *const *names,
                                         size_t count, imi_claim_names *out, imi_error *err);

/**
 * Whether every claim was enrolled in a form that a token can tell.
 * Errors: IMI_E_INVALID_ARGUMENT, naming the claim and what to do.
 */
IMI_MUST_USE imi_status imi_claims_check_enrolled(imi_service *service, const char *party,
                                                  const char *subject_id,
                                                  const imi_claim_names *names, imi_error *err);

/** Put the values of the claims that the subject agreed to into a token. */
IMI_MUST_USE imi_status imi_claims_tell(imi_service *service, const imi_session_record *record,
                                        imi_verification *out, imi_error *err);

/** Check what a relying party tells of a subject, and render it. Errors: _INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imi_claims_normalise(const char *claims_json, imi_buffer *out,
                                             imi_error *err);

#endif
