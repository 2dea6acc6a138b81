#include "cohort_internal.h"
#include "scorer_internal.h"

#include <math.h>
#include <string.h>

/* Deviations of cosines are hundredths; one like this is rounding, and would be a divisor. */
static const double DEVIATION_MIN = 1e-6;

/* Members most like a vector; count of them. */
static imi_status rank_vector(const imi_cohort *cohort, const imi_cohort_model *model,
                              const float *vector, float *dots, imi_candidate *out, size_t count,
                              imi_error *err)
{
    imi_gallery_f32 gallery = {model->rows, cohort->size, model->stride, model->dim, 0};
    IMI_TRY(imi_dot_f32_many(vector, &gallery, dots, err));
    imi_top_k top;
    imi_top_k_init(&top, out, count);
    imi_top_k_offer(&top, dots, cohort->size, 0);
    imi_top_k_finish(&top);
    if (top.count < count) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the template of model %s holds no numbers",
                 model->id);
    }
    return IMI_OK;
}

static imi_status rank_model(const imi_cohort *cohort, size_t number,
                             const imi_template *face_template, float *dots,
                             imi_cohort_ranking *out, imi_error *err)
{
    const imi_cohort_model *model = &cohort->models[number];
    const imi_template_vector *vector = imi_template_vector_of(face_template, model->id);
    if (vector == NULL || vector->dim != model->dim) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "the template was not made by model %s of the cohort",
                 model->id);
    }
    imi_candidate ranked[IMI_COHORT_RANKED];
    IMI_TRY(rank_vector(cohort, model, vector->values, dots, ranked, out->ranked, err));
    for (size_t i = 0; i < out->ranked; i++) {
        out->similarities[number][i] = ranked[i].similarity;
        out->members[number][i] = (uint32_t)ranked[i].index;
    }
    return IMI_OK;
}

/* A third of a cohort leaves far more than those who may be left out. */
static uint32_t ranked_of(const imi_cohort *cohort)
{
    return (uint32_t)cohort->top + IMI_COHORT_LEFT_OUT_MAX;
}

static imi_status rank_all(const imi_cohort *cohort, const imi_template *face_template, float *dots,
                           imi_cohort_ranking *out, imi_error *err)
{
    imi_copy_text(out->cohort_id, sizeof out->cohort_id, cohort->id);
    out->count = (uint32_t)cohort->model_count;
    out->ranked = ranked_of(cohort);
    for (size_t i = 0; i < cohort->model_count; i++) {
        IMI_TRY(rank_model(cohort, i, face_template, dots, out, err));
    }
    return IMI_OK;
}

imi_status imi_cohort_rank(const imi_cohort *cohort, const imi_template *face_template,
                           imi_cohort_ranking *out, imi_error *err)
{
    imi_wipe(out, sizeof *out);
    float *dots = imi_alloc_array(cohort->size, sizeof *dots);
    if (dots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to measure a template");
    }
    imi_status status = rank_all(cohort, face_template, dots, out, err);
    if (status != IMI_OK) {
        imi_wipe(out, sizeof *out);
    }
    imi_wipe(dots, cohort->size * sizeof *dots);
    imi_free(dots);
    return status;
}

/* Position of a subject among the members; the cohort's size if it is not one. */
static size_t member_of(const imi_cohort *cohort, imi_subject_key subject)
{
    size_t low = 0;
    size_t high = cohort->size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cohort->subjects[middle] < subject) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < cohort->size && cohort->subjects[low] == subject ? low : cohort->size;
}

bool imi_cohort_has(const imi_cohort *cohort, imi_subject_key subject)
{
    return member_of(cohort, subject) < cohort->size;
}

bool imi_cohort_ranking_has(const imi_cohort *cohort, const imi_cohort_ranking *ranking,
                            imi_subject_key subject)
{
    size_t member = member_of(cohort, subject);
    for (uint32_t m = 0; m < ranking->count && member < cohort->size; m++) {
        for (uint32_t i = 0; i < ranking->ranked; i++) {
            if (ranking->members[m][i] == member) {
                return true;
            }
        }
    }
    return false;
}

static bool is_among(size_t member, const size_t *members, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || members[i] == member;
    }
    return found;
}

/* The highest similarities, without those of some members; returns how many. */
static size_t collect_top(const imi_cohort_ranking *ranking, size_t wanted, uint32_t model,
                          const size_t *left_out, size_t left_out_count, float out[IMI_COHORT_TOP])
{
    size_t count = 0;
    for (uint32_t i = 0; i < ranking->ranked && count < wanted; i++) {
        if (!is_among(ranking->members[model][i], left_out, left_out_count)) {
            out[count++] = ranking->similarities[model][i];
        }
    }
    return count;
}

typedef struct summary {
    double mean, deviation;
} summary;

