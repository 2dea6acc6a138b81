/**
 * The text claims of a token, as one table that issuing and verifying share.
 */
#ifndef IMI_TOKEN_CLAIMS_H
#define IMI_TOKEN_CLAIMS_H

#include "imi/token.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct imi_text_claim {
    const char *member; /* name in the token */
    size_t offset; /* of the char[IMI_TOKEN_TEXT_MAX] in imi_token_claims */
    bool required;
} imi_text_claim;

enum { IMI_TEXT_CLAIMS = 12, IMI_THUMBPRINT_LENGTH = 43 };

/** Every claim that is plain text in the token; aud and amr have forms of their own. */
extern const imi_text_claim imi_text_claims[IMI_TEXT_CLAIMS];

/** Storage of a text claim. */
char *imi_text_claim_of(imi_token_claims *claims, const imi_text_claim *claim);
const char *imi_text_claim_in(const imi_token_claims *claims, const imi_text_claim *claim);

#endif
