/* Without memory: always a code, never a pass, nothing left behind. */
#include "../token/forge.h"
#include "desk.h"

#include "imi/memory.h"
#include "imi/status_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { ATTEMPTS_MAX = 2000 };

#define LIST_URI "https://imi.example/status/1"

typedef struct scene {
    desk_server keys_server, list_server;
    imi_buffer list, token;
} scene;

static scene g_scene;

static int set_up(void **state)
{
    if (forge_set_up(state) != 0) {
        return -1;
    }
    uint8_t packed[16] = {0};
    imi_status_list_terms terms = {LIST_URI, DESK_NOW_S, DESK_NOW_S + 60, 60};
    imi_token_claims claims = good_claims();
    imi_copy_text(claims.status_uri, sizeof claims.status_uri, LIST_URI);
    assert_int_equal(imi_status_list_sign(g_signer, &terms, (imi_view){packed, sizeof packed},
                                          &g_scene.list, NULL),
                     IMI_OK);
    assert_int_equal(imi_token_issue(g_signer, &claims, &g_scene.token, NULL), IMI_OK);
    g_scene.keys_server.body = imi_buffer_view(&g_jwks);
    g_scene.list_server.body = imi_buffer_view(&g_scene.list);
    return 0;
}

static int tear_down(void **state)
{
    imi_buffer_clean_up(&g_scene.list);
    imi_buffer_clean_up(&g_scene.token);
    return forge_tear_down(state);
}

static bool fail_one(void *left, size_t size)
{
    (void)size;
    return (*(int *)left)-- == 0;
}

/* All from the options to the check. */
static imitoken_code run(void)
{
    imitoken_keys_options of_keys = IMITOKEN_KEYS_OPTIONS_INIT;
    of_keys.fetch = desk_fetch;
    of_keys.user = &g_scene.keys_server;
    of_keys.uri = DESK_JWKS_URI;
    of_keys.clock = desk_clock;
    imitoken_keys *keys = NULL;
    imitoken_checker *checker = NULL;
    imitoken_code code = imitoken_keys_new(&of_keys, &keys, NULL);
    if (code == IMITOKEN_OK) {
        imitoken_checker_options options = desk_options(keys);
        options.fetch_status = desk_fetch;
        options.status_user = &g_scene.list_server;
        code = imitoken_checker_new(&options, &checker, NULL);
    }
    if (code == IMITOKEN_OK) {
        code = desk_check(checker, imi_buffer_view(&g_scene.token), NULL);
    }
    imitoken_checker_destroy(&checker);
    imitoken_keys_destroy(&keys);
    return code;
}

static void each_failing_allocation_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(run(), IMITOKEN_OK);
    int64_t before = imi_alloc_live_blocks();
    imitoken_code code = IMITOKEN_E_NO_MEMORY;
    int at = 0;
    for (; at < ATTEMPTS_MAX && code != IMITOKEN_OK; at++) {
        int left = at;
        imi_alloc_set_fail_hook(fail_one, &left);
        code = run();
        imi_alloc_set_fail_hook(NULL, NULL);
        /* A document that could not be kept is one that could not be fetched. */
        assert_true(code == IMITOKEN_OK || code == IMITOKEN_E_NO_MEMORY ||
                    code == IMITOKEN_E_KEYS_UNAVAILABLE || code == IMITOKEN_E_STATUS_UNAVAILABLE);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_in_range(at, 20, ATTEMPTS_MAX - 1);
}

static bool add_up(void *user, size_t size)
{
    *(size_t *)user += size;
    return false;
}

static void a_check_allocates_in_proportion_to_the_token(void **state)
{
    (void)state;
    imitoken_keys *keys = desk_keys(&g_scene.keys_server);
    imitoken_checker_options options = desk_options(keys);
    imitoken_checker *checker = desk_checker(&options);
    imi_view token = imi_buffer_view(&g_scene.token);
    assert_int_equal(desk_check(checker, token, NULL), IMITOKEN_OK);
    size_t total = 0;
    int64_t before = imi_alloc_live_blocks();
    imi_alloc_set_fail_hook(add_up, &total);
    assert_int_equal(desk_check(checker, token, NULL), IMITOKEN_OK);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(imi_alloc_live_blocks(), before);
    assert_in_range(total, 1, 2 * token.size);
    imitoken_checker_destroy(&checker);
    imitoken_keys_destroy(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failing_allocation_is_told_and_leaves_nothing),
        cmocka_unit_test(a_check_allocates_in_proportion_to_the_token),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
