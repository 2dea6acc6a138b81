#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "times.h"

static void time_that_advances_is_fine(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 100; i++) {
        imi_time_watch_feed(&watch, 5000 + i * 83, 900000 + i * 83 + i % 7);
    }
    assert_false(watch.backwards);
    assert_true(watch.ahead_ms < LIMIT_AHEAD_FREE_MS);
}

static void time_that_stands_or_steps_back_is_noticed(void **state)
{
    (void)state;
    for (int64_t step = 0; step <= 50; step += 50) {
        imi_time_watch watch = {0};
        imi_time_watch_feed(&watch, 1000, -1);
        assert_false(watch.backwards);
        imi_time_watch_feed(&watch, 1000 - step, -1);
        assert_true(watch.backwards);
    }
}

static void a_network_that_hangs_and_recovers_puts_nothing_ahead(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 100; i++) {
        int64_t delay_ms = i >= 40 && i < 60 ? 8000 : 50;
        imi_time_watch_feed(&watch, i * 83, i * 83 + delay_ms);
    }
    assert_int_equal(watch.ahead_ms, 0);
}

static void a_slow_server_puts_nothing_ahead(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 200; i++) {
        imi_time_watch_feed(&watch, i * 83, i * 400);
    }
    assert_int_equal(watch.ahead_ms, 0);
}

static void frames_that_come_faster_than_they_were_taken_are_ahead(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 200; i++) {
        imi_time_watch_feed(&watch, i * 83, i * 40);
    }
    assert_true(watch.ahead_ms >= LIMIT_AHEAD_MS);
}

static void the_clocks_may_differ_by_years(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 100; i++) {
        imi_time_watch_feed(&watch, INT64_C(4000000000000) + i * 83, i * 83);
    }
    assert_int_equal(watch.ahead_ms, 0);
}

static void without_arrivals_nothing_is_ahead(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < 100; i++) {
        imi_time_watch_feed(&watch, i * 100000, -1);
    }
    assert_int_equal(watch.ahead_ms, 0);
}

static void times_that_are_none_count_as_backwards_and_for_nothing_else(void **state)
{
    (void)state;
    const int64_t odd_ms[] = {INT64_MIN, -1, (INT64_C(1) << 53) + 1, INT64_MAX};
    for (size_t i = 0; i < sizeof odd_ms / sizeof odd_ms[0]; i++) {
        imi_time_watch watch = {0};
        assert_true(imi_time_watch_feed(&watch, 1000, 2000));
        assert_false(imi_time_watch_feed(&watch, odd_ms[i], 2080));
        assert_true(watch.backwards);
        assert_true(imi_time_watch_feed(&watch, 1160, 2160));
        assert_int_equal(watch.count, 2);
        assert_int_equal(watch.interval_max_ms, 160);
        assert_int_equal(watch.ahead_ms, 0);
    }
}

static void arrivals_that_are_no_times_are_not_known(void **state)
{
    (void)state;
    const int64_t odd_ms[] = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof odd_ms / sizeof odd_ms[0]; i++) {
        imi_time_watch watch = {0};
        for (int64_t k = 0; k < LIMIT_FIRST_DELAYS + 2; k++) {
            assert_true(imi_time_watch_feed(&watch, k * 83, odd_ms[i]));
        }
        assert_int_equal(watch.delay_count, 0);
        assert_int_equal(watch.ahead_ms, 0);
    }
}

static void leaps_to_the_end_of_time_are_measured(void **state)
{
    (void)state;
    imi_time_watch watch = {0};
    const int64_t end_ms = INT64_C(1) << 53;
    for (int64_t k = 0; k < LIMIT_FIRST_DELAYS; k++) {
        assert_true(imi_time_watch_feed(&watch, k, end_ms));
    }
    assert_true(imi_time_watch_feed(&watch, end_ms, 0));
    assert_false(watch.backwards);
    assert_true(watch.ahead_ms > end_ms);
}

static bool is_even(int64_t jitter_ms, int64_t frames)
{
    imi_time_watch watch = {0};
    for (int64_t i = 0; i < frames; i++) {
        imi_time_watch_feed(&watch, i * 83 + (i % 3) * jitter_ms, -1);
    }
    return imi_time_watch_even(&watch);
}

static void only_many_intervals_as_even_as_a_files_are_even(void **state)
{
    (void)state;
    assert_true(is_even(0, LIMIT_EVEN_FRAMES + 1));
    assert_false(is_even(0, LIMIT_EVEN_FRAMES));
    assert_false(is_even(2, LIMIT_EVEN_FRAMES + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_that_advances_is_fine),
        cmocka_unit_test(time_that_stands_or_steps_back_is_noticed),
        cmocka_unit_test(a_network_that_hangs_and_recovers_puts_nothing_ahead),
        cmocka_unit_test(a_slow_server_puts_nothing_ahead),
        cmocka_unit_test(frames_that_come_faster_than_they_were_taken_are_ahead),
        cmocka_unit_test(the_clocks_may_differ_by_years),
        cmocka_unit_test(without_arrivals_nothing_is_ahead),
        cmocka_unit_test(times_that_are_none_count_as_backwards_and_for_nothing_else),
        cmocka_unit_test(arrivals_that_are_no_times_are_not_known),
        cmocka_unit_test(leaps_to_the_end_of_time_are_measured),
        cmocka_unit_test(only_many_intervals_as_even_as_a_files_are_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
