/* The watch on surfaces drawn in perspective: what is a solid, what is not, what is unknown. */
#include "imi/planarity.h"
#include "stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int watch_set_up(void **state)
{
    imi_planarity_watch *watch = NULL;
    assert_int_equal(imi_planarity_watch_new(&watch, NULL), IMI_OK);
    *state = watch;
    return 0;
}

static int watch_tear_down(void **state)
{
    imi_planarity_watch *watch = *state;
    imi_planarity_watch_destroy(&watch);
    assert_null(watch);
    return 0;
}

static void feed(imi_planarity_watch *watch, const stage_pose *pose)
{
    imi_landmarks mesh;
    stage_mesh(pose, &mesh);
    imi_image *image = stage_draw(pose, IMI_PIXEL_GREY8);
    assert_int_equal(imi_planarity_watch_feed(watch, 0, image, &mesh, NULL), IMI_OK);
    imi_image_destroy(&image);
}

/* Frames from one distance to another, and from one pose to another. */
static void act(imi_planarity_watch *watch, stage_pose from, stage_pose to, int frames)
{
    for (int i = 0; i < frames; i++) {
        double share = (double)i / (frames - 1);
        stage_pose pose = from;
        pose.yaw_deg += share * (to.yaw_deg - from.yaw_deg);
        pose.pitch_deg += share * (to.pitch_deg - from.pitch_deg);
        pose.distance *= pow(to.distance / from.distance, share);
        pose.seed = (uint64_t)i;
        feed(watch, &pose);
    }
}

static void come_nearer(imi_planarity_watch *watch, stage_surface surface)
{
    stage_pose near = stage_at_rest(surface);
    near.distance /= 1.7;
    act(watch, stage_at_rest(surface), near, 8);
}

static void turn(imi_planarity_watch *watch, stage_surface surface, double yaw_deg,
                 double pitch_deg)
{
    stage_pose turned = stage_at_rest(surface);
    turned.yaw_deg = yaw_deg;
    turned.pitch_deg = pitch_deg;
    act(watch, stage_at_rest(surface), turned, 8);
}

static imi_finding finding_of(const imi_planarity_watch *watch, imi_layer layer)
{
    imi_findings findings = {0};
    imi_planarity_watch_report(watch, &findings);
    assert_false(findings.layer[layer].veto);
    return findings.layer[layer];
}

static void assert_below(imi_finding finding, double limit)
{
    assert_true(finding.measured);
    if (!(finding.score < limit)) {
        fail_msg("score %g is not below %g", (double)finding.score, limit);
    }
}

static void assert_above(imi_finding finding, double limit)
{
    assert_true(finding.measured);
    if (!(finding.score > limit)) {
        fail_msg("score %g is not above %g", (double)finding.score, limit);
    }
}

/* ---- attacks ---- */

static void a_photo_that_comes_nearer_is_no_solid(void **state)
{
    come_nearer(*state, STAGE_PHOTO);
    assert_below(finding_of(*state, IMI_LAYER_GEOMETRY), -0.5);
    assert_below(finding_of(*state, IMI_LAYER_PARALLAX), -1);
}

static void a_tilted_photo_is_no_solid(void **state)
{
    turn(*state, STAGE_PHOTO, 40, 15);
    imi_finding tracks = finding_of(*state, IMI_LAYER_PARALLAX);
    imi_finding mesh = finding_of(*state, IMI_LAYER_GEOMETRY);
    assert_false(tracks.measured && tracks.score > -0.2F);
    assert_false(mesh.measured && mesh.score > 0);
}

static void a_curled_photo_that_comes_nearer_is_no_solid(void **state)
{
    come_nearer(*state, STAGE_CURLED);
    assert_below(finding_of(*state, IMI_LAYER_PARALLAX), -0.8);
}

static void a_curled_photo_that_turns_is_no_solid(void **state)
{
    stage_pose turned = stage_at_rest(STAGE_CURLED);
    turned.yaw_deg = 25;
    turned.distance /= 1.5;
    act(*state, stage_at_rest(STAGE_CURLED), turned, 8);
    assert_below(finding_of(*state, IMI_LAYER_PARALLAX), -0.2);
}

/* ---- bona fide ---- */

/* A stiff head straight ahead differs from a bent sheet by its nose alone: more than nothing, and
 * less than when it also turns, as people do. */

static void a_head_that_comes_nearer_is_a_solid(void **state)
{
    come_nearer(*state, STAGE_HEAD);
    assert_above(finding_of(*state, IMI_LAYER_GEOMETRY), 0.3);
    assert_above(finding_of(*state, IMI_LAYER_PARALLAX), -0.5);
}

