/* Ovals to bring the face into: where they are shown, who fills them and who does not. */
#include "theatre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const double SIDE = HEAD_IMAGE_WIDTH;

static void open_follow(theatre *t, unsigned target)
{
    char text[16];
    snprintf(text, sizeof text, "follow@%u", target);
    theatre_open(t, text);
}

static imi_oval shown(const theatre *t)
{
    imi_oval oval;
    assert_true(imi_liveness_judge_target(t->judge, &oval));
    return oval;
}

/* Centre of the head's picture from the middle, in smaller sides. */
static void assert_pose_is_in(const head_pose *pose, const imi_oval *oval)
{
    double dx = pose->shift_x / SIDE - ((double)oval->centre_x - 0.5);
    double dy = (pose->shift_y - ((double)oval->centre_y - 0.5) * HEAD_IMAGE_HEIGHT) / SIDE;
    assert_true(hypot(dx, dy) < 0.01);
}

/* ---- beside the middle ---- */

static void each_oval_beside_the_middle_is_shown_where_it_is_reached(void **state)
{
    (void)state;
    for (unsigned target = 1; target <= IMI_FOLLOW_TARGETS; target++) {
        theatre t;
        open_follow(&t, target);
        theatre_settle(&t);
        assert_int_equal(t.guidance, IMI_GUIDANCE_FIT_OVAL);
        imi_oval oval = shown(&t);
        head_pose there = theatre_pose_at(&t, target);
        assert_pose_is_in(&there, &oval);
        theatre_act_at(&t, IMI_ACTION_FOLLOW, target);
        assert_true(t.verdict.live);
        theatre_close(&t);
    }
}

static void the_third_oval_is_to_the_right_as_in_a_mirror(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 3);
    theatre_settle(&t);
    imi_oval oval = shown(&t);
    assert_true(oval.centre_x < 0.4F); /* pictures are not mirrored */
    assert_true(fabsf(oval.centre_y - 0.5F) < 0.001F);
    theatre_close(&t);
}

static void every_oval_lies_within_the_picture(void **state)
{
    (void)state;
    static const double distances[] = {4.2, 6, 7.5, 14};
    for (unsigned i = 0; i < 4 * IMI_FOLLOW_TARGETS; i++) {
        theatre t;
        open_follow(&t, 1 + i % IMI_FOLLOW_TARGETS);
        t.pose.distance = distances[i / IMI_FOLLOW_TARGETS];
        theatre_settle(&t);
        imi_oval oval = shown(&t);
        float half_y = oval.height / 2 * HEAD_IMAGE_WIDTH / HEAD_IMAGE_HEIGHT;
        float half_x = oval.height / 2 * 0.7F;
        assert_true(oval.height > 0);
        assert_true(oval.centre_x - half_x >= 0 && oval.centre_x + half_x <= 1);
        assert_true(oval.centre_y - half_y >= 0 && oval.centre_y + half_y <= 1);
        theatre_close(&t);
    }
}

static void no_oval_answers_for_another(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IMI_FOLLOW_TARGETS * IMI_FOLLOW_TARGETS; i++) {
        unsigned asked = 1 + i / IMI_FOLLOW_TARGETS;
        unsigned acted = 1 + i % IMI_FOLLOW_TARGETS;
        theatre t;
        open_follow(&t, asked);
        theatre_settle(&t);
        theatre_act_at(&t, IMI_ACTION_FOLLOW, acted);
        assert_int_equal(t.verdict.actions_done, asked == acted ? 1 : 0);
        theatre_close(&t);
    }
}

static void going_round_all_ovals_is_a_wrong_action(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 8);
    theatre_settle(&t);
    for (unsigned target = 1; target <= 7 && !t.verdict.complete; target++) {
        theatre_act_at(&t, IMI_ACTION_FOLLOW, target);
    }
    assert_true(t.verdict.complete);
    assert_false(t.verdict.live);
    assert_int_equal(t.verdict.reason, IMI_LIVENESS_WRONG_ACTION);
    theatre_close(&t);
}

static void one_other_oval_is_forgiven(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 2);
    theatre_settle(&t);
    theatre_act_at(&t, IMI_ACTION_FOLLOW, 7);
    assert_false(t.verdict.complete);
    theatre_act_at(&t, IMI_ACTION_FOLLOW, 2);
    assert_true(t.verdict.live);
    theatre_close(&t);
}

