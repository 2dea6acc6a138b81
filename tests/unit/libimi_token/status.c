/* Status lists, fetched by the checker or handed to it. */
#include "../token/forge.h"
#include "desk.h"

#include "imi/memory.h"
#include "imi/status_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LIST_URI "https://imi.example/status/1"

enum { VALID = 0, REVOKED = 1, SUSPENDED = 2, LIST_BYTES = 16, TTL_S = 60, LIFE_S = 300 };

typedef struct scene {
    desk_server keys_server, list_server;
    imitoken_keys *keys;
    imitoken_checker_options options;
    imitoken_checker *checker;
    imi_buffer list, token;
} scene;

static scene g_scene;

/* Places 0, 1 and 2 hold the statuses of those numbers. */
static void publish(void)
{
    uint8_t packed[LIST_BYTES] = {REVOKED << 2 | SUSPENDED << 4};
    imi_status_list_terms terms = {LIST_URI, g_desk_now_s, g_desk_now_s + LIFE_S, TTL_S};
    g_scene.list.size = 0;
    assert_int_equal(imi_status_list_sign(g_signer, &terms, (imi_view){packed, sizeof packed},
                                          &g_scene.list, NULL),
                     IMI_OK);
    g_scene.list_server.body = imi_buffer_view(&g_scene.list);
}

static int set_up(void **state)
{
    (void)state;
    g_desk_now_s = DESK_NOW_S;
    g_scene = (scene){.keys_server = {.body = imi_buffer_view(&g_jwks)}};
    g_scene.keys = desk_keys(&g_scene.keys_server);
    publish();
    g_scene.options = desk_options(g_scene.keys);
    g_scene.options.fetch_status = desk_fetch;
    g_scene.options.status_user = &g_scene.list_server;
    g_scene.checker = desk_checker(&g_scene.options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    imitoken_checker_destroy(&g_scene.checker);
    imitoken_keys_destroy(&g_scene.keys);
    imi_buffer_clean_up(&g_scene.list);
    imi_buffer_clean_up(&g_scene.token);
    return 0;
}

static imitoken_code check_at(const char *uri, uint32_t index)
{
    imi_token_claims claims = good_claims();
    imi_copy_text(claims.status_uri, sizeof claims.status_uri, uri);
    claims.status_index = index;
    claims.expires_at_s = g_desk_now_s + 600;
    g_scene.token.size = 0;
    assert_int_equal(imi_token_issue(g_signer, &claims, &g_scene.token, NULL), IMI_OK);
    return desk_check(g_scene.checker, imi_buffer_view(&g_scene.token), NULL);
}

static void a_token_that_stands_passes(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
    assert_string_equal(g_scene.list_server.last_uri, LIST_URI);
}

static void revoked_and_suspended_tokens_are_refused(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, REVOKED), IMITOKEN_E_REVOKED);
    assert_int_equal(check_at(LIST_URI, SUSPENDED), IMITOKEN_E_SUSPENDED);
}

static void a_refused_token_gives_no_claims(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, REVOKED), IMITOKEN_E_REVOKED);
    imitoken_claims claims;
    assert_int_equal(desk_check(g_scene.checker, imi_buffer_view(&g_scene.token), &claims),
                     IMITOKEN_E_REVOKED);
    assert_string_equal(claims.subject, "");
}

static void a_list_is_kept_for_its_ttl(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
    g_desk_now_s += TTL_S;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
    assert_int_equal(g_scene.list_server.fetches, 1);
    g_desk_now_s += 1;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
    assert_int_equal(g_scene.list_server.fetches, 2);
}

static void without_a_list_nothing_passes(void **state)
{
    (void)state;
    g_scene.list_server.is_down = 1;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
    assert_int_equal(g_scene.list_server.fetches, 1);
    g_desk_now_s += 10;
    g_scene.list_server.is_down = 0;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
}

static void an_old_list_is_not_believed_while_fetching_fails(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
    g_scene.list_server.is_down = 1;
    g_desk_now_s += TTL_S + 1;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
}

