#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"

enum { FILE_BYTES = 4000, WIDE = 320, HIGH = 240 };

/* A file of so many bytes with a header that says so many pixels; number tells files apart. */
static imi_view make_file(uint8_t *file, size_t size, uint32_t width, uint32_t height,
                          uint32_t number)
{
    static const uint8_t header[] = {0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 0, 0, 0,  1, 1,
                                     0x11, 0,    0xFF, 0xDA, 0, 8,  1, 1, 0, 0, 63, 0};
    imi_wipe(file, size);
    imi_copy(file, header, sizeof header);
    file[7] = (uint8_t)(height >> 8);
    file[8] = (uint8_t)height;
    file[9] = (uint8_t)(width >> 8);
    file[10] = (uint8_t)width;
    imi_copy(file + size - sizeof number, &number, sizeof number);
    return (imi_view){file, size};
}

static bool feed(imi_file_watch *watch, uint32_t number, int64_t at_ms)
{
    uint8_t file[FILE_BYTES];
    return imi_file_watch_feed(watch, make_file(file, sizeof file, WIDE, HIGH, number), at_ms);
}

static void different_files_of_one_encoder_are_fine(void **state)
{
    imi_file_watch *watch = *state;
    for (uint32_t i = 0; i < 3000; i++) {
        assert_true(feed(watch, i, i * 80));
    }
    assert_false(watch->repeated || watch->stalled || watch->reshaped);
}

static void a_slow_camera_may_show_its_last_picture_again(void **state)
{
    imi_file_watch *watch = *state;
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(feed(watch, i / 2, i * 80), i % 2 == 0);
    }
    assert_false(watch->repeated || watch->stalled);
}

static void a_browser_may_show_the_last_but_one_again(void **state)
{
    imi_file_watch *watch = *state;
    assert_true(feed(watch, 1, 0));
    assert_true(feed(watch, 2, 80));
    assert_false(feed(watch, 1, 160));
    assert_false(watch->repeated);
}

static void a_file_from_further_back_is_a_repetition(void **state)
{
    imi_file_watch *watch = *state;
    for (uint32_t i = 0; i < 5; i++) {
        feed(watch, i, i * 80);
    }
    assert_false(watch->repeated);
    feed(watch, 0, 400);
    assert_true(watch->repeated);
}

static void pictures_of_nothing_may_be_equal(void **state)
{
    imi_file_watch *watch = *state;
    enum { PLAIN_BYTES = WIDE * HIGH / LIMIT_PLAIN_PIXELS - 1 };
    uint8_t file[PLAIN_BYTES];
    for (uint32_t i = 0; i < 20; i++) {
        imi_file_watch_feed(watch, make_file(file, sizeof file, WIDE, HIGH, i % 7), i * 80);
    }
    assert_false(watch->repeated);
}

static void a_camera_that_hangs_too_long_has_stalled(void **state)
{
    imi_file_watch *watch = *state;
    int64_t at_ms = 0;
    feed(watch, 1, at_ms);
    while (at_ms < LIMIT_STALL_MS) {
        assert_false(watch->stalled);
        feed(watch, 1, at_ms += 80);
    }
    feed(watch, 1, at_ms + 80);
    assert_true(watch->stalled);
}

static void another_size_is_another_encoder(void **state)
{
    imi_file_watch *watch = *state;
    uint8_t file[FILE_BYTES];
    imi_file_watch_feed(watch, make_file(file, sizeof file, WIDE, HIGH, 1), 0);
    imi_file_watch_feed(watch, make_file(file, sizeof file, WIDE, HIGH + 8, 2), 80);
    assert_true(watch->reshaped);
}

static void a_phone_may_be_turned_in_the_hand(void **state)
{
    imi_file_watch *watch = *state;
    uint8_t file[FILE_BYTES];
    imi_file_watch_feed(watch, make_file(file, sizeof file, WIDE, HIGH, 1), 0);
    imi_file_watch_feed(watch, make_file(file, sizeof file, HIGH, WIDE, 2), 80);
    assert_false(watch->reshaped);
}

static void what_is_no_jpeg_is_of_no_encoder(void **state)
{
    imi_file_watch *watch = *state;
    static const uint8_t junk[] = "no picture";
    imi_file_watch_feed(watch, (imi_view){junk, sizeof junk}, 0);
    assert_true(watch->reshaped);
}

static int make_watch(void **state)
{
    *state = imi_alloc(sizeof(imi_file_watch));
    return *state == NULL;
}

static int free_watch(void **state)
{
    imi_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_watch, free_watch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(different_files_of_one_encoder_are_fine),
        TEST(a_slow_camera_may_show_its_last_picture_again),
        TEST(a_browser_may_show_the_last_but_one_again),
        TEST(a_file_from_further_back_is_a_repetition),
        TEST(pictures_of_nothing_may_be_equal),
        TEST(a_camera_that_hangs_too_long_has_stalled),
        TEST(another_size_is_another_encoder),
        TEST(a_phone_may_be_turned_in_the_hand),
        TEST(what_is_no_jpeg_is_of_no_encoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
