#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_face.h"

#include <math.h>
#include <string.h>

typedef struct told_pad {
    imi_pad base;
    float score;
} told_pad;

typedef struct fixture {
    told_detector detector;
    told_landmarker landmarker;
    column_extractor first, second;
    imi_extractor *extractors[2];
    told_pad pads[2];
    imi_pad *pad_pointers[2];
    imi_engine_parts parts;
    imi_image *image;
} fixture;

static const drawn_face drawn = {
    .width = 320, .height = 320, .inter_eye_px = 70, .side_light = 0.4F};

static imi_status told_assess(imi_pad *base, const imi_image *image, const imi_face_box *box,
                              const imi_landmarks *landmarks, float *out, imi_error *err)
{
    (void)image;
    (void)box;
    (void)landmarks;
    (void)err;
    *out = ((told_pad *)base)->score;
    return IMI_OK;
}

static int set_up(void **state)
{
    fixture *f = imi_alloc(sizeof *f);
    told_detector_init(&f->detector);
    told_landmarker_init(&f->landmarker);
    column_extractor_init(&f->first, "columns@1");
    column_extractor_init(&f->second, "columns@2");
    f->extractors[0] = &f->first.base;
    f->extractors[1] = &f->second.base;
    for (int i = 0; i < 2; i++) {
        f->pads[i] = (told_pad){.base = {.assess = told_assess}, .score = 0.5F};
        f->pad_pointers[i] = &f->pads[i].base;
    }
    drawn_face_draw(&drawn, &f->image, &f->landmarker.landmarks);
    f->detector.boxes[0] = drawn_face_box(&drawn, 0.9F);
    f->detector.count = 1;
    f->parts = (imi_engine_parts){.detector = &f->detector.base,
                                  .landmarker = &f->landmarker.base,
                                  .extractors = f->extractors,
                                  .extractor_count = 2,
                                  .pads = f->pad_pointers,
                                  .pad_count = 2};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    imi_image_destroy(&f->image);
    imi_free(f);
    return 0;
}

static imi_engine *engine_of(fixture *f)
{
    imi_engine *engine = NULL;
    assert_int_equal(imi_engine_new(&f->parts, &engine, NULL), IMI_OK);
    return engine;
}

static imi_face analyse(fixture *f, imi_engine *engine)
{
    imi_face face;
    assert_int_equal(imi_engine_analyse(engine, f->image, IMI_CAPTURE_PORTRAIT, &face, NULL),
                     IMI_OK);
    return face;
}

static void an_engine_needs_its_parts(void **state)
{
    fixture *f = *state;
    imi_engine *engine = NULL;
    imi_engine_parts parts = f->parts;
    parts.detector = NULL;
    assert_int_equal(imi_engine_new(&parts, &engine, NULL), IMI_E_INVALID_ARGUMENT);
    parts = f->parts;
    parts.landmarker = NULL;
    assert_int_equal(imi_engine_new(&parts, &engine, NULL), IMI_E_INVALID_ARGUMENT);
    parts = f->parts;
    parts.extractor_count = 0;
    assert_int_equal(imi_engine_new(&parts, &engine, NULL), IMI_E_INVALID_ARGUMENT);
    parts.extractor_count = IMI_TEMPLATE_VECTORS_MAX + 1;
    assert_int_equal(imi_engine_new(&parts, &engine, NULL), IMI_E_INVALID_ARGUMENT);
    f->second.base.dim = IMI_EXTRACTOR_DIM_MAX + 1;
    assert_int_equal(imi_engine_new(&f->parts, &engine, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(engine);
}

static void every_extractor_gives_a_vector(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &made, NULL), IMI_OK);
    assert_int_equal(made.count, 2);
    assert_string_equal(made.vectors[0].model_id, "columns@1");
    assert_string_equal(made.vectors[1].model_id, "columns@2");
    assert_int_equal(made.vectors[0].dim, 16);
    assert_int_equal(f->first.calls, 2);
}

/* Means of columns, averaged with the mirrored chip's, must be symmetric though the light is
 * not. */
static void a_template_averages_the_chip_and_its_mirror(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &made, NULL), IMI_OK);
    double square = 0;
    for (int i = 0; i < 16; i++) {
        assert_true(fabsf(made.vectors[0].values[i] - made.vectors[0].values[15 - i]) < 1e-5F);
        square += (double)made.vectors[0].values[i] * made.vectors[0].values[i];
    }
    assert_true(fabs(square - 1) < 1e-5);
    for (uint32_t i = 16; i < IMI_EXTRACTOR_DIM_MAX; i++) {
        assert_true(made.vectors[0].values[i] == 0);
    }
}

static float measure_agreement(fixture *f, const char *model_id)
{
    imi_copy_text(f->first.base.model_id, IMI_MODEL_ID_SIZE, model_id);
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    float agreement = 0;
    assert_int_equal(imi_engine_extract_measured(engine, f->image, &face, &made, &agreement, NULL),
                     IMI_OK);
    return agreement;
}

static void light_from_one_side_lowers_mirror_agreement(void **state)
{
    fixture *f = *state;
    float lit_from_one_side = measure_agreement(f, "mobilefacenet@x");
    assert_true(lit_from_one_side > 0 && lit_from_one_side < 0.999F);
    imi_image_destroy(&f->image);
    drawn_face even = drawn;
    even.side_light = 0;
    drawn_face_draw(&even, &f->image, &f->landmarker.landmarks);
    assert_true(measure_agreement(f, "mobilefacenet@x") > lit_from_one_side);
}