static void passing_through_the_oval_is_not_enough(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 3);
    theatre_settle(&t);
    head_pose beyond = theatre_pose_at(&t, 3);
    head_pose rest = t.pose;
    beyond.shift_x *= 1.6;
    theatre_move(&t, beyond, 900);
    theatre_hold(&t, 1000);
    theatre_move(&t, rest, 900);
    assert_int_equal(t.verdict.actions_done, 0);
    assert_false(t.verdict.complete);
    theatre_close(&t);
}

static void who_is_in_the_oval_already_has_to_come_from_elsewhere(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 5);
    head_pose middle = t.pose;
    t.pose = theatre_pose_at(&t, 5);
    theatre_settle(&t);
    theatre_hold(&t, 3000);
    assert_int_equal(t.verdict.actions_done, 0);
    assert_int_equal(t.guidance, IMI_GUIDANCE_CENTRE_FACE);
    imi_oval led = shown(&t);
    assert_pose_is_in(&middle, &led);
    theatre_move(&t, middle, 900);
    assert_int_equal(t.guidance, IMI_GUIDANCE_FIT_OVAL);
    assert_true(shown(&t).centre_y > 0.55F);
    theatre_act_at(&t, IMI_ACTION_FOLLOW, 5);
    assert_true(t.verdict.live);
    theatre_close(&t);
}

static void resting_in_another_oval_is_no_error(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 1);
    t.pose = theatre_pose_at(&t, 5);
    theatre_settle(&t);
    theatre_hold(&t, 10000);
    head_pose there = theatre_pose_at(&t, 1);
    theatre_move(&t, there, 1500);
    theatre_hold(&t, 800);
    assert_true(t.verdict.live);
    theatre_close(&t);
}

static void an_oval_is_filled_in_its_size(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 7);
    theatre_settle(&t);
    head_pose near = theatre_pose_at(&t, 7);
    near.distance /= 1.35;
    theatre_move(&t, near, 1200);
    theatre_hold(&t, 1000);
    assert_int_equal(t.verdict.actions_done, 0);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_AWAY);
    near.distance *= 1.35 * 1.4;
    theatre_move(&t, near, 250);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_CLOSER);
    near.distance /= 1.4;
    theatre_move(&t, near, 1500);
    theatre_hold(&t, 1000);
    assert_int_equal(t.verdict.actions_done, 1);
    theatre_close(&t);
}

/* The head stays as it is when the phone moves sideways, and so is seen from its side. */
static void a_face_seen_from_the_side_is_no_wrong_turn(void **state)
{
    (void)state;
    for (unsigned target = 1; target <= IMI_FOLLOW_TARGETS; target++) {
        theatre t;
        open_follow(&t, target);
        theatre_settle(&t);
        head_pose rest = t.pose;
        head_pose there = theatre_pose_at(&t, target);
        there.yaw_deg = there.shift_x / 10;
        there.pitch_deg = there.shift_y / 10;
        theatre_move(&t, there, 1000);
        theatre_hold(&t, 900);
        theatre_move(&t, rest, 1000);
        theatre_hold(&t, 500);
        assert_true(t.verdict.live);
        theatre_close(&t);
    }
}

static void trembling_does_not_keep_anybody_from_the_oval(void **state)
{
    (void)state;
    theatre t;
    open_follow(&t, 4);
    t.tremor_deg = 3; /* 12 pixels */
    theatre_perform(&t, "follow@4");
    assert_true(t.verdict.live);
    theatre_close(&t);
}

/* ---- near ---- */

static void each_near_oval_is_filled_by_coming_that_near(void **state)
{
    (void)state;
    static const char *const scripts[] = {"near_far@1", "near_far@2", "near_far@3"};
    for (size_t i = 0; i < 3; i++) {
        theatre t;
        theatre_open(&t, scripts[i]);
        theatre_perform(&t, scripts[i]);
        assert_true(t.verdict.live);
        theatre_close(&t);
    }
}

