/* The combiner: logistic regression over standardised cues, their squares and products. */
#ifndef IMI_PASSIVE_MODEL_H
#define IMI_PASSIVE_MODEL_H

#include "imi/passive.h"

enum { PASSIVE_ALONE = IMI_CUE_COUNT, PASSIVE_TERMS_MAX = 48 };

/* weight * z[a] * z[b], where z[PASSIVE_ALONE] is 1. */
typedef struct passive_term {
    uint8_t a, b;
    float weight;
} passive_term;

typedef struct passive_model {
    float centre[IMI_CUE_COUNT], spread[IMI_CUE_COUNT]; /* z = (value - centre) / spread */
    float bias;
    uint32_t term_count;
    passive_term terms[PASSIVE_TERMS_MAX];
} passive_model;

#endif
