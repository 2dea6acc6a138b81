/* One suite for every extractor: the vectors of a subject are alike, those of others are not. */
#include "support.h"

#include <math.h>
#include <string.h>

/* Between the lowest mated and the highest non-mated similarity seen on these stills; a test
 * of the plumbing, not an operating point. */
static const float APART = 0.45F;

static imi_image *make_chip(imi_model_set *models, imi_extractor *extractor, const imi_image *image)
{
    imi_landmarks mesh;
    imi_affine map;
    imi_error err = IMI_ERROR_INIT;
    find_mesh(models, image, &mesh);
    assert_ok(extractor->align(extractor, &mesh, &map, &err), &err);
    return warped(image, &map, extractor->chip_width, extractor->chip_height);
}

static void extract(imi_model_set *models, imi_extractor *extractor, const imi_image *image,
                    float *vector)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_image) chip = make_chip(models, extractor, image);
    assert_ok(extractor->embed(extractor, chip, vector, &err), &err);
}

static void extract_still(imi_model_set *models, imi_extractor *extractor, const char *name,
                          float *vector)
{
    IMI_AUTO(imi_image) image = load_still(name);
    extract(models, extractor, image, vector);
}

static float cosine(const imi_extractor *extractor, const float *a, const float *b)
{
    float sum = 0;
    for (uint32_t i = 0; i < extractor->dim; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

/* The lowest similarity that the networks may give a mated pair: dlib's lie closer together. */
static float apart(const imi_extractor *extractor)
{
    return strncmp(extractor->model_id, "dlib", 4) == 0 ? 0.88F : APART;
}

static void vectors_have_unit_length(void **state)
{
    imi_model_set *models = *state;
    for (size_t m = 0; m < models->extractor_count; m++) {
        float vector[IMI_EXTRACTOR_DIM_MAX];
        extract_still(models, models->extractors[m], "franck_02159.jpg", vector);
        float norm = cosine(models->extractors[m], vector, vector);
        assert_true(fabsf(norm - 1) < 1e-5F);
    }
}

static void frames_of_one_subject_are_alike(void **state)
{
    imi_model_set *models = *state;
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float a[IMI_EXTRACTOR_DIM_MAX];
        float b[IMI_EXTRACTOR_DIM_MAX];
        extract_still(models, extractor, "franck_02159.jpg", a);
        extract_still(models, extractor, "franck_04117.jpg", b);
        assert_true(cosine(extractor, a, b) > apart(extractor));
        extract_still(models, extractor, "audrey.jpg", a);
        extract_still(models, extractor, "audrey_crop.jpg", b);
        assert_true(cosine(extractor, a, b) > apart(extractor));
    }
}

static void other_subjects_are_not_alike(void **state)
{
    imi_model_set *models = *state;
    static const char *const others[] = {"audrey.jpg", "SeanConnery.jpg", "cage.jpg",
                                         "bieber_small.jpg"};
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float a[IMI_EXTRACTOR_DIM_MAX];
        float b[IMI_EXTRACTOR_DIM_MAX];
        extract_still(models, extractor, "franck_02159.jpg", a);
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            extract_still(models, extractor, others[i], b);
            assert_true(cosine(extractor, a, b) < apart(extractor));
        }
    }
}

static void a_document_portrait_is_like_its_subject(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02159.jpg");
    IMI_AUTO(imi_image) portrait = document_portrait(models, image);
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float a[IMI_EXTRACTOR_DIM_MAX];
        float b[IMI_EXTRACTOR_DIM_MAX];
        extract(models, extractor, portrait, a);
        extract_still(models, extractor, "franck_04117.jpg", b);
        assert_true(cosine(extractor, a, b) > apart(extractor));
    }
}

