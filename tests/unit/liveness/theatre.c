#include "theatre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void theatre_open(theatre *t, const char *challenge)
{
    imi_challenge script;
    *t = (theatre){.pose = head_at_rest(), .now_ms = 5000, .period_ms = 83};
    t->pose.noise_px = 0.2;
    assert_int_equal(imi_challenge_parse(challenge, &script, NULL), IMI_OK);
    assert_int_equal(imi_liveness_judge_new(&script, NULL, &t->judge, NULL), IMI_OK);
    imi_liveness_judge_verdict(t->judge, &t->verdict);
}

void theatre_close(theatre *t)
{
    imi_liveness_judge_destroy(&t->judge);
}

void theatre_show(theatre *t, const imi_observation *observation)
{
    assert_int_equal(imi_liveness_judge_feed(t->judge, observation, &t->guidance, NULL), IMI_OK);
    imi_liveness_judge_verdict(t->judge, &t->verdict);
    t->frames++;
    t->now_ms += t->period_ms;
}

void theatre_empty_frame(theatre *t)
{
    imi_observation nothing = {.captured_at_ms = t->now_ms,
                               .image_width = HEAD_IMAGE_WIDTH,
                               .image_height = HEAD_IMAGE_HEIGHT,
                               .reason = IMI_CAPTURE_NO_FACE};
    theatre_show(t, &nothing);
}

void theatre_frame(theatre *t)
{
    if (t->drop_every > 0 && t->frames % t->drop_every == t->drop_every - 1) {
        theatre_empty_frame(t);
        return;
    }
    head_pose pose = t->pose;
    double phase = (double)t->now_ms / 1000 * 6.2832 * 4.7; /* tremor is at 4 to 6 Hz */
    pose.yaw_deg += t->tremor_deg * sin(phase);
    pose.pitch_deg += t->tremor_deg * sin(phase * 1.21);
    pose.shift_x += 4 * t->tremor_deg * sin(phase * 0.83);
    pose.shift_y += 4 * t->tremor_deg * sin(phase * 1.07);
    pose.seed = t->frames + 1;
    head_view view;
    head_look(&pose, &view);
    imi_observation observation = {.captured_at_ms = t->now_ms,
                                   .lag_ms = t->lag_ms,
                                   .image_width = HEAD_IMAGE_WIDTH,
                                   .image_height = HEAD_IMAGE_HEIGHT,
                                   .reason = t->reason,
                                   .box = &view.box,
                                   .landmarks = &view.landmarks,
                                   .quality = &view.quality};
    theatre_show(t, &observation);
}

void theatre_hold(theatre *t, int64_t for_ms)
{
    for (int64_t until_ms = t->now_ms + for_ms; t->now_ms < until_ms;) {
        theatre_frame(t);
    }
}

static double between(double from, double to, double share)
{
    return from + (to - from) * share;
}

void theatre_move(theatre *t, head_pose to, int64_t within_ms)
{
    head_pose from = t->pose;
    for (int64_t start_ms = t->now_ms; t->now_ms < start_ms + within_ms;) {
        double share = fmin((double)(t->now_ms - start_ms + t->period_ms) / (double)within_ms, 1);
        t->pose = to;
        t->pose.yaw_deg = between(from.yaw_deg, to.yaw_deg, share);
        t->pose.pitch_deg = between(from.pitch_deg, to.pitch_deg, share);
        t->pose.roll_deg = between(from.roll_deg, to.roll_deg, share);
        t->pose.distance = between(from.distance, to.distance, share);
        t->pose.shift_x = between(from.shift_x, to.shift_x, share);
        t->pose.shift_y = between(from.shift_y, to.shift_y, share);
        t->pose.eyes = between(from.eyes, to.eyes, share);
        t->pose.mouth = between(from.mouth, to.mouth, share);
        theatre_frame(t);
    }
    t->pose = to;
}

void theatre_settle(theatre *t)
{
    theatre_hold(t, t->period_ms > 150 ? 1600 : 900);
}

head_pose theatre_pose_at(const theatre *t, unsigned target)
{
    /* As a person sees it the first is above and the third to the right; pictures are mirrored. */
    double clockwise = (target - 1) * 6.2831853 / 8;
    head_pose pose = t->pose;
    pose.shift_x = -0.2 * HEAD_IMAGE_WIDTH * sin(clockwise);
    pose.shift_y = -0.2 * HEAD_IMAGE_WIDTH * cos(clockwise);
    return pose;
}

static head_pose pose_of_action(const theatre *t, imi_action action, unsigned target)
{
    static const double nearer[] = {1.6, 1.45, 1.7, 2};
    head_pose acted = t->pose;
    switch (action) {
    case IMI_ACTION_NEAR_FAR:
        acted.distance /= nearer[target];
        break;
    case IMI_ACTION_TURN_LEFT:
        acted.yaw_deg += 22;
        break;
    case IMI_ACTION_TURN_RIGHT:
        acted.yaw_deg -= 22;
        break;
    case IMI_ACTION_OPEN_MOUTH:
        acted.mouth += 0.35;
        break;
    case IMI_ACTION_FOLLOW:
        return theatre_pose_at(t, target);
    case IMI_ACTION_NOD:
        acted.pitch_deg -= 18;
        break;
    default:
        acted.eyes = 0;
        break;
    }
    return acted;
}

void theatre_act_at(theatre *t, imi_action action, unsigned target)
{
    head_pose rest = t->pose;
    head_pose acted = pose_of_action(t, action, target);
    bool aims = action == IMI_ACTION_FOLLOW || target != IMI_TARGET_ANY;
    bool blink = action == IMI_ACTION_BLINK;
    int64_t move_ms = blink ? t->period_ms : 900;
    theatre_move(t, acted, move_ms);
    theatre_hold(t, blink ? t->period_ms : aims ? 1000 : 600);
    theatre_move(t, rest, move_ms);
    theatre_hold(t, 500);
}

void theatre_act(theatre *t, imi_action action)
{
    theatre_act_at(t, action, action == IMI_ACTION_FOLLOW ? 1 : IMI_TARGET_ANY);
}

void theatre_perform(theatre *t, const char *actions)
{
    imi_challenge script;
    assert_int_equal(imi_challenge_parse(actions, &script, NULL), IMI_OK);
    theatre_settle(t);
    for (uint32_t i = 0; i < script.count; i++) {
        theatre_act_at(t, script.actions[i], script.targets[i]);
    }
}
