/* A face followed from frame to frame: when the detector is asked, and whose word holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_face.h"

#include <math.h>

typedef struct fixture {
    told_detector detector;
    told_landmarker landmarker;
    column_extractor extractor;
    imi_extractor *extractors[1];
    imi_engine *engine;
    imi_image *image;
    imi_face previous; /* as detection found it */
} fixture;

static const drawn_face drawn = {
    .width = 320, .height = 320, .inter_eye_px = 70, .side_light = 0.4F};

static int set_up(void **state)
{
    fixture *f = imi_alloc(sizeof *f);
    told_detector_init(&f->detector);
    told_landmarker_init(&f->landmarker);
    column_extractor_init(&f->extractor, "columns@1");
    f->extractors[0] = &f->extractor.base;
    drawn_face_draw(&drawn, &f->image, &f->landmarker.landmarks);
    f->detector.boxes[0] = drawn_face_box(&drawn, 0.9F);
    f->detector.count = 1;
    imi_engine_parts parts = {.detector = &f->detector.base,
                              .landmarker = &f->landmarker.base,
                              .extractors = f->extractors,
                              .extractor_count = 1};
    assert_int_equal(imi_engine_new(&parts, &f->engine, NULL), IMI_OK);
    assert_int_equal(
        imi_engine_analyse(f->engine, f->image, IMI_CAPTURE_MOTION, &f->previous, NULL), IMI_OK);
    assert_int_equal(f->previous.reason, IMI_CAPTURE_OK);
    f->detector.calls = f->landmarker.calls = 0;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    imi_engine_destroy(&f->engine);
    imi_image_destroy(&f->image);
    imi_free(f);
    return 0;
}

static imi_face follow(fixture *f, bool look_around)
{
    imi_face face;
    assert_int_equal(imi_engine_follow(f->engine, f->image, &f->previous, look_around,
                                       IMI_CAPTURE_MOTION, &face, NULL),
                     IMI_OK);
    return face;
}

static void move_mesh(fixture *f, float shift, float scale)
{
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 *p = &f->landmarker.landmarks.points[i];
        *p = (imi_point3){160 + scale * (p->x - 160) + shift, 160 + scale * (p->y - 160),
                          p->z * scale};
    }
}

static void a_face_that_is_still_there_needs_no_detector(void **state)
{
    fixture *f = *state;
    imi_face face = follow(f, false);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_int_equal(f->detector.calls, 0);
    assert_int_equal(f->landmarker.calls, 1);
}

static void it_is_looked_for_where_the_mesh_was(void **state)
{
    fixture *f = *state;
    follow(f, false);
    const imi_face_box *asked = &f->landmarker.asked;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = f->previous.landmarks.points[i];
        assert_true(p.x >= asked->left - 0.01F && p.x <= asked->left + asked->width + 0.01F);
        assert_true(p.y >= asked->top - 0.01F && p.y <= asked->top + asked->height + 0.01F);
    }
}

static void the_box_moves_and_grows_with_the_mesh(void **state)
{
    fixture *f = *state;
    move_mesh(f, 20, 1.1F);
    imi_face face = follow(f, false);
    const imi_face_box *before = &f->previous.box;
    assert_int_equal(f->detector.calls, 0);
    assert_float_equal(face.box.width, 1.1F * before->width, 0.5);
    assert_float_equal(face.box.left + face.box.width / 2,
                       160 + 1.1F * (before->left + before->width / 2 - 160) + 20, 0.5);
    assert_float_equal(face.box.confidence, before->confidence, 0);
}

static void without_a_previous_face_it_is_detected(void **state)
{
    fixture *f = *state;
    imi_face face;
    assert_int_equal(
        imi_engine_follow(f->engine, f->image, NULL, false, IMI_CAPTURE_MOTION, &face, NULL),
        IMI_OK);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_int_equal(f->detector.calls, 1);
    f->previous.reason = IMI_CAPTURE_NO_FACE;
    follow(f, false);
    assert_int_equal(f->detector.calls, 2);
}

