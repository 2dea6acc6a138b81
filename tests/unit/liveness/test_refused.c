/* What is no live person answering this challenge must not pass, whatever else it does. */
#include "theatre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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

static void assert_refused(const theatre *t, imi_liveness_reason reason)
{
    assert_false(t->verdict.live);
    assert_true(t->verdict.complete);
    if (t->verdict.reason != reason) {
        fail_msg("refused as %s, not as %s", imi_liveness_reason_name(t->verdict.reason),
                 imi_liveness_reason_name(reason));
    }
    assert_int_equal(t->guidance, IMI_GUIDANCE_NONE);
    assert_false(imi_liveness_judge_neutral(t->judge));
}

static void a_person_who_does_nothing_times_out(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        theatre_settle(&t);
        theatre_hold(&t, 19000);
        assert_false(t.verdict.complete);
        theatre_hold(&t, 2500);
        assert_refused(&t, IMI_LIVENESS_TIMEOUT);
        assert_int_equal(t.verdict.actions_done, 0);
        theatre_close(&t);
    }
}

static void another_action_is_no_answer(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS * ACTIONS; i++) {
        if (i / ACTIONS == i % ACTIONS) {
            continue;
        }
        theatre t;
        theatre_open(&t, actions[i / ACTIONS]);
        theatre_settle(&t);
        for (int n = 0; n < 12; n++) {
            theatre_act(&t, action_of(i % ACTIONS));
        }
        theatre_hold(&t, 25000);
        assert_true(t.verdict.complete);
        assert_false(t.verdict.live);
        theatre_close(&t);
    }
}

static void the_second_action_of_another_kind_ends_it(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    theatre_settle(&t);
    theatre_act(&t, IMI_ACTION_OPEN_MOUTH);
    assert_false(t.verdict.complete);
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    assert_refused(&t, IMI_LIVENESS_WRONG_ACTION);
    theatre_close(&t);
}

/* Or else a recording could hide what it does too much. */
static void frames_without_a_face_hide_no_wrong_action(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    theatre_settle(&t);
    t.drop_every = 2;
    theatre_act(&t, IMI_ACTION_OPEN_MOUTH);
    theatre_act(&t, IMI_ACTION_TURN_LEFT);
    assert_refused(&t, IMI_LIVENESS_WRONG_ACTION);
    theatre_close(&t);
}

static void the_fourth_turn_to_the_wrong_side_ends_it(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    for (int i = 0; i < 4; i++) {
        assert_false(t.verdict.complete);
        theatre_act(&t, IMI_ACTION_TURN_RIGHT);
    }
    assert_refused(&t, IMI_LIVENESS_WRONG_ACTION);
    theatre_close(&t);
}

static void leaning_in_again_and_again_ends_it(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "open_mouth");
    theatre_settle(&t);
    for (int i = 0; i < 4; i++) {
        assert_false(t.verdict.complete);
        theatre_act(&t, IMI_ACTION_NEAR_FAR);
    }
    assert_refused(&t, IMI_LIVENESS_WRONG_ACTION);
    theatre_close(&t);
}

static void the_right_answer_in_the_wrong_order_is_none(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left,open_mouth");
    theatre_perform(&t, "open_mouth,turn_left");
    assert_int_equal(t.verdict.actions_done, 1);
    assert_false(t.verdict.live);
    theatre_hold(&t, 25000);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    theatre_close(&t);
}

static void one_action_does_not_answer_for_two(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left,turn_right");
    theatre_perform(&t, "turn_left");
    theatre_hold(&t, 25000);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    assert_int_equal(t.verdict.actions_done, 1);
    theatre_close(&t);
}

static void a_head_that_never_comes_back_is_not_done(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    head_pose turned = t.pose;
    turned.yaw_deg = 22;
    theatre_move(&t, turned, 700);
    theatre_hold(&t, 10000);
    assert_int_equal(t.verdict.actions_done, 1);
    assert_false(t.verdict.live);
    theatre_hold(&t, 15000);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    theatre_close(&t);
}

