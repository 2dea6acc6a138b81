#include "evidence.h"
#include "verification.h"

#include <string.h>

static imi_status check_text(const char *text, size_t capacity, bool required, imi_error *err)
{
    if (memchr(text, 0, capacity) == NULL || (required && text[0] == '\0') ||
        !imi_text_is_clean_utf8(imi_view_of_text(text))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a text of verified_claims is missing or malformed");
    }
    return IMI_OK;
}

static imi_status check(const imi_verification *self, imi_error *err)
{
    IMI_TRY(check_text(self->trust_framework, sizeof self->trust_framework, true, err));
    IMI_TRY(check_text(self->assurance_level, sizeof self->assurance_level, true, err));
    IMI_TRY(check_text(self->process, sizeof self->process, false, err));
    if (self->evidence_count == 0 || self->evidence_count > IMI_TOKEN_EVIDENCE_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "verified_claims need 1 to %d pieces of evidence",
                 IMI_TOKEN_EVIDENCE_MAX);
    }
    if (self->claim_count > IMI_TOKEN_VERIFIED_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "verified_claims hold at most %d claims",
                 IMI_TOKEN_VERIFIED_MAX);
    }
    return IMI_OK;
}

/* Moves value in whether it succeeds or not; a NULL value is a failed allocation. */
static imi_status append(json_t *list, json_t *value, imi_error *err)
{
    if (json_array_append_new(list, value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for verified_claims");
    }
    return IMI_OK;
}

static imi_status set(json_t *object, const char *member, json_t *value, imi_error *err)
{
    if (json_object_set_new(object, member, value) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for verified_claims");
    }
    return IMI_OK;
}

static imi_status render_evidence(const imi_token_evidence *evidence, json_t *list, imi_error *err)
{
    char time[IMI_TIME_TEXT_SIZE];
    IMI_TRY(imi_time_text_render(evidence->checked_at_s, time, err));
    for (size_t i = 0; i < IMI_EVIDENCE_FORMS; i++) {
        const imi_evidence_form *form = &imi_evidence_forms[i];
        if (form->kind == evidence->kind) {
            return append(list,
                          json_pack("{s:s, s:[{s:s, s:s}], s:{s:s}}", "type", form->type,
                                    "check_details", "check_method", form->method, "time", time,
                                    form->details, "type", form->record),
                          err);
        }
    }
    IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a piece of evidence is of no known kind");
}

static imi_status render_claim(const imi_verified_claim *claim, json_t *object, imi_error *err)
{
    IMI_TRY(check_text(claim->name, sizeof claim->name, true, err));
    if (json_object_get(object, claim->name) != NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "verified_claims name a claim twice");
    }
    switch (claim->kind) {
    case IMI_VERIFIED_TEXT:
        IMI_TRY(check_text(claim->text, sizeof claim->text, true, err));
        return set(object, claim->name, json_string(claim->text), err);
    case IMI_VERIFIED_FALSE:
        return set(object, claim->name, json_false(), err);
    case IMI_VERIFIED_TRUE:
        return set(object, claim->name, json_true(), err);
    }
    IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a verified claim is of no known kind");
}

static imi_status render_verification(const imi_verification *self, json_t **out, imi_error *err)
{
    char time[IMI_TIME_TEXT_SIZE];
    IMI_TRY(imi_time_text_render(self->verified_at_s, time, err));
    IMI_AUTO_JSON object = json_pack("{s:s, s:s, s:s}", "trust_framework", self->trust_framework,
                                     "assurance_level", self->assurance_level, "time", time);
    if (self->process[0] != '\0') {
        IMI_TRY(set(object, "verification_process", json_string(self->process), err));
    }
    IMI_AUTO_JSON evidence = json_array();
    for (size_t i = 0; i < self->evidence_count; i++) {
        IMI_TRY(render_evidence(&self->evidence[i], evidence, err));
    }
    IMI_TRY(set(object, "evidence", IMI_STEAL(&evidence), err));
    *out = IMI_STEAL(&object);
    return IMI_OK;
}

imi_status imi_verification_render(const imi_verification *verification, json_t **out,
                                   imi_error *err)
{
    *out = NULL;
    IMI_TRY(check(verification, err));
    IMI_AUTO_JSON how = NULL;
    IMI_TRY(render_verification(verification, &how, err));
    IMI_AUTO_JSON claims = json_object();
    for (size_t i = 0; i < verification->claim_count; i++) {
        IMI_TRY(render_claim(&verification->claims[i], claims, err));
    }
    IMI_AUTO_JSON whole = json_object();
    IMI_TRY(set(whole, "verification", IMI_STEAL(&how), err));
    IMI_TRY(set(whole, "claims", IMI_STEAL(&claims), err));
    *out = IMI_STEAL(&whole);
    return IMI_OK;
}
