/** A presentation, checked against keys and a status list that are fetched. */
#ifndef IMI_IMICTL_CREDENTIAL_CHECK_H
#define IMI_IMICTL_CREDENTIAL_CHECK_H

#include "imi/credential.h"

#include <jansson.h>

/** What is checked, and against what. See imi_credential_expectation. */
typedef struct imictl_credential_check {
    const char *jwks, *ca;
    const char *issuer, *type;
    const char *audience, *nonce; /* unless unbound */
    bool unbound;
    const char *status_list; /* NULL: not looked at */
} imictl_credential_check;

/** What a status list says of a credential. */
typedef enum imictl_standing {
    IMICTL_STANDING_REVOKED = 0,
    IMICTL_STANDING_SUSPENDED,
    IMICTL_STANDING_VALID,
    IMICTL_STANDING_NONE, /* the credential has no status: it stands until it expires */
    IMICTL_STANDING_UNCHECKED
} imictl_standing;

bool imictl_is_standing(imictl_standing standing);

typedef struct imictl_checked_credential {
    imi_credential_facts facts;
    json_t *claims; /* what was disclosed; the caller's */
    imictl_standing standing;
} imictl_checked_credential;

IMI_MUST_USE imi_status imictl_credential_check_run(const imictl_credential_check *check,
                                                    imi_view presentation, int64_t now_s,
                                                    imictl_checked_credential *out, imi_error *err);

/** New reference. */
json_t *imictl_checked_json(const imictl_checked_credential *checked);
void imictl_checked_print(const imictl_checked_credential *checked);

/** Errors that mean "this credential is not valid", as opposed to "it could not be checked". */
bool imictl_is_credential_refusal(imi_status status);

#endif
