/* What an issuer signs, and what it refuses to. */
#include "mint.h"

#include "imi/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static imi_status issue(const imi_credential_terms *terms, const char *claims, imi_buffer *out)
{
    return imi_credential_issue(g_issuer, terms, imi_view_of_text(claims), out, &g_err);
}

static void assert_not_issued(const imi_credential_terms *terms, const char *claims,
                              imi_status wanted)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(issue(terms, claims, &out), wanted);
    assert_int_equal(out.size, 0);
}

static void assert_claims_refused(const char *claims)
{
    imi_credential_terms terms = mint_terms();
    assert_not_issued(&terms, claims, IMI_E_INVALID_ARGUMENT);
}

/* Header (0) or payload (1) of the JWT. */
static json_t *part_of(const imi_buffer *credential, int part)
{
    imi_jws_parts parts;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    const uint8_t *end = memchr(credential->data, '~', credential->size);
    imi_view jwt = {credential->data, (size_t)(end - credential->data)};
    OK(imi_jws_split(jwt, IMI_JWS_BYTES_MAX, &parts, &g_err));
    OK(imi_base64url_decode(part == 0 ? parts.header : parts.payload, &text, &g_err));
    json_t *value = json_loadb((const char *)text.data, text.size, 0, NULL);
    assert_non_null(value);
    return value;
}

static json_t *payload_of(const imi_credential_terms *terms, const char *claims)
{
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    OK(issue(terms, claims, &credential));
    return part_of(&credential, 1);
}

static void what_is_issued_verifies_with_every_claim(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    terms.not_before_s = MINT_NOW_S - 10;
    terms.status_uri = "https://imi.example/status/1";
    terms.status_index = 77;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(issue(&terms, MINT_CLAIMS, &credential));
    imi_credential_expectation expectation = mint_expectation();
    expectation.without_key_binding = true;
    imi_credential_facts facts;
    OK(imi_credential_verify(imi_buffer_view(&credential), g_keys, &expectation, &facts, &claims,
                             &g_err));
    assert_json(&claims, MINT_CLAIMS);
    assert_string_equal(facts.issuer, MINT_ISSUER);
    assert_string_equal(facts.type, MINT_TYPE);
    assert_int_equal(facts.issued_at_s, MINT_NOW_S - 86400);
    assert_int_equal(facts.not_before_s, MINT_NOW_S - 10);
    assert_int_equal(facts.expires_at_s, MINT_NOW_S + 86400);
    assert_string_equal(facts.holder_thumbprint, g_holder->key_id);
    assert_string_equal(facts.status_uri, "https://imi.example/status/1");
    assert_int_equal(facts.status_index, 77);
}

static void the_header_names_type_algorithm_and_key_alone(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    json_t *header = part_of(&credential, 0);
    json_t *wanted =
        json_pack("{s:s, s:s, s:s}", "typ", "dc+sd-jwt", "alg", "ES256", "kid", g_issuer->key_id);
    assert_true(json_equal(header, wanted));
    json_decref(header);
    json_decref(wanted);
}

static void no_claim_is_in_the_open(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    json_t *payload = payload_of(&terms, MINT_CLAIMS);
    char *text = json_dumps(payload, 0);
    /* With their quotation marks: a digest's 43 random letters hold "zh" often enough. */
    static const char *const hidden[] = {"\"name\"",    "\"Li Hua\"",    "\"degree\"",
                                         "\"Physics\"", "\"languages\"", "\"zh\""};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        assert_null(strstr(text, hidden[i]));
    }
    assert_int_equal(json_array_size(json_object_get(payload, "_sd")), 3);
    free(text);
    json_decref(payload);
}

static void digests_are_sorted(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    terms.decoys = 5;
    json_t *payload = payload_of(&terms, "{\"z\":1,\"b\":2,\"y\":3,\"a\":4,\"c\":5,\"x\":6}");
    const json_t *digests = json_object_get(payload, "_sd");
    for (size_t i = 1; i < json_array_size(digests); i++) {
        assert_true(strcmp(json_string_value(json_array_get(digests, i - 1)),
                           json_string_value(json_array_get(digests, i))) < 0);
    }
    json_decref(payload);
}