static void the_whole_capture_has_a_limit(void **state)
{
    (void)state;
    imi_challenge challenge;
    assert_int_equal(imi_challenge_parse("blink,turn_left", &challenge, NULL), IMI_OK);
    theatre t;
    theatre_open(&t, "blink");
    imi_liveness_judge_destroy(&t.judge);
    imi_liveness_options options = {.action_timeout_ms = 60000, .capture_timeout_ms = 5000};
    assert_int_equal(imi_liveness_judge_new(&challenge, &options, &t.judge, NULL), IMI_OK);
    theatre_settle(&t);
    theatre_hold(&t, 4500);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    theatre_close(&t);
}

/* Whether somebody who does nothing is waited for so long, and no second longer. */
static void assert_patience_ms(theatre *t, int64_t patience_ms)
{
    theatre_hold(t, patience_ms - 1000);
    assert_false(t->verdict.complete);
    theatre_hold(t, 2000);
    assert_refused(t, IMI_LIVENESS_TIMEOUT);
}

static void who_hears_late_has_longer(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.lag_ms = 4000;
    theatre_settle(&t);
    assert_patience_ms(&t, 24000);
    theatre_close(&t);
}

static void who_hears_of_the_way_back_late_has_longer(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    t.lag_ms = 4000;
    head_pose turned = t.pose;
    turned.yaw_deg = 22;
    theatre_move(&t, turned, 700);
    theatre_hold(&t, 1000);
    assert_int_equal(t.verdict.actions_done, 1);
    theatre_hold(&t, 21000);
    assert_false(t.verdict.complete);
    theatre_hold(&t, 4000);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    theatre_close(&t);
}

static void lateness_is_worth_ten_seconds_at_most(void **state)
{
    (void)state;
    static const int64_t lags_ms[] = {11000, 3600000, INT64_MAX};
    for (size_t i = 0; i < sizeof lags_ms / sizeof lags_ms[0]; i++) {
        theatre t;
        theatre_open(&t, "blink");
        t.lag_ms = lags_ms[i];
        theatre_settle(&t);
        assert_patience_ms(&t, 30000);
        theatre_close(&t);
    }
}

static void a_frame_that_comes_early_costs_no_patience(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.lag_ms = INT64_MIN;
    theatre_settle(&t);
    assert_patience_ms(&t, 20000);
    theatre_close(&t);
}

static void lateness_after_the_asking_is_worth_nothing(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.lag_ms = 8000;
    assert_patience_ms(&t, 20000);
    theatre_close(&t);
}

static void lateness_lengthens_no_whole_capture(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left,turn_right,open_mouth,turn_left");
    t.lag_ms = 10000;
    theatre_settle(&t);
    const char *const asked[] = {"turn_left", "turn_right", "open_mouth"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        imi_challenge script;
        assert_int_equal(imi_challenge_parse(asked[i], &script, NULL), IMI_OK);
        theatre_hold(&t, 25000);
        theatre_act(&t, script.actions[0]);
        assert_int_equal(t.verdict.actions_done, i + 1);
    }
    theatre_hold(&t, 90000 - t.now_ms); /* which began at 5000 */
    assert_false(t.verdict.complete);
    theatre_hold(&t, 6000);
    assert_refused(&t, IMI_LIVENESS_TIMEOUT);
    theatre_close(&t);
}

/* ---- photos ---- */

static void a_repeated_frame_is_still(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.pose.noise_px = 0;
    theatre_hold(&t, 4000);
    assert_refused(&t, IMI_LIVENESS_STILL);
    theatre_close(&t);
}

static void a_short_freeze_of_the_camera_is_forgiven(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.pose.noise_px = 0;
    theatre_hold(&t, 1000);
    t.pose.noise_px = 0.2;
    theatre_hold(&t, 500);
    assert_false(t.verdict.complete);
    theatre_close(&t);
}

