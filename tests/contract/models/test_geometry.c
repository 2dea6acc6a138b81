/* Similarities fitted to points, and affine maps. */
#include "support.h"

#include "geometry.h"

#include <math.h>

static const imi_point SQUARE[] = {{0, 0}, {10, 0}, {10, 10}, {0, 10}};

static void assert_near(float a, float b)
{
    assert_true(fabsf(a - b) <= 1e-4F);
}

static void a_known_similarity_is_recovered(void **state)
{
    (void)state;
    /* Turn by 30 degrees, enlarge by 2, shift by (5, -3). */
    imi_affine made = {2 * cosf(0.5236F), -2 * sinf(0.5236F), 5,
                       2 * sinf(0.5236F), 2 * cosf(0.5236F),  -3};
    imi_point to[4];
    for (size_t i = 0; i < 4; i++) {
        to[i] = imi_affine_apply(&made, SQUARE[i]);
    }
    imi_error err = IMI_ERROR_INIT;
    imi_affine found;
    assert_ok(imi_similarity_fit(SQUARE, to, 4, &found, &err), &err);
    assert_near(found.a, made.a);
    assert_near(found.b, made.b);
    assert_near(found.c, made.c);
    assert_near(found.d, made.d);
    assert_near(found.e, made.e);
    assert_near(found.f, made.f);
}

static double squared_error(const imi_affine *map, const imi_point *from, const imi_point *to)
{
    double sum = 0;
    for (size_t i = 0; i < 4; i++) {
        imi_point p = imi_affine_apply(map, from[i]);
        sum += (p.x - to[i].x) * (p.x - to[i].x) + (p.y - to[i].y) * (p.y - to[i].y);
    }
    return sum;
}

static void no_other_similarity_near_the_fit_is_better(void **state)
{
    (void)state;
    const imi_point to[] = {{1, 2}, {12, 0}, {9, 13}, {-2, 8}};
    imi_error err = IMI_ERROR_INIT;
    imi_affine best;
    assert_ok(imi_similarity_fit(SQUARE, to, 4, &best, &err), &err);
    double least = squared_error(&best, SQUARE, to);
    for (int parameter = 0; parameter < 4; parameter++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            imi_affine other = best;
            float step = 0.02F * (float)sign;
            other.a += parameter == 0 ? step : 0;
            other.e += parameter == 0 ? step : 0;
            other.d += parameter == 1 ? step : 0;
            other.b -= parameter == 1 ? step : 0;
            other.c += parameter == 2 ? step : 0;
            other.f += parameter == 3 ? step : 0;
            assert_true(squared_error(&other, SQUARE, to) > least);
        }
    }
}

static void points_all_in_one_place_are_refused(void **state)
{
    (void)state;
    const imi_point same[] = {{3, 3}, {3, 3}, {3, 3}, {3, 3}};
    imi_error err = IMI_ERROR_INIT;
    imi_affine map;
    assert_int_equal(imi_similarity_fit(same, SQUARE, 4, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_similarity_fit(SQUARE, same, 4, &map, &err), IMI_E_INVALID_ARGUMENT);
}

static void fewer_than_two_points_are_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_affine map;
    assert_int_equal(imi_similarity_fit(SQUARE, SQUARE, 1, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_similarity_fit(SQUARE, SQUARE, 0, &map, &err), IMI_E_INVALID_ARGUMENT);
}

static void points_that_are_not_numbers_are_refused(void **state)
{
    (void)state;
    imi_point bad[] = {{0, 0}, {10, 0}, {10, NAN}, {0, 10}};
    imi_error err = IMI_ERROR_INIT;
    imi_affine map;
    assert_int_equal(imi_similarity_fit(bad, SQUARE, 4, &map, &err), IMI_E_INVALID_ARGUMENT);
    bad[2].y = INFINITY;
    assert_int_equal(imi_similarity_fit(bad, SQUARE, 4, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_true(map.a == 0);
}

static void an_inverse_leads_back(void **state)
{
    (void)state;
    imi_affine map = {1.5F, -0.5F, 20, 0.5F, 1.5F, -7};
    imi_affine back;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_affine_invert(&map, &back, &err), &err);
    imi_point p = imi_affine_apply(&back, imi_affine_apply(&map, (imi_point){12, 34}));
    assert_near(p.x, 12);
    assert_near(p.y, 34);
}

static void a_flat_map_has_no_inverse(void **state)
{
    (void)state;
    imi_affine flat = {1, 2, 0, 2, 4, 0};
    imi_affine back;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_affine_invert(&flat, &back, &err), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_similarity_is_recovered),
        cmocka_unit_test(no_other_similarity_near_the_fit_is_better),
        cmocka_unit_test(points_all_in_one_place_are_refused),
        cmocka_unit_test(fewer_than_two_points_are_refused),
        cmocka_unit_test(points_that_are_not_numbers_are_refused),
        cmocka_unit_test(an_inverse_leads_back),
        cmocka_unit_test(a_flat_map_has_no_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
