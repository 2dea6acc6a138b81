/** What a verified token says, for people and for programs. */
#ifndef IMI_IMICTL_TOKEN_VIEW_H
#define IMI_IMICTL_TOKEN_VIEW_H

#include "imi/token.h"

#include <jansson.h>

/** An object of every claim. New reference. */
json_t *imictl_claims_json(const imi_token_claims *claims);
void imictl_claims_print(const imi_token_claims *claims);

/** Errors that mean "this token is not valid", as opposed to "it could not be checked". */
bool imictl_is_token_refusal(imi_status status);

#endif
