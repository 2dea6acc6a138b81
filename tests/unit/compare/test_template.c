#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"

#include <math.h>
#include <string.h>

static void at_angle(double degrees, imi_template *out)
{
    *out = (imi_template){.count = 1};
    sample_angle("alpha@1", 192, degrees, &out->vectors[0]);
}

static double angle_of(const imi_template *face_template)
{
    const float *values = face_template->vectors[0].values;
    return atan2(values[1], values[0]) * 180 / M_PI;
}

static void equal_weights_average_to_the_middle(void **state)
{
    (void)state;
    imi_template two[2];
    imi_template middle;
    at_angle(10, &two[0]);
    at_angle(50, &two[1]);
    assert_int_equal(imi_template_average(two, NULL, 2, &middle, NULL), IMI_OK);
    assert_true(fabs(angle_of(&middle) - 30) < 1e-4);
    assert_string_equal(middle.vectors[0].model_id, "alpha@1");
    assert_int_equal(middle.vectors[0].dim, 192);
}

static void a_heavier_template_pulls_harder(void **state)
{
    (void)state;
    imi_template two[2];
    imi_template middle;
    at_angle(0, &two[0]);
    at_angle(90, &two[1]);
    const float weights[2] = {3, 1};
    assert_int_equal(imi_template_average(two, weights, 2, &middle, NULL), IMI_OK);
    assert_true(fabs(angle_of(&middle) - 18.4349) < 1e-3);
}

static void an_average_has_length_one(void **state)
{
    (void)state;
    static imi_template five[5];
    for (uint32_t i = 0; i < 5; i++) {
        sample_template(i + 1, &five[i]);
    }
    imi_template middle;
    assert_int_equal(imi_template_average(five, NULL, 5, &middle, NULL), IMI_OK);
    assert_int_equal(middle.count, 2);
    for (uint32_t v = 0; v < 2; v++) {
        double square = 0;
        for (uint32_t i = 0; i < middle.vectors[v].dim; i++) {
            square += (double)middle.vectors[v].values[i] * middle.vectors[v].values[i];
        }
        assert_true(fabs(square - 1) < 1e-5);
    }
}

static void the_average_of_one_is_itself(void **state)
{
    (void)state;
    imi_template one;
    imi_template same;
    sample_template(7, &one);
    assert_int_equal(imi_template_average(&one, NULL, 1, &same, NULL), IMI_OK);
    for (uint32_t i = 0; i < 192; i++) {
        assert_true(fabsf(same.vectors[0].values[i] - one.vectors[0].values[i]) < 1e-6F);
    }
}

static void padding_stays_zero(void **state)
{
    (void)state;
    imi_template one;
    imi_template same;
    sample_template(7, &one);
    memset(&same, 0xEE, sizeof same);
    assert_int_equal(imi_template_average(&one, NULL, 1, &same, NULL), IMI_OK);
    for (uint32_t i = 192; i < IMI_EXTRACTOR_DIM_MAX; i++) {
        assert_true(same.vectors[0].values[i] == 0);
    }
}

static void other_models_do_not_mix(void **state)
{
    (void)state;
    static imi_template two[2];
    imi_template out;
    sample_template(1, &two[0]);
    sample_template(2, &two[1]);
    imi_copy_text(two[1].vectors[1].model_id, IMI_MODEL_ID_SIZE, "beta@2");
    assert_int_equal(imi_template_average(two, NULL, 2, &out, NULL), IMI_E_MODEL_MISMATCH);
    assert_int_equal(out.count, 0);
    sample_template(2, &two[1]);
    two[1].count = 1;
    assert_int_equal(imi_template_average(two, NULL, 2, &out, NULL), IMI_E_MODEL_MISMATCH);
}

static void nothing_has_no_average(void **state)
{
    (void)state;
    imi_template empty = {.count = 0};
    imi_template out;
    assert_int_equal(imi_template_average(&empty, NULL, 0, &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_template_average(&empty, NULL, 1, &out, NULL), IMI_E_INVALID_ARGUMENT);
}

static void opposites_have_no_average(void **state)
{
    (void)state;
    imi_template two[2];
    imi_template out;
    at_angle(0, &two[0]);
    at_angle(0, &two[1]);
    two[1].vectors[0].values[0] = -1;
    assert_int_equal(imi_template_average(two, NULL, 2, &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(out.count, 0);
}

static void only_positive_weights_count(void **state)
{
    (void)state;
    static imi_template two[2];
    imi_template out;
    at_angle(0, &two[0]);
    at_angle(20, &two[1]);
    const float bad[] = {0, -1, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        const float weights[2] = {1, bad[i]};
        assert_int_equal(imi_template_average(two, weights, 2, &out, NULL), IMI_E_INVALID_ARGUMENT);
    }
}

static void a_nan_in_a_template_gives_no_average(void **state)
{
    (void)state;
    imi_template one;
    imi_template out;
    at_angle(0, &one);
    one.vectors[0].values[100] = NAN;
    assert_int_equal(imi_template_average(&one, NULL, 1, &out, NULL), IMI_E_INVALID_ARGUMENT);
}

static void wiping_leaves_nothing(void **state)
{
    (void)state;
    imi_template one;
    imi_template zero;
    memset(&zero, 0, sizeof zero);
    sample_template(3, &one);
    imi_template_wipe(&one);
    assert_memory_equal(&one, &zero, sizeof one);
    imi_template_wipe(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_weights_average_to_the_middle),
        cmocka_unit_test(a_heavier_template_pulls_harder),
        cmocka_unit_test(an_average_has_length_one),
        cmocka_unit_test(the_average_of_one_is_itself),
        cmocka_unit_test(padding_stays_zero),
        cmocka_unit_test(other_models_do_not_mix),
        cmocka_unit_test(nothing_has_no_average),
        cmocka_unit_test(opposites_have_no_average),
        cmocka_unit_test(only_positive_weights_count),
        cmocka_unit_test(a_nan_in_a_template_gives_no_average),
        cmocka_unit_test(wiping_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