static void agreement_of_another_network_is_not_told(void **state)
{
    assert_true(isnan(measure_agreement(*state, "columns@1")));
}

static void a_failed_extraction_tells_no_agreement(void **state)
{
    fixture *f = *state;
    imi_copy_text(f->first.base.model_id, IMI_MODEL_ID_SIZE, "mobilefacenet@x");
    f->second.status = IMI_E_MODEL_RUN;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    float agreement = 1;
    assert_int_equal(imi_engine_extract_measured(engine, f->image, &face, &made, &agreement, NULL),
                     IMI_E_MODEL_RUN);
    assert_true(isnan(agreement));
    assert_int_equal(made.count, 0);
}

static void extracting_repeats_exactly(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template once;
    imi_template again;
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &once, NULL), IMI_OK);
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &again, NULL), IMI_OK);
    assert_memory_equal(&once, &again, sizeof once);
}

static void a_poor_image_still_has_its_measures(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_image_destroy(&f->image);
    drawn_face dark = drawn;
    dark.gain = 0.05F;
    drawn_face_draw(&dark, &f->image, &f->landmarker.landmarks);
    imi_face face = analyse(f, engine);
    assert_int_equal(face.reason, IMI_CAPTURE_TOO_DARK);
    assert_true(face.quality.inter_eye_distance_px > 60);
    assert_true(face.box.width > 1);
}

static void a_mesh_without_presence_is_no_face(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    const float presences[] = {0, 0.4F, NAN};
    for (size_t i = 0; i < 3; i++) {
        f->landmarker.landmarks.presence = presences[i];
        assert_int_equal(analyse(f, engine).reason, IMI_CAPTURE_NO_FACE);
    }
}

static void a_mesh_without_extent_is_no_face(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    f->landmarker.landmarks = (imi_landmarks){.presence = 1};
    assert_int_equal(analyse(f, engine).reason, IMI_CAPTURE_NO_FACE);
    f->landmarker.landmarks.points[IMI_MESH_LEFT_EYE_OUTER].x = NAN;
    assert_int_equal(analyse(f, engine).reason, IMI_CAPTURE_NO_FACE);
}

static void no_template_is_made_of_no_face(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = {.reason = IMI_CAPTURE_NO_FACE};
    imi_template made;
    memset(&made, 0xEE, sizeof made);
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(made.count, 0);
}

static void an_extractor_that_fails_leaves_no_template(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    f->second.status = IMI_E_MODEL_RUN;
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &made, NULL), IMI_E_MODEL_RUN);
    assert_int_equal(made.count, 0);
    assert_int_equal(made.vectors[0].dim, 0);
}

static void a_vector_of_nan_is_an_error(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    imi_template made;
    f->first.gives_nan = true;
    assert_int_equal(imi_engine_extract(engine, f->image, &face, &made, NULL), IMI_E_MODEL_RUN);
    assert_int_equal(made.count, 0);
}

static void only_rgb_images_are_taken(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_to_grey(f->image, &grey, NULL), IMI_OK);
    imi_face face;
    assert_int_equal(imi_engine_analyse(engine, grey, IMI_CAPTURE_SELFIE, &face, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_engine_analyse(engine, NULL, IMI_CAPTURE_SELFIE, &face, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(face.reason, IMI_CAPTURE_NO_FACE);
}

static void pad_scores_are_averaged(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    f->pads[0].score = 0.9F;
    f->pads[1].score = 0.2F;
    float score = 0;
    assert_int_equal(imi_engine_assess_pad(engine, f->image, &face, &score, NULL), IMI_OK);
    assert_true(fabsf(score - 0.55F) < 1e-6F);
}

static void without_pad_models_there_is_no_score(void **state)
{
    fixture *f = *state;
    f->parts.pad_count = 0;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    imi_face face = analyse(f, engine);
    float score = 1;
    assert_int_equal(imi_engine_assess_pad(engine, f->image, &face, &score, NULL),
                     IMI_E_UNSUPPORTED);
    assert_true(isnan(score));
}

static int g_allowed;

static bool fail_when_spent(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_allowed-- <= 0;
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_engine) engine = engine_of(f);
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 50; allowed++) {
        imi_face face;
        imi_template made;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        status = imi_engine_analyse(engine, f->image, IMI_CAPTURE_PORTRAIT, &face, NULL);
        if (status == IMI_OK) {
            status = imi_engine_extract(engine, f->image, &face, &made, NULL);
        }
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(allowed > 6);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_engine_needs_its_parts),
        TEST(every_extractor_gives_a_vector),
        TEST(a_template_averages_the_chip_and_its_mirror),
        TEST(light_from_one_side_lowers_mirror_agreement),
        TEST(agreement_of_another_network_is_not_told),
        TEST(a_failed_extraction_tells_no_agreement),
        TEST(extracting_repeats_exactly),
        TEST(a_poor_image_still_has_its_measures),
        TEST(a_mesh_without_presence_is_no_face),
        TEST(a_mesh_without_extent_is_no_face),
        TEST(no_template_is_made_of_no_face),
        TEST(an_extractor_that_fails_leaves_no_template),
        TEST(a_vector_of_nan_is_an_error),
        TEST(only_rgb_images_are_taken),
        TEST(pad_scores_are_averaged),
        TEST(without_pad_models_there_is_no_score),
        TEST(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
