#include "scorer_internal.h"

#include <math.h>
#include <string.h>

void imi_scorer_destroy(imi_scorer **scorer_pointer)
{
    imi_scorer *scorer = scorer_pointer == NULL ? NULL : IMI_STEAL(scorer_pointer);
    if (scorer != NULL) {
        imi_free(scorer->version);
        imi_free(scorer->measured_on);
        for (size_t i = 0; i < IMI_SCORE_KINDS; i++) {
            imi_free(scorer->tables[i].knots);
            imi_free(scorer->tables[i].calibration_id);
            imi_free(scorer->tables[i].cohort_id);
        }
        imi_free(scorer);
    }
}

const char *imi_scorer_version(const imi_scorer *scorer)
{
    return scorer->version;
}

const char *imi_scorer_measured_on(const imi_scorer *scorer)
{
    return scorer->measured_on;
}

size_t imi_scorer_model_count(const imi_scorer *scorer)
{
    return scorer->model_count;
}

const char *imi_scorer_model_id(const imi_scorer *scorer, size_t number)
{
    return number < scorer->model_count ? scorer->models[number].id : NULL;
}

float imi_scorer_weight(const imi_scorer *scorer, imi_score_kind kind, size_t number)
{
    bool known = kind == IMI_SCORE_RAW || kind == IMI_SCORE_NORMALISED;
    return known && number < scorer->model_count
               ? scorer->models[number].weights[imi_scorer_table_number(kind)]
               : NAN;
}

imi_normalisation imi_scorer_normalisation(const imi_scorer *scorer, size_t number)
{
    return number < scorer->model_count ? scorer->models[number].normalisation
                                        : (imi_normalisation){NAN, NAN};
}

static bool is_scored(const imi_scorer *scorer, const char *model_id)
{
    size_t i = 0;
    while (i < scorer->model_count && strcmp(scorer->models[i].id, model_id) != 0) {
        i++;
    }
    return i < scorer->model_count;
}

static bool is_among(const char *const *model_ids, size_t count, const char *model_id)
{
    size_t i = 0;
    while (i < count && strcmp(model_ids[i], model_id) != 0) {
        i++;
    }
    return i < count;
}

imi_status imi_scorer_check_models(const imi_scorer *scorer, const char *const *model_ids,
                                   size_t count, imi_error *err)
{
    for (size_t i = 0; i < scorer->model_count; i++) {
        if (!is_among(model_ids, count, scorer->models[i].id)) {
            IMI_FAIL(err, IMI_E_MODEL_MISMATCH,
                     "calibration %s was made with model %s, which is not loaded: use a table made "
                     "for these models, or calibrate again",
                     scorer->version, scorer->models[i].id);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_scored(scorer, model_ids[i])) {
            IMI_FAIL(err, IMI_E_MODEL_MISMATCH,
                     "model %s is loaded, but calibration %s was made without it: use a table made "
                     "for these models, or calibrate again",
                     model_ids[i], scorer->version);
        }
    }
    return IMI_OK;
}

const char *imi_score_kind_name(imi_score_kind kind)
{
    return kind == IMI_SCORE_RAW ? "raw" : kind == IMI_SCORE_NORMALISED ? "normalised" : "none";
}

const imi_scorer_table *imi_scorer_table_of(const imi_scorer *scorer, imi_score_kind kind)
{
    if (kind != IMI_SCORE_RAW && kind != IMI_SCORE_NORMALISED) {
        return NULL;
    }
    const imi_scorer_table *table = &scorer->tables[imi_scorer_table_number(kind)];
    return table->knot_count > 0 ? table : NULL;
}

bool imi_scorer_has(const imi_scorer *scorer, imi_score_kind kind)
{
    return imi_scorer_table_of(scorer, kind) != NULL;
}

