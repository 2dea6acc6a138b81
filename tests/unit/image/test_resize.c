#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/image.h"

#include <math.h>

static imi_image *make_ramp(uint32_t width, uint32_t height)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(width, height, IMI_PIXEL_GREY8, &image, NULL), IMI_OK);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            image->pixels[y * image->stride_bytes + x] = (uint8_t)(10 + x + y);
        }
    }
    return image;
}

static void the_same_size_copies(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(31, 17);
    IMI_AUTO(imi_image) same = NULL;
    assert_int_equal(imi_image_resize(image, 31, 17, &same, NULL), IMI_OK);
    assert_memory_equal(same->pixels, image->pixels, (size_t)31 * 17);
}

static void halving_averages_four_pixels(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(8, 6);
    IMI_AUTO(imi_image) half = NULL;
    assert_int_equal(imi_image_resize(image, 4, 3, &half, NULL), IMI_OK);
    for (uint32_t y = 0; y < 3; y++) {
        for (uint32_t x = 0; x < 4; x++) {
            assert_int_equal(imi_image_row(half, y)[x], 11 + 2 * x + 2 * y);
        }
    }
}

static void uneven_factors_keep_a_ramp(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(100, 90);
    const uint32_t sizes[] = {7, 23, 61, 99, 130, 200};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        IMI_AUTO(imi_image) scaled = NULL;
        assert_int_equal(imi_image_resize(image, sizes[i], 90, &scaled, NULL), IMI_OK);
        for (uint32_t x = 2; x + 2 < sizes[i]; x++) {
            double source = (x + 0.5) * 100 / sizes[i] - 0.5;
            assert_true(fabs(imi_image_row(scaled, 40)[x] - (50 + source)) <= 1);
        }
    }
}

static void a_mean_is_kept(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(97, 89);
    IMI_AUTO(imi_image) pixel = NULL;
    assert_int_equal(imi_image_resize(image, 1, 1, &pixel, NULL), IMI_OK);
    assert_int_equal(pixel->pixels[0], 10 + 48 + 44);
}

static void white_stays_white(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(50, 50, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (size_t i = 0; i < (size_t)50 * 150; i++) {
        image->pixels[i] = 255;
    }
    const uint32_t sizes[] = {3, 33, 50, 77};
    for (size_t s = 0; s < 4; s++) {
        IMI_AUTO(imi_image) scaled = NULL;
        assert_int_equal(imi_image_resize(image, sizes[s], sizes[s], &scaled, NULL), IMI_OK);
        for (size_t i = 0; i < scaled->stride_bytes * sizes[s]; i++) {
            assert_int_equal(scaled->pixels[i], 255);
        }
    }
}

static void single_pixels_and_lines_scale(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) line = make_ramp(1, 40);
    IMI_AUTO(imi_image) wide = NULL;
    assert_int_equal(imi_image_resize(line, 9, 40, &wide, NULL), IMI_OK);
    assert_int_equal(imi_image_row(wide, 20)[8], 30);
}

static void an_empty_size_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(8, 8);
    imi_image *scaled = NULL;
    assert_int_equal(imi_image_resize(image, 0, 8, &scaled, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(scaled);
}

static int g_allowed;

static bool fail_when_spent(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_allowed-- <= 0;
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make_ramp(20, 20);
    int64_t before = imi_alloc_live_blocks();
    for (int allowed = 0; allowed < 7; allowed++) {
        imi_image *scaled = NULL;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        imi_status status = imi_image_resize(image, 10, 10, &scaled, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(status, IMI_E_NO_MEMORY);
        assert_null(scaled);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_size_copies),
        cmocka_unit_test(halving_averages_four_pixels),
        cmocka_unit_test(uneven_factors_keep_a_ramp),
        cmocka_unit_test(a_mean_is_kept),
        cmocka_unit_test(white_stays_white),
        cmocka_unit_test(single_pixels_and_lines_scale),
        cmocka_unit_test(an_empty_size_is_refused),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