static void a_noisy_photo_answers_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIONS; i++) {
        theatre t;
        theatre_open(&t, actions[i]);
        t.pose.flat = true;
        t.pose.noise_px = 0.8;
        t.tremor_deg = 3;
        theatre_hold(&t, 30000);
        assert_true(t.verdict.complete);
        assert_false(t.verdict.live);
        theatre_close(&t);
    }
}

/* Wave a photo in every direction at once, with pauses at rest. */
static void wave_photo(theatre *t, double yaw, double pitch, double zoom, int64_t for_ms)
{
    int64_t start_ms = t->now_ms;
    while (t->now_ms < start_ms + for_ms && !t->verdict.complete) {
        double seconds = (double)(t->now_ms - start_ms) / 1000;
        t->pose.yaw_deg = yaw * sin(seconds * 1.9);
        t->pose.pitch_deg = pitch * sin(seconds * 1.3);
        t->pose.distance = 7.5 * exp(-zoom * sin(seconds * 1.1));
        theatre_frame(t);
    }
}

static void a_photo_waved_any_way_answers_nothing(void **state)
{
    (void)state;
    static const double waves[][3] = {{50, 0, 0},   {0, 50, 0},  {0, 0, 0.5},  {30, 0, 0.4},
                                      {0, 30, 0.4}, {40, 40, 0}, {25, 20, 0.5}};
    for (size_t w = 0; w < sizeof waves / sizeof waves[0]; w++) {
        for (int i = 0; i < ACTIONS; i++) {
            theatre t;
            theatre_open(&t, actions[i]);
            t.pose.flat = true;
            theatre_settle(&t);
            wave_photo(&t, waves[w][0], waves[w][1], waves[w][2], 60000);
            assert_true(t.verdict.complete);
            assert_false(t.verdict.live);
            assert_int_equal(t.verdict.actions_done, 0);
            theatre_close(&t);
        }
    }
}

/* Held close and tilted to and fro: a plane beyond doubt. */
static void a_photo_kept_near_is_called_flat(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    t.pose.flat = true;
    theatre_settle(&t);
    theatre_hold(&t, 300);
    head_pose near = t.pose;
    near.distance /= 1.6;
    near.yaw_deg = 22;
    theatre_move(&t, near, 1500);
    theatre_hold(&t, 6000);
    assert_refused(&t, IMI_LIVENESS_FLAT);
    theatre_close(&t);
}

/* ---- the track ---- */

static void a_face_that_leaves_is_lost(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    for (int i = 0; i < 35; i++) {
        theatre_empty_frame(&t);
    }
    assert_false(t.verdict.complete);
    for (int i = 0; i < 5; i++) {
        theatre_empty_frame(&t);
    }
    assert_refused(&t, IMI_LIVENESS_FACE_LOST);
    theatre_close(&t);
}

static void a_face_that_jumps_is_lost(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.period_ms = 30;
    theatre_hold(&t, 900);
    t.pose.shift_x = 130;
    t.pose.shift_y = 120;
    theatre_hold(&t, 300);
    assert_refused(&t, IMI_LIVENESS_FACE_LOST);
    theatre_close(&t);
}

static void a_single_slip_of_the_detector_is_forgiven(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.pose.shift_x = 200;
    theatre_frame(&t);
    t.pose.shift_x = 0;
    theatre_frame(&t);
    theatre_act(&t, IMI_ACTION_BLINK);
    assert_true(t.verdict.live);
    theatre_close(&t);
}

static void another_face_elsewhere_is_noticed(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    t.period_ms = 30;
    theatre_hold(&t, 900);
    t.pose.width = 1.14;
    t.pose.shift_x = 130;
    t.pose.shift_y = 120;
    theatre_hold(&t, 300);
    assert_refused(&t, IMI_LIVENESS_FACE_CHANGED);
    theatre_close(&t);
}

