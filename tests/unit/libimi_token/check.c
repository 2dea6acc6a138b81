/* A whole token check through the public header. */
#include "../token/forge.h"
#include "desk.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static desk_server g_server;
static imitoken_keys *g_keys;
static imitoken_checker *g_checker;

static int set_up(void **state)
{
    if (forge_set_up(state) != 0) {
        return -1;
    }
    g_server = (desk_server){.body = imi_buffer_view(&g_jwks)};
    g_keys = desk_keys(&g_server);
    imitoken_checker_options options = desk_options(g_keys);
    g_checker = desk_checker(&options);
    return 0;
}

static int tear_down(void **state)
{
    imitoken_checker_destroy(&g_checker);
    imitoken_keys_destroy(&g_keys);
    return forge_tear_down(state);
}

static void assert_code(const char *header, const char *payload, imitoken_code wanted)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, header, payload, &token);
    static imitoken_claims claims, zero;
    memset(&claims, 0xA5, sizeof claims);
    IMITOKEN_CLAIMS_INIT(&claims);
    IMITOKEN_CLAIMS_INIT(&zero);
    imitoken_expected expected = desk_expected();
    imitoken_error err = {IMITOKEN_OK, ""};
    imitoken_code code =
        imitoken_check(g_checker, (const char *)token.data, token.size, &expected, &claims, &err);
    if (code != wanted) {
        fail_msg("%s (%s), not %s", imitoken_code_name(code), err.text, imitoken_code_name(wanted));
    }
    assert_int_equal(err.code, wanted);
    if (wanted != IMITOKEN_OK) {
        assert_memory_equal(&claims, &zero, sizeof zero);
        assert_non_null(strstr(err.text, imitoken_code_advice(wanted)));
        assert_null(strstr(err.text, "sub-1"));
    }
}

static void a_good_token_gives_its_claims(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), good_payload(), &token);
    imitoken_claims claims;
    assert_int_equal(desk_check(g_checker, imi_buffer_view(&token), &claims), IMITOKEN_OK);
    assert_string_equal(claims.subject, "sub-1");
    assert_string_equal(claims.session_id, "ses_1");
    assert_string_equal(claims.token_id, "tok_1");
    assert_string_equal(claims.purpose, "demo");
    assert_string_equal(claims.methods, "face liveness");
    assert_string_equal(claims.assurance, "basic");
    assert_int_equal(claims.expires_at_s, 1700000600);
    assert_string_equal(claims.status_uri, "");
    assert_string_equal(claims.verified_claims, "");
    assert_string_equal(g_server.last_uri, DESK_JWKS_URI);
}

static void a_good_token_gives_its_place_and_key(void **state)
{
    (void)state;
    imi_token_claims given = good_claims();
    imi_copy_text(given.status_uri, sizeof given.status_uri, "https://imi.example/status/1");
    given.status_index = 77;
    imi_copy_text(given.confirmation, sizeof given.confirmation, g_signer->key_id);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(imi_token_issue(g_signer, &given, &token, NULL), IMI_OK);
    imitoken_claims claims;
    assert_int_equal(desk_check(g_checker, imi_buffer_view(&token), &claims), IMITOKEN_OK);
    assert_string_equal(claims.status_uri, "https://imi.example/status/1");
    assert_int_equal(claims.status_index, 77);
    assert_string_equal(claims.holder_thumbprint, g_signer->key_id);
}

static imi_token_claims verified_claims(void)
{
    imi_token_claims given = good_claims();
    imi_verification *how = &given.verification;
    imi_copy_text(how->trust_framework, sizeof how->trust_framework, "imi_example");
    imi_copy_text(how->assurance_level, sizeof how->assurance_level, "substantial");
    how->verified_at_s = DESK_NOW_S;
    how->evidence_count = 1;
    how->evidence[0] = (imi_token_evidence){IMI_TOKEN_EVIDENCE_FACE, DESK_NOW_S};
    return given;
}

static void verified_claims_come_as_json(void **state)
{
    (void)state;
    imi_token_claims given = verified_claims();
    given.verification.claim_count = 2;
    given.verification.claims[0] =
        (imi_verified_claim){"name", IMI_VERIFIED_TEXT, "a\"b\\c\n\x01 \xC3\xA9"};
    given.verification.claims[1] = (imi_verified_claim){"adult", IMI_VERIFIED_TRUE, ""};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(imi_token_issue(g_signer, &given, &token, NULL), IMI_OK);
    imitoken_claims claims;
    assert_int_equal(desk_check(g_checker, imi_buffer_view(&token), &claims), IMITOKEN_OK);
    assert_string_equal(claims.verified_claims,
                        "{\"name\":\"a\\\"b\\\\c\\n\\u0001 \xC3\xA9\",\"adult\":true}");
    assert_string_equal(claims.trust_framework, "imi_example");
    assert_string_equal(claims.assurance_level, "substantial");
    assert_int_equal(claims.verified_at_s, DESK_NOW_S);
}

