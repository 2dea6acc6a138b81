/* Both detectors on the sample media: one face where there is one, none where there is none. */
#include "support.h"

#include <math.h>
#include <string.h>

enum { CAPACITY = 8 };

static const char *const FRAMES[] = {
    "franck_01829.jpg", "franck_02045.jpg", "franck_02159.jpg", "franck_02221.jpg",
    "franck_02683.jpg", "franck_02888.jpg", "franck_03909.jpg", "franck_03979.jpg",
    "franck_04000.jpg", "franck_04035.jpg", "franck_04117.jpg", "SeanConnery.jpg",
    "audrey.jpg",       "bieber_small.jpg", "cage.jpg",         "clmtrackr01.jpg",
};

/* Faces that fill the picture or are cut by its edge. */
static const char *const TIGHT[] = {"Justin-Bieber2_crop.jpg", "audrey_crop.jpg", "cage2_crop.jpg",
                                    "kim1_crop.jpg",           "obama4_crop.jpg", "ri_1_crop.jpg"};

static size_t count_faces(imi_detector *detector, const imi_image *image, imi_face_box *boxes,
                          size_t capacity)
{
    imi_error err = IMI_ERROR_INIT;
    size_t count = 99;
    assert_ok(detector->detect(detector, image, boxes, capacity, &count, &err), &err);
    assert_true(count <= capacity);
    return count;
}

static void one_face_is_found_in_every_portrait(void **state)
{
    imi_model_set *models = *state;
    for (size_t i = 0; i < sizeof FRAMES / sizeof FRAMES[0]; i++) {
        IMI_AUTO(imi_image) image = load_still(FRAMES[i]);
        imi_face_box boxes[CAPACITY];
        assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 1);
        assert_true(boxes[0].confidence >= 0.5F && boxes[0].confidence <= 1);
        assert_true(boxes[0].width > 40 && boxes[0].left > 0 &&
                    boxes[0].left + boxes[0].width < (float)image->width);
    }
}

static void one_face_is_found_in_every_tight_crop(void **state)
{
    imi_model_set *models = *state;
    for (size_t i = 0; i < sizeof TIGHT / sizeof TIGHT[0]; i++) {
        IMI_AUTO(imi_image) image = load_still(TIGHT[i]);
        imi_face_box boxes[CAPACITY];
        assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 1);
        assert_true(boxes[0].width > 0.5F * (float)image->width);
    }
}

static void the_cross_check_agrees_on_frontal_frames(void **state)
{
    imi_model_set *models = *state;
    for (size_t i = 0; i < 11; i++) {
        IMI_AUTO(imi_image) image = load_still(FRAMES[i]);
        imi_face_box mine[CAPACITY];
        imi_face_box other[CAPACITY];
        assert_int_equal(count_faces(models->detector, image, mine, CAPACITY), 1);
        assert_int_equal(count_faces(models->cross_check, image, other, CAPACITY), 1);
        float dx = mine[0].left + mine[0].width / 2 - other[0].left - other[0].width / 2;
        float dy = mine[0].top + mine[0].height / 2 - other[0].top - other[0].height / 2;
        assert_true(hypotf(dx, dy) < 0.25F * mine[0].width);
    }
}

static void a_document_portrait_is_found(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    IMI_AUTO(imi_image) portrait = document_portrait(models, image);
    imi_face_box boxes[CAPACITY];
    assert_int_equal(count_faces(models->detector, portrait, boxes, CAPACITY), 1);
    assert_int_equal(count_faces(models->cross_check, portrait, boxes, CAPACITY), 1);
}

static void a_plain_image_has_no_face(void **state)
{
    imi_model_set *models = *state;
    static const uint8_t levels[] = {0, 128, 255};
    for (size_t i = 0; i < sizeof levels; i++) {
        IMI_AUTO(imi_image) image = plain_image(320, 240, levels[i]);
        imi_face_box boxes[CAPACITY];
        assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 0);
        assert_int_equal(count_faces(models->cross_check, image, boxes, CAPACITY), 0);
    }
}

static void noise_has_no_face(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = plain_image(320, 240, 0);
    uint32_t seed = 7;
    for (size_t i = 0; i < image->stride_bytes * image->height; i++) {
        seed = seed * 1664525U + 1013904223U;
        image->pixels[i] = (uint8_t)(seed >> 24);
    }
    imi_face_box boxes[CAPACITY];
    assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 0);
    assert_int_equal(count_faces(models->cross_check, image, boxes, CAPACITY), 0);
}

