/* One definition of the median. */
#include "base_fixture.h"

#include "imi/median.h"

#include <math.h>

static void test_median_of_an_odd_number_is_the_middle(void **state)
{
    (void)state;
    float values[] = {3, -1, 7, 2, 100};
    assert_float_equal(imi_take_median(values, 5), 3, 0);
    assert_float_equal(imi_take_median(values, 1), -1, 0); /* sorted by the call before */
}

static void test_median_of_an_even_number_is_the_lower_middle(void **state)
{
    (void)state;
    float values[] = {4, 1, 3, 2};
    assert_float_equal(imi_take_median(values, 4), 2, 0);
}

static void test_infinite_values_have_their_place(void **state)
{
    (void)state;
    float values[] = {INFINITY, -INFINITY, 5};
    assert_float_equal(imi_take_median(values, 3), 5, 0);
}

static void test_no_number_among_the_values_is_no_median(void **state)
{
    (void)state;
    float values[] = {1, NAN, 3};
    assert_true(isnan(imi_take_median(values, 3)));
    assert_true(isnan(imi_take_median(values, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median_of_an_odd_number_is_the_middle),
        cmocka_unit_test(test_median_of_an_even_number_is_the_lower_middle),
        cmocka_unit_test(test_infinite_values_have_their_place),
        cmocka_unit_test(test_no_number_among_the_values_is_no_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
