/* Nods, and what the challenge layer reports of a capture. */
#include "theatre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static imi_finding report_of(const theatre *t)
{
    imi_findings findings = {0};
    imi_liveness_judge_report(t->judge, &findings);
    return findings.layer[IMI_LAYER_CHALLENGE];
}

/* ---- nods ---- */

static void a_nod_goes_either_way(void **state)
{
    (void)state;
    static const double pitches[] = {-16, 16};
    for (size_t i = 0; i < 2; i++) {
        theatre t;
        theatre_open(&t, "nod");
        theatre_settle(&t);
        head_pose rest = t.pose;
        head_pose nod = rest;
        nod.pitch_deg += pitches[i];
        theatre_move(&t, nod, 600);
        theatre_hold(&t, 400);
        theatre_move(&t, rest, 600);
        theatre_hold(&t, 400);
        assert_true(t.verdict.live);
        theatre_close(&t);
    }
}

static void a_head_that_stays_down_has_not_nodded(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "nod");
    theatre_settle(&t);
    head_pose down = t.pose;
    down.pitch_deg -= 16;
    theatre_move(&t, down, 600);
    theatre_hold(&t, 5000);
    assert_int_equal(t.verdict.actions_done, 0);
    assert_int_equal(t.guidance, IMI_GUIDANCE_NOD);
    theatre_close(&t);
}

static void a_little_nod_is_none(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "nod");
    theatre_settle(&t);
    for (int i = 0; i < 4; i++) {
        head_pose rest = t.pose;
        head_pose nod = rest;
        nod.pitch_deg -= 6;
        theatre_move(&t, nod, 500);
        theatre_move(&t, rest, 500);
    }
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

static void a_photo_tipped_to_and_fro_does_not_nod(void **state)
{
    (void)state;
    for (int deg = 10; deg <= 60; deg += 10) {
        theatre t;
        theatre_open(&t, "nod");
        t.pose.flat = true;
        theatre_settle(&t);
        for (int i = 0; i < 6 && !t.verdict.complete; i++) {
            head_pose rest = t.pose;
            head_pose tipped = rest;
            tipped.pitch_deg += i % 2 == 0 ? deg : -deg;
            theatre_move(&t, tipped, 600);
            theatre_hold(&t, 400);
            theatre_move(&t, rest, 600);
        }
        assert_int_equal(t.verdict.actions_done, 0);
        theatre_close(&t);
    }
}

/* ---- the finding ---- */

static void a_capture_under_way_has_measured_nothing(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink,nod");
    theatre_settle(&t);
    theatre_act(&t, IMI_ACTION_BLINK);
    imi_finding finding = report_of(&t);
    assert_false(finding.measured || finding.veto);
    assert_null(finding.code);
    theatre_close(&t);
}

static void a_script_answered_without_a_mistake_scores_one(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink,nod");
    theatre_perform(&t, "blink,nod");
    imi_finding finding = report_of(&t);
    assert_true(finding.measured);
    assert_false(finding.veto);
    assert_true(finding.score == 1);
    assert_true(finding.uncertainty > 0 && finding.uncertainty < 0.5F);
    assert_null(finding.code);
    theatre_close(&t);
}

static void mistakes_cost_score(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    float last = 1;
    for (int mistakes = 1; mistakes <= 3; mistakes++) {
        theatre_close(&t);
        theatre_open(&t, "turn_left");
        theatre_settle(&t);
        for (int i = 0; i < mistakes; i++) {
            theatre_act(&t, IMI_ACTION_TURN_RIGHT);
        }
        theatre_act(&t, IMI_ACTION_TURN_LEFT);
        assert_true(t.verdict.live);
        assert_true(report_of(&t).score < last);
        last = report_of(&t).score;
    }
    theatre_close(&t);
}

static void only_the_challenge_layer_is_touched(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_perform(&t, "blink");
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_LIGHT].score = 7;
    findings.layer[IMI_LAYER_CHALLENGE].veto = true;
    imi_liveness_judge_report(t.judge, &findings);
    assert_true(findings.layer[IMI_LAYER_LIGHT].score == 7);
    assert_false(findings.layer[IMI_LAYER_CHALLENGE].veto);
    imi_liveness_judge_report(NULL, &findings);
    assert_false(findings.layer[IMI_LAYER_CHALLENGE].measured);
    theatre_close(&t);
}

static void a_frozen_picture_is_a_veto(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.pose.noise_px = 0;
    theatre_hold(&t, 4000);
    imi_finding finding = report_of(&t);
    assert_true(finding.veto);
    assert_false(finding.measured);
    assert_string_equal(finding.code, "still");
    theatre_close(&t);
}

static void a_plane_beyond_doubt_is_a_veto(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    t.pose.flat = true;
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 1.6;
    near.yaw_deg = 22;
    theatre_move(&t, near, 1500);
    theatre_hold(&t, 6000);
    assert_true(report_of(&t).veto);
    assert_string_equal(report_of(&t).code, "flat");
    theatre_close(&t);
}

static void another_face_is_a_veto(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink,turn_left");
    theatre_settle(&t);
    t.pose.width = 1.35;
    theatre_hold(&t, 600);
    assert_true(report_of(&t).veto);
    assert_string_equal(report_of(&t).code, "face_changed");
    theatre_close(&t);
}

static void slow_people_and_lost_faces_are_no_attack(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    theatre_hold(&t, 22000);
    assert_false(report_of(&t).veto || report_of(&t).measured);
    assert_string_equal(report_of(&t).code, "timeout");
    theatre_close(&t);

    theatre_open(&t, "blink");
    theatre_settle(&t);
    for (int i = 0; i < 40; i++) {
        theatre_empty_frame(&t);
    }
    assert_false(report_of(&t).veto || report_of(&t).measured);
    assert_string_equal(report_of(&t).code, "face_lost");
    theatre_close(&t);
}

static void wrong_actions_are_no_veto(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    theatre_settle(&t);
    theatre_act(&t, IMI_ACTION_OPEN_MOUTH);
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    assert_false(report_of(&t).veto || report_of(&t).measured);
    assert_string_equal(report_of(&t).code, "wrong_action");
    theatre_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nod_goes_either_way),
        cmocka_unit_test(a_head_that_stays_down_has_not_nodded),
        cmocka_unit_test(a_little_nod_is_none),
        cmocka_unit_test(a_photo_tipped_to_and_fro_does_not_nod),
        cmocka_unit_test(a_capture_under_way_has_measured_nothing),
        cmocka_unit_test(a_script_answered_without_a_mistake_scores_one),
        cmocka_unit_test(mistakes_cost_score),
        cmocka_unit_test(only_the_challenge_layer_is_touched),
        cmocka_unit_test(a_frozen_picture_is_a_veto),
        cmocka_unit_test(a_plane_beyond_doubt_is_a_veto),
        cmocka_unit_test(another_face_is_a_veto),
        cmocka_unit_test(slow_people_and_lost_faces_are_no_attack),
        cmocka_unit_test(wrong_actions_are_no_veto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
