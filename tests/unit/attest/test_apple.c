/* Apple App Attest: the object, its nonce, its authenticator data and its chain. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_app_refused(app_statement statement, const char *code)
{
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_apple(&statement, &object);
    assert_refused(IMI_ATTESTATION_APPLE_APP, imi_buffer_view(&object), code);
}

static void an_object_of_the_app_is_accepted(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_apple(&statement, &object);
    assert_accepted(IMI_ATTESTATION_APPLE_APP, imi_buffer_view(&object), 2);
}

static void extensions_behind_the_public_key_are_passed_over_once(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.extensions = 1;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_apple(&statement, &object);
    assert_accepted(IMI_ATTESTATION_APPLE_APP, imi_buffer_view(&object), 2);
    statement.extensions = 2;
    assert_app_refused(statement, "attestation_format");
}

static void the_challenge_of_another_session_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.challenge = imi_view_of_text("another");
    assert_app_refused(statement, "attestation_challenge");
}

/* Of Apple's objects the challenge alone ties the session's device key to the app. */
static void the_challenge_with_another_device_key_is_refused(void **state)
{
    (void)state;
    uint8_t other_spki[91], challenge[IMI_ATTEST_CHALLENGE_SIZE];
    uint8_t *at = other_spki;
    assert_int_equal(i2d_PUBKEY(g_forge.other_key, &at), sizeof other_spki);
    imi_view spki = {other_spki, sizeof other_spki};
    assert_int_equal(imi_attest_challenge(TEST_SESSION, spki, challenge, NULL), IMI_OK);
    app_statement statement = forge_good_app();
    statement.challenge = (imi_view){challenge, sizeof challenge};
    assert_app_refused(statement, "attestation_challenge");
}

static void a_wrong_nonce_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.wrong_nonce = true;
    assert_app_refused(statement, "attestation_challenge");
}

static void another_app_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.app_id = "TEAM123456.org.example.evil";
    assert_app_refused(statement, "attestation_app");
}

static void an_app_under_development_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.aaguid = "appattestdevelop";
    assert_app_refused(statement, "attestation_app");
}

static void a_key_that_was_used_before_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.counter = 1;
    assert_app_refused(statement, "attestation_key");
}

static void a_credential_that_is_not_the_certified_key_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.wrong_credential = true;
    assert_app_refused(statement, "attestation_key");
}

static void an_object_of_another_format_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.format = "android-key";
    assert_app_refused(statement, "attestation_format");
}

static void authenticator_data_without_a_credential_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.flags = 0x01;
    assert_app_refused(statement, "attestation_format");
}

static void authenticator_data_without_a_public_key_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.no_public_key = true;
    assert_app_refused(statement, "attestation_format");
}

static void a_member_too_many_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.extra_member = true;
    assert_app_refused(statement, "attestation_format");
}

static void cbor_in_a_longer_form_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.long_form_length = true;
    assert_app_refused(statement, "attestation_format");
}

static void an_expired_leaf_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.leaf_not_after_s = TEST_NOW_S - 1;
    assert_app_refused(statement, "attestation_chain");
}

static void a_nonce_in_an_intermediate_is_refused(void **state)
{
    (void)state;
    app_statement statement = forge_good_app();
    statement.in_intermediate = true;
    assert_app_refused(statement, "attestation_chain");
}

static void an_android_chain_is_no_apple_object_nor_the_reverse(void **state)
{
    (void)state;
    key_statement key = forge_good_statement();
    app_statement app = forge_good_app();
    IMI_AUTO_BUFFER android = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER apple = IMI_BUFFER_INIT;
    forge_android(&key, &android);
    forge_apple(&app, &apple);
    assert_refused(IMI_ATTESTATION_APPLE_APP, imi_buffer_view(&android), "attestation_format");
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&apple), "attestation_format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_of_the_app_is_accepted),
        cmocka_unit_test(extensions_behind_the_public_key_are_passed_over_once),
        cmocka_unit_test(the_challenge_of_another_session_is_refused),
        cmocka_unit_test(the_challenge_with_another_device_key_is_refused),
        cmocka_unit_test(a_wrong_nonce_is_refused),
        cmocka_unit_test(another_app_is_refused),
        cmocka_unit_test(an_app_under_development_is_refused),
        cmocka_unit_test(a_key_that_was_used_before_is_refused),
        cmocka_unit_test(a_credential_that_is_not_the_certified_key_is_refused),
        cmocka_unit_test(an_object_of_another_format_is_refused),
        cmocka_unit_test(authenticator_data_without_a_credential_is_refused),
        cmocka_unit_test(authenticator_data_without_a_public_key_is_refused),
        cmocka_unit_test(a_member_too_many_is_refused),
        cmocka_unit_test(cbor_in_a_longer_form_is_refused),
        cmocka_unit_test(an_expired_leaf_is_refused),
        cmocka_unit_test(a_nonce_in_an_intermediate_is_refused),
        cmocka_unit_test(an_android_chain_is_no_apple_object_nor_the_reverse),
    };
    return cmocka_run_group_tests(tests, forge_set_up, forge_tear_down);
}
