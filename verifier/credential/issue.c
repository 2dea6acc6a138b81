#include "imi/credential.h"

#include "conceal.h"
#include "reserved.h"
#include "verifier/token/status_claim.h"

#include <string.h>

/* Room that is left for the key binding, whose aud and nonce are texts of bounded length. */
enum { BINDING_BYTES_MAX = 4096, ISSUED_BYTES_MAX = IMI_CREDENTIAL_BYTES_MAX - BINDING_BYTES_MAX };

static imi_status check_text(const char *text, const char *member, imi_error *err)
{
    if (text == NULL || text[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is missing", member);
    }
    if (strlen(text) >= IMI_CREDENTIAL_TEXT_MAX ||
        !imi_text_is_clean_utf8(imi_view_of_text(text))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is too long or not UTF-8", member);
    }
    return IMI_OK;
}

static bool has_status(const imi_credential_terms *terms)
{
    return terms->status_uri != NULL && terms->status_uri[0] != '\0';
}

static imi_status check_terms(const imi_credential_terms *terms, imi_error *err)
{
    IMI_TRY(check_text(terms->issuer, "iss", err));
    IMI_TRY(check_text(terms->type, "vct", err));
    if (has_status(terms)) {
        IMI_TRY(check_text(terms->status_uri, "uri of status", err));
    }
    if (terms->issued_at_s <= 0 || terms->expires_at_s <= terms->issued_at_s) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "iat is missing, or exp not after it");
    }
    if (terms->not_before_s < 0 || terms->not_before_s >= terms->expires_at_s) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nbf is not before exp");
    }
    if (terms->decoys > IMI_CREDENTIAL_DECOYS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are more than %d decoys",
                 IMI_CREDENTIAL_DECOYS_MAX);
    }
    return IMI_OK;
}

/* {"jwk":{...}} of what the key needs: a kid or a name in it would be for everybody to see. */
static imi_status make_confirmation(imi_view holder_jwk, json_t **out, imi_error *err)
{
    char thumbprint[IMI_KEY_ID_SIZE];
    IMI_TRY(imi_jwk_thumbprint(holder_jwk, thumbprint, err));
    IMI_AUTO_JSON jwk = NULL;
    IMI_TRY(imi_json_parse_object(holder_jwk, IMI_JWKS_BYTES_MAX, "the holder's key", IMI_E_KEY,
                                  &jwk, err));
    if (strcmp(imi_json_text(jwk, "crv"), "P-256") != 0) {
        IMI_FAIL(err, IMI_E_KEY, "the holder's key is not on P-256");
    }
    *out = json_pack("{s:{s:s, s:s, s:s, s:s}}", "jwk", "kty", imi_json_text(jwk, "kty"), "crv",
                     imi_json_text(jwk, "crv"), "x", imi_json_text(jwk, "x"), "y",
                     imi_json_text(jwk, "y"));
    return IMI_OK;
}

static imi_status set_member(json_t *object, const char *member, json_t *take_value, imi_error *err)
{
    if (json_object_set_new(object, member, take_value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", member);
    }
    return IMI_OK;
}

/* What everybody sees beside the digests. */
static imi_status add_terms(const imi_credential_terms *terms, json_t *payload, imi_error *err)
{
    json_t *confirmation = NULL;
    IMI_TRY(make_confirmation(terms->holder_jwk, &confirmation, err));
    IMI_TRY(set_member(payload, "cnf", confirmation, err));
    IMI_TRY(set_member(payload, "iss", json_string(terms->issuer), err));
    IMI_TRY(set_member(payload, "vct", json_string(terms->type), err));
    IMI_TRY(set_member(payload, "iat", json_integer(terms->issued_at_s), err));
    IMI_TRY(set_member(payload, "exp", json_integer(terms->expires_at_s), err));
    if (terms->not_before_s > 0) {
        IMI_TRY(set_member(payload, "nbf", json_integer(terms->not_before_s), err));
    }
    if (has_status(terms)) {
        json_t *status = imi_status_claim_make(terms->status_uri, terms->status_index);
        IMI_TRY(set_member(payload, "status", status, err));
    }
    return set_member(payload, IMI_SD_ALGORITHM, json_string(IMI_SD_SHA256), err);
}

static imi_status read_claims(imi_view claims_json, json_t **out, imi_error *err)
{
    IMI_TRY(imi_json_parse_object(claims_json, IMI_CREDENTIAL_BYTES_MAX, "the claims",
                                  IMI_E_INVALID_ARGUMENT, out, err));
    const char *name = NULL;
    const json_t *value = NULL;
    json_object_foreach(*out, name, value)
    {
        if (imi_sd_name_is_issuers(name)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is the issuer's to set", name);
        }
    }
    return IMI_OK;
}

imi_status imi_credential_issue(imi_signer *issuer, const imi_credential_terms *terms,
                                imi_view claims_json, imi_buffer *out, imi_error *err)
{
    IMI_TRY(check_terms(terms, err));
    IMI_AUTO_JSON payload = NULL;
    IMI_AUTO_BUFFER disclosures = IMI_BUFFER_INIT;
    IMI_TRY(read_claims(claims_json, &payload, err));
    IMI_TRY(imi_sd_conceal(payload, terms->decoys, &disclosures, err));
    IMI_TRY(add_terms(terms, payload, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_TRY(imi_json_render(payload, &text, err));
    IMI_TRY(
        imi_jws_sign(issuer, IMI_CREDENTIAL_TYPE, NULL, imi_buffer_view(&text), &credential, err));
    IMI_TRY(imi_buffer_append_text(&credential, "~", err));
    IMI_TRY(imi_buffer_append(&credential, imi_buffer_view(&disclosures), err));
    if (credential.size > ISSUED_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the credential would be larger than %d bytes",
                 ISSUED_BYTES_MAX);
    }
    return imi_buffer_append(out, imi_buffer_view(&credential), err);
}
