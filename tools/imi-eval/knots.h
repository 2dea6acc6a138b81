/**
 * From similarities of non-mated comparisons to the knots of a calibration table.
 */
#ifndef IMI_EVAL_KNOTS_H
#define IMI_EVAL_KNOTS_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Knots of the table for each decade of false match rate. */
    EVAL_KNOTS_PER_DECADE = 10
};

/** A non-mated comparison. people: names the two people; the same for all of their photos. */
typedef struct eval_non_mated {
    float similarity;
    uint32_t people;
} eval_non_mated;

/**
 * Non-mated comparisons of one group of people, or of a part of one. A part speaks for itself
 * only where pairs_min different pairs of people match, as fewer may be chance: two people who
 * look alike, or are one, match in every two of their photos.
 */
typedef struct eval_group {
    bool is_part;
    size_t pairs_min; /* of a part, at most EVAL_PAIRS_MIN_MAX */
    eval_non_mated *comparisons; /* by falling similarity; the caller's */
    size_t count;
} eval_group;

enum { EVAL_PAIRS_MIN_MAX = 16 };

typedef struct eval_knot {
    double similarity, fmr;
} eval_knot;

void eval_group_sort(eval_group *group);

/**
 * The lowest false match rate that all whole groups can support: the rule of three on the
 * smallest, that is, what its comparisons exclude at 95 % when none of them matches.
 *
 * Source: Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", 1983.
 */
double eval_fmr_floor(const eval_group *groups, size_t count);

/** Lowest similarity at which no group, nor part that speaks, exceeds the rate;
 * -INFINITY if none does at any. */
double eval_knot_threshold(const eval_group *groups, size_t count, double fmr);

/**
 * Knots from the lowest similarity, rate 1 down to the floor, similarity rising strictly.
 *
 * lowest: -1 for cosines; for scores without a bound, one that is not above any comparison.
 * Errors: IMI_E_OVERFLOW if they do not fit; IMI_E_INVALID_ARGUMENT for an empty group.
 */
IMI_MUST_USE imi_status eval_make_knots(const eval_group *groups, size_t count, double lowest,
                                        eval_knot *out, size_t capacity, size_t *count_out,
                                        imi_error *err);

#endif
