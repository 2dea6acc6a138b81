/* The shim over OpenCV's imgproc: what it measures on drawn shapes, and what it refuses. */
#include "drawn_card.h"

#include "shim/imi_imgproc.h"

#include <math.h>

enum { CAPACITY = 8 };

static imi_image *grey_table(uint32_t width, uint32_t height, uint8_t level)
{
    imi_image *image = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_image_new(width, height, IMI_PIXEL_GREY8, &image, &error), &error);
    for (size_t i = 0; i < image->stride_bytes * height; i++) {
        image->pixels[i] = level;
    }
    return image;
}

/* Fill what lies within half a width and half a height of a middle, along and across an angle. */
static void fill_box(imi_image *image, const imi_tilted_box *box, bool striped, uint8_t level)
{
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            float dx = (float)x - box->x;
            float dy = (float)y - box->y;
            float along = cosf(box->angle_rad) * dx + sinf(box->angle_rad) * dy;
            float across = -sinf(box->angle_rad) * dx + cosf(box->angle_rad) * dy;
            bool gap = striped && fmodf(along + 1000, 16) > 6;
            if (fabsf(along) <= box->width / 2 && fabsf(across) <= box->height / 2 && !gap) {
                image->pixels[(size_t)y * image->stride_bytes + x] = level;
            }
        }
    }
}

static void line_of_strokes_is_measured(void **state)
{
    (void)state;
    imi_image *image = grey_table(900, 400, 210);
    const imi_tilted_box line = {450, 200, 640, 20, 0.06F};
    fill_box(image, &line, true, 40);
    imi_tilted_box found[CAPACITY];
    size_t count = 0;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_imgproc_find_lines(image, 20, found, CAPACITY, &count, &error), &error);
    imi_image_destroy(&image);
    assert_int_equal(count, 1);
    assert_true(fabsf(found[0].x - 450) < 12 && fabsf(found[0].y - 200) < 6);
    assert_true(fabsf(found[0].width - 640) < 40);
    assert_true(found[0].height > 12 && found[0].height < 34);
    assert_true(fabsf(found[0].angle_rad - 0.06F) < 0.02F);
}

static void longest_line_comes_first_and_capacity_is_kept(void **state)
{
    (void)state;
    imi_image *image = grey_table(900, 400, 210);
    const imi_tilted_box lines[] = {
        {450, 80, 300, 20, 0}, {450, 180, 640, 20, 0}, {450, 280, 420, 20, 0}};
    for (size_t i = 0; i < 3; i++) {
        fill_box(image, &lines[i], true, 40);
    }
    imi_tilted_box found[CAPACITY];
    size_t count = 0;
    assert_int_equal(imi_imgproc_find_lines(image, 20, found, CAPACITY, &count, NULL), IMI_OK);
    assert_int_equal(count, 3);
    assert_true(found[0].width >= found[1].width && found[1].width >= found[2].width);
    assert_int_equal(imi_imgproc_find_lines(image, 20, found, 2, &count, NULL), IMI_OK);
    assert_int_equal(count, 2);
    assert_true(fabsf(found[0].y - 180) < 6);
    imi_image_destroy(&image);
}

static void plain_paper_has_no_lines(void **state)
{
    (void)state;
    imi_image *image = grey_table(400, 300, 180);
    imi_tilted_box boxes[CAPACITY];
    size_t count = 9;
    assert_int_equal(imi_imgproc_find_lines(image, 20, boxes, CAPACITY, &count, NULL), IMI_OK);
    assert_int_equal(count, 0);
    imi_image_destroy(&image);
}

static void corners_of_a_card_go_round_from_the_top_left(void **state)
{
    (void)state;
    static const float tilts_rad[] = {0, 0.2F, -0.2F, 0.5F};
    for (size_t i = 0; i < sizeof tilts_rad / sizeof tilts_rad[0]; i++) {
        imi_image *image = grey_table(640, 480, 70);
        const imi_tilted_box card = {320, 240, 380, 240, tilts_rad[i]};
        fill_box(image, &card, false, 220);
        imi_quad found[CAPACITY];
        size_t count = 0;
        assert_int_equal(imi_imgproc_find_quads(image, 0.1F, found, CAPACITY, &count, NULL),
                         IMI_OK);
        imi_image_destroy(&image);
        assert_true(count >= 1);
        float c = cosf(tilts_rad[i]);
        float s = sinf(tilts_rad[i]);
        static const float signs[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
        for (size_t k = 0; k < 4; k++) {
            float along = signs[k][0] * 190;
            float across = signs[k][1] * 120;
            assert_true(fabsf(found[0].corners[k].x - (320 + c * along - s * across)) < 10);
            assert_true(fabsf(found[0].corners[k].y - (240 + s * along + c * across)) < 10);
        }
    }
}

static void small_outlines_are_left_out(void **state)
{
    (void)state;
    imi_image *image = grey_table(640, 480, 70);
    const imi_tilted_box stamp = {320, 240, 90, 60, 0};
    fill_box(image, &stamp, false, 220);
    imi_quad found[CAPACITY];
    size_t count = 0;
    assert_int_equal(imi_imgproc_find_quads(image, 0.1F, found, CAPACITY, &count, NULL), IMI_OK);
    imi_image_destroy(&image);
    assert_int_equal(count, 0);
}

static void other_images_and_sizes_are_refused(void **state)
{
    (void)state;
    imi_image *colour = paper(64, 64, false);
    imi_image *grey = grey_table(64, 64, 90);
    imi_image empty = *grey;
    empty.pixels = NULL;
    imi_tilted_box boxes[CAPACITY];
    imi_quad quads[CAPACITY];
    const imi_image *wrong[] = {NULL, colour, &empty};
    for (size_t i = 0; i < 3; i++) {
        size_t count = 7;
        assert_int_equal(imi_imgproc_find_lines(wrong[i], 20, boxes, CAPACITY, &count, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_int_equal(count, 0);
        assert_int_equal(imi_imgproc_find_quads(wrong[i], 0.1F, quads, CAPACITY, &count, NULL),
                         IMI_E_INVALID_ARGUMENT);
    }
    size_t count = 7;
    assert_int_equal(imi_imgproc_find_lines(grey, 0, boxes, CAPACITY, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_imgproc_find_lines(grey, 100000, boxes, CAPACITY, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_imgproc_find_quads(grey, NAN, quads, CAPACITY, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
    imi_image_destroy(&colour);
    imi_image_destroy(&grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_of_strokes_is_measured),
        cmocka_unit_test(longest_line_comes_first_and_capacity_is_kept),
        cmocka_unit_test(plain_paper_has_no_lines),
        cmocka_unit_test(corners_of_a_card_go_round_from_the_top_left),
        cmocka_unit_test(small_outlines_are_left_out),
        cmocka_unit_test(other_images_and_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
