/**
 * A loaded calibration file; not public.
 */
#ifndef IMI_SCORER_INTERNAL_H
#define IMI_SCORER_INTERNAL_H

#include "imi/compare.h"

typedef struct imi_scorer_model {
    char id[IMI_MODEL_ID_SIZE];
    float weights[IMI_SCORE_KINDS]; /* by table_number; each kind's sum to 1 */
    imi_normalisation normalisation;
} imi_scorer_model;

typedef struct imi_scorer_knot {
    double similarity;
    double fmr;
} imi_scorer_knot;

/** What one kind of score means. Not there: no knots, floor NaN. */
typedef struct imi_scorer_table {
    double fmr_floor;
    imi_scorer_knot *knots; /* at least two; the first has rate 1 */
    size_t knot_count;
    char *calibration_id, *cohort_id; /* of a deployment's own table; else NULL */
} imi_scorer_table;

struct imi_scorer {
    char *version;
    char *measured_on;
    imi_scorer_model models[IMI_TEMPLATE_VECTORS_MAX];
    size_t model_count;
    imi_scorer_table tables[IMI_SCORE_KINDS];
};

/** Position of a kind's table and weights. kind is not IMI_SCORE_NONE. */
static inline size_t imi_scorer_table_number(imi_score_kind kind)
{
    return (size_t)kind - 1;
}

/** Table of a kind, NULL if there is none. */
const imi_scorer_table *imi_scorer_table_of(const imi_scorer *scorer, imi_score_kind kind);

/** A comparison that was not made. */
imi_comparison imi_comparison_none(void);

/** Vector of a model in a template; NULL if it has none of a possible length. */
const imi_template_vector *imi_template_vector_of(const imi_template *face_template,
                                                  const char *model_id);

/**
 * Cosine of two templates by one model, within [-1, 1].
 * Errors: IMI_E_MODEL_MISMATCH, saying which template lacks the model or has another length.
 */
IMI_MUST_USE imi_status imi_compare_by_model(const char *model_id, const imi_template *probe,
                                             const imi_template *reference, float *cosine_out,
                                             imi_error *err);

#endif
