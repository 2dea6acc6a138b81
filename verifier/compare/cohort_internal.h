/**
 * A cohort in memory; not public.
 */
#ifndef IMI_COHORT_INTERNAL_H
#define IMI_COHORT_INTERNAL_H

#include "imi/cohort.h"
#include "imi/kernel.h"

/** Vectors of one model: size rows, zero-padded to the stride. */
typedef struct imi_cohort_model {
    char id[IMI_MODEL_ID_SIZE];
    uint32_t dim;
    size_t stride; /* a multiple of IMI_KERNEL_LANES */
    float *rows;
    imi_normalisation normalisation;
    double spread; /* mean over the members of their deviation against the others */
} imi_cohort_model;

struct imi_cohort {
    char id[IMI_COHORT_ID_SIZE];
    imi_subject_key *subjects; /* rising; row i of each model belongs to subject i */
    size_t size;
    size_t top; /* members that make the statistics: a third, at most IMI_COHORT_TOP */
    imi_cohort_model models[IMI_TEMPLATE_VECTORS_MAX]; /* in the scorer's order */
    size_t model_count;
};

/** Find each model's spread. Errors: as imi_cohort_measure. */
IMI_MUST_USE imi_status imi_cohort_find_spreads(imi_cohort *cohort, imi_error *err);

/** Write the identifier: "cohort-" and 64 bits of SHA-256 over people, shares and vectors. */
void imi_cohort_make_id(imi_cohort *cohort);

#endif