static void verified_claims_of_the_largest_token_fit(void **state)
{
    (void)state;
    imi_token_claims given = verified_claims();
    given.verification.claim_count = 15;
    for (size_t i = 0; i < 15; i++) {
        imi_verified_claim *claim = &given.verification.claims[i];
        snprintf(claim->name, sizeof claim->name, "claim_%zu", i);
        memset(claim->text, 'x', IMI_TOKEN_TEXT_MAX - 1);
    }
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(imi_token_issue(g_signer, &given, &token, NULL), IMI_OK);
    imitoken_claims claims;
    assert_int_equal(desk_check(g_checker, imi_buffer_view(&token), &claims), IMITOKEN_OK);
    assert_true(strlen(claims.verified_claims) > 15 * IMI_TOKEN_TEXT_MAX);
}

static void each_wrong_thing_has_its_code(void **state)
{
    (void)state;
    const char *header = good_header();
    assert_code(header, payload_with("sub-1", "sub-1"), IMITOKEN_OK);
    assert_code(header, payload_with(TEST_NONCE, "another"), IMITOKEN_E_NONCE);
    assert_code(header, payload_with("\"nonce\":\"" TEST_NONCE "\",", ""), IMITOKEN_E_NONCE);
    assert_code(header, payload_with("demo", "pension"), IMITOKEN_E_PURPOSE);
    assert_code(header, payload_with(TEST_ISSUER, "https://evil.example"), IMITOKEN_E_CLAIM);
    assert_code(header, payload_with(TEST_AUDIENCE, "https://other.example"), IMITOKEN_E_CLAIM);
    assert_code(header, payload_with("1700000600", "1700000000"), IMITOKEN_E_EXPIRED);
    assert_code(header, payload_with("1699999990", "1700000500"), IMITOKEN_E_NOT_YET_VALID);
    assert_code(header, "{", IMITOKEN_E_FORMAT);
    assert_code("{\"alg\":\"none\",\"typ\":\"imi-verification+jwt\",\"kid\":\"x\"}", good_payload(),
                IMITOKEN_E_ALGORITHM);
    assert_code("{\"alg\":\"ES256\",\"typ\":\"imi-verification+jwt\",\"kid\":\"x\"}",
                good_payload(), IMITOKEN_E_KEY_UNKNOWN);
    assert_code("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"x\"}", good_payload(),
                IMITOKEN_E_CLAIM);
}

static void a_changed_signature_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    uint8_t zeros[64] = {0};
    forge_signed_with(good_header(), good_payload(), (imi_view){zeros, sizeof zeros}, &token);
    assert_int_equal(desk_check(g_checker, imi_buffer_view(&token), NULL), IMITOKEN_E_SIGNATURE);
}

static void a_nonce_is_compared_only_if_one_is_expected(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), good_payload(), &token);
    imitoken_expected expected = desk_expected();
    imitoken_claims claims;
    IMITOKEN_CLAIMS_INIT(&claims);
    expected.nonce = NULL;
    assert_int_equal(
        imitoken_check(g_checker, (char *)token.data, token.size, &expected, &claims, NULL),
        IMITOKEN_OK);
    expected.nonce = "";
    assert_int_equal(
        imitoken_check(g_checker, (char *)token.data, token.size, &expected, &claims, NULL),
        IMITOKEN_E_ARGUMENT);
}

static void a_call_of_another_abi_is_refused(void **state)
{
    (void)state;
    imitoken_expected expected = desk_expected();
    imitoken_claims claims;
    claims.self_size = 8;
    assert_int_equal(imitoken_check(g_checker, "a.b.c", 5, &expected, &claims, NULL),
                     IMITOKEN_E_ARGUMENT);
    IMITOKEN_CLAIMS_INIT(&claims);
    expected.self_size++;
    assert_int_equal(imitoken_check(g_checker, "a.b.c", 5, &expected, &claims, NULL),
                     IMITOKEN_E_ARGUMENT);
    imitoken_checker_options options = desk_options(g_keys);
    options.self_size--;
    imitoken_checker *checker = NULL;
    assert_int_equal(imitoken_checker_new(&options, &checker, NULL), IMITOKEN_E_ARGUMENT);
    assert_null(checker);
}

