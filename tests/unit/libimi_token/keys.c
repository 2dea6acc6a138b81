/* The key set that is kept: when it is fetched, and when not. */
#include "../token/forge.h"
#include "desk.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct scene {
    desk_server server;
    imitoken_keys *keys;
    imitoken_checker *checker;
    imi_buffer token, stranger; /* signed by a key of the set, and by another */
} scene;

static scene g_scene;

static int group_set_up(void **state)
{
    return forge_set_up(state);
}

static void sign_by_stranger(imi_buffer *out, imi_buffer *jwks_out)
{
    imi_signer *mine = g_signer, *other = NULL;
    assert_int_equal(imi_signer_file_new(in_folder("other.pem"), &other, NULL), IMI_OK);
    g_signer = other; /* good_header names its kid */
    forge(other, good_header(), good_payload(), out);
    if (jwks_out != NULL) {
        imi_signer *both[] = {mine, other};
        assert_int_equal(imi_jwks_render(both, 2, jwks_out, NULL), IMI_OK);
    }
    g_signer = mine;
    imi_signer_destroy(&other);
}

static int set_up(void **state)
{
    (void)state;
    g_desk_now_s = DESK_NOW_S;
    g_scene = (scene){.server = {.body = imi_buffer_view(&g_jwks)}};
    forge(g_signer, good_header(), payload_with("1700000600", "1800000000"), &g_scene.token);
    g_scene.keys = desk_keys(&g_scene.server);
    imitoken_checker_options options = desk_options(g_scene.keys);
    g_scene.checker = desk_checker(&options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    imitoken_checker_destroy(&g_scene.checker);
    imitoken_keys_destroy(&g_scene.keys);
    imi_buffer_clean_up(&g_scene.token);
    imi_buffer_clean_up(&g_scene.stranger);
    return 0;
}

static imitoken_code check(void)
{
    return desk_check(g_scene.checker, imi_buffer_view(&g_scene.token), NULL);
}

static void assert_fetches(int wanted)
{
    assert_int_equal(g_scene.server.fetches, wanted);
}

static void nothing_is_fetched_before_the_first_check(void **state)
{
    (void)state;
    assert_fetches(0);
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(1);
}

static void a_set_is_kept_for_its_max_age(void **state)
{
    (void)state;
    g_scene.server.cache_control = "public, max-age=600";
    assert_int_equal(check(), IMITOKEN_OK);
    g_desk_now_s += 599;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(1);
    g_desk_now_s += 1;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void a_set_without_a_max_age_is_kept_as_the_options_say(void **state)
{
    (void)state;
    g_scene.server.cache_control = "public, max-age=nonsense";
    assert_int_equal(check(), IMITOKEN_OK);
    g_desk_now_s += 299;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(1);
    g_desk_now_s += 1;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void a_huge_max_age_ends_after_a_day(void **state)
{
    (void)state;
    g_scene.server.cache_control = "max-age=99999999999999999999999";
    assert_int_equal(check(), IMITOKEN_OK);
    g_desk_now_s += 86400;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void a_set_not_to_be_stored_is_fetched_again_only_after_ten_seconds(void **state)
{
    (void)state;
    g_scene.server.cache_control = "max-age=600, no-store";
    assert_int_equal(check(), IMITOKEN_OK);
    g_desk_now_s += 9;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(1);
    g_desk_now_s += 1;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void an_old_set_stays_in_use_while_fetching_fails(void **state)
{
    (void)state;
    assert_int_equal(check(), IMITOKEN_OK);
    g_scene.server.is_down = 1;
    g_desk_now_s += 300 + 86400 - 1;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
    g_desk_now_s += 1;
    assert_int_equal(check(), IMITOKEN_E_KEYS_UNAVAILABLE);
}

static void an_old_set_stays_in_use_while_rubbish_comes(void **state)
{
    (void)state;
    assert_int_equal(check(), IMITOKEN_OK);
    g_scene.server.body = imi_view_of_text("<html>");
    g_desk_now_s += 300;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void what_fails_is_tried_again_after_ten_seconds(void **state)
{
    (void)state;
    g_scene.server.is_down = 1;
    assert_int_equal(check(), IMITOKEN_E_KEYS_UNAVAILABLE);
    assert_int_equal(check(), IMITOKEN_E_KEYS_UNAVAILABLE);
    assert_fetches(1);
    g_scene.server.is_down = 0;
    g_desk_now_s += 10;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void an_unknown_kid_fetches_at_most_once_a_minute(void **state)
{
    (void)state;
    sign_by_stranger(&g_scene.stranger, NULL);
    imi_view stranger = imi_buffer_view(&g_scene.stranger);
    g_scene.server.cache_control = "max-age=3600";
    assert_int_equal(check(), IMITOKEN_OK);
    for (int i = 0; i < 60; i++, g_desk_now_s++) {
        assert_int_equal(desk_check(g_scene.checker, stranger, NULL), IMITOKEN_E_KEY_UNKNOWN);
    }
    assert_fetches(1);
    for (int i = 0; i < 60; i++, g_desk_now_s++) {
        assert_int_equal(desk_check(g_scene.checker, stranger, NULL), IMITOKEN_E_KEY_UNKNOWN);
    }
    assert_fetches(2);
}

static void a_new_key_is_found_after_a_minute(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER both = IMI_BUFFER_INIT;
    sign_by_stranger(&g_scene.stranger, &both);
    g_scene.server.cache_control = "max-age=3600";
    assert_int_equal(check(), IMITOKEN_OK);
    g_scene.server.body = imi_buffer_view(&both);
    g_desk_now_s += 60;
    imi_view stranger = imi_buffer_view(&g_scene.stranger);
    assert_int_equal(desk_check(g_scene.checker, stranger, NULL), IMITOKEN_OK);
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void a_dropped_key_is_refused_with_the_next_set(void **state)
{
    (void)state;
    assert_int_equal(check(), IMITOKEN_OK);
    g_scene.server.body = imi_view_of_text("{\"keys\":[]}");
    g_desk_now_s += 300;
    assert_int_equal(check(), IMITOKEN_E_KEY_UNKNOWN);
}

static void a_clock_that_is_set_back_makes_it_fetch(void **state)
{
    (void)state;
    assert_int_equal(check(), IMITOKEN_OK);
    g_desk_now_s = DESK_NOW_S - 5;
    assert_int_equal(check(), IMITOKEN_OK);
    assert_fetches(2);
}

static void refreshing_fetches_at_most_every_ten_seconds(void **state)
{
    (void)state;
    assert_int_equal(imitoken_keys_refresh(g_scene.keys, NULL), IMITOKEN_OK);
    assert_int_equal(imitoken_keys_refresh(g_scene.keys, NULL), IMITOKEN_OK);
    assert_fetches(1);
    g_scene.server.is_down = 1;
    g_desk_now_s += 10;
    imitoken_error err = {IMITOKEN_OK, ""};
    assert_int_equal(imitoken_keys_refresh(g_scene.keys, &err), IMITOKEN_E_KEYS_UNAVAILABLE);
    assert_int_equal(err.code, IMITOKEN_E_KEYS_UNAVAILABLE);
    assert_int_equal(check(), IMITOKEN_OK);
}

static void a_body_without_end_is_cut_off(void **state)
{
    (void)state;
    static uint8_t rubbish[1 << 17];
    memset(rubbish, ' ', sizeof rubbish);
    g_scene.server.body = (imi_view){rubbish, sizeof rubbish};
    assert_int_equal(check(), IMITOKEN_E_KEYS_UNAVAILABLE);
}

static void a_fixed_set_needs_no_network(void **state)
{
    (void)state;
    imitoken_keys_options options = IMITOKEN_KEYS_OPTIONS_INIT;
    options.jwks_json = (const char *)g_jwks.data;
    options.jwks_size = g_jwks.size;
    imitoken_keys *keys = NULL;
    assert_int_equal(imitoken_keys_new(&options, &keys, NULL), IMITOKEN_OK);
    imitoken_checker_options by = desk_options(keys);
    imitoken_checker *checker = desk_checker(&by);
    g_desk_now_s += 1000000;
    assert_int_equal(desk_check(checker, imi_buffer_view(&g_scene.token), NULL), IMITOKEN_OK);
    sign_by_stranger(&g_scene.stranger, NULL);
    g_desk_now_s = DESK_NOW_S;
    assert_int_equal(desk_check(checker, imi_buffer_view(&g_scene.stranger), NULL),
                     IMITOKEN_E_KEY_UNKNOWN);
    assert_int_equal(imitoken_keys_refresh(keys, NULL), IMITOKEN_OK);
    imitoken_checker_destroy(&checker);
    imitoken_keys_destroy(&keys);
}

static void assert_keys_refused(imitoken_keys_options options, imitoken_code wanted)
{
    imitoken_keys *keys = g_scene.keys;
    assert_int_equal(imitoken_keys_new(&options, &keys, NULL), wanted);
    assert_null(keys);
}

static void options_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    imitoken_keys_options none = IMITOKEN_KEYS_OPTIONS_INIT, fetched = none, fixed = none;
    fetched.fetch = desk_fetch;
    assert_keys_refused(none, IMITOKEN_E_ARGUMENT);
    assert_keys_refused(fetched, IMITOKEN_E_ARGUMENT); /* no uri */
    fetched.uri = DESK_JWKS_URI;
    fetched.max_age_s = 0;
    assert_keys_refused(fetched, IMITOKEN_E_ARGUMENT);
    fetched.max_age_s = 300;
    fetched.max_stale_s = 31 * 86400;
    assert_keys_refused(fetched, IMITOKEN_E_ARGUMENT);
    fixed.jwks_json = "rubbish";
    fixed.jwks_size = 7;
    assert_keys_refused(fixed, IMITOKEN_E_KEYS);
}

/* ---- Threads ---- */

enum { THREADS = 8, ROUNDS = 50 };

static void *check_often(void *user)
{
    int *failed = user;
    for (int i = 0; i < ROUNDS; i++) {
        *failed += check() != IMITOKEN_OK;
        __atomic_add_fetch(&g_desk_now_s, 11, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void threads_share_a_set_while_it_is_replaced(void **state)
{
    (void)state;
    g_scene.server.cache_control = "max-age=1";
    pthread_t threads[THREADS];
    int failed[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, check_often, &failed[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failed[i], 0);
    }
    assert_true(g_scene.server.fetches > 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_fetched_before_the_first_check),
        TEST(a_set_is_kept_for_its_max_age),
        TEST(a_set_without_a_max_age_is_kept_as_the_options_say),
        TEST(a_huge_max_age_ends_after_a_day),
        TEST(a_set_not_to_be_stored_is_fetched_again_only_after_ten_seconds),
        TEST(an_old_set_stays_in_use_while_fetching_fails),
        TEST(an_old_set_stays_in_use_while_rubbish_comes),
        TEST(what_fails_is_tried_again_after_ten_seconds),
        TEST(an_unknown_kid_fetches_at_most_once_a_minute),
        TEST(a_new_key_is_found_after_a_minute),
        TEST(a_dropped_key_is_refused_with_the_next_set),
        TEST(a_clock_that_is_set_back_makes_it_fetch),
        TEST(refreshing_fetches_at_most_every_ten_seconds),
        TEST(a_body_without_end_is_cut_off),
        TEST(a_fixed_set_needs_no_network),
        TEST(options_that_make_no_sense_are_refused),
        TEST(threads_share_a_set_while_it_is_replaced),
    };
    return cmocka_run_group_tests(tests, group_set_up, forge_tear_down);
}
