#include "judge.h"

#include "binding.h"
#include "reserved.h"
#include "unpack.h"
#include "verifier/token/status_claim.h"
#include "verifier/token/times.h"

#include <string.h>

/* Names and values of what is signed: as many digests as fit into a credential, and more. */
enum { PAYLOAD_NODES_MAX = 4096 };

static imi_status read_text(const imi_json_node *payload, const char *member, char *out,
                            imi_error *err)
{
    if (!imi_json_copy_text(imi_json_member(payload, member), out, IMI_CREDENTIAL_TEXT_MAX)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is missing or too long", member);
    }
    return IMI_OK;
}

static imi_status read_names(const imi_json_node *payload,
                             const imi_credential_expectation *expectation,
                             imi_credential_facts *out, imi_error *err)
{
    IMI_TRY(read_text(payload, "iss", out->issuer, err));
    IMI_TRY(read_text(payload, "vct", out->type, err));
    if (strcmp(out->issuer, expectation->issuer) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the credential is from another issuer");
    }
    if (strcmp(out->type, expectation->type) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the credential's vct is not the one expected");
    }
    return IMI_OK;
}

static imi_status read_times(const imi_json_node *payload,
                             const imi_credential_expectation *expectation,
                             imi_credential_facts *out, imi_error *err)
{
    imi_token_times times;
    IMI_TRY(imi_token_times_read(payload, &times, err));
    imi_token_clock clock = {expectation->now_s, expectation->leeway_s};
    IMI_TRY(imi_token_times_hold(&times, clock, err));
    out->issued_at_s = times.issued_s;
    out->not_before_s = times.not_before_s;
    out->expires_at_s = times.expires_s;
    return IMI_OK;
}

/* What cannot be disclosed, but is there for everybody. */
static imi_status read_facts(imi_view signed_text, const imi_credential_expectation *expectation,
                             imi_credential_facts *out, imi_error *err)
{
    IMI_AUTO_BUFFER room = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_reserve(&room, PAYLOAD_NODES_MAX * sizeof(imi_json_node), err));
    imi_json_node *payload = (imi_json_node *)(void *)room.data;
    IMI_TRY(imi_json_read_object(signed_text, "the credential's payload", IMI_E_TOKEN_FORMAT,
                                 payload, PAYLOAD_NODES_MAX, err));
    IMI_TRY(read_names(payload, expectation, out, err));
    IMI_TRY(read_times(payload, expectation, out, err));
    return imi_status_claim_read(payload, out->status_uri, &out->status_index, err);
}

static imi_status check_binding(const imi_sd_jwt *sd, imi_view holder_jwk,
                                const imi_credential_expectation *expectation, imi_error *err)
{
    bool is_bound = sd->binding.size > 0;
    if (expectation->without_key_binding) {
        if (is_bound) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "there is a key binding: say which audience and nonce it must be for");
        }
        return IMI_OK;
    }
    if (!is_bound) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_UNBOUND,
                 "there is no key binding: anybody may have copied this");
    }
    return imi_key_binding_check(sd, holder_jwk, expectation, err);
}

static void remove_issuers_claims(json_t *claims)
{
    const char *name = NULL;
    void *next = NULL;
    json_t *value = NULL;
    json_object_foreach_safe(claims, next, name, value)
    {
        if (imi_sd_name_is_issuers(name)) {
            json_object_del(claims, name);
        }
    }
}

imi_status imi_credential_judge(imi_view signed_text, imi_sd_jwt *sd,
                                const imi_credential_expectation *expectation,
                                imi_credential_facts *out, json_t **claims_out, imi_error *err)
{
    *claims_out = NULL;
    IMI_AUTO_JSON payload = NULL;
    IMI_AUTO_BUFFER holder_jwk = IMI_BUFFER_INIT;
    IMI_TRY(read_facts(signed_text, expectation, out, err));
    IMI_TRY(imi_json_parse_object(signed_text, IMI_JWS_BYTES_MAX, "the credential's payload",
                                  IMI_E_TOKEN_FORMAT, &payload, err));
    IMI_TRY(imi_holder_key_read(payload, &holder_jwk, out->holder_thumbprint, err));
    IMI_TRY(imi_sd_unpack(payload, sd, err));
    IMI_TRY(check_binding(sd, imi_buffer_view(&holder_jwk), expectation, err));
    remove_issuers_claims(payload);
    *claims_out = IMI_STEAL(&payload);
    return IMI_OK;
}
