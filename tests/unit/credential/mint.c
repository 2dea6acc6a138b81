#include "mint.h"

#include "imi/crypto.h"
#include "imi/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_SIZE = 1 << 17, SLOTS = 8 };

imi_signer *g_issuer, *g_holder, *g_stranger;
imi_key_set *g_keys;
imi_buffer g_holder_jwk = IMI_BUFFER_INIT;
static char g_folder[256];
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

const char mint_binding[] = "{\"iat\":1699999990,\"aud\":\"" MINT_AUDIENCE
                            "\",\"nonce\":\"" MINT_NONCE "\",\"sd_hash\":\"$\"}";

void assert_ok(imi_status status, const imi_error *err)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), err->message);
    }
}

void assert_text(const imi_buffer *got, const char *wanted)
{
    if (!imi_view_equal(imi_buffer_view(got), imi_view_of_text(wanted))) {
        fail_msg("%.*s is not %s", (int)got->size, (const char *)got->data, wanted);
    }
}

void assert_json(const imi_buffer *got, const char *wanted)
{
    json_t *a = json_loadb((const char *)got->data, got->size, JSON_REJECT_DUPLICATES, NULL);
    json_t *b = json_loads(wanted, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(b);
    if (!json_equal(a, b)) {
        fail_msg("%.*s is not %s", (int)got->size, (const char *)got->data, wanted);
    }
    json_decref(a);
    json_decref(b);
}

static imi_signer *open_signer(const char *name)
{
    char path[300];
    imi_signer *signer = NULL;
    snprintf(path, sizeof path, "%s/%s", g_folder, name);
    OK(imi_signer_file_new(path, &signer, &g_err));
    unlink(path);
    return signer;
}

int mint_set_up(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(g_folder, sizeof g_folder, "%s/imi-credential-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(g_folder));
    g_issuer = open_signer("issuer.pem");
    g_holder = open_signer("holder.pem");
    g_stranger = open_signer("stranger.pem");
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    OK(imi_jwks_render(&g_issuer, 1, &jwks, &g_err));
    OK(imi_key_set_parse(imi_buffer_view(&jwks), &g_keys, &g_err));
    OK(g_holder->public_jwk(g_holder, &g_holder_jwk, &g_err));
    return 0;
}

int mint_tear_down(void **state)
{
    (void)state;
    imi_signer_destroy(&g_issuer);
    imi_signer_destroy(&g_holder);
    imi_signer_destroy(&g_stranger);
    imi_key_set_destroy(&g_keys);
    imi_buffer_clean_up(&g_holder_jwk);
    return rmdir(g_folder);
}

imi_credential_terms mint_terms(void)
{
    return (imi_credential_terms){
        .issuer = MINT_ISSUER,
        .type = MINT_TYPE,
        .issued_at_s = MINT_NOW_S - 86400,
        .expires_at_s = MINT_NOW_S + 86400,
        .holder_jwk = imi_buffer_view(&g_holder_jwk),
    };
}

imi_credential_expectation mint_expectation(void)
{
    return (imi_credential_expectation){
        .algorithm = "ES256",
        .issuer = MINT_ISSUER,
        .type = MINT_TYPE,
        .now_s = MINT_NOW_S,
        .audience = MINT_AUDIENCE,
        .nonce = MINT_NONCE,
        .binding_age_max_s = 60,
    };
}

void mint_credential(imi_buffer *out)
{
    imi_credential_terms terms = mint_terms();
    OK(imi_credential_issue(g_issuer, &terms, imi_view_of_text(MINT_CLAIMS), out, &g_err));
}

void mint_presentation(imi_view credential, const char *paths, imi_buffer *out)
{
    char words[256];
    const char *list[SLOTS];
    imi_presentation_terms terms = {list, 0, MINT_AUDIENCE, MINT_NONCE, MINT_NOW_S};
    assert_true(imi_copy_text(words, sizeof words, paths));
    char *rest = words;
    for (char *word = NULL; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        list[terms.path_count++] = word;
    }
    OK(imi_credential_present(credential, g_holder, &terms, out, &g_err));
}

const char *mint_disclosure(const char *json)
{
    static char texts[SLOTS][4096];
    static unsigned next;
    char *text = texts[next++ % SLOTS];
    IMI_AUTO_BUFFER encoded = IMI_BUFFER_INIT;
    OK(imi_base64url_encode(imi_view_of_text(json), &encoded, &g_err));
    OK(imi_buffer_terminate(&encoded, &g_err));
    assert_true(imi_copy_text(text, sizeof texts[0], (const char *)encoded.data));
    return text;
}

const char *mint_digest(const char *disclosure)
{
    static char texts[SLOTS][64];
    static unsigned next;
    char *text = texts[next++ % SLOTS];
    uint8_t digest[IMI_SHA256_SIZE];
    OK(imi_sha256(imi_view_of_text(disclosure), digest, &g_err));
    IMI_AUTO_BUFFER encoded = IMI_BUFFER_INIT;
    OK(imi_base64url_encode((imi_view){digest, sizeof digest}, &encoded, &g_err));
    snprintf(text, sizeof texts[0], "%.*s", (int)encoded.size, (const char *)encoded.data);
    return text;
}

const char *mint_payload(const char *more)
{
    static char text[TEXT_SIZE];
    snprintf(text, sizeof text,
             "{\"iss\":\"" MINT_ISSUER "\",\"vct\":\"" MINT_TYPE "\",\"iat\":1699990000,"
             "\"exp\":1700010000,\"cnf\":{\"jwk\":%.*s}%s%s}",
             (int)g_holder_jwk.size, (const char *)g_holder_jwk.data, more[0] == '\0' ? "" : ",",
             more);
    return text;
}

const char *mint_payload_with(const char *old_text, const char *new_text)
{
    static char text[TEXT_SIZE];
    const char *payload = mint_payload("");
    const char *found = strstr(payload, old_text);
    assert_non_null(found);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(found - payload), payload, new_text,
             found + strlen(old_text));
    return text;
}

void mint_raw(const char *type, const char *payload, const char *disclosures, imi_buffer *out)
{
    OK(imi_jws_sign(g_issuer, type, NULL, imi_view_of_text(payload), out, &g_err));
    OK(imi_buffer_append_text(out, "~", &g_err));
    OK(imi_buffer_append_text(out, disclosures, &g_err));
}

void mint_bind(imi_signer *signer, const char *type, const char *payload, imi_buffer *shown)
{
    char text[1024];
    OK(imi_buffer_terminate(shown, &g_err));
    const char *hash = mint_digest((const char *)shown->data);
    const char *place = strchr(payload, '$');
    size_t before = place == NULL ? strlen(payload) : (size_t)(place - payload);
    snprintf(text, sizeof text, "%.*s%s%s", (int)before, payload, place == NULL ? "" : hash,
             place == NULL ? "" : place + 1);
    OK(imi_jws_sign(signer, type, NULL, imi_view_of_text(text), shown, &g_err));
}

imi_status mint_verify_as(imi_view presentation, const imi_credential_expectation *expectation,
                          imi_buffer *claims_out)
{
    imi_credential_facts facts;
    IMI_AUTO_BUFFER ignored = IMI_BUFFER_INIT;
    return imi_credential_verify(presentation, g_keys, expectation, &facts,
                                 claims_out == NULL ? &ignored : claims_out, &g_err);
}

static void assert_refused_as(const imi_buffer *presentation, imi_status wanted,
                              const imi_credential_expectation *expectation)
{
    static const imi_credential_facts nothing;
    imi_credential_facts facts;
    memset(&facts, 0xA5, sizeof facts);
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    imi_error err = IMI_ERROR_INIT;
    imi_status status = imi_credential_verify(imi_buffer_view(presentation), g_keys, expectation,
                                              &facts, &claims, &err);
    if (status != wanted) {
        fail_msg("%s (%s), not %s", imi_status_name(status), err.message, imi_status_name(wanted));
    }
    assert_memory_equal(&facts, &nothing, sizeof facts);
    assert_int_equal(claims.size, 0);
    assert_int_equal(err.status, wanted);
    assert_null(strstr(err.message, "Li Hua"));
}

void assert_refused(const imi_buffer *presentation, imi_status wanted)
{
    imi_credential_expectation expectation = mint_expectation();
    assert_refused_as(presentation, wanted, &expectation);
}

void assert_unbound_refused(const imi_buffer *presentation, imi_status wanted)
{
    imi_credential_expectation expectation = mint_expectation();
    expectation.without_key_binding = true;
    assert_refused_as(presentation, wanted, &expectation);
}

void assert_discloses(const char *more, const char *disclosures, const char *claims)
{
    imi_credential_expectation expectation = mint_expectation();
    expectation.without_key_binding = true;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(more), disclosures, &presentation);
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, &got));
    assert_json(&got, claims);
}

void assert_undisclosed(const char *more, const char *disclosures)
{
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(more), disclosures, &presentation);
    assert_unbound_refused(&presentation, IMI_E_CREDENTIAL_DISCLOSURE);
}
