#include "cmocka_all.h"
#include "lighting.h"

#include <math.h>

enum { WIDTH = 64, HEIGHT = 48, GREY = 120 };

static const imi_gen_lens LENS = {.focal_px = 55, .centre_x = 31.5, .centre_y = 23.5};
/* Of rose, which holds more red than green. */
static const imi_light_sequence ROSE = {
    .count = 2, .step_ms = 1000, .colours = {{255, 137, 137}, {255, 137, 137}}};
static const imi_gen_lighting_traits EVENING = {.screen = 0.25};
static const double WHITE = 0.8; /* linear light of white paper there */
static const imi_gen_display NO_DISPLAY = {.until_cm = 0};
static const imi_gen_display DISPLAY = {.normal = {0, 0, 1}, .until_cm = 90};
/* As long as all adaptation takes. */
enum { SETTLED_MS = 60000 };

/* Grey: what is left of the middle is so far away, what is right of it so far. */
static imi_gen_canvas *grey_scene(double left_cm, double right_cm)
{
    imi_gen_canvas *canvas = NULL;
    assert_int_equal(IMI_OK, imi_gen_canvas_new(WIDTH, HEIGHT, &canvas, NULL));
    for (size_t i = 0; i < canvas->image->stride_bytes * HEIGHT; i++) {
        canvas->image->pixels[i] = GREY;
    }
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        canvas->nearness[i] = (float)(1 / (i % WIDTH < WIDTH / 2 ? left_cm : right_cm));
    }
    return canvas;
}

/* By how much of the grey's light a channel has grown, the camera's gain left out. */
static double growth_at(const imi_gen_lighting *lighting, const imi_gen_canvas *canvas, unsigned x,
                        unsigned y, unsigned channel)
{
    const uint8_t *pixel = imi_image_row(canvas->image, y) + (size_t)3 * x;
    double seen = (double)lighting->linear[pixel[channel]] / lighting->gain[channel];
    return seen / (double)lighting->linear[GREY] - 1;
}

/* Rose falls on grey that is so far away left and right of the middle; what is near is of the
 * display, if there is one. */
static imi_gen_canvas *shine_on_grey(const imi_gen_lighting_traits *traits, imi_gen_display display,
                                     double left_cm, double right_cm,
                                     imi_gen_lighting *lighting_out)
{
    imi_gen_canvas *canvas = grey_scene(left_cm, right_cm);
    imi_gen_lit scene = {&LENS, display, canvas};
    imi_gen_lighting_init(lighting_out, traits);
    imi_gen_lighting_show(lighting_out, &ROSE, 0, &scene);
    imi_gen_lighting_fall(lighting_out, &scene);
    return canvas;
}

static void light_falls_with_the_square_of_the_distance(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&EVENING, NO_DISPLAY, 35, 105, &lighting);
    assert_float_equal(0.25, growth_at(&lighting, canvas, 5, 5, 0), 0.01);
    assert_float_equal(0.25 / 9, growth_at(&lighting, canvas, 60, 5, 0), 0.01);
}

static void light_has_the_colour_that_is_shown(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&EVENING, NO_DISPLAY, 35, 105, &lighting);
    double red = growth_at(&lighting, canvas, 5, 5, 0);
    double green = growth_at(&lighting, canvas, 5, 5, 1);
    assert_true(red > 3 * green);
    assert_true(green > 0.02);
}

static void the_camera_balances_what_all_the_picture_receives(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&EVENING, NO_DISPLAY, 35, 35, &lighting);
    const uint8_t *pixel = imi_image_row(canvas->image, 9);
    for (int c = 0; c < 3; c++) {
        assert_in_range(pixel[c], GREY - 1, GREY + 1);
    }
}

static void balance_takes_seconds(void **state)
{
    (void)state;
    static const imi_light_sequence TEAL = {
        .count = 1, .step_ms = 1000, .colours = {{48, 188, 203}}};
    imi_gen_lighting lighting;
    IMI_AUTO(imi_gen_canvas) canvas = grey_scene(35, 35);
    imi_gen_lit scene = {&LENS, {.until_cm = 0}, canvas};
    imi_gen_lighting_init(&lighting, &EVENING);
    imi_gen_lighting_show(&lighting, &ROSE, 0, &scene);
    double rose = lighting.gain[0];
    imi_gen_lighting_show(&lighting, &TEAL, 200, &scene);
    double soon = lighting.gain[0];
    imi_gen_lighting_show(&lighting, &TEAL, SETTLED_MS, &scene);
    double later = lighting.gain[0];
    assert_true(soon > rose);
    assert_true(later - rose > 5 * (soon - rose));
}

