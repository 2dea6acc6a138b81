#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/face_measure.h"

#include <math.h>

/* A frontal head, one pixel a millimetre: only the points that the measures read are placed. */
static void frontal(imi_landmarks *out)
{
    *out = (imi_landmarks){.presence = 1};
    const struct {
        int index;
        imi_point3 at;
    } points[] = {
        {IMI_MESH_RIGHT_EYE_OUTER, {-45, -30, 10}},
        {IMI_MESH_RIGHT_EYE_INNER, {-17, -30, 5}},
        {IMI_MESH_LEFT_EYE_INNER, {17, -30, 5}},
        {IMI_MESH_LEFT_EYE_OUTER, {45, -30, 10}},
        {IMI_MESH_RIGHT_CHEEK_EDGE, {-70, 0, 60}},
        {IMI_MESH_LEFT_CHEEK_EDGE, {70, 0, 60}},
        {IMI_MESH_FOREHEAD_TOP, {0, -80, 0}},
        {IMI_MESH_CHIN, {0, 80, 0}},
        {IMI_MESH_UPPER_LIP_INNER, {0, 38, -8}},
        {IMI_MESH_LOWER_LIP_INNER, {0, 39, -8}},
        {160, {-38, -34, 8}},
        {144, {-38, -26, 8}},
        {158, {-25, -34, 7}},
        {153, {-25, -26, 7}},
        {385, {25, -34, 7}},
        {380, {25, -26, 7}},
        {387, {38, -34, 8}},
        {373, {38, -26, 8}},
    };
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        out->points[points[i].index] = points[i].at;
    }
}

/* Turn by the signs of imi_head_pose: pitch, then yaw, then roll; then move and scale. */
static void pose(imi_landmarks *face, double yaw, double pitch, double roll, double scale)
{
    const double rad = M_PI / 180;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 *p = &face->points[i];
        double y = p->y * cos(pitch * rad) + p->z * sin(pitch * rad);
        double z = -p->y * sin(pitch * rad) + p->z * cos(pitch * rad);
        double x = p->x * cos(yaw * rad) - z * sin(yaw * rad);
        z = p->x * sin(yaw * rad) + z * cos(yaw * rad);
        p->x = (float)(300 + scale * (x * cos(roll * rad) - y * sin(roll * rad)));
        p->y = (float)(200 + scale * (x * sin(roll * rad) + y * cos(roll * rad)));
        p->z = (float)(scale * z);
    }
}

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance)) {
        fail_msg("%g is not %g", value, wanted);
    }
}

static void a_frontal_head_is_at_zero(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    imi_head_pose seen = imi_face_head_pose(&face);
    assert_near(seen.yaw_deg, 0, 0.01);
    assert_near(seen.pitch_deg, 0, 0.01);
    assert_near(seen.roll_deg, 0, 0.01);
}

static void any_pose_is_measured_back(void **state)
{
    (void)state;
    const double angles[][3] = {{30, 0, 0},   {-30, 0, 0},   {0, 20, 0},    {0, -20, 0}, {0, 0, 40},
                                {0, 0, -100}, {25, 15, -20}, {-60, 10, 30}, {50, -30, 5}};
    for (size_t i = 0; i < sizeof angles / sizeof angles[0]; i++) {
        imi_landmarks face;
        frontal(&face);
        pose(&face, angles[i][0], angles[i][1], angles[i][2], 1.7);
        imi_head_pose seen = imi_face_head_pose(&face);
        assert_near(seen.yaw_deg, angles[i][0], 0.05);
        assert_near(seen.pitch_deg, angles[i][1], 0.05);
        assert_near(seen.roll_deg, angles[i][2], 0.05);
    }
}

/* The signs as imi/face.h promises them, from where the nose and chin go in the image. */
static void positive_yaw_carries_the_nose_to_the_right(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    face.points[IMI_MESH_NOSE_TIP] = (imi_point3){0, 5, -30};
    pose(&face, 20, 0, 0, 1);
    assert_true(face.points[IMI_MESH_NOSE_TIP].x > 305);
    assert_true(imi_face_head_pose(&face).yaw_deg > 15);
}

static void positive_pitch_carries_the_nose_up(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    face.points[IMI_MESH_NOSE_TIP] = (imi_point3){0, 0, -30};
    pose(&face, 0, 20, 0, 1);
    assert_true(face.points[IMI_MESH_NOSE_TIP].y < 195);
    assert_true(imi_face_head_pose(&face).pitch_deg > 15);
}

static void eye_distance_does_not_shrink_with_yaw(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    assert_near(imi_face_inter_eye_distance(&face), 62, 0.01);
    pose(&face, 40, 5, 10, 2);
    assert_near(imi_face_inter_eye_distance(&face), 124, 0.1);
}

static void lids_that_close_lower_the_openness(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    imi_eye_openness open = imi_face_eye_openness(&face);
    assert_near(open.right, open.left, 1e-5);
    assert_true(open.right > 0.25F);
    face.points[160].y = face.points[158].y = -27;
    imi_eye_openness wink = imi_face_eye_openness(&face);
    assert_near(wink.left, open.left, 1e-6);
    assert_near(wink.right, open.right / 8, 1e-4);
}

static void a_jaw_that_drops_opens_the_mouth(void **state)
{
    (void)state;
    imi_landmarks face;
    frontal(&face);
    assert_true(imi_face_mouth_openness(&face) < 0.05F);
    face.points[IMI_MESH_LOWER_LIP_INNER].y += 30;
    assert_near(imi_face_mouth_openness(&face), 0.5, 1e-4);
    pose(&face, -30, 10, 20, 0.4);
    assert_near(imi_face_mouth_openness(&face), 0.5, 1e-3);
}

static void points_that_coincide_give_nan(void **state)
{
    (void)state;
    imi_landmarks face = {.presence = 1};
    assert_true(isnan(imi_face_head_pose(&face).yaw_deg));
    assert_true(isnan(imi_face_head_pose(&face).pitch_deg));
    assert_true(isnan(imi_face_eye_openness(&face).left));
    assert_true(isnan(imi_face_mouth_openness(&face)));
    assert_true(isnan(imi_face_inter_eye_distance(&face)));
}

static void points_that_are_not_finite_give_nan(void **state)
{
    (void)state;
    const float bad[] = {NAN, INFINITY};
    for (size_t i = 0; i < 2; i++) {
        imi_landmarks face;
        frontal(&face);
        face.points[IMI_MESH_RIGHT_EYE_OUTER].x = bad[i];
        assert_true(isnan(imi_face_head_pose(&face).yaw_deg));
        assert_true(isnan(imi_face_eye_openness(&face).right));
        assert_true(isnan(imi_face_inter_eye_distance(&face)));
        assert_true(isnan(imi_face_mouth_openness(&face)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frontal_head_is_at_zero),
        cmocka_unit_test(any_pose_is_measured_back),
        cmocka_unit_test(positive_yaw_carries_the_nose_to_the_right),
        cmocka_unit_test(positive_pitch_carries_the_nose_up),
        cmocka_unit_test(eye_distance_does_not_shrink_with_yaw),
        cmocka_unit_test(lids_that_close_lower_the_openness),
        cmocka_unit_test(a_jaw_that_drops_opens_the_mouth),
        cmocka_unit_test(points_that_coincide_give_nan),
        cmocka_unit_test(points_that_are_not_finite_give_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