/* The picture twice, side by side. */
static imi_image *doubled(const imi_image *image)
{
    imi_affine still = {1, 0, 0, 0, 1, 0};
    imi_image *out = warped(image, &still, image->width * 2, image->height);
    for (uint32_t y = 0; y < out->height; y++) {
        uint8_t *row = out->pixels + (size_t)y * out->stride_bytes;
        imi_copy(row + 3 * (size_t)image->width, row, 3 * (size_t)image->width);
    }
    return out;
}

static void two_faces_are_two(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    IMI_AUTO(imi_image) both = doubled(image);
    imi_face_box boxes[CAPACITY];
    assert_int_equal(count_faces(models->detector, both, boxes, CAPACITY), 2);
    assert_true(boxes[0].confidence >= boxes[1].confidence);
    assert_int_equal(count_faces(models->cross_check, both, boxes, CAPACITY), 2);
}

static void no_more_than_the_capacity_is_written(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    IMI_AUTO(imi_image) both = doubled(image);
    imi_face_box boxes[2];
    memset(boxes, 0x5A, sizeof boxes);
    imi_face_box canary = boxes[1];
    assert_int_equal(count_faces(models->detector, both, boxes, 1), 1);
    assert_int_equal(count_faces(models->cross_check, both, boxes, 1), 1);
    assert_memory_equal(&boxes[1], &canary, sizeof canary);
    assert_int_equal(count_faces(models->detector, both, NULL, 0), 0);
}

static void the_smallest_image_is_no_error(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = plain_image(1, 1, 200);
    imi_face_box boxes[CAPACITY];
    assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 0);
    assert_int_equal(count_faces(models->cross_check, image, boxes, CAPACITY), 0);
}

static void a_strip_of_an_image_is_no_error(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = plain_image(2000, 1, 200);
    imi_face_box boxes[CAPACITY];
    assert_int_equal(count_faces(models->detector, image, boxes, CAPACITY), 0);
    assert_int_equal(count_faces(models->cross_check, image, boxes, CAPACITY), 0);
}

static void an_empty_image_is_refused(void **state)
{
    imi_model_set *models = *state;
    imi_detector *detectors[] = {models->detector, models->cross_check};
    imi_image empty = {.format = IMI_PIXEL_RGB8};
    for (size_t i = 0; i < 2; i++) {
        imi_face_box box;
        size_t count = 9;
        imi_error err = IMI_ERROR_INIT;
        assert_int_equal(detectors[i]->detect(detectors[i], &empty, &box, 1, &count, &err),
                         IMI_E_IMAGE_EMPTY);
        assert_int_equal(count, 0);
        assert_int_equal(detectors[i]->detect(detectors[i], NULL, &box, 1, &count, &err),
                         IMI_E_IMAGE_EMPTY);
    }
}

static void a_grey_image_is_refused(void **state)
{
    imi_model_set *models = *state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_image) grey = NULL;
    assert_ok(imi_image_new(50, 50, IMI_PIXEL_GREY8, &grey, &err), &err);
    imi_face_box box;
    size_t count = 9;
    assert_int_equal(models->detector->detect(models->detector, grey, &box, 1, &count, &err),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count, 0);
}

static void two_instances_find_the_same(void **state)
{
    imi_model_set *models = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_set others;
    assert_ok(imi_model_set_load(MODELS_FOLDER, &others, &err), &err);
    IMI_AUTO(imi_image) image = load_still("franck_02888.jpg");
    imi_face_box a = find_face(models, image);
    imi_face_box b = find_face(&others, image);
    assert_memory_equal(&a, &b, sizeof a);
    imi_model_set_clean_up(&others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_face_is_found_in_every_portrait),
        cmocka_unit_test(one_face_is_found_in_every_tight_crop),
        cmocka_unit_test(the_cross_check_agrees_on_frontal_frames),
        cmocka_unit_test(a_document_portrait_is_found),
        cmocka_unit_test(a_plain_image_has_no_face),
        cmocka_unit_test(noise_has_no_face),
        cmocka_unit_test(two_faces_are_two),
        cmocka_unit_test(no_more_than_the_capacity_is_written),
        cmocka_unit_test(the_smallest_image_is_no_error),
        cmocka_unit_test(a_strip_of_an_image_is_no_error),
        cmocka_unit_test(an_empty_image_is_refused),
        cmocka_unit_test(a_grey_image_is_refused),
        cmocka_unit_test(two_instances_find_the_same),
    };
    return cmocka_run_group_tests(tests, load_models, unload_models);
}
