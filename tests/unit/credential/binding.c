/* Presentations that somebody else made, or made for something else. */
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

/* A credential without disclosures under any key binding. */
static void bind(imi_signer *signer, const char *type, const char *payload, imi_buffer *out)
{
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(""), "", out);
    mint_bind(signer, type, payload, out);
}

static void assert_binding_refused(const char *payload, imi_status wanted)
{
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    bind(g_holder, IMI_KEY_BINDING_TYPE, payload, &presentation);
    assert_refused(&presentation, wanted);
}

static void present(const char *paths, imi_buffer *out)
{
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), paths, out);
}

static imi_view binding_of(const imi_buffer *presentation)
{
    const uint8_t *last = memrchr(presentation->data, '~', presentation->size);
    return (imi_view){last + 1, (size_t)(presentation->data + presentation->size - last - 1)};
}

static imi_view shown_of(const imi_buffer *presentation)
{
    return (imi_view){presentation->data, presentation->size - binding_of(presentation).size};
}

static void a_right_key_binding_is_accepted(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    bind(g_holder, IMI_KEY_BINDING_TYPE, mint_binding, &presentation);
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL));
}

static void a_missing_key_binding_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    assert_refused(&credential, IMI_E_CREDENTIAL_UNBOUND);
}

static void a_key_binding_by_another_key_is_refused(void **state)
{
    (void)state;
    imi_signer *const others[] = {g_stranger, g_issuer};
    for (size_t i = 0; i < 2; i++) {
        IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
        bind(others[i], IMI_KEY_BINDING_TYPE, mint_binding, &presentation);
        assert_refused(&presentation, IMI_E_CREDENTIAL_HOLDER);
    }
}

static void a_replay_to_another_audience_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    expectation.audience = "https://other.example";
    assert_int_equal(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL),
                     IMI_E_CREDENTIAL_REPLAYED);
}

static void a_replay_under_another_nonce_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    expectation.nonce = "another";
    assert_int_equal(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL),
                     IMI_E_CREDENTIAL_REPLAYED);
}

static void a_replay_at_a_later_time_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    expectation.now_s = MINT_NOW_S + 60;
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL));
    expectation.now_s = MINT_NOW_S + 61;
    assert_int_equal(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL),
                     IMI_E_CREDENTIAL_REPLAYED);
    expectation.leeway_s = 1;
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL));
}

static void a_key_binding_from_the_future_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    expectation.now_s = MINT_NOW_S - 1;
    assert_int_equal(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL),
                     IMI_E_CREDENTIAL_REPLAYED);
    expectation.leeway_s = 1;
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL));
}

/* Who saw one presentation of a credential cannot bind what he saw to another. */
static void a_key_binding_over_other_disclosures_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER little = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER much = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER mixed = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), "name", &little);
    mint_presentation(imi_buffer_view(&credential), "name degree", &much);
    OK(imi_buffer_append(&mixed, shown_of(&much), &g_err));
    OK(imi_buffer_append(&mixed, binding_of(&little), &g_err));
    assert_refused(&mixed, IMI_E_CREDENTIAL_REPLAYED);
    mixed.size = 0;
    OK(imi_buffer_append(&mixed, shown_of(&little), &g_err));
    OK(imi_buffer_append(&mixed, binding_of(&much), &g_err));
    assert_refused(&mixed, IMI_E_CREDENTIAL_REPLAYED);
}

/* Two credentials of one holder, such as of one batch. */
static void a_key_binding_over_another_credential_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER one = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER other = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER mixed = IMI_BUFFER_INIT;
    present("name", &one);
    present("name", &other);
    OK(imi_buffer_append(&mixed, shown_of(&one), &g_err));
    OK(imi_buffer_append(&mixed, binding_of(&other), &g_err));
    assert_refused(&mixed, IMI_E_CREDENTIAL_REPLAYED);
}

static void another_type_is_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"JWT", "dc+sd-jwt", "KB+JWT", "imi-verification+jwt"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
        bind(g_holder, types[i], mint_binding, &presentation);
        assert_refused(&presentation, IMI_E_TOKEN_CLAIM);
    }
}

/* {"alg":"none","typ":"kb+jwt"} and no signature. */
static void no_signature_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    bind(g_holder, IMI_KEY_BINDING_TYPE, mint_binding, &presentation);
    imi_view binding = binding_of(&presentation);
    const uint8_t *first = memchr(binding.data, '.', binding.size);
    const uint8_t *second = memchr(first + 1, '.', 4096);
    IMI_AUTO_BUFFER forged = IMI_BUFFER_INIT;
    OK(imi_buffer_append(&forged, shown_of(&presentation), &g_err));
    OK(imi_base64url_encode(imi_view_of_text("{\"alg\":\"none\",\"typ\":\"kb+jwt\"}"), &forged,
                            &g_err));
    OK(imi_buffer_append(&forged, (imi_view){first, (size_t)(second - first) + 1}, &g_err));
    assert_refused(&forged, IMI_E_TOKEN_ALGORITHM);
}

