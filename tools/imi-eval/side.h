/**
 * A template that is compared with many others, measured against a cohort once.
 */
#ifndef IMI_EVAL_SIDE_H
#define IMI_EVAL_SIDE_H

#include "imi/cohort.h"

/** A template against a cohort. */
typedef struct eval_measured {
    imi_subject_key subject; /* who it shows */
    imi_cohort_ranking *ranking; /* NULL: there is no template, or no cohort */
    imi_cohort_statistics statistics; /* without the subject itself */
} eval_measured;

/**
 * Measure a template of a subject.
 *
 * cohort: NULL: only the subject is noted.
 * Errors: imi_cohort_statistics_of's, IMI_E_NO_MEMORY. Clean up in either case.
 */
IMI_MUST_USE imi_status eval_measure(const imi_cohort *cohort, const imi_template *face_template,
                                     imi_subject_key subject, eval_measured *out, imi_error *err);
/** Wipe and free the ranking. */
void eval_measured_clean_up(eval_measured *measured);

/** One of the two that are compared. Borrowed. */
typedef struct eval_side {
    const imi_template *face_template;
    const eval_measured *measured; /* may be NULL without a cohort */
} eval_side;

/**
 * Compare: a normalised score in which neither person counts as a member of the cohort, or a raw
 * one where cohort is NULL.
 */
IMI_MUST_USE imi_status eval_sides_compare(const imi_scorer *scorer, const imi_cohort *cohort,
                                           const eval_side *probe, const eval_side *reference,
                                           imi_comparison *out, imi_error *err);

#endif
