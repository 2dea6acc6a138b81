#include "claims.h"

#define TEXT(name, field, is_required)                                                             \
    {                                                                                              \
        name, offsetof(imi_token_claims, field), is_required                                       \
    }

const imi_text_claim imi_text_claims[IMI_TEXT_CLAIMS] = {
    TEXT("iss", issuer, true),
    TEXT("sub", subject, true),
    TEXT("jti", token_id, true),
    TEXT("nonce", nonce, false),
    TEXT("purpose", purpose, true),
    TEXT("sid", session_id, true),
    TEXT("acr", assurance, true),
    TEXT("imi_model", model_version, true),
    TEXT("imi_policy", policy_version, true),
    TEXT("aud", audience, true),
    TEXT("imi_point", operating_point, false),
    TEXT("imi_score", score_kind, false),
};

char *imi_text_claim_of(imi_token_claims *claims, const imi_text_claim *claim)
{
    return (char *)claims + claim->offset;
}

const char *imi_text_claim_in(const imi_token_claims *claims, const imi_text_claim *claim)
{
    return (const char *)claims + claim->offset;
}
