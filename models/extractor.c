#include "extractor.h"

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

imi_status imi_extractor_new(const imi_model_spec *spec, imi_view file, imi_align_function align,
                             imi_extractor **out, imi_error *err)
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
    imi_network_name(spec, self->base.model_id);
    imi_status status = imi_network_new(spec, file, &self->network, err);
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
