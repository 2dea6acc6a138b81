#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_face.h"

#include <math.h>
#include <string.h>

static const drawn_face good = {.width = 480, .height = 480, .inter_eye_px = 90};

static imi_quality measure(const drawn_face *face)
{
    IMI_AUTO(imi_image) image = NULL;
    imi_landmarks landmarks;
    imi_quality quality;
    drawn_face_draw(face, &image, &landmarks);
    assert_int_equal(imi_quality_measure(image, &landmarks, &quality, NULL), IMI_OK);
    return quality;
}

static void a_good_face_serves_every_kind(void **state)
{
    (void)state;
    imi_quality quality = measure(&good);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_PORTRAIT), IMI_CAPTURE_OK);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_OK);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_MOTION), IMI_CAPTURE_OK);
    assert_true(quality.unified > 0.2F && quality.unified <= 1);
}

static void eye_distance_is_told_in_pixels(void **state)
{
    (void)state;
    assert_true(fabsf(measure(&good).inter_eye_distance_px - 90) < 0.5F);
}

static void blur_lowers_sharpness(void **state)
{
    (void)state;
    float before = 1;
    for (uint32_t radius = 0; radius <= 12; radius += 3) {
        drawn_face face = good;
        face.blur = radius;
        float sharpness = measure(&face).sharpness;
        assert_true(sharpness < before);
        before = sharpness;
    }
    drawn_face face = good;
    face.blur = 16;
    imi_quality quality = measure(&face);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_BLURRED);
}

static void sharpness_hardly_depends_on_the_images_size(void **state)
{
    (void)state;
    drawn_face large = {.width = 960, .height = 960, .inter_eye_px = 180};
    assert_true(fabsf(measure(&large).sharpness - measure(&good).sharpness) < 0.1F);
}

static void darkness_raises_under_exposure(void **state)
{
    (void)state;
    float before = -1;
    const float gains[] = {1, 0.2F, 0.15F, 0.1F};
    for (size_t i = 0; i < 4; i++) {
        drawn_face face = good;
        face.gain = gains[i];
        float share = measure(&face).under_exposure;
        assert_true(share >= before);
        before = share;
    }
    assert_true(before > 0.9F);
    drawn_face face = good;
    face.gain = 0.1F;
    imi_quality quality = measure(&face);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_TOO_DARK);
}

static void glare_raises_over_exposure(void **state)
{
    (void)state;
    drawn_face face = good;
    face.gain = 1.9F;
    imi_quality quality = measure(&face);
    assert_true(quality.over_exposure > 0.6F);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_TOO_BRIGHT);
    assert_true(measure(&good).over_exposure < 0.05F);
}

static void light_from_one_side_lowers_uniformity(void **state)
{
    (void)state;
    float before = 1.01F;
    const float lights[] = {0, 0.3F, 0.6F, 0.9F};
    for (size_t i = 0; i < 4; i++) {
        drawn_face face = good;
        face.side_light = lights[i];
        float uniformity = measure(&face).illumination_uniformity;
        assert_true(uniformity < before);
        before = uniformity;
    }
    assert_true(measure(&good).illumination_uniformity > 0.8F);
}

static void covered_eyes_are_noticed(void **state)
{
    (void)state;
    drawn_face face = good;
    face.eyes_covered = true;
    imi_quality quality = measure(&face);
    assert_true(quality.eyes_visible < measure(&good).eyes_visible / 2);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_EYES_HIDDEN);
}

static void a_covered_mouth_is_noticed(void **state)
{
    (void)state;
    drawn_face face = good;
    face.mouth_covered = true;
    imi_quality quality = measure(&face);
    assert_true(quality.mouth_visible < measure(&good).mouth_visible / 2);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_MOUTH_HIDDEN);
}

static void a_small_face_serves_as_portrait_only(void **state)
{
    (void)state;
    drawn_face face = {.width = 102, .height = 126, .inter_eye_px = 30};
    imi_quality quality = measure(&face);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_PORTRAIT), IMI_CAPTURE_OK);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_FACE_TOO_SMALL);
}

static void a_tiny_face_serves_nothing(void **state)
{
    (void)state;
    drawn_face face = {.width = 64, .height = 64, .inter_eye_px = 10};
    imi_quality quality = measure(&face);
    for (int kind = IMI_CAPTURE_PORTRAIT; kind <= IMI_CAPTURE_MOTION; kind++) {
        assert_int_equal(imi_quality_judge(&quality, (imi_capture_kind)kind),
                         IMI_CAPTURE_FACE_TOO_SMALL);
    }
}

static void a_turned_head_serves_motion_only(void **state)
{
    (void)state;
    drawn_face face = good;
    face.yaw_deg = 35;
    imi_quality quality = measure(&face);
    assert_true(fabsf(quality.pose.yaw_deg - 35) < 1);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_NOT_FRONTAL);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_MOTION), IMI_CAPTURE_OK);
}

static void a_face_over_the_edge_is_cut_off(void **state)
{
    (void)state;
    drawn_face face = good;
    face.x = 240;
    face.y = 470;
    imi_quality quality = measure(&face);
    assert_true(quality.cut_off > 0.5F);
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_FACE_CUT_OFF);
}