static void the_same_chip_gives_the_same_vector_in_two_instances(void **state)
{
    imi_model_set *models = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_model_set others;
    assert_ok(imi_model_set_load(MODELS_FOLDER, &others, &err), &err);
    IMI_AUTO(imi_image) image = load_still("franck_02888.jpg");
    for (size_t m = 0; m < models->extractor_count; m++) {
        float a[IMI_EXTRACTOR_DIM_MAX] = {0};
        float b[IMI_EXTRACTOR_DIM_MAX] = {0};
        extract(models, models->extractors[m], image, a);
        extract(&others, others.extractors[m], image, b);
        assert_memory_equal(a, b, sizeof a);
        assert_string_equal(models->extractors[m]->model_id, others.extractors[m]->model_id);
    }
    imi_model_set_clean_up(&others);
}

static void an_image_turned_and_scaled_gives_nearly_the_same_vector(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) image = load_still("franck_02888.jpg");
    imi_affine map = {0.75F, -0.2F, 100, 0.2F, 0.75F, -20};
    IMI_AUTO(imi_image) other = warped(image, &map, image->width, image->height);
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float a[IMI_EXTRACTOR_DIM_MAX];
        float b[IMI_EXTRACTOR_DIM_MAX];
        extract(models, extractor, image, a);
        extract(models, extractor, other, b);
        assert_true(cosine(extractor, a, b) > 0.9F);
    }
}

static void a_chip_of_another_size_is_refused_and_leaves_nan(void **state)
{
    imi_model_set *models = *state;
    IMI_AUTO(imi_image) chip = plain_image(64, 64, 90);
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float vector[IMI_EXTRACTOR_DIM_MAX] = {0};
        imi_error err = IMI_ERROR_INIT;
        assert_int_equal(extractor->embed(extractor, chip, vector, &err), IMI_E_INVALID_ARGUMENT);
        assert_true(isnan(vector[0]) && isnan(vector[extractor->dim - 1]));
    }
}

static void an_empty_chip_is_refused_and_leaves_nan(void **state)
{
    imi_model_set *models = *state;
    imi_image empty = {.format = IMI_PIXEL_RGB8};
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        float vector[IMI_EXTRACTOR_DIM_MAX] = {0};
        imi_error err = IMI_ERROR_INIT;
        assert_int_equal(extractor->embed(extractor, &empty, vector, &err), IMI_E_IMAGE_EMPTY);
        assert_true(isnan(vector[0]));
    }
}

static void landmarks_without_extent_cannot_be_aligned(void **state)
{
    imi_model_set *models = *state;
    imi_landmarks none = {.presence = 1};
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        imi_affine map = {1, 1, 1, 1, 1, 1};
        imi_error err = IMI_ERROR_INIT;
        assert_true(extractor->align(extractor, &none, &map, &err) != IMI_OK);
        assert_true(map.a == 0 && map.e == 0);
    }
}

static void landmarks_that_are_not_numbers_cannot_be_aligned(void **state)
{
    imi_model_set *models = *state;
    imi_landmarks bad = {.presence = 1};
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        bad.points[i] = (imi_point3){NAN, (float)i, 0};
    }
    for (size_t m = 0; m < models->extractor_count; m++) {
        imi_extractor *extractor = models->extractors[m];
        imi_affine map = {1, 1, 1, 1, 1, 1};
        imi_error err = IMI_ERROR_INIT;
        assert_true(extractor->align(extractor, &bad, &map, &err) != IMI_OK);
        assert_true(map.a == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_have_unit_length),
        cmocka_unit_test(frames_of_one_subject_are_alike),
        cmocka_unit_test(other_subjects_are_not_alike),
        cmocka_unit_test(a_document_portrait_is_like_its_subject),
        cmocka_unit_test(the_same_chip_gives_the_same_vector_in_two_instances),
        cmocka_unit_test(an_image_turned_and_scaled_gives_nearly_the_same_vector),
        cmocka_unit_test(a_chip_of_another_size_is_refused_and_leaves_nan),
        cmocka_unit_test(an_empty_chip_is_refused_and_leaves_nan),
        cmocka_unit_test(landmarks_without_extent_cannot_be_aligned),
        cmocka_unit_test(landmarks_that_are_not_numbers_cannot_be_aligned),
    };
    return cmocka_run_group_tests(tests, load_models, unload_models);
}
