#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_face.h"

#include <math.h>

/* An engine whose detectors say what a test tells them; the mesh is always that of one face. */
typedef struct fixture {
    told_detector detector, cross_check;
    told_landmarker landmarker;
    column_extractor extractor;
    imi_extractor *extractors[1];
    imi_engine *engine;
    imi_image *image;
} fixture;

static const drawn_face middle = {.width = 640, .height = 480, .inter_eye_px = 80};

static int set_up(void **state)
{
    fixture *f = imi_alloc(sizeof *f);
    told_detector_init(&f->detector);
    told_detector_init(&f->cross_check);
    told_landmarker_init(&f->landmarker);
    column_extractor_init(&f->extractor, "columns@1");
    f->extractors[0] = &f->extractor.base;
    drawn_face_draw(&middle, &f->image, &f->landmarker.landmarks);
    imi_engine_parts parts = {.detector = &f->detector.base,
                              .cross_check = &f->cross_check.base,
                              .landmarker = &f->landmarker.base,
                              .extractors = f->extractors,
                              .extractor_count = 1};
    *state = f;
    return imi_engine_new(&parts, &f->engine, NULL) == IMI_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    imi_engine_destroy(&f->engine);
    imi_image_destroy(&f->image);
    imi_free(f);
    return 0;
}

static imi_face analyse(fixture *f, imi_capture_kind kind)
{
    imi_face face;
    assert_int_equal(imi_engine_analyse(f->engine, f->image, kind, &face, NULL), IMI_OK);
    return face;
}

static void tell(told_detector *detector, imi_face_box box)
{
    detector->boxes[detector->count++] = box;
}

/* A box of a width at a place, as shares of the image. */
static imi_face_box box_at(float x, float y, float width_px, float confidence)
{
    return (imi_face_box){x * 640 - width_px / 2, y * 480 - width_px / 2, width_px, width_px,
                          confidence};
}

static void one_sure_face_is_not_checked_twice(void **state)
{
    fixture *f = *state;
    tell(&f->detector, drawn_face_box(&middle, 0.95F));
    imi_face face = analyse(f, IMI_CAPTURE_SELFIE);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_int_equal(f->cross_check.calls, 0);
}

static void no_face_at_all_is_a_reason(void **state)
{
    fixture *f = *state;
    imi_face face = analyse(f, IMI_CAPTURE_SELFIE);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
    assert_int_equal(f->cross_check.calls, 1);
    assert_int_equal(f->landmarker.calls, 0);
    assert_false(face.quality.unified >= 0);
}

static void a_face_that_only_the_cross_check_sees_is_taken(void **state)
{
    fixture *f = *state;
    imi_face_box box = drawn_face_box(&middle, 0.4F);
    tell(&f->cross_check, box);
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_OK);
    assert_true(f->landmarker.asked.left == box.left);
}

static void two_comparable_faces_fail_a_probe(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.4F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.8F, 0.5F, 150, 0.9F));
    imi_face face = analyse(f, IMI_CAPTURE_SELFIE);
    assert_int_equal(face.reason, IMI_CAPTURE_SEVERAL_FACES);
    assert_int_equal(face.quality.face_count, 2);
}

static void two_sure_faces_stay_two_though_the_cross_check_sees_one(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.4F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.8F, 0.5F, 170, 0.9F));
    tell(&f->cross_check, box_at(0.4F, 0.5F, 190, 0.5F));
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_SEVERAL_FACES);
}

static void an_unsure_second_face_that_is_not_confirmed_does_not_count(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.4F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.8F, 0.5F, 170, 0.55F));
    tell(&f->cross_check, box_at(0.4F, 0.5F, 190, 0.5F));
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_OK);
}

static void a_small_face_in_the_background_does_not_fail_a_probe(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.5F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.9F, 0.3F, 60, 0.95F));
    imi_face face = analyse(f, IMI_CAPTURE_SELFIE);
    assert_int_equal(face.reason, IMI_CAPTURE_OK);
    assert_int_equal(face.quality.face_count, 1);
    assert_int_equal(f->cross_check.calls, 0);
}

