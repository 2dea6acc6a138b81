/* A solid and a plane, told apart; small linear algebra. */
#include "head.h"
#include "imi/planarity.h"
#include "solve.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static head_view view_of(head_pose pose)
{
    head_view view;
    head_look(&pose, &view);
    return view;
}

static imi_mesh_subset upper_of(const head_view *view)
{
    imi_mesh_subset upper;
    imi_mesh_upper_face(&view->landmarks, &upper);
    return upper;
}

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance)) {
        fail_msg("%g is not within %g of %g", value, tolerance, wanted);
    }
}

static void the_upper_face_leaves_out_mouth_and_chin(void **state)
{
    (void)state;
    head_view view = view_of(head_at_rest());
    imi_mesh_subset upper = upper_of(&view);
    assert_in_range(upper.count, IMI_MESH_POINTS / 3, IMI_MESH_POINTS - 1);
    for (uint32_t i = 0; i < upper.count; i++) {
        assert_int_not_equal(upper.index[i], IMI_MESH_CHIN);
        assert_int_not_equal(upper.index[i], IMI_MESH_LOWER_LIP_INNER);
    }
}

static void the_same_view_fits_itself(void **state)
{
    (void)state;
    head_view view = view_of(head_at_rest());
    imi_mesh_subset upper = upper_of(&view);
    imi_solid_fit solid = imi_mesh_fit_solid(&view.landmarks, &view.landmarks, &upper);
    imi_plane_fit plane = imi_mesh_fit_plane(&view.landmarks, &view.landmarks, &upper);
    assert_near(solid.yaw_deg, 0, 1e-3);
    assert_near(solid.scale, 1, 1e-5);
    assert_near(solid.residual, 0, 1e-4);
    assert_near(plane.residual, 0, 1e-4);
}

static void turns_are_measured_with_their_signs(void **state)
{
    (void)state;
    head_pose turned = head_at_rest();
    head_view rest = view_of(turned);
    imi_mesh_subset upper = upper_of(&rest);
    for (int yaw = -30; yaw <= 30; yaw += 10) {
        for (int pitch = -20; pitch <= 20; pitch += 10) {
            turned.yaw_deg = yaw;
            turned.pitch_deg = pitch;
            head_view view = view_of(turned);
            imi_solid_fit fit = imi_mesh_fit_solid(&rest.landmarks, &view.landmarks, &upper);
            assert_near(fit.yaw_deg, yaw, 2.5);
            assert_near(fit.pitch_deg, pitch, 2.5);
        }
    }
}

static void coming_nearer_is_growth(void **state)
{
    (void)state;
    head_pose near = head_at_rest();
    head_view far = view_of(near);
    near.distance /= 1.5;
    head_view view = view_of(near);
    imi_mesh_subset upper = upper_of(&far);
    assert_near(imi_mesh_fit_solid(&far.landmarks, &view.landmarks, &upper).scale, 1.5, 0.06);
}

static void a_tilted_print_is_a_plane(void **state)
{
    (void)state;
    head_pose print = head_at_rest();
    print.flat = true;
    head_view rest = view_of(print);
    imi_mesh_subset upper = upper_of(&rest);
    print.yaw_deg = 40;
    print.pitch_deg = 15;
    print.distance /= 1.4;
    head_view tilted = view_of(print);
    imi_plane_fit plane = imi_mesh_fit_plane(&rest.landmarks, &tilted.landmarks, &upper);
    imi_solid_fit solid = imi_mesh_fit_solid(&rest.landmarks, &tilted.landmarks, &upper);
    assert_near(plane.residual, 0, 1e-3);
    assert_true(solid.residual > 0.05F);
}

static void a_turned_head_is_no_plane(void **state)
{
    (void)state;
    head_pose turned = head_at_rest();
    head_view rest = view_of(turned);
    imi_mesh_subset upper = upper_of(&rest);
    turned.yaw_deg = 15;
    head_view view = view_of(turned);
    imi_plane_fit plane = imi_mesh_fit_plane(&rest.landmarks, &view.landmarks, &upper);
    imi_solid_fit solid = imi_mesh_fit_solid(&rest.landmarks, &view.landmarks, &upper);
    assert_true(plane.residual > 0.03F);
    assert_true(plane.residual > 2 * solid.residual);
}

static void depth_gain_tells_nearer_from_farther(void **state)
{
    (void)state;
    head_pose near = head_at_rest();
    head_view far = view_of(near);
    near.distance /= 1.5;
    head_view close = view_of(near);
    imi_mesh_subset upper = upper_of(&far);
    assert_true(imi_mesh_fit_plane(&far.landmarks, &close.landmarks, &upper).depth_gain > 0.02F);
    assert_true(imi_mesh_fit_plane(&close.landmarks, &far.landmarks, &upper).depth_gain < -0.02F);
}

