/* What a rightly signed token says: every claim that must hold, one by one. */
#include "verify.h"

#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static void assert_payload_refused(const char *payload, imi_status wanted)
{
    assert_forged_refused(good_header(), payload, wanted);
}

static imi_status verify_payload(const char *payload, const imi_token_expectation *expectation,
                                 imi_token_claims *out)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), payload, &token);
    return imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), expectation, out,
                            &g_err);
}

static imi_status verify_at(int64_t now_s, int64_t leeway_s)
{
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    expectation.now_s = now_s;
    expectation.leeway_s = leeway_s;
    return verify_payload(good_payload(), &expectation, &claims);
}

/* Time: the good token runs from 1699999990 to 1700000600. */

static void a_token_is_valid_up_to_the_second_before_exp(void **state)
{
    (void)state;
    OK(verify_at(1700000599, 0));
    assert_int_equal(verify_at(1700000600, 0), IMI_E_TOKEN_EXPIRED);
}

static void leeway_stretches_exp(void **state)
{
    (void)state;
    OK(verify_at(1700000629, 30));
    assert_int_equal(verify_at(1700000630, 30), IMI_E_TOKEN_EXPIRED);
}

static void a_token_from_the_future_is_refused(void **state)
{
    (void)state;
    OK(verify_at(1699999990, 0));
    assert_int_equal(verify_at(1699999989, 0), IMI_E_TOKEN_NOT_YET_VALID);
}

static void leeway_stretches_iat(void **state)
{
    (void)state;
    OK(verify_at(1699999960, 30));
    assert_int_equal(verify_at(1699999959, 30), IMI_E_TOKEN_NOT_YET_VALID);
}

static void nbf_is_honoured(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("\"iat\":", "\"nbf\":1700000001,\"iat\":"),
                           IMI_E_TOKEN_NOT_YET_VALID);
    assert_payload_refused(payload_with("\"iat\":", "\"nbf\":\"x\",\"iat\":"), IMI_E_TOKEN_CLAIM);
}

static void times_that_are_not_whole_positive_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {
        "\"1700000600\"", "null",  "-1", "0",  "true",
        "1700000600.5",   "1e300", "[]", "{}", "9223372036854775807"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_payload_refused(payload_with("1700000600", values[i]), IMI_E_TOKEN_CLAIM);
        assert_payload_refused(payload_with("1699999990", values[i]), IMI_E_TOKEN_CLAIM);
    }
}

static void exp_before_iat_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("1700000600", "1699999990"), IMI_E_TOKEN_CLAIM);
}

/* Texts */

typedef struct claim_case {
    const char *member; /* as it stands in the good payload */
    const char *name;
} claim_case;

static const claim_case required[] = {
    {"\"iss\":\"" TEST_ISSUER "\",", "iss"},
    {"\"sub\":\"sub-1\",", "sub"},
    {"\"jti\":\"tok_1\",", "jti"},
    {"\"purpose\":\"demo\",", "purpose"},
    {"\"sid\":\"ses_1\",", "sid"},
    {"\"acr\":\"basic\",", "acr"},
    {"\"imi_model\":\"m@1\",", "imi_model"},
    {"\"imi_policy\":\"p@1\",", "imi_policy"},
    {"\"aud\":\"" TEST_AUDIENCE "\",", "aud"},
    {"\"iat\":1699999990,", "iat"},
    {"\"exp\":1700000600,", "exp"},
    {"\"amr\":[\"face\",\"liveness\"],", "amr"},
};

static void every_missing_claim_is_refused_by_name_or_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        assert_payload_refused(payload_with(required[i].member, ""), IMI_E_TOKEN_CLAIM);
    }
    assert_payload_refused(payload_with(",\"imi_target_fmr\":0.001", ""), IMI_E_TOKEN_CLAIM);
}

static void claims_of_another_type_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"7", "null", "true", "{}", "\"\"", "[[]]"};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            char member[64];
            snprintf(member, sizeof member, "\"%s\":%s,", required[i].name, values[v]);
            bool is_time =
                strcmp(required[i].name, "iat") == 0 || strcmp(required[i].name, "exp") == 0;
            if (!is_time || v > 0) {
                assert_payload_refused(payload_with(required[i].member, member), IMI_E_TOKEN_CLAIM);
            }
        }
    }
}

static void a_claim_that_does_not_fit_is_refused_rather_than_cut(void **state)
{
    (void)state;
    char value[IMI_TOKEN_TEXT_MAX + 1];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    assert_payload_refused(payload_with("sub-1", value), IMI_E_TOKEN_CLAIM);
    value[sizeof value - 2] = '\0';
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    OK(verify_payload(payload_with("sub-1", value), &expectation, &claims));
    assert_int_equal(strlen(claims.subject), IMI_TOKEN_TEXT_MAX - 1);
}

