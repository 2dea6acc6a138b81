/**
 * Generalised Pareto tail of binned scores.
 *
 * Source: Balkema and de Haan, "Residual life time at great age", Annals of Probability 2, 1974;
 *         Pickands, "Statistical inference using extreme order statistics", Annals of Statistics
 *         3, 1975: excesses over a high threshold follow this distribution.
 */
#ifndef IMI_CALIBRATE_TAIL_H
#define IMI_CALIBRATE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Survival of an excess: (1 + shape * excess / scale) ^ (-1 / shape), exp for shape 0. */
double tail_survival(double shape, double scale, double excess);

enum { TAIL_STEPS = 21, TAIL_NODES = TAIL_STEPS * TAIL_STEPS };

/** A pair of parameters and how likely it is; weights sum to 1. */
typedef struct tail_node {
    double shape, scale, foreign, weight;
} tail_node;

typedef struct nonmated_tail {
    bool fitted; /* and close to the counts */
    size_t from; /* bin where it starts */
    double shape, scale, foreign; /* means over the nodes; share of other events */
    tail_node nodes[TAIL_NODES]; /* likely ones only */
    size_t node_count;
} nonmated_tail;

/** Counts of excesses in bins of equal width. */
typedef struct tail_data {
    const uint64_t *above; /* bins + 1 numbers: events in that bin or higher, the last 0 */
    size_t bins;
    double width;
    double effect; /* by which the events tell less than independent ones would */
} tail_data;

/**
 * Fit by the likelihood of the counts over a grid of parameters, each event counting
 * 1 / effect. Some of the events may be mated scores in disguise (duplicates): a share of them,
 * whichever is likeliest, is taken to lie anywhere between the first and the last bin.
 *
 * Returns false where there is nothing to fit.
 */
bool tail_fit(const tail_data *data, nonmated_tail *out);

/** Survival of an excess: mean over the nodes, and its 2.5 and 97.5 % quantiles. */
typedef struct tail_estimate {
    double mean, low, high;
} tail_estimate;
tail_estimate tail_estimate_at(const nonmated_tail *tail, double excess);

#endif