static void the_better_of_two_frames_has_the_higher_unified_score(void **state)
{
    (void)state;
    float best = measure(&good).unified;
    drawn_face worse[] = {good, good, good, good};
    worse[0].blur = 6;
    worse[1].gain = 0.12F;
    worse[2].yaw_deg = 30;
    worse[3].inter_eye_px = 40;
    for (size_t i = 0; i < 4; i++) {
        assert_true(measure(&worse[i]).unified < best);
    }
}

static void grey_images_are_measured_alike(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = NULL;
    IMI_AUTO(imi_image) grey = NULL;
    imi_landmarks landmarks;
    imi_quality of_colour;
    imi_quality of_grey;
    drawn_face_draw(&good, &image, &landmarks);
    assert_int_equal(imi_image_to_grey(image, &grey, NULL), IMI_OK);
    assert_int_equal(imi_quality_measure(image, &landmarks, &of_colour, NULL), IMI_OK);
    assert_int_equal(imi_quality_measure(grey, &landmarks, &of_grey, NULL), IMI_OK);
    assert_true(of_colour.sharpness == of_grey.sharpness);
    assert_true(of_colour.unified == of_grey.unified);
}

static void a_mesh_without_extent_is_an_error_and_passes_nothing(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = NULL;
    imi_landmarks landmarks;
    drawn_face_draw(&good, &image, &landmarks);
    landmarks = (imi_landmarks){.presence = 1};
    imi_quality quality;
    assert_int_equal(imi_quality_measure(image, &landmarks, &quality, NULL),
                     IMI_E_INVALID_ARGUMENT);
    for (int kind = IMI_CAPTURE_PORTRAIT; kind <= IMI_CAPTURE_MOTION; kind++) {
        assert_int_not_equal(imi_quality_judge(&quality, (imi_capture_kind)kind), IMI_CAPTURE_OK);
    }
}

/* Each measure alone turned to NaN: never good enough, whatever the others say. */
static void nan_in_any_measure_never_passes(void **state)
{
    (void)state;
    imi_quality base = measure(&good);
    float *const measures[] = {
        &base.inter_eye_distance_px, &base.sharpness,     &base.illumination_uniformity,
        &base.under_exposure,        &base.over_exposure, &base.eyes_visible,
        &base.mouth_visible,         &base.cut_off,       &base.pose.yaw_deg,
        &base.pose.pitch_deg,        &base.pose.roll_deg};
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        float kept = *measures[i];
        *measures[i] = NAN;
        assert_int_not_equal(imi_quality_judge(&base, IMI_CAPTURE_SELFIE), IMI_CAPTURE_OK);
        assert_int_not_equal(imi_quality_judge(&base, IMI_CAPTURE_PORTRAIT), IMI_CAPTURE_OK);
        *measures[i] = kept;
    }
}

static void several_faces_are_told_before_all_else(void **state)
{
    (void)state;
    imi_quality quality = measure(&good);
    quality.face_count = 2;
    quality.sharpness = 0;
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_SEVERAL_FACES);
    quality.face_count = 0;
    assert_int_equal(imi_quality_judge(&quality, IMI_CAPTURE_SELFIE), IMI_CAPTURE_NO_FACE);
}

static void an_unknown_kind_accepts_nothing(void **state)
{
    (void)state;
    imi_quality quality = measure(&good);
    assert_int_not_equal(imi_quality_judge(&quality, (imi_capture_kind)7), IMI_CAPTURE_OK);
    assert_int_not_equal(imi_quality_judge(&quality, (imi_capture_kind)-1), IMI_CAPTURE_OK);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < IMI_CAPTURE_REASON_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(imi_capture_reason_name((imi_capture_reason)a),
                                    imi_capture_reason_name((imi_capture_reason)b));
        }
    }
    assert_string_equal(imi_capture_reason_name((imi_capture_reason)99), "unknown");
    assert_string_equal(imi_capture_reason_name((imi_capture_reason)-1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_face_serves_every_kind),
        cmocka_unit_test(eye_distance_is_told_in_pixels),
        cmocka_unit_test(blur_lowers_sharpness),
        cmocka_unit_test(sharpness_hardly_depends_on_the_images_size),
        cmocka_unit_test(darkness_raises_under_exposure),
        cmocka_unit_test(glare_raises_over_exposure),
        cmocka_unit_test(light_from_one_side_lowers_uniformity),
        cmocka_unit_test(covered_eyes_are_noticed),
        cmocka_unit_test(a_covered_mouth_is_noticed),
        cmocka_unit_test(a_small_face_serves_as_portrait_only),
        cmocka_unit_test(a_tiny_face_serves_nothing),
        cmocka_unit_test(a_turned_head_serves_motion_only),
        cmocka_unit_test(a_face_over_the_edge_is_cut_off),
        cmocka_unit_test(the_better_of_two_frames_has_the_higher_unified_score),
        cmocka_unit_test(grey_images_are_measured_alike),
        cmocka_unit_test(a_mesh_without_extent_is_an_error_and_passes_nothing),
        cmocka_unit_test(nan_in_any_measure_never_passes),
        cmocka_unit_test(several_faces_are_told_before_all_else),
        cmocka_unit_test(an_unknown_kind_accepts_nothing),
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