static void a_nul_inside_a_claim_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("sub-1", "sub\\u00001"), IMI_E_TOKEN_FORMAT);
}

/* iss, aud, nonce */

static void another_issuer_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with(TEST_ISSUER, "https://evil.example"), IMI_E_TOKEN_CLAIM);
    assert_payload_refused(payload_with(TEST_ISSUER, TEST_ISSUER "/"), IMI_E_TOKEN_CLAIM);
}

static void another_audience_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with(TEST_AUDIENCE, "https://other.example"), IMI_E_TOKEN_CLAIM);
}

static void a_list_of_audiences_must_hold_the_one_expected(void **state)
{
    (void)state;
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    const char *aud = "\"" TEST_AUDIENCE "\"";
    OK(verify_payload(payload_with(aud, "[\"x\",\"" TEST_AUDIENCE "\"]"), &expectation, &claims));
    assert_string_equal(claims.audience, TEST_AUDIENCE);
    assert_payload_refused(payload_with(aud, "[\"x\",\"y\"]"), IMI_E_TOKEN_CLAIM);
    assert_payload_refused(payload_with(aud, "[]"), IMI_E_TOKEN_CLAIM);
    assert_payload_refused(payload_with(aud, "[\"" TEST_AUDIENCE "\",7]"), IMI_E_TOKEN_CLAIM);
}

static void another_nonce_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with(TEST_NONCE, "replayed"), IMI_E_TOKEN_CLAIM);
}

static void a_missing_nonce_is_refused_where_one_is_expected(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("\"nonce\":\"" TEST_NONCE "\",", ""), IMI_E_TOKEN_CLAIM);
}

static void the_nonce_is_not_checked_where_none_is_expected(void **state)
{
    (void)state;
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    expectation.nonce = NULL;
    OK(verify_payload(payload_with("\"nonce\":\"" TEST_NONCE "\",", ""), &expectation, &claims));
    assert_string_equal(claims.nonce, "");
    OK(verify_payload(good_payload(), &expectation, &claims));
    assert_string_equal(claims.nonce, TEST_NONCE);
}

/* amr, imi_target_fmr */

static void methods_that_are_not_words_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"[]",  "[\"\"]",   "[\"face liveness\"]",
                                         "[7]", "\"face\"", "[\"face\",null]"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_payload_refused(payload_with("[\"face\",\"liveness\"]", values[i]),
                               IMI_E_TOKEN_CLAIM);
    }
}

static void too_many_methods_are_refused(void **state)
{
    (void)state;
    char list[1024] = "[";
    for (int i = 0; i < 40; i++) {
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s\"method%02d\"",
                 i == 0 ? "" : ",", i);
    }
    snprintf(list + strlen(list), sizeof list - strlen(list), "]");
    assert_payload_refused(payload_with("[\"face\",\"liveness\"]", list), IMI_E_TOKEN_CLAIM);
}

static void target_rates_outside_0_to_1_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"0", "-0.001", "1.5", "\"0.001\"", "null", "[0.001]"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_payload_refused(payload_with("0.001", values[i]), IMI_E_TOKEN_CLAIM);
    }
}

static void numbers_that_json_does_not_have_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"NaN", "Infinity", "-Infinity", "nan", "1e999",
                                         "0x1", "01",       ".5",        "1."};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_payload_refused(payload_with("0.001", values[i]), IMI_E_TOKEN_FORMAT);
    }
}

/* The payload as JSON */

static void duplicate_members_are_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("\"iat\":", "\"sub\":\"sub-2\",\"iat\":"),
                           IMI_E_TOKEN_FORMAT);
}

static void duplicate_members_deep_inside_are_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("\"iat\":", "\"x\":{\"a\":1,\"a\":2},\"iat\":"),
                           IMI_E_TOKEN_FORMAT);
}

static void unknown_claims_are_ignored(void **state)
{
    (void)state;
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    OK(verify_payload(payload_with("\"iat\":", "\"x\":{\"a\":[1,\"]]{{\"]},\"iat\":"), &expectation,
                      &claims));
}

static void deeply_nested_payloads_are_refused(void **state)
{
    (void)state;
    static char payload[4096];
    memset(payload, '[', 2000);
    memset(payload + 2000, ']', 2000);
    assert_payload_refused(payload, IMI_E_TOKEN_FORMAT);
    char member[128];
    snprintf(member, sizeof member, "\"x\":%.17s%.17s,\"iat\":", "[[[[[[[[[[[[[[[[[",
             "]]]]]]]]]]]]]]]]]");
    assert_payload_refused(payload_with("\"iat\":", member), IMI_E_TOKEN_FORMAT);
}

