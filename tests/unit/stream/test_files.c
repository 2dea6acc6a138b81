#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exif_maker.h"
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

/* ---- what EXIF says ---- */

static void feed_exif(imi_file_watch *watch, const exif_plan *plan)
{
    uint8_t plain[FILE_BYTES];
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    imi_view view = make_file(plain, sizeof plain, WIDE, HIGH, watch->count);
    assert_int_equal(imi_buffer_append(&file, view, NULL), IMI_OK);
    exif_maker_add(plan, &file);
    imi_file_watch_feed(watch, imi_buffer_view(&file), watch->count * 80);
}

/* Whether files with these dates are found to be of two sources. */
static bool dates_contradict(imi_file_watch *watch, const char *const *dates, size_t count)
{
    *watch = (imi_file_watch){.count = 0};
    for (size_t i = 0; i < count; i++) {
        feed_exif(watch, &(exif_plan){.make = "Maker", .taken_at = dates[i]});
    }
    return watch->reshaped;
}

static void another_camera_is_another_source(void **state)
{
    imi_file_watch *watch = *state;
    const exif_plan first = {.make = "Maker", .model = "Model 1"};
    const exif_plan second = {.make = "Maker", .model = "Model 2"};
    feed_exif(watch, &first);
    feed_exif(watch, &first);
    assert_false(watch->reshaped);
    feed_exif(watch, &second);
    assert_true(watch->reshaped);
}

static void file_that_names_a_camera_among_those_that_name_none_is_of_another_source(void **state)
{
    imi_file_watch *watch = *state;
    feed_exif(watch, &(exif_plan){.orientation = 1});
    feed_exif(watch, &(exif_plan){.orientation = 1});
    assert_false(watch->reshaped);
    feed_exif(watch, &(exif_plan){.orientation = 1, .make = "Maker"});
    assert_true(watch->reshaped);
}

static void dates_in_whole_seconds_may_stand_still_and_change_places(void **state)
{
    static const char *const dates[] = {"2026:11:23 17:14:58", "2026:11:23 17:14:58",
                                        "2026:11:23 17:14:59", "2026:11:23 17:14:58",
                                        "2026:11:23 17:15:00", "2026:11:23 17:14:59"};
    assert_false(dates_contradict(*state, dates, 6));
}

static void camera_that_was_never_told_the_time_is_fine(void **state)
{
    imi_file_watch *watch = *state;
    for (int i = 0; i < 1500; i++) { /* two minutes */
        feed_exif(watch, &(exif_plan){.taken_at = "2000:01:01 00:00:00"});
    }
    assert_false(watch->reshaped);
}

static void file_without_a_date_says_nothing(void **state)
{
    static const char *const dates[] = {"2026:11:23 17:15:00", "0000:00:00 00:00:00",
                                        "2026:11:23 17:15:01", "0000:00:00 00:00:00",
                                        "2026:11:23 17:15:02"};
    assert_false(dates_contradict(*state, dates, 5));
}

static void calendar_may_be_set_back_once(void **state)
{
    static const char *const dates[] = {"2026:10:25 02:59:59", "2026:10:25 02:00:00",
                                        "2026:10:25 02:00:02", "2026:10:25 02:00:01"};
    assert_false(dates_contradict(*state, dates, 4));
}

static void calendar_that_is_set_back_may_leave_a_late_picture_of_the_old(void **state)
{
    static const char *const dates[] = {"2026:10:25 02:59:59", "2026:10:25 02:00:00",
                                        "2026:10:25 02:59:59", "2026:10:25 02:00:01",
                                        "2026:10:25 02:00:02"};
    assert_false(dates_contradict(*state, dates, 5));
}

static void dates_that_jump_back_again_and_again_are_of_several_recordings(void **state)
{
    static const char *const dates[] = {"2026:11:23 17:15:00", "2026:11:23 17:12:00",
                                        "2026:11:23 17:18:00", "2026:11:23 17:17:58",
                                        "2026:11:23 17:20:00", "2026:11:23 17:19:58"};
    assert_false(dates_contradict(*state, dates, 5));
    assert_true(dates_contradict(*state, dates, 6));
}

static void calendar_that_runs_backwards_is_a_recording_s(void **state)
{
    static const char *const dates[] = {
        "2026:11:23 17:15:06", "2026:11:23 17:15:05", "2026:11:23 17:15:04", "2026:11:23 17:15:03",
        "2026:11:23 17:15:02", "2026:11:23 17:15:01", "2026:11:23 17:15:00"};
    assert_true(dates_contradict(*state, dates, 7));
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
        TEST(another_camera_is_another_source),
        TEST(file_that_names_a_camera_among_those_that_name_none_is_of_another_source),
        TEST(dates_in_whole_seconds_may_stand_still_and_change_places),
        TEST(camera_that_was_never_told_the_time_is_fine),
        TEST(file_without_a_date_says_nothing),
        TEST(calendar_may_be_set_back_once),
        TEST(calendar_that_is_set_back_may_leave_a_late_picture_of_the_old),
        TEST(dates_that_jump_back_again_and_again_are_of_several_recordings),
        TEST(calendar_that_runs_backwards_is_a_recording_s),
        TEST(what_is_no_jpeg_is_of_no_encoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
