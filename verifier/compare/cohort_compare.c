#include "cohort_internal.h"
#include "scorer_internal.h"

#include <math.h>
#include <string.h>

/* The cohort's models in the scorer's order, as statistics have no names of their own; and the
 * same normalisation, as the scorer's table was measured with its own. */
bool imi_cohort_fits(const imi_cohort *cohort, const imi_scorer *scorer)
{
    bool same = scorer->model_count == cohort->model_count;
    for (size_t i = 0; i < scorer->model_count && same; i++) {
        const imi_normalisation *scored = &scorer->models[i].normalisation;
        const imi_normalisation *measured = &cohort->models[i].normalisation;
        same = strcmp(scorer->models[i].id, cohort->models[i].id) == 0 &&
               scored->mean_share == measured->mean_share &&
               scored->deviation_share == measured->deviation_share;
    }
    return same;
}

static imi_status check_cohort(const imi_scorer *scorer, const imi_cohort *cohort, imi_error *err)
{
    if (!imi_cohort_fits(cohort, scorer)) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH,
                 "cohort %s was made for other models or shares than calibration %s", cohort->id,
                 scorer->version);
    }
    return IMI_OK;
}

static imi_status check_statistics(const imi_cohort *cohort,
                                   const imi_cohort_statistics *statistics, const char *whose,
                                   imi_error *err)
{
    if (strncmp(statistics->cohort_id, cohort->id, sizeof statistics->cohort_id) != 0 ||
        statistics->count != cohort->model_count) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH, "the %s was not measured against cohort %s", whose,
                 cohort->id);
    }
    return IMI_OK;
}

/* How far a similarity lies above what a template shares with its most similar strangers. */
static float deviations_above(const imi_cohort_statistics *statistics, size_t model,
                              float similarity)
{
    return (similarity - statistics->mean[model]) / statistics->deviation[model];
}

/* The less favourable side; NaN if either is. */
static float lower_of(float a, float b)
{
    return isnan(a) || a < b ? a : b;
}

imi_status imi_compare_normalised(const imi_scorer *scorer, const imi_cohort *cohort,
                                  const imi_measured_template *probe,
                                  const imi_measured_template *reference, imi_comparison *out,
                                  imi_error *err)
{
    *out = imi_comparison_none();
    IMI_TRY(check_cohort(scorer, cohort, err));
    IMI_TRY(check_statistics(cohort, probe->statistics, "probe", err));
    IMI_TRY(check_statistics(cohort, reference->statistics, "reference", err));
    const size_t normalised = imi_scorer_table_number(IMI_SCORE_NORMALISED);
    imi_comparison made = *out;
    made.kind = IMI_SCORE_NORMALISED;
    made.similarity = 0;
    for (size_t i = 0; i < scorer->model_count; i++) {
        const imi_scorer_model *model = &scorer->models[i];
        float cosine = NAN;
        IMI_TRY(imi_compare_by_model(model->id, probe->face_template, reference->face_template,
                                     &cosine, err));
        made.by_model[i] = lower_of(deviations_above(probe->statistics, i, cosine),
                                    deviations_above(reference->statistics, i, cosine));
        made.similarity += model->weights[normalised] * made.by_model[i];
    }
    made.fmr = imi_scorer_fmr_at(scorer, IMI_SCORE_NORMALISED, made.similarity);
    *out = made;
    return IMI_OK;
}