static void a_changed_signature_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    uint8_t *at = &presentation.data[presentation.size - 20];
    *at = *at == 'A' ? 'B' : 'A';
    assert_refused(&presentation, IMI_E_CREDENTIAL_HOLDER);
}

static void missing_members_are_refused(void **state)
{
    (void)state;
    assert_binding_refused("{\"iat\":1699999990,\"nonce\":\"" MINT_NONCE "\",\"sd_hash\":\"$\"}",
                           IMI_E_CREDENTIAL_REPLAYED);
    assert_binding_refused("{\"iat\":1699999990,\"aud\":\"" MINT_AUDIENCE "\",\"sd_hash\":\"$\"}",
                           IMI_E_CREDENTIAL_REPLAYED);
    assert_binding_refused("{\"iat\":1699999990,\"aud\":\"" MINT_AUDIENCE
                           "\",\"nonce\":\"" MINT_NONCE "\"}",
                           IMI_E_CREDENTIAL_REPLAYED);
    assert_binding_refused("{\"aud\":\"" MINT_AUDIENCE "\",\"nonce\":\"" MINT_NONCE
                           "\",\"sd_hash\":\"$\"}",
                           IMI_E_TOKEN_CLAIM);
}

/* RFC 9901 section 4.3: aud is a single text. */
static void a_list_of_audiences_is_refused(void **state)
{
    (void)state;
    assert_binding_refused("{\"iat\":1699999990,\"aud\":[\"" MINT_AUDIENCE
                           "\"],\"nonce\":\"" MINT_NONCE "\",\"sd_hash\":\"$\"}",
                           IMI_E_CREDENTIAL_REPLAYED);
}

static void a_member_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    assert_binding_refused("{\"iat\":1699999990,\"aud\":\"" MINT_AUDIENCE
                           "\",\"nonce\":\"x\",\"nonce\":\"" MINT_NONCE "\",\"sd_hash\":\"$\"}",
                           IMI_E_TOKEN_FORMAT);
}

static void a_key_binding_that_nobody_asked_for_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    assert_unbound_refused(&presentation, IMI_E_INVALID_ARGUMENT);
}

static void text_behind_a_key_binding_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("name", &presentation);
    OK(imi_buffer_append_text(&presentation, "~", &g_err));
    assert_refused(&presentation, IMI_E_CREDENTIAL_DISCLOSURE);
}

static void text_that_is_no_key_binding_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"x", "a.b", "a.b.c.d", "..", "%.%.%"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
        mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(""), "", &presentation);
        OK(imi_buffer_append_text(&presentation, texts[i], &g_err));
        assert_refused(&presentation, IMI_E_TOKEN_FORMAT);
    }
}

static void every_changed_character_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("degree/year", &presentation);
    for (size_t i = 0; i < presentation.size; i++) {
        uint8_t before = presentation.data[i];
        presentation.data[i] = before == 'A' ? 'B' : 'A';
        if (mint_verify_as(imi_buffer_view(&presentation), &expectation, NULL) == IMI_OK) {
            fail_msg("character %zu may be changed", i);
        }
        presentation.data[i] = before;
    }
}

static void every_shortened_presentation_is_refused(void **state)
{
    (void)state;
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    present("degree/year", &presentation);
    for (size_t size = 0; size < presentation.size; size++) {
        imi_view part = {presentation.data, size};
        if (mint_verify_as(part, &expectation, NULL) == IMI_OK) {
            fail_msg("%zu characters are enough", size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_key_binding_is_accepted),
        cmocka_unit_test(a_missing_key_binding_is_refused),
        cmocka_unit_test(a_key_binding_by_another_key_is_refused),
        cmocka_unit_test(a_replay_to_another_audience_is_refused),
        cmocka_unit_test(a_replay_under_another_nonce_is_refused),
        cmocka_unit_test(a_replay_at_a_later_time_is_refused),
        cmocka_unit_test(a_key_binding_from_the_future_is_refused),
        cmocka_unit_test(a_key_binding_over_other_disclosures_is_refused),
        cmocka_unit_test(a_key_binding_over_another_credential_is_refused),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(no_signature_is_refused),
        cmocka_unit_test(a_changed_signature_is_refused),
        cmocka_unit_test(missing_members_are_refused),
        cmocka_unit_test(a_list_of_audiences_is_refused),
        cmocka_unit_test(a_member_that_is_there_twice_is_refused),
        cmocka_unit_test(a_key_binding_that_nobody_asked_for_is_refused),
        cmocka_unit_test(text_behind_a_key_binding_is_refused),
        cmocka_unit_test(text_that_is_no_key_binding_is_refused),
        cmocka_unit_test(every_changed_character_is_refused),
        cmocka_unit_test(every_shortened_presentation_is_refused),
    };
    return cmocka_run_group_tests_name("credential: binding", tests, mint_set_up, mint_tear_down);
}