static void no_near_oval_answers_for_another(void **state)
{
    (void)state;
    static const char *const scripts[] = {"near_far@1", "near_far@2", "near_far@3"};
    for (unsigned i = 0; i < 9; i++) {
        theatre t;
        theatre_open(&t, scripts[i / 3]);
        theatre_settle(&t);
        theatre_act_at(&t, IMI_ACTION_NEAR_FAR, 1 + i % 3);
        assert_int_equal(t.verdict.actions_done, i / 3 == i % 3 ? 1 : 0);
        theatre_close(&t);
    }
}

static void the_oval_grows_with_the_farthest_view_of_the_face(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@2");
    theatre_settle(&t);
    theatre_hold(&t, 300);
    imi_oval first = shown(&t);
    head_pose away = t.pose;
    away.distance *= 1.3;
    theatre_move(&t, away, 900);
    imi_oval smaller = shown(&t);
    assert_true(smaller.height < 0.85F * first.height);
    away.distance /= 1.2;
    theatre_move(&t, away, 900);
    assert_true(fabsf(shown(&t).height - smaller.height) < 0.01F);
    theatre_close(&t);
}

static void too_near_and_too_far_are_told_apart(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@2");
    theatre_settle(&t);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_CLOSER);
    head_pose near = t.pose;
    near.distance = 7.5 / 2.3;
    theatre_move(&t, near, 1200);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_AWAY);
    near.distance = 7.5 / 1.7;
    theatre_move(&t, near, 1200);
    theatre_hold(&t, 900);
    assert_int_equal(t.verdict.actions_done, 1);
    theatre_close(&t);
}

static void a_face_that_fills_the_picture_is_sent_back_first(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@3");
    t.pose.distance = 4.4;
    theatre_settle(&t);
    theatre_hold(&t, 300);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_AWAY);
    imi_oval oval;
    assert_false(imi_liveness_judge_target(t.judge, &oval));
    head_pose away = t.pose;
    away.distance = 8;
    theatre_move(&t, away, 2000);
    assert_int_equal(t.guidance, IMI_GUIDANCE_MOVE_CLOSER);
    assert_true(imi_liveness_judge_target(t.judge, &oval));
    theatre_act_at(&t, IMI_ACTION_NEAR_FAR, 3);
    assert_true(t.verdict.live);
    theatre_close(&t);
}

static void a_phone_that_swings_as_it_comes_nearer_is_no_error(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@1");
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 1.45;
    near.yaw_deg += 10;
    theatre_move(&t, near, 1200);
    theatre_hold(&t, 1500);
    assert_int_equal(t.verdict.actions_done, 1);
    theatre_close(&t);
}

static void assert_nods(theatre *t, head_pose rest, double deg)
{
    head_pose down = rest;
    down.pitch_deg -= deg;
    theatre_move(t, down, 700);
    theatre_hold(t, 400);
    theatre_move(t, rest, 700);
    theatre_hold(t, 600);
    assert_true(t->verdict.live);
}

static void a_nod_that_began_at_an_oval_may_end_in_the_middle(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "nod");
    theatre_settle(&t);
    head_pose rest = t.pose;
    /* Seen from below, as a face above the middle is. */
    head_pose aside = rest;
    aside.pitch_deg -= 8;
    theatre_move(&t, aside, 1);
    assert_nods(&t, rest, 18);
    theatre_close(&t);
}

static void a_nod_on_the_way_back_from_near_by_is_measured_from_the_middle(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far,nod");
    theatre_settle(&t);
    head_pose rest = t.pose;
    /* A phone so near is looked down at. */
    head_pose near = rest;
    near.distance /= 1.6;
    near.pitch_deg -= 6;
    theatre_move(&t, near, 1200);
    theatre_hold(&t, 1500);
    assert_int_equal(t.guidance, IMI_GUIDANCE_NOD);
    theatre_move(&t, rest, 1000);
    assert_nods(&t, rest, 14);
    theatre_close(&t);
}

