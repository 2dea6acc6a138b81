#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exif_maker.h"
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

/* ---- what names the camera ---- */

static const exif_plan WHOLE = {
    .make = "LG", /* short enough for the entry itself */
    .model = "G8 ThinQ",
    .taken_at = "2026:11:23 17:15:00",
    .orientation = 6,
};

/* Read from a heap block of its exact size, so that a sanitizer sees what lies behind it. */
static uint8_t *exact_body(const exif_plan *plan, size_t *size_out)
{
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    exif_maker_body(plan, &body);
    uint8_t *block = malloc(body.size);
    assert_non_null(block);
    memcpy(block, body.data, body.size);
    *size_out = body.size;
    return block;
}

static void assert_text(imi_view text, const char *wanted)
{
    assert_true(imi_view_equal(text, imi_view_of_text(wanted)));
}

static void camera_and_date_are_read_in_both_byte_orders(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        exif_plan plan = WHOLE;
        plan.big_endian = big == 1;
        size_t size = 0;
        uint8_t *body = exact_body(&plan, &size);
        imi_exif exif;
        assert_true(imi_exif_read((imi_view){body, size}, &exif));
        assert_text(exif.make, plan.make);
        assert_text(exif.model, plan.model);
        assert_int_equal(exif.orientation, 6);
        assert_true(exif.taken_at_s > 0);
        free(body);
    }
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&(exif_plan){.orientation = 3}, &size);
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    assert_int_equal(exif.orientation, 3);
    assert_int_equal(exif.make.size, 0);
    assert_int_equal(exif.model.size, 0);
    assert_int_equal(exif.taken_at_s, 0);
    free(body);
}

static void what_is_not_exif_says_nothing(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&WHOLE, &size);
    body[1] = 'X';
    imi_exif exif;
    assert_false(imi_exif_read((imi_view){body, size}, &exif));
    assert_int_equal(exif.orientation, 0);
    assert_int_equal(exif.make.size, 0);
    free(body);
}

static int64_t time_of(const char *text)
{
    size_t size = 0;
    uint8_t *body = exact_body(&(exif_plan){.taken_at = text}, &size);
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    free(body);
    return exif.taken_at_s;
}

static void later_dates_are_larger(void **state)
{
    (void)state;
    static const char *const dates[] = {
        "0001:01:01 00:00:00", "2025:12:31 23:59:59", "2026:01:01 00:00:00", "2026:02:28 23:59:59",
        "2026:03:01 00:00:00", "2026:03:31 12:59:59", "2026:04:01 00:00:00", "9999:12:31 23:59:60"};
    for (size_t i = 1; i < sizeof dates / sizeof dates[0]; i++) {
        assert_true(time_of(dates[i - 1]) < time_of(dates[i]));
    }
    assert_int_equal(time_of("2026:11:23 17:15:00") - time_of("2026:11:23 17:14:58"), 2);
}

static void dates_that_a_camera_does_not_know_are_none(void **state)
{
    (void)state;
    static const char *const dates[] = {
        "0000:00:00 00:00:00", "    :  :     :  :  ", "2026:00:01 00:00:00", "2026:01:00 00:00:00",
        "2026:13:01 00:00:00", "2026:01:32 00:00:00", "2026:01:01 24:00:00", "2026:01:01 00:60:00",
        "2026:01:01 00:00:61", "2026:01:01 00:00:0x", "2026:01:01 00:00",    "2026:01:01 00:00:000",
        "-026:01:01 00:00:00", "2026x11x23x17x15x00", "2026:11:23T17:15:00", ""};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        assert_int_equal(time_of(dates[i]), 0);
    }
}

/* The first entry is the make; its text lies elsewhere. */
enum { MAKE_ENTRY = EXIF_MAKER_TIFF + EXIF_MAKER_FIRST + 2, COUNT = 4, VALUE = 8 };

static size_t make_size(size_t at, uint32_t little_endian)
{
    size_t size = 0;
    uint8_t *body = exact_body(&(exif_plan){.make = "Samsung"}, &size);
    for (int i = 0; i < 4; i++) {
        body[MAKE_ENTRY + at + (size_t)i] = (uint8_t)(little_endian >> 8 * i);
    }
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    free(body);
    return exif.make.size;
}

static void text_that_is_longer_than_the_segment_is_none(void **state)
{
    (void)state;
    assert_int_equal(make_size(COUNT, 8), sizeof "Samsung" - 1);
    const uint32_t counts[] = {9, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        assert_int_equal(make_size(COUNT, counts[i]), 0);
    }
}

static void text_that_lies_outside_the_segment_is_none(void **state)
{
    (void)state;
    const uint32_t places[] = {0xFFF0, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        assert_int_equal(make_size(VALUE, places[i]), 0);
    }
}

