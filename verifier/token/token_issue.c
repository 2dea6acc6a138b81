#include "imi/token.h"

#include "claims.h"
#include "imi/jws.h"
#include "status_claim.h"
#include "verification.h"
#include "verifier/json/json.h"

#include <math.h>
#include <string.h>

static imi_status check_text(const char *text, const char *member, bool required, imi_error *err)
{
    if (memchr(text, 0, IMI_TOKEN_TEXT_MAX) == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is not terminated", member);
    }
    if (required && text[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is missing", member);
    }
    if (!imi_text_is_clean_utf8(imi_view_of_text(text))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is not valid UTF-8", member);
    }
    return IMI_OK;
}

static imi_status check_claims(const imi_token_claims *claims, imi_error *err)
{
    for (size_t i = 0; i < IMI_TEXT_CLAIMS; i++) {
        const imi_text_claim *claim = &imi_text_claims[i];
        IMI_TRY(check_text(imi_text_claim_in(claims, claim), claim->member, claim->required, err));
    }
    IMI_TRY(check_text(claims->methods, "amr", true, err));
    IMI_TRY(check_text(claims->status_uri, "status", false, err));
    if (!(claims->target_fmr > 0 && claims->target_fmr <= 1)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "imi_target_fmr is not in (0, 1]");
    }
    if (claims->issued_at_s <= 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "iat is missing");
    }
    if (claims->expires_at_s <= claims->issued_at_s) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "exp is not after iat");
    }
    if (claims->not_before_s < 0 || claims->not_before_s >= claims->expires_at_s) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nbf is not before exp");
    }
    if (claims->confirmation[0] != '\0' &&
        strnlen(claims->confirmation, IMI_KEY_ID_SIZE) != IMI_THUMBPRINT_LENGTH) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "cnf is not a thumbprint");
    }
    return IMI_OK;
}

/* "face liveness" as ["face","liveness"]. */
static imi_status split_methods(const char *methods, json_t **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_JSON list = json_array();
    for (const char *word = methods; word != NULL;) {
        const char *space = strchr(word, ' ');
        size_t size = space == NULL ? strlen(word) : (size_t)(space - word);
        if (size == 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "amr is not words joined by single spaces");
        }
        if (json_array_append_new(list, json_stringn(word, size)) != 0) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for claim amr");
        }
        word = space == NULL ? NULL : space + 1;
    }
    *out = IMI_STEAL(&list);
    return IMI_OK;
}

static imi_status set_member(json_t *object, const char *member, json_t *take_value, imi_error *err)
{
    if (json_object_set_new(object, member, take_value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for claim %s", member);
    }
    return IMI_OK;
}

/* What a token need not say. */
static imi_status render_options(const imi_token_claims *claims, json_t *payload, imi_error *err)
{
    if (claims->not_before_s > 0) {
        IMI_TRY(set_member(payload, "nbf", json_integer(claims->not_before_s), err));
    }
    if (claims->confirmation[0] != '\0') {
        IMI_TRY(set_member(payload, "cnf", json_pack("{s:s}", "jkt", claims->confirmation), err));
    }
    if (claims->status_uri[0] != '\0') {
        json_t *status = imi_status_claim_make(claims->status_uri, claims->status_index);
        IMI_TRY(set_member(payload, "status", status, err));
    }
    if (claims->verification.trust_framework[0] != '\0') {
        json_t *verified = NULL;
        IMI_TRY(imi_verification_render(&claims->verification, &verified, err));
        IMI_TRY(set_member(payload, "verified_claims", verified, err));
    }
    return IMI_OK;
}

static imi_status render_payload(const imi_token_claims *claims, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_JSON methods = NULL;
    IMI_TRY(split_methods(claims->methods, &methods, err));
    IMI_AUTO_JSON payload = json_object();
    for (size_t i = 0; i < IMI_TEXT_CLAIMS; i++) {
        const char *text = imi_text_claim_in(claims, &imi_text_claims[i]);
        if (text[0] != '\0') {
            IMI_TRY(set_member(payload, imi_text_claims[i].member, json_string(text), err));
        }
    }
    IMI_TRY(set_member(payload, "iat", json_integer(claims->issued_at_s), err));
    IMI_TRY(set_member(payload, "exp", json_integer(claims->expires_at_s), err));
    IMI_TRY(set_member(payload, "amr", IMI_STEAL(&methods), err));
    IMI_TRY(set_member(payload, "imi_target_fmr", json_real(claims->target_fmr), err));
    IMI_TRY(render_options(claims, payload, err));
    return imi_json_render(payload, out, err);
}

imi_status imi_token_issue(imi_signer *signer, const imi_token_claims *claims, imi_buffer *out,
                           imi_error *err)
{
    IMI_TRY(check_claims(claims, err));
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_TRY(render_payload(claims, &payload, err));
    IMI_TRY(imi_jws_sign(signer, IMI_TOKEN_TYPE, NULL, imi_buffer_view(&payload), &token, err));
    if (token.size > IMI_TOKEN_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the token would be larger than %d bytes",
                 IMI_TOKEN_BYTES_MAX);
    }
    return imi_buffer_append(out, imi_buffer_view(&token), err);
}
