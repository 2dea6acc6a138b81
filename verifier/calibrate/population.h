/**
 * A population in memory; not public.
 */
#ifndef IMI_CALIBRATE_POPULATION_H
#define IMI_CALIBRATE_POPULATION_H

#include "imi/calibrate.h"

enum { POPULATION_ROW_ALIGN = 64 };

/**
 * Vectors of one model. The terms are chosen so that a score costs a few multiplications: with
 * x = dot * unit[a] * unit[b], the raw score is the sum of x over models, and the normalised one
 * the sum of the lower of x * steepness[a] - offset[a] and x * steepness[b] - offset[b].
 */
typedef struct population_model {
    char id[IMI_MODEL_ID_SIZE];
    double raw_weight, normalised_weight;
    imi_normalisation normalisation;
    double spread; /* of the cohort; NaN without */
    size_t dim, stride; /* 0 before the first member */
    void *block; /* what rows lie in */
    int8_t *rows; /* on cache lines */
    float *unit; /* root of the raw weight / length of the row's bytes */
    /* With the reference's statistics; NULL without cohort. */
    float *steepness; /* normalised weight / raw weight / deviation */
    float *offset; /* normalised weight * mean / deviation */
} population_model;

typedef struct population_reference {
    char id[IMI_ID_SIZE];
    uint8_t sex;
    bool in_cohort; /* the subject is a member */
    uint16_t realm; /* digest of the member's */
    int32_t birth_decade;
    imi_subject_key subject;
} population_reference;

struct imi_population {
    const imi_scorer *scorer;
    const imi_cohort *cohort;
    size_t size, capacity, added;
    uint64_t random;
    population_reference *references;
    population_model models[IMI_TEMPLATE_VECTORS_MAX];
    size_t model_count;
};

/** SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t population_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

/** Below limit, without bias worth speaking of: limit is far below 2^64. */
static inline uint64_t population_random_below(uint64_t *state, uint64_t limit)
{
    return population_random(state) % limit;
}

#endif
