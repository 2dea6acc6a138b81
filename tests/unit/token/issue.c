#include "forge.h"

#include "imi/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static imi_status issue(const imi_token_claims *claims, imi_buffer *out)
{
    return imi_token_issue(g_signer, claims, out, &g_err);
}

/* Part number 0 or 1 of a token, decoded, as a C string. */
static void decode_part(const imi_buffer *token, int part, imi_buffer *out)
{
    const uint8_t *start = token->data;
    for (int i = 0; i < part; i++) {
        start = (const uint8_t *)memchr(start, '.', 4096) + 1;
    }
    const uint8_t *end = memchr(start, '.', 4096);
    OK(imi_base64url_decode((imi_view){start, (size_t)(end - start)}, out, &g_err));
    OK(imi_buffer_terminate(out, &g_err));
}

static void an_issued_token_verifies_with_the_same_claims(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims(), got;
    imi_token_expectation expectation = good_expectation();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &got,
                        &g_err));
    assert_memory_equal(&got, &claims, sizeof got);
}

static void the_token_is_appended(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_buffer_append_text(&token, "Bearer ", &g_err));
    OK(issue(&claims, &token));
    assert_memory_equal(token.data, "Bearer eyJ", 10);
}

static void the_header_holds_alg_typ_and_kid_alone(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER header = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    decode_part(&token, 0, &header);
    assert_string_equal((const char *)header.data, good_header());
}

static void the_payload_holds_the_claims_and_nothing_else(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    decode_part(&token, 1, &payload);
    assert_string_equal((const char *)payload.data, good_payload());
}

static void an_empty_nonce_is_left_out(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    claims.nonce[0] = '\0';
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    decode_part(&token, 1, &payload);
    assert_null(strstr((const char *)payload.data, "nonce"));
}

static void a_token_under_the_shipped_calibration_names_no_point(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims(), got;
    imi_token_expectation expectation = good_expectation();
    claims.operating_point[0] = '\0';
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    decode_part(&token, 1, &payload);
    assert_null(strstr((const char *)payload.data, "imi_point"));
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &got,
                        &g_err));
    assert_string_equal(got.operating_point, "");
    assert_string_equal(got.score_kind, "normalised");
}

static void small_target_rates_survive(void **state)
{
    (void)state;
    static const double rates[] = {1, 0.1, 1e-3, 1e-4, 2.5e-5, 1e-5, 1e-7};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        imi_token_claims claims = good_claims(), got;
        imi_token_expectation expectation = good_expectation();
        claims.target_fmr = rates[i];
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        OK(issue(&claims, &token));
        OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &got,
                            &g_err));
        assert_true(fabs(got.target_fmr - rates[i]) <= rates[i] * 1e-6);
    }
}

static void text_of_any_language_survives(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims(), got;
    imi_token_expectation expectation = good_expectation();
    imi_copy_text(claims.subject, sizeof claims.subject, "\"\xE6\x9D\x8E\\\xF0\x9F\x98\x80\n");
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(issue(&claims, &token));
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &got,
                        &g_err));
    assert_string_equal(got.subject, claims.subject);
}

static void assert_not_issued(const imi_token_claims *claims)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(issue(claims, &token), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(token.size, 0);
}

static void no_required_claim_can_be_missing(void **state)
{
    (void)state;
    static const size_t offsets[] = {
        offsetof(imi_token_claims, issuer),        offsetof(imi_token_claims, audience),
        offsetof(imi_token_claims, subject),       offsetof(imi_token_claims, token_id),
        offsetof(imi_token_claims, purpose),       offsetof(imi_token_claims, session_id),
        offsetof(imi_token_claims, methods),       offsetof(imi_token_claims, assurance),
        offsetof(imi_token_claims, model_version), offsetof(imi_token_claims, policy_version),
    };
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        imi_token_claims claims = good_claims();
        ((char *)&claims)[offsets[i]] = '\0';
        assert_not_issued(&claims);
    }
}

static void unterminated_text_is_refused(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    memset(claims.subject, 'x', sizeof claims.subject);
    assert_not_issued(&claims);
}

static void bad_utf8_is_refused(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    imi_copy_text(claims.purpose, sizeof claims.purpose, "\xC3(");
    assert_not_issued(&claims);
}

static void methods_that_are_not_words_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {" ", " face", "face ", "face  liveness"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        imi_token_claims claims = good_claims();
        imi_copy_text(claims.methods, sizeof claims.methods, values[i]);
        assert_not_issued(&claims);
    }
}

static void target_rates_outside_0_to_1_are_refused(void **state)
{
    (void)state;
    const double rates[] = {0, -1e-3, 1.5, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        imi_token_claims claims = good_claims();
        claims.target_fmr = rates[i];
        assert_not_issued(&claims);
    }
}

static void times_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    claims.issued_at_s = 0;
    assert_not_issued(&claims);
    claims = good_claims();
    claims.expires_at_s = claims.issued_at_s;
    assert_not_issued(&claims);
}

static void two_tokens_of_the_same_claims_have_different_signatures(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER second = IMI_BUFFER_INIT;
    OK(issue(&claims, &first));
    OK(issue(&claims, &second));
    assert_false(imi_view_equal(imi_buffer_view(&first), imi_buffer_view(&second)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_issued_token_verifies_with_the_same_claims),
        cmocka_unit_test(the_token_is_appended),
        cmocka_unit_test(the_header_holds_alg_typ_and_kid_alone),
        cmocka_unit_test(the_payload_holds_the_claims_and_nothing_else),
        cmocka_unit_test(an_empty_nonce_is_left_out),
        cmocka_unit_test(a_token_under_the_shipped_calibration_names_no_point),
        cmocka_unit_test(small_target_rates_survive),
        cmocka_unit_test(text_of_any_language_survives),
        cmocka_unit_test(no_required_claim_can_be_missing),
        cmocka_unit_test(unterminated_text_is_refused),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(methods_that_are_not_words_are_refused),
        cmocka_unit_test(target_rates_outside_0_to_1_are_refused),
        cmocka_unit_test(times_that_make_no_sense_are_refused),
        cmocka_unit_test(two_tokens_of_the_same_claims_have_different_signatures),
    };
    return cmocka_run_group_tests_name("token: issue", tests, forge_set_up, forge_tear_down);
}
