#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "motion.h"
#include "scene.h"

enum { FRAME_MS = 83 };

static imi_signature signature_of(const scene *what)
{
    IMI_AUTO(imi_image) image = scene_draw(what);
    imi_signature signature;
    assert_true(imi_signature_measure(image, &signature));
    return signature;
}

static void feed(imi_motion_watch *watch, const scene *what, int64_t at_ms)
{
    imi_signature signature = signature_of(what);
    imi_motion_watch_feed(watch, &signature, at_ms);
}

static void play(imi_motion_watch *watch, const scene *what, int frames)
{
    for (int i = 0; i < frames; i++) {
        scene now = *what;
        int64_t at_ms = watch->last_ms + FRAME_MS;
        now.at_ms = at_ms;
        now.noise_seed = (uint64_t)at_ms;
        feed(watch, &now, at_ms);
    }
}

static void somebody_who_moves_is_neither_frozen_nor_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.noise = 2}, 40);
    assert_true(watch.frozen.longest_ms < LIMIT_FROZEN_MS);
    assert_true(watch.still.longest_ms < LIMIT_STILL_FREE_MS);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
    assert_false(watch.jumped);
}

static void a_picture_that_stays_is_frozen(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    for (int i = 0; i < 40; i++) {
        feed(&watch, &(scene){.noise = 0.3F, .noise_seed = (uint64_t)i}, i * FRAME_MS);
    }
    assert_true(watch.frozen.longest_ms >= LIMIT_FROZEN_MS);
}

static void a_still_with_fresh_noise_is_still_but_not_frozen(void **state)
{
    (void)state;
    static const float levels[] = {1.5F, 3, 12};
    for (size_t k = 0; k < sizeof levels / sizeof levels[0]; k++) {
        imi_motion_watch watch = {0};
        for (int i = 0; i < 40; i++) {
            feed(&watch, &(scene){.noise = levels[k], .noise_seed = (uint64_t)i}, i * FRAME_MS);
        }
        assert_true(watch.still.longest_ms >= LIMIT_STILL_FREE_MS + LIMIT_STILL_RANGE_MS);
        assert_true(watch.frozen.longest_ms < LIMIT_FROZEN_MS);
    }
}

static void a_still_with_the_same_noise_is_frozen(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    for (int i = 0; i < 40; i++) {
        feed(&watch, &(scene){.noise = 3, .noise_seed = 1}, i * FRAME_MS);
    }
    assert_true(watch.frozen.longest_ms >= LIMIT_FROZEN_MS);
}

static void another_room_at_once_is_a_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.room = 1}, 10);
    play(&watch, &(scene){.room = 5}, 1);
    assert_true(watch.jumped);
    play(&watch, &(scene){.room = 5}, 1);
    assert_false(watch.jumped);
    assert_int_equal(imi_motion_watch_cuts(&watch), 1);
    play(&watch, &(scene){.room = 5}, 10);
    assert_int_equal(imi_motion_watch_cuts(&watch), 1);
}

static void another_room_after_a_gap_is_a_jump_but_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.room = 1}, 10);
    feed(&watch, &(scene){.room = 5}, watch.last_ms + LIMIT_CUT_WITHIN_MS + 1);
    assert_true(watch.jumped);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
}

/* Who is done takes the phone away, and the first picture of that may be the last one. */
static void what_the_last_frame_alone_shows_is_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.room = 1}, 10);
    play(&watch, &(scene){.room = 5}, 1);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
}

static void every_other_room_is_a_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.room = 1}, 6);
    play(&watch, &(scene){.room = 5}, 6);
    play(&watch, &(scene){.room = 1}, 6);
    assert_int_equal(imi_motion_watch_cuts(&watch), 2);
}

static void a_gap_behind_another_room_hides_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    play(&watch, &(scene){.room = 1}, 10);
    play(&watch, &(scene){.room = 5}, 1);
    feed(&watch, &(scene){.room = 9}, watch.last_ms + LIMIT_CUT_WITHIN_MS + 1);
    assert_int_equal(imi_motion_watch_cuts(&watch), 1);
}

static void shift(imi_signature *picture, int cells)
{
    for (int i = IMI_THUMB_CELLS - 1; i >= cells; i--) {
        picture->thumb.cell[i] = picture->thumb.cell[i - cells];
    }
}

