#include "imi/credential.h"

#include "binding.h"
#include "unpack.h"

#include <string.h>

static bool is_within(const char *path, const char *whole)
{
    size_t size = strlen(whole);
    return strncmp(path, whole, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

/* With a claim goes what is within it, and what it is within: that alone holds its digest. */
static bool is_chosen(const imi_disclosure *disclosure, const imi_presentation_terms *terms)
{
    for (size_t i = 0; i < terms->path_count; i++) {
        if (is_within(disclosure->path, terms->paths[i]) ||
            is_within(terms->paths[i], disclosure->path)) {
            return true;
        }
    }
    return false;
}

static imi_status check_path(const imi_sd_jwt *sd, const char *path, imi_error *err)
{
    for (size_t i = 0; path != NULL && i < sd->count; i++) {
        if (is_within(sd->disclosures[i].path, path)) {
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_NOT_FOUND, "the credential has nothing to disclose at %.64s",
             path == NULL ? "NULL" : path);
}

static imi_status check_terms(const imi_presentation_terms *terms, imi_error *err)
{
    const char *const texts[] = {terms->audience, terms->nonce};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i] == NULL || texts[i][0] == '\0' ||
            strlen(texts[i]) >= IMI_CREDENTIAL_TEXT_MAX ||
            !imi_text_is_clean_utf8(imi_view_of_text(texts[i]))) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "audience or nonce is missing, too long or not UTF-8");
        }
    }
    if (terms->issued_at_s <= 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "iat is missing");
    }
    return IMI_OK;
}

static imi_status append_shown(const imi_sd_jwt *sd, const imi_presentation_terms *terms,
                               imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append(out, sd->issued, err));
    IMI_TRY(imi_buffer_append_text(out, "~", err));
    for (size_t i = 0; i < sd->count; i++) {
        if (is_chosen(&sd->disclosures[i], terms)) {
            IMI_TRY(imi_buffer_append(out, sd->disclosures[i].encoded, err));
            IMI_TRY(imi_buffer_append_text(out, "~", err));
        }
    }
    return IMI_OK;
}

static imi_status append_binding(const json_t *payload, imi_signer *holder,
                                 const imi_presentation_terms *terms, imi_buffer *presentation,
                                 imi_error *err)
{
    char thumbprint[IMI_KEY_ID_SIZE];
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    IMI_TRY(check_terms(terms, err));
    IMI_TRY(imi_holder_key_read(payload, &jwk, thumbprint, err));
    if (strcmp(thumbprint, holder->key_id) != 0) {
        IMI_FAIL(err, IMI_E_KEY, "the credential is bound to another key");
    }
    IMI_AUTO_BUFFER binding = IMI_BUFFER_INIT;
    IMI_TRY(imi_key_binding_make(imi_buffer_view(presentation), holder, terms, &binding, err));
    return imi_buffer_append(presentation, imi_buffer_view(&binding), err);
}

imi_status imi_credential_present(imi_view credential, imi_signer *holder,
                                  const imi_presentation_terms *terms, imi_buffer *out,
                                  imi_error *err)
{
    IMI_AUTO_SD_JWT sd = {0};
    IMI_AUTO_JSON payload = NULL;
    IMI_TRY(imi_sd_jwt_open(credential, &sd, err));
    if (sd.binding.size > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "this is a presentation already");
    }
    IMI_TRY(imi_sd_jwt_payload(&sd, &payload, err));
    IMI_TRY(imi_sd_unpack(payload, &sd, err));
    for (size_t i = 0; i < terms->path_count; i++) {
        IMI_TRY(check_path(&sd, terms->paths[i], err));
    }
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_TRY(append_shown(&sd, terms, &presentation, err));
    if (holder != NULL) {
        IMI_TRY(append_binding(payload, holder, terms, &presentation, err));
    }
    return imi_buffer_append(out, imi_buffer_view(&presentation), err);
}
