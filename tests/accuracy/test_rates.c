#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rates.h"

#include <math.h>

/* Ten mated scores 0.55 to 1.00 and ten non-mated 0.05 to 0.50, subjects 0 to 9. */
static size_t separable(eval_score *out)
{
    for (uint32_t i = 0; i < 10; i++) {
        out[i] = (eval_score){0.55F + 0.05F * (float)i, true, i, i};
        out[10 + i] = (eval_score){0.05F + 0.05F * (float)i, false, i, (i + 1) % 10};
    }
    eval_scores_sort(out, 20);
    return 20;
}

static void scores_that_do_not_overlap_have_no_errors(void **state)
{
    (void)state;
    eval_score scores[20];
    size_t count = separable(scores);
    eval_rates rates = eval_rates_of(scores, count, NULL, 1e-3);
    assert_true(fabs(rates.eer) < 1e-12);
    assert_true(fabs(rates.fnmr) < 1e-12);
    assert_true(fabs(rates.threshold - 0.55) < 1e-6);
}

static void one_swap_costs_a_tenth_each_way(void **state)
{
    (void)state;
    eval_score scores[20];
    size_t count = separable(scores);
    for (size_t i = 0; i < count; i++) {
        if (fabsf(scores[i].similarity - 0.5F) < 1e-4F) {
            scores[i].similarity = 0.9F;
        } else if (fabsf(scores[i].similarity - 0.55F) < 1e-4F) {
            scores[i].similarity = 0.2F;
        }
    }
    eval_scores_sort(scores, count);
    eval_rates rates = eval_rates_of(scores, count, NULL, 1e-3);
    assert_true(fabs(rates.eer - 0.1) < 1e-9);
    /* Nothing may match falsely: the threshold lies above 0.9, where two are left. */
    assert_true(fabs(rates.fnmr - 0.8) < 1e-9);
    eval_rates loose = eval_rates_of(scores, count, NULL, 0.1);
    assert_true(fabs(loose.fnmr - 0.1) < 1e-9);
}

static void equal_scores_match_together(void **state)
{
    (void)state;
    eval_score scores[4] = {
        {0.5F, true, 0, 0}, {0.5F, false, 0, 1}, {0.5F, true, 1, 1}, {0.1F, false, 1, 0}};
    eval_scores_sort(scores, 4);
    eval_rates rates = eval_rates_of(scores, 4, NULL, 0.01);
    assert_true(rates.fnmr == 1);
    assert_true(isinf(rates.threshold));
}

static void a_failure_to_acquire_never_matches(void **state)
{
    (void)state;
    eval_score scores[20];
    size_t count = separable(scores);
    scores[0].similarity = -INFINITY;
    eval_scores_sort(scores, count);
    assert_true(fabs(eval_rates_of(scores, count, NULL, 0.5).fnmr - 0.1) < 1e-9);
    assert_true(fabs(eval_rates_at(scores, count, NULL, -1).fnmr - 0.1) < 1e-9);
}

static void rates_at_a_threshold_count_what_reaches_it(void **state)
{
    (void)state;
    eval_score scores[20];
    size_t count = separable(scores);
    eval_point point = eval_rates_at(scores, count, NULL, 0.42);
    assert_true(fabs(point.fmr - 0.2) < 1e-9);
    assert_true(fabs(point.fnmr) < 1e-9);
    point = eval_rates_at(scores, count, NULL, NAN);
    assert_true(point.fmr == 0 && point.fnmr == 1);
}

static void weights_count_like_repetitions(void **state)
{
    (void)state;
    eval_score scores[3] = {{0.9F, true, 0, 0}, {0.8F, false, 0, 1}, {0.3F, true, 1, 1}};
    const uint32_t weights[2] = {3, 1};
    eval_point point = eval_rates_at(scores, 3, weights, 0.5);
    assert_true(fabs(point.fnmr - 0.25) < 1e-12);
    assert_true(point.fmr == 1);
}

