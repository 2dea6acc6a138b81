/**
 * A loaded calibration table; not public.
 */
#ifndef IMI_SCORER_INTERNAL_H
#define IMI_SCORER_INTERNAL_H

#include "imi/compare.h"

typedef struct imi_scorer_model {
    char id[IMI_MODEL_ID_SIZE];
    float weight;
} imi_scorer_model;

typedef struct imi_scorer_knot {
    double similarity;
    double fmr;
} imi_scorer_knot;

struct imi_scorer {
    char *version;
    char *measured_on;
    imi_scorer_model models[IMI_TEMPLATE_VECTORS_MAX];
    size_t model_count;
    double fmr_floor;
    imi_scorer_knot *knots; /* at least two, from similarity -1, FMR 1 */
    size_t knot_count;
};

#endif
