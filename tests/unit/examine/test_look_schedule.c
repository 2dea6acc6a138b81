#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "look_schedule.h"

static const imi_face one_face = {.quality = {.face_count = 1}};
static const imi_face two_faces = {.reason = IMI_CAPTURE_SEVERAL_FACES,
                                   .quality = {.face_count = 2}};

static void the_first_frame_is_looked_around_in(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    assert_true(imi_look_is_due(&schedule, 0, false));
}

static void fast_frames_are_looked_around_in_every_sixth_time(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    int looks = 0;
    for (int64_t i = 0; i < 60; i++) {
        bool due = imi_look_is_due(&schedule, i * 33, false);
        imi_look_note(&schedule, i * 33, due, &one_face);
        looks += due;
    }
    assert_int_equal(looks, 10);
}

static void in_haste_half_as_many_frames_are_looked_around_in(void **state)
{
    (void)state;
    const int64_t steps_ms[] = {33, 250};
    for (size_t k = 0; k < 2; k++) {
        imi_look_schedule schedule = {.looked = false};
        int looks = 0;
        for (int64_t i = 0; i < 60; i++) {
            bool due = imi_look_is_due(&schedule, i * steps_ms[k], true);
            imi_look_note(&schedule, i * steps_ms[k], due, &one_face);
            looks += due;
        }
        assert_int_equal(looks, k == 0 ? 5 : 15);
    }
}

static void slow_frames_are_looked_around_in_twice_a_second(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    int looks = 0;
    for (int64_t i = 0; i < 20; i++) {
        bool due = imi_look_is_due(&schedule, i * 250, false);
        imi_look_note(&schedule, i * 250, due, &one_face);
        looks += due;
    }
    assert_int_equal(looks, 10);
}

static void time_that_runs_backwards_is_looked_around_in(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    imi_look_note(&schedule, 1000, true, &one_face);
    assert_false(imi_look_is_due(&schedule, 1100, false));
    assert_true(imi_look_is_due(&schedule, 900, false));
}

static void one_glimpse_of_a_second_face_is_a_slip(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    imi_look_note(&schedule, 0, true, &two_faces);
    imi_look_note(&schedule, 500, true, &two_faces);
    assert_false(imi_look_saw_several(&schedule));
    imi_look_note(&schedule, 1000, true, &two_faces);
    assert_true(imi_look_saw_several(&schedule));
}

static void frames_between_looks_say_nothing_of_second_faces(void **state)
{
    (void)state;
    imi_look_schedule schedule = {.looked = false};
    imi_look_note(&schedule, 0, true, &two_faces);
    for (int64_t i = 1; i < 5; i++) {
        imi_look_note(&schedule, i, false, &two_faces);
    }
    assert_false(imi_look_saw_several(&schedule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_frame_is_looked_around_in),
        cmocka_unit_test(fast_frames_are_looked_around_in_every_sixth_time),
        cmocka_unit_test(in_haste_half_as_many_frames_are_looked_around_in),
        cmocka_unit_test(slow_frames_are_looked_around_in_twice_a_second),
        cmocka_unit_test(time_that_runs_backwards_is_looked_around_in),
        cmocka_unit_test(one_glimpse_of_a_second_face_is_a_slip),
        cmocka_unit_test(frames_between_looks_say_nothing_of_second_faces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
