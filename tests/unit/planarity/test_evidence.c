/* What many pairs of views say together. */
#include "evidence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static imi_pair_samples of(const float *values, uint32_t count)
{
    imi_pair_samples samples = {0};
    for (uint32_t i = 0; i < count; i++) {
        imi_pair_samples_add(&samples, values[i], true);
    }
    return samples;
}

static void assert_close(float value, float wanted)
{
    if (!(fabsf(value - wanted) <= 1e-5F)) {
        fail_msg("%g is not %g", (double)value, (double)wanted);
    }
}

static void two_samples_are_no_measurement(void **state)
{
    (void)state;
    imi_pair_samples samples = of((const float[]){1, 1}, 2);
    imi_planarity_summary summary = imi_pair_samples_summarise(&samples);
    assert_false(summary.measured);
    assert_true(isnan(summary.score));
}

static void values_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    imi_pair_samples samples = of((const float[]){NAN, INFINITY, -INFINITY, 1, NAN, 1}, 6);
    assert_int_equal(samples.count, 2);
    assert_false(imi_pair_samples_summarise(&samples).measured);
}

static void one_outlier_decides_nothing(void **state)
{
    (void)state;
    imi_pair_samples samples = of((const float[]){-1, -1, 90, -1, -1}, 5);
    assert_close(imi_pair_samples_summarise(&samples).score, -1);
}

static void of_an_even_number_the_lower_median_counts(void **state)
{
    (void)state;
    imi_pair_samples samples = of((const float[]){3, 1, 2, 4}, 4);
    assert_close(imi_pair_samples_summarise(&samples).score, 2);
}

static void the_latest_samples_count(void **state)
{
    (void)state;
    imi_pair_samples samples = {0};
    for (int i = 0; i < 4 * IMI_PAIR_SAMPLES; i++) {
        imi_pair_samples_add(&samples, i < 3 * IMI_PAIR_SAMPLES ? 5 : -2, false);
    }
    assert_close(imi_pair_samples_summarise(&samples).score, -2);
}

static void spread_is_uncertainty(void **state)
{
    (void)state;
    imi_pair_samples calm = of((const float[]){1, 1.01F, 0.99F, 1, 1}, 5);
    imi_pair_samples wild = of((const float[]){1, 3, -1, 2, 0}, 5);
    assert_true(imi_pair_samples_summarise(&wild).uncertainty >
                5 * imi_pair_samples_summarise(&calm).uncertainty);
}

static void one_view_many_times_is_one_view(void **state)
{
    (void)state;
    imi_pair_samples one = {0};
    imi_pair_samples many = {0};
    for (int i = 0; i < 16; i++) {
        imi_pair_samples_add(&one, (float)(i % 4), false);
        imi_pair_samples_add(&many, (float)(i % 4), true);
    }
    assert_int_equal(one.views, 1);
    assert_close(imi_pair_samples_summarise(&one).uncertainty,
                 4 * imi_pair_samples_summarise(&many).uncertainty);
}

static void no_kinds_are_no_measurement(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    assert_false(imi_pair_kinds_summarise(kinds).measured);
}

static void a_kind_of_many_views_outweighs_one_of_few(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    for (int i = 0; i < 4; i++) {
        imi_pair_samples_add(&kinds[IMI_PAIR_NEAR], 1, true);
        imi_pair_samples_add(&kinds[IMI_PAIR_UP], -1, false);
    }
    assert_close(imi_pair_kinds_summarise(kinds).score, (4.F - 1.F) / 5.F);
}

static void no_kind_outweighs_the_others_without_end(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    for (int i = 0; i < 1000; i++) {
        imi_pair_samples_add(&kinds[IMI_PAIR_NEAR], 1, true);
    }
    for (int i = 0; i < 6; i++) {
        imi_pair_samples_add(&kinds[IMI_PAIR_LEFT], -1, true);
    }
    assert_close(imi_pair_kinds_summarise(kinds).score, 0);
}

static void turns_by_themselves_leave_another_distance_out(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    kinds[IMI_PAIR_NEAR] = of((const float[]){1, 1, 1, 1}, 4);
    kinds[IMI_PAIR_LEFT] = of((const float[]){-1, -1, -1}, 3);
    kinds[IMI_PAIR_DOWN] = of((const float[]){-2, -2, -2}, 3);
    assert_close(imi_pair_turns_summarise(kinds).score, -1.5F);
}

static void without_turns_another_distance_counts(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    kinds[IMI_PAIR_NEAR] = of((const float[]){1, 1, 1, 1}, 4);
    kinds[IMI_PAIR_LEFT] = of((const float[]){-1, -1}, 2);
    assert_close(imi_pair_turns_summarise(kinds).score, 1);
}

static void neither_turns_nor_another_distance_are_no_measurement(void **state)
{
    (void)state;
    imi_pair_samples kinds[IMI_PAIR_KINDS] = {{0}};
    kinds[IMI_PAIR_NEAR] = of((const float[]){1, 1}, 2);
    assert_false(imi_pair_turns_summarise(kinds).measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_samples_are_no_measurement),
        cmocka_unit_test(values_that_are_not_finite_are_left_out),
        cmocka_unit_test(one_outlier_decides_nothing),
        cmocka_unit_test(of_an_even_number_the_lower_median_counts),
        cmocka_unit_test(the_latest_samples_count),
        cmocka_unit_test(spread_is_uncertainty),
        cmocka_unit_test(one_view_many_times_is_one_view),
        cmocka_unit_test(no_kinds_are_no_measurement),
        cmocka_unit_test(a_kind_of_many_views_outweighs_one_of_few),
        cmocka_unit_test(no_kind_outweighs_the_others_without_end),
        cmocka_unit_test(turns_by_themselves_leave_another_distance_out),
        cmocka_unit_test(without_turns_another_distance_counts),
        cmocka_unit_test(neither_turns_nor_another_distance_are_no_measurement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
