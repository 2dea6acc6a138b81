/* Credentials that a person presents. */
#include "internal.h"

#include "imi/credential.h"

typedef struct task {
    imi_view presentation;
    imi_credential_expectation expectation;
    imi_credential_facts facts;
    imi_buffer claims_json;
} task;

static void clean_up(task *self)
{
    imi_buffer_clean_up(&self->claims_json);
}

static imi_status verify(const imi_key_set *keys, void *user, imi_error *err)
{
    task *self = user;
    return imi_credential_verify(self->presentation, keys, &self->expectation, &self->facts,
                                 &self->claims_json, err);
}

static void copy_facts(const imi_credential_facts *facts, imitoken_credential *out)
{
    imi_copy_text(out->issuer, sizeof out->issuer, facts->issuer);
    imi_copy_text(out->type, sizeof out->type, facts->type);
    imi_copy_text(out->holder_thumbprint, sizeof out->holder_thumbprint, facts->holder_thumbprint);
    imi_copy_text(out->status_uri, sizeof out->status_uri, facts->status_uri);
    out->issued_at_s = facts->issued_at_s;
    out->not_before_s = facts->not_before_s;
    out->expires_at_s = facts->expires_at_s;
    out->status_index = facts->status_index;
}

static bool is_usable(const imitoken_presentation *expected)
{
    return IMITOKEN_FITS(expected) && expected->type != NULL && expected->nonce != NULL &&
           expected->nonce[0] != '\0';
}

imitoken_code imitoken_check_presentation(imitoken_checker *checker, const char *presentation,
                                          size_t size, const imitoken_presentation *expected,
                                          imitoken_credential *out, char *claims_json,
                                          size_t capacity, imitoken_error *err)
{
    if (!IMITOKEN_FITS(out) || claims_json == NULL || capacity == 0) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "an output is missing, or its self_size");
    }
    IMITOKEN_CLEAR(out);
    claims_json[0] = '\0';
    if (checker == NULL || presentation == NULL || !is_usable(expected)) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT,
                             "checker, presentation, or expected type or nonce is missing");
    }
    __attribute__((cleanup(clean_up)))
    task self = {.presentation = {(const uint8_t *)presentation, size},
                 .expectation = {.algorithm = checker->algorithm,
                                 .issuer = checker->issuer,
                                 .type = expected->type,
                                 .now_s = imitoken_now_s(checker->time),
                                 .leeway_s = checker->leeway_s,
                                 .audience = checker->audience,
                                 .nonce = expected->nonce,
                                 .binding_age_max_s = expected->age_max_s},
                 .claims_json = IMI_BUFFER_INIT};
    IMITOKEN_TRY(imitoken_verify_by(checker->keys, verify, &self, err));
    IMITOKEN_TRY(
        imitoken_check_place(checker, self.facts.status_uri, self.facts.status_index, err));
    if (self.claims_json.size >= capacity) {
        return imitoken_fail(err, IMITOKEN_E_SPACE, "the disclosed claims do not fit");
    }
    imi_copy(claims_json, self.claims_json.data, self.claims_json.size);
    claims_json[self.claims_json.size] = '\0';
    copy_facts(&self.facts, out);
    return IMITOKEN_OK;
}
