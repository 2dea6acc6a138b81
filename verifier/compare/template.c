#include "imi/compare.h"

#include <math.h>
#include <string.h>

void imi_template_wipe(imi_template *face_template)
{
    if (face_template != NULL) {
        imi_wipe(face_template, sizeof *face_template);
    }
}

static imi_status check_same_models(const imi_template *a, const imi_template *b, imi_error *err)
{
    if (a->count != b->count) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "templates have %u and %u vectors", a->count, b->count);
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const imi_template_vector *u = &a->vectors[i];
        const imi_template_vector *v = &b->vectors[i];
        if (strcmp(u->model_id, v->model_id) != 0 || u->dim != v->dim) {
            IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "templates were made by %s and by %s", u->model_id,
                     v->model_id);
        }
    }
    return IMI_OK;
}

static imi_status check_inputs(const imi_template *templates, const float *weights, size_t count,
                               imi_error *err)
{
    if (count == 0 || templates[0].count == 0 || templates[0].count > IMI_TEMPLATE_VECTORS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no template to average");
    }
    for (size_t t = 0; t < count; t++) {
        if (weights != NULL && !(weights[t] > 0 && isfinite(weights[t]))) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "weight %zu is not a positive number", t);
        }
        IMI_TRY(check_same_models(&templates[0], &templates[t], err));
    }
    return IMI_OK;
}

/* Doubles, as templates of a dozen frames nearly cancel nowhere but round everywhere. */
static double sum_of(const imi_template *templates, const float *weights, size_t count,
                     uint32_t vector, uint32_t at)
{
    double sum = 0;
    for (size_t t = 0; t < count; t++) {
        sum += (weights == NULL ? 1.0 : weights[t]) * templates[t].vectors[vector].values[at];
    }
    return sum;
}

static imi_status average_vector(const imi_template *templates, const float *weights, size_t count,
                                 uint32_t vector, imi_template_vector *out, imi_error *err)
{
    const imi_template_vector *like = &templates[0].vectors[vector];
    double square = 0;
    for (uint32_t i = 0; i < like->dim; i++) {
        double sum = sum_of(templates, weights, count, vector, i);
        square += sum * sum;
    }
    if (!(square > 0 && isfinite(square))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "templates have no average");
    }
    imi_copy_text(out->model_id, sizeof out->model_id, like->model_id);
    out->dim = like->dim;
    double scale = 1 / sqrt(square);
    for (uint32_t i = 0; i < like->dim; i++) {
        out->values[i] = (float)(scale * sum_of(templates, weights, count, vector, i));
    }
    return IMI_OK;
}

imi_status imi_template_average(const imi_template *templates, const float *weights, size_t count,
                                imi_template *out, imi_error *err)
{
    imi_template_wipe(out);
    IMI_TRY(check_inputs(templates, weights, count, err));
    for (uint32_t v = 0; v < templates[0].count; v++) {
        imi_status status = average_vector(templates, weights, count, v, &out->vectors[v], err);
        if (status != IMI_OK) {
            imi_template_wipe(out);
            return status;
        }
    }
    out->count = templates[0].count;
    return IMI_OK;
}
