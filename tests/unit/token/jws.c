/* Compact signatures by every algorithm, and the keys that they are checked by. */
#include "forge.h"

#include "imi/jws.h"

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

enum { ALGORITHMS = 3 };
static const char *const g_names[ALGORITHMS] = {"ES256", "EdDSA", "SM2"};
static imi_signer *g_signers[ALGORITHMS];
static imi_key_set *g_keys;

static int set_up(void **state)
{
    forge_set_up(state);
    for (size_t i = 0; i < ALGORITHMS; i++) {
        imi_signer_file_options options = {.pem_path = in_folder(g_names[i]),
                                           .algorithm = g_names[i]};
        OK(imi_signer_file_open(&options, &g_signers[i], &g_err));
    }
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    OK(imi_jwks_render(g_signers, ALGORITHMS, &jwks, &g_err));
    OK(imi_key_set_parse(imi_buffer_view(&jwks), &g_keys, &g_err));
    return 0;
}

static int tear_down(void **state)
{
    imi_key_set_destroy(&g_keys);
    for (size_t i = 0; i < ALGORITHMS; i++) {
        imi_signer_destroy(&g_signers[i]);
    }
    return forge_tear_down(state);
}

static imi_jws_expectation form_of(const char *algorithm)
{
    return (imi_jws_expectation){algorithm, "test+jwt", 1000};
}

static void sign(imi_signer *signer, const char *extra, imi_buffer *out)
{
    OK(imi_jws_sign(signer, "test+jwt", extra, imi_view_of_text("{\"a\":1}"), out, &g_err));
}

static imi_status check(imi_view compact, const char *algorithm)
{
    imi_jws_expectation form = form_of(algorithm);
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    imi_status status = imi_jws_verify(compact, g_keys, &form, &payload, &g_err);
    bool is_whole = imi_view_equal(imi_buffer_view(&payload), imi_view_of_text("{\"a\":1}"));
    assert_true(status == IMI_OK ? is_whole : payload.size == 0);
    return status;
}

static void every_algorithm_signs_what_it_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        sign(g_signers[i], NULL, &token);
        OK(check(imi_buffer_view(&token), g_names[i]));
    }
}

static void no_algorithm_takes_the_place_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        sign(g_signers[i], NULL, &token);
        for (size_t k = 0; k < ALGORITHMS; k++) {
            assert_int_equal(check(imi_buffer_view(&token), g_names[k]),
                             i == k ? IMI_OK : IMI_E_TOKEN_ALGORITHM);
        }
    }
}

/* The header names the algorithm that is expected, but the key of its kid is for another. */
static void a_key_of_another_algorithm_under_the_kid_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        for (size_t k = 0; k < ALGORITHMS; k++) {
            if (i == k) {
                continue;
            }
            char header[256];
            snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"test+jwt\",\"kid\":\"%s\"}",
                     g_names[i], g_signers[k]->key_id);
            IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
            forge(g_signers[i], header, "{\"a\":1}", &token);
            assert_int_equal(check(imi_buffer_view(&token), g_names[i]), IMI_E_KEY);
        }
    }
}

static void every_changed_bit_of_a_signature_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"test+jwt\",\"kid\":\"%s\"}",
                 g_names[i], g_signers[i]->key_id);
        IMI_AUTO_BUFFER good = IMI_BUFFER_INIT;
        forge(g_signers[i], header, "{\"a\":1}", &good);
        imi_jws_parts parts;
        OK(imi_jws_split(imi_buffer_view(&good), 1000, &parts, &g_err));
        IMI_AUTO_BUFFER raw = IMI_BUFFER_INIT;
        OK(imi_base64url_decode(parts.signature, &raw, &g_err));
        assert_int_equal(raw.size, 64);
        for (size_t bit = 0; bit < 512; bit += 7) {
            raw.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            IMI_AUTO_BUFFER bad = IMI_BUFFER_INIT;
            forge_signed_with(header, "{\"a\":1}", imi_buffer_view(&raw), &bad);
            assert_int_equal(check(imi_buffer_view(&bad), g_names[i]), IMI_E_TOKEN_SIGNATURE);
            raw.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void a_signature_of_another_size_is_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[72] = {0x30};
    static const size_t sizes[] = {1, 63, 65, 70, 72};
    for (size_t i = 0; i < ALGORITHMS; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"test+jwt\",\"kid\":\"%s\"}",
                 g_names[i], g_signers[i]->key_id);
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            IMI_AUTO_BUFFER bad = IMI_BUFFER_INIT;
            forge_signed_with(header, "{\"a\":1}", (imi_view){bytes, sizes[k]}, &bad);
            assert_int_equal(check(imi_buffer_view(&bad), g_names[i]), IMI_E_TOKEN_SIGNATURE);
        }
    }
}