static void a_display_throws_back_what_its_surface_scatters(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    imi_gen_lighting_traits traits = EVENING;
    traits.scattered = 0.2; /* ten times a real display's, which a level hardly shows */
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&traits, DISPLAY, 35, 105, &lighting);
    double scattered = WHITE * 0.2 * 0.25 / (double)lighting.linear[GREY];
    assert_float_equal(scattered, growth_at(&lighting, canvas, 5, 5, 0), 0.015);
    assert_float_equal(0.25 / 9, growth_at(&lighting, canvas, 60, 5, 0), 0.01);
}

static void a_display_mirrors_the_phone_below_its_lens(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    imi_gen_lighting_traits traits = EVENING;
    traits.mirrored = 0.04;
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&traits, DISPLAY, 35, 35, &lighting);
    assert_true(growth_at(&lighting, canvas, 31, 30, 0) > 0.2);
    assert_float_equal(0, growth_at(&lighting, canvas, 31, 10, 0), 0.01);
    assert_float_equal(0, growth_at(&lighting, canvas, 5, 30, 0), 0.01);
}

static void a_display_that_is_turned_mirrors_something_else(void **state)
{
    (void)state;
    imi_gen_lighting lighting;
    imi_gen_lighting_traits traits = EVENING;
    traits.mirrored = 0.04;
    imi_gen_matrix turn = imi_gen_matrix_of((imi_gen_turn){.yaw_deg = 40});
    imi_gen_display turned = DISPLAY;
    turned.normal = imi_gen_rotate(&turn, DISPLAY.normal);
    IMI_AUTO(imi_gen_canvas) canvas = shine_on_grey(&traits, turned, 35, 35, &lighting);
    assert_float_equal(0, growth_at(&lighting, canvas, 31, 30, 0), 0.01);
}

static void light_lags_behind_what_the_page_shows(void **state)
{
    (void)state;
    static const imi_light_sequence TWO = {
        .count = 2, .step_ms = 1000, .colours = {{255, 137, 137}, {48, 188, 203}}};
    imi_gen_lighting lighting;
    imi_gen_lighting_traits traits = EVENING;
    traits.delay_ms = 300;
    IMI_AUTO(imi_gen_canvas) canvas = grey_scene(35, 105);
    imi_gen_lit scene = {&LENS, {.until_cm = 0}, canvas};
    imi_gen_lighting_init(&lighting, &traits);
    imi_gen_lighting_show(&lighting, &TWO, 1250, &scene);
    assert_true(lighting.light[0] > lighting.light[2]);
    imi_gen_lighting_show(&lighting, &TWO, 1650, &scene);
    assert_true(lighting.light[0] < lighting.light[2]);
}

static void rooms_lie_within_what_is_stated(void **state)
{
    (void)state;
    unsigned dim = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        imi_gen_lighting_traits traits = imi_gen_lighting_traits_of(seed);
        assert_true(traits.screen >= 0.03 && traits.screen <= 0.25);
        assert_in_range(traits.delay_ms, 50, 350);
        assert_true(traits.scattered + traits.mirrored < 0.07);
        dim += traits.screen > sqrt(0.03 * 0.25) ? 1 : 0;
    }
    assert_in_range(dim, 160, 240);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_falls_with_the_square_of_the_distance),
        cmocka_unit_test(light_has_the_colour_that_is_shown),
        cmocka_unit_test(the_camera_balances_what_all_the_picture_receives),
        cmocka_unit_test(balance_takes_seconds),
        cmocka_unit_test(a_display_throws_back_what_its_surface_scatters),
        cmocka_unit_test(a_display_mirrors_the_phone_below_its_lens),
        cmocka_unit_test(a_display_that_is_turned_mirrors_something_else),
        cmocka_unit_test(light_lags_behind_what_the_page_shows),
        cmocka_unit_test(rooms_lie_within_what_is_stated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
