#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared_point.h"

#include <math.h>

enum { GROUPS = 3, SUBJECTS = 30, SCORES_MAX = 20000 };

static eval_grouped_score g_scores[SCORES_MAX];
static const bool anchors[GROUPS] = {true, true, false};
static uint32_t g_strata[SUBJECTS];

static eval_grouped_scores nothing(void)
{
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        g_strata[i] = i / 10; /* ten people a group */
    }
    return (eval_grouped_scores){g_scores, 0, GROUPS, anchors, SUBJECTS, g_strata, GROUPS};
}

static void add(eval_grouped_scores *all, uint32_t group, bool mated, float similarity)
{
    uint32_t turn = (uint32_t)all->count;
    uint32_t a = 10 * group + turn % 10;
    uint32_t b = mated ? a : 10 * group + (turn + 1 + turn / 10 % 9) % 10;
    all->scores[all->count++] = (eval_grouped_score){{similarity, mated, a, b}, group};
}

/* count values evenly spread from low up to high, both included. */
static void spread(eval_grouped_scores *all, uint32_t group, bool mated, size_t count, float low,
                   float high)
{
    for (size_t i = 0; i < count; i++) {
        add(all, group, mated, low + (high - low) * (float)i / (float)(count - 1));
    }
}

static eval_shared_rates g_rates[4][GROUPS];

static void measure(eval_grouped_scores *all, eval_shared_point *points, size_t count)
{
    for (size_t p = 0; p < count; p++) {
        points[p].groups = g_rates[p];
    }
    eval_grouped_scores_sort(all);
    assert_int_equal(eval_shared_points(all, points, count, NULL), IMI_OK);
}

static eval_grouped_scores three_groups(void)
{
    eval_grouped_scores all = nothing();
    spread(&all, 0, false, 1000, 0, 1);
    spread(&all, 1, false, 500, 0, 0.5F);
    spread(&all, 2, false, 2000, 0, 2);
    for (uint32_t g = 0; g < GROUPS; g++) {
        spread(&all, g, true, 100, 0.5F, 1.49F);
    }
    return all;
}

static void the_mean_rate_over_the_anchors_is_held(void **state)
{
    (void)state;
    eval_grouped_scores all = three_groups();
    eval_shared_point point = {.target = 0.1};
    measure(&all, &point, 1);
    /* Group 0 alone reaches beyond 0.5: a mean of 0.1 of two groups is 0.2 of it. */
    assert_true(fabs(point.threshold - 0.8) < 0.002);
    assert_true(fabs(g_rates[0][0].fmr - 0.2) < 0.002);
    assert_true(g_rates[0][1].fmr == 0);
    assert_true(g_rates[0][0].fmr + g_rates[0][1].fmr <= 2 * point.target + 1e-9);
}

static void other_groups_meet_the_same_threshold(void **state)
{
    (void)state;
    eval_grouped_scores all = three_groups();
    eval_shared_point point = {.target = 0.1};
    measure(&all, &point, 1);
    assert_true(fabs(g_rates[0][2].fmr - 0.6) < 0.002);
    for (size_t g = 0; g < GROUPS; g++) {
        assert_true(fabs(g_rates[0][g].fnmr - 0.3) < 0.011);
    }
    assert_true(fabs(point.pooled_fmr - (200 + 1200) / 3500.0) < 0.002);
    assert_true(fabs(point.worst_to_pooled - 0.6 * 3500 / 1400) < 0.01);
}

static void several_targets_are_met_in_one_pass(void **state)
{
    (void)state;
    eval_grouped_scores all = three_groups();
    eval_shared_point points[3] = {{.target = 0.2}, {.target = 0.1}, {.target = 0.01}};
    measure(&all, points, 3);
    for (size_t p = 0; p < 3; p++) {
        eval_shared_point alone = {.target = points[p].target};
        eval_shared_rates rates[GROUPS];
        alone.groups = rates;
        assert_int_equal(eval_shared_points(&all, &alone, 1, NULL), IMI_OK);
        assert_true(alone.threshold == points[p].threshold);
        assert_true(rates[2].fmr == g_rates[p][2].fmr && rates[0].fnmr == g_rates[p][0].fnmr);
    }
    assert_true(points[0].threshold < points[1].threshold);
    assert_true(points[1].threshold < points[2].threshold);
}

