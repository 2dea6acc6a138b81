#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "knots.h"

#include <math.h>

enum { MANY = 10000 };

static eval_non_mated g_low[MANY];
static eval_non_mated g_high[MANY];

/* Similarities evenly spread from 0 up to a top value, each of two people of their own. */
static eval_group spread(eval_non_mated *values, size_t count, float top, bool is_part)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (eval_non_mated){top * (float)i / (float)(count - 1), (uint32_t)i};
    }
    eval_group group = {is_part, 10, values, count};
    eval_group_sort(&group);
    return group;
}

static size_t matches(const eval_group *group, double threshold)
{
    size_t count = 0;
    while (count < group->count && group->comparisons[count].similarity >= threshold) {
        count++;
    }
    return count;
}

static void a_threshold_lets_through_no_more_than_its_rate(void **state)
{
    (void)state;
    eval_group group = spread(g_low, MANY, 0.5F, false);
    const double rates[] = {0.9, 0.5, 0.1, 0.01, 1e-3, 3e-4};
    for (size_t i = 0; i < 6; i++) {
        double threshold = eval_knot_threshold(&group, 1, rates[i]);
        assert_int_equal(matches(&group, threshold), (size_t)(rates[i] * MANY + 0.5));
    }
}

static void the_worst_group_decides(void **state)
{
    (void)state;
    eval_group groups[2] = {spread(g_low, MANY, 0.5F, false), spread(g_high, MANY, 0.8F, false)};
    for (double rate = 0.5; rate > 3e-4; rate /= 2) {
        double threshold = eval_knot_threshold(groups, 2, rate);
        assert_true(threshold == eval_knot_threshold(&groups[1], 1, rate));
        assert_true(matches(&groups[0], threshold) <= rate * MANY);
    }
}

static void a_small_part_counts_only_with_enough_matches(void **state)
{
    (void)state;
    eval_group groups[2] = {spread(g_low, MANY, 0.5F, false), spread(g_high, 200, 0.9F, true)};
    double alone = eval_knot_threshold(&groups[0], 1, 0.01);
    assert_true(eval_knot_threshold(groups, 2, 0.01) == alone);
    assert_true(eval_knot_threshold(groups, 2, 0.1) > eval_knot_threshold(&groups[0], 1, 0.1));
}

static void two_people_who_match_again_and_again_count_once(void **state)
{
    (void)state;
    eval_group groups[2] = {spread(g_low, MANY, 0.5F, false), spread(g_high, 500, 0.9F, true)};
    double alone = eval_knot_threshold(&groups[0], 1, 0.1);
    assert_true(eval_knot_threshold(groups, 2, 0.1) > alone);
    for (size_t i = 0; i < 41; i++) {
        g_high[i].people = 7; /* 41 of the 50 that match */
    }
    assert_true(eval_knot_threshold(groups, 2, 0.1) > alone); /* ten pairs: theirs and nine */
    g_high[41].people = 7;
    assert_true(eval_knot_threshold(groups, 2, 0.1) == alone);
}

