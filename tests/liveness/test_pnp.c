/* A pose is found again from where its points are seen. */
#include "cmocka_all.h"
#include "drawn_view.h"
#include "pnp.h"

#include <math.h>

static const imi_gen_lens WIDER = {417, 319.5, 239.5};

static bool solve(const imi_gen_lens *lens, const imi_landmarks *frontal, const imi_landmarks *seen,
                  imi_gen_turn *out)
{
    pnp_model model = pnp_model_of(&DRAWN_LENS, frontal);
    imi_mesh_subset upper;
    imi_mesh_upper_face(frontal, &upper);
    return pnp_solve(lens, &model, seen, &upper, out);
}

static void a_turn_is_found_again_at_any_distance(void **state)
{
    (void)state;
    const imi_gen_pose rest = {.distance_cm = 50};
    imi_landmarks frontal = drawn_head_view(&rest);
    for (double distance_cm = 30; distance_cm < 80; distance_cm += 20) {
        for (double degrees = -35; degrees <= 35; degrees += 14) {
            const imi_gen_pose pose = {.distance_cm = distance_cm,
                                       .x_cm = 3,
                                       .turn = {degrees, -degrees / 2, degrees / 3}};
            imi_landmarks seen = drawn_head_view(&pose);
            imi_gen_turn found;
            assert_true(solve(&DRAWN_LENS, &frontal, &seen, &found));
            assert_true(fabs(found.yaw_deg - degrees) < 0.5);
            assert_true(fabs(found.pitch_deg + degrees / 2) < 0.5);
            assert_true(fabs(found.roll_deg - degrees / 3) < 0.5);
        }
    }
}

static void the_view_that_a_model_is_made_of_is_unturned(void **state)
{
    (void)state;
    const imi_gen_pose turned = {.distance_cm = 40, .turn = {10, 5, 0}};
    imi_landmarks mesh = drawn_head_view(&turned);
    imi_gen_turn found;
    assert_true(solve(&DRAWN_LENS, &mesh, &mesh, &found));
    assert_true(fabs(found.yaw_deg) < 0.01 && fabs(found.pitch_deg) < 0.01);
}

static void who_takes_the_lens_for_another_mistakes_the_turn(void **state)
{
    (void)state;
    const imi_gen_pose rest = {.distance_cm = 30};
    const imi_gen_pose turned = {.distance_cm = 30, .turn = {25, 0, 0}};
    imi_landmarks frontal = drawn_head_view(&rest);
    imi_landmarks seen = drawn_head_view(&turned);
    imi_gen_turn found;
    assert_true(solve(&WIDER, &frontal, &seen, &found));
    assert_true(fabs(found.yaw_deg - 25) > 1);
}

static void points_in_one_place_or_nowhere_have_no_pose(void **state)
{
    (void)state;
    const imi_gen_pose rest = {.distance_cm = 50};
    imi_landmarks frontal = drawn_head_view(&rest);
    imi_landmarks seen = {.presence = 1};
    imi_gen_turn found;
    assert_false(solve(&DRAWN_LENS, &frontal, &seen, &found));
    seen = frontal;
    seen.points[IMI_MESH_FOREHEAD_TOP].x = NAN;
    assert_false(solve(&DRAWN_LENS, &frontal, &seen, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_is_found_again_at_any_distance),
        cmocka_unit_test(the_view_that_a_model_is_made_of_is_unturned),
        cmocka_unit_test(who_takes_the_lens_for_another_mistakes_the_turn),
        cmocka_unit_test(points_in_one_place_or_nowhere_have_no_pose),
    };
    return cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down);
}