static void an_algorithm_that_is_not_supported_is_refused_before_anything_else(void **state)
{
    (void)state;
    static const char *const names[] = {"none", "HS256", "ES384", "RS256", "es256", "", NULL};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(check(imi_view_of_text("a.b.c"), names[i]), IMI_E_UNSUPPORTED);
    }
}

/* --- Members of the header ------------------------------------------------------------------- */

static void further_members_of_the_header_are_signed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    sign(g_signers[0], "{\"x\":[1,\"two\"]}", &token);
    OK(check(imi_buffer_view(&token), "ES256"));
    imi_jws_parts parts;
    OK(imi_jws_split(imi_buffer_view(&token), 1000, &parts, &g_err));
    IMI_AUTO_BUFFER header = IMI_BUFFER_INIT;
    OK(imi_base64url_decode(parts.header, &header, &g_err));
    OK(imi_buffer_terminate(&header, &g_err));
    assert_non_null(strstr((const char *)header.data, "\"x\":[1,\"two\"]"));
}

static void members_that_decide_how_to_read_are_not_the_callers_to_set(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"alg\":\"none\"}", "{\"typ\":\"x\"}",
                                      "{\"kid\":\"x\"}",    "{\"crit\":[]}",
                                      "{\"b64\":true}",     "[]",
                                      "{\"a\":1,\"a\":2}",  "{"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        assert_int_equal(
            imi_jws_sign(g_signers[0], "test+jwt", bad[i], imi_view_of_text("{}"), &token, &g_err),
            IMI_E_INVALID_ARGUMENT);
        assert_int_equal(token.size, 0);
    }
}

static void a_signature_needs_a_type(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_view payload = imi_view_of_text("{}");
    assert_int_equal(imi_jws_sign(g_signers[0], NULL, NULL, payload, &token, &g_err),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_jws_sign(g_signers[0], "", NULL, payload, &token, &g_err),
                     IMI_E_INVALID_ARGUMENT);
}

/* --- Sizes ----------------------------------------------------------------------------------- */

static void the_callers_limit_is_kept(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    sign(g_signers[0], NULL, &token);
    imi_jws_parts parts;
    imi_view view = imi_buffer_view(&token);
    OK(imi_jws_split(view, token.size, &parts, &g_err));
    assert_int_equal(imi_jws_split(view, token.size - 1, &parts, &g_err), IMI_E_TOKEN_FORMAT);
    assert_null(parts.payload.data);
    assert_int_equal(imi_jws_split(view, 0, &parts, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_jws_split(view, IMI_JWS_BYTES_MAX + 1, &parts, &g_err),
                     IMI_E_INVALID_ARGUMENT);
}

static void a_payload_of_a_credentials_size_is_signed_and_verified(void **state)
{
    (void)state;
    static uint8_t bytes[40000];
    memset(bytes, 'x', sizeof bytes);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    imi_view view = {bytes, sizeof bytes};
    OK(imi_jws_sign(g_signers[1], "test+jwt", NULL, view, &token, &g_err));
    imi_jws_expectation form = {"EdDSA", "test+jwt", IMI_JWS_BYTES_MAX};
    OK(imi_jws_verify(imi_buffer_view(&token), g_keys, &form, &payload, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&payload), view));
}

