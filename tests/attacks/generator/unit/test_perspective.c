/* What tells a head in space from a picture of it: how its points move as it comes nearer. */
#include "cmocka_all.h"
#include "drawn_portrait.h"
#include "head.h"
#include "imi/face_measure.h"
#include "imi/planarity.h"

#include <math.h>

static const imi_gen_lens LENS = {554, 319.5, 239.5};

static imi_landmarks seen_from(const imi_gen_head *head, const imi_gen_pose *pose)
{
    imi_gen_point points[IMI_MESH_POINTS];
    imi_landmarks mesh = {.presence = 1};
    imi_gen_head_place(head, pose, points);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_gen_seen seen = imi_gen_project(&LENS, points[i]);
        float px_per_cm = (float)(LENS.focal_px / pose->distance_cm);
        mesh.points[i] = (imi_point3){(float)seen.x, (float)seen.y,
                                      (float)(points[i].z - pose->distance_cm) * px_per_cm};
    }
    return mesh;
}

/* The same points as a photo shows them: all at the distance of the eyes. */
static imi_landmarks photo_from(const imi_gen_portrait *portrait, const imi_gen_pose *pose)
{
    imi_landmarks mesh = portrait->mesh;
    imi_gen_matrix turn = imi_gen_matrix_of(pose->turn);
    double cm_per_px = IMI_GEN_EYES_CM / IMI_GEN_EYES_PX;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_gen_point p = {(mesh.points[i].x - portrait->eyes.x) * cm_per_px,
                           (mesh.points[i].y - portrait->eyes.y) * cm_per_px, 0};
        p = imi_gen_rotate(&turn, p);
        p.z += pose->distance_cm;
        imi_gen_seen seen = imi_gen_project(&LENS, p);
        mesh.points[i] = (imi_point3){(float)seen.x, (float)seen.y, mesh.points[i].z};
    }
    return mesh;
}

static int set_up(void **state)
{
    *state = drawn_portrait_new(0);
    return 0;
}

static int tear_down(void **state)
{
    imi_gen_portrait *portrait = *state;
    imi_gen_portrait_destroy(&portrait);
    return 0;
}

static imi_gen_head *head_of(void **state)
{
    imi_gen_head *head = NULL;
    assert_int_equal(IMI_OK, imi_gen_head_new(*state, NULL, &head, NULL));
    return head;
}

static imi_plane_fit fit(const imi_landmarks *far, const imi_landmarks *near)
{
    imi_mesh_subset upper;
    imi_mesh_upper_face(far, &upper);
    return imi_mesh_fit_plane(far, near, &upper);
}

static void a_head_that_comes_nearer_is_no_plane(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose far_pose = {.distance_cm = 46};
    const imi_gen_pose near_pose = {.distance_cm = 46 / 1.5};
    imi_landmarks far = seen_from(head, &far_pose);
    imi_landmarks near = seen_from(head, &near_pose);
    imi_plane_fit found = fit(&far, &near);
    assert_true(found.residual > 0.004F);
    assert_true(found.depth_gain > 0.02F);
}

static void a_photo_that_comes_nearer_is_a_plane(void **state)
{
    const imi_gen_pose far_pose = {.distance_cm = 46};
    const imi_gen_pose near_pose = {.distance_cm = 46 / 1.5, .turn = {8, -5, 2}};
    imi_landmarks far = photo_from(*state, &far_pose);
    imi_landmarks near = photo_from(*state, &near_pose);
    assert_true(fit(&far, &near).residual < 1e-4F);
}

static void faces_look_narrower_by_their_eyes_from_nearby(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose far_pose = {.distance_cm = 50};
    const imi_gen_pose near_pose = {.distance_cm = 28};
    imi_landmarks meshes[2] = {seen_from(head, &far_pose), seen_from(head, &near_pose)};
    double width[2];
    for (int i = 0; i < 2; i++) {
        const imi_point3 *p = meshes[i].points;
        width[i] = (p[IMI_MESH_LEFT_CHEEK_EDGE].x - p[IMI_MESH_RIGHT_CHEEK_EDGE].x) /
                   (p[IMI_MESH_LEFT_EYE_OUTER].x - p[IMI_MESH_RIGHT_EYE_OUTER].x);
    }
    assert_true(width[1] < 0.96 * width[0]);
}

