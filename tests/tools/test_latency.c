/* The histogram behind the figures of imi-load and imi-bench. */
#include "client/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static imi_latency latency;

static int set_up(void **state)
{
    (void)state;
    latency = (imi_latency){.count = 0};
    return 0;
}

static void empty_histogram_answers_zero(void **state)
{
    (void)state;
    assert_int_equal(imi_latency_percentile(&latency, 0.5), 0);
    assert_true(imi_latency_mean(&latency) == 0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    for (int i = 1; i <= 60; i++) {
        imi_latency_add(&latency, i);
    }
    assert_int_equal(imi_latency_percentile(&latency, 0.5), 30);
    assert_int_equal(imi_latency_percentile(&latency, 1.0), 60);
}

static void percentiles_are_within_a_sixty_fourth(void **state)
{
    (void)state;
    const int64_t values[] = {64, 100, 999, 12345, 1000000, 123456789};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        latency = (imi_latency){.count = 0};
        imi_latency_add(&latency, values[i]);
        imi_latency_add(&latency, values[i] * 4);
        int64_t found = imi_latency_percentile(&latency, 0.5);
        assert_true(found >= values[i]);
        assert_true(found - values[i] <= values[i] / 64 + 1);
    }
}

static void percentile_is_never_above_the_largest_value(void **state)
{
    (void)state;
    imi_latency_add(&latency, 1000001);
    assert_int_equal(imi_latency_percentile(&latency, 0.99), 1000001);
}

static void values_out_of_range_are_kept_at_its_ends(void **state)
{
    (void)state;
    imi_latency_add(&latency, -5);
    assert_int_equal(imi_latency_percentile(&latency, 1.0), 0);
    imi_latency_add(&latency, INT64_MAX);
    assert_int_equal(imi_latency_percentile(&latency, 1.0), (INT64_C(1) << 40) - 1);
}

static void merging_adds_everything_up(void **state)
{
    (void)state;
    imi_latency other = {.count = 0};
    imi_latency_add(&latency, 10);
    imi_latency_add(&other, 50);
    imi_latency_merge(&latency, &other);
    assert_int_equal(latency.count, 2);
    assert_int_equal(latency.max, 50);
    assert_true(imi_latency_mean(&latency) == 30);
    assert_int_equal(imi_latency_percentile(&latency, 0.5), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty_histogram_answers_zero, set_up),
        cmocka_unit_test_setup(small_values_are_exact, set_up),
        cmocka_unit_test_setup(percentiles_are_within_a_sixty_fourth, set_up),
        cmocka_unit_test_setup(percentile_is_never_above_the_largest_value, set_up),
        cmocka_unit_test_setup(values_out_of_range_are_kept_at_its_ends, set_up),
        cmocka_unit_test_setup(merging_adds_everything_up, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