static void a_signature_that_nobody_would_read_is_not_made(void **state)
{
    (void)state;
    static uint8_t bytes[49500];
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(imi_jws_sign(g_signers[0], "test+jwt", NULL, (imi_view){bytes, sizeof bytes},
                                  &token, &g_err),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(token.size, 0);
}

/* --- One key --------------------------------------------------------------------------------- */

static void a_key_given_by_the_caller_verifies_whatever_the_kid(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        char header[128];
        snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"test+jwt\"}", g_names[i]);
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
        forge(g_signers[i], header, "{\"a\":1}", &token);
        imi_jws_expectation form = form_of(g_names[i]);
        for (size_t k = 0; k < ALGORITHMS; k++) {
            IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
            OK(g_signers[k]->public_jwk(g_signers[k], &jwk, &g_err));
            assert_int_equal(imi_jws_verify_by_jwk(imi_buffer_view(&token), imi_buffer_view(&jwk),
                                                   &form, &payload, &g_err),
                             i == k ? IMI_OK : IMI_E_KEY);
        }
    }
}

static void a_jwk_is_not_taken_from_the_signature(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(g_signer->public_jwk(g_signer, &jwk, &g_err));
    char header[512];
    snprintf(header, sizeof header,
             "{\"alg\":\"ES256\",\"typ\":\"test+jwt\",\"kid\":\"%s\",\"jwk\":%.*s}",
             g_signers[0]->key_id, (int)jwk.size, (const char *)jwk.data);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, header, "{\"a\":1}", &token);
    assert_int_equal(check(imi_buffer_view(&token), "ES256"), IMI_E_TOKEN_SIGNATURE);
}

static void the_thumbprint_of_a_jwk_is_the_signers_kid(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
        OK(g_signers[i]->public_jwk(g_signers[i], &jwk, &g_err));
        char thumbprint[IMI_KEY_ID_SIZE];
        OK(imi_jwk_thumbprint(imi_buffer_view(&jwk), thumbprint, &g_err));
        assert_string_equal(thumbprint, g_signers[i]->key_id);
    }
}

static void a_jwk_that_cannot_verify_has_no_thumbprint(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"kty\":\"RSA\"}",
                                      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}",
                                      "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":"
                                      "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
                                      "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":"
                                      "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
                                      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char thumbprint[IMI_KEY_ID_SIZE] = "x";
        assert_int_equal(imi_jwk_thumbprint(imi_view_of_text(bad[i]), thumbprint, &g_err),
                         IMI_E_KEY);
        assert_string_equal(thumbprint, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_signs_what_it_verifies),
        cmocka_unit_test(no_algorithm_takes_the_place_of_another),
        cmocka_unit_test(a_key_of_another_algorithm_under_the_kid_is_refused),
        cmocka_unit_test(every_changed_bit_of_a_signature_is_refused),
        cmocka_unit_test(a_signature_of_another_size_is_refused),
        cmocka_unit_test(an_algorithm_that_is_not_supported_is_refused_before_anything_else),
        cmocka_unit_test(further_members_of_the_header_are_signed),
        cmocka_unit_test(members_that_decide_how_to_read_are_not_the_callers_to_set),
        cmocka_unit_test(a_signature_needs_a_type),
        cmocka_unit_test(the_callers_limit_is_kept),
        cmocka_unit_test(a_payload_of_a_credentials_size_is_signed_and_verified),
        cmocka_unit_test(a_signature_that_nobody_would_read_is_not_made),
        cmocka_unit_test(a_key_given_by_the_caller_verifies_whatever_the_kid),
        cmocka_unit_test(a_jwk_is_not_taken_from_the_signature),
        cmocka_unit_test(the_thumbprint_of_a_jwk_is_the_signers_kid),
        cmocka_unit_test(a_jwk_that_cannot_verify_has_no_thumbprint),
    };
    return cmocka_run_group_tests_name("token: compact signatures", tests, set_up, tear_down);
}
