/* Straightened, turned and cut views, and the marks that are measured on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "document/marks.h"
#include "document/view.h"

#include <math.h>

static imi_image *make(uint32_t width, uint32_t height, uint8_t level)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(width, height, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (size_t i = 0; i < image->stride_bytes * height; i++) {
        image->pixels[i] = level;
    }
    return image;
}

static uint8_t *pixel(imi_image *image, uint32_t x, uint32_t y)
{
    return image->pixels + y * image->stride_bytes + (size_t)x * 3;
}

static void set(imi_image *image, uint32_t x, uint32_t y, uint8_t r, uint8_t g, uint8_t b)
{
    uint8_t *at = pixel(image, x, y);
    at[0] = r;
    at[1] = g;
    at[2] = b;
}

/* Colours that tell every pixel's place. */
static imi_image *chart(uint32_t width, uint32_t height)
{
    imi_image *image = make(width, height, 0);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            set(image, x, y, (uint8_t)x, (uint8_t)y, 128);
        }
    }
    return image;
}

static void straight_corners_copy_the_image(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_quad all = {{{0, 0}, {99, 0}, {99, 59}, {0, 59}}};
    imi_image *view = NULL;
    assert_int_equal(imi_view_straighten(image, &all, &view, NULL), IMI_OK);
    assert_int_equal(view->width, 99);
    assert_int_equal(pixel(view, 98, 58)[0], 99);
    assert_int_equal(pixel(view, 98, 58)[1], 59);
    assert_int_equal(pixel(view, 0, 0)[0], 0);
    imi_image_destroy(&view);
    imi_image_destroy(&image);
}

static void corners_go_to_corners(void **state)
{
    (void)state;
    imi_image *image = chart(200, 160);
    const imi_quad aslant = {{{40, 20}, {170, 35}, {180, 130}, {20, 140}}};
    imi_image *view = NULL;
    assert_int_equal(imi_view_straighten(image, &aslant, &view, NULL), IMI_OK);
    const uint32_t xs[4] = {0, view->width - 1, view->width - 1, 0};
    const uint32_t ys[4] = {0, 0, view->height - 1, view->height - 1};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pixel(view, xs[i], ys[i])[0], (int)aslant.corners[i].x);
        assert_int_equal(pixel(view, xs[i], ys[i])[1], (int)aslant.corners[i].y);
    }
    imi_image_destroy(&view);
    imi_image_destroy(&image);
}

static void middle_of_a_perspective_is_where_diagonals_cross(void **state)
{
    (void)state;
    imi_image *image = chart(200, 160);
    /* A trapezium: its diagonals cross at y = 20 + 120 * 60 / (60 + 120) = 60. */
    const imi_quad trapezium = {{{70, 20}, {130, 20}, {160, 140}, {40, 140}}};
    imi_image *view = NULL;
    assert_int_equal(imi_view_straighten(image, &trapezium, &view, NULL), IMI_OK);
    const uint8_t *middle = pixel(view, view->width / 2, view->height / 2);
    assert_in_range(middle[0], 98, 102);
    assert_in_range(middle[1], 58, 62);
    imi_image_destroy(&view);
    imi_image_destroy(&image);
}

