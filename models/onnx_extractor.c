/*
 * Any template extractor that is one network: its manifest entry says how a face is aligned, how
 * pixels become input values and which output is the template.
 */
#include "alignment.h"
#include "imi/vision.h"
#include "parts.h"

#include <math.h>

typedef struct extractor {
    imi_extractor base;
    imi_network *network;
} extractor;

/* A vector without a direction cannot be compared, so it is an error and never a template. */
static imi_status normalise(const float *values, uint32_t dim, float *out, imi_error *err)
{
    double sum = 0;
    for (uint32_t i = 0; i < dim; i++) {
        sum += (double)values[i] * values[i];
    }
    double norm = sqrt(sum);
    if (!(norm > 1e-6 && isfinite(norm))) {
        IMI_FAIL(err, IMI_E_MODEL_RUN, "the template vector has no direction");
    }
    for (uint32_t i = 0; i < dim; i++) {
        out[i] = (float)(values[i] / norm);
    }
    return IMI_OK;
}

static imi_status align(imi_extractor *base, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err)
{
    const extractor *self = (const extractor *)base;
    return imi_alignment_map(imi_network_spec(self->network), landmarks, image_to_chip_out, err);
}

static imi_status embed(imi_extractor *base, const imi_image *chip, float *vector_out,
                        imi_error *err)
{
    extractor *self = (extractor *)base;
    for (uint32_t i = 0; i < base->dim; i++) {
        vector_out[i] = NAN;
    }
    IMI_TRY(imi_network_run(self->network, chip, err));
    return normalise(imi_network_output(self->network, 0), base->dim, vector_out, err);
}

static void destroy(imi_extractor *base)
{
    extractor *self = (extractor *)base;
    if (self != NULL) {
        imi_network_destroy(&self->network);
        imi_free(self);
    }
}

/* Every level in turn, so that no network sees an input of zeros only. */
static void fill_with_levels(imi_image *image)
{
    size_t size = image->stride_bytes * image->height;
    for (size_t i = 0; i < size; i++) {
        image->pixels[i] = (uint8_t)i;
    }
}

static imi_status run_once(extractor *self, imi_error *err)
{
    IMI_AUTO(imi_image) chip = NULL;
    IMI_TRY(
        imi_image_new(self->base.chip_width, self->base.chip_height, IMI_PIXEL_RGB8, &chip, err));
    fill_with_levels(chip);
    IMI_TRY(imi_network_run(self->network, chip, err));
    const float *values = imi_network_output(self->network, 0);
    for (uint32_t i = 0; i < self->base.dim; i++) {
        if (!isfinite(values[i])) {
            IMI_FAIL(err, IMI_E_MODEL_RUN, "the output holds values that are not finite");
        }
    }
    return IMI_OK;
}

/* An entry that does not describe its network is found at start and not at the first face. */
static imi_status try_network(extractor *self, imi_error *err)
{
    imi_error found = IMI_ERROR_INIT;
    imi_status status = run_once(self, &found);
    if (status == IMI_OK || status == IMI_E_NO_MEMORY) {
        return status;
    }
    IMI_FAIL(err, IMI_E_MODEL_LOAD,
             "model '%s' does not run as its manifest entry says (%s): correct input, outputs or "
             "template_length",
             imi_network_spec(self->network)->id, found.message);
}

imi_status imi_onnx_extractor_new(const imi_model_spec *spec, imi_view file, imi_extractor **out,
                                  imi_error *err)
{
    *out = NULL;
    extractor *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    self->base = (imi_extractor){.dim = spec->template_length,
                                 .chip_width = spec->input.width,
                                 .chip_height = spec->input.height,
                                 .align = align,
                                 .embed = embed,
                                 .destroy = destroy};
    imi_status status = imi_network_name(spec, self->base.model_id, err);
    if (status == IMI_OK) {
        status = imi_network_new(spec, file, &self->network, err);
    }
    if (status == IMI_OK) {
        status = try_network(self, err);
    }
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
