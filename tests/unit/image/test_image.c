#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/image.h"

static imi_image *make(uint32_t width, uint32_t height, imi_pixel_format format)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(width, height, format, &image, NULL), IMI_OK);
    return image;
}

static void a_new_image_is_black(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make(7, 5, IMI_PIXEL_RGB8);
    for (size_t i = 0; i < image->stride_bytes * image->height; i++) {
        assert_int_equal(image->pixels[i], 0);
    }
}

static void an_empty_or_unknown_image_is_refused(void **state)
{
    (void)state;
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(0, 5, IMI_PIXEL_RGB8, &image, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_image_new(5, 0, IMI_PIXEL_RGB8, &image, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_image_new(5, 5, (imi_pixel_format)2, &image, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_null(image);
}

static void flipping_twice_restores(void **state)
{
    (void)state;
    for (uint32_t width = 1; width <= 6; width++) {
        IMI_AUTO(imi_image) image = make(width, 2, IMI_PIXEL_RGB8);
        for (size_t i = 0; i < image->stride_bytes * 2; i++) {
            image->pixels[i] = (uint8_t)i;
        }
        imi_image_flip(image);
        assert_int_equal(image->pixels[0], (width - 1) * 3);
        assert_int_equal(image->pixels[2], (width - 1) * 3 + 2);
        imi_image_flip(image);
        for (size_t i = 0; i < image->stride_bytes * 2; i++) {
            assert_int_equal(image->pixels[i], i);
        }
    }
}

static void grey_stays_exactly_grey(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make(256, 1, IMI_PIXEL_RGB8);
    for (size_t i = 0; i < 256 * 3; i++) {
        image->pixels[i] = (uint8_t)(i / 3);
    }
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_to_grey(image, &grey, NULL), IMI_OK);
    for (int level = 0; level < 256; level++) {
        assert_int_equal(grey->pixels[level], level);
    }
}

static void luma_weighs_green_most(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make(3, 1, IMI_PIXEL_RGB8);
    image->pixels[0] = image->pixels[4] = image->pixels[8] = 255;
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_to_grey(image, &grey, NULL), IMI_OK);
    assert_int_equal(grey->pixels[0], 76);
    assert_int_equal(grey->pixels[1], 150);
    assert_int_equal(grey->pixels[2], 29);
}

static void encoding_and_decoding_keeps_a_picture(void **state)
{
    (void)state;
    const imi_pixel_format formats[] = {IMI_PIXEL_RGB8, IMI_PIXEL_GREY8};
    for (int f = 0; f < 2; f++) {
        IMI_AUTO(imi_image) image = make(120, 90, formats[f]);
        for (size_t i = 0; i < image->stride_bytes * 90; i++) {
            image->pixels[i] = (uint8_t)(i / image->stride_bytes * 2);
        }
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        assert_int_equal(imi_buffer_append_text(&file, "kept", NULL), IMI_OK);
        assert_int_equal(imi_jpeg_encode(image, 90, &file, NULL), IMI_OK);
        IMI_AUTO(imi_image) decoded = NULL;
        const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
        imi_view jpeg = {file.data + 4, file.size - 4};
        assert_int_equal(imi_jpeg_decode(jpeg, &limits, &decoded, NULL), IMI_OK);
        for (uint32_t y = 0; y < 90; y++) {
            assert_in_range(imi_image_row(decoded, y)[60 * 3] + 6, 2 * y, 2 * y + 12);
        }
    }
}

static void encoding_refuses_other_qualities(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make(16, 16, IMI_PIXEL_RGB8);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(imi_jpeg_encode(image, 0, &file, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_jpeg_encode(image, 101, &file, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(file.size, 0);
}

static bool fail_always(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void encoding_without_memory_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = make(16, 16, IMI_PIXEL_RGB8);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    imi_alloc_set_fail_hook(fail_always, NULL);
    imi_status status = imi_jpeg_encode(image, 80, &file, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_NO_MEMORY);
    assert_int_equal(file.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_image_is_black),
        cmocka_unit_test(an_empty_or_unknown_image_is_refused),
        cmocka_unit_test(flipping_twice_restores),
        cmocka_unit_test(grey_stays_exactly_grey),
        cmocka_unit_test(luma_weighs_green_most),
        cmocka_unit_test(encoding_and_decoding_keeps_a_picture),
        cmocka_unit_test(encoding_refuses_other_qualities),
        cmocka_unit_test(encoding_without_memory_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
