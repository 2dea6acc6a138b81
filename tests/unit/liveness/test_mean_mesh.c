/* The mean of views: steadier than any one of them, and blind to where they lie. */
#include "head.h"
#include "imi/planarity.h"
#include "mean_mesh.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static imi_landmarks look(const head_pose *pose)
{
    head_view view;
    head_look(pose, &view);
    return view.landmarks;
}

/* RMS distance of the points in the picture. */
static double distance(const imi_landmarks *a, const imi_landmarks *b)
{
    double sum = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        double x = a->points[i].x - b->points[i].x;
        double y = a->points[i].y - b->points[i].y;
        sum += x * x + y * y;
    }
    return sqrt(sum / IMI_MESH_POINTS);
}

static void one_view_is_its_own_mean(void **state)
{
    (void)state;
    head_pose rest = head_at_rest();
    imi_landmarks view = look(&rest);
    imi_landmarks out;
    imi_mean_mesh mean = {0};
    imi_mean_mesh_add(&mean, &view, 0.5F);
    imi_mean_mesh_get(&mean, &out);
    assert_true(distance(&view, &out) < 1e-3);
}

static void noise_falls_with_the_number_of_views(void **state)
{
    (void)state;
    head_pose pose = head_at_rest();
    imi_landmarks clean = look(&pose);
    imi_landmarks out;
    imi_mean_mesh mean = {0};
    pose.noise_px = 1;
    for (pose.seed = 0; pose.seed < 25; pose.seed++) {
        imi_landmarks view = look(&pose);
        imi_mean_mesh_add(&mean, &view, 1);
    }
    imi_landmarks single = look(&pose);
    imi_mean_mesh_get(&mean, &out);
    assert_true(distance(&clean, &out) < 0.35 * distance(&clean, &single));
}

static void views_that_are_shifted_rolled_and_nearer_by_little_do_not_blur(void **state)
{
    (void)state;
    head_pose pose = head_at_rest();
    imi_landmarks first = look(&pose);
    imi_landmarks out;
    imi_mean_mesh mean = {0};
    imi_mean_mesh_add(&mean, &first, 1);
    for (int i = 1; i <= 5; i++) {
        pose.roll_deg = 2 * i;
        pose.distance = head_at_rest().distance * (1 - 0.005 * i);
        imi_landmarks view = look(&pose);
        for (unsigned k = 0; k < IMI_MESH_POINTS; k++) {
            view.points[k].x += 9 * (float)i;
        }
        imi_mean_mesh_add(&mean, &view, 1);
    }
    imi_mean_mesh_get(&mean, &out);
    assert_true(distance(&first, &out) < 0.2);
}

static void earlier_views_fade(void **state)
{
    (void)state;
    head_pose turned = head_at_rest();
    turned.yaw_deg = 15;
    head_pose rest = head_at_rest();
    imi_landmarks old = look(&turned);
    imi_landmarks late = look(&rest);
    imi_landmarks faded;
    imi_landmarks kept;
    imi_mean_mesh fading = {0};
    imi_mean_mesh keeping = {0};
    for (int i = 0; i < 12; i++) {
        imi_mean_mesh_add(&fading, i < 2 ? &old : &late, 0.5F);
        imi_mean_mesh_add(&keeping, i < 2 ? &old : &late, 1);
    }
    imi_mean_mesh_get(&fading, &faded);
    imi_mean_mesh_get(&keeping, &kept);
    imi_mesh_subset upper;
    imi_mesh_upper_face(&late, &upper);
    imi_solid_fit to_faded = imi_mesh_fit_solid(&late, &faded, &upper);
    imi_solid_fit to_kept = imi_mesh_fit_solid(&late, &kept, &upper);
    assert_true(fabsf(to_faded.yaw_deg) < 0.1F);
    assert_true(fabsf(to_kept.yaw_deg) > 1);
}

static void a_reset_mean_knows_no_view(void **state)
{
    (void)state;
    head_pose turned = head_at_rest();
    turned.yaw_deg = 15;
    head_pose rest = head_at_rest();
    imi_landmarks old = look(&turned);
    imi_landmarks view = look(&rest);
    imi_landmarks out;
    imi_mean_mesh mean = {0};
    imi_mean_mesh_add(&mean, &old, 1);
    imi_mean_mesh_reset(&mean);
    imi_mean_mesh_add(&mean, &view, 1);
    imi_mean_mesh_get(&mean, &out);
    assert_true(distance(&view, &out) < 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_view_is_its_own_mean),
        cmocka_unit_test(noise_falls_with_the_number_of_views),
        cmocka_unit_test(views_that_are_shifted_rolled_and_nearer_by_little_do_not_blur),
        cmocka_unit_test(earlier_views_fade),
        cmocka_unit_test(a_reset_mean_knows_no_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
