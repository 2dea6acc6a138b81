#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rate.h"

#include <math.h>
#include <string.h>

static imi_nonmated *g_nonmated; /* of 1500 people, raw scores */

static int measure_people(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    people_scorer(&scorer);
    IMI_AUTO(imi_population) population = NULL;
    people_population(scorer, NULL, 1500, 23, &population);
    people_measure(population, &g_nonmated);
    return 0;
}

static int drop_people(void **state)
{
    (void)state;
    imi_nonmated_destroy(&g_nonmated);
    return 0;
}

static void a_rate_lies_in_its_interval_and_falls_with_the_threshold(void **state)
{
    (void)state;
    double last = 1;
    for (double threshold = -1; threshold < 1; threshold += 0.01) {
        imi_rate rate = imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, threshold);
        assert_true(rate.low <= rate.rate && rate.rate <= rate.high);
        assert_true(rate.low >= 0 && rate.high <= 1);
        /* Where the tail takes over there may be a small step. */
        assert_true(rate.rate <= last * 1.25);
        last = rate.rate;
    }
    assert_true(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, -1).rate == 1);
}

static void what_was_not_measured_is_nan(void **state)
{
    (void)state;
    assert_true(isnan(imi_nonmated_fmr(g_nonmated, IMI_SCORE_NORMALISED, 0, 0.3).rate));
    assert_true(isnan(imi_nonmated_fmr(g_nonmated, IMI_SCORE_NONE, 0, 0.3).rate));
    assert_true(isnan(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 99, 0.3).high));
    assert_true(isnan(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, NAN).low));
    assert_null(imi_nonmated_group_at(g_nonmated, 99));
}

static void a_threshold_keeps_the_upper_limit_below_its_target(void **state)
{
    (void)state;
    static const double targets[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
    double last = -1;
    for (size_t i = 0; i < 5; i++) {
        double threshold = NAN;
        imi_error error = IMI_ERROR_INIT;
        assert_int_equal(
            imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, targets[i], &threshold, &error),
            IMI_OK);
        imi_rate rate = imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, threshold);
        assert_true(rate.high <= targets[i]);
        assert_true(threshold > last);
        last = threshold;
        /* One bin lower it does not hold: the lowest one was given. */
        double lower = threshold - nonmated_scale_of(IMI_SCORE_RAW).width;
        assert_true(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, lower).high > targets[i]);
    }
}

static void a_rate_of_few_events_comes_from_the_tail_and_says_so(void **state)
{
    (void)state;
    double threshold = NAN;
    assert_int_equal(imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, 1e-5, &threshold, NULL),
                     IMI_OK);
    assert_true(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, threshold).extrapolated);
    assert_int_equal(imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, 1e-2, &threshold, NULL),
                     IMI_OK);
    assert_false(imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, threshold).extrapolated);
}

static void too_few_comparisons_are_refused_and_the_missing_ones_named(void **state)
{
    (void)state;
    double threshold = 0;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, 1e-7, &threshold, &error),
                     IMI_E_CALIBRATION);
    assert_true(isnan(threshold));
    assert_non_null(strstr(error.message, "1124250 comparisons of 1500 people"));
    assert_non_null(strstr(error.message, "more enrolled people"));
}

/* Without sharing, 3 / target comparisons are needed; the message must not promise less. */
static void the_rule_of_three_is_the_least_that_is_asked_for(void **state)
{
    (void)state;
    const nonmated_table *table = nonmated_table_of(g_nonmated, IMI_SCORE_RAW, 0);
    assert_true(nonmated_floor(table) >= 3.0 / 1124250);
    double threshold = 0;
    assert_int_equal(
        imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, 2.9 / 1124250, &threshold, NULL),
        IMI_E_CALIBRATION);
}

static void impossible_targets_are_refused(void **state)
{
    (void)state;
    static const double targets[] = {0, -1, 1.1, NAN};
    for (size_t i = 0; i < 4; i++) {
        double threshold = 0;
        assert_int_equal(
            imi_nonmated_threshold(g_nonmated, IMI_SCORE_RAW, targets[i], &threshold, NULL),
            IMI_E_INVALID_ARGUMENT);
        assert_true(isnan(threshold));
    }
    double threshold = 0;
    assert_int_equal(
        imi_nonmated_threshold(g_nonmated, IMI_SCORE_NORMALISED, 0.1, &threshold, NULL),
        IMI_E_CALIBRATION);
}

static void subjects_that_resemble_many_widen_the_interval(void **state)
{
    (void)state;
    const nonmated_table *table = nonmated_table_of(g_nonmated, IMI_SCORE_RAW, 0);
    assert_true(table->level_count >= 3);
    assert_true(nonmated_effect(table, 1e-2) > 3);
    assert_true(nonmated_effect(table, 1e-5) < nonmated_effect(table, 1e-2));
}

static void a_bad_fit_falls_back_to_the_counts(void **state)
{
    (void)state;
    /* A step where no tail has one: half of the excesses lie at one single score. */
    nonmated_table *table = imi_alloc(sizeof *table);
    assert_non_null(table);
    for (size_t bin = 0; bin <= NONMATED_BINS; bin++) {
        uint64_t body = bin < 4000 ? 1000000 - 249 * (uint64_t)bin : 0;
        uint64_t lump = bin < 5000 ? 2000 : bin < 6000 ? 1000 : 0;
        table->above[bin] = body + lump;
    }
    table->suspects_from = NONMATED_BINS;
    nonmated_fit(table, IMI_SCORE_RAW);
    assert_false(table->tail.fitted);
    assert_int_equal(table->suspects_from, NONMATED_BINS);
    imi_rate rate = nonmated_rate(table, IMI_SCORE_RAW, 7000);
    assert_false(rate.extrapolated);
    assert_true(rate.rate == 0 && rate.high > 2.9 / 1002000);
    imi_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_lies_in_its_interval_and_falls_with_the_threshold),
        cmocka_unit_test(what_was_not_measured_is_nan),
        cmocka_unit_test(a_threshold_keeps_the_upper_limit_below_its_target),
        cmocka_unit_test(a_rate_of_few_events_comes_from_the_tail_and_says_so),
        cmocka_unit_test(too_few_comparisons_are_refused_and_the_missing_ones_named),
        cmocka_unit_test(the_rule_of_three_is_the_least_that_is_asked_for),
        cmocka_unit_test(impossible_targets_are_refused),
        cmocka_unit_test(subjects_that_resemble_many_widen_the_interval),
        cmocka_unit_test(a_bad_fit_falls_back_to_the_counts),
    };
    return cmocka_run_group_tests(tests, measure_people, drop_people);
}
