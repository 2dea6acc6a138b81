/* The passive detectors, where they are installed: they are optional. */
#include "support.h"

#include <math.h>

static void assess(imi_model_set *models, imi_pad *pad, const imi_image *image, float *out)
{
    imi_error err = IMI_ERROR_INIT;
    imi_face_box box = find_face(models, image);
    imi_landmarks mesh;
    find_mesh(models, image, &mesh);
    assert_ok(pad->assess(pad, image, &box, &mesh, out, &err), &err);
}

static void skip_without_pads(imi_model_set *models)
{
    if (models->pad_count == 0) {
        print_message("no PAD model is installed: this test says nothing\n");
        skip();
    }
}

static void frames_of_a_live_face_score_high(void **state)
{
    imi_model_set *models = *state;
    skip_without_pads(models);
    IMI_AUTO(imi_image) image = load_still("franck_02888.jpg");
    for (size_t m = 0; m < models->pad_count; m++) {
        float score = NAN;
        assess(models, models->pads[m], image, &score);
        assert_true(score > 0.9F && score <= 1);
    }
}

static void a_painting_scores_low(void **state)
{
    imi_model_set *models = *state;
    skip_without_pads(models);
    IMI_AUTO(imi_image) image = load_still("joconde_crop.jpg");
    for (size_t m = 0; m < models->pad_count; m++) {
        float score = NAN;
        assess(models, models->pads[m], image, &score);
        assert_true(score >= 0 && score < 0.5F);
    }
}

static void a_bad_box_is_refused_and_leaves_nan(void **state)
{
    imi_model_set *models = *state;
    skip_without_pads(models);
    IMI_AUTO(imi_image) image = plain_image(64, 64, 90);
    imi_landmarks mesh = {.presence = 0};
    const imi_face_box boxes[] = {{0, 0, 0, 0, 1}, {NAN, 0, 9, 9, 1}, {0, 0, INFINITY, 9, 1}};
    for (size_t m = 0; m < models->pad_count; m++) {
        for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
            float score = 1;
            imi_error err = IMI_ERROR_INIT;
            imi_pad *pad = models->pads[m];
            assert_int_equal(pad->assess(pad, image, &boxes[i], &mesh, &score, &err),
                             IMI_E_INVALID_ARGUMENT);
            assert_true(isnan(score));
        }
    }
}

static void a_box_beyond_the_image_is_moved_inside(void **state)
{
    imi_model_set *models = *state;
    skip_without_pads(models);
    IMI_AUTO(imi_image) image = plain_image(20, 10, 90);
    imi_landmarks mesh = {.presence = 0};
    const imi_face_box boxes[] = {{-900, -900, 500, 700, 1}, {900, 900, 5, 5, 1}, {5, 5, 1, 1, 1}};
    for (size_t m = 0; m < models->pad_count; m++) {
        for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
            float score = NAN;
            imi_error err = IMI_ERROR_INIT;
            imi_pad *pad = models->pads[m];
            assert_ok(pad->assess(pad, image, &boxes[i], &mesh, &score, &err), &err);
            assert_true(score >= 0 && score <= 1);
        }
    }
}

static void the_smallest_image_is_no_error(void **state)
{
    imi_model_set *models = *state;
    skip_without_pads(models);
    IMI_AUTO(imi_image) image = plain_image(1, 1, 90);
    imi_landmarks mesh = {.presence = 0};
    imi_face_box box = {0, 0, 1, 1, 1};
    float score = NAN;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(models->pads[0]->assess(models->pads[0], image, &box, &mesh, &score, &err), &err);
    assert_true(score >= 0 && score <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_a_live_face_score_high),
        cmocka_unit_test(a_painting_scores_low),
        cmocka_unit_test(a_bad_box_is_refused_and_leaves_nan),
        cmocka_unit_test(a_box_beyond_the_image_is_moved_inside),
        cmocka_unit_test(the_smallest_image_is_no_error),
    };
    return cmocka_run_group_tests(tests, load_models, unload_models);
}
