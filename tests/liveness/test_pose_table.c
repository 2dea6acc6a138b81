/* What a table of judged poses says of the way in which they were judged. */
#include "cmocka_all.h"
#include "pose_table.h"

#include <math.h>

/* People whose turns are judged by these shares, all frames alike but for a deviation. */
static pose_table judged_by(const float *shares, uint32_t people, float noise_deg)
{
    pose_table table = {.people = people};
    for (uint32_t i = 0; i < people; i++) {
        for (int angle = 0; angle < POSE_ANGLES; angle++) {
            table.reading[i][angle] =
                (pose_reading){shares[i] * (float)pose_angle_deg(angle), noise_deg * noise_deg};
        }
    }
    return table;
}

static const float SHARES[3] = {0.4F, 0.5F, 0.6F};

static void people_at_one_angle_have_a_median_and_a_deviation(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0);
    pose_group group = pose_table_group(&table, POSE_FRONTAL - 2);
    assert_int_equal(3, group.people);
    assert_float_equal(-5, group.median_deg, 1e-4);
    assert_float_equal(1, group.deviation_deg, 1e-4);
}

static void spread_and_noise_are_told_in_true_degrees(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0.25F);
    pose_summary sum = pose_table_sum_up(&table, 9);
    assert_float_equal(0.5F, sum.slope, 1e-4);
    /* 8, 10 and 12 judged degrees on both sides: a deviation of 1.79 by the slope. */
    assert_float_equal(3.58F, sum.spread_deg, 0.01);
    assert_float_equal(0.5F, sum.noise_deg, 1e-4);
}

static void the_turn_that_is_enough_lies_between_steps(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0);
    pose_summary sum = pose_table_sum_up(&table, 9);
    assert_int_equal(6, sum.sides);
    assert_int_equal(6, sum.reached);
    assert_float_equal(15, sum.least_deg, 1e-3);
    assert_float_equal(18, sum.median_deg, 1e-3);
    assert_float_equal(22.5F, sum.most_deg, 1e-3);
}

static void who_never_turns_enough_is_not_counted(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0);
    pose_summary sum = pose_table_sum_up(&table, 15.F);
    assert_int_equal(4, sum.reached);
    assert_float_equal(25, sum.least_deg, 1e-3);
}

static void one_step_back_is_not_rising(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0);
    assert_int_equal(3, pose_table_sum_up(&table, 9).rising);
    table.reading[1][POSE_ANGLES - 1].turned_deg = table.reading[1][POSE_ANGLES - 2].turned_deg;
    assert_int_equal(2, pose_table_sum_up(&table, 9).rising);
}

static void a_face_that_was_not_found_is_left_out(void **state)
{
    (void)state;
    pose_table table = judged_by(SHARES, 3, 0);
    table.reading[2][0] = (pose_reading){NAN, NAN};
    pose_group group = pose_table_group(&table, 0);
    assert_int_equal(2, group.people);
    assert_true(isfinite(group.deviation_deg));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_at_one_angle_have_a_median_and_a_deviation),
        cmocka_unit_test(spread_and_noise_are_told_in_true_degrees),
        cmocka_unit_test(the_turn_that_is_enough_lies_between_steps),
        cmocka_unit_test(who_never_turns_enough_is_not_counted),
        cmocka_unit_test(one_step_back_is_not_rising),
        cmocka_unit_test(a_face_that_was_not_found_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