static void a_print_that_comes_nearer_gains_no_depth(void **state)
{
    (void)state;
    head_pose print = head_at_rest();
    print.flat = true;
    head_view far = view_of(print);
    print.distance /= 1.6;
    head_view close = view_of(print);
    imi_mesh_subset upper = upper_of(&far);
    imi_plane_fit fit = imi_mesh_fit_plane(&far.landmarks, &close.landmarks, &upper);
    assert_near(fit.depth_gain, 0, 1e-3);
}

static void degenerate_points_give_nan(void **state)
{
    (void)state;
    head_view view = view_of(head_at_rest());
    head_view point = {0};
    head_view broken = view;
    broken.landmarks.points[10].x = NAN;
    imi_mesh_subset upper = upper_of(&view);
    const head_view *bad[] = {&point, &broken};
    for (int i = 0; i < 2; i++) {
        const imi_landmarks *mesh = &bad[i]->landmarks;
        assert_true(isnan(imi_mesh_fit_solid(&view.landmarks, mesh, &upper).residual));
        assert_true(isnan(imi_mesh_fit_solid(mesh, &view.landmarks, &upper).residual));
        assert_true(isnan(imi_mesh_fit_plane(&view.landmarks, mesh, &upper).residual));
        assert_true(isnan(imi_mesh_fit_plane(mesh, &view.landmarks, &upper).residual));
    }
}

static void an_aligned_mean_is_free_of_place_and_size(void **state)
{
    (void)state;
    head_pose moved = head_at_rest();
    head_view model = view_of(moved);
    moved.shift_x = 40;
    moved.roll_deg = 8;
    head_view other = view_of(moved);
    imi_landmarks sum = {0};
    imi_mesh_add_aligned(&sum, &model.landmarks, &other.landmarks);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        assert_near(sum.points[i].x, model.landmarks.points[i].x, 1);
        assert_near(sum.points[i].y, model.landmarks.points[i].y, 1);
    }
}

static void normal_equations_are_solved(void **state)
{
    (void)state;
    imi_normal_equations e;
    imi_normal_init(&e, 3);
    const double wanted[] = {2, -3, 0.5};
    for (int i = 0; i < 10; i++) {
        const double row[] = {1, i, i * i};
        imi_normal_add(&e, row, wanted[0] + wanted[1] * i + wanted[2] * i * i, 1 + i);
    }
    double x[IMI_SOLVE_MAX];
    assert_true(imi_normal_solve(&e, x));
    for (int i = 0; i < 3; i++) {
        assert_near(x[i], wanted[i], 1e-9);
    }
}

static void equations_that_determine_nothing_give_nan(void **state)
{
    (void)state;
    imi_normal_equations e;
    imi_normal_init(&e, 2);
    const double row[] = {1, 2};
    imi_normal_add(&e, row, 1, 1);
    imi_normal_add(&e, row, 1, 1);
    double x[IMI_SOLVE_MAX];
    assert_false(imi_normal_solve(&e, x));
    assert_true(isnan(x[0]) && isnan(x[1]));
}

static void the_largest_eigenvector_is_found(void **state)
{
    (void)state;
    /* Eigenvalues 9, 1, 1, 1 with (1, 1, 1, 1) / 2 the first's vector: 1 + 2 in each place. */
    double matrix[4][4];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            matrix[i][j] = i == j ? 3 : 2;
        }
    }
    double v[4];
    imi_largest_eigenvector4(matrix, v);
    for (int i = 0; i < 4; i++) {
        assert_near(fabs(v[i]), 0.5, 1e-12);
        assert_near(v[i], v[0], 1e-12);
    }
}

static void the_smallest_eigenvector_is_found(void **state)
{
    (void)state;
    /* Identity plus twice the projection off v: eigenvalue 1 along v, 3 across it. */
    const double v[9] = {0.1, -0.2, 0.3, 0.4, -0.5, 0.1, 0.2, 0.6, 0.2};
    double matrix[9][9];
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
            matrix[i][j] = (i == j ? 3 : 0) - 2 * v[i] * v[j];
        }
    }
    double found[9];
    imi_smallest_eigenvector9(matrix, found);
    for (int i = 0; i < 9; i++) {
        assert_near(found[i] * found[0], v[i] * v[0], 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_upper_face_leaves_out_mouth_and_chin),
        cmocka_unit_test(the_same_view_fits_itself),
        cmocka_unit_test(turns_are_measured_with_their_signs),
        cmocka_unit_test(coming_nearer_is_growth),
        cmocka_unit_test(a_tilted_print_is_a_plane),
        cmocka_unit_test(a_turned_head_is_no_plane),
        cmocka_unit_test(depth_gain_tells_nearer_from_farther),
        cmocka_unit_test(a_print_that_comes_nearer_gains_no_depth),
        cmocka_unit_test(degenerate_points_give_nan),
        cmocka_unit_test(an_aligned_mean_is_free_of_place_and_size),
        cmocka_unit_test(normal_equations_are_solved),
        cmocka_unit_test(equations_that_determine_nothing_give_nan),
        cmocka_unit_test(the_largest_eigenvector_is_found),
        cmocka_unit_test(the_smallest_eigenvector_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