static void a_head_that_goes_away_is_a_solid(void **state)
{
    stage_pose near = stage_at_rest(STAGE_HEAD);
    near.distance /= 1.7;
    act(*state, near, stage_at_rest(STAGE_HEAD), 8);
    assert_above(finding_of(*state, IMI_LAYER_GEOMETRY), 0.3);
    assert_above(finding_of(*state, IMI_LAYER_PARALLAX), -0.5);
}

/* The stage's head has no nose: where it nods, it differs from paper less than any face. */
static void a_head_that_turns_is_a_solid(void **state)
{
    static const struct {
        double yaw_deg, pitch_deg;
    } turns[] = {{18, 0}, {-18, 0}, {0, 16}, {0, -16}};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        imi_planarity_watch *watch = NULL;
        assert_int_equal(imi_planarity_watch_new(&watch, NULL), IMI_OK);
        turn(watch, STAGE_HEAD, turns[i].yaw_deg, turns[i].pitch_deg);
        assert_above(finding_of(watch, IMI_LAYER_GEOMETRY), 0.3);
        assert_above(finding_of(watch, IMI_LAYER_PARALLAX), -0.3);
        imi_planarity_watch_destroy(&watch);
    }
    (void)state;
}

static void uncertainty_is_a_small_number(void **state)
{
    turn(*state, STAGE_HEAD, 18, 0);
    assert_true(finding_of(*state, IMI_LAYER_GEOMETRY).uncertainty > 0);
    assert_true(finding_of(*state, IMI_LAYER_GEOMETRY).uncertainty < 0.5F);
    assert_true(finding_of(*state, IMI_LAYER_PARALLAX).uncertainty > 0);
    assert_true(finding_of(*state, IMI_LAYER_PARALLAX).uncertainty < 0.5F);
}

/* ---- unknown ---- */

static void assert_unmeasured(const imi_planarity_watch *watch)
{
    for (imi_layer layer = IMI_LAYER_GEOMETRY; layer <= IMI_LAYER_PARALLAX; layer++) {
        imi_finding finding = finding_of(watch, layer);
        assert_false(finding.measured);
        assert_true(finding.score == 0);
    }
}

static void nothing_shown_is_nothing_measured(void **state)
{
    assert_unmeasured(*state);
}

static void views_that_hardly_differ_measure_nothing(void **state)
{
    stage_pose sway = stage_at_rest(STAGE_HEAD);
    sway.yaw_deg = 4;
    sway.distance /= 1.1;
    act(*state, stage_at_rest(STAGE_HEAD), sway, 8);
    assert_unmeasured(*state);
}

static void two_frames_are_too_few(void **state)
{
    stage_pose near = stage_at_rest(STAGE_HEAD);
    near.distance /= 1.7;
    act(*state, stage_at_rest(STAGE_HEAD), near, 2);
    feed(*state, &near);
    assert_unmeasured(*state);
}

static void a_face_without_texture_has_no_tracks(void **state)
{
    stage_pose far = stage_at_rest(STAGE_HEAD);
    far.blank = true;
    stage_pose near = far;
    near.distance /= 1.7;
    act(*state, far, near, 8);
    assert_true(finding_of(*state, IMI_LAYER_GEOMETRY).measured);
    assert_false(finding_of(*state, IMI_LAYER_PARALLAX).measured);
}

static void other_findings_are_left_alone(void **state)
{
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_PASSIVE].score = 7;
    imi_planarity_watch_report(*state, &findings);
    assert_true(findings.layer[IMI_LAYER_PASSIVE].score == 7);
}

/* ---- hostile input ---- */

static void frames_without_a_face_are_passed_over(void **state)
{
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_image *image = stage_draw(&pose, IMI_PIXEL_RGB8);
    assert_int_equal(imi_planarity_watch_feed(*state, 0, image, NULL, NULL), IMI_OK);
    imi_image_destroy(&image);
    assert_unmeasured(*state);
}

static void a_missing_image_is_the_callers_error(void **state)
{
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_planarity_watch_feed(*state, 0, NULL, NULL, &err), IMI_E_INVALID_ARGUMENT);
}

static void feed_mesh(imi_planarity_watch *watch, const imi_image *image, const imi_landmarks *mesh)
{
    for (int i = 0; i < 5; i++) {
        assert_int_equal(imi_planarity_watch_feed(watch, 0, image, mesh, NULL), IMI_OK);
    }
}

