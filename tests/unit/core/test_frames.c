/*
 * Frame quality and choice: measures that are known by hand, and which frames are sent.
 */
#include "imi_core/frame_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 61, HEIGHT = 40, STRIDE = 64 };

static uint8_t first[STRIDE * HEIGHT], second[STRIDE * HEIGHT];

static imi_core_luma luma(const uint8_t *pixels)
{
    return (imi_core_luma){pixels, WIDTH, HEIGHT, STRIDE};
}

static imi_core_quality measure(const uint8_t *pixels, const uint8_t *before)
{
    imi_core_luma now = luma(pixels), then = luma(before);
    imi_core_quality quality;
    assert_true(imi_core_quality_measure(&now, before == NULL ? NULL : &then, &quality));
    return quality;
}

static void flat_frame_has_no_sharpness(void **state)
{
    (void)state;
    memset(first, 100, sizeof first);
    imi_core_quality got = measure(first, NULL);
    assert_int_equal(got.sharpness_milli, 0);
    assert_int_equal(got.mean_milli, 100000);
    assert_int_equal(got.dark_permille, 0);
    assert_int_equal(got.bright_permille, 0);
    assert_int_equal(got.motion_milli, 0);
}

static void chess_board_is_as_sharp_as_can_be(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof first; i++) {
        first[i] = (i % STRIDE + i / STRIDE) % 2 == 0 ? 0 : 255;
    }
    imi_core_quality got = measure(first, NULL);
    assert_int_equal(got.sharpness_milli, 1020000);
    assert_in_range(got.dark_permille, 499, 501);
    assert_in_range(got.bright_permille, 499, 501);
}

static void padding_behind_rows_does_not_count(void **state)
{
    (void)state;
    memset(first, 100, sizeof first);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        memset(first + y * STRIDE + WIDTH, 255, STRIDE - WIDTH);
    }
    assert_int_equal(measure(first, NULL).mean_milli, 100000);
    assert_int_equal(measure(first, NULL).sharpness_milli, 0);
}

static void motion_is_the_mean_difference(void **state)
{
    (void)state;
    memset(first, 100, sizeof first);
    memset(second, 93, sizeof second);
    assert_int_equal(measure(first, second).motion_milli, 7000);
    assert_int_equal(measure(second, first).motion_milli, 7000);
}

static void darkness_and_brightness_begin_at_their_limits(void **state)
{
    (void)state;
    memset(first, IMI_CORE_LUMA_DARK, sizeof first);
    assert_int_equal(measure(first, NULL).dark_permille, 1000);
    memset(first, IMI_CORE_LUMA_DARK + 1, sizeof first);
    assert_int_equal(measure(first, NULL).dark_permille, 0);
    memset(first, IMI_CORE_LUMA_BRIGHT, sizeof first);
    assert_int_equal(measure(first, NULL).bright_permille, 1000);
    memset(first, IMI_CORE_LUMA_BRIGHT - 1, sizeof first);
    assert_int_equal(measure(first, NULL).bright_permille, 0);
}

static void largest_frame_does_not_overflow(void **state)
{
    (void)state;
    uint32_t side = IMI_CORE_LUMA_SIDE_MAX;
    uint8_t *pixels = malloc((size_t)side * side);
    memset(pixels, 255, (size_t)side * side);
    imi_core_luma frame = {pixels, side, side, side};
    imi_core_quality got;
    assert_true(imi_core_quality_measure(&frame, NULL, &got));
    assert_int_equal(got.mean_milli, 255000);
    assert_int_equal(got.bright_permille, 1000);
    free(pixels);
}

static void frames_of_wrong_shape_are_refused(void **state)
{
    (void)state;
    static const imi_core_luma bad[] = {
        {NULL, WIDTH, HEIGHT, STRIDE},
        {first, IMI_CORE_LUMA_SIDE_MIN - 1, HEIGHT, STRIDE},
        {first, WIDTH, IMI_CORE_LUMA_SIDE_MIN - 1, STRIDE},
        {first, IMI_CORE_LUMA_SIDE_MAX + 1, HEIGHT, IMI_CORE_LUMA_SIDE_MAX + 1},
        {first, WIDTH, HEIGHT, WIDTH - 1},
    };
    imi_core_luma good = luma(first), other = luma(second);
    imi_core_quality got = {.mean_milli = 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(imi_core_quality_measure(&bad[i], NULL, &got));
        assert_false(imi_core_quality_measure(&good, &bad[i], &got));
        assert_int_equal(got.mean_milli, 0);
    }
    other.width--;
    assert_false(imi_core_quality_measure(&good, &other, &got));
}

