/* The rules of RFC 9901 section 7.1, each broken once. */
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

/* printf into static storage, four texts at once. */
static const char *text(const char *format, ...) IMI_PRINTF(1, 2);
static const char *text(const char *format, ...)
{
    static char texts[4][8192];
    static unsigned next;
    char *out = texts[next++ % 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out, sizeof texts[0], format, arguments);
    va_end(arguments);
    return out;
}

/* "_sd" of one disclosure, which is sent with it. */
static void assert_disclosure_refused(const char *json)
{
    const char *d = mint_disclosure(json);
    assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", d));
}

static void a_disclosed_claim_is_put_in_its_place(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"name\",{\"first\":\"Hua\"}]");
    assert_discloses(text("\"open\":1,\"_sd\":[\"%s\",\"decoy\"]", mint_digest(d)), text("%s~", d),
                     "{\"open\":1,\"name\":{\"first\":\"Hua\"}}");
}

static void disclosures_may_hold_white_space_and_escapes(void **state)
{
    (void)state;
    const char *d = mint_disclosure(" [ \"salt\" ,\n\"n\\u0061me\" , \"\\u674e\" ] ");
    assert_discloses(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", d),
                     "{\"name\":\"\xE6\x9D\x8E\"}");
}

static void values_may_be_of_every_kind(void **state)
{
    (void)state;
    static const char *const values[] = {"null", "true", "-1", "0.5", "\"\"", "[]", "{}"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const char *d = mint_disclosure(text("[\"salt\",\"v\",%s]", values[i]));
        assert_discloses(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", d),
                         text("{\"v\":%s}", values[i]));
    }
}

static void disclosures_within_disclosures_are_followed(void **state)
{
    (void)state;
    const char *inner = mint_disclosure("[\"s1\",\"year\",2024]");
    const char *element = mint_disclosure(text("[\"s2\",{\"_sd\":[\"%s\"]}]", mint_digest(inner)));
    const char *outer =
        mint_disclosure(text("[\"s3\",\"degrees\",[{\"...\":\"%s\"}]]", mint_digest(element)));
    assert_discloses(text("\"_sd\":[\"%s\"]", mint_digest(outer)),
                     text("%s~%s~%s~", inner, outer, element), "{\"degrees\":[{\"year\":2024}]}");
}

static void what_is_not_disclosed_leaves_no_trace(void **state)
{
    (void)state;
    assert_discloses("\"a\":{\"_sd\":[\"x\",\"y\"]},\"b\":[{\"...\":\"z\"},1],\"_sd\":[]", "",
                     "{\"a\":{},\"b\":[1]}");
}

static void elements_keep_their_order(void **state)
{
    (void)state;
    const char *one = mint_disclosure("[\"s1\",\"one\"]");
    const char *two = mint_disclosure("[\"s2\",\"two\"]");
    assert_discloses(text("\"a\":[{\"...\":\"x\"},{\"...\":\"%s\"},0,{\"...\":\"%s\"}]",
                          mint_digest(one), mint_digest(two)),
                     text("%s~%s~", two, one), "{\"a\":[\"one\",0,\"two\"]}");
}

static void a_changed_disclosure_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2023]");
    const char *changed = mint_disclosure("[\"salt\",\"year\",2024]");
    assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", changed));
}

/* The digest is of the text as it was sent: the same JSON written otherwise is another text. */
static void a_disclosure_that_is_written_otherwise_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2024]");
    const char *changed = mint_disclosure("[\"salt\", \"year\", 2024]");
    assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", changed));
}

static void a_disclosure_that_nobody_signed_is_refused(void **state)
{
    (void)state;
    assert_undisclosed("\"a\":1", text("%s~", mint_disclosure("[\"salt\",\"year\",2024]")));
}

/* Its digest is signed, but in a disclosure that is not there. */
static void a_disclosure_without_the_one_that_holds_it_is_refused(void **state)
{
    (void)state;
    const char *inner = mint_disclosure("[\"s1\",\"year\",2024]");
    const char *outer =
        mint_disclosure(text("[\"s2\",\"degree\",{\"_sd\":[\"%s\"]}]", mint_digest(inner)));
    assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(outer)), text("%s~", inner));
}

static void a_disclosure_that_is_sent_twice_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2024]");
    assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~%s~", d, d));
}