static void broken_meshes_do_no_harm(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 1e9F};
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_image *image = stage_draw(&pose, IMI_PIXEL_GREY8);
    feed(*state, &pose);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_landmarks mesh;
        stage_mesh(&pose, &mesh);
        mesh.points[100].x = bad[i];
        feed_mesh(*state, image, &mesh);
        for (int k = 0; k < IMI_MESH_POINTS; k++) {
            mesh.points[k] = (imi_point3){bad[i], bad[i] * (float)k, bad[i]};
        }
        feed_mesh(*state, image, &mesh);
    }
    imi_image_destroy(&image);
    assert_false(finding_of(*state, IMI_LAYER_PARALLAX).measured);
}

static void a_face_beyond_the_image_does_no_harm(void **state)
{
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_image *image = stage_draw(&pose, IMI_PIXEL_GREY8);
    feed(*state, &pose);
    for (float aside = -900; aside <= 900; aside += 150) {
        imi_landmarks mesh;
        stage_mesh(&pose, &mesh);
        for (int k = 0; k < IMI_MESH_POINTS; k++) {
            mesh.points[k].x += aside;
            mesh.points[k].y -= aside;
        }
        feed_mesh(*state, image, &mesh);
    }
    imi_image_destroy(&image);
    assert_unmeasured(*state);
}

static void tiny_images_do_no_harm(void **state)
{
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_landmarks mesh;
    stage_mesh(&pose, &mesh);
    for (uint32_t side = 1; side < 60; side += 7) {
        imi_image *image = NULL;
        assert_int_equal(imi_image_new(side, side, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
        feed_mesh(*state, image, &mesh);
        imi_image_destroy(&image);
    }
    assert_unmeasured(*state);
}

static void a_long_capture_keeps_few_blocks(void **state)
{
    int64_t before = imi_alloc_live_blocks();
    for (int i = 0; i < 3; i++) {
        come_nearer(*state, STAGE_HEAD);
        turn(*state, STAGE_HEAD, 18, 0);
    }
    assert_true(imi_alloc_live_blocks() - before <= 2);
}

static bool refuse(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void without_memory_a_frame_fails_and_the_next_counts(void **state)
{
    stage_pose pose = stage_at_rest(STAGE_HEAD);
    imi_landmarks mesh;
    stage_mesh(&pose, &mesh);
    imi_image *image = stage_draw(&pose, IMI_PIXEL_GREY8);
    imi_planarity_watch *none = NULL;
    imi_error err = IMI_ERROR_INIT;
    imi_alloc_set_fail_hook(refuse, NULL);
    imi_status fed = imi_planarity_watch_feed(*state, 0, image, &mesh, &err);
    imi_status made = imi_planarity_watch_new(&none, &err);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(fed, IMI_E_NO_MEMORY);
    assert_int_equal(made, IMI_E_NO_MEMORY);
    assert_null(none);
    imi_image_destroy(&image);
    come_nearer(*state, STAGE_HEAD);
    assert_above(finding_of(*state, IMI_LAYER_GEOMETRY), 0.3);
}

#define WATCH_TEST(name) cmocka_unit_test_setup_teardown(name, watch_set_up, watch_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCH_TEST(a_photo_that_comes_nearer_is_no_solid),
        WATCH_TEST(a_tilted_photo_is_no_solid),
        WATCH_TEST(a_curled_photo_that_comes_nearer_is_no_solid),
        WATCH_TEST(a_curled_photo_that_turns_is_no_solid),
        WATCH_TEST(a_head_that_comes_nearer_is_a_solid),
        WATCH_TEST(a_head_that_goes_away_is_a_solid),
        WATCH_TEST(a_head_that_turns_is_a_solid),
        WATCH_TEST(uncertainty_is_a_small_number),
        WATCH_TEST(nothing_shown_is_nothing_measured),
        WATCH_TEST(views_that_hardly_differ_measure_nothing),
        WATCH_TEST(two_frames_are_too_few),
        WATCH_TEST(a_face_without_texture_has_no_tracks),
        WATCH_TEST(other_findings_are_left_alone),
        WATCH_TEST(frames_without_a_face_are_passed_over),
        WATCH_TEST(a_missing_image_is_the_callers_error),
        WATCH_TEST(broken_meshes_do_no_harm),
        WATCH_TEST(a_face_beyond_the_image_does_no_harm),
        WATCH_TEST(tiny_images_do_no_harm),
        WATCH_TEST(a_long_capture_keeps_few_blocks),
        WATCH_TEST(without_memory_a_frame_fails_and_the_next_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