static void decoys_are_further_digests_of_the_same_form(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    terms.decoys = 5;
    json_t *payload = payload_of(&terms, "{\"a\":1}");
    const json_t *digests = json_object_get(payload, "_sd");
    assert_int_equal(json_array_size(digests), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(json_string_length(json_array_get(digests, i)), 43);
    }
    json_decref(payload);
}

/* Nothing that was signed for one credential shows up in the next. */
static void two_credentials_of_the_same_claims_share_no_digest(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    json_t *one = payload_of(&terms, MINT_CLAIMS);
    json_t *other = payload_of(&terms, MINT_CLAIMS);
    const json_t *a = json_object_get(one, "_sd"), *b = json_object_get(other, "_sd");
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            assert_false(json_equal(json_array_get(a, i), json_array_get(b, j)));
        }
    }
    json_decref(one);
    json_decref(other);
}

static void salts_have_128_bits(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    mint_credential(&credential);
    const uint8_t *at = (const uint8_t *)memchr(credential.data, '~', credential.size) + 1;
    const uint8_t *end = memchr(at, '~', 4096);
    OK(imi_base64url_decode((imi_view){at, (size_t)(end - at)}, &text, &g_err));
    json_t *disclosure = json_loadb((const char *)text.data, text.size, 0, NULL);
    assert_int_equal(json_string_length(json_array_get(disclosure, 0)), 22);
    json_decref(disclosure);
}

static void only_what_the_key_needs_is_said_of_the_holder(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    json_t *payload = payload_of(&terms, MINT_CLAIMS);
    const json_t *jwk = json_object_get(json_object_get(payload, "cnf"), "jwk");
    assert_int_equal(json_object_size(jwk), 4);
    assert_null(json_object_get(jwk, "kid"));
    json_decref(payload);
}

static void decimals_stay_as_they_were_written(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER described = IMI_BUFFER_INIT;
    OK(issue(&terms, "{\"gpa\":3.85,\"sum\":1234567.125}", &credential));
    OK(imi_credential_describe(imi_buffer_view(&credential), &described, &g_err));
    OK(imi_buffer_terminate(&described, &g_err));
    static const char *const wanted[] = {"\"gpa\":3.85", "\"sum\":1234567.125"};
    for (size_t i = 0; i < 2; i++) {
        const char *found = strstr((const char *)described.data, wanted[i]);
        assert_non_null(found);
        assert_non_null(strchr(",}", found[strlen(wanted[i])]));
    }
}

static void a_credential_need_not_have_claims(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    json_t *payload = payload_of(&terms, "{}");
    assert_null(json_object_get(payload, "_sd"));
    json_decref(payload);
}

static void names_that_the_issuer_sets_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"iss", "iat",           "nbf",    "exp",    "cnf",
                                        "vct", "vct#integrity", "status", "_sd_alg"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char claims[64];
        snprintf(claims, sizeof claims, "{\"%s\":1}", names[i]);
        assert_claims_refused(claims);
    }
}

static void names_that_carry_digests_are_refused_everywhere(void **state)
{
    (void)state;
    assert_claims_refused("{\"_sd\":[]}");
    assert_claims_refused("{\"...\":\"x\"}");
    assert_claims_refused("{\"a\":{\"_sd\":1}}");
    assert_claims_refused("{\"a\":[{\"...\":\"x\"}]}");
}

static void claims_that_are_no_strict_object_are_refused(void **state)
{
    (void)state;
    assert_claims_refused("");
    assert_claims_refused("[1]");
    assert_claims_refused("{\"a\":1,\"a\":2}");
    assert_claims_refused("{\"a\":\"\\u0000\"}");
    assert_claims_refused("{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}");
}