static void text_of_another_type_is_none(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&WHOLE, &size);
    body[MAKE_ENTRY + 2] = 7; /* bytes of no type */
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    assert_int_equal(exif.make.size, 0);
    assert_text(exif.model, WHOLE.model);
    free(body);
}

/* Both lie where the first is: it is read once as either. */
static void directories_that_point_at_each_other_end(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&(exif_plan){.make = "Samsung"}, &size);
    size_t pointer = MAKE_ENTRY + 12 + VALUE;
    assert_int_equal(body[pointer], EXIF_MAKER_FIRST + 2 + 2 * 12 + 4);
    body[pointer] = EXIF_MAKER_FIRST;
    body[MAKE_ENTRY + 2 * 12] = EXIF_MAKER_FIRST; /* as the next directory */
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    assert_text(exif.make, "Samsung");
    assert_int_equal(exif.taken_at_s, 0);
    free(body);
}

/* "II" and 42, read as a directory at 0, would be 18,761 entries. */
static void without_a_camera_directory_the_header_is_not_taken_for_one(void **state)
{
    (void)state;
    static const char date[] = "2026:11:23 17:15:00";
    enum { ENTRY_AT = 2 + 12 /* the second from 0 */, DATE_AT = ENTRY_AT + 12 };
    const uint8_t entry[] = {0x03, 0x90, 2, 0, sizeof date, 0, 0, 0, DATE_AT, 0, 0, 0};
    uint8_t body[EXIF_MAKER_TIFF + DATE_AT + sizeof date] = {
        'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, /* ... and the first directory is behind all */
        0,   0,   1,   0};
    memcpy(body + EXIF_MAKER_TIFF + ENTRY_AT, entry, sizeof entry);
    memcpy(body + EXIF_MAKER_TIFF + DATE_AT, date, sizeof date);
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, sizeof body}, &exif));
    assert_int_equal(exif.taken_at_s, 0);
}

static void directory_of_more_entries_than_fit_ends_with_the_segment(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&WHOLE, &size);
    body[EXIF_MAKER_TIFF + EXIF_MAKER_FIRST] = 0xFF;
    body[EXIF_MAKER_TIFF + EXIF_MAKER_FIRST + 1] = 0xFF;
    imi_exif exif;
    assert_true(imi_exif_read((imi_view){body, size}, &exif));
    assert_text(exif.make, "LG");
    free(body);
}

static bool lies_within(imi_view text, const uint8_t *body, size_t size)
{
    return text.size == 0 || (text.data >= body && text.data + text.size <= body + size);
}

/* Whatever the bytes say, what is told lies within them. */
static void assert_bounded(const uint8_t *body, size_t size)
{
    imi_exif exif;
    if (!imi_exif_read((imi_view){body, size}, &exif)) {
        return;
    }
    assert_in_range(exif.orientation, 1, 8);
    assert_true(lies_within(exif.make, body, size));
    assert_true(lies_within(exif.model, body, size));
}

static void damaged_exif_is_never_read_beyond(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 8, 0x7F, 0x80, 0xFF};
    size_t size = 0;
    uint8_t *body = exact_body(&WHOLE, &size);
    for (size_t at = 0; at < size; at++) {
        uint8_t before = body[at];
        for (size_t v = 0; v < sizeof values; v++) {
            body[at] = values[v];
            assert_bounded(body, size);
        }
        body[at] = before;
    }
    free(body);
}

static void exif_that_ends_anywhere_is_never_read_beyond(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *body = exact_body(&WHOLE, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *block = malloc(cut + 1) /* never of no size */;
        assert_non_null(block);
        memcpy(block + 1, body, cut);
        assert_bounded(block + 1, cut);
        free(block);
    }
    free(body);
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
        cmocka_unit_test(camera_and_date_are_read_in_both_byte_orders),
        cmocka_unit_test(what_is_not_there_is_empty),
        cmocka_unit_test(what_is_not_exif_says_nothing),
        cmocka_unit_test(later_dates_are_larger),
        cmocka_unit_test(dates_that_a_camera_does_not_know_are_none),
        cmocka_unit_test(text_that_is_longer_than_the_segment_is_none),
        cmocka_unit_test(text_that_lies_outside_the_segment_is_none),
        cmocka_unit_test(text_of_another_type_is_none),
        cmocka_unit_test(directories_that_point_at_each_other_end),
        cmocka_unit_test(without_a_camera_directory_the_header_is_not_taken_for_one),
        cmocka_unit_test(directory_of_more_entries_than_fit_ends_with_the_segment),
        cmocka_unit_test(damaged_exif_is_never_read_beyond),
        cmocka_unit_test(exif_that_ends_anywhere_is_never_read_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