static void a_bystander_at_the_edge_does_not_spoil_a_portrait(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.5F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.9F, 0.4F, 180, 0.95F));
    assert_int_equal(analyse(f, IMI_CAPTURE_PORTRAIT).reason, IMI_CAPTURE_OK);
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_SEVERAL_FACES);
}

static void two_people_side_by_side_are_no_portrait(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.28F, 0.5F, 180, 0.95F));
    tell(&f->detector, box_at(0.72F, 0.5F, 180, 0.95F));
    assert_int_equal(analyse(f, IMI_CAPTURE_PORTRAIT).reason, IMI_CAPTURE_SEVERAL_FACES);
}

static void the_larger_and_more_central_face_is_meant(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.95F, 0.2F, 200, 0.95F));
    tell(&f->detector, box_at(0.5F, 0.5F, 190, 0.9F));
    imi_face face = analyse(f, IMI_CAPTURE_PORTRAIT);
    assert_true(fabsf(face.box.left + 95 - 320) < 1);
}

static void two_boxes_on_one_face_are_one(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.5F, 0.5F, 190, 0.95F));
    tell(&f->detector, box_at(0.52F, 0.51F, 180, 0.9F));
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_OK);
}

static void an_unsure_face_gives_way_to_one_seen_elsewhere(void **state)
{
    fixture *f = *state;
    tell(&f->detector, box_at(0.1F, 0.2F, 90, 0.55F));
    tell(&f->cross_check, drawn_face_box(&middle, 0.5F));
    analyse(f, IMI_CAPTURE_SELFIE);
    assert_true(fabsf(f->landmarker.asked.width - drawn_face_box(&middle, 1).width) < 0.1F);
}

static void an_unsure_face_is_kept_when_nobody_contradicts(void **state)
{
    fixture *f = *state;
    tell(&f->detector, drawn_face_box(&middle, 0.55F));
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_OK);
    assert_int_equal(f->cross_check.calls, 1);
}

static void boxes_that_are_not_numbers_are_no_faces(void **state)
{
    fixture *f = *state;
    tell(&f->detector, (imi_face_box){NAN, 0, 100, 100, 0.9F});
    tell(&f->detector, (imi_face_box){0, 0, INFINITY, 100, 0.9F});
    tell(&f->detector, (imi_face_box){0, 0, 0, 0, 0.9F});
    tell(&f->detector, (imi_face_box){0, 0, -50, 50, 0.9F});
    assert_int_equal(analyse(f, IMI_CAPTURE_SELFIE).reason, IMI_CAPTURE_NO_FACE);
}

static void a_detector_that_cannot_run_is_an_error(void **state)
{
    fixture *f = *state;
    imi_face face;
    f->detector.status = IMI_E_MODEL_RUN;
    assert_int_equal(imi_engine_analyse(f->engine, f->image, IMI_CAPTURE_SELFIE, &face, NULL),
                     IMI_E_MODEL_RUN);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
    f->detector.status = IMI_OK;
    f->cross_check.status = IMI_E_MODEL_RUN;
    assert_int_equal(imi_engine_analyse(f->engine, f->image, IMI_CAPTURE_SELFIE, &face, NULL),
                     IMI_E_MODEL_RUN);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_sure_face_is_not_checked_twice),
        TEST(no_face_at_all_is_a_reason),
        TEST(a_face_that_only_the_cross_check_sees_is_taken),
        TEST(two_comparable_faces_fail_a_probe),
        TEST(two_sure_faces_stay_two_though_the_cross_check_sees_one),
        TEST(an_unsure_second_face_that_is_not_confirmed_does_not_count),
        TEST(a_small_face_in_the_background_does_not_fail_a_probe),
        TEST(a_bystander_at_the_edge_does_not_spoil_a_portrait),
        TEST(two_people_side_by_side_are_no_portrait),
        TEST(the_larger_and_more_central_face_is_meant),
        TEST(two_boxes_on_one_face_are_one),
        TEST(an_unsure_face_gives_way_to_one_seen_elsewhere),
        TEST(an_unsure_face_is_kept_when_nobody_contradicts),
        TEST(boxes_that_are_not_numbers_are_no_faces),
        TEST(a_detector_that_cannot_run_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
