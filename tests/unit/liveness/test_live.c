/* People who do what they are asked, each in their own way, must pass. */
#include "theatre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const actions[] = {"near_far", "turn_left", "turn_right", "open_mouth",
                                      "blink",    "follow@1",  "nod"};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static imi_action action_of(int i)
{
    imi_challenge script;
    assert_int_equal(imi_challenge_parse(actions[i], &script, NULL), IMI_OK);
    return script.actions[0];
}

static void assert_live(const theatre *t)
{
    if (!t->verdict.live) {
        fail_msg("not live: %s", imi_liveness_reason_name(t->verdict.reason));
    }
    assert_true(t->verdict.complete);
    assert_int_equal(t->verdict.reason, IMI_LIVENESS_OK);
    assert_int_equal(t->guidance, IMI_GUIDANCE_DONE);
}

static void each_action_is_recognised_alone(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        theatre_perform(&t, actions[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void every_pair_of_actions_passes(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS * ACTIONS; i++) {
        if (i / ACTIONS == i % ACTIONS) {
            continue;
        }
        char text[IMI_CHALLENGE_TEXT_SIZE];
        snprintf(text, sizeof text, "%s,%s", actions[i / ACTIONS], actions[i % ACTIONS]);
        theatre t;
        theatre_open(&t, text);
        theatre_perform(&t, text);
        assert_live(&t);
        assert_int_equal(t.verdict.actions_done, 2);
        theatre_close(&t);
    }
}

static void the_longest_script_passes(void **state)
{
    (void)state;
    static const char text[] = "blink,near_far,turn_right,open_mouth,turn_left,near_far";
    theatre t;
    theatre_open(&t, text);
    theatre_perform(&t, text);
    assert_live(&t);
    theatre_close(&t);
}

static void five_frames_a_second_are_enough(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        t.period_ms = 200;
        theatre_perform(&t, actions[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void trembling_hands_and_head_pass(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        t.tremor_deg = 2;
        theatre_perform(&t, actions[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void missing_frames_are_borne(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        t.drop_every = 5;
        theatre_perform(&t, actions[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void an_instruction_may_take_its_time(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left,blink");
    theatre_settle(&t);
    theatre_hold(&t, 15000);
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    theatre_hold(&t, 15000);
    theatre_act(&t, IMI_ACTION_BLINK);
    assert_live(&t);
    theatre_close(&t);
}

static void nothing_is_held_against_time_before_the_face(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    for (int i = 0; i < 3000; i++) { /* more than four minutes */
        theatre_empty_frame(&t);
    }
    assert_false(t.verdict.complete);
    assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
    theatre_perform(&t, "blink");
    assert_live(&t);
    theatre_close(&t);
}

static void a_phone_held_low_and_a_tilted_head_are_neutral(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        t.pose.pitch_deg = 18;
        t.pose.roll_deg = -12;
        t.pose.yaw_deg = 6;
        theatre_perform(&t, actions[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void drooping_lids_and_a_slack_jaw_are_ones_own_neutral(void **state)
{
    (void)state;
    static const char *const script[] = {"blink", "open_mouth"};
    for (int i = 0; i < 2; i++) {
        theatre t;
        theatre_open(&t, script[i]);
        t.pose.eyes = 0.5;
        t.pose.mouth = 0.12;
        theatre_perform(&t, script[i]);
        assert_live(&t);
        theatre_close(&t);
    }
}

static void a_long_deliberate_blink_counts(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.pose.eyes = 0;
    theatre_hold(&t, 1300);
    t.pose.eyes = 1;
    theatre_hold(&t, 500);
    assert_live(&t);
    theatre_close(&t);
}

static void three_turns_to_the_wrong_side_are_forgiven(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    for (int i = 0; i < 3; i++) {
        theatre_act(&t, IMI_ACTION_TURN_RIGHT);
        assert_false(t.verdict.complete);
    }
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    assert_live(&t);
    theatre_close(&t);
}

/* Mouths that open for two frames, which is what talking looks like. */
static void words_are_no_wrong_action(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    for (int i = 0; i < 12; i++) {
        t.pose.mouth += 0.35;
        theatre_hold(&t, 2 * t.period_ms);
        t.pose.mouth -= 0.35;
        theatre_hold(&t, 2 * t.period_ms);
    }
    assert_false(t.verdict.complete);
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    assert_live(&t);
    theatre_close(&t);
}

/* Lids that change once while the baseline is learned are not what noise looks like. */
static void eyes_that_widen_once_may_blink_as_others_do(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.pose.eyes = 0.8;
    theatre_hold(&t, 4 * t.period_ms);
    t.pose.eyes = 1;
    theatre_hold(&t, 600);
    t.pose.eyes = 0.7;
    theatre_hold(&t, 2 * t.period_ms);
    t.pose.eyes = 1;
    theatre_hold(&t, 500);
    assert_live(&t);
    theatre_close(&t);
}

static void one_action_of_another_kind_is_forgiven(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS * ACTIONS; i++) {
        if (i / ACTIONS == i % ACTIONS) {
            continue;
        }
        theatre t;
        theatre_open(&t, actions[i / ACTIONS]);
        theatre_settle(&t);
        theatre_act(&t, action_of(i % ACTIONS));
        assert_false(t.verdict.complete);
        theatre_act(&t, action_of(i / ACTIONS));
        assert_live(&t);
        theatre_close(&t);
    }
}

static void blinking_all_the_time_is_no_error(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_right");
    theatre_settle(&t);
    for (int i = 0; i < 8; i++) {
        theatre_act(&t, IMI_ACTION_BLINK);
    }
    assert_false(t.verdict.complete);
    theatre_act(&t, IMI_ACTION_TURN_RIGHT);
    assert_live(&t);
    theatre_close(&t);
}

static void heavy_lids_that_close_by_little_blink(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    head_pose open = t.pose;
    head_pose shut = t.pose;
    shut.eyes = 0.8; /* 0.86 of the open eyes' aspect, as narrow ones */
    theatre_move(&t, shut, t.period_ms);
    theatre_move(&t, open, t.period_ms);
    theatre_hold(&t, 500);
    assert_live(&t);
    theatre_close(&t);
}

static void a_phone_on_its_axis_before_a_noisy_camera_is_near_enough(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 5; seed++) {
        theatre t;
        theatre_open(&t, "near_far@1");
        t.frames = seed * 1000;
        t.pose.noise_px = 1.2;
        theatre_perform(&t, "near_far@1");
        assert_live(&t);
        theatre_close(&t);
    }
}

static void who_starts_too_near_is_sent_back_first(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    t.pose.distance = 3.8;
    theatre_settle(&t);
    theatre_hold(&t, 300);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_AWAY);
    head_pose away = t.pose;
    away.distance = 6.5;
    theatre_move(&t, away, 1200);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_CLOSER);
    theatre_act(&t, IMI_ACTION_NEAR_FAR);
    assert_live(&t);
    theatre_close(&t);
}

static void a_helper_in_view_only_pauses(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "open_mouth");
    theatre_settle(&t);
    t.reason = IMI_CAPTURE_SEVERAL_FACES;
    theatre_hold(&t, 1000);
    assert_int_equal(t.guidance, IMI_GUIDANCE_ONE_PERSON_ONLY);
    assert_false(imi_liveness_judge_neutral(t.judge));
    t.reason = IMI_CAPTURE_OK;
    theatre_act(&t, IMI_ACTION_OPEN_MOUTH);
    assert_live(&t);
    theatre_close(&t);
}

static void the_depth_measured_is_reported(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far,blink");
    theatre_settle(&t);
    assert_true(isnan(t.verdict.flatness_residual));
    theatre_act(&t, IMI_ACTION_NEAR_FAR);
    assert_true(t.verdict.flatness_residual > 0.005F);
    theatre_close(&t);
}

static void neutral_frames_are_told(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left,blink");
    theatre_frame(&t);
    assert_false(imi_liveness_judge_neutral(t.judge)); /* no baseline yet */
    theatre_settle(&t);
    assert_true(imi_liveness_judge_neutral(t.judge));
    assert_int_equal(t.guidance, IMI_GUIDANCE_TURN_LEFT);
    head_pose turned = t.pose;
    head_pose rest = t.pose;
    turned.yaw_deg = 22;
    theatre_move(&t, turned, 700);
    theatre_hold(&t, 300);
    assert_false(imi_liveness_judge_neutral(t.judge));
    assert_int_equal(t.verdict.actions_done, 1);
    assert_int_equal(t.guidance, IMI_GUIDANCE_BACK_TO_CENTRE);
    theatre_move(&t, rest, 700);
    theatre_hold(&t, 300);
    assert_int_equal(t.guidance, IMI_GUIDANCE_BLINK);
    theatre_close(&t);
}

static void an_unfit_start_is_explained(void **state)
{
    (void)state;
    static const struct {
        imi_capture_reason reason;
        imi_guidance guidance;
    } cases[] = {
        {IMI_CAPTURE_TOO_DARK, IMI_GUIDANCE_MORE_LIGHT},
        {IMI_CAPTURE_TOO_BRIGHT, IMI_GUIDANCE_LESS_LIGHT},
        {IMI_CAPTURE_UNEVEN_LIGHT, IMI_GUIDANCE_EVEN_LIGHT},
        {IMI_CAPTURE_FACE_TOO_SMALL, IMI_GUIDANCE_MOVE_CLOSER},
        {IMI_CAPTURE_FACE_CUT_OFF, IMI_GUIDANCE_CENTRE_FACE},
        {IMI_CAPTURE_BLURRED, IMI_GUIDANCE_HOLD_STILL},
        {IMI_CAPTURE_EYES_HIDDEN, IMI_GUIDANCE_UNCOVER_FACE},
        {IMI_CAPTURE_SEVERAL_FACES, IMI_GUIDANCE_ONE_PERSON_ONLY},
        {IMI_CAPTURE_OK, IMI_GUIDANCE_HOLD_STILL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        theatre t;
        theatre_open(&t, "blink");
        t.reason = cases[i].reason;
        theatre_hold(&t, 200);
        assert_int_equal(t.guidance, cases[i].guidance);
        theatre_close(&t);
    }
}

static void who_looks_aside_is_asked_to_look_straight(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.pose.yaw_deg = 30;
    theatre_hold(&t, 2000);
    assert_int_equal(t.guidance, IMI_GUIDANCE_LOOK_STRAIGHT);
    theatre_close(&t);
}

static void a_short_absence_is_not_mentioned(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    theatre_empty_frame(&t);
    theatre_empty_frame(&t);
    assert_int_equal(t.guidance, IMI_GUIDANCE_TURN_LEFT);
    for (int i = 0; i < 8; i++) {
        theatre_empty_frame(&t);
    }
    assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
    theatre_frame(&t);
    assert_int_equal(t.guidance, IMI_GUIDANCE_TURN_LEFT);
    theatre_close(&t);
}

static void leaving_before_the_start_costs_nothing(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_hold(&t, 250);
    for (int i = 0; i < 100; i++) {
        theatre_empty_frame(&t);
    }
    assert_false(t.verdict.complete);
    theatre_perform(&t, "blink");
    assert_live(&t);
    theatre_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_is_recognised_alone),
        cmocka_unit_test(every_pair_of_actions_passes),
        cmocka_unit_test(the_longest_script_passes),
        cmocka_unit_test(five_frames_a_second_are_enough),
        cmocka_unit_test(trembling_hands_and_head_pass),
        cmocka_unit_test(missing_frames_are_borne),
        cmocka_unit_test(an_instruction_may_take_its_time),
        cmocka_unit_test(nothing_is_held_against_time_before_the_face),
        cmocka_unit_test(a_phone_held_low_and_a_tilted_head_are_neutral),
        cmocka_unit_test(drooping_lids_and_a_slack_jaw_are_ones_own_neutral),
        cmocka_unit_test(a_long_deliberate_blink_counts),
        cmocka_unit_test(three_turns_to_the_wrong_side_are_forgiven),
        cmocka_unit_test(words_are_no_wrong_action),
        cmocka_unit_test(eyes_that_widen_once_may_blink_as_others_do),
        cmocka_unit_test(one_action_of_another_kind_is_forgiven),
        cmocka_unit_test(blinking_all_the_time_is_no_error),
        cmocka_unit_test(heavy_lids_that_close_by_little_blink),
        cmocka_unit_test(a_phone_on_its_axis_before_a_noisy_camera_is_near_enough),
        cmocka_unit_test(who_starts_too_near_is_sent_back_first),
        cmocka_unit_test(a_helper_in_view_only_pauses),
        cmocka_unit_test(the_depth_measured_is_reported),
        cmocka_unit_test(neutral_frames_are_told),
        cmocka_unit_test(an_unfit_start_is_explained),
        cmocka_unit_test(who_looks_aside_is_asked_to_look_straight),
        cmocka_unit_test(a_short_absence_is_not_mentioned),
        cmocka_unit_test(leaving_before_the_start_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
