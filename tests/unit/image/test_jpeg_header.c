#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jpeg_maker.h"

#include <string.h>

static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;

static imi_status inspect(const imi_buffer *file)
{
    imi_jpeg_info info;
    imi_status status = imi_jpeg_inspect(imi_buffer_view(file), &limits, &info, NULL);
    if (status != IMI_OK) {
        assert_int_equal(info.width, 0);
    }
    return status;
}

static void set_size(imi_buffer *file, uint8_t sof, uint16_t width, uint16_t height)
{
    uint8_t *at = file->data + jpeg_maker_find(file, sof);
    at[5] = (uint8_t)(height >> 8);
    at[6] = (uint8_t)height;
    at[7] = (uint8_t)(width >> 8);
    at[8] = (uint8_t)width;
}

static void a_plain_file_tells_its_size(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(101, 67, &file);
    imi_jpeg_info info;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(&file), &limits, &info, NULL), IMI_OK);
    assert_int_equal(info.width, 101);
    assert_int_equal(info.height, 67);
    assert_int_equal(info.components, 3);
    assert_int_equal(info.orientation, 1);
    assert_false(info.progressive);
}

static void a_progressive_file_is_told_as_such(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 100, .height = 80, .components = 1, .progressive = true},
                    &file);
    imi_jpeg_info info;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(&file), &limits, &info, NULL), IMI_OK);
    assert_true(info.progressive);
    assert_int_equal(info.components, 1);
}

static void restart_markers_and_data_behind_the_end_are_accepted(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 100, .height = 80, .components = 3, .restart_rows = 1},
                    &file);
    assert_int_equal(imi_buffer_append_text(&file, "trailer of a camera", NULL), IMI_OK);
    assert_int_equal(inspect(&file), IMI_OK);
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(inspect(&file), IMI_E_IMAGE_EMPTY);
}

static void what_is_not_a_jpeg_is_refused(void **state)
{
    (void)state;
    const char *const others[] = {"x",
                                  "\x89PNG\r\n\x1a\n0000000000",
                                  "GIF89a",
                                  "RIFF0000WEBPVP8 ",
                                  "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                  "\xFF\xD8"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        imi_jpeg_info info;
        assert_int_equal(imi_jpeg_inspect(imi_view_of_text(others[i]), &limits, &info, NULL),
                         IMI_E_IMAGE_FORMAT);
    }
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 3, .progressive = true},
                    &file);
    for (size_t whole = file.size, size = 0; size < whole; size++) {
        file.size = size;
        assert_int_not_equal(inspect(&file), IMI_OK);
    }
}

static void cmyk_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 4}, &file);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_FORMAT);
}

static void arithmetic_coding_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 3, .arithmetic = true},
                    &file);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_FORMAT);
}

static void frame_kinds_beyond_progressive_are_refused(void **state)
{
    (void)state;
    const uint8_t kinds[] = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF};
    for (size_t i = 0; i < sizeof kinds; i++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        jpeg_maker_plain(64, 64, &file);
        file.data[jpeg_maker_find(&file, 0xC0) + 1] = kinds[i];
        assert_int_equal(inspect(&file), IMI_E_IMAGE_FORMAT);
    }
}

static void twelve_bit_samples_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    file.data[jpeg_maker_find(&file, 0xC0) + 4] = 12;
    assert_int_equal(inspect(&file), IMI_E_IMAGE_FORMAT);
}

static void zero_sized_images_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    set_size(&file, 0xC0, 0, 64);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_SMALL);
    set_size(&file, 0xC0, 64, 0);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_SMALL);
}

static void a_header_of_65500_pixels_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    set_size(&file, 0xC0, 65500, 65500);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_LARGE);
    set_size(&file, 0xC0, 65500, 64);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_LARGE);
}

static void pixels_are_limited_even_where_sides_are_not(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    set_size(&file, 0xC0, 4096, 4096);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_LARGE);
}

static void bytes_are_limited(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    imi_jpeg_limits tight = limits;
    tight.bytes = file.size;
    imi_jpeg_info info;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(&file), &tight, &info, NULL), IMI_OK);
    tight.bytes = file.size - 1;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(&file), &tight, &info, NULL),
                     IMI_E_IMAGE_TOO_LARGE);
}

/* The last scan of a progressive file once more, and again: valid, and ever more work. */
static void repeat_last_scan(imi_buffer *file, size_t times)
{
    size_t start = file->size - 2;
    while (file->data[start] != 0xFF || file->data[start + 1] != 0xDA) {
        start--;
    }
    IMI_AUTO_BUFFER scan = IMI_BUFFER_INIT;
    imi_view bytes = {file->data + start, file->size - 2 - start};
    assert_int_equal(imi_buffer_append(&scan, bytes, NULL), IMI_OK);
    for (size_t i = 0; i < times; i++) {
        jpeg_maker_insert(file, file->size - 2, imi_buffer_view(&scan));
    }
}

static void a_bomb_of_many_scans_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 3, .progressive = true},
                    &file);
    repeat_last_scan(&file, 5);
    assert_int_equal(inspect(&file), IMI_OK);
    repeat_last_scan(&file, 40);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_LARGE);
}

static void scans_are_limited_by_the_pixels_they_repeat(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 3, .progressive = true},
                    &file);
    set_size(&file, 0xC2, 2000, 2000);
    assert_int_equal(inspect(&file), IMI_OK);
    repeat_last_scan(&file, 10);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_TOO_LARGE);
}

static void two_frame_headers_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    size_t at = jpeg_maker_find(&file, 0xC0);
    uint8_t header[19];
    memcpy(header, file.data + at, sizeof header);
    jpeg_maker_insert(&file, at, (imi_view){header, sizeof header});
    assert_int_equal(inspect(&file), IMI_E_IMAGE_CORRUPT);
}

static void a_file_without_a_scan_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    file.size = jpeg_maker_find(&file, 0xDA);
    const uint8_t end[] = {0xFF, 0xD9};
    assert_int_equal(imi_buffer_append(&file, (imi_view){end, 2}, NULL), IMI_OK);
    assert_int_equal(inspect(&file), IMI_E_IMAGE_CORRUPT);
}

static void the_message_names_the_limit(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(40, 70, &file);
    imi_jpeg_info info;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_jpeg_inspect(imi_buffer_view(&file), &limits, &info, &error),
                     IMI_E_IMAGE_TOO_SMALL);
    assert_non_null(strstr(error.message, "40 x 70"));
    assert_non_null(strstr(error.message, "64"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_tells_its_size),
        cmocka_unit_test(a_progressive_file_is_told_as_such),
        cmocka_unit_test(restart_markers_and_data_behind_the_end_are_accepted),
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(what_is_not_a_jpeg_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(cmyk_is_refused),
        cmocka_unit_test(arithmetic_coding_is_refused),
        cmocka_unit_test(frame_kinds_beyond_progressive_are_refused),
        cmocka_unit_test(twelve_bit_samples_are_refused),
        cmocka_unit_test(zero_sized_images_are_refused),
        cmocka_unit_test(a_header_of_65500_pixels_is_refused),
        cmocka_unit_test(pixels_are_limited_even_where_sides_are_not),
        cmocka_unit_test(bytes_are_limited),
        cmocka_unit_test(a_bomb_of_many_scans_is_refused),
        cmocka_unit_test(scans_are_limited_by_the_pixels_they_repeat),
        cmocka_unit_test(two_frame_headers_are_refused),
        cmocka_unit_test(a_file_without_a_scan_is_refused),
        cmocka_unit_test(the_message_names_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
