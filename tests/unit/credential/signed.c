/* What the issuer's signature must be, and what it must say. */
#include "mint.h"

#include "imi/memory.h"

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
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, payload, "", &presentation);
    mint_bind(g_holder, IMI_KEY_BINDING_TYPE, mint_binding, &presentation);
    assert_refused(&presentation, wanted);
}

static void assert_changed_refused(const char *old_text, const char *new_text, imi_status wanted)
{
    assert_payload_refused(mint_payload_with(old_text, new_text), wanted);
}

static imi_status verify_at(int64_t now_s, int64_t leeway_s)
{
    imi_credential_expectation expectation = mint_expectation();
    expectation.now_s = now_s;
    expectation.leeway_s = leeway_s;
    expectation.without_key_binding = true;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    return mint_verify_as(imi_buffer_view(&credential), &expectation, NULL);
}

static void a_good_payload_is_accepted(void **state)
{
    (void)state;
    assert_discloses("", "", "{}");
}

static void an_expired_credential_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify_at(MINT_NOW_S + 86399, 0), IMI_OK);
    assert_int_equal(verify_at(MINT_NOW_S + 86400, 0), IMI_E_TOKEN_EXPIRED);
    assert_int_equal(verify_at(MINT_NOW_S + 86400, 1), IMI_OK);
}

static void a_credential_that_does_not_hold_yet_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify_at(MINT_NOW_S - 86401, 0), IMI_E_TOKEN_NOT_YET_VALID);
    assert_payload_refused(mint_payload("\"nbf\":1700000001"), IMI_E_TOKEN_NOT_YET_VALID);
}

static void times_that_are_missing_or_odd_are_refused(void **state)
{
    (void)state;
    assert_changed_refused("\"exp\":1700010000,", "", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"iat\":1699990000,", "", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"exp\":1700010000", "\"exp\":\"1700010000\"", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"exp\":1700010000", "\"exp\":1e300", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"exp\":1700010000", "\"exp\":1699990000", IMI_E_TOKEN_CLAIM);
}

static void another_issuer_or_type_is_refused(void **state)
{
    (void)state;
    assert_changed_refused("\"iss\":\"https", "\"iss\":\"http", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("/graduate", "/student", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"vct\"", "\"VCT\"", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"iss\":\"" MINT_ISSUER "\",", "", IMI_E_TOKEN_CLAIM);
}

static void a_credential_of_nobody_is_refused(void **state)
{
    (void)state;
    assert_changed_refused("\"cnf\"", "\"CNF\"", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"jwk\"", "\"jkt\"", IMI_E_TOKEN_CLAIM);
    assert_changed_refused("\"P-256\"", "\"P-384\"", IMI_E_KEY);
}

static void a_status_that_cannot_be_looked_up_is_refused(void **state)
{
    (void)state;
    static const char *const statuses[] = {
        "\"status\":1",
        "\"status\":{}",
        "\"status\":{\"status_list\":{\"idx\":1}}",
        "\"status\":{\"status_list\":{\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":-1,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":4294967296,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":1.5,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":1,\"uri\":\"\"}}",
        "\"status\":null",
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        assert_payload_refused(mint_payload(statuses[i]), IMI_E_TOKEN_CLAIM);
    }
}

static void members_that_are_there_twice_are_refused(void **state)
{
    (void)state;
    assert_payload_refused(mint_payload("\"iss\":\"" MINT_ISSUER "\""), IMI_E_TOKEN_FORMAT);
    assert_payload_refused(mint_payload("\"a\":{\"b\":1,\"b\":1}"), IMI_E_TOKEN_FORMAT);
}

static void a_payload_that_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_payload_refused("[]", IMI_E_TOKEN_FORMAT);
    assert_payload_refused("{", IMI_E_TOKEN_FORMAT);
}

static void another_type_in_the_header_is_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"vc+sd-jwt", "JWT", "kb+jwt", "imi-verification+jwt"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
        mint_raw(types[i], mint_payload(""), "", &presentation);
        assert_unbound_refused(&presentation, IMI_E_TOKEN_CLAIM);
    }
}

/* Behind a header of one's own, with the right payload and any signature. */
static void assert_header_refused(const char *header, const char *signature, imi_status wanted)
{
    IMI_AUTO_BUFFER forged = IMI_BUFFER_INIT;
    OK(imi_base64url_encode(imi_view_of_text(header), &forged, &g_err));
    OK(imi_buffer_append_text(&forged, ".", &g_err));
    OK(imi_base64url_encode(imi_view_of_text(mint_payload("")), &forged, &g_err));
    OK(imi_buffer_printf(&forged, &g_err, ".%s~", signature));
    assert_unbound_refused(&forged, wanted);
}

