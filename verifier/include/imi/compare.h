/**
 * Templates, their comparison, and what a comparison score means.
 */
#ifndef IMI_COMPARE_H
#define IMI_COMPARE_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "imi/vision.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_TEMPLATE_VECTORS_MAX = 4 };

/**
 * A face template: one L2-normalised vector per model, each zero-padded to a multiple of 16
 * floats, which the comparison kernels need. A value type: wipe with imi_template_wipe.
 */
typedef struct imi_template_vector {
    char model_id[IMI_MODEL_ID_SIZE];
    uint32_t dim;
    float values[IMI_EXTRACTOR_DIM_MAX] __attribute__((aligned(64)));
} imi_template_vector;

typedef struct imi_template {
    uint32_t count;
    imi_template_vector vectors[IMI_TEMPLATE_VECTORS_MAX];
} imi_template;

/** Overwrite everything; count is 0 afterwards. */
void imi_template_wipe(imi_template *face_template);

/** Bytes for the store: versioned, with lengths and a CRC; appends to out. */
IMI_MUST_USE imi_status imi_template_encode(const imi_template *face_template, imi_buffer *out,
                                            imi_error *err);
/** Errors: IMI_E_TEMPLATE_FORMAT for anything that imi_template_encode did not write. */
IMI_MUST_USE imi_status imi_template_decode(imi_view bytes, imi_template *out, imi_error *err);

/**
 * Weighted average of templates of one subject, renormalised per model.
 *
 * weights: count values > 0 (quality), or NULL for equal ones.
 * Errors:  IMI_E_MODEL_MISMATCH if model ids differ, IMI_E_INVALID_ARGUMENT if count is 0.
 */
IMI_MUST_USE imi_status imi_template_average(const imi_template *templates, const float *weights,
                                             size_t count, imi_template *out, imi_error *err);

/** Kinds of fused score. Each has a calibration table of its own. Numbers are stored: stable. */
typedef enum imi_score_kind {
    IMI_SCORE_NONE = 0, /* no comparison was made */
    IMI_SCORE_RAW = 1, /* weighted mean of cosines, in [-1, 1] */
    IMI_SCORE_NORMALISED = 2 /* cohort-normalised (imi/cohort.h), any real number */
} imi_score_kind;

enum { IMI_SCORE_KINDS = 2 };

/** Stable lower-case name: "none", "raw", "normalised". Static storage. */
const char *imi_score_kind_name(imi_score_kind kind);

/** Result of one comparison. */
typedef struct imi_comparison {
    imi_score_kind kind;
    float similarity; /* fused; higher = more alike; NaN if not made */
    double fmr; /* calibrated false match rate at this similarity; NaN if not known */
    float by_model[IMI_TEMPLATE_VECTORS_MAX]; /* score per model, in the scorer's order */
} imi_comparison;

/**
 * How scores of several models are fused and what false match rate a fused score has: a
 * calibration table a kind of score, for exactly these model ids. Immutable after loading,
 * shared by threads.
 */
typedef struct imi_scorer imi_scorer;

/** Load a calibration file (JSON; made by `imi-eval calibrate` or by a calibration job). */
IMI_MUST_USE imi_status imi_scorer_load(const char *path, imi_scorer **out, imi_error *err);
/** The same from memory. */
IMI_MUST_USE imi_status imi_scorer_parse(imi_view json, imi_scorer **out, imi_error *err);
/** Free; accepts NULL, nulls the pointer. */
void imi_scorer_destroy(imi_scorer **scorer);
IMI_AUTO_DEFINE(imi_scorer, imi_scorer_destroy)

/** Version string of the table, such as "2026-11-22.mfn-dlib.1"; owned by the scorer. */
const char *imi_scorer_version(const imi_scorer *scorer);
/** Sentence that says on what the table was measured; owned by the scorer. */
const char *imi_scorer_measured_on(const imi_scorer *scorer);
/** Models whose similarities are fused, in the order of imi_comparison.by_model. */
size_t imi_scorer_model_count(const imi_scorer *scorer);
/** NULL behind the last; owned by the scorer. */
const char *imi_scorer_model_id(const imi_scorer *scorer, size_t number);
/** Weight of a model in a kind of score; a kind's weights sum to 1. NaN behind the last. */
float imi_scorer_weight(const imi_scorer *scorer, imi_score_kind kind, size_t number);
/** How much of what a cohort tells is used (imi/cohort.h). */
typedef struct imi_normalisation {
    double mean_share; /* 0 to 2; 1 = all of the mean is subtracted */
    double deviation_share; /* 0 to 1: exponent; 1 = divided by all of the deviation */
} imi_normalisation;
/** Shares of a model by its number; NaN past the end. */
imi_normalisation imi_scorer_normalisation(const imi_scorer *scorer, size_t number);
/**
 * Check that the table was made for exactly these models, in any order: a rate that was measured
 * with other ones says nothing.
 * Errors: IMI_E_MODEL_MISMATCH, naming the model that one side lacks.
 */
IMI_MUST_USE imi_status imi_scorer_check_models(const imi_scorer *scorer,
                                                const char *const *model_ids, size_t count,
                                                imi_error *err);
/** Whether there is a table for this kind of score; the raw one is always there. */
bool imi_scorer_has(const imi_scorer *scorer, imi_score_kind kind);
/** The lowest false match rate that the table's comparisons can support; NaN without a table. */
double imi_scorer_fmr_floor(const imi_scorer *scorer, imi_score_kind kind);
/** The deployment's calibration that made the table, and the cohort it used; owned by the
 * scorer. NULL if the file does not say, as for a table that ships. */
const char *imi_scorer_calibration_id(const imi_scorer *scorer, imi_score_kind kind);
const char *imi_scorer_cohort_id(const imi_scorer *scorer, imi_score_kind kind);

/**
 * Compare one probe template with one reference template, without a cohort: a raw score.
 *
 * Units:   similarity = sum of weight * cosine over models, weights sum to 1.
 * Errors:  IMI_E_MODEL_MISMATCH if either lacks a model of the scorer or has another version;
 *          out then holds NaN. FMR at a NaN score is NaN and never passes a threshold.
 * Threads: safe.
 */
IMI_MUST_USE imi_status imi_compare(const imi_scorer *scorer, const imi_template *probe,
                                    const imi_template *reference, imi_comparison *out,
                                    imi_error *err);

/** Whether a similarity is a match at a threshold of its kind; what is no number never is. */
bool imi_similarity_matches(float similarity, double threshold);

/** False match rate at a similarity: non-increasing, log-linear between knots, NaN for NaN. */
double imi_scorer_fmr_at(const imi_scorer *scorer, imi_score_kind kind, float similarity);
/**
 * Lowest similarity whose false match rate is at most target_fmr.
 * Errors: IMI_E_CALIBRATION if the table cannot support a rate that low, or is not there.
 */
IMI_MUST_USE imi_status imi_scorer_threshold(const imi_scorer *scorer, imi_score_kind kind,
                                             double target_fmr, float *similarity_out,
                                             imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
