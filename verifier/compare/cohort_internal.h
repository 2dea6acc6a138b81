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
} imi_cohort_model;

struct imi_cohort {
    char id[IMI_COHORT_ID_SIZE];
    imi_subject_key *subjects; /* rising; row i of each model belongs to subject i */
    size_t size;
    imi_cohort_model models[IMI_TEMPLATE_VECTORS_MAX]; /* in the scorer's order */
    size_t model_count;
};

/** Write the identifier: "cohort-" and 64 bits of SHA-256 over people and vectors. */
void imi_cohort_make_id(imi_cohort *cohort);

#endif
