#include "evidence.h"
#include "verification.h"

#include <string.h>

static imi_status read_text(const json_t *object, const char *member, bool required, char *out,
                            size_t capacity, imi_error *err)
{
    const json_t *value = json_object_get(object, member);
    if (value == NULL && !required) {
        return IMI_OK;
    }
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0' || !imi_copy_text(out, capacity, text)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "%s of verified_claims is missing, not text or too long",
                 member);
    }
    return IMI_OK;
}

static const imi_evidence_form *form_of(const json_t *evidence, const char *method)
{
    const char *type = imi_json_text(evidence, "type");
    for (size_t i = 0; type != NULL && i < IMI_EVIDENCE_FORMS; i++) {
        const imi_evidence_form *form = &imi_evidence_forms[i];
        const char *record = imi_json_text(json_object_get(evidence, form->details), "type");
        if (strcmp(type, form->type) == 0 && record != NULL && strcmp(record, form->record) == 0 &&
            strcmp(method, form->method) == 0) {
            return form;
        }
    }
    return NULL;
}

static imi_status read_evidence(const json_t *evidence, imi_verification *out, imi_error *err)
{
    const json_t *details = json_array_get(json_object_get(evidence, "check_details"), 0);
    const char *method = imi_json_text(details, "check_method");
    if (method == NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "evidence of verified_claims has no check_method");
    }
    const imi_evidence_form *form = form_of(evidence, method);
    if (form == NULL) {
        return IMI_OK;
    }
    if (out->evidence_count == IMI_TOKEN_EVIDENCE_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims hold too much evidence");
    }
    imi_token_evidence *piece = &out->evidence[out->evidence_count++];
    piece->kind = form->kind;
    return imi_time_text_read(imi_json_text(details, "time"), &piece->checked_at_s, err);
}

static imi_status read_claim(const char *name, const json_t *value, imi_verified_claim *out,
                             imi_error *err)
{
    if (name[0] == '\0' || !imi_copy_text(out->name, sizeof out->name, name)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the name of a verified claim is empty or too long");
    }
    const char *text = json_string_value(value);
    if (json_is_boolean(value)) {
        out->kind = json_is_true(value) ? IMI_VERIFIED_TRUE : IMI_VERIFIED_FALSE;
    } else if (text == NULL || text[0] == '\0' ||
               !imi_copy_text(out->text, sizeof out->text, text)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "a verified claim is neither text nor a truth");
    }
    return IMI_OK;
}

static imi_status read_claims(json_t *claims, imi_verification *out, imi_error *err)
{
    if (!json_is_object(claims) || json_object_size(claims) > IMI_TOKEN_VERIFIED_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims hold no claims, or too many");
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(claims, name, value)
    {
        IMI_TRY(read_claim(name, value, &out->claims[out->claim_count++], err));
    }
    return IMI_OK;
}

imi_status imi_verification_read(const json_t *value, imi_verification *out, imi_error *err)
{
    *out = (imi_verification){0};
    const json_t *how = json_object_get(value, "verification");
    IMI_TRY(read_text(how, "trust_framework", true, out->trust_framework,
                      sizeof out->trust_framework, err));
    IMI_TRY(read_text(how, "assurance_level", true, out->assurance_level,
                      sizeof out->assurance_level, err));
    IMI_TRY(read_text(how, "verification_process", false, out->process, sizeof out->process, err));
    IMI_TRY(imi_time_text_read(imi_json_text(how, "time"), &out->verified_at_s, err));
    const json_t *evidence = json_object_get(how, "evidence");
    if (json_array_size(evidence) == 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims show no evidence");
    }
    for (size_t i = 0; i < json_array_size(evidence); i++) {
        IMI_TRY(read_evidence(json_array_get(evidence, i), out, err));
    }
    return read_claims(json_object_get(value, "claims"), out, err);
}
