#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "noise.h"
#include "scene.h"

#include <math.h>

enum { FRAMES = 40, FRAME_MS = 83 };

/* moves: 0 for a scene that stands; constant: the same noise over every frame. */
static void play(imi_noise_watch *watch, int moves, bool constant, float noise)
{
    for (int i = 0; i < FRAMES; i++) {
        scene now = {.at_ms = (int64_t)i * FRAME_MS * moves,
                     .noise = noise,
                     .noise_seed = constant ? 7 : (uint64_t)i};
        IMI_AUTO(imi_image) image = scene_draw(&now);
        imi_signature signature;
        assert_true(imi_signature_measure(image, &signature));
        imi_noise_watch_feed(watch, &signature);
    }
}

static void noise_that_is_new_in_every_frame_is_not_constant(void **state)
{
    imi_noise_watch *watch = *state;
    play(watch, 1, false, 2);
    float constant = imi_noise_watch_constant(watch);
    assert_true(constant < LIMIT_GRAIN_FREE);
    assert_true(imi_noise_watch_fresh(watch) > 0.9F);
}

static void noise_that_stays_over_a_moving_picture_is_constant(void **state)
{
    imi_noise_watch *watch = *state;
    play(watch, 1, true, 2);
    assert_true(imi_noise_watch_constant(watch) >= LIMIT_GRAIN_CONSTANT);
    assert_true(imi_noise_watch_fresh(watch) < 0.1F);
}

static void where_nothing_moves_constant_detail_proves_nothing(void **state)
{
    imi_noise_watch *watch = *state;
    play(watch, 0, true, 2);
    assert_true(isnan(imi_noise_watch_constant(watch)));
}

static void a_picture_without_noise_is_not_constant(void **state)
{
    imi_noise_watch *watch = *state;
    play(watch, 1, false, 0);
    float constant = imi_noise_watch_constant(watch);
    assert_true(isnan(constant) || constant < LIMIT_GRAIN_CONSTANT);
}

static void before_enough_is_seen_nothing_is_said(void **state)
{
    const imi_noise_watch *watch = *state;
    assert_true(isnan(imi_noise_watch_constant(watch)));
    assert_true(isnan(imi_noise_watch_fresh(watch)));
}

static int make_watch(void **state)
{
    *state = imi_alloc(sizeof(imi_noise_watch));
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
        TEST(noise_that_is_new_in_every_frame_is_not_constant),
        TEST(noise_that_stays_over_a_moving_picture_is_constant),
        TEST(where_nothing_moves_constant_detail_proves_nothing),
        TEST(a_picture_without_noise_is_not_constant),
        TEST(before_enough_is_seen_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
