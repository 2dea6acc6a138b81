#include "cmocka_all.h"
#include "medium.h"

#include <math.h>

static imi_gen_medium matt(imi_gen_medium_kind kind)
{
    return (imi_gen_medium){
        .kind = kind,
        .cells_per_px = 0.8,
        .depth = 1,
        .contrast = 1,
        .tint = {1, 1, 1},
        .picture_high = {1000, 1000},
    };
}

static double spread_over(const imi_gen_medium *medium, double visible, float tone)
{
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 400; i++) {
        float rgb[3] = {tone, tone, tone};
        imi_point at = {(float)(i % 20) * 3.37F, (float)(i / 20) * 2.91F};
        imi_gen_medium_shade(medium, visible, at, 0, rgb);
        sum += rgb[1];
        squares += (double)rgb[1] * rgb[1];
    }
    return sqrt(fmax(squares / 400 - sum / 400 * sum / 400, 0));
}

static void far_patterns_average_away(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_SCREEN);
    double near = imi_gen_medium_visible(&medium, 0.1);
    double far = imi_gen_medium_visible(&medium, 9.7);
    assert_true(near > 0.9);
    assert_true(far < 0.1 * near);
}

static void a_screen_shows_stripes_on_white(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_SCREEN);
    assert_true(spread_over(&medium, 0.3, 200) > 15);
    assert_true(spread_over(&medium, 0, 200) < 0.01);
}

static void dots_of_a_print_vanish_in_black_and_white(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_PRINT);
    assert_true(spread_over(&medium, 0.3, 128) > 10);
    assert_true(spread_over(&medium, 0.3, 255) < 0.01);
    assert_true(spread_over(&medium, 0.3, 0) < 0.01);
}

static void paper_and_glass_lift_black(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_PRINT);
    medium.black = 25;
    medium.contrast = 0.8;
    float rgb[3] = {0, 0, 255};
    imi_gen_medium_shade(&medium, 0, (imi_point){5, 5}, 0, rgb);
    assert_float_equal(25, rgb[0], 0.01);
    assert_float_equal(229, rgb[2], 0.01);
}

static void the_frame_around_a_picture_is_not_part_of_it(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_SCREEN);
    medium.black = 25;
    float rgb[3] = {20, 20, 20};
    imi_gen_medium_shade(&medium, 0.5, (imi_point){1200, 5}, 0, rgb);
    assert_float_equal(20, rgb[0], 0.01);
}

static void a_lamp_shines_where_it_is_reflected_only(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_SCREEN);
    medium.glare = 80;
    medium.glare_at = (imi_point){100, 100};
    medium.glare_radius = 50;
    float within[3] = {10, 10, 10};
    float beside[3] = {10, 10, 10};
    imi_gen_medium_shade(&medium, 0, (imi_point){100, 100}, 0, within);
    imi_gen_medium_shade(&medium, 0, (imi_point){160, 100}, 0, beside);
    assert_float_equal(90, within[0], 0.01);
    assert_float_equal(10, beside[0], 0.01);
}

static void a_band_darkens_some_rows(void **state)
{
    (void)state;
    imi_gen_medium medium = matt(IMI_GEN_SCREEN);
    medium.band = 0.2;
    medium.band_period_px = 100;
    float bright[3] = {100, 100, 100};
    float dark[3] = {100, 100, 100};
    imi_gen_medium_shade(&medium, 0, (imi_point){5, 5}, 50, bright);
    imi_gen_medium_shade(&medium, 0, (imi_point){5, 5}, 100, dark);
    assert_float_equal(100, bright[0], 0.5);
    assert_float_equal(80, dark[0], 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(far_patterns_average_away),
        cmocka_unit_test(a_screen_shows_stripes_on_white),
        cmocka_unit_test(dots_of_a_print_vanish_in_black_and_white),
        cmocka_unit_test(paper_and_glass_lift_black),
        cmocka_unit_test(the_frame_around_a_picture_is_not_part_of_it),
        cmocka_unit_test(a_lamp_shines_where_it_is_reflected_only),
        cmocka_unit_test(a_band_darkens_some_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
