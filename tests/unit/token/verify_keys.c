/* The key set that a token is checked against. */
#include "verify.h"

#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

/* A good token against a key set of the test's own. */
static imi_status verify_with_keys(const char *jwks)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), good_payload(), &token);
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    return imi_token_verify(imi_buffer_view(&token), imi_view_of_text(jwks), &expectation, &claims,
                            &g_err);
}

/* The good key set with one text replaced; static storage. */
static const char *keys_with(const char *old_text, const char *new_text)
{
    static char text[2048];
    OK(imi_buffer_terminate(&g_jwks, &g_err));
    const char *good = (const char *)g_jwks.data;
    const char *at = strstr(good, old_text);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, new_text,
             at + strlen(old_text));
    return text;
}

static void assert_keys_refused(const char *old_text, const char *new_text, imi_status wanted)
{
    imi_status status = verify_with_keys(keys_with(old_text, new_text));
    if (status != wanted) {
        fail_msg("%s -> %s: %s (%s)", old_text, new_text, imi_status_name(status), g_err.message);
    }
}

static void the_good_key_set_is_accepted(void **state)
{
    (void)state;
    OK(verify_with_keys(keys_with("keys", "keys")));
}

static void a_key_of_another_kind_is_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"kty\":\"EC\"", "\"kty\":\"OKP\"", IMI_E_KEY);
    assert_keys_refused("\"kty\":\"EC\"", "\"kty\":\"oct\",\"k\":\"AA\"", IMI_E_KEY);
    assert_keys_refused("\"kty\":\"EC\",", "", IMI_E_KEY);
}

static void a_key_on_another_curve_is_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"P-256\"", "\"P-384\"", IMI_E_KEY);
    assert_keys_refused("\"P-256\"", "\"secp256k1\"", IMI_E_KEY);
    assert_keys_refused("\"crv\":\"P-256\",", "", IMI_E_KEY);
}

static void a_key_for_another_algorithm_is_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"alg\":\"ES256\"", "\"alg\":\"ES384\"", IMI_E_KEY);
    assert_keys_refused("\"alg\":\"ES256\"", "\"alg\":7", IMI_E_KEY);
}

static void a_key_for_another_use_is_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"use\":\"sig\"", "\"use\":\"enc\"", IMI_E_KEY);
    assert_keys_refused("\"use\":\"sig\"", "\"key_ops\":[\"sign\"]", IMI_E_KEY);
    assert_keys_refused("\"use\":\"sig\"", "\"key_ops\":[]", IMI_E_KEY);
}

static void a_key_without_use_and_algorithm_is_accepted(void **state)
{
    (void)state;
    OK(verify_with_keys(keys_with(",\"alg\":\"ES256\",\"use\":\"sig\"", "")));
    OK(verify_with_keys(keys_with("\"use\":\"sig\"", "\"key_ops\":[\"sign\",\"verify\"]")));
}

static void a_private_key_in_the_set_is_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"use\":\"sig\"", "\"use\":\"sig\",\"d\":\"AAAA\"", IMI_E_KEY);
}

static void coordinates_that_are_not_32_bytes_are_refused(void **state)
{
    (void)state;
    assert_keys_refused("\"x\":\"", "\"x\":\"AAAA", IMI_E_KEY);
    assert_keys_refused("\"x\":\"", "\"x\":\"\",\"z\":\"", IMI_E_KEY);
    assert_keys_refused("\"y\":\"", "\"y\":7,\"z\":\"", IMI_E_KEY);
    assert_keys_refused("\"y\":\"", "\"z\":\"", IMI_E_KEY);
    assert_keys_refused("\"y\":\"", "\"y\":\"=\",\"z\":\"", IMI_E_KEY);
}

static void a_point_off_the_curve_is_refused(void **state)
{
    (void)state;
    assert_keys_refused(
        "\"x\":\"", "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"z\":\"", IMI_E_KEY);
    assert_keys_refused(
        "\"x\":\"", "\"x\":\"__________________________________________8\",\"z\":\"", IMI_E_KEY);
}

static void one_kid_for_two_keys_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER set = IMI_BUFFER_INIT;
    imi_signer *twice[] = {g_signer, g_signer};
    OK(imi_jwks_render(twice, 2, &set, &g_err));
    OK(imi_buffer_terminate(&set, &g_err));
    assert_int_equal(verify_with_keys((const char *)set.data), IMI_E_KEY);
}

static void the_key_is_found_among_others(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_folder("second.pem"), &other, &g_err));
    IMI_AUTO_BUFFER set = IMI_BUFFER_INIT;
    imi_signer *both[] = {other, g_signer};
    OK(imi_jwks_render(both, 2, &set, &g_err));
    OK(imi_buffer_terminate(&set, &g_err));
    OK(verify_with_keys((const char *)set.data));
}