static void without_one_kind_of_pair_there_is_no_rate(void **state)
{
    (void)state;
    eval_score scores[2] = {{0.9F, true, 0, 0}, {0.8F, true, 1, 1}};
    assert_true(isnan(eval_rates_of(scores, 2, NULL, 0.1).eer));
    assert_true(isnan(eval_rates_of(scores, 0, NULL, 0.1).eer));
}

static void intervals_hold_the_estimate_and_repeat(void **state)
{
    (void)state;
    eval_score scores[20];
    size_t count = separable(scores);
    scores[3].similarity = 0.3F;
    scores[15].similarity = 0.8F;
    eval_scores_sort(scores, count);
    eval_rates rates = eval_rates_of(scores, count, NULL, 0.1);
    eval_intervals once;
    eval_intervals again;
    assert_int_equal(eval_bootstrap(scores, count, 10, 0.1, 0.5, &once, NULL), IMI_OK);
    assert_int_equal(eval_bootstrap(scores, count, 10, 0.1, 0.5, &again, NULL), IMI_OK);
    assert_memory_equal(&once, &again, sizeof once);
    assert_true(once.eer.low <= rates.eer && rates.eer <= once.eer.high);
    assert_true(once.eer.high > once.eer.low);
}

/* The same comparisons of two subjects only: the interval must grow. */
static void fewer_subjects_give_wider_intervals(void **state)
{
    (void)state;
    static eval_score many[400];
    static eval_score few[400];
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t subject = i % 100;
        float mated = subject % 2 == 0 ? 0.4F : 0.8F;
        many[i] = (eval_score){mated + 1e-4F * (float)i, true, subject, subject};
        many[200 + i] = (eval_score){0.5F, false, subject, (subject + 1) % 100};
        few[i] = many[i];
        few[i].subject_a = few[i].subject_b = subject % 2;
        few[200 + i] = (eval_score){0.5F, false, 0, 1};
    }
    eval_scores_sort(many, 400);
    eval_scores_sort(few, 400);
    eval_intervals of_many;
    eval_intervals of_few;
    assert_int_equal(eval_bootstrap(many, 400, 100, 0.1, 0.6, &of_many, NULL), IMI_OK);
    assert_int_equal(eval_bootstrap(few, 400, 2, 0.1, 0.6, &of_few, NULL), IMI_OK);
    assert_true(of_few.fnmr_at.high - of_few.fnmr_at.low >
                2 * (of_many.fnmr_at.high - of_many.fnmr_at.low));
}

static void assert_interval(size_t failures, size_t trials, double low, double high)
{
    eval_interval interval = eval_share_interval(failures, trials);
    assert_true(fabs(interval.low - low) < 5e-5);
    assert_true(fabs(interval.high - high) < 5e-5);
}

/* Against published tables of the exact interval. */
static void an_exact_interval_knows_how_many_trials_there_were(void **state)
{
    (void)state;
    assert_interval(0, 10, 0, 0.3085);
    assert_interval(1, 10, 0.0025, 0.4450);
    assert_interval(5, 10, 0.1871, 0.8129);
    assert_interval(10, 10, 0.6915, 1);
    assert_interval(0, 1000, 0, 0.0037);
    assert_true(isnan(eval_share_interval(0, 0).high));
    assert_true(isnan(eval_share_interval(2, 1).high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_that_do_not_overlap_have_no_errors),
        cmocka_unit_test(one_swap_costs_a_tenth_each_way),
        cmocka_unit_test(equal_scores_match_together),
        cmocka_unit_test(a_failure_to_acquire_never_matches),
        cmocka_unit_test(rates_at_a_threshold_count_what_reaches_it),
        cmocka_unit_test(weights_count_like_repetitions),
        cmocka_unit_test(without_one_kind_of_pair_there_is_no_rate),
        cmocka_unit_test(intervals_hold_the_estimate_and_repeat),
        cmocka_unit_test(fewer_subjects_give_wider_intervals),
        cmocka_unit_test(an_exact_interval_knows_how_many_trials_there_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