static void a_part_cannot_ask_for_more_pairs_than_are_counted(void **state)
{
    (void)state;
    eval_group groups[2] = {spread(g_low, MANY, 0.5F, false), spread(g_high, 500, 0.9F, true)};
    groups[1].pairs_min = EVAL_PAIRS_MIN_MAX + 1;
    eval_knot knots[200];
    size_t count = 0;
    assert_int_equal(eval_make_knots(groups, 2, -1, knots, 200, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static void the_floor_is_the_rule_of_three_on_the_smallest_group(void **state)
{
    (void)state;
    eval_group groups[3] = {spread(g_low, MANY, 0.5F, false),
                            spread(g_high, 6000, 0.5F, false),
                            {true, 10, g_high, 50}};
    assert_true(fabs(eval_fmr_floor(groups, 3) - 3.0 / 6000) < 1e-12);
}

/* A group whose last 500 values are those of a part with a longer tail. */
static void group_with_part(eval_group *out)
{
    out[1] = spread(g_high, 500, 0.9F, true);
    spread(g_low, MANY - 500, 0.5F, false);
    for (size_t i = 0; i < 500; i++) {
        g_low[MANY - 500 + i] = g_high[i];
    }
    out[0] = (eval_group){false, 0, g_low, MANY};
    eval_group_sort(&out[0]);
}

static void knots_start_at_one_fall_and_end_at_the_floor(void **state)
{
    (void)state;
    eval_group groups[2];
    group_with_part(groups);
    eval_knot knots[200];
    size_t count = 0;
    assert_int_equal(eval_make_knots(groups, 2, -1, knots, 200, &count, NULL), IMI_OK);
    assert_true(count > 20);
    assert_true(knots[0].similarity == -1 && knots[0].fmr == 1);
    for (size_t i = 1; i < count; i++) {
        assert_true(knots[i].similarity > knots[i - 1].similarity);
        assert_true(knots[i].fmr < knots[i - 1].fmr);
        assert_true(matches(&groups[0], knots[i].similarity) <= knots[i].fmr * MANY + 1e-6);
    }
    assert_true(fabs(knots[count - 1].fmr - 3.0 / MANY) < 1e-12);
}

static void scores_without_a_bound_start_at_the_lowest(void **state)
{
    (void)state;
    eval_group group = spread(g_low, MANY, 12, false);
    for (size_t i = 0; i < MANY; i++) {
        g_low[i].similarity -= 5;
    }
    eval_knot knots[200];
    size_t count = 0;
    assert_int_equal(eval_make_knots(&group, 1, -5, knots, 200, &count, NULL), IMI_OK);
    assert_true(knots[0].similarity == -5 && knots[0].fmr == 1);
    for (size_t i = 1; i < count; i++) {
        assert_true(knots[i].similarity > knots[i - 1].similarity);
        assert_true(matches(&group, knots[i].similarity) <= knots[i].fmr * MANY + 1e-6);
    }
    assert_true(knots[count - 1].similarity > 6.9);
}

static void nobody_says_anything_at_a_rate_of_one(void **state)
{
    (void)state;
    eval_group group = spread(g_low, MANY, 0.5F, false);
    assert_true(eval_knot_threshold(&group, 1, 1) == -INFINITY);
}

static void too_many_knots_are_an_error(void **state)
{
    (void)state;
    eval_group group = spread(g_low, MANY, 0.5F, false);
    eval_knot knots[5];
    size_t count = 0;
    assert_int_equal(eval_make_knots(&group, 1, -1, knots, 5, &count, NULL), IMI_E_OVERFLOW);
    assert_int_equal(count, 0);
}

static void nothing_to_measure_is_an_error(void **state)
{
    (void)state;
    eval_knot knots[5];
    size_t count = 0;
    eval_group empty = {false, 0, g_low, 0};
    assert_int_equal(eval_make_knots(&empty, 1, -1, knots, 5, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
    eval_group part = spread(g_low, 100, 0.5F, true);
    assert_int_equal(eval_make_knots(&part, 1, -1, knots, 5, &count, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(eval_make_knots(NULL, 0, -1, knots, 5, &count, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_lets_through_no_more_than_its_rate),
        cmocka_unit_test(the_worst_group_decides),
        cmocka_unit_test(a_small_part_counts_only_with_enough_matches),
        cmocka_unit_test(two_people_who_match_again_and_again_count_once),
        cmocka_unit_test(a_part_cannot_ask_for_more_pairs_than_are_counted),
        cmocka_unit_test(the_floor_is_the_rule_of_three_on_the_smallest_group),
        cmocka_unit_test(knots_start_at_one_fall_and_end_at_the_floor),
        cmocka_unit_test(scores_without_a_bound_start_at_the_lowest),
        cmocka_unit_test(nobody_says_anything_at_a_rate_of_one),
        cmocka_unit_test(too_many_knots_are_an_error),
        cmocka_unit_test(nothing_to_measure_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
