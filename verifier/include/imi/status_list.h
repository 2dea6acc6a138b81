/**
 * Token Status List: what has become of tokens since they were signed, as a signed list that is
 * served as a plain file and read without asking about any one token.
 *
 * Source: draft-ietf-oauth-status-list-21.
 */
#ifndef IMI_STATUS_LIST_H
#define IMI_STATUS_LIST_H

#include "imi/jws.h"
#include "imi/token_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** typ of the signed list; its media type is application/ and this. */
#define IMI_STATUS_LIST_TYPE "statuslist+jwt"

/** What a list says of itself. */
typedef struct imi_status_list_terms {
    const char *uri; /* where it is served; sub of the list and uri of its tokens */
    int64_t issued_at_s; /* iat */
    int64_t expires_at_s; /* exp */
    int64_t ttl_s; /* how long a copy may be kept */
} imi_status_list_terms;

/**
 * Sign a list of packed statuses; appends the compact form to out.
 *
 * packed: 1 to IMI_STATUS_LIST_BYTES bytes; IMI_STATUS_LIST_BITS a status, from the least
 *         significant bit of the first byte upwards.
 */
IMI_MUST_USE imi_status imi_status_list_sign(imi_signer *signer, const imi_status_list_terms *terms,
                                             imi_view packed, imi_buffer *out, imi_error *err);

/** A list that was checked. Threads: safe, it never changes. */
typedef struct imi_status_list imi_status_list;

/** What a reader insists on. */
typedef struct imi_status_list_expectation {
    const char *algorithm; /* required, see imi/jws.h */
    const char *uri; /* required: of the token's claim status */
    int64_t now_s; /* required: when the list was fetched */
    int64_t leeway_s; /* clock difference allowed, 0 to 300 */
} imi_status_list_expectation;

/**
 * Check a signed list against a key set.
 *
 * Errors: IMI_E_TOKEN_* as imi_token_verify has them; IMI_E_TOKEN_FORMAT also for a list that
 *         does not inflate, or inflates to more than IMI_STATUS_LIST_BYTES.
 */
IMI_MUST_USE imi_status imi_status_list_open(imi_view compact, const imi_key_set *keys,
                                             const imi_status_list_expectation *expectation,
                                             imi_status_list **out, imi_error *err);
void imi_status_list_destroy(imi_status_list **list);
IMI_AUTO_DEFINE(imi_status_list, imi_status_list_destroy)

/**
 * Status of one token.
 *
 * out:    IMI_TOKEN_INVALID on failure.
 * Errors: IMI_E_TOKEN_EXPIRED if the list has expired or its ttl has passed: fetch it again;
 *         IMI_E_TOKEN_CLAIM if index is beyond the list, or the status is one we do not know.
 */
IMI_MUST_USE imi_status imi_status_list_get(const imi_status_list *list, uint32_t index,
                                            int64_t now_s, imi_token_status *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