static void corners_that_make_no_outline_are_refused(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_quad wrong[] = {
        {{{0, 0}, {99, 0}, {0, 59}, {99, 59}}}, /* crossed */
        {{{0, 0}, {0, 59}, {99, 59}, {99, 0}}}, /* the other way round */
        {{{0, 0}, {50, 0}, {99, 0}, {0, 0}}}, /* flat */
        {{{NAN, 0}, {99, 0}, {99, 59}, {0, 59}}}, {{{0, 0}, {INFINITY, 0}, {99, 59}, {0, 59}}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_image *view = NULL;
        assert_int_equal(imi_view_straighten(image, &wrong[i], &view, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_null(view);
    }
    imi_image_destroy(&image);
}

static void far_corners_give_a_bounded_view(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_quad far = {{{-1e6F, -1e6F}, {1e6F, -1e6F}, {1e6F, 1e6F}, {-1e6F, 1e6F}}};
    imi_image *view = NULL;
    assert_int_equal(imi_view_straighten(image, &far, &view, NULL), IMI_OK);
    assert_in_range(view->width, 1, 2400);
    imi_image_destroy(&view);
    imi_image_destroy(&image);
}

static void quarter_turn_goes_clockwise(void **state)
{
    (void)state;
    imi_image *image = chart(5, 3);
    imi_image *view = NULL;
    assert_int_equal(imi_view_turn(image, 1, &view, NULL), IMI_OK);
    assert_int_equal(view->width, 3);
    assert_int_equal(view->height, 5);
    /* The top left goes to the top right. */
    assert_int_equal(pixel(view, 2, 0)[0], 0);
    assert_int_equal(pixel(view, 2, 0)[1], 0);
    assert_int_equal(pixel(view, 0, 0)[1], 2);
    imi_image_destroy(&view);
    imi_image_destroy(&image);
}

static void turns_add_up_to_the_image(void **state)
{
    (void)state;
    imi_image *image = chart(7, 4);
    imi_image *once = NULL;
    imi_image *back = NULL;
    for (uint32_t quarters = 1; quarters <= 3; quarters++) {
        assert_int_equal(imi_view_turn(image, quarters, &once, NULL), IMI_OK);
        assert_int_equal(imi_view_turn(once, 4 - quarters, &back, NULL), IMI_OK);
        assert_memory_equal(back->pixels, image->pixels, image->stride_bytes * image->height);
        imi_image_destroy(&once);
        imi_image_destroy(&back);
    }
    assert_int_equal(imi_view_turn(image, 0, &once, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_view_turn(image, 4, &once, NULL), IMI_E_INVALID_ARGUMENT);
    imi_image_destroy(&image);
}

static void box_around_a_face_stays_in_the_image(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_face_box over = {-10, -10, 40, 40, 1};
    imi_pixel_box box = imi_view_box_around(image, &over, 2);
    assert_int_equal(box.left, 0);
    assert_int_equal(box.top, 0);
    assert_int_equal(box.width, 50);
    const imi_face_box wild = {NAN, 0, 1e30F, -5, 1};
    box = imi_view_box_around(image, &wild, 2);
    assert_true(box.left + box.width <= 100 && box.top + box.height <= 60);
    imi_image_destroy(&image);
}

static void part_outside_the_image_is_refused(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_pixel_box wrong[] = {
        {90, 0, 20, 10}, {0, 0, 101, 10}, {101, 0, 1, 1}, {1, 1, UINT32_MAX, 1}, {0, 0, 0, 5}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_image *part = NULL;
        assert_int_equal(imi_view_cut(image, &wrong[i], &part, NULL), IMI_E_INVALID_ARGUMENT);
        assert_null(part);
    }
    imi_image_destroy(&image);
}

static void part_is_copied(void **state)
{
    (void)state;
    imi_image *image = chart(100, 60);
    const imi_pixel_box box = {10, 20, 5, 6};
    imi_image *part = NULL;
    assert_int_equal(imi_view_cut(image, &box, &part, NULL), IMI_OK);
    assert_int_equal(pixel(part, 4, 5)[0], 14);
    assert_int_equal(pixel(part, 4, 5)[1], 25);
    imi_image_destroy(&part);
    imi_image_destroy(&image);
}

static void white_paper_is_no_glare(void **state)
{
    (void)state;
    imi_image *image = make(160, 100, 255);
    assert_true(imi_marks_glare(image, NULL) == 0);
    imi_image_destroy(&image);
}

static void washed_out_blob_on_a_grey_card_is_glare(void **state)
{
    (void)state;
    imi_image *image = make(160, 100, 120);
    for (uint32_t y = 16; y < 56; y++) {
        for (uint32_t x = 40; x < 100; x++) {
            set(image, x, y, 255, 255, 255);
        }
    }
    assert_in_range((int)(1000 * imi_marks_glare(image, NULL)), 80, 170);
    imi_image_destroy(&image);
}

static void washed_out_face_is_glare_even_on_white_paper(void **state)
{
    (void)state;
    imi_image *image = make(160, 100, 255);
    const imi_face_box face = {20, 20, 40, 50, 1};
    assert_true(imi_marks_glare(image, &face) > 0.9F);
    for (uint32_t y = 0; y < 100; y++) {
        for (uint32_t x = 0; x < 80; x++) {
            set(image, x, y, 200, 150, 130);
        }
    }
    assert_true(imi_marks_glare(image, &face) == 0);
    imi_image_destroy(&image);
}

static void grey_and_tinted_images_have_no_colour(void **state)
{
    (void)state;
    imi_image *image = make(64, 64, 90);
    assert_true(imi_marks_colour(image) < 0.001F);
    for (uint32_t y = 0; y < 64; y++) {
        for (uint32_t x = 0; x < 64; x++) {
            set(image, x, y, 140, 120, 80);
        }
    }
    assert_true(imi_marks_colour(image) < 0.001F);
    imi_image_destroy(&image);
}

static void coloured_image_has_colour(void **state)
{
    (void)state;
    imi_image *image = chart(200, 200);
    assert_true(imi_marks_colour(image) > 0.05F);
    imi_image_destroy(&image);
}

static void raster_of_a_print_shows(void **state)
{
    (void)state;
    imi_image *image = make(120, 120, 160);
    for (uint32_t y = 0; y < 120; y++) {
        for (uint32_t x = 0; x < 120; x++) {
            if (x % 4 < 2 && y % 4 < 2) {
                set(image, x, y, 60, 60, 60);
            }
        }
    }
    assert_true(imi_marks_raster(image) > 0.8F);
    imi_image_destroy(&image);
}

static void noise_and_plain_paper_have_no_raster(void **state)
{
    (void)state;
    imi_image *image = make(120, 120, 160);
    assert_true(imi_marks_raster(image) == 0);
    uint32_t seed = 7;
    for (size_t i = 0; i < image->stride_bytes * image->height; i++) {
        seed = seed * 1664525U + 1013904223U;
        image->pixels[i] = (uint8_t)(100 + (seed >> 24) % 60);
    }
    assert_true(imi_marks_raster(image) < 0.2F);
    imi_image_destroy(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_corners_copy_the_image),
        cmocka_unit_test(corners_go_to_corners),
        cmocka_unit_test(middle_of_a_perspective_is_where_diagonals_cross),
        cmocka_unit_test(corners_that_make_no_outline_are_refused),
        cmocka_unit_test(far_corners_give_a_bounded_view),
        cmocka_unit_test(quarter_turn_goes_clockwise),
        cmocka_unit_test(turns_add_up_to_the_image),
        cmocka_unit_test(box_around_a_face_stays_in_the_image),
        cmocka_unit_test(part_outside_the_image_is_refused),
        cmocka_unit_test(part_is_copied),
        cmocka_unit_test(white_paper_is_no_glare),
        cmocka_unit_test(washed_out_blob_on_a_grey_card_is_glare),
        cmocka_unit_test(washed_out_face_is_glare_even_on_white_paper),
        cmocka_unit_test(grey_and_tinted_images_have_no_colour),
        cmocka_unit_test(coloured_image_has_colour),
        cmocka_unit_test(raster_of_a_print_shows),
        cmocka_unit_test(noise_and_plain_paper_have_no_raster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
