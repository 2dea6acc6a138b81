/*
 * Join secrets and credentials: drawn at random, stored as hashes, compared in steady time.
 */
#include "credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void drawn_secret_matches_its_hash_alone(void **state)
{
    (void)state;
    char first[IMI_SECRET_TEXT_SIZE], second[IMI_SECRET_TEXT_SIZE];
    uint8_t first_hash[32], second_hash[32];
    assert_int_equal(imi_credential_draw(first, first_hash, NULL), IMI_OK);
    assert_int_equal(imi_credential_draw(second, second_hash, NULL), IMI_OK);
    assert_true(imi_credential_matches(first, first_hash));
    assert_false(imi_credential_matches(second, first_hash));
    assert_false(imi_credential_matches(first, second_hash));
}

static void secret_has_43_base64url_characters(void **state)
{
    (void)state;
    char secret[IMI_SECRET_TEXT_SIZE];
    uint8_t hash[32];
    assert_int_equal(imi_credential_draw(secret, hash, NULL), IMI_OK);
    assert_int_equal(strlen(secret), 43);
    IMI_AUTO_BUFFER raw = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_decode(imi_view_of_text(secret), &raw, NULL), IMI_OK);
    assert_int_equal(raw.size, 32);
}

static void hash_is_not_the_secret(void **state)
{
    (void)state;
    char secret[IMI_SECRET_TEXT_SIZE];
    uint8_t hash[32];
    assert_int_equal(imi_credential_draw(secret, hash, NULL), IMI_OK);
    IMI_AUTO_BUFFER raw = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_decode(imi_view_of_text(secret), &raw, NULL), IMI_OK);
    assert_memory_not_equal(raw.data, hash, 32);
}

static void hash_of_zeros_matches_nothing(void **state)
{
    (void)state;
    const uint8_t zeros[32] = {0};
    assert_false(imi_credential_matches("", zeros));
    assert_false(imi_credential_matches("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", zeros));
}

static void secret_changed_in_one_character_does_not_match(void **state)
{
    (void)state;
    char secret[IMI_SECRET_TEXT_SIZE];
    uint8_t hash[32];
    assert_int_equal(imi_credential_draw(secret, hash, NULL), IMI_OK);
    for (size_t i = 0; i < strlen(secret); i++) {
        char kept = secret[i];
        secret[i] = kept == 'A' ? 'B' : 'A';
        assert_false(imi_credential_matches(secret, hash));
        secret[i] = kept;
    }
    secret[42] = '\0';
    assert_false(imi_credential_matches(secret, hash));
}

static const char good[] = "ses_abcdefghijklmnopqrstuv.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static void credential_is_split_at_its_dot(void **state)
{
    (void)state;
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    assert_true(imi_credential_split(good, session_id, &secret));
    assert_string_equal(session_id, "ses_abcdefghijklmnopqrstuv");
    assert_int_equal(strlen(secret), 43);
}

static void credential_of_another_form_is_not_split(void **state)
{
    (void)state;
    const char *bad[] = {
        NULL,
        "",
        ".",
        "ses_abcdefghijklmnopqrstuv",
        "ses_abcdefghijklmnopqrstuv.",
        "ses_abcdefghijklmnopqrstuv.short",
        ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ses_abcdefghijklmnopqrstuvw.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ses_abcdefghijklmnopqrstuv.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char session_id[IMI_ID_SIZE];
        const char *secret = NULL;
        assert_false(imi_credential_split(bad[i], session_id, &secret));
        assert_string_equal(session_id, "");
        assert_string_equal(secret, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_secret_matches_its_hash_alone),
        cmocka_unit_test(secret_has_43_base64url_characters),
        cmocka_unit_test(hash_is_not_the_secret),
        cmocka_unit_test(hash_of_zeros_matches_nothing),
        cmocka_unit_test(secret_changed_in_one_character_does_not_match),
        cmocka_unit_test(credential_is_split_at_its_dot),
        cmocka_unit_test(credential_of_another_form_is_not_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
