/* The arithmetic behind axes and intervals of a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report.h"
#include "report/statistics.h"

#include <math.h>

static void the_probit_is_the_normal_quantile(void **state)
{
    (void)state;
    /* Quantiles as tables print them. */
    assert_true(fabs(imi_report_probit(0.5)) < 1e-12);
    assert_true(fabs(imi_report_probit(0.975) - 1.959963985) < 1e-8);
    assert_true(fabs(imi_report_probit(0.001) + 3.090232306) < 1e-8);
}

static void the_probit_ends_at_infinity(void **state)
{
    (void)state;
    assert_true(isinf(imi_report_probit(0)) && imi_report_probit(0) < 0);
    assert_true(isinf(imi_report_probit(1)) && imi_report_probit(1) > 0);
}

static void the_probit_of_no_share_is_nan(void **state)
{
    (void)state;
    assert_true(isnan(imi_report_probit(-0.1)));
    assert_true(isnan(imi_report_probit(1.1)));
    assert_true(isnan(imi_report_probit(NAN)));
}

static void the_beta_function_agrees_with_closed_forms(void **state)
{
    (void)state;
    for (double x = 0.1; x < 1; x += 0.2) {
        assert_true(fabs(imi_report_beta(1, 1, x) - x) < 1e-12);
        assert_true(fabs(imi_report_beta(3, 1, x) - x * x * x) < 1e-12);
        assert_true(fabs(imi_report_beta(2, 2, x) - x * x * (3 - 2 * x)) < 1e-12);
    }
    assert_true(imi_report_beta(2, 3, 0) == 0);
    assert_true(imi_report_beta(2, 3, 1) == 1);
}

static void an_interval_is_the_exact_binomial_one(void **state)
{
    (void)state;
    /* Clopper and Pearson for 2 of 10: 0.0252 to 0.5561. */
    imi_report_rate rate = imi_report_rate_of(2, 10);
    assert_true(fabs(rate.value - 0.2) < 1e-12);
    assert_true(fabs(rate.low - 0.02521) < 1e-4);
    assert_true(fabs(rate.high - 0.55610) < 1e-4);
}

static void no_event_still_leaves_an_upper_end(void **state)
{
    (void)state;
    imi_report_rate rate = imi_report_rate_of(0, 1000);
    assert_true(rate.value == 0 && rate.low == 0);
    /* 1 - 0.025^(1/1000) */
    assert_true(fabs(rate.high - 0.0036821) < 1e-6);
    assert_true(imi_report_rate_of(1000, 1000).high == 1);
}

static void billions_of_trials_have_an_interval(void **state)
{
    (void)state;
    imi_report_rate rate = imi_report_rate_of(1000000, 1000000000000U);
    assert_true(rate.low < 1e-6 && rate.high > 1e-6);
    /* Nearly normal here: 1.96 / sqrt(1e6) of the rate to either side. */
    assert_true(fabs(rate.high / 1e-6 - 1.00196) < 2e-4);
}

static void no_trials_give_no_rate(void **state)
{
    (void)state;
    assert_true(isnan(imi_report_rate_of(0, 0).value));
    assert_true(isnan(imi_report_rate_of(0, 0).high));
    assert_true(isnan(imi_report_rate_of(2, 1).value));
}

static uint64_t sum(const imi_report_histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; i < histogram->bins; i++) {
        total += histogram->counts[i];
    }
    return total;
}

static void every_finite_score_is_counted(void **state)
{
    (void)state;
    const float scores[] = {0.1F, 0.2F, 0.9F, -INFINITY, NAN, 0.5F};
    uint64_t counts[8];
    imi_report_histogram histogram = imi_report_count_scores(scores, 6, counts, 8);
    assert_int_equal(sum(&histogram), 4);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[7], 1);
}

static void equal_scores_get_a_range_around_them(void **state)
{
    (void)state;
    const float scores[] = {0.5F, 0.5F, 0.5F};
    uint64_t counts[5];
    imi_report_histogram histogram = imi_report_count_scores(scores, 3, counts, 5);
    assert_true(histogram.low < 0.5 && histogram.high > 0.5);
    assert_int_equal(sum(&histogram), 3);
}

static void without_a_finite_score_there_are_no_bins(void **state)
{
    (void)state;
    const float scores[] = {NAN, -INFINITY};
    uint64_t counts[5];
    assert_int_equal(imi_report_count_scores(scores, 2, counts, 5).bins, 0);
    assert_int_equal(imi_report_count_scores(NULL, 0, counts, 5).bins, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_probit_is_the_normal_quantile),
        cmocka_unit_test(the_probit_ends_at_infinity),
        cmocka_unit_test(the_probit_of_no_share_is_nan),
        cmocka_unit_test(the_beta_function_agrees_with_closed_forms),
        cmocka_unit_test(an_interval_is_the_exact_binomial_one),
        cmocka_unit_test(no_event_still_leaves_an_upper_end),
        cmocka_unit_test(billions_of_trials_have_an_interval),
        cmocka_unit_test(no_trials_give_no_rate),
        cmocka_unit_test(every_finite_score_is_counted),
        cmocka_unit_test(equal_scores_get_a_range_around_them),
        cmocka_unit_test(without_a_finite_score_there_are_no_bins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