/* Two passes in doubles, from the highest down: the order is part of the result. */
static imi_status summarise(const float *top, size_t count, summary *out, imi_error *err)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += top[i];
    }
    out->mean = sum / (double)count;
    double square = 0;
    for (size_t i = 0; i < count; i++) {
        square += (top[i] - out->mean) * (top[i] - out->mean);
    }
    out->deviation = sqrt(square / (double)count);
    if (!(out->deviation >= DEVIATION_MIN)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "the template is equally like all of the cohort");
    }
    return IMI_OK;
}

/* A member against the others. */
static imi_status summarise_member(const imi_cohort *cohort, const imi_cohort_model *model,
                                   size_t member, float *dots, summary *out, imi_error *err)
{
    imi_candidate ranked[IMI_COHORT_RANKED];
    const float *vector = model->rows + member * model->stride;
    IMI_TRY(rank_vector(cohort, model, vector, dots, ranked, ranked_of(cohort), err));
    float top[IMI_COHORT_TOP];
    size_t count = 0;
    for (uint32_t i = 0; i < ranked_of(cohort) && count < cohort->top; i++) {
        if (ranked[i].index != member) {
            top[count++] = ranked[i].similarity;
        }
    }
    return summarise(top, count, out, err);
}

static imi_status find_spread(const imi_cohort *cohort, imi_cohort_model *model, float *dots,
                              imi_error *err)
{
    double sum = 0;
    for (size_t i = 0; i < cohort->size; i++) {
        summary of_member;
        IMI_TRY(summarise_member(cohort, model, i, dots, &of_member, err));
        sum += of_member.deviation;
    }
    model->spread = sum / (double)cohort->size;
    return IMI_OK;
}

imi_status imi_cohort_find_spreads(imi_cohort *cohort, imi_error *err)
{
    float *dots = imi_alloc_array(cohort->size, sizeof *dots);
    if (dots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort of %zu people", cohort->size);
    }
    imi_status status = IMI_OK;
    for (size_t i = 0; i < cohort->model_count && status == IMI_OK; i++) {
        status = find_spread(cohort, &cohort->models[i], dots, err);
    }
    imi_wipe(dots, cohort->size * sizeof *dots);
    imi_free(dots);
    return status;
}

static imi_status check_ranking(const imi_cohort *cohort, const imi_cohort_ranking *ranking,
                                size_t left_out_count, imi_error *err)
{
    if (strncmp(ranking->cohort_id, cohort->id, sizeof ranking->cohort_id) != 0 ||
        ranking->count != cohort->model_count || ranking->ranked != ranked_of(cohort)) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "the ranking was made with another cohort");
    }
    if (left_out_count > IMI_COHORT_LEFT_OUT_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "at most %d people can be left out, not %zu",
                 IMI_COHORT_LEFT_OUT_MAX, left_out_count);
    }
    return IMI_OK;
}

/* The shares of mean and deviation that the model's normalisation uses. */
static void use(const imi_cohort_model *model, const summary *found, float *mean_out,
                float *deviation_out)
{
    double exponent = model->normalisation.deviation_share;
    *mean_out = (float)(model->normalisation.mean_share * found->mean);
    *deviation_out = (float)(pow(found->deviation, exponent) * pow(model->spread, 1 - exponent));
}

imi_status imi_cohort_statistics_of(const imi_cohort *cohort, const imi_cohort_ranking *ranking,
                                    const imi_subject_key *left_out, size_t left_out_count,
                                    imi_cohort_statistics *out, imi_error *err)
{
    *out = (imi_cohort_statistics){{0}, 0, {0}, {0}};
    IMI_TRY(check_ranking(cohort, ranking, left_out_count, err));
    size_t members[IMI_COHORT_LEFT_OUT_MAX];
    for (size_t i = 0; i < left_out_count; i++) {
        members[i] = member_of(cohort, left_out[i]);
    }
    imi_cohort_statistics made = *out;
    imi_copy_text(made.cohort_id, sizeof made.cohort_id, cohort->id);
    made.count = ranking->count;
    for (uint32_t m = 0; m < ranking->count; m++) {
        float top[IMI_COHORT_TOP];
        size_t count = collect_top(ranking, cohort->top, m, members, left_out_count, top);
        summary found;
        IMI_TRY(summarise(top, count, &found, err));
        use(&cohort->models[m], &found, &made.mean[m], &made.deviation[m]);
    }
    *out = made;
    return IMI_OK;
}

imi_status imi_cohort_measure(const imi_cohort *cohort, const imi_template *face_template,
                              const imi_subject_key *left_out, size_t left_out_count,
                              imi_cohort_statistics *out, imi_error *err)
{
    *out = (imi_cohort_statistics){{0}, 0, {0}, {0}};
    imi_cohort_ranking ranking;
    IMI_TRY(imi_cohort_rank(cohort, face_template, &ranking, err));
    imi_status status =
        imi_cohort_statistics_of(cohort, &ranking, left_out, left_out_count, out, err);
    imi_wipe(&ranking, sizeof ranking);
    return status;
}
