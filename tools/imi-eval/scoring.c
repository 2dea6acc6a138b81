#include "scoring.h"

#include "imi/place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

imi_status eval_scoring_start(const eval_arguments *common, const eval_scoring_options *options,
                              eval_scoring *out, imi_error *err)
{
    char shipped[IMI_PLACE_SIZE];
    *out = (eval_scoring){.kind = IMI_SCORE_RAW,
                          .gather = {common->root, common->models, common->jobs, false}};
    IMI_TRY(imi_place_shared("calibration.json", shipped, err));
    IMI_TRY(imi_scorer_load(options->calibration == NULL ? shipped : options->calibration,
                            &out->scorer, err));
    if (options->cohort == NULL) {
        return IMI_OK;
    }
    out->kind = IMI_SCORE_NORMALISED;
    const char *root = options->cohort_root == NULL ? common->root : options->cohort_root;
    if (root == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a cohort needs --cohort-root");
    }
    out->from = (eval_cohort_options){options->cohort, root, out->gather};
    if (out->from.gather.root == NULL) {
        out->from.gather.root = root;
    }
    if (!imi_scorer_has(out->scorer, IMI_SCORE_NORMALISED)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "the calibration has no table of normalised scores");
    }
    return eval_cohort_check(&out->from, err);
}

imi_status eval_scoring_measure(eval_scoring *scoring, const eval_sample *samples, size_t count,
                                imi_error *err)
{
    if (scoring->kind != IMI_SCORE_NORMALISED) {
        return IMI_OK;
    }
    IMI_TRY(
        eval_cohort_load(&scoring->from, scoring->scorer, samples, count, &scoring->cohort, err));
    fprintf(stderr, "cohort of %zu people\n", imi_cohort_size(scoring->cohort.cohort));
    return IMI_OK;
}

void eval_scoring_clean_up(eval_scoring *scoring)
{
    eval_cohort_clean_up(&scoring->cohort);
    imi_scorer_destroy(&scoring->scorer);
}

imi_status eval_scoring_threshold(const eval_scoring *scoring, double fmr, float *out,
                                  imi_error *err)
{
    return imi_scorer_threshold(scoring->scorer, scoring->kind, fmr, out, err);
}

static imi_status compare(const imi_scorer *scorer, const imi_cohort *cohort,
                          const eval_side *probe, const eval_side *reference, float *similarity_out,
                          imi_error *err)
{
    imi_comparison made;
    *similarity_out = -INFINITY;
    IMI_TRY(eval_sides_compare(scorer, cohort, probe, reference, &made, err));
    *similarity_out = isnan(made.similarity) ? -INFINITY : made.similarity;
    return IMI_OK;
}

imi_status eval_scoring_compare(const eval_scoring *scoring, const eval_side *probe,
                                const eval_side *reference, float *similarity_out, imi_error *err)
{
    return compare(scoring->scorer, scoring->cohort.cohort, probe, reference, similarity_out, err);
}

imi_status eval_scoring_compare_raw(const eval_scoring *scoring, const eval_side *probe,
                                    const eval_side *reference, float *similarity_out,
                                    imi_error *err)
{
    return compare(scoring->scorer, NULL, probe, reference, similarity_out, err);
}

eval_side eval_scoring_side(const eval_scoring *scoring, const eval_sample *samples, size_t number)
{
    return (eval_side){&samples[number].face_template,
                       scoring->cohort.cohort == NULL ? NULL : &scoring->cohort.measured[number]};
}

double eval_read_fmr(const char *text)
{
    char *end = NULL;
    double value = strtod(text, &end);
    return end != text && *end == '\0' && value > 0 && value < 1 ? value : NAN;
}