static void growth_is_the_quotient_of_distances(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose far_pose = {.distance_cm = 60};
    const imi_gen_pose near_pose = {.distance_cm = 30};
    imi_landmarks far = seen_from(head, &far_pose);
    imi_landmarks near = seen_from(head, &near_pose);
    float growth = imi_face_inter_eye_distance(&near) / imi_face_inter_eye_distance(&far);
    assert_true(fabsf(growth - 2) < 0.05F);
}

static void turns_have_the_signs_of_head_pose(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose rest = {.distance_cm = 1000};
    const imi_gen_pose turned = {.distance_cm = 1000, .turn = {20, 12, 6}};
    imi_landmarks before = seen_from(head, &rest);
    imi_landmarks behind = seen_from(head, &turned);
    imi_head_pose from = imi_face_head_pose(&before);
    imi_head_pose to = imi_face_head_pose(&behind);
    assert_true(fabsf(to.yaw_deg - from.yaw_deg - 20) < 3);
    assert_true(fabsf(to.pitch_deg - from.pitch_deg - 12) < 3);
    assert_true(fabsf(to.roll_deg - from.roll_deg - 6) < 4);
}

static void a_blink_closes_both_eyes_and_moves_nothing_else(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose open_pose = {.distance_cm = 46};
    const imi_gen_pose shut_pose = {.distance_cm = 46, .blink = 1};
    imi_landmarks open = seen_from(head, &open_pose);
    imi_landmarks shut = seen_from(head, &shut_pose);
    imi_eye_openness before = imi_face_eye_openness(&open);
    imi_eye_openness behind = imi_face_eye_openness(&shut);
    assert_true(behind.left < 0.2F * before.left && behind.right < 0.2F * before.right);
    assert_true(fabsf(imi_face_mouth_openness(&shut) - imi_face_mouth_openness(&open)) < 1e-4F);
    assert_true(fabsf(shut.points[IMI_MESH_CHIN].y - open.points[IMI_MESH_CHIN].y) < 1e-3F);
}

static void an_open_mouth_drops_lip_and_chin_but_no_upper_lip(void **state)
{
    IMI_AUTO(imi_gen_head) head = head_of(state);
    const imi_gen_pose shut_pose = {.distance_cm = 46};
    const imi_gen_pose open_pose = {.distance_cm = 46, .mouth = 1};
    imi_landmarks shut = seen_from(head, &shut_pose);
    imi_landmarks open = seen_from(head, &open_pose);
    assert_true(imi_face_mouth_openness(&open) > imi_face_mouth_openness(&shut) + 0.3F);
    assert_true(open.points[IMI_MESH_CHIN].y > shut.points[IMI_MESH_CHIN].y + 10);
    assert_true(fabsf(open.points[13].y - shut.points[13].y) < 1e-3F);
    assert_true(fabsf(open.points[IMI_MESH_NOSE_TIP].y - shut.points[IMI_MESH_NOSE_TIP].y) < 1e-3F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_comes_nearer_is_no_plane),
        cmocka_unit_test(a_photo_that_comes_nearer_is_a_plane),
        cmocka_unit_test(faces_look_narrower_by_their_eyes_from_nearby),
        cmocka_unit_test(growth_is_the_quotient_of_distances),
        cmocka_unit_test(turns_have_the_signs_of_head_pose),
        cmocka_unit_test(a_blink_closes_both_eyes_and_moves_nothing_else),
        cmocka_unit_test(an_open_mouth_drops_lip_and_chin_but_no_upper_lip),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