static void a_mesh_that_is_not_sure_is_detected_anew(void **state)
{
    fixture *f = *state;
    f->landmarker.landmarks.presence = 0.4F;
    imi_face face = follow(f, false);
    assert_int_equal(f->detector.calls, 1);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

static void a_mesh_that_jumps_is_detected_anew(void **state)
{
    fixture *f = *state;
    move_mesh(f, 130, 1);
    follow(f, false);
    assert_int_equal(f->detector.calls, 1);
}

static void a_mesh_that_grows_too_fast_is_detected_anew(void **state)
{
    fixture *f = *state;
    move_mesh(f, 0, 1.6F);
    follow(f, false);
    assert_int_equal(f->detector.calls, 1);
}

static void a_mesh_that_shrinks_too_fast_is_detected_anew(void **state)
{
    fixture *f = *state;
    move_mesh(f, 0, 0.6F);
    follow(f, false);
    assert_int_equal(f->detector.calls, 1);
}

static void a_mesh_of_no_numbers_is_no_face(void **state)
{
    fixture *f = *state;
    f->landmarker.landmarks.points[IMI_MESH_LEFT_EYE_OUTER].x = NAN;
    imi_face face = follow(f, false);
    assert_int_equal(f->detector.calls, 1);
    assert_int_not_equal(face.reason, IMI_CAPTURE_OK);
}

static void looking_around_asks_the_detector_and_keeps_the_mesh(void **state)
{
    fixture *f = *state;
    f->detector.boxes[0].left += 5;
    imi_face face = follow(f, true);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_int_equal(f->detector.calls, 1);
    assert_int_equal(f->landmarker.calls, 1);
    assert_float_equal(face.box.left, f->detector.boxes[0].left, 0);
    assert_true(fabsf(f->landmarker.asked.width - f->detector.boxes[0].width) > 0.01F);
}

static void what_the_detector_does_not_see_is_no_face(void **state)
{
    fixture *f = *state;
    f->detector.count = 0;
    imi_face face = follow(f, true);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

static void a_second_face_is_seen_when_looking_around(void **state)
{
    fixture *f = *state;
    f->detector.boxes[1] = f->detector.boxes[0];
    f->detector.boxes[1].left += 1.5F * f->detector.boxes[0].width;
    f->detector.count = 2;
    assert_int_equal(follow(f, false).reason, IMI_CAPTURE_OK);
    imi_face face = follow(f, true);
    assert_int_equal(face.reason, IMI_CAPTURE_SEVERAL_FACES);
    assert_int_equal(face.quality.face_count, 2);
}

static void a_second_face_stays_until_the_next_look(void **state)
{
    fixture *f = *state;
    f->previous.quality.face_count = 2;
    assert_int_equal(follow(f, false).reason, IMI_CAPTURE_SEVERAL_FACES);
    assert_int_equal(follow(f, true).reason, IMI_CAPTURE_OK);
}

static void a_face_elsewhere_is_measured_where_the_detector_saw_it(void **state)
{
    fixture *f = *state;
    f->previous.box.left -= 3 * f->previous.box.width;
    imi_face face = follow(f, true);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_float_equal(f->landmarker.asked.left, f->detector.boxes[0].left, 0);
}

static void a_model_that_fails_leaves_no_face(void **state)
{
    fixture *f = *state;
    imi_face face = f->previous;
    f->landmarker.status = IMI_E_MODEL_RUN;
    assert_int_equal(imi_engine_follow(f->engine, f->image, &f->previous, false, IMI_CAPTURE_MOTION,
                                       &face, NULL),
                     IMI_E_MODEL_RUN);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
    face = f->previous;
    assert_int_equal(
        imi_engine_follow(f->engine, f->image, &f->previous, true, IMI_CAPTURE_MOTION, &face, NULL),
        IMI_E_MODEL_RUN);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

static void a_grey_image_is_refused(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_image) grey = NULL;
    imi_face face;
    assert_int_equal(imi_image_to_grey(f->image, &grey, NULL), IMI_OK);
    assert_int_equal(
        imi_engine_follow(f->engine, grey, &f->previous, false, IMI_CAPTURE_MOTION, &face, NULL),
        IMI_E_INVALID_ARGUMENT);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

#define FOLLOW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(a_face_that_is_still_there_needs_no_detector),
        FOLLOW_TEST(it_is_looked_for_where_the_mesh_was),
        FOLLOW_TEST(the_box_moves_and_grows_with_the_mesh),
        FOLLOW_TEST(without_a_previous_face_it_is_detected),
        FOLLOW_TEST(a_mesh_that_is_not_sure_is_detected_anew),
        FOLLOW_TEST(a_mesh_that_jumps_is_detected_anew),
        FOLLOW_TEST(a_mesh_that_grows_too_fast_is_detected_anew),
        FOLLOW_TEST(a_mesh_that_shrinks_too_fast_is_detected_anew),
        FOLLOW_TEST(a_mesh_of_no_numbers_is_no_face),
        FOLLOW_TEST(looking_around_asks_the_detector_and_keeps_the_mesh),
        FOLLOW_TEST(what_the_detector_does_not_see_is_no_face),
        FOLLOW_TEST(a_second_face_is_seen_when_looking_around),
        FOLLOW_TEST(a_second_face_stays_until_the_next_look),
        FOLLOW_TEST(a_face_elsewhere_is_measured_where_the_detector_saw_it),
        FOLLOW_TEST(a_model_that_fails_leaves_no_face),
        FOLLOW_TEST(a_grey_image_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
