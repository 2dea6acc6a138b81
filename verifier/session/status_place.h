/**
 * Where the statuses of tokens are published.
 */
#ifndef IMI_SESSION_STATUS_PLACE_H
#define IMI_SESSION_STATUS_PLACE_H

#include "imi/policy.h"
#include "imi/token.h"

#include <stdio.h>

/** Address of a status list, as it stands in tokens: the issuer, /status/ and its number. */
static inline imi_status imi_status_uri(const imi_policy *policy, int64_t list,
                                        char out[IMI_TOKEN_TEXT_MAX], imi_error *err)
{
    int size = snprintf(out, IMI_TOKEN_TEXT_MAX, "%s/status/%lld", imi_policy_issuer(policy),
                        (long long)list);
    if (size < 0 || size >= IMI_TOKEN_TEXT_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "the issuer's address is too long for a token");
    }
    return IMI_OK;
}

#endif