static void a_very_different_face_in_the_same_place_is_noticed(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink,turn_left");
    theatre_settle(&t);
    theatre_act(&t, IMI_ACTION_BLINK);
    t.pose.width = 1.35;
    theatre_hold(&t, 600);
    assert_refused(&t, IMI_LIVENESS_FACE_CHANGED);
    theatre_close(&t);
}

/* ---- time ---- */

static void time_that_runs_backwards_is_refused(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.now_ms -= 500;
    theatre_frame(&t);
    assert_refused(&t, IMI_LIVENESS_TIME);
    theatre_close(&t);
}

static void a_hole_in_time_is_refused(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.now_ms += 6000;
    theatre_frame(&t);
    assert_refused(&t, IMI_LIVENESS_TIME);
    theatre_close(&t);
}

static void impossible_times_are_refused(void **state)
{
    (void)state;
    static const int64_t times[] = {-1, INT64_MIN, INT64_MAX, (INT64_C(1) << 53) + 1};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        theatre t;
        theatre_open(&t, "blink");
        imi_observation frame = {.captured_at_ms = times[i], .reason = IMI_CAPTURE_NO_FACE};
        theatre_show(&t, &frame);
        assert_refused(&t, IMI_LIVENESS_TIME);
        theatre_close(&t);
    }
}

static void time_that_stands_still_is_refused_in_the_end(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.period_ms = 0;
    theatre_frame(&t);
    theatre_frame(&t);
    assert_false(t.verdict.complete); /* a frame sent twice */
    for (int i = 0; i < 12; i++) {
        theatre_frame(&t);
    }
    assert_refused(&t, IMI_LIVENESS_TIME);
    theatre_close(&t);
}

/* ---- broken landmarks fail closed ---- */

static void spoil_nothing(head_view *view)
{
    (void)view;
}

static void spoil_x(head_view *view)
{
    view->landmarks.points[200].x = NAN;
}

static void spoil_depth(head_view *view)
{
    view->landmarks.points[467].z = INFINITY;
}

static void spoil_presence(head_view *view)
{
    view->landmarks.presence = NAN;
}

static void spoil_all(head_view *view)
{
    view->landmarks = (imi_landmarks){.presence = 1};
}

static void shrink(head_view *view)
{
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 *p = &view->landmarks.points[i];
        *p = (imi_point3){p->x / 10, p->y / 10, p->z / 10};
    }
}

static void show_spoiled(theatre *t, void (*spoil)(head_view *), unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        head_view view;
        t->pose.seed = t->frames;
        head_look(&t->pose, &view);
        spoil(&view);
        imi_observation seen = {.captured_at_ms = t->now_ms,
                                .image_width = HEAD_IMAGE_WIDTH,
                                .image_height = HEAD_IMAGE_HEIGHT,
                                .reason = IMI_CAPTURE_OK,
                                .box = &view.box,
                                .landmarks = &view.landmarks,
                                .quality = &view.quality};
        theatre_show(t, &seen);
    }
}

static void broken_landmarks_are_no_face(void **state)
{
    (void)state;
    void (*const spoils[])(head_view *) = {spoil_x, spoil_depth, spoil_presence, spoil_all, shrink};
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        theatre t;
        theatre_open(&t, "blink");
        show_spoiled(&t, spoils[i], 40);
        assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
        assert_false(imi_liveness_judge_neutral(t.judge));
        show_spoiled(&t, spoil_nothing, 12);
        assert_int_equal(t.guidance, IMI_GUIDANCE_BLINK); /* and it recovers */
        show_spoiled(&t, spoils[i], 60);
        assert_refused(&t, IMI_LIVENESS_FACE_LOST);
        theatre_close(&t);
    }
}

static void a_face_without_box_or_landmarks_is_no_face(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    head_view view;
    head_look(&t.pose, &view);
    imi_observation seen = {.captured_at_ms = 1, .reason = IMI_CAPTURE_OK, .box = &view.box};
    theatre_show(&t, &seen);
    assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
    seen = (imi_observation){
        .captured_at_ms = 2, .reason = IMI_CAPTURE_OK, .landmarks = &view.landmarks};
    theatre_show(&t, &seen);
    assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
    theatre_close(&t);
}