static void a_photo_in_the_near_oval_is_no_face_in_it(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@1");
    t.pose.flat = true;
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 1.45;
    theatre_move(&t, near, 900);
    theatre_hold(&t, 25000);
    assert_true(t.verdict.complete);
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

/* ---- where none is to be shown ---- */

static void no_oval_is_shown_where_none_is_meant(void **state)
{
    (void)state;
    static const char *const scripts[] = {"near_far", "blink", "nod", "turn_left", "open_mouth"};
    for (size_t i = 0; i < 5; i++) {
        theatre t;
        imi_oval oval = {.height = 9};
        theatre_open(&t, scripts[i]);
        theatre_settle(&t);
        assert_false(imi_liveness_judge_target(t.judge, &oval));
        assert_true(oval.height == 0);
        theatre_close(&t);
    }
    imi_oval oval;
    assert_false(imi_liveness_judge_target(NULL, &oval));
}

static void an_oval_is_shown_only_while_it_is_asked_for(void **state)
{
    (void)state;
    theatre t;
    imi_oval oval;
    theatre_open(&t, "follow@6,blink");
    theatre_frame(&t);
    assert_false(imi_liveness_judge_target(t.judge, &oval));
    theatre_settle(&t);
    assert_true(imi_liveness_judge_target(t.judge, &oval));
    theatre_act_at(&t, IMI_ACTION_FOLLOW, 6);
    assert_int_equal(t.guidance, IMI_GUIDANCE_BLINK);
    assert_false(imi_liveness_judge_target(t.judge, &oval));
    theatre_close(&t);
}

static void who_stays_undecided_in_an_oval_is_asked_to_come_nearer(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@1");
    t.pose.flat = true;
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 1.45;
    theatre_move(&t, near, 900);
    imi_oval first;
    imi_oval next;
    assert_true(imi_liveness_judge_target(t.judge, &first));
    theatre_hold(&t, 2300);
    assert_false(t.verdict.complete);
    assert_true(imi_liveness_judge_target(t.judge, &next));
    assert_true(next.height > 1.1F * first.height);
    theatre_close(&t);
}

static void nobody_is_asked_nearer_than_the_nearest_oval(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far@3");
    t.pose.flat = true;
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 2.02;
    theatre_move(&t, near, 900);
    imi_oval first;
    imi_oval next;
    assert_true(imi_liveness_judge_target(t.judge, &first));
    theatre_hold(&t, 2300);
    assert_true(imi_liveness_judge_target(t.judge, &next));
    assert_float_equal(next.height, first.height, 1e-3);
    theatre_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_oval_beside_the_middle_is_shown_where_it_is_reached),
        cmocka_unit_test(the_third_oval_is_to_the_right_as_in_a_mirror),
        cmocka_unit_test(every_oval_lies_within_the_picture),
        cmocka_unit_test(no_oval_answers_for_another),
        cmocka_unit_test(going_round_all_ovals_is_a_wrong_action),
        cmocka_unit_test(one_other_oval_is_forgiven),
        cmocka_unit_test(passing_through_the_oval_is_not_enough),
        cmocka_unit_test(who_is_in_the_oval_already_has_to_come_from_elsewhere),
        cmocka_unit_test(resting_in_another_oval_is_no_error),
        cmocka_unit_test(an_oval_is_filled_in_its_size),
        cmocka_unit_test(a_face_seen_from_the_side_is_no_wrong_turn),
        cmocka_unit_test(trembling_does_not_keep_anybody_from_the_oval),
        cmocka_unit_test(each_near_oval_is_filled_by_coming_that_near),
        cmocka_unit_test(no_near_oval_answers_for_another),
        cmocka_unit_test(the_oval_grows_with_the_farthest_view_of_the_face),
        cmocka_unit_test(too_near_and_too_far_are_told_apart),
        cmocka_unit_test(a_face_that_fills_the_picture_is_sent_back_first),
        cmocka_unit_test(a_phone_that_swings_as_it_comes_nearer_is_no_error),
        cmocka_unit_test(a_nod_that_began_at_an_oval_may_end_in_the_middle),
        cmocka_unit_test(a_nod_on_the_way_back_from_near_by_is_measured_from_the_middle),
        cmocka_unit_test(a_photo_in_the_near_oval_is_no_face_in_it),
        cmocka_unit_test(no_oval_is_shown_where_none_is_meant),
        cmocka_unit_test(an_oval_is_shown_only_while_it_is_asked_for),
        cmocka_unit_test(who_stays_undecided_in_an_oval_is_asked_to_come_nearer),
        cmocka_unit_test(nobody_is_asked_nearer_than_the_nearest_oval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