double imi_scorer_fmr_floor(const imi_scorer *scorer, imi_score_kind kind)
{
    const imi_scorer_table *table = imi_scorer_table_of(scorer, kind);
    return table == NULL ? NAN : table->fmr_floor;
}

const char *imi_scorer_calibration_id(const imi_scorer *scorer, imi_score_kind kind)
{
    const imi_scorer_table *table = imi_scorer_table_of(scorer, kind);
    return table == NULL ? NULL : table->calibration_id;
}

const char *imi_scorer_cohort_id(const imi_scorer *scorer, imi_score_kind kind)
{
    const imi_scorer_table *table = imi_scorer_table_of(scorer, kind);
    return table == NULL ? NULL : table->cohort_id;
}

/* First knot whose similarity lies above the given one; knot_count if there is none. */
static size_t knot_above(const imi_scorer_table *table, double similarity)
{
    size_t low = 0;
    size_t high = table->knot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->knots[middle].similarity > similarity) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static double interpolate_log(const imi_scorer_knot *a, const imi_scorer_knot *b, double similarity)
{
    double share = (similarity - a->similarity) / (b->similarity - a->similarity);
    return exp(log(a->fmr) + share * (log(b->fmr) - log(a->fmr)));
}

static double fmr_of(const imi_scorer_table *table, float similarity)
{
    if (isnan(similarity)) {
        return NAN;
    }
    size_t above = knot_above(table, similarity);
    if (above == 0) {
        return table->knots[0].fmr;
    }
    const imi_scorer_knot *below = &table->knots[above - 1];
    double fmr = above == table->knot_count
                     ? below->fmr
                     : interpolate_log(below, &table->knots[above], similarity);
    return fmax(fmr, table->fmr_floor);
}

double imi_scorer_fmr_at(const imi_scorer *scorer, imi_score_kind kind, float similarity)
{
    const imi_scorer_table *table = imi_scorer_table_of(scorer, kind);
    return table == NULL ? NAN : fmr_of(table, similarity);
}

/* Where the line between two knots crosses a rate; the knots' rates lie on both sides of it. */
static double crossing(const imi_scorer_knot *a, const imi_scorer_knot *b, double fmr)
{
    double share = (log(a->fmr) - log(fmr)) / (log(a->fmr) - log(b->fmr));
    return a->similarity + share * (b->similarity - a->similarity);
}

static float threshold_at(const imi_scorer_table *table, size_t at, double target_fmr)
{
    double exact = at == 0 ? table->knots[0].similarity
                           : crossing(&table->knots[at - 1], &table->knots[at], target_fmr);
    /* Rounding to float must not let the rate slip above the target. */
    float threshold = (float)exact;
    while (fmr_of(table, threshold) > target_fmr) {
        threshold = nextafterf(threshold, INFINITY);
    }
    return threshold;
}

bool imi_similarity_matches(float similarity, double threshold)
{
    return isfinite(similarity) && (double)similarity >= threshold;
}

imi_status imi_scorer_threshold(const imi_scorer *scorer, imi_score_kind kind, double target_fmr,
                                float *similarity_out, imi_error *err)
{
    *similarity_out = NAN;
    if (!(target_fmr > 0 && target_fmr <= 1)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a target false match rate lies in (0, 1]");
    }
    const imi_scorer_table *table = imi_scorer_table_of(scorer, kind);
    if (table == NULL) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration %s says nothing about %s scores",
                 scorer->version, imi_score_kind_name(kind));
    }
    size_t at = 0;
    while (at < table->knot_count && table->knots[at].fmr > target_fmr) {
        at++;
    }
    if (target_fmr < table->fmr_floor || at == table->knot_count) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "calibration %s supports false match rates from %.3g for %s scores, not %.3g: "
                 "choose a higher rate or calibrate on more comparisons",
                 scorer->version, table->fmr_floor, imi_score_kind_name(kind), target_fmr);
    }
    *similarity_out = threshold_at(table, at, target_fmr);
    return IMI_OK;
}