static void keys_of_kinds_that_we_do_not_know_are_passed_over(void **state)
{
    (void)state;
    OK(verify_with_keys(keys_with("[", "[{\"kty\":\"RSA\",\"kid\":\"r\"},7,null,")));
}

/* A kid is compared with those of the set, and means nothing else to anybody. */
static void a_kid_is_no_path_no_query_and_no_other_type(void **state)
{
    (void)state;
    static const char *const kids[] = {"\"../../../../etc/passwd\"",
                                       "\"/dev/null\"",
                                       "\"' OR '1'='1\"",
                                       "\"x; DROP TABLE tokens\"",
                                       "\"key.pem\\n\"",
                                       "\"%s%s%n\"",
                                       "\"https://evil.example/k\"",
                                       "\"0\"",
                                       "0",
                                       "true",
                                       "null",
                                       "[\"k\"]",
                                       "{\"kid\":\"k\"}",
                                       "\"\"",
                                       "\"*\""};
    for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":%s}",
                 IMI_TOKEN_TYPE, kids[i]);
        assert_forged_refused(header, good_payload(), IMI_E_TOKEN_KEY_UNKNOWN);
    }
}

static void a_kid_with_a_nul_behind_the_right_one_is_refused(void **state)
{
    (void)state;
    char header[256];
    snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\\u0000x\"}",
             IMI_TOKEN_TYPE, g_signer->key_id);
    assert_forged_refused(header, good_payload(), IMI_E_TOKEN_FORMAT);
}

static void tokens_by_every_algorithm_are_verified(void **state)
{
    (void)state;
    static const char *const names[] = {"ES256", "EdDSA", "SM2"};
    for (size_t i = 0; i < 3; i++) {
        imi_signer_file_options options = {.pem_path = in_folder(names[i]), .algorithm = names[i]};
        IMI_AUTO(imi_signer) signer = NULL;
        OK(imi_signer_file_open(&options, &signer, &g_err));
        IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        imi_token_claims claims = good_claims(), read;
        OK(imi_jwks_render(&signer, 1, &jwks, &g_err));
        OK(imi_token_issue(signer, &claims, &token, &g_err));
        imi_token_expectation expectation = good_expectation();
        for (size_t k = 0; k < 3; k++) {
            expectation.algorithm = names[k];
            assert_int_equal(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&jwks),
                                              &expectation, &read, &g_err),
                             i == k ? IMI_OK : IMI_E_TOKEN_ALGORITHM);
        }
    }
}

static void sets_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "", "{}", "[]", "{\"keys\":{}}", "{\"keys\":null}", "{k", "{\"keys\":[],\"keys\":[]}"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        assert_int_equal(verify_with_keys(sets[i]), IMI_E_KEY);
    }
}

static void an_empty_set_knows_no_key(void **state)
{
    (void)state;
    assert_int_equal(verify_with_keys("{\"keys\":[]}"), IMI_E_TOKEN_KEY_UNKNOWN);
}

static void a_huge_set_is_refused(void **state)
{
    (void)state;
    size_t size = 1 << 17;
    char *text = calloc(1, size + 1);
    memset(text, ' ', size);
    assert_int_equal(verify_with_keys(text), IMI_E_KEY);
    free(text);
}

int run_key_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_key_set_is_accepted),
        cmocka_unit_test(a_key_of_another_kind_is_refused),
        cmocka_unit_test(a_key_on_another_curve_is_refused),
        cmocka_unit_test(a_key_for_another_algorithm_is_refused),
        cmocka_unit_test(a_key_for_another_use_is_refused),
        cmocka_unit_test(a_key_without_use_and_algorithm_is_accepted),
        cmocka_unit_test(a_private_key_in_the_set_is_refused),
        cmocka_unit_test(coordinates_that_are_not_32_bytes_are_refused),
        cmocka_unit_test(a_point_off_the_curve_is_refused),
        cmocka_unit_test(one_kid_for_two_keys_is_refused),
        cmocka_unit_test(the_key_is_found_among_others),
        cmocka_unit_test(keys_of_kinds_that_we_do_not_know_are_passed_over),
        cmocka_unit_test(a_kid_is_no_path_no_query_and_no_other_type),
        cmocka_unit_test(a_kid_with_a_nul_behind_the_right_one_is_refused),
        cmocka_unit_test(tokens_by_every_algorithm_are_verified),
        cmocka_unit_test(sets_that_cannot_be_read_are_refused),
        cmocka_unit_test(an_empty_set_knows_no_key),
        cmocka_unit_test(a_huge_set_is_refused),
    };
    return cmocka_run_group_tests_name("token: keys", tests, forge_set_up, forge_tear_down);
}
