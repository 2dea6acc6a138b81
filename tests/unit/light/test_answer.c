/* The watch before rendered rooms: who answers the light, who does not, and when none can tell. */
#include "scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Each scene is played with so many sequences and delays. */
enum { ROUNDS = 4 };

static scene nth(scene base, int round)
{
    base.seed = (uint64_t)round + 1;
    base.shown = base.falls = scene_sequence(base.seed);
    base.delay_ms = 40 + 90 * round;
    return base;
}

static void assert_answers(scene s)
{
    imi_finding finding = scene_play(&s);
    assert_true(finding.measured);
    assert_false(finding.veto);
    assert_null(finding.code);
    assert_true(finding.score > 0.1f);
    assert_true(finding.uncertainty > 0.0f && finding.uncertainty < 1.0f);
}

static void assert_against(scene s, const char *code)
{
    imi_finding finding = scene_play(&s);
    assert_true(finding.measured);
    assert_false(finding.veto);
    assert_string_equal(finding.code, code);
    assert_true(finding.score < 0.0f);
}

static void assert_not_told(scene s, const char *code)
{
    imi_finding finding = scene_play(&s);
    assert_false(finding.measured);
    assert_false(finding.veto);
    assert_non_null(finding.code);
    assert_string_equal(finding.code, code);
}

static void each_answers(scene base)
{
    for (int round = 0; round < ROUNDS; round++) {
        assert_answers(nth(base, round));
    }
}

static void a_face_in_a_dim_room_answers(void **state)
{
    (void)state;
    each_answers(scene_at_evening());
}

static void dark_skin_answers(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    const double skin[3] = {0.12, 0.07, 0.05};
    imi_copy(s.skin, skin, sizeof skin);
    each_answers(s);
}

static void light_skin_answers(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    const double skin[3] = {0.65, 0.52, 0.45};
    imi_copy(s.skin, skin, sizeof skin);
    each_answers(s);
}

static void a_face_under_tungsten_light_answers(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    const double tungsten[3] = {1.6, 0.9, 0.35};
    imi_copy(s.ambient, tungsten, sizeof tungsten);
    each_answers(s);
}

static void a_restless_face_answers(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.sway = 5;
    each_answers(s);
}

static void a_face_that_comes_near_answers(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.screen = 0.15;
    s.approach = 2;
    each_answers(s);
}

static void a_camera_without_white_balance_sees_the_answer(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.white_balance = false;
    each_answers(s);
}

static void five_frames_a_second_are_enough(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.frames_a_second = 5;
    each_answers(s);
}

static void a_wall_at_half_a_metre_does_not_hide_the_answer(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.wall_share = 0.5;
    each_answers(s);
}

static void the_light_of_another_session_counts_against(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        scene s = nth(scene_at_evening(), round);
        s.falls = scene_sequence(1000 + (uint64_t)round);
        assert_against(s, "light_wrong");
    }
}

static void the_right_light_at_the_wrong_time_counts_against(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        scene s = nth(scene_at_evening(), round);
        s.lead_ms = 1500;
        assert_against(s, "light_wrong");
    }
}

static void a_print_that_answers_as_one_plane_counts_against(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        scene s = nth(scene_at_evening(), round);
        s.wall_share = 1;
        s.white_balance = round % 2 == 0;
        assert_against(s, "light_flat");
    }
}

static void a_bright_room_is_not_told(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        scene s = nth(scene_at_evening(), round);
        s.screen = 0.01;
        assert_not_told(s, "too_bright_to_tell");
    }
}

static void a_recording_without_the_light_is_never_evidence_of_life(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        scene s = nth(scene_at_evening(), round);
        s.falls.count = 0;
        s.sway = 1 + 2 * round;
        assert_not_told(s, "too_bright_to_tell");
    }
}

static void a_face_that_fills_the_frame_is_not_told(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    s.fills_frame = true;
    IMI_AUTO(imi_light_watch) watch = NULL;
    assert_int_equal(imi_light_watch_new(&s.shown, &watch, NULL), IMI_OK);
    scene_feed(&s, watch, 0, 8000);
    imi_findings findings = {0};
    imi_light_watch_report(watch, &findings);
    /* What fills the frame is all skin: it answers as one plane does, and is not believed. */
    assert_true(findings.layer[IMI_LAYER_LIGHT].score <= 0.0f);
}

static void a_sequence_cut_short_is_not_told(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    IMI_AUTO(imi_light_watch) watch = NULL;
    assert_int_equal(imi_light_watch_new(&s.shown, &watch, NULL), IMI_OK);
    scene_feed(&s, watch, 0, 7000);
    imi_findings findings = {0};
    imi_light_watch_report(watch, &findings);
    assert_false(findings.layer[IMI_LAYER_LIGHT].measured);
    assert_string_equal(findings.layer[IMI_LAYER_LIGHT].code, "light_incomplete");
}

/* The same frames again, as from a phone that sends them twice. */
static void frames_that_go_back_in_time_change_nothing(void **state)
{
    (void)state;
    scene s = scene_at_evening();
    imi_finding once = scene_play(&s);
    IMI_AUTO(imi_light_watch) watch = NULL;
    assert_int_equal(imi_light_watch_new(&s.shown, &watch, NULL), IMI_OK);
    scene_feed(&s, watch, -500, 8500);
    s.falls = scene_sequence(99);
    scene_feed(&s, watch, -500, 8500);
    imi_findings findings = {0};
    imi_light_watch_report(watch, &findings);
    assert_true(findings.layer[IMI_LAYER_LIGHT].score == once.score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_face_in_a_dim_room_answers),
        cmocka_unit_test(dark_skin_answers),
        cmocka_unit_test(light_skin_answers),
        cmocka_unit_test(a_face_under_tungsten_light_answers),
        cmocka_unit_test(a_restless_face_answers),
        cmocka_unit_test(a_face_that_comes_near_answers),
        cmocka_unit_test(a_camera_without_white_balance_sees_the_answer),
        cmocka_unit_test(five_frames_a_second_are_enough),
        cmocka_unit_test(a_wall_at_half_a_metre_does_not_hide_the_answer),
        cmocka_unit_test(the_light_of_another_session_counts_against),
        cmocka_unit_test(the_right_light_at_the_wrong_time_counts_against),
        cmocka_unit_test(a_print_that_answers_as_one_plane_counts_against),
        cmocka_unit_test(a_bright_room_is_not_told),
        cmocka_unit_test(a_recording_without_the_light_is_never_evidence_of_life),
        cmocka_unit_test(a_face_that_fills_the_frame_is_not_told),
        cmocka_unit_test(a_sequence_cut_short_is_not_told),
        cmocka_unit_test(frames_that_go_back_in_time_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