static void a_picture_without_size_holds_no_face(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{0, 0}, {0, 640}, {480, 0}};
    for (size_t i = 0; i < 3; i++) {
        theatre t;
        theatre_open(&t, "follow@1");
        for (int n = 0; n < 20; n++) {
            head_view view;
            head_look(&t.pose, &view);
            imi_observation seen = {.captured_at_ms = t.now_ms,
                                    .image_width = sizes[i][0],
                                    .image_height = sizes[i][1],
                                    .reason = IMI_CAPTURE_OK,
                                    .box = &view.box,
                                    .landmarks = &view.landmarks,
                                    .quality = &view.quality};
            theatre_show(&t, &seen);
        }
        assert_int_equal(t.guidance, IMI_GUIDANCE_SHOW_FACE);
        theatre_close(&t);
    }
}

static float random_float(uint64_t *state, float size)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return size * ((float)(*state >> 40) / 8388608.F - 1);
}

/* A head that falls apart by random amounts, in pictures of random sizes. */
static void hostile_landmarks_are_borne_and_never_live(void **state)
{
    (void)state;
    static const char *const scripts[] = {"near_far@3,nod", "follow@5,near_far", "nod,follow@8"};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t random = seed * 7919;
        theatre t;
        theatre_open(&t, scripts[seed % 3]);
        theatre_settle(&t);
        float size = powf(10, (float)(seed % 36));
        for (int n = 0; n < 100; n++) {
            head_view view;
            t.pose.seed = t.frames;
            head_look(&t.pose, &view);
            for (unsigned i = n % 3 == 0 ? 0 : 400; i < IMI_MESH_POINTS; i++) {
                imi_point3 *p = &view.landmarks.points[i];
                p->x += random_float(&random, size);
                p->y += random_float(&random, size);
                p->z += random_float(&random, size);
            }
            imi_observation seen = {.captured_at_ms = t.now_ms,
                                    .image_width = 1U << (seed * 5 % 32),
                                    .image_height = 1U << (seed * 11 % 32),
                                    .reason = (imi_capture_reason)(n % 20 == 0 ? -1 : 0),
                                    .box = &view.box,
                                    .landmarks = &view.landmarks,
                                    .quality = &view.quality};
            imi_oval oval;
            theatre_show(&t, &seen);
            assert_false(t.verdict.live);
            if (imi_liveness_judge_target(t.judge, &oval)) {
                assert_true(isfinite(oval.centre_x) && isfinite(oval.centre_y) &&
                            isfinite(oval.height));
            }
        }
        theatre_close(&t);
    }
}

/* ---- eyes and mouth ---- */

static void eyes_behind_glasses_do_not_blink_by_noise(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 5; seed++) {
        theatre t;
        theatre_open(&t, "blink");
        t.frames = seed * 1000;
        t.pose.eye_noise = 0.15;
        theatre_hold(&t, 18000);
        assert_int_equal(t.verdict.actions_done, 0);
        theatre_close(&t);
    }
}

