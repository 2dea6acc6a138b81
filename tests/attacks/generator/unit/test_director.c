#include "cmocka_all.h"
#include "director.h"

#include <math.h>

static const imi_gen_lens LENS = {554, 319.5, 239.5};
static const imi_gen_build BUILD = {{0, -6, 1}, {0, 10.5, 1}, {0, 0, 0}, 1};
enum { PERIOD_MS = 100, SEED = 5 };

/* Tell somebody one thing for a while, after a calm second; how they are then. */
static imi_gen_pose told(const imi_sim_cue *cue, int64_t for_ms)
{
    imi_gen_director director;
    imi_gen_pose pose = {.distance_cm = 0};
    const imi_sim_cue calm = {.guidance = IMI_GUIDANCE_HOLD_STILL};
    imi_gen_director_start(&director, SEED, &BUILD);
    for (int64_t at_ms = 0; at_ms <= 1000 + for_ms; at_ms += PERIOD_MS) {
        pose = imi_gen_director_act(&director, at_ms, at_ms < 1000 ? &calm : cue, &LENS);
    }
    return pose;
}

static imi_gen_pose told_guidance(imi_guidance guidance, int64_t for_ms)
{
    const imi_sim_cue cue = {.guidance = guidance};
    return told(&cue, for_ms);
}

static void comes_nearer_by_the_own_growth(void **state)
{
    (void)state;
    imi_gen_habits habits = imi_gen_habits_of(SEED);
    double near_cm = told_guidance(IMI_GUIDANCE_MOVE_CLOSER, 4000).distance_cm;
    assert_true(fabs(habits.start_cm / near_cm - habits.growth) < 0.1);
}

static void growth_is_within_what_people_do(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        double growth = imi_gen_habits_of(seed).growth;
        assert_true(growth >= 1.35 && growth <= 1.9);
    }
}

static void turns_to_the_own_left_and_right(void **state)
{
    (void)state;
    assert_true(told_guidance(IMI_GUIDANCE_TURN_LEFT, 3000).turn.yaw_deg > 18);
    assert_true(told_guidance(IMI_GUIDANCE_TURN_RIGHT, 3000).turn.yaw_deg < -18);
}

static void nothing_is_done_before_the_reaction(void **state)
{
    (void)state;
    imi_gen_habits habits = imi_gen_habits_of(SEED);
    int64_t before_ms = habits.reaction_ms / PERIOD_MS * PERIOD_MS;
    assert_true(fabs(told_guidance(IMI_GUIDANCE_TURN_LEFT, before_ms).turn.yaw_deg) < 3);
}

static void opens_the_mouth_and_closes_it_again(void **state)
{
    (void)state;
    assert_true(told_guidance(IMI_GUIDANCE_OPEN_MOUTH, 2500).mouth > 0.7);
    assert_true(told_guidance(IMI_GUIDANCE_CLOSE_MOUTH, 2500).mouth < 0.05);
}

static void blinks_when_told_to(void **state)
{
    (void)state;
    double most = 0;
    for (int64_t for_ms = 800; for_ms < 2600; for_ms += PERIOD_MS) {
        most = fmax(most, told_guidance(IMI_GUIDANCE_BLINK, for_ms).blink);
    }
    assert_true(most > 0.9);
}

static void nods_down_and_comes_up_again(void **state)
{
    (void)state;
    double rest = told_guidance(IMI_GUIDANCE_HOLD_STILL, 3000).turn.pitch_deg;
    double least = rest;
    for (int64_t for_ms = 300; for_ms < 3000; for_ms += PERIOD_MS) {
        least = fmin(least, told_guidance(IMI_GUIDANCE_NOD, for_ms).turn.pitch_deg);
    }
    double after = told_guidance(IMI_GUIDANCE_NOD, 4800).turn.pitch_deg;
    assert_true(least < rest - 10);
    assert_true(fabs(after - rest) < 5);
}

static void brings_the_face_into_the_oval(void **state)
{
    (void)state;
    const imi_sim_cue cue = {
        .guidance = IMI_GUIDANCE_FIT_OVAL, .has_target = true, .target = {0.6F, 0.42F, 0.5F}};
    imi_gen_pose pose = told(&cue, 5000);
    imi_gen_point at = {pose.x_cm, pose.y_cm, pose.distance_cm};
    imi_gen_matrix turn = imi_gen_matrix_of(pose.turn);
    imi_gen_seen top =
        imi_gen_project(&LENS, imi_gen_add(imi_gen_rotate(&turn, BUILD.forehead), at));
    imi_gen_seen bottom =
        imi_gen_project(&LENS, imi_gen_add(imi_gen_rotate(&turn, BUILD.chin), at));
    assert_true(fabs((bottom.y - top.y) / (0.5 * 479) - 1) < 0.06);
    assert_true(fabs((top.x + bottom.x) / 2 - 0.6 * 639) < 14);
    assert_true(fabs((top.y + bottom.y) / 2 - 0.42 * 479) < 14);
}

static void a_seed_moves_alike_and_another_does_not(void **state)
{
    (void)state;
    imi_gen_director a;
    imi_gen_director b;
    imi_gen_director c;
    imi_gen_director_start(&a, 1, &BUILD);
    imi_gen_director_start(&b, 1, &BUILD);
    imi_gen_director_start(&c, 2, &BUILD);
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_MOVE_CLOSER};
    imi_gen_pose from_a = {.distance_cm = 0};
    imi_gen_pose from_b = {.distance_cm = 0};
    imi_gen_pose from_c = {.distance_cm = 0};
    for (int64_t at_ms = 0; at_ms < 2000; at_ms += PERIOD_MS) {
        from_a = imi_gen_director_act(&a, at_ms, &cue, &LENS);
        from_b = imi_gen_director_act(&b, at_ms, &cue, &LENS);
        from_c = imi_gen_director_act(&c, at_ms, &cue, &LENS);
    }
    assert_memory_equal(&from_a, &from_b, sizeof from_a);
    assert_true(fabs(from_a.distance_cm - from_c.distance_cm) > 1e-6);
}

static void nobody_is_ever_twice_in_the_same_place(void **state)
{
    (void)state;
    enum { FRAMES = 300 };
    imi_gen_director director;
    imi_gen_pose poses[FRAMES];
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL};
    imi_gen_director_start(&director, SEED, &BUILD);
    for (int i = 0; i < FRAMES; i++) {
        poses[i] = imi_gen_director_act(&director, (int64_t)i * PERIOD_MS, &cue, &LENS);
        for (int k = 0; k < i; k++) {
            double moved = fabs(poses[i].x_cm - poses[k].x_cm) +
                           fabs(poses[i].y_cm - poses[k].y_cm) +
                           fabs(poses[i].turn.yaw_deg - poses[k].turn.yaw_deg);
            assert_true(moved > 1e-4);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_nearer_by_the_own_growth),
        cmocka_unit_test(growth_is_within_what_people_do),
        cmocka_unit_test(turns_to_the_own_left_and_right),
        cmocka_unit_test(nothing_is_done_before_the_reaction),
        cmocka_unit_test(opens_the_mouth_and_closes_it_again),
        cmocka_unit_test(blinks_when_told_to),
        cmocka_unit_test(nods_down_and_comes_up_again),
        cmocka_unit_test(brings_the_face_into_the_oval),
        cmocka_unit_test(a_seed_moves_alike_and_another_does_not),
        cmocka_unit_test(nobody_is_ever_twice_in_the_same_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
