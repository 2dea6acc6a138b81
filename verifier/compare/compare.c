#include "imi/kernel.h"
#include "scorer_internal.h"

#include <math.h>
#include <string.h>

imi_comparison imi_comparison_none(void)
{
    return (imi_comparison){IMI_SCORE_NONE, NAN, NAN, {NAN, NAN, NAN, NAN}};
}

const imi_template_vector *imi_template_vector_of(const imi_template *face_template,
                                                  const char *model_id)
{
    uint32_t count = face_template->count <= IMI_TEMPLATE_VECTORS_MAX ? face_template->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(face_template->vectors[i].model_id, model_id) == 0) {
            return &face_template->vectors[i];
        }
    }
    return NULL;
}

/* Rounding may carry equal vectors past one; NaN stays NaN. */
static float limit(float similarity)
{
    return similarity > 1 ? 1 : similarity < -1 ? -1 : similarity;
}

imi_status imi_compare_by_model(const char *model_id, const imi_template *probe,
                                const imi_template *reference, float *cosine_out, imi_error *err)
{
    const imi_template_vector *a = imi_template_vector_of(probe, model_id);
    const imi_template_vector *b = imi_template_vector_of(reference, model_id);
    if (a == NULL || b == NULL) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "the %s template was not made by model %s",
                 a == NULL ? "probe" : "reference", model_id);
    }
    if (a->dim != b->dim || a->dim == 0 || a->dim > IMI_EXTRACTOR_DIM_MAX) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "templates of model %s have lengths %u and %u",
                 model_id, a->dim, b->dim);
    }
    *cosine_out = limit(imi_dot_f32(a->values, b->values, a->dim));
    return IMI_OK;
}

imi_status imi_compare(const imi_scorer *scorer, const imi_template *probe,
                       const imi_template *reference, imi_comparison *out, imi_error *err)
{
    *out = imi_comparison_none();
    const size_t raw = imi_scorer_table_number(IMI_SCORE_RAW);
    float similarity = 0;
    imi_comparison made = *out;
    for (size_t i = 0; i < scorer->model_count; i++) {
        const imi_scorer_model *model = &scorer->models[i];
        IMI_TRY(imi_compare_by_model(model->id, probe, reference, &made.by_model[i], err));
        similarity += model->weights[raw] * made.by_model[i];
    }
    made.kind = IMI_SCORE_RAW;
    made.similarity = limit(similarity);
    made.fmr = imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, made.similarity);
    *out = made;
    return IMI_OK;
}