static void advice_names_what_no_server_can_use(void **state)
{
    (void)state;
    imi_core_quality good = {.sharpness_milli = 5000, .mean_milli = 110000};
    imi_core_quality bad = good;
    assert_int_equal(imi_core_quality_advice(&good), IMI_CORE_PHRASE_NONE);
    bad.mean_milli = 20000;
    assert_int_equal(imi_core_quality_advice(&bad), IMI_CORE_PHRASE_MORE_LIGHT);
    bad.mean_milli = 240000;
    assert_int_equal(imi_core_quality_advice(&bad), IMI_CORE_PHRASE_LESS_LIGHT);
    bad = good;
    bad.dark_permille = 900;
    assert_int_equal(imi_core_quality_advice(&bad), IMI_CORE_PHRASE_MORE_LIGHT);
    bad = good;
    bad.bright_permille = 900;
    assert_int_equal(imi_core_quality_advice(&bad), IMI_CORE_PHRASE_LESS_LIGHT);
    bad = good;
    bad.motion_milli = 60000;
    assert_int_equal(imi_core_quality_advice(&bad), IMI_CORE_PHRASE_HOLD_STILL);
}

static uint64_t storage[8];

static imi_core_chooser *new_chooser(void)
{
    imi_core_chooser *chooser = imi_core_chooser_init(storage, sizeof storage);
    assert_non_null(chooser);
    return chooser;
}

static bool take(imi_core_chooser *chooser, uint32_t sharpness, int64_t now_ms)
{
    imi_core_quality quality = {.sharpness_milli = sharpness};
    return imi_core_chooser_take(chooser, &quality, 200, now_ms);
}

static void no_more_frames_are_taken_than_the_period_allows(void **state)
{
    (void)state;
    imi_core_chooser *chooser = new_chooser();
    uint32_t taken = 0;
    for (int64_t now_ms = 0; now_ms < 10000; now_ms += 33) {
        taken += take(chooser, 4000, now_ms);
    }
    assert_in_range(taken, 40, 50);
}

static void blurred_frame_waits_for_a_sharper_one(void **state)
{
    (void)state;
    imi_core_chooser *chooser = new_chooser();
    assert_true(take(chooser, 4000, 0));
    assert_false(take(chooser, 2000, 200));
    assert_true(take(chooser, 4000, 233));
}

static void even_a_blurred_frame_is_taken_in_the_end(void **state)
{
    (void)state;
    imi_core_chooser *chooser = new_chooser();
    assert_true(take(chooser, 4000, 0));
    assert_false(take(chooser, 100, 399));
    assert_true(take(chooser, 100, 400));
}

static void chooser_needs_its_storage(void **state)
{
    (void)state;
    assert_null(imi_core_chooser_init(storage, imi_core_chooser_size() - 1));
    assert_null(imi_core_chooser_init(NULL, sizeof storage));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_frame_has_no_sharpness),
        cmocka_unit_test(chess_board_is_as_sharp_as_can_be),
        cmocka_unit_test(padding_behind_rows_does_not_count),
        cmocka_unit_test(motion_is_the_mean_difference),
        cmocka_unit_test(darkness_and_brightness_begin_at_their_limits),
        cmocka_unit_test(largest_frame_does_not_overflow),
        cmocka_unit_test(frames_of_wrong_shape_are_refused),
        cmocka_unit_test(advice_names_what_no_server_can_use),
        cmocka_unit_test(no_more_frames_are_taken_than_the_period_allows),
        cmocka_unit_test(blurred_frame_waits_for_a_sharper_one),
        cmocka_unit_test(even_a_blurred_frame_is_taken_in_the_end),
        cmocka_unit_test(chooser_needs_its_storage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