static void a_digest_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2024]");
    const char *digest = mint_digest(d);
    assert_undisclosed(text("\"_sd\":[\"%s\",\"%s\"]", digest, digest), text("%s~", d));
    assert_undisclosed(text("\"_sd\":[\"%s\"],\"a\":{\"_sd\":[\"%s\"]}", digest, digest),
                       text("%s~", d));
}

static void a_decoy_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    assert_undisclosed("\"_sd\":[\"x\"],\"a\":[{\"...\":\"x\"}]", "");
}

static void a_digest_that_a_disclosure_repeats_is_refused(void **state)
{
    (void)state;
    const char *inner = mint_disclosure("[\"s1\",\"year\",2024]");
    const char *digest = mint_digest(inner);
    const char *outer = mint_disclosure(text("[\"s2\",\"a\",{\"_sd\":[\"%s\"]}]", digest));
    assert_undisclosed(text("\"_sd\":[\"%s\",\"%s\"]", digest, mint_digest(outer)),
                       text("%s~%s~", inner, outer));
}

static void a_claim_that_is_there_already_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2024]");
    assert_undisclosed(text("\"year\":null,\"_sd\":[\"%s\"]", mint_digest(d)), text("%s~", d));
}

static void two_disclosures_of_one_name_are_refused(void **state)
{
    (void)state;
    const char *a = mint_disclosure("[\"s1\",\"year\",2023]");
    const char *b = mint_disclosure("[\"s2\",\"year\",2024]");
    assert_undisclosed(text("\"_sd\":[\"%s\",\"%s\"]", mint_digest(a), mint_digest(b)),
                       text("%s~%s~", a, b));
}

static void claims_of_one_name_in_two_places_are_accepted(void **state)
{
    (void)state;
    const char *a = mint_disclosure("[\"s1\",\"iss\",\"of the degree\"]");
    assert_discloses(text("\"degree\":{\"_sd\":[\"%s\"]}", mint_digest(a)), text("%s~", a),
                     "{\"degree\":{\"iss\":\"of the degree\"}}");
}

static void what_the_issuer_says_to_all_cannot_be_disclosed(void **state)
{
    (void)state;
    static const char *const names[] = {"nbf", "vct#integrity", "status", "_sd_alg", "iss", "cnf"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_disclosure_refused(text("[\"salt\",\"%s\",1]", names[i]));
    }
}

static void reserved_names_are_refused(void **state)
{
    (void)state;
    assert_disclosure_refused("[\"salt\",\"_sd\",[\"x\"]]");
    assert_disclosure_refused("[\"salt\",\"...\",\"x\"]");
}

static void disclosures_of_another_form_are_refused(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "",
        "[]",
        "[\"salt\"]",
        "[\"salt\",\"n\",1,2]",
        "[1,\"n\",2]",
        "[\"s\",1,2]",
        "{\"a\":1}",
        "\"salt\"",
        "[\"s\",\"n\",{\"a\":1,\"a\":2}]",
        "[\"s\",\"n\",\"\\u0000\"]",
        "[\"s\",\"n\",1",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_disclosure_refused(forms[i]);
    }
}

static void an_element_with_a_name_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"name\",1]");
    assert_undisclosed(text("\"a\":[{\"...\":\"%s\"}]", mint_digest(d)), text("%s~", d));
}

static void a_member_without_a_name_is_refused(void **state)
{
    (void)state;
    assert_disclosure_refused("[\"salt\",1]");
}

static void digests_that_are_no_text_in_a_list_are_refused(void **state)
{
    (void)state;
    assert_undisclosed("\"_sd\":\"x\"", "");
    assert_undisclosed("\"_sd\":{}", "");
    assert_undisclosed("\"_sd\":[1]", "");
    assert_undisclosed("\"a\":[{\"...\":1}]", "");
}

static void an_element_digest_out_of_place_is_refused(void **state)
{
    (void)state;
    assert_undisclosed("\"...\":\"x\"", "");
    assert_undisclosed("\"a\":{\"...\":\"x\"}", "");
    assert_undisclosed("\"a\":[{\"...\":\"x\",\"b\":1}]", "");
}

static void another_hash_function_is_refused(void **state)
{
    (void)state;
    assert_undisclosed("\"_sd_alg\":\"sha-512\"", "");
    assert_undisclosed("\"_sd_alg\":\"md5\"", "");
    assert_undisclosed("\"_sd_alg\":1", "");
    assert_discloses("\"_sd_alg\":\"sha-256\"", "", "{}");
}

