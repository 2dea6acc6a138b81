#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jpeg_maker.h"

#include <stdlib.h>
#include <string.h>

static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;

static uint32_t orientation_of(const imi_buffer *file)
{
    imi_jpeg_info info;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(file), &limits, &info, NULL), IMI_OK);
    return info.orientation;
}

static void both_byte_orders_are_read(void **state)
{
    (void)state;
    for (uint16_t orientation = 1; orientation <= 8; orientation++) {
        for (int big = 0; big < 2; big++) {
            IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
            jpeg_maker_plain(80, 64, &file);
            jpeg_maker_add_orientation(&file, orientation, big == 1);
            assert_int_equal(orientation_of(&file), orientation);
        }
    }
}

static void nonsense_counts_as_upright(void **state)
{
    (void)state;
    const uint16_t values[] = {0, 9, 255, 65535};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        jpeg_maker_plain(80, 64, &file);
        jpeg_maker_add_orientation(&file, values[i], true);
        assert_int_equal(orientation_of(&file), 1);
    }
}

static void the_first_exif_segment_holds(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(80, 64, &file);
    jpeg_maker_add_orientation(&file, 3, true);
    jpeg_maker_add_orientation(&file, 6, false);
    assert_int_equal(orientation_of(&file), 6);
}

static void another_app1_segment_is_passed_over(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(80, 64, &file);
    jpeg_maker_add_orientation(&file, 8, true);
    const uint8_t xmp[] = "\xFF\xE1\x00\x1Fhttp://ns.adobe.com/xap/1.0/";
    jpeg_maker_insert(&file, 2, (imi_view){xmp, 33});
    assert_int_equal(orientation_of(&file), 8);
}

/* Each byte of the TIFF structure set to each of a few values: some answer, no crash. */
static void damaged_exif_gives_a_valid_orientation(void **state)
{
    (void)state;
    const uint8_t values[] = {0, 1, 8, 0x7F, 0x80, 0xFF};
    for (size_t at = 12; at < 38; at++) {
        for (size_t v = 0; v < sizeof values; v++) {
            IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
            jpeg_maker_plain(80, 64, &file);
            jpeg_maker_add_orientation(&file, 6, false);
            file.data[at] = values[v];
            assert_in_range(orientation_of(&file), 1, 8);
        }
    }
}

/* A segment that ends early, in a heap block of its exact size so that a sanitizer sees. */
static void exif_cut_short_is_never_read_beyond(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(80, 64, &file);
    jpeg_maker_add_orientation(&file, 6, true);
    for (uint8_t length = 2; length < 34; length++) {
        size_t size = 4U + length - 2U;
        uint8_t *cut = malloc(size + 2);
        memcpy(cut, file.data, size + 2);
        cut[5] = length;
        imi_jpeg_info info;
        assert_int_not_equal(imi_jpeg_inspect((imi_view){cut, size + 2}, &limits, &info, NULL),
                             IMI_OK);
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_are_read),
        cmocka_unit_test(nonsense_counts_as_upright),
        cmocka_unit_test(the_first_exif_segment_holds),
        cmocka_unit_test(another_app1_segment_is_passed_over),
        cmocka_unit_test(damaged_exif_gives_a_valid_orientation),
        cmocka_unit_test(exif_cut_short_is_never_read_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