/* A phone that is swung by so many cells from frame to frame, at rest before and behind. */
static void swing(imi_motion_watch *watch, const int *cells, int frames)
{
    enum { REST = 6 };
    imi_signature picture = signature_of(&(scene){.room = 5});
    for (int i = 0; i < frames + 2 * REST; i++) {
        bool moves = i >= REST && i < REST + frames;
        shift(&picture, moves ? cells[i - REST] : 0);
        imi_motion_watch_feed(watch, &picture, i * FRAME_MS);
    }
}

static void a_phone_that_is_swung_makes_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    swing(&watch, (const int[]){1, 1, 1, 1, 1, 1}, 6);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
}

static void a_phone_that_is_swung_fast_makes_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    swing(&watch, (const int[]){4, 9, 10, 8, 4}, 5);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
}

/* Frames that are late leave only the near side of a movement to be seen. */
static void a_pause_within_a_movement_makes_no_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    imi_signature picture = signature_of(&(scene){.room = 5});
    int64_t at_ms = 0;
    static const int cells[] = {0, 0, 0, 2, 10};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        shift(&picture, cells[i]);
        imi_motion_watch_feed(&watch, &picture, at_ms += FRAME_MS);
    }
    assert_true(watch.spike.change >= LIMIT_CUT_BUSIER * watch.spike.before);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
    shift(&picture, 10);
    imi_motion_watch_feed(&watch, &picture, at_ms + LIMIT_CUT_WITHIN_MS + 1);
    assert_int_equal(imi_motion_watch_cuts(&watch), 0);
}

static void a_picture_that_is_elsewhere_at_once_is_a_cut(void **state)
{
    (void)state;
    imi_motion_watch watch = {0};
    swing(&watch, (const int[]){10}, 1);
    assert_int_equal(imi_motion_watch_cuts(&watch), 1);
}

static uint32_t jumps(const imi_face_box *from, const imi_face_box *to, int64_t after_ms)
{
    imi_motion_watch watch = {0};
    imi_motion_watch_face(&watch, from, 1000);
    imi_motion_watch_face(&watch, to, 1000 + after_ms);
    return watch.face_jumps;
}

static const imi_face_box face = {.left = 100, .top = 60, .width = 80, .height = 100};

static void a_face_that_moves_as_people_do_does_not_jump(void **state)
{
    (void)state;
    imi_face_box moved = face;
    moved.left += 40;
    moved.width *= 1.2F;
    assert_int_equal(jumps(&face, &moved, FRAME_MS), 0);
}

static void a_face_that_is_elsewhere_or_larger_at_once_jumps(void **state)
{
    (void)state;
    imi_face_box elsewhere = face;
    elsewhere.left += 120;
    assert_int_equal(jumps(&face, &elsewhere, FRAME_MS), 1);
    imi_face_box larger = face;
    larger.width *= 2;
    assert_int_equal(jumps(&face, &larger, FRAME_MS), 1);
}

static void a_face_that_was_away_may_be_anywhere(void **state)
{
    (void)state;
    imi_face_box elsewhere = face;
    elsewhere.left += 200;
    assert_int_equal(jumps(&face, &elsewhere, LIMIT_CUT_WITHIN_MS + 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(somebody_who_moves_is_neither_frozen_nor_cut),
        cmocka_unit_test(a_picture_that_stays_is_frozen),
        cmocka_unit_test(a_still_with_fresh_noise_is_still_but_not_frozen),
        cmocka_unit_test(a_still_with_the_same_noise_is_frozen),
        cmocka_unit_test(another_room_at_once_is_a_cut),
        cmocka_unit_test(what_the_last_frame_alone_shows_is_no_cut),
        cmocka_unit_test(every_other_room_is_a_cut),
        cmocka_unit_test(a_gap_behind_another_room_hides_no_cut),
        cmocka_unit_test(another_room_after_a_gap_is_a_jump_but_no_cut),
        cmocka_unit_test(a_phone_that_is_swung_makes_no_cut),
        cmocka_unit_test(a_phone_that_is_swung_fast_makes_no_cut),
        cmocka_unit_test(a_pause_within_a_movement_makes_no_cut),
        cmocka_unit_test(a_picture_that_is_elsewhere_at_once_is_a_cut),
        cmocka_unit_test(a_face_that_moves_as_people_do_does_not_jump),
        cmocka_unit_test(a_face_that_is_elsewhere_or_larger_at_once_jumps),
        cmocka_unit_test(a_face_that_was_away_may_be_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