static void payloads_that_are_not_objects_are_refused(void **state)
{
    (void)state;
    static const char *const payloads[] = {"[]", "\"x\"", "1", "null", "", "{", "{}{}", "\xFF"};
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        assert_payload_refused(payloads[i], IMI_E_TOKEN_FORMAT);
    }
}

static void bad_utf8_is_refused(void **state)
{
    (void)state;
    assert_payload_refused(payload_with("sub-1", "\xC3("), IMI_E_TOKEN_FORMAT);
    assert_payload_refused(payload_with("sub-1", "\\uD800"), IMI_E_TOKEN_FORMAT);
}

/* What the caller expects must make sense */

static imi_status verify_expecting(const imi_token_expectation *expectation)
{
    imi_token_claims claims;
    return verify_payload(good_payload(), expectation, &claims);
}

static void an_expectation_without_issuer_or_audience_is_refused(void **state)
{
    (void)state;
    imi_token_expectation expectation = good_expectation();
    expectation.issuer = NULL;
    assert_int_equal(verify_expecting(&expectation), IMI_E_INVALID_ARGUMENT);
    expectation = good_expectation();
    expectation.audience = "";
    assert_int_equal(verify_expecting(&expectation), IMI_E_INVALID_ARGUMENT);
}

static void an_expected_nonce_cannot_be_empty(void **state)
{
    (void)state;
    imi_token_expectation expectation = good_expectation();
    expectation.nonce = "";
    assert_int_equal(verify_expecting(&expectation), IMI_E_INVALID_ARGUMENT);
}

static void an_algorithm_that_is_not_supported_cannot_be_expected(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "", "none", "HS256", "ES384"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        imi_token_expectation expectation = good_expectation();
        expectation.algorithm = names[i];
        assert_int_equal(verify_expecting(&expectation), IMI_E_UNSUPPORTED);
    }
}

static void a_leeway_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify_at(TEST_NOW_S, -1), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(verify_at(TEST_NOW_S, 301), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(verify_at(0, 0), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(verify_at(INT64_MAX, 300), IMI_E_INVALID_ARGUMENT);
}

int run_claim_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_valid_up_to_the_second_before_exp),
        cmocka_unit_test(leeway_stretches_exp),
        cmocka_unit_test(a_token_from_the_future_is_refused),
        cmocka_unit_test(leeway_stretches_iat),
        cmocka_unit_test(nbf_is_honoured),
        cmocka_unit_test(times_that_are_not_whole_positive_numbers_are_refused),
        cmocka_unit_test(exp_before_iat_is_refused),
        cmocka_unit_test(every_missing_claim_is_refused_by_name_or_kind),
        cmocka_unit_test(claims_of_another_type_are_refused),
        cmocka_unit_test(a_claim_that_does_not_fit_is_refused_rather_than_cut),
        cmocka_unit_test(a_nul_inside_a_claim_is_refused),
        cmocka_unit_test(another_issuer_is_refused),
        cmocka_unit_test(another_audience_is_refused),
        cmocka_unit_test(a_list_of_audiences_must_hold_the_one_expected),
        cmocka_unit_test(another_nonce_is_refused),
        cmocka_unit_test(a_missing_nonce_is_refused_where_one_is_expected),
        cmocka_unit_test(the_nonce_is_not_checked_where_none_is_expected),
        cmocka_unit_test(methods_that_are_not_words_are_refused),
        cmocka_unit_test(too_many_methods_are_refused),
        cmocka_unit_test(target_rates_outside_0_to_1_are_refused),
        cmocka_unit_test(numbers_that_json_does_not_have_are_refused),
        cmocka_unit_test(duplicate_members_are_refused),
        cmocka_unit_test(duplicate_members_deep_inside_are_refused),
        cmocka_unit_test(unknown_claims_are_ignored),
        cmocka_unit_test(deeply_nested_payloads_are_refused),
        cmocka_unit_test(payloads_that_are_not_objects_are_refused),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(an_expectation_without_issuer_or_audience_is_refused),
        cmocka_unit_test(an_expected_nonce_cannot_be_empty),
        cmocka_unit_test(an_algorithm_that_is_not_supported_cannot_be_expected),
        cmocka_unit_test(a_leeway_out_of_range_is_refused),
    };
    return cmocka_run_group_tests_name("token: claims", tests, forge_set_up, forge_tear_down);
}