static void a_list_that_does_not_hold_leaves_the_status_open(void **state)
{
    (void)state;
    g_scene.list_server.body = imi_view_of_text("rubbish");
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
    publish(); /* but for another address */
    assert_int_equal(check_at("https://imi.example/status/2", VALID),
                     IMITOKEN_E_STATUS_UNAVAILABLE);
    g_desk_now_s += LIFE_S; /* and one that has expired */
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
}

static void a_place_beyond_the_list_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check_at(LIST_URI, LIST_BYTES * 4), IMITOKEN_E_STATUS_UNAVAILABLE);
}

static void more_lists_than_are_kept_still_work(void **state)
{
    (void)state;
    g_scene.list_server.is_down = 1;
    for (int i = 0; i < 40; i++) {
        char uri[] = "https://imi.example/status/aa";
        uri[sizeof uri - 2] = (char)('a' + i % 26);
        uri[sizeof uri - 3] = (char)('a' + i / 26);
        assert_int_equal(check_at(uri, VALID), IMITOKEN_E_STATUS_UNAVAILABLE);
    }
    assert_int_equal(g_scene.list_server.fetches, 40);
    g_scene.list_server.is_down = 0;
    assert_int_equal(check_at(LIST_URI, VALID), IMITOKEN_OK);
}

static void a_token_without_a_place_passes_unless_one_is_required(void **state)
{
    (void)state;
    assert_int_equal(check_at("", 0), IMITOKEN_OK);
    imitoken_checker_destroy(&g_scene.checker);
    g_scene.options.status_required = 1;
    g_scene.checker = desk_checker(&g_scene.options);
    assert_int_equal(check_at("", 0), IMITOKEN_E_STATUS_MISSING);
    assert_int_equal(g_scene.list_server.fetches, 0);
}

static imitoken_code look_up(const char *uri, uint32_t index, imi_view list)
{
    imitoken_error err = {IMITOKEN_OK, ""};
    imitoken_code code = imitoken_check_status(g_scene.checker, uri, index, (const char *)list.data,
                                               list.size, &err);
    assert_int_equal(err.code, code);
    return code;
}

static void a_list_of_the_callers_own_is_looked_up(void **state)
{
    (void)state;
    imi_view list = imi_buffer_view(&g_scene.list);
    assert_int_equal(look_up(LIST_URI, VALID, list), IMITOKEN_OK);
    assert_int_equal(look_up(LIST_URI, REVOKED, list), IMITOKEN_E_REVOKED);
    assert_int_equal(look_up(LIST_URI, SUSPENDED, list), IMITOKEN_E_SUSPENDED);
    assert_int_equal(look_up(LIST_URI, 64, list), IMITOKEN_E_CLAIM);
    assert_int_equal(look_up("https://evil.example", VALID, list), IMITOKEN_E_CLAIM);
    assert_int_equal(look_up(LIST_URI, VALID, (imi_view){list.data, 20}), IMITOKEN_E_FORMAT);
    assert_int_equal(look_up("", VALID, list), IMITOKEN_E_ARGUMENT);
    g_desk_now_s += LIFE_S;
    assert_int_equal(look_up(LIST_URI, VALID, list), IMITOKEN_E_EXPIRED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_token_that_stands_passes),
        TEST(revoked_and_suspended_tokens_are_refused),
        TEST(a_refused_token_gives_no_claims),
        TEST(a_list_is_kept_for_its_ttl),
        TEST(without_a_list_nothing_passes),
        TEST(an_old_list_is_not_believed_while_fetching_fails),
        TEST(a_list_that_does_not_hold_leaves_the_status_open),
        TEST(a_place_beyond_the_list_is_refused),
        TEST(more_lists_than_are_kept_still_work),
        TEST(a_token_without_a_place_passes_unless_one_is_required),
        TEST(a_list_of_the_callers_own_is_looked_up),
    };
    return cmocka_run_group_tests(tests, forge_set_up, forge_tear_down);
}
