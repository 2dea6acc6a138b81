#include "token_view.h"

#include <stdio.h>
#include <time.h>

json_t *imictl_claims_json(const imi_token_claims *claims)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I}",
                     "iss", claims->issuer, "aud", claims->audience, "sub", claims->subject, "jti",
                     claims->token_id, "nonce", claims->nonce, "purpose", claims->purpose, "sid",
                     claims->session_id, "amr", claims->methods, "acr", claims->assurance,
                     "imi_model", claims->model_version, "imi_policy", claims->policy_version,
                     "imi_target_fmr", claims->target_fmr, "iat", (json_int_t)claims->issued_at_s,
                     "exp", (json_int_t)claims->expires_at_s);
}

static void print_time(const char *label, int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm utc;
    char text[32] = "?";
    if (gmtime_r(&at, &utc) != NULL) {
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    printf("  %-15s %s\n", label, text);
}

void imictl_claims_print(const imi_token_claims *claims)
{
    printf("  %-15s %s\n", "iss", claims->issuer);
    printf("  %-15s %s\n", "aud", claims->audience);
    printf("  %-15s %s\n", "sub", claims->subject);
    printf("  %-15s %s\n", "purpose", claims->purpose);
    printf("  %-15s %s\n", "nonce", claims->nonce);
    printf("  %-15s %s\n", "amr", claims->methods);
    printf("  %-15s %s\n", "acr", claims->assurance);
    printf("  %-15s %s\n", "sid", claims->session_id);
    printf("  %-15s %s\n", "jti", claims->token_id);
    printf("  %-15s %s\n", "imi_model", claims->model_version);
    printf("  %-15s %s\n", "imi_policy", claims->policy_version);
    printf("  %-15s %.2e\n", "imi_target_fmr", claims->target_fmr);
    print_time("iat", claims->issued_at_s);
    print_time("exp", claims->expires_at_s);
}

bool imictl_is_token_refusal(imi_status status)
{
    return status <= IMI_E_TOKEN_FORMAT && status >= IMI_E_TOKEN_CLAIM;
}