static void a_glance_down_is_no_blink(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    head_pose open = t.pose;
    head_pose lowered = t.pose;
    lowered.eyes = 0.83; /* 0.88 of the open eyes' aspect */
    theatre_move(&t, lowered, t.period_ms);
    theatre_move(&t, open, t.period_ms);
    theatre_hold(&t, 500);
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

static void closed_eyes_that_stay_closed_are_no_blink(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.pose.eyes = 0;
    theatre_hold(&t, 4000);
    t.pose.eyes = 1;
    theatre_hold(&t, 1000);
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

static void talking_does_not_open_the_mouth_wide(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "open_mouth");
    theatre_settle(&t);
    for (int i = 0; i < 60; i++) {
        t.pose.mouth = i % 3 == 0 ? 0.1 : 0.02;
        theatre_frame(&t);
    }
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

static void a_turn_by_a_little_is_none(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "turn_left");
    theatre_settle(&t);
    t.pose.yaw_deg = 6;
    theatre_hold(&t, 5000);
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

static void coming_a_little_nearer_is_not_enough(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "near_far");
    theatre_settle(&t);
    head_pose near = t.pose;
    near.distance /= 1.2;
    theatre_move(&t, near, 1000);
    theatre_hold(&t, 5000);
    assert_int_equal(t.verdict.actions_done, 0);
    theatre_close(&t);
}

/* ---- the interface ---- */

static void the_verdict_begins_as_not_live(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    assert_false(t.verdict.live);
    assert_false(t.verdict.complete);
    assert_int_equal(t.verdict.reason, IMI_LIVENESS_INCOMPLETE);
    assert_true(isnan(t.verdict.flatness_residual));
    imi_liveness_verdict none = {.live = true, .complete = true};
    imi_liveness_judge_verdict(NULL, &none);
    assert_false(none.live || none.complete);
    theatre_close(&t);
}

static void nothing_changes_after_the_end(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    theatre_settle(&t);
    t.now_ms -= 5;
    t.now_ms -= t.period_ms;
    theatre_frame(&t);
    assert_refused(&t, IMI_LIVENESS_TIME);
    theatre_perform(&t, "blink");
    assert_refused(&t, IMI_LIVENESS_TIME);
    theatre_close(&t);
}

static void a_judge_needs_a_valid_challenge(void **state)
{
    (void)state;
    const imi_challenge bad[] = {
        {.count = 0},
        {.count = IMI_CHALLENGE_ACTIONS_MAX + 1, .actions = {IMI_ACTION_BLINK}},
        {.count = 1, .actions = {IMI_ACTION_NONE}},
        {.count = 1, .actions = {IMI_ACTION_COUNT}},
        {.count = 1, .actions = {(imi_action)-1}},
        {.count = 1, .actions = {IMI_ACTION_FOLLOW}},
        {.count = 1, .actions = {IMI_ACTION_FOLLOW}, .targets = {IMI_FOLLOW_TARGETS + 1}},
        {.count = 1, .actions = {IMI_ACTION_NEAR_FAR}, .targets = {IMI_NEAR_TARGETS + 1}},
        {.count = 1, .actions = {IMI_ACTION_BLINK}, .targets = {1}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_liveness_judge *judge = NULL;
        assert_int_equal(imi_liveness_judge_new(&bad[i], NULL, &judge, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_null(judge);
    }
    imi_liveness_judge *judge = NULL;
    assert_int_equal(imi_liveness_judge_new(NULL, NULL, &judge, NULL), IMI_E_INVALID_ARGUMENT);
    imi_challenge good = {.count = 1, .actions = {IMI_ACTION_BLINK}};
    imi_liveness_options negative = {.action_timeout_ms = -1};
    assert_int_equal(imi_liveness_judge_new(&good, &negative, &judge, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_liveness_judge_new(&good, NULL, NULL, NULL), IMI_E_INVALID_ARGUMENT);
}

static void missing_arguments_are_refused(void **state)
{
    (void)state;
    theatre t;
    theatre_open(&t, "blink");
    imi_observation frame = {0};
    imi_guidance guidance = IMI_GUIDANCE_DONE;
    assert_int_equal(imi_liveness_judge_feed(NULL, &frame, &guidance, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(guidance, IMI_GUIDANCE_NONE);
    assert_int_equal(imi_liveness_judge_feed(t.judge, NULL, &guidance, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_liveness_judge_feed(t.judge, &frame, NULL, NULL), IMI_E_INVALID_ARGUMENT);
    assert_false(imi_liveness_judge_neutral(NULL));
    theatre_close(&t);
    imi_liveness_judge_destroy(NULL);
    imi_liveness_judge_destroy(&t.judge);
}

static bool always(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void without_memory_there_is_no_judge(void **state)
{
    (void)state;
    imi_challenge challenge = {.count = 1, .actions = {IMI_ACTION_BLINK}};
    imi_liveness_judge *judge = NULL;
    imi_alloc_set_fail_hook(always, NULL);
    imi_status status = imi_liveness_judge_new(&challenge, NULL, &judge, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_NO_MEMORY);
    assert_null(judge);
}

static void a_judge_leaves_no_memory_behind(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    theatre t;
    theatre_open(&t, "near_far,blink");
    theatre_perform(&t, "near_far,blink");
    theatre_close(&t);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_who_does_nothing_times_out),
        cmocka_unit_test(another_action_is_no_answer),
        cmocka_unit_test(the_second_action_of_another_kind_ends_it),
        cmocka_unit_test(frames_without_a_face_hide_no_wrong_action),
        cmocka_unit_test(the_fourth_turn_to_the_wrong_side_ends_it),
        cmocka_unit_test(leaning_in_again_and_again_ends_it),
        cmocka_unit_test(the_right_answer_in_the_wrong_order_is_none),
        cmocka_unit_test(one_action_does_not_answer_for_two),
        cmocka_unit_test(a_head_that_never_comes_back_is_not_done),
        cmocka_unit_test(the_whole_capture_has_a_limit),
        cmocka_unit_test(who_hears_late_has_longer),
        cmocka_unit_test(who_hears_of_the_way_back_late_has_longer),
        cmocka_unit_test(lateness_is_worth_ten_seconds_at_most),
        cmocka_unit_test(a_frame_that_comes_early_costs_no_patience),
        cmocka_unit_test(lateness_after_the_asking_is_worth_nothing),
        cmocka_unit_test(lateness_lengthens_no_whole_capture),
        cmocka_unit_test(a_repeated_frame_is_still),
        cmocka_unit_test(a_short_freeze_of_the_camera_is_forgiven),
        cmocka_unit_test(a_noisy_photo_answers_nothing),
        cmocka_unit_test(a_photo_waved_any_way_answers_nothing),
        cmocka_unit_test(a_photo_kept_near_is_called_flat),
        cmocka_unit_test(a_face_that_leaves_is_lost),
        cmocka_unit_test(a_face_that_jumps_is_lost),
        cmocka_unit_test(a_single_slip_of_the_detector_is_forgiven),
        cmocka_unit_test(another_face_elsewhere_is_noticed),
        cmocka_unit_test(a_very_different_face_in_the_same_place_is_noticed),
        cmocka_unit_test(time_that_runs_backwards_is_refused),
        cmocka_unit_test(a_hole_in_time_is_refused),
        cmocka_unit_test(impossible_times_are_refused),
        cmocka_unit_test(time_that_stands_still_is_refused_in_the_end),
        cmocka_unit_test(broken_landmarks_are_no_face),
        cmocka_unit_test(a_face_without_box_or_landmarks_is_no_face),
        cmocka_unit_test(a_picture_without_size_holds_no_face),
        cmocka_unit_test(hostile_landmarks_are_borne_and_never_live),
        cmocka_unit_test(eyes_behind_glasses_do_not_blink_by_noise),
        cmocka_unit_test(a_glance_down_is_no_blink),
        cmocka_unit_test(closed_eyes_that_stay_closed_are_no_blink),
        cmocka_unit_test(talking_does_not_open_the_mouth_wide),
        cmocka_unit_test(a_turn_by_a_little_is_none),
        cmocka_unit_test(coming_a_little_nearer_is_not_enough),
        cmocka_unit_test(the_verdict_begins_as_not_live),
        cmocka_unit_test(nothing_changes_after_the_end),
        cmocka_unit_test(a_judge_needs_a_valid_challenge),
        cmocka_unit_test(missing_arguments_are_refused),
        cmocka_unit_test(without_memory_there_is_no_judge),
        cmocka_unit_test(a_judge_leaves_no_memory_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
