/* The rule that means are compared with tells a head that comes nearer from a photo that does. */
#include "cmocka_all.h"
#include "drawn_view.h"
#include "single_frames.h"

static void fill_baseline(imi_liveness_baseline *baseline)
{
    const imi_gen_pose rest = {.distance_cm = 54};
    *baseline = (imi_liveness_baseline){.known = true, .mesh = drawn_head_view(&rest)};
    imi_mesh_upper_face(&baseline->mesh, &baseline->upper);
}

static imi_liveness_reading read_view(imi_liveness_sample *sample, double yaw_deg,
                                      double distance_cm)
{
    return (imi_liveness_reading){
        .sample = sample, .yaw_deg = (float)yaw_deg, .scale = (float)(54 / distance_cm)};
}

typedef imi_landmarks (*look)(const imi_gen_pose *pose);

/* Come nearer by steps of a centimetre, held at an angle; whether that was a solid. */
static bool come_nearer(look at, double yaw_deg, double to_cm)
{
    static imi_liveness_baseline baseline;
    static imi_liveness_sample sample;
    static single_frames rule;
    bool solid = false;
    fill_baseline(&baseline);
    rule = (single_frames){.far_scale = 0};
    for (double cm = 54; cm >= to_cm; cm -= 1) {
        const imi_gen_pose pose = {.distance_cm = cm, .turn = {.yaw_deg = yaw_deg}};
        sample = (imi_liveness_sample){.whole = true, .landmarks = at(&pose)};
        imi_liveness_reading reading = read_view(&sample, yaw_deg, cm);
        solid = single_frames_feed(&rule, &baseline, &reading) || solid;
    }
    return solid;
}

static void a_head_that_comes_nearer_is_a_solid(void **state)
{
    (void)state;
    assert_true(come_nearer(drawn_head_view, 0, 30));
}

static void a_photo_that_comes_nearer_is_none(void **state)
{
    (void)state;
    assert_false(come_nearer(drawn_photo_view, 0, 30));
    assert_false(come_nearer(drawn_photo_view, 8, 30));
}

static void a_head_that_does_not_come_near_enough_says_nothing(void **state)
{
    (void)state;
    assert_false(come_nearer(drawn_head_view, 0, 41));
}

static void a_head_that_looks_aside_says_nothing(void **state)
{
    (void)state;
    assert_false(come_nearer(drawn_head_view, LIMIT_NEAR_YAW_DEG + 1, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_comes_nearer_is_a_solid),
        cmocka_unit_test(a_photo_that_comes_nearer_is_none),
        cmocka_unit_test(a_head_that_does_not_come_near_enough_says_nothing),
        cmocka_unit_test(a_head_that_looks_aside_says_nothing),
    };
    return cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down);
}
