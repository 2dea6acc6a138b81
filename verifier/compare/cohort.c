#include "cohort_internal.h"
#include "scorer_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One in so many. All of a small cohort would say nothing of those who are like somebody. */
enum { TOP_SHARE = 3 };

void imi_cohort_destroy(imi_cohort **cohort_pointer)
{
    imi_cohort *cohort = cohort_pointer == NULL ? NULL : IMI_STEAL(cohort_pointer);
    if (cohort == NULL) {
        return;
    }
    for (size_t i = 0; i < cohort->model_count; i++) {
        imi_cohort_model *model = &cohort->models[i];
        if (model->rows != NULL) {
            imi_wipe(model->rows, cohort->size * model->stride * sizeof *model->rows);
        }
        imi_free(model->rows);
    }
    imi_free(cohort->subjects);
    imi_wipe(cohort, sizeof *cohort);
    imi_free(cohort);
}

const char *imi_cohort_id(const imi_cohort *cohort)
{
    return cohort->id;
}

size_t imi_cohort_size(const imi_cohort *cohort)
{
    return cohort->size;
}

size_t imi_cohort_top(const imi_cohort *cohort)
{
    return cohort->top;
}

double imi_cohort_spread(const imi_cohort *cohort, size_t model)
{
    return model < cohort->model_count ? cohort->models[model].spread : NAN;
}

/* By subject, so that the order in which members come does not matter; of two templates of a
 * subject the earlier one, which qsort alone does not promise. */
static int by_subject(const void *a, const void *b)
{
    const imi_cohort_member *left = *(const imi_cohort_member *const *)a;
    const imi_cohort_member *right = *(const imi_cohort_member *const *)b;
    if (left->subject != right->subject) {
        return left->subject < right->subject ? -1 : 1;
    }
    return (left > right) - (left < right);
}

/* Members in order, one a subject; returns how many. */
static size_t sort_members(const imi_cohort_member *members, size_t count,
                           const imi_cohort_member **out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = &members[i];
    }
    qsort(out, count, sizeof *out, by_subject);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || out[kept - 1]->subject != out[i]->subject) {
            out[kept++] = out[i];
        }
    }
    return kept;
}

static bool is_finite(const imi_template_vector *vector)
{
    for (uint32_t i = 0; i < vector->dim; i++) {
        if (!isfinite(vector->values[i])) {
            return false;
        }
    }
    return true;
}

static imi_status copy_row(imi_cohort_model *model, size_t row, const imi_template *face_template,
                           imi_error *err)
{
    const imi_template_vector *vector = imi_template_vector_of(face_template, model->id);
    if (vector == NULL || vector->dim != model->dim) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "a template of the cohort was not made by model %s",
                 model->id);
    }
    if (!is_finite(vector)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a template of the cohort holds no numbers");
    }
    imi_copy(model->rows + row * model->stride, vector->values, model->dim * sizeof(float));
    return IMI_OK;
}

static imi_status copy_model(imi_cohort *cohort, const imi_scorer_model *scored,
                             const imi_cohort_member *const *members, imi_error *err)
{
    const char *id = scored->id;
    const imi_template_vector *like = imi_template_vector_of(members[0]->face_template, id);
    if (like == NULL || like->dim == 0 || like->dim > IMI_EXTRACTOR_DIM_MAX) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "a template of the cohort was not made by model %s",
                 id);
    }
    imi_cohort_model *model = &cohort->models[cohort->model_count];
    imi_copy_text(model->id, sizeof model->id, id);
    model->normalisation = scored->normalisation;
    model->dim = like->dim;
    model->stride = (like->dim + IMI_KERNEL_LANES - 1) / IMI_KERNEL_LANES * IMI_KERNEL_LANES;
    model->rows = imi_alloc_array(cohort->size, model->stride * sizeof *model->rows);
    if (model->rows == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort of %zu people", cohort->size);
    }
    cohort->model_count++;
    for (size_t i = 0; i < cohort->size; i++) {
        IMI_TRY(copy_row(model, i, members[i]->face_template, err));
    }
    return IMI_OK;
}

static imi_status fill(imi_cohort *cohort, const imi_scorer *scorer,
                       const imi_cohort_member *const *members, imi_error *err)
{
    cohort->subjects = imi_alloc_array(cohort->size, sizeof *cohort->subjects);
    if (cohort->subjects == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort of %zu people", cohort->size);
    }
    for (size_t i = 0; i < cohort->size; i++) {
        cohort->subjects[i] = members[i]->subject;
    }
    for (size_t i = 0; i < scorer->model_count; i++) {
        IMI_TRY(copy_model(cohort, &scorer->models[i], members, err));
    }
    imi_cohort_make_id(cohort);
    return imi_cohort_find_spreads(cohort, err);
}

static imi_status make(const imi_scorer *scorer, const imi_cohort_member *const *members,
                       size_t count, imi_cohort **out, imi_error *err)
{
    if (count < IMI_COHORT_MEMBERS_MIN) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "a cohort needs %d different people and %zu are there: %zu are missing",
                 IMI_COHORT_MEMBERS_MIN, count, IMI_COHORT_MEMBERS_MIN - count);
    }
    IMI_AUTO(imi_cohort) cohort = imi_alloc(sizeof *cohort);
    if (cohort == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort");
    }
    cohort->size = count;
    cohort->top = count / TOP_SHARE < IMI_COHORT_TOP ? count / TOP_SHARE : IMI_COHORT_TOP;
    IMI_TRY(fill(cohort, scorer, members, err));
    *out = IMI_STEAL(&cohort);
    return IMI_OK;
}

imi_status imi_cohort_new(const imi_scorer *scorer, const imi_cohort_member *members, size_t count,
                          imi_cohort **out, imi_error *err)
{
    *out = NULL;
    /* Rankings name members by 32 bits. */
    if (count > UINT32_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "a cohort of %zu templates is too large", count);
    }
    const imi_cohort_member **sorted = imi_alloc_array(count, sizeof *sorted);
    if (sorted == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort of %zu people", count);
    }
    size_t kept = sort_members(members, count, sorted);
    imi_status status = make(scorer, sorted, kept, out, err);
    imi_free(sorted);
    return status;
}
