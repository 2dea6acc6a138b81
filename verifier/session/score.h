/**
 * The comparison of a person, seen in some frames, with what is enrolled, as an operating point
 * asks for it.
 *
 * Every probe is compared with every reference, and the mean of the scores decides, in which the
 * primary reference, references[0], counts half as soon as there are others. A mean of templates
 * would raise the scores of strangers above those that calibrations measure, template by template;
 * so would the best of the scores. Figures: docs/sessions.md, docs/accuracy.md.
 *
 * A point names the kind of score that it judges. A normalised score needs a cohort and a table;
 * where it cannot be had, the raw score is judged by the raw threshold of the same calibration and
 * target rate, never by the normalised one: docs/sessions.md, "Which score decides".
 */
#ifndef IMI_SESSION_SCORE_H
#define IMI_SESSION_SCORE_H

#include "cohort_keeper.h"
#include "operating_points.h"

enum { IMI_SCORE_PROBES_MAX = 8, IMI_SCORE_REFERENCES_MAX = 16 };

/** What is compared; all borrowed. */
typedef struct imi_score_request {
    const imi_operating_point *point; /* required */
    const imi_cohort *cohort; /* NULL: raw scores only */
    const imi_template *probes; /* IMI_SCORE_PROBES_MAX at most */
    size_t probe_count;
    const imi_template *references; /* IMI_SCORE_REFERENCES_MAX at most */
    size_t reference_count;
    const imi_cohort_statistics *first_statistics; /* of references[0]; NULL: measured here */
    const imi_subject_key *left_out; /* people who must not count among the strangers */
    size_t left_out_count;
} imi_score_request;

/** What a rule says of the scores. */
typedef struct imi_rule_score {
    imi_comparison comparison; /* of the kind that was judged; NaN if none could be */
    double threshold; /* of that kind; NaN if there is none */
    double target_fmr;
} imi_rule_score;

typedef struct imi_scores {
    float raw, normalised; /* NaN where not made */
    char cohort_id[IMI_COHORT_ID_SIZE]; /* "" unless normalised */
    imi_rule_score active, shadow; /* shadow is NaN without one */
    imi_cohort_statistics first_statistics; /* of references[0], used or measured; "" if none */
} imi_scores;

/** Scores of nothing. */
void imi_scores_init(imi_scores *out);

/**
 * Errors: IMI_E_MODEL_MISMATCH, IMI_E_INVALID_ARGUMENT (none or too many); out is then as
 *         imi_scores_init leaves it.
 */
IMI_MUST_USE imi_status imi_score_compare(const imi_score_request *request, imi_scores *out,
                                          imi_error *err);

#endif
