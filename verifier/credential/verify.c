#include "imi/credential.h"

#include "judge.h"
#include "verifier/token/times.h"

enum { BINDING_AGE_MAX_S = 86400 };

static imi_status check_text(const char *text, const char *what, imi_error *err)
{
    if (text == NULL || text[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s must be expected", what);
    }
    return IMI_OK;
}

static imi_status check_expectation(const imi_credential_expectation *expectation, imi_error *err)
{
    IMI_TRY(check_text(expectation->algorithm, "an algorithm", err));
    IMI_TRY(check_text(expectation->issuer, "an issuer", err));
    IMI_TRY(check_text(expectation->type, "a vct", err));
    imi_token_clock clock = {expectation->now_s, expectation->leeway_s};
    IMI_TRY(imi_token_clock_check(clock, err));
    if (expectation->without_key_binding) {
        return IMI_OK;
    }
    IMI_TRY(check_text(expectation->audience, "an audience", err));
    IMI_TRY(check_text(expectation->nonce, "a nonce", err));
    if (expectation->binding_age_max_s < 1 || expectation->binding_age_max_s > BINDING_AGE_MAX_S) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "binding_age_max_s is not in 1 to %d",
                 BINDING_AGE_MAX_S);
    }
    return IMI_OK;
}

imi_status imi_credential_verify(imi_view presentation, const imi_key_set *keys,
                                 const imi_credential_expectation *expectation,
                                 imi_credential_facts *out, imi_buffer *claims_json_out,
                                 imi_error *err)
{
    *out = (imi_credential_facts){0};
    IMI_TRY(check_expectation(expectation, err));
    IMI_AUTO_SD_JWT sd = {0};
    IMI_TRY(imi_sd_jwt_open(presentation, &sd, err));
    imi_jws_expectation form = {expectation->algorithm, IMI_CREDENTIAL_TYPE, IMI_JWS_BYTES_MAX};
    IMI_AUTO_BUFFER signed_text = IMI_BUFFER_INIT;
    IMI_TRY(imi_jws_verify(sd.issued, keys, &form, &signed_text, err));
    imi_credential_facts facts = {0};
    IMI_AUTO_JSON disclosed = NULL;
    IMI_TRY(imi_credential_judge(imi_buffer_view(&signed_text), &sd, expectation, &facts,
                                 &disclosed, err));
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    IMI_TRY(imi_json_render_exact(disclosed, &claims, err));
    IMI_TRY(imi_buffer_append(claims_json_out, imi_buffer_view(&claims), err));
    *out = facts;
    return IMI_OK;
}
