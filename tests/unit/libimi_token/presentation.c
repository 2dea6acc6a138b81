/* Credentials that a person presents, through the public header. */
#include "../credential/mint.h"
#include "desk.h"

#include "imi/memory.h"
#include "imi/status_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CAPACITY = 4096 };

static imi_buffer g_jwks_json = IMI_BUFFER_INIT, g_shown = IMI_BUFFER_INIT;
static desk_server g_server;
static imitoken_keys *g_jwks_cache;
static imitoken_checker *g_checker;

static int set_up(void **state)
{
    if (mint_set_up(state) != 0) {
        return -1;
    }
    assert_int_equal(imi_jwks_render(&g_issuer, 1, &g_jwks_json, NULL), IMI_OK);
    g_server = (desk_server){.body = imi_buffer_view(&g_jwks_json)};
    g_jwks_cache = desk_keys(&g_server);
    imitoken_checker_options options = desk_options(g_jwks_cache);
    options.audience = MINT_AUDIENCE;
    g_checker = desk_checker(&options);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    mint_presentation(imi_buffer_view(&credential), "degree/subject", &g_shown);
    return 0;
}

static int tear_down(void **state)
{
    imitoken_checker_destroy(&g_checker);
    imitoken_keys_destroy(&g_jwks_cache);
    imi_buffer_clean_up(&g_jwks_json);
    imi_buffer_clean_up(&g_shown);
    return mint_tear_down(state);
}

static imitoken_presentation expected(void)
{
    imitoken_presentation wanted = IMITOKEN_PRESENTATION_INIT;
    wanted.type = MINT_TYPE;
    wanted.nonce = MINT_NONCE;
    return wanted;
}

static imitoken_code check(imi_view shown, const imitoken_presentation *wanted, char *json,
                           size_t capacity, imitoken_credential *out)
{
    IMITOKEN_CREDENTIAL_INIT(out);
    return imitoken_check_presentation(g_checker, (const char *)shown.data, shown.size, wanted, out,
                                       json, capacity, NULL);
}

static void assert_code(imi_view shown, const imitoken_presentation *wanted, imitoken_code code)
{
    char json[CAPACITY] = "left over";
    imitoken_credential out;
    assert_int_equal(check(shown, wanted, json, sizeof json, &out), code);
    assert_string_equal(json, "");
    assert_string_equal(out.issuer, "");
}

static void a_presentation_gives_what_it_discloses(void **state)
{
    (void)state;
    imitoken_presentation wanted = expected();
    char json[CAPACITY];
    imitoken_credential out;
    assert_int_equal(check(imi_buffer_view(&g_shown), &wanted, json, sizeof json, &out),
                     IMITOKEN_OK);
    assert_string_equal(json, "{\"degree\":{\"subject\":\"Physics\"}}");
    assert_string_equal(out.issuer, MINT_ISSUER);
    assert_string_equal(out.type, MINT_TYPE);
    assert_string_equal(out.holder_thumbprint, g_holder->key_id);
    assert_int_equal(out.expires_at_s, MINT_NOW_S + 86400);
}

static void a_presentation_for_another_request_is_refused(void **state)
{
    (void)state;
    imi_view shown = imi_buffer_view(&g_shown);
    imitoken_presentation wanted = expected();
    wanted.nonce = "another";
    assert_code(shown, &wanted, IMITOKEN_E_REPLAYED);
    wanted = expected();
    wanted.type = "https://imi.example/credentials/other";
    assert_code(shown, &wanted, IMITOKEN_E_CLAIM);
    wanted = expected();
    wanted.nonce = "";
    assert_code(shown, &wanted, IMITOKEN_E_ARGUMENT);
    wanted = expected();
    wanted.age_max_s = 0;
    assert_code(shown, &wanted, IMITOKEN_E_ARGUMENT);
}

static void a_presentation_without_key_binding_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    mint_credential(&credential);
    imitoken_presentation wanted = expected();
    assert_code(imi_buffer_view(&credential), &wanted, IMITOKEN_E_UNBOUND);
}

static void a_binding_by_another_key_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER shown = IMI_BUFFER_INIT;
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(""), "", &shown);
    mint_bind(g_stranger, IMI_KEY_BINDING_TYPE, mint_binding, &shown);
    imitoken_presentation wanted = expected();
    assert_code(imi_buffer_view(&shown), &wanted, IMITOKEN_E_HOLDER);
}

static void a_disclosure_that_was_not_signed_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER shown = IMI_BUFFER_INIT;
    char disclosures[256];
    imi_copy_text(disclosures, sizeof disclosures - 1, mint_disclosure("[\"s\",\"age\",99]"));
    strcat(disclosures, "~");
    mint_raw(IMI_CREDENTIAL_TYPE, mint_payload(""), disclosures, &shown);
    mint_bind(g_holder, IMI_KEY_BINDING_TYPE, mint_binding, &shown);
    imitoken_presentation wanted = expected();
    assert_code(imi_buffer_view(&shown), &wanted, IMITOKEN_E_DISCLOSURE);
}

static void memory_that_is_too_small_is_told(void **state)
{
    (void)state;
    imitoken_presentation wanted = expected();
    char json[CAPACITY];
    imitoken_credential out;
    size_t size = strlen("{\"degree\":{\"subject\":\"Physics\"}}");
    imi_view shown = imi_buffer_view(&g_shown);
    assert_int_equal(check(shown, &wanted, json, size, &out), IMITOKEN_E_SPACE);
    assert_string_equal(json, "");
    assert_string_equal(out.issuer, "");
    assert_int_equal(check(shown, &wanted, json, size + 1, &out), IMITOKEN_OK);
}

static void a_revoked_credential_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER shown = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER list = IMI_BUFFER_INIT;
    imi_credential_terms terms = mint_terms();
    terms.status_uri = "https://imi.example/status/3";
    assert_int_equal(
        imi_credential_issue(g_issuer, &terms, imi_view_of_text(MINT_CLAIMS), &credential, NULL),
        IMI_OK);
    mint_presentation(imi_buffer_view(&credential), "name", &shown);
    uint8_t packed[4] = {IMI_TOKEN_INVALID};
    imi_status_list_terms of_list = {terms.status_uri, MINT_NOW_S, MINT_NOW_S + 60, 60};
    assert_int_equal(imi_status_list_sign(g_issuer, &of_list, (imi_view){packed, 4}, &list, NULL),
                     IMI_OK);
    desk_server lists = {.body = imi_buffer_view(&list)};
    imitoken_checker_options options = desk_options(g_jwks_cache);
    options.audience = MINT_AUDIENCE;
    options.fetch_status = desk_fetch;
    options.status_user = &lists;
    imitoken_checker *kept = g_checker;
    g_checker = desk_checker(&options);
    imitoken_presentation wanted = expected();
    assert_code(imi_buffer_view(&shown), &wanted, IMITOKEN_E_REVOKED);
    imitoken_checker_destroy(&g_checker);
    g_checker = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_presentation_gives_what_it_discloses),
        cmocka_unit_test(a_presentation_for_another_request_is_refused),
        cmocka_unit_test(a_presentation_without_key_binding_is_refused),
        cmocka_unit_test(a_binding_by_another_key_is_refused),
        cmocka_unit_test(a_disclosure_that_was_not_signed_is_refused),
        cmocka_unit_test(memory_that_is_too_small_is_told),
        cmocka_unit_test(a_revoked_credential_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
