#include "credential_check.h"

#include "fetch.h"
#include "imi/status_list.h"
#include "token_view.h"

#include <stdio.h>

/* A person answers on a phone within a minute or so. */
enum { LEEWAY_S = 30, BINDING_AGE_MAX_S = 300 };

static const char algorithm[] = "ES256";

bool imictl_is_credential_refusal(imi_status status)
{
    return imictl_is_token_refusal(status) ||
           (status <= IMI_E_CREDENTIAL_DISCLOSURE && status >= IMI_E_CREDENTIAL_REPLAYED);
}

bool imictl_is_standing(imictl_standing standing)
{
    return standing == IMICTL_STANDING_VALID || standing == IMICTL_STANDING_NONE ||
           standing == IMICTL_STANDING_UNCHECKED;
}

static const char *standing_name(imictl_standing standing)
{
    static const char *const names[] = {
        [IMICTL_STANDING_REVOKED] = "revoked",     [IMICTL_STANDING_SUSPENDED] = "suspended",
        [IMICTL_STANDING_VALID] = "valid",         [IMICTL_STANDING_NONE] = "none",
        [IMICTL_STANDING_UNCHECKED] = "unchecked",
    };
    return names[standing];
}

static imi_status look_up(const imictl_credential_check *check, const imi_key_set *keys,
                          const imi_credential_facts *facts, int64_t now_s, imictl_standing *out,
                          imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO(imi_status_list) list = NULL;
    imi_token_status status = IMI_TOKEN_INVALID;
    imi_status_list_expectation expectation = {algorithm, facts->status_uri, now_s, LEEWAY_S};
    IMI_TRY(imictl_fetch(check->status_list, check->ca, &text, err));
    IMI_TRY(imi_status_list_open(imi_buffer_view(&text), keys, &expectation, &list, err));
    IMI_TRY(imi_status_list_get(list, facts->status_index, now_s, &status, err));
    *out = status == IMI_TOKEN_VALID       ? IMICTL_STANDING_VALID
           : status == IMI_TOKEN_SUSPENDED ? IMICTL_STANDING_SUSPENDED
                                           : IMICTL_STANDING_REVOKED;
    return IMI_OK;
}

static imi_status find_standing(const imictl_credential_check *check, const imi_key_set *keys,
                                const imi_credential_facts *facts, int64_t now_s,
                                imictl_standing *out, imi_error *err)
{
    *out = IMICTL_STANDING_REVOKED;
    if (facts->status_uri[0] == '\0') {
        *out = IMICTL_STANDING_NONE;
        return IMI_OK;
    }
    if (check->status_list == NULL) {
        *out = IMICTL_STANDING_UNCHECKED;
        return IMI_OK;
    }
    return look_up(check, keys, facts, now_s, out, err);
}

imi_status imictl_credential_check_run(const imictl_credential_check *check, imi_view presentation,
                                       int64_t now_s, imictl_checked_credential *out,
                                       imi_error *err)
{
    *out = (imictl_checked_credential){.standing = IMICTL_STANDING_REVOKED};
    imi_credential_expectation expectation = {
        .algorithm = algorithm,
        .issuer = check->issuer,
        .type = check->type,
        .now_s = now_s,
        .leeway_s = LEEWAY_S,
        .without_key_binding = check->unbound,
        .audience = check->audience,
        .nonce = check->nonce,
        .binding_age_max_s = BINDING_AGE_MAX_S,
    };
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    IMI_AUTO(imi_key_set) keys = NULL;
    IMI_TRY(imictl_fetch(check->jwks, check->ca, &jwks, err));
    IMI_TRY(imi_key_set_parse(imi_buffer_view(&jwks), &keys, err));
    IMI_TRY(imi_credential_verify(presentation, keys, &expectation, &out->facts, &claims, err));
    IMI_TRY(find_standing(check, keys, &out->facts, now_s, &out->standing, err));
    out->claims = json_loadb((const char *)claims.data, claims.size, 0, NULL);
    if (out->claims == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for claims");
    }
    return IMI_OK;
}

json_t *imictl_checked_json(const imictl_checked_credential *checked)
{
    const imi_credential_facts *facts = &checked->facts;
    return json_pack("{s:b, s:O, s:s, s:s, s:I, s:I, s:s, s:s}", "valid",
                     imictl_is_standing(checked->standing), "claims", checked->claims, "iss",
                     facts->issuer, "vct", facts->type, "iat", (json_int_t)facts->issued_at_s,
                     "exp", (json_int_t)facts->expires_at_s, "holder", facts->holder_thumbprint,
                     "status", standing_name(checked->standing));
}

void imictl_checked_print(const imictl_checked_credential *checked)
{
    printf("  issuer  %s\n", checked->facts.issuer);
    printf("  vct     %s\n", checked->facts.type);
    printf("  holder  %s\n", checked->facts.holder_thumbprint);
    printf("  status  %s\n", standing_name(checked->standing));
    json_dumpf(checked->claims, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putchar('\n');
}
