#include "binding.h"

#include "verifier/token/times.h"

#include <string.h>

enum { PAYLOAD_NODES_MAX = 64 }; /* names and values; ours has nine */

imi_status imi_holder_key_read(const json_t *payload, imi_buffer *jwk_out,
                               char thumbprint_out[IMI_KEY_ID_SIZE], imi_error *err)
{
    thumbprint_out[0] = '\0';
    const json_t *jwk = json_object_get(json_object_get(payload, "cnf"), "jwk");
    if (jwk == NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the credential has no cnf.jwk: it is bound to nobody");
    }
    IMI_TRY(imi_json_render(jwk, jwk_out, err));
    return imi_jwk_thumbprint(imi_buffer_view(jwk_out), thumbprint_out, err);
}

imi_status imi_key_binding_make(imi_view shown, imi_signer *holder,
                                const imi_presentation_terms *terms, imi_buffer *out,
                                imi_error *err)
{
    char digest[IMI_DIGEST_TEXT_SIZE];
    IMI_TRY(imi_sd_digest(shown, digest, err));
    IMI_AUTO_JSON payload =
        json_pack("{s:I, s:s, s:s, s:s}", "iat", (json_int_t)terms->issued_at_s, "aud",
                  terms->audience, "nonce", terms->nonce, "sd_hash", digest);
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_json_render(payload, &text, err));
    return imi_jws_sign(holder, IMI_KEY_BINDING_TYPE, NULL, imi_buffer_view(&text), out, err);
}

static imi_status open_binding(imi_view binding, imi_view holder_jwk, imi_buffer *text,
                               imi_json_node payload[PAYLOAD_NODES_MAX], imi_error *err)
{
    imi_jws_expectation form = {"ES256", IMI_KEY_BINDING_TYPE, IMI_JWS_BYTES_MAX};
    imi_status status = imi_jws_verify_by_jwk(binding, holder_jwk, &form, text, err);
    if (status == IMI_E_TOKEN_SIGNATURE) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_HOLDER, "the key binding is not signed by the holder's key");
    }
    IMI_TRY(status);
    return imi_json_read_object(imi_buffer_view(text), "the key binding", IMI_E_TOKEN_FORMAT,
                                payload, PAYLOAD_NODES_MAX, err);
}

static bool says(const imi_json_node *payload, const char *member, const char *wanted)
{
    return imi_json_says(imi_json_member(payload, member), wanted);
}

static imi_status check_age(const imi_json_node *payload,
                            const imi_credential_expectation *expectation, imi_error *err)
{
    int64_t issued_s = 0;
    IMI_TRY(imi_token_time_read(payload, "iat", &issued_s, err));
    int64_t age_s = expectation->now_s - issued_s;
    if (age_s < -expectation->leeway_s) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_REPLAYED,
                 "the key binding is from the future: check the clocks");
    }
    if (age_s > expectation->binding_age_max_s + expectation->leeway_s) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_REPLAYED, "the key binding is too old: ask for a new one");
    }
    return IMI_OK;
}

imi_status imi_key_binding_check(const imi_sd_jwt *sd, imi_view holder_jwk,
                                 const imi_credential_expectation *expectation, imi_error *err)
{
    imi_json_node payload[PAYLOAD_NODES_MAX];
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(open_binding(sd->binding, holder_jwk, &text, payload, err));
    if (!says(payload, "aud", expectation->audience)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_REPLAYED, "the presentation is for another audience");
    }
    if (!says(payload, "nonce", expectation->nonce)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_REPLAYED, "the presentation answers another nonce");
    }
    IMI_TRY(check_age(payload, expectation, err));
    char digest[IMI_DIGEST_TEXT_SIZE];
    IMI_TRY(imi_sd_digest(sd->shown, digest, err));
    if (!says(payload, "sd_hash", digest)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_REPLAYED, "the holder signed to show something else");
    }
    return IMI_OK;
}
