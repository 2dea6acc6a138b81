#include "engine_internal.h"

#include <math.h>
#include <string.h>

/* What the model ids begin with that quality_match.c was fitted to. */
static const char FITTED_MODEL[] = "mobilefacenet@";

imi_status imi_engine_new(const imi_engine_parts *parts, imi_engine **out, imi_error *err)
{
    *out = NULL;
    if (parts->detector == NULL || parts->landmarker == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an engine needs a detector and a landmarker");
    }
    if (parts->extractors == NULL || parts->extractor_count < 1 ||
        parts->extractor_count > IMI_TEMPLATE_VECTORS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an engine needs 1 to %d template extractors",
                 IMI_TEMPLATE_VECTORS_MAX);
    }
    for (size_t i = 0; i < parts->extractor_count; i++) {
        const imi_extractor *extractor = parts->extractors[i];
        if (extractor == NULL || extractor->dim < 1 || extractor->dim > IMI_EXTRACTOR_DIM_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "template extractor %zu is unusable", i);
        }
    }
    imi_engine *engine = imi_alloc(sizeof *engine);
    if (engine == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an engine");
    }
    engine->parts = *parts;
    *out = engine;
    return IMI_OK;
}

void imi_engine_destroy(imi_engine **engine)
{
    if (engine != NULL) {
        imi_free(IMI_STEAL(engine));
    }
}

struct imi_text_reader *imi_engine_text_reader(const imi_engine *engine)
{
    return engine->parts.text_reader;
}

struct imi_card_finder *imi_engine_card_finder(const imi_engine *engine)
{
    return engine->parts.card_finder;
}

imi_status imi_engine_check_image(const imi_image *image, imi_error *err)
{
    if (image == NULL || image->format != IMI_PIXEL_RGB8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the engine needs an RGB image");
    }
    return IMI_OK;
}

/* Add the vector of a mirrored chip to that of the chip; their cosine on the way. */
static imi_status add_mirrored(imi_extractor *extractor, const imi_image *mirrored, float *sum,
                               float *agreement_out, imi_error *err)
{
    float vector[IMI_EXTRACTOR_DIM_MAX] = {0};
    IMI_TRY(extractor->embed(extractor, mirrored, vector, err));
    double product = 0;
    double squares[2] = {0, 0};
    for (uint32_t i = 0; i < extractor->dim; i++) {
        product += (double)sum[i] * vector[i];
        squares[0] += (double)sum[i] * sum[i];
        squares[1] += (double)vector[i] * vector[i];
        sum[i] += vector[i];
    }
    imi_wipe(vector, sizeof vector);
    *agreement_out = (float)(product / sqrt(squares[0] * squares[1]));
    return IMI_OK;
}

static imi_status normalise(float *values, uint32_t dim, imi_error *err)
{
    double square = 0;
    for (uint32_t i = 0; i < dim; i++) {
        square += (double)values[i] * values[i];
    }
    if (!(square > 0 && isfinite(square))) {
        IMI_FAIL(err, IMI_E_MODEL_RUN, "a template extractor gave no usable vector");
    }
    double scale = 1 / sqrt(square);
    for (uint32_t i = 0; i < dim; i++) {
        values[i] = (float)(values[i] * scale);
    }
    return IMI_OK;
}

static imi_status extract_vector(imi_extractor *extractor, const imi_image *image,
                                 const imi_landmarks *landmarks, imi_template_vector *out,
                                 float *agreement_out, imi_error *err)
{
    imi_affine image_to_chip;
    IMI_TRY(extractor->align(extractor, landmarks, &image_to_chip, err));
    IMI_AUTO(imi_image) chip = NULL;
    IMI_TRY(
        imi_image_new(extractor->chip_width, extractor->chip_height, IMI_PIXEL_RGB8, &chip, err));
    IMI_TRY(imi_image_warp(image, &image_to_chip, chip, err));
    IMI_TRY(extractor->embed(extractor, chip, out->values, err));
    imi_image_flip(chip);
    IMI_TRY(add_mirrored(extractor, chip, out->values, agreement_out, err));
    IMI_TRY(normalise(out->values, extractor->dim, err));
    imi_copy_text(out->model_id, sizeof out->model_id, extractor->model_id);
    out->dim = extractor->dim;
    return IMI_OK;
}

/* Agreement means different things to different networks. */
static bool is_fitted_model(const imi_extractor *extractor)
{
    return strncmp(extractor->model_id, FITTED_MODEL, strlen(FITTED_MODEL)) == 0;
}

imi_status imi_engine_extract(imi_engine *engine, const imi_image *image, const imi_face *face,
                              imi_template *out, imi_error *err)
{
    float mirror_agreement = NAN;
    return imi_engine_extract_measured(engine, image, face, out, &mirror_agreement, err);
}

imi_status imi_engine_extract_measured(imi_engine *engine, const imi_image *image,
                                       const imi_face *face, imi_template *out,
                                       float *mirror_agreement_out, imi_error *err)
{
    imi_template_wipe(out);
    *mirror_agreement_out = NAN;
    IMI_TRY(imi_engine_check_image(image, err));
    if (face->reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no face to make a template of");
    }
    for (size_t i = 0; i < engine->parts.extractor_count; i++) {
        imi_extractor *extractor = engine->parts.extractors[i];
        float agreement = NAN;
        imi_status status =
            extract_vector(extractor, image, &face->landmarks, &out->vectors[i], &agreement, err);
        if (status != IMI_OK) {
            imi_template_wipe(out);
            *mirror_agreement_out = NAN;
            return status;
        }
        if (is_fitted_model(extractor)) {
            *mirror_agreement_out = agreement;
        }
    }
    out->count = (uint32_t)engine->parts.extractor_count;
    return IMI_OK;
}

imi_status imi_engine_assess_pad(imi_engine *engine, const imi_image *image, const imi_face *face,
                                 float *bona_fide_score_out, imi_error *err)
{
    *bona_fide_score_out = NAN;
    IMI_TRY(imi_engine_check_image(image, err));
    const imi_engine_parts *parts = &engine->parts;
    if (parts->pad_count == 0) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "no presentation attack detector is installed");
    }
    if (face->reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no face to assess");
    }
    float sum = 0;
    for (size_t i = 0; i < parts->pad_count; i++) {
        float score = NAN;
        IMI_TRY(parts->pads[i]->assess(parts->pads[i], image, &face->box, &face->landmarks, &score,
                                       err));
        sum += score;
    }
    *bona_fide_score_out = sum / (float)parts->pad_count;
    return IMI_OK;
}
