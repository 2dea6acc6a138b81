/* A token, whole. */
#include "internal.h"

#include "imi/token.h"

#include <stdio.h>
#include <string.h>

typedef struct task {
    imi_view token;
    imi_token_expectation expectation;
    imi_token_claims *claims;
} task;

static imi_status verify(const imi_key_set *keys, void *user, imi_error *err)
{
    task *self = user;
    return imi_token_verify_by_keys(self->token, keys, &self->expectation, self->claims, err);
}

/* ---- Verified claims as JSON ---- */

/* Bounded; what does not fit makes it full, for good. */
typedef struct text_writer {
    char *out;
    size_t size, capacity;
    bool is_full;
} text_writer;

static void put(text_writer *self, const char *text)
{
    size_t size = strlen(text);
    if (self->is_full || size >= self->capacity - self->size) {
        self->is_full = true;
        return;
    }
    imi_copy(self->out + self->size, text, size + 1);
    self->size += size;
}

/* As short as the token can have written it, so that the bound on tokens is one on this. */
static void put_escaped(text_writer *self, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = c == '\0' ? NULL : strchr(plain, c);
    char text[8] = {c, '\0'};
    if (at != NULL) {
        snprintf(text, sizeof text, "\\%c", letter[at - plain]);
    } else if ((unsigned char)c < 0x20) {
        snprintf(text, sizeof text, "\\u%04x", (unsigned)(unsigned char)c);
    }
    put(self, text);
}

static void put_string(text_writer *self, const char *text)
{
    put(self, "\"");
    for (; *text != '\0'; text++) {
        put_escaped(self, *text);
    }
    put(self, "\"");
}

static void put_claim(text_writer *self, const imi_verified_claim *claim)
{
    put_string(self, claim->name);
    put(self, ":");
    if (claim->kind == IMI_VERIFIED_TEXT) {
        put_string(self, claim->text);
    } else {
        put(self, claim->kind == IMI_VERIFIED_TRUE ? "true" : "false");
    }
}

/* False if the claims do not fit. */
static bool copy_verified(const imi_verification *verification, imitoken_claims *out)
{
    bool is_there = verification->trust_framework[0] != '\0';
    text_writer writer = {out->verified_claims, 0, sizeof out->verified_claims, false};
    out->verified_claims[0] = '\0';
    put(&writer, is_there ? "{" : "");
    for (size_t i = 0; i < verification->claim_count; i++) {
        put(&writer, i == 0 ? "" : ",");
        put_claim(&writer, &verification->claims[i]);
    }
    put(&writer, is_there ? "}" : "");
    imi_copy_text(out->trust_framework, sizeof out->trust_framework, verification->trust_framework);
    imi_copy_text(out->assurance_level, sizeof out->assurance_level, verification->assurance_level);
    out->verified_at_s = verification->verified_at_s;
    return !writer.is_full;
}

/* ---- Claims ---- */

/* False if the verified claims do not fit. */
static bool copy_claims(const imi_token_claims *claims, imitoken_claims *out)
{
#define COPY(member) imi_copy_text(out->member, sizeof out->member, claims->member)
    COPY(issuer);
    COPY(audience);
    COPY(subject);
    COPY(token_id);
    COPY(nonce);
    COPY(purpose);
    COPY(session_id);
    COPY(methods);
    COPY(assurance);
    COPY(model_version);
    COPY(policy_version);
    COPY(operating_point);
    COPY(score_kind);
    COPY(status_uri);
#undef COPY
    imi_copy_text(out->holder_thumbprint, sizeof out->holder_thumbprint, claims->confirmation);
    out->target_fmr = claims->target_fmr;
    out->issued_at_s = claims->issued_at_s;
    out->not_before_s = claims->not_before_s;
    out->expires_at_s = claims->expires_at_s;
    out->status_index = claims->status_index;
    return copy_verified(&claims->verification, out);
}

static imitoken_code check_request(const imi_token_claims *claims,
                                   const imitoken_expected *expected, imitoken_error *err)
{
    if (expected->nonce != NULL && strcmp(claims->nonce, expected->nonce) != 0) {
        return imitoken_fail(err, IMITOKEN_E_NONCE, "the token's nonce is not the one expected");
    }
    if (strcmp(claims->purpose, expected->purpose) != 0) {
        return imitoken_fail(err, IMITOKEN_E_PURPOSE,
                             "the token's purpose is not the one expected");
    }
    return IMITOKEN_OK;
}

/* An empty nonce or purpose would be met by a token that has none. */
static bool is_usable(const imitoken_expected *expected)
{
    return IMITOKEN_FITS(expected) && (expected->nonce == NULL || expected->nonce[0] != '\0') &&
           expected->purpose != NULL && expected->purpose[0] != '\0';
}

static imitoken_code check(imitoken_checker *checker, imi_view token,
                           const imitoken_expected *expected, imitoken_claims *out,
                           imitoken_error *err)
{
    imi_token_claims claims;
    task self = {.token = token,
                 .expectation = {.algorithm = checker->algorithm,
                                 .issuer = checker->issuer,
                                 .audience = checker->audience,
                                 .now_s = imitoken_now_s(checker->time),
                                 .leeway_s = checker->leeway_s},
                 .claims = &claims};
    IMITOKEN_TRY(imitoken_verify_by(checker->keys, verify, &self, err));
    IMITOKEN_TRY(check_request(&claims, expected, err));
    IMITOKEN_TRY(imitoken_check_place(checker, claims.status_uri, claims.status_index, err));
    return copy_claims(&claims, out)
               ? IMITOKEN_OK
               : imitoken_fail(err, IMITOKEN_E_CLAIM, "verified_claims are too long");
}

imitoken_code imitoken_check(imitoken_checker *checker, const char *token, size_t size,
                             const imitoken_expected *expected, imitoken_claims *out,
                             imitoken_error *err)
{
    if (!IMITOKEN_FITS(out)) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "self_size of the claims is not set");
    }
    bool is_usable_call = checker != NULL && token != NULL && is_usable(expected);
    imitoken_code code =
        is_usable_call
            ? check(checker, (imi_view){(const uint8_t *)token, size}, expected, out, err)
            : imitoken_fail(err, IMITOKEN_E_ARGUMENT,
                            "checker, token or expected purpose is missing, or a nonce is empty");
    /* Nothing of a token that was refused; of one that holds every member was written. */
    if (code != IMITOKEN_OK) {
        IMITOKEN_CLEAR(out);
    }
    return code;
}
