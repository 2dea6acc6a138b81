#include "interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) {
        fail_msg("%.12g is not %.12g", got, want);
    }
}

static void beta_agrees_with_known_values(void **state)
{
    (void)state;
    /* Closed forms: I(x; 1, b) = 1 - (1 - x)^b, I(x; a, 1) = x^a, I(1/2; a, a) = 1/2. */
    assert_near(interval_beta(0.3, 1, 4), 1 - pow(0.7, 4), 1e-12);
    assert_near(interval_beta(0.3, 5, 1), pow(0.3, 5), 1e-12);
    assert_near(interval_beta(0.5, 7.5, 7.5), 0.5, 1e-12);
    /* I(x; 2, 3) = 6x^2 - 8x^3 + 3x^4 */
    assert_near(interval_beta(0.25, 2, 3), 0.26171875, 1e-12);
}

static void beta_ends_at_zero_and_one(void **state)
{
    (void)state;
    assert_near(interval_beta(0, 2, 3), 0, 0);
    assert_near(interval_beta(-1, 2, 3), 0, 0);
    assert_near(interval_beta(1, 2, 3), 1, 0);
    assert_near(interval_beta(2, 2, 3), 1, 0);
}

static void whole_numbers_give_the_interval_of_clopper_and_pearson(void **state)
{
    (void)state;
    /* Exact limits of 3 of 20 and 10 of 1000. */
    interval three = interval_of_rate(3, 20);
    assert_near(three.low, 0.03207094, 1e-7);
    assert_near(three.high, 0.37892683, 1e-7);
    interval ten = interval_of_rate(10, 1000);
    assert_near(ten.low, 0.004805511, 1e-7);
    assert_near(ten.high, 0.018313243, 1e-7);
}

static void no_event_gives_the_rule_of_three(void **state)
{
    (void)state;
    interval none = interval_of_rate(0, 1e6);
    assert_near(none.low, 0, 0);
    assert_near(none.high, 3e-6, 0.01e-6);
}

static void all_events_reach_one(void **state)
{
    (void)state;
    interval all = interval_of_rate(10, 10);
    assert_near(all.high, 1, 0);
    assert_near(all.low, pow(0.025, 0.1), 1e-9);
}

static void limits_hold_for_many_trials(void **state)
{
    (void)state;
    /* 100 events are nearly Poisson: 81.4 to 121.6. */
    interval many = interval_of_rate(100, 1e10);
    assert_near(many.low * 1e10, 81.364, 0.01);
    assert_near(many.high * 1e10, 121.627, 0.01);
}

static void fewer_effective_trials_widen_the_interval(void **state)
{
    (void)state;
    interval all = interval_of_rate(100, 10000);
    interval effective = interval_of_rate(100 / 7.5, 10000 / 7.5);
    assert_true(effective.low < all.low && effective.high > all.high);
    assert_true(effective.low < 0.01 && effective.high > 0.01);
}

static void what_cannot_be_a_rate_gives_nan(void **state)
{
    (void)state;
    assert_true(isnan(interval_of_rate(1, 0).high));
    assert_true(isnan(interval_of_rate(-1, 10).high));
    assert_true(isnan(interval_of_rate(11, 10).low));
    assert_true(isnan(interval_of_rate(NAN, 10).low));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta_agrees_with_known_values),
        cmocka_unit_test(beta_ends_at_zero_and_one),
        cmocka_unit_test(whole_numbers_give_the_interval_of_clopper_and_pearson),
        cmocka_unit_test(no_event_gives_the_rule_of_three),
        cmocka_unit_test(all_events_reach_one),
        cmocka_unit_test(limits_hold_for_many_trials),
        cmocka_unit_test(fewer_effective_trials_widen_the_interval),
        cmocka_unit_test(what_cannot_be_a_rate_gives_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