static void no_signature_and_other_algorithms_are_refused(void **state)
{
    (void)state;
    assert_header_refused("{\"alg\":\"none\",\"typ\":\"dc+sd-jwt\"}", "", IMI_E_TOKEN_ALGORITHM);
    assert_header_refused("{\"alg\":\"HS256\",\"typ\":\"dc+sd-jwt\"}", "AAAA",
                          IMI_E_TOKEN_ALGORITHM);
    assert_header_refused("{\"alg\":\"EdDSA\",\"typ\":\"dc+sd-jwt\"}", "AAAA",
                          IMI_E_TOKEN_ALGORITHM);
    assert_header_refused("{\"alg\":\"ES256\",\"typ\":\"dc+sd-jwt\",\"crit\":[\"x\"]}", "AAAA",
                          IMI_E_TOKEN_FORMAT);
}

/* The holder's own key, offered by kid, by value and by address. */
static void keys_that_the_credential_brings_along_are_not_used(void **state)
{
    (void)state;
    char members[512];
    IMI_AUTO_BUFFER forged = IMI_BUFFER_INIT;
    snprintf(members, sizeof members, "{\"jwk\":%.*s,\"jku\":\"https://evil.example/jwks\"}",
             (int)g_holder_jwk.size, (const char *)g_holder_jwk.data);
    OK(imi_jws_sign(g_holder, IMI_CREDENTIAL_TYPE, members, imi_view_of_text(mint_payload("")),
                    &forged, &g_err));
    OK(imi_buffer_append_text(&forged, "~", &g_err));
    assert_unbound_refused(&forged, IMI_E_TOKEN_KEY_UNKNOWN);
}

static void a_changed_payload_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_credential(&presentation);
    uint8_t *at = memchr(presentation.data, '.', presentation.size);
    at[20] = at[20] == 'A' ? 'B' : 'A';
    assert_unbound_refused(&presentation, IMI_E_TOKEN_SIGNATURE);
}

static void text_without_tildes_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_refused(&token, IMI_E_TOKEN_FORMAT);
    OK(imi_jws_sign(g_issuer, IMI_CREDENTIAL_TYPE, NULL, imi_view_of_text(mint_payload("")), &token,
                    &g_err));
    assert_refused(&token, IMI_E_TOKEN_FORMAT);
}

static void assert_unfit(const imi_credential_expectation *expectation, imi_status wanted)
{
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), "name", &presentation);
    assert_int_equal(mint_verify_as(imi_buffer_view(&presentation), expectation, NULL), wanted);
}

static void a_verifier_that_expects_too_little_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation e = mint_expectation();
    e.issuer = NULL;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.type = "";
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.audience = NULL;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.nonce = "";
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.algorithm = NULL;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e.algorithm = "none";
    assert_unfit(&e, IMI_E_UNSUPPORTED);
}

static void times_that_would_accept_anything_are_refused(void **state)
{
    (void)state;
    imi_credential_expectation e = mint_expectation();
    e.now_s = 0;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.leeway_s = 301;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e = mint_expectation();
    e.binding_age_max_s = 0;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
    e.binding_age_max_s = 86401;
    assert_unfit(&e, IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_payload_is_accepted),
        cmocka_unit_test(an_expired_credential_is_refused),
        cmocka_unit_test(a_credential_that_does_not_hold_yet_is_refused),
        cmocka_unit_test(times_that_are_missing_or_odd_are_refused),
        cmocka_unit_test(another_issuer_or_type_is_refused),
        cmocka_unit_test(a_credential_of_nobody_is_refused),
        cmocka_unit_test(a_status_that_cannot_be_looked_up_is_refused),
        cmocka_unit_test(members_that_are_there_twice_are_refused),
        cmocka_unit_test(a_payload_that_is_no_object_is_refused),
        cmocka_unit_test(another_type_in_the_header_is_refused),
        cmocka_unit_test(no_signature_and_other_algorithms_are_refused),
        cmocka_unit_test(keys_that_the_credential_brings_along_are_not_used),
        cmocka_unit_test(a_changed_payload_is_refused),
        cmocka_unit_test(text_without_tildes_is_refused),
        cmocka_unit_test(a_verifier_that_expects_too_little_is_refused),
        cmocka_unit_test(times_that_would_accept_anything_are_refused),
    };
    return cmocka_run_group_tests_name("credential: signed", tests, mint_set_up, mint_tear_down);
}