static void assert_options_refused(const imitoken_checker_options *options, imitoken_code wanted)
{
    imitoken_checker *checker = g_checker;
    imitoken_error err = {IMITOKEN_OK, ""};
    assert_int_equal(imitoken_checker_new(options, &checker, &err), wanted);
    assert_null(checker);
    assert_int_equal(err.code, wanted);
}

static void options_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    imitoken_checker_options good = desk_options(g_keys), bad = good;
    bad.issuer = "";
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
    bad = good, bad.audience = NULL;
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
    bad = good, bad.keys = NULL;
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
    bad = good, bad.leeway_s = 301;
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
    bad = good, bad.algorithm = "HS256";
    assert_options_refused(&bad, IMITOKEN_E_UNSUPPORTED);
    bad = good, bad.log_key = "not a key";
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
    bad = good, bad.log_key = "x", bad.witnesses_needed = 1;
    assert_options_refused(&bad, IMITOKEN_E_ARGUMENT);
}

static void every_code_has_a_name_and_advice(void **state)
{
    (void)state;
    static const imitoken_code codes[] = {IMITOKEN_OK,
                                          IMITOKEN_E_ARGUMENT,
                                          IMITOKEN_E_NO_MEMORY,
                                          IMITOKEN_E_INTERNAL,
                                          IMITOKEN_E_SPACE,
                                          IMITOKEN_E_UNSUPPORTED,
                                          IMITOKEN_E_KEYS_UNAVAILABLE,
                                          IMITOKEN_E_KEYS,
                                          IMITOKEN_E_KEY_UNKNOWN,
                                          IMITOKEN_E_FORMAT,
                                          IMITOKEN_E_ALGORITHM,
                                          IMITOKEN_E_SIGNATURE,
                                          IMITOKEN_E_EXPIRED,
                                          IMITOKEN_E_NOT_YET_VALID,
                                          IMITOKEN_E_CLAIM,
                                          IMITOKEN_E_NONCE,
                                          IMITOKEN_E_PURPOSE,
                                          IMITOKEN_E_REVOKED,
                                          IMITOKEN_E_SUSPENDED,
                                          IMITOKEN_E_STATUS_UNAVAILABLE,
                                          IMITOKEN_E_STATUS_MISSING,
                                          IMITOKEN_E_RECEIPT_FORMAT,
                                          IMITOKEN_E_RECEIPT_LOG,
                                          IMITOKEN_E_RECEIPT_SIGNATURE,
                                          IMITOKEN_E_RECEIPT_PROOF,
                                          IMITOKEN_E_RECEIPT_EVENT,
                                          IMITOKEN_E_RECEIPT_WITNESSES,
                                          IMITOKEN_E_RECEIPT_OTHER,
                                          IMITOKEN_E_DISCLOSURE,
                                          IMITOKEN_E_UNBOUND,
                                          IMITOKEN_E_HOLDER,
                                          IMITOKEN_E_REPLAYED};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_string_not_equal(imitoken_code_name(codes[i]), "unknown");
        assert_true(strlen(imitoken_code_advice(codes[i])) > 10);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(imitoken_code_name(codes[i]), imitoken_code_name(codes[k]));
        }
    }
    assert_string_equal(imitoken_code_name((imitoken_code)99), "unknown");
    assert_string_equal(imitoken_version(), IMITOKEN_VERSION);
}

static void no_changed_byte_of_a_token_passes(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), good_payload(), &token);
    for (size_t i = 0; i < token.size; i++) {
        uint8_t kept = token.data[i];
        token.data[i] = kept ^ (uint8_t)(1U << (i % 8));
        assert_int_not_equal(desk_check(g_checker, imi_buffer_view(&token), NULL), IMITOKEN_OK);
        token.data[i] = kept;
    }
}

static void no_beginning_of_a_token_passes(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), good_payload(), &token);
    for (size_t size = 0; size < token.size; size++) {
        imi_view part = {token.data, size};
        assert_int_not_equal(desk_check(g_checker, part, NULL), IMITOKEN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_token_gives_its_claims),
        cmocka_unit_test(a_good_token_gives_its_place_and_key),
        cmocka_unit_test(verified_claims_come_as_json),
        cmocka_unit_test(verified_claims_of_the_largest_token_fit),
        cmocka_unit_test(each_wrong_thing_has_its_code),
        cmocka_unit_test(a_changed_signature_is_refused),
        cmocka_unit_test(a_nonce_is_compared_only_if_one_is_expected),
        cmocka_unit_test(a_call_of_another_abi_is_refused),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(every_code_has_a_name_and_advice),
        cmocka_unit_test(no_changed_byte_of_a_token_passes),
        cmocka_unit_test(no_beginning_of_a_token_passes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
