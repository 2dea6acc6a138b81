/* Provisional: the networks' logit alone, until the combiner is trained. */
#ifndef IMI_PASSIVE_WEIGHTS_H
#define IMI_PASSIVE_WEIGHTS_H

#include "model.h"

static const passive_model WITH_NETWORKS = {
    .centre = {0},
    .spread = {1, 1, 1, 1, 1, 1, 1, 1},
    .bias = 0,
    .term_count = 1,
    .terms = {{7, 8, 1.0F}},
};

static const passive_model WITHOUT_NETWORKS = {
    .centre = {0},
    .spread = {1, 1, 1, 1, 1, 1, 1, 1},
    .bias = 0,
    .term_count = 0,
};

#endif
