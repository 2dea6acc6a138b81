#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "history.h"

#include "imi/memory.h"

#include <math.h>

enum { FRAME_MS = 83, LIVE_FRAMES = 120 };

/* Moving light: every cell has periods of its own, so that nothing repeats. Noise by number. */
static imi_thumb thumb_at(double t, unsigned noise)
{
    imi_thumb thumb;
    uint32_t random = noise * 2654435761U + 1;
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        double light = 120 * sin(t * (0.7 + 0.013 * i) + i) + 80 * cos(t * 1.618 + 0.1 * i);
        random = random * 1664525U + 1013904223U;
        thumb.cell[i] = (int16_t)lrint(light + (noise > 0 ? (int)(random >> 29) - 4 : 0));
    }
    return thumb;
}

typedef struct feeder {
    imi_history history;
    int64_t now_ms;
    unsigned count;
} feeder;

static void feed(feeder *f, double t)
{
    imi_thumb thumb = thumb_at(t, ++f->count);
    imi_history_feed(&f->history, &thumb, f->now_ms += FRAME_MS);
}

static void live(feeder *f)
{
    for (int i = 0; i < LIVE_FRAMES; i++) {
        feed(f, i * 0.083);
    }
}

static uint32_t longest(const feeder *f)
{
    uint32_t forward = f->history.longest_forward;
    uint32_t backward = f->history.longest_backward;
    return forward > backward ? forward : backward;
}

static void motion_that_never_repeats_is_no_replay(void **state)
{
    feeder *f = *state;
    live(f);
    assert_true(longest(f) < LIMIT_ECHO_FRAMES / 2);
}

static void standing_still_is_no_replay(void **state)
{
    feeder *f = *state;
    for (int i = 0; i < 200; i++) {
        feed(f, 1);
    }
    assert_true(longest(f) < LIMIT_ECHO_FRAMES / 2);
}

static void a_stretch_shown_again_is_a_loop(void **state)
{
    feeder *f = *state;
    live(f);
    for (int i = 30; i < 30 + LIMIT_ECHO_FRAMES + 2; i++) {
        feed(f, i * 0.083);
    }
    assert_true(f->history.longest_forward >= LIMIT_ECHO_FRAMES);
}

static void a_stretch_shown_backwards_is_reversed(void **state)
{
    feeder *f = *state;
    live(f);
    for (int i = LIVE_FRAMES; i-- > LIVE_FRAMES - 40;) {
        feed(f, i * 0.083);
    }
    assert_true(f->history.longest_backward >= LIMIT_ECHO_FRAMES);
    assert_true(f->history.longest_forward < LIMIT_ECHO_FRAMES);
}

static void a_loop_at_another_rate_is_a_loop(void **state)
{
    feeder *f = *state;
    live(f);
    for (int i = 20; i < 60; i += 2) {
        feed(f, i * 0.083 + 0.02);
    }
    assert_true(f->history.longest_forward >= LIMIT_ECHO_FRAMES);
}

static void one_picture_in_between_does_not_hide_a_loop(void **state)
{
    feeder *f = *state;
    live(f);
    for (int i = 30; i < 30 + 2 * LIMIT_ECHO_FRAMES; i++) {
        feed(f, i % 5 == 4 ? 50 + i : i * 0.083);
    }
    assert_true(f->history.longest_forward >= LIMIT_ECHO_FRAMES);
}

/* Motion, a moment of rest, motion. */
static double resting(int i)
{
    return (i < 40 ? i : i < 46 ? 40 : i - 6) * 0.083;
}

static void a_loop_is_followed_through_a_moment_of_rest(void **state)
{
    feeder *f = *state;
    for (int i = 0; i < LIVE_FRAMES; i++) {
        feed(f, resting(i));
    }
    for (int i = 34; i < 34 + 6 + 6 + LIMIT_ECHO_FRAMES - 4; i++) {
        feed(f, resting(i));
    }
    assert_true(f->history.longest_forward >= LIMIT_ECHO_FRAMES);
}

static void less_than_a_stretch_is_no_loop(void **state)
{
    feeder *f = *state;
    live(f);
    for (int i = 30; i < 30 + LIMIT_ECHO_FRAMES / 2; i++) {
        feed(f, i * 0.083);
    }
    for (int i = LIVE_FRAMES; i < 2 * LIVE_FRAMES; i++) {
        feed(f, i * 0.083);
    }
    assert_true(longest(f) < LIMIT_ECHO_FRAMES);
}

static void pictures_that_come_too_fast_are_not_all_kept(void **state)
{
    feeder *f = *state;
    imi_thumb thumb = thumb_at(0, 1);
    for (int64_t at_ms = 0; at_ms < 600; at_ms += 10) {
        imi_history_feed(&f->history, &thumb, at_ms);
    }
    assert_int_equal(f->history.count, 600 / LIMIT_KEPT_EVERY_MS);
}

static void the_oldest_pictures_are_forgotten(void **state)
{
    feeder *f = *state;
    for (int i = 0; i < LIMIT_KEPT_FRAMES + 100; i++) {
        feed(f, i * 0.083);
    }
    for (int i = 0; i < 50; i++) {
        feed(f, i * 0.083);
    }
    assert_true(longest(f) < LIMIT_ECHO_FRAMES);
    for (int i = LIMIT_KEPT_FRAMES; i < LIMIT_KEPT_FRAMES + 20; i++) {
        feed(f, i * 0.083);
    }
    assert_true(f->history.longest_forward >= LIMIT_ECHO_FRAMES);
}

static int make_feeder(void **state)
{
    *state = imi_alloc(sizeof(feeder));
    return *state == NULL;
}

static int free_feeder(void **state)
{
    imi_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_feeder, free_feeder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(motion_that_never_repeats_is_no_replay),
        TEST(standing_still_is_no_replay),
        TEST(a_stretch_shown_again_is_a_loop),
        TEST(a_stretch_shown_backwards_is_reversed),
        TEST(a_loop_at_another_rate_is_a_loop),
        TEST(one_picture_in_between_does_not_hide_a_loop),
        TEST(a_loop_is_followed_through_a_moment_of_rest),
        TEST(less_than_a_stretch_is_no_loop),
        TEST(pictures_that_come_too_fast_are_not_all_kept),
        TEST(the_oldest_pictures_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
