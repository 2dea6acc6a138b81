/* What a holder shows, and what stays hidden. */
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

/* Present paths of MINT_CLAIMS; what a verifier then learns. */
static void assert_shows(const char *paths, const char *claims)
{
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), paths, &presentation);
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, &got));
    assert_json(&got, claims);
}

static imi_status present(imi_view credential, imi_signer *holder,
                          const imi_presentation_terms *terms)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    imi_status status = imi_credential_present(credential, holder, terms, &out, &g_err);
    assert_true(status == IMI_OK || out.size == 0);
    return status;
}

static imi_presentation_terms good_terms(void)
{
    return (imi_presentation_terms){NULL, 0, MINT_AUDIENCE, MINT_NONCE, MINT_NOW_S};
}

static void one_claim_is_shown_and_no_other(void **state)
{
    (void)state;
    assert_shows("name", "{\"name\":\"Li Hua\"}");
}

static void nothing_need_be_shown(void **state)
{
    (void)state;
    assert_shows("", "{}");
}

static void a_claim_is_shown_with_all_that_is_within(void **state)
{
    (void)state;
    assert_shows("degree", "{\"degree\":{\"subject\":\"Physics\",\"year\":2024}}");
    assert_shows("languages", "{\"languages\":[\"zh\",\"en\"]}");
}

static void a_claim_within_another_is_shown_alone(void **state)
{
    (void)state;
    assert_shows("degree/year", "{\"degree\":{\"year\":2024}}");
}

static void an_element_of_an_array_is_shown_alone(void **state)
{
    (void)state;
    assert_shows("languages/1", "{\"languages\":[\"en\"]}");
}

static void several_paths_add_up(void **state)
{
    (void)state;
    assert_shows("name degree/year languages/0",
                 "{\"name\":\"Li Hua\",\"degree\":{\"year\":2024},\"languages\":[\"zh\"]}");
}

/* What is not chosen is not in the text at all, encoded or not. */
static void what_stays_hidden_is_not_sent(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), "degree/year", &presentation);
    size_t tildes = 0;
    for (size_t i = 0; i < presentation.size; i++) {
        tildes += presentation.data[i] == '~';
    }
    assert_int_equal(tildes, 3); /* behind the JWT, degree and year */
}

static void names_with_slashes_and_tildes_are_escaped(void **state)
{
    (void)state;
    imi_credential_terms terms = mint_terms();
    imi_credential_expectation expectation = mint_expectation();
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    OK(imi_credential_issue(g_issuer, &terms,
                            imi_view_of_text("{\"a/b\":1,\"a\":{\"b\":2},\"~\":3}"), &credential,
                            &g_err));
    mint_presentation(imi_buffer_view(&credential), "a~1b ~0", &presentation);
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, &got));
    assert_json(&got, "{\"a/b\":1,\"~\":3}");
}

static void a_path_that_leads_nowhere_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "surname", "nam", "name/first", "degree/", "iss"};
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        imi_presentation_terms terms = good_terms();
        terms.paths = &paths[i];
        terms.path_count = 1;
        assert_int_equal(present(imi_buffer_view(&credential), g_holder, &terms), IMI_E_NOT_FOUND);
    }
}

static void only_the_holder_can_bind(void **state)
{
    (void)state;
    imi_presentation_terms terms = good_terms();
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    assert_int_equal(present(imi_buffer_view(&credential), g_stranger, &terms), IMI_E_KEY);
}

static void a_binding_needs_audience_nonce_and_time(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    imi_view view = imi_buffer_view(&credential);
    imi_presentation_terms terms = good_terms();
    terms.audience = "";
    assert_int_equal(present(view, g_holder, &terms), IMI_E_INVALID_ARGUMENT);
    terms = good_terms();
    terms.nonce = NULL;
    assert_int_equal(present(view, g_holder, &terms), IMI_E_INVALID_ARGUMENT);
    terms = good_terms();
    terms.issued_at_s = 0;
    assert_int_equal(present(view, g_holder, &terms), IMI_E_INVALID_ARGUMENT);
}

static void a_presentation_is_not_presented_again(void **state)
{
    (void)state;
    imi_presentation_terms terms = good_terms();
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), "name", &presentation);
    assert_int_equal(present(imi_buffer_view(&presentation), g_holder, &terms),
                     IMI_E_INVALID_ARGUMENT);
}

static void without_a_holder_nothing_is_bound(void **state)
{
    (void)state;
    const char *path = "name";
    imi_presentation_terms terms = {.paths = &path, .path_count = 1};
    imi_credential_expectation expectation = mint_expectation();
    expectation.without_key_binding = true;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    mint_credential(&credential);
    OK(imi_credential_present(imi_buffer_view(&credential), NULL, &terms, &presentation, &g_err));
    OK(mint_verify_as(imi_buffer_view(&presentation), &expectation, &got));
    assert_json(&got, "{\"name\":\"Li Hua\"}");
    assert_refused(&presentation, IMI_E_CREDENTIAL_UNBOUND);
}

static void a_description_lists_what_can_be_disclosed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER described = IMI_BUFFER_INIT;
    mint_credential(&credential);
    OK(imi_credential_describe(imi_buffer_view(&credential), &described, &g_err));
    OK(imi_buffer_terminate(&described, &g_err));
    const char *text = (const char *)described.data;
    assert_non_null(strstr(text, "\"disclosable\":[\"name\",\"degree/subject\",\"degree/year\","
                                 "\"degree\",\"languages/0\",\"languages/1\",\"languages\"]"));
    assert_non_null(strstr(text, "\"typ\":\"dc+sd-jwt\""));
    assert_non_null(strstr(text, "\"name\":\"Li Hua\""));
    assert_non_null(strstr(text, "\"vct\":\"" MINT_TYPE "\""));
}

static void what_is_no_credential_is_not_described(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "~", "a.b.c", "a.b.c~", "e30.e30.~~", "e30.W10.~"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        IMI_AUTO_BUFFER described = IMI_BUFFER_INIT;
        imi_status status = imi_credential_describe(imi_view_of_text(texts[i]), &described, &g_err);
        assert_true(status == IMI_E_TOKEN_FORMAT || status == IMI_E_CREDENTIAL_DISCLOSURE);
        assert_int_equal(described.size, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_claim_is_shown_and_no_other),
        cmocka_unit_test(nothing_need_be_shown),
        cmocka_unit_test(a_claim_is_shown_with_all_that_is_within),
        cmocka_unit_test(a_claim_within_another_is_shown_alone),
        cmocka_unit_test(an_element_of_an_array_is_shown_alone),
        cmocka_unit_test(several_paths_add_up),
        cmocka_unit_test(what_stays_hidden_is_not_sent),
        cmocka_unit_test(names_with_slashes_and_tildes_are_escaped),
        cmocka_unit_test(a_path_that_leads_nowhere_is_refused),
        cmocka_unit_test(only_the_holder_can_bind),
        cmocka_unit_test(a_binding_needs_audience_nonce_and_time),
        cmocka_unit_test(a_presentation_is_not_presented_again),
        cmocka_unit_test(without_a_holder_nothing_is_bound),
        cmocka_unit_test(a_description_lists_what_can_be_disclosed),
        cmocka_unit_test(what_is_no_credential_is_not_described),
    };
    return cmocka_run_group_tests_name("credential: present", tests, mint_set_up, mint_tear_down);
}