static void ties_stay_on_one_side_of_a_threshold(void **state)
{
    (void)state;
    eval_grouped_scores all = nothing();
    for (int i = 0; i < 90; i++) {
        add(&all, 0, false, 0.1F);
        add(&all, 1, false, 0.1F);
    }
    for (int i = 0; i < 10; i++) {
        add(&all, 0, false, 0.7F);
        add(&all, 1, false, 0.7F);
        add(&all, 0, true, 0.7F);
    }
    eval_shared_point point = {.target = 0.05};
    measure(&all, &point, 1);
    assert_true(point.threshold > 0.7F);
    assert_true(g_rates[0][0].fmr == 0 && g_rates[0][0].fnmr == 1);
    point.target = 0.1;
    measure(&all, &point, 1);
    assert_true(g_rates[0][0].fmr == 0.1 && g_rates[0][0].fnmr == 0);
}

static void what_could_not_be_compared_is_no_match_and_no_false_match(void **state)
{
    (void)state;
    eval_grouped_scores all = nothing();
    spread(&all, 0, false, 100, 0, 1);
    spread(&all, 0, true, 9, 2, 3);
    add(&all, 0, true, -INFINITY);
    for (int i = 0; i < 900; i++) {
        add(&all, 0, false, -INFINITY);
    }
    eval_shared_point point = {.target = 0.1};
    measure(&all, &point, 1);
    assert_true(fabs(g_rates[0][0].fmr - 0.1) < 1e-9); /* of 100, not of 1000 */
    assert_true(fabs(g_rates[0][0].fnmr - 0.1) < 1e-9);
    point.target = 1;
    measure(&all, &point, 1);
    assert_true(g_rates[0][0].fmr == 1);
    assert_true(fabs(g_rates[0][0].fnmr - 0.1) < 1e-9);
}

static void a_group_without_comparisons_has_no_rates(void **state)
{
    (void)state;
    eval_grouped_scores all = nothing();
    spread(&all, 0, false, 100, 0, 1);
    spread(&all, 0, true, 10, 2, 3);
    eval_shared_point point = {.target = 0.1};
    measure(&all, &point, 1);
    assert_true(isnan(g_rates[0][2].fmr) && isnan(g_rates[0][2].fnmr));
    assert_true(point.worst_to_pooled == 1);
}

static void intervals_hold_the_rates_and_are_the_same_in_every_run(void **state)
{
    (void)state;
    eval_grouped_scores all = three_groups();
    eval_shared_point point = {.target = 0.1};
    measure(&all, &point, 1);
    for (size_t g = 0; g < GROUPS; g++) {
        eval_shared_rates rates = g_rates[0][g];
        assert_true(rates.fnmr_interval.low <= rates.fnmr &&
                    rates.fnmr <= rates.fnmr_interval.high);
        assert_true(rates.fmr_interval.low <= rates.fmr && rates.fmr <= rates.fmr_interval.high);
    }
    assert_true(g_rates[0][2].fnmr_interval.low < g_rates[0][2].fnmr_interval.high);
    assert_true(point.worst_to_pooled_interval.low <= point.worst_to_pooled);
    assert_true(point.worst_to_pooled <= point.worst_to_pooled_interval.high);
    eval_interval before = g_rates[0][2].fnmr_interval;
    measure(&all, &point, 1);
    assert_true(before.low == g_rates[0][2].fnmr_interval.low);
    assert_true(before.high == g_rates[0][2].fnmr_interval.high);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    eval_grouped_scores all = three_groups();
    eval_grouped_scores_sort(&all);
    eval_shared_point points[2] = {{.target = 0.01, .groups = g_rates[0]},
                                   {.target = 0.1, .groups = g_rates[1]}};
    assert_int_equal(eval_shared_points(&all, points, 2, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(eval_shared_points(&all, points, 0, NULL), IMI_E_INVALID_ARGUMENT);
    static const bool none[GROUPS] = {false, false, false};
    all.is_anchor = none;
    assert_int_equal(eval_shared_points(&all, points, 1, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_rate_over_the_anchors_is_held),
        cmocka_unit_test(other_groups_meet_the_same_threshold),
        cmocka_unit_test(several_targets_are_met_in_one_pass),
        cmocka_unit_test(ties_stay_on_one_side_of_a_threshold),
        cmocka_unit_test(what_could_not_be_compared_is_no_match_and_no_false_match),
        cmocka_unit_test(a_group_without_comparisons_has_no_rates),
        cmocka_unit_test(intervals_hold_the_rates_and_are_the_same_in_every_run),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
