#include "evidence.h"
#include "verification.h"

static imi_status read_text(const imi_json_node *object, const char *member, bool required,
                            char *out, size_t capacity, imi_error *err)
{
    const imi_json_node *value = imi_json_member(object, member);
    if ((value != NULL || required) && !imi_json_copy_text(value, out, capacity)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "%s of verified_claims is missing, not text or too long",
                 member);
    }
    return IMI_OK;
}

static imi_status read_time(const imi_json_node *object, int64_t *out, imi_error *err)
{
    char text[IMI_TIME_TEXT_SIZE];
    imi_json_copy_text(imi_json_member(object, "time"), text, sizeof text);
    return imi_time_text_read(text, out, err);
}

static bool has_form(const imi_json_node *evidence, const imi_json_node *method,
                     const imi_evidence_form *form)
{
    const imi_json_node *record = imi_json_member(evidence, form->details);
    return imi_json_says(imi_json_member(evidence, "type"), form->type) &&
           imi_json_says(imi_json_member(record, "type"), form->record) &&
           imi_json_says(method, form->method);
}

static imi_status read_evidence(const imi_json_node *evidence, imi_verification *out,
                                imi_error *err)
{
    const imi_json_node *details = imi_json_first(imi_json_member(evidence, "check_details"));
    const imi_json_node *method = imi_json_member(details, "check_method");
    if (!imi_json_is(method, IMI_JSON_TEXT)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "evidence of verified_claims has no check_method");
    }
    const imi_evidence_form *form = imi_evidence_forms, *end = form + IMI_EVIDENCE_FORMS;
    while (form < end && !has_form(evidence, method, form)) {
        form++;
    }
    if (form == end) {
        return IMI_OK;
    }
    if (out->evidence_count == IMI_TOKEN_EVIDENCE_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims hold too much evidence");
    }
    imi_token_evidence *piece = &out->evidence[out->evidence_count++];
    piece->kind = form->kind;
    return read_time(details, &piece->checked_at_s, err);
}

static imi_status read_claim(const imi_json_node *name, imi_verified_claim *out, imi_error *err)
{
    const imi_json_node *value = name + 1;
    out->kind = IMI_VERIFIED_TEXT;
    out->text[0] = '\0';
    if (!imi_json_copy_text(name, out->name, sizeof out->name)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "the name of a verified claim is empty or too long");
    }
    if (imi_json_is(value, IMI_JSON_TRUE) || imi_json_is(value, IMI_JSON_FALSE)) {
        out->kind = value->kind == IMI_JSON_TRUE ? IMI_VERIFIED_TRUE : IMI_VERIFIED_FALSE;
    } else if (!imi_json_copy_text(value, out->text, sizeof out->text)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "a verified claim is neither text nor a truth");
    }
    return IMI_OK;
}

static imi_status read_claims(const imi_json_node *claims, imi_verification *out, imi_error *err)
{
    if (!imi_json_is(claims, IMI_JSON_OBJECT)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims hold no claims");
    }
    const imi_json_node *name = imi_json_first(claims);
    for (; name != NULL; name = imi_json_next(claims, name)) {
        if (out->claim_count == IMI_TOKEN_VERIFIED_MAX) {
            IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims hold too many claims");
        }
        IMI_TRY(read_claim(name, &out->claims[out->claim_count++], err));
    }
    return IMI_OK;
}

imi_status imi_verification_read(const imi_json_node *value, imi_verification *out, imi_error *err)
{
    const imi_json_node *how = imi_json_member(value, "verification");
    IMI_TRY(read_text(how, "trust_framework", true, out->trust_framework,
                      sizeof out->trust_framework, err));
    IMI_TRY(read_text(how, "assurance_level", true, out->assurance_level,
                      sizeof out->assurance_level, err));
    IMI_TRY(read_text(how, "verification_process", false, out->process, sizeof out->process, err));
    IMI_TRY(read_time(how, &out->verified_at_s, err));
    const imi_json_node *list = imi_json_member(how, "evidence");
    const imi_json_node *evidence = imi_json_is(list, IMI_JSON_ARRAY) ? imi_json_first(list) : NULL;
    if (evidence == NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "verified_claims show no evidence");
    }
    for (; evidence != NULL; evidence = imi_json_next(list, evidence)) {
        IMI_TRY(read_evidence(evidence, out, err));
    }
    return read_claims(imi_json_member(value, "claims"), out, err);
}