static void more_claims_than_there_may_be_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(imi_buffer_append_text(&claims, "{\"a\":[0", &g_err));
    for (int i = 0; i < IMI_CREDENTIAL_DISCLOSURES_MAX - 1; i++) {
        OK(imi_buffer_append_text(&claims, ",0", &g_err));
    }
    OK(imi_buffer_append_text(&claims, "]}", &g_err));
    OK(imi_buffer_terminate(&claims, &g_err));
    assert_claims_refused((const char *)claims.data);
}

static void claims_that_would_not_fit_are_refused(void **state)
{
    (void)state;
    static char claims[60000];
    memset(claims, 'x', sizeof claims - 1);
    imi_copy(claims, "{\"a\":\"", 6);
    imi_copy(claims + sizeof claims - 3, "\"}", 2);
    assert_claims_refused(claims);
}

static void terms_that_say_too_little_are_refused(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    terms.issuer = NULL;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms = mint_terms();
    terms.type = "";
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms = mint_terms();
    terms.issued_at_s = 0;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms = mint_terms();
    terms.expires_at_s = terms.issued_at_s;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms = mint_terms();
    terms.not_before_s = terms.expires_at_s;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms = mint_terms();
    terms.decoys = IMI_CREDENTIAL_DECOYS_MAX + 1;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
}

static void terms_that_are_too_long_are_refused(void **state)
{
    (void)state;
    char text[IMI_CREDENTIAL_TEXT_MAX + 1] = "";
    memset(text, 'x', IMI_CREDENTIAL_TEXT_MAX);
    imi_credential_terms terms = mint_terms();
    terms.status_uri = text;
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
    terms.status_uri = "\xFF";
    assert_not_issued(&terms, "{}", IMI_E_INVALID_ARGUMENT);
}

static void a_holder_without_a_public_p256_key_is_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "",
        "{}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\"}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        /* Of RFC 8037 appendix A.2: a good key of another kind. */
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
    };
    imi_credential_terms terms = mint_terms();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        terms.holder_jwk = imi_view_of_text(keys[i]);
        assert_not_issued(&terms, "{}", IMI_E_KEY);
    }
}

static void a_private_key_of_the_holder_is_refused(void **state)
{
    (void)state;
    char jwk[512];
    snprintf(jwk, sizeof jwk, "%.*s,\"d\":\"AAAA\"}", (int)g_holder_jwk.size - 1,
             (const char *)g_holder_jwk.data);
    imi_credential_terms terms = mint_terms();
    terms.holder_jwk = imi_view_of_text(jwk);
    assert_not_issued(&terms, "{}", IMI_E_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_issued_verifies_with_every_claim),
        cmocka_unit_test(the_header_names_type_algorithm_and_key_alone),
        cmocka_unit_test(no_claim_is_in_the_open),
        cmocka_unit_test(digests_are_sorted),
        cmocka_unit_test(decoys_are_further_digests_of_the_same_form),
        cmocka_unit_test(two_credentials_of_the_same_claims_share_no_digest),
        cmocka_unit_test(salts_have_128_bits),
        cmocka_unit_test(only_what_the_key_needs_is_said_of_the_holder),
        cmocka_unit_test(decimals_stay_as_they_were_written),
        cmocka_unit_test(a_credential_need_not_have_claims),
        cmocka_unit_test(names_that_the_issuer_sets_are_refused),
        cmocka_unit_test(names_that_carry_digests_are_refused_everywhere),
        cmocka_unit_test(claims_that_are_no_strict_object_are_refused),
        cmocka_unit_test(more_claims_than_there_may_be_are_refused),
        cmocka_unit_test(claims_that_would_not_fit_are_refused),
        cmocka_unit_test(terms_that_say_too_little_are_refused),
        cmocka_unit_test(terms_that_are_too_long_are_refused),
        cmocka_unit_test(a_holder_without_a_public_p256_key_is_refused),
        cmocka_unit_test(a_private_key_of_the_holder_is_refused),
    };
    return cmocka_run_group_tests_name("credential: issue", tests, mint_set_up, mint_tear_down);
}