static void text_that_is_no_strict_base64url_is_refused(void **state)
{
    (void)state;
    const char *d = mint_disclosure("[\"salt\",\"year\",2024]");
    const char *const forms[] = {text("%s=", d), text("%s ", d), text(" %s", d), "%", "é"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_undisclosed(text("\"_sd\":[\"%s\"]", mint_digest(forms[i])), text("%s~", forms[i]));
    }
}

/* Each disclosure is shallow; together they are a pit. */
static void claims_that_disclosures_nest_too_deep_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER all = IMI_BUFFER_INIT;
    const char *d = mint_disclosure("[\"s\",\"x\",1]");
    OK(imi_buffer_printf(&all, &g_err, "%s~", d));
    for (int depth = 2; depth <= 20; depth++) {
        const char *more = text("\"_sd\":[\"%s\"]", mint_digest(d));
        OK(imi_buffer_terminate(&all, &g_err));
        if (depth == IMI_CREDENTIAL_DEPTH_MAX + 2) { /* the payload is one */
            assert_undisclosed(more, (const char *)all.data);
            return;
        }
        d = mint_disclosure(text("[\"s\",\"x\",{%s}]", more));
        OK(imi_buffer_printf(&all, &g_err, "%s~", d));
    }
    fail();
}

static void a_payload_that_is_nested_too_deep_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload("\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), "",
             &presentation);
    assert_unbound_refused(&presentation, IMI_E_TOKEN_FORMAT);
}

static void more_disclosures_than_there_may_be_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER all = IMI_BUFFER_INIT;
    for (int i = 0; i <= IMI_CREDENTIAL_DISCLOSURES_MAX; i++) {
        OK(imi_buffer_printf(&all, &g_err, "%s~", mint_disclosure(text("[\"s\",%d]", i))));
    }
    OK(imi_buffer_terminate(&all, &g_err));
    assert_undisclosed("", (const char *)all.data);
}

static void a_huge_presentation_is_refused(void **state)
{
    (void)state;
    static char filler[IMI_CREDENTIAL_BYTES_MAX];
    memset(filler, 'A', sizeof filler - 1);
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(""), filler, &presentation);
    assert_unbound_refused(&presentation, IMI_E_TOKEN_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disclosed_claim_is_put_in_its_place),
        cmocka_unit_test(disclosures_may_hold_white_space_and_escapes),
        cmocka_unit_test(values_may_be_of_every_kind),
        cmocka_unit_test(disclosures_within_disclosures_are_followed),
        cmocka_unit_test(what_is_not_disclosed_leaves_no_trace),
        cmocka_unit_test(elements_keep_their_order),
        cmocka_unit_test(a_changed_disclosure_is_refused),
        cmocka_unit_test(a_disclosure_that_is_written_otherwise_is_refused),
        cmocka_unit_test(a_disclosure_that_nobody_signed_is_refused),
        cmocka_unit_test(a_disclosure_without_the_one_that_holds_it_is_refused),
        cmocka_unit_test(a_disclosure_that_is_sent_twice_is_refused),
        cmocka_unit_test(a_digest_that_is_there_twice_is_refused),
        cmocka_unit_test(a_decoy_that_is_there_twice_is_refused),
        cmocka_unit_test(a_digest_that_a_disclosure_repeats_is_refused),
        cmocka_unit_test(a_claim_that_is_there_already_is_refused),
        cmocka_unit_test(two_disclosures_of_one_name_are_refused),
        cmocka_unit_test(claims_of_one_name_in_two_places_are_accepted),
        cmocka_unit_test(what_the_issuer_says_to_all_cannot_be_disclosed),
        cmocka_unit_test(reserved_names_are_refused),
        cmocka_unit_test(disclosures_of_another_form_are_refused),
        cmocka_unit_test(an_element_with_a_name_is_refused),
        cmocka_unit_test(a_member_without_a_name_is_refused),
        cmocka_unit_test(digests_that_are_no_text_in_a_list_are_refused),
        cmocka_unit_test(an_element_digest_out_of_place_is_refused),
        cmocka_unit_test(another_hash_function_is_refused),
        cmocka_unit_test(text_that_is_no_strict_base64url_is_refused),
        cmocka_unit_test(claims_that_disclosures_nest_too_deep_are_refused),
        cmocka_unit_test(a_payload_that_is_nested_too_deep_is_refused),
        cmocka_unit_test(more_disclosures_than_there_may_be_are_refused),
        cmocka_unit_test(a_huge_presentation_is_refused),
    };
    return cmocka_run_group_tests_name("credential: disclose", tests, mint_set_up, mint_tear_down);
}
