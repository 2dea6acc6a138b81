/**
 * Rates of sequences of verifications, and what further references save against the portrait
 * alone.
 */
#ifndef IMI_EVAL_SEQUENCE_RATES_H
#define IMI_EVAL_SEQUENCE_RATES_H

#include "sequence_run.h"

/** Years since the portrait: up to 5, 10, 20, more; then all. */
enum { EVAL_YEARS_COUNT = 5, EVAL_YEARS_ALL = 4 };
const char *eval_years_name(size_t years);

/** Verifications at a threshold. NaN without any. */
typedef struct eval_refusals {
    size_t visits, refused;
    double fnmr;
    eval_interval interval;
} eval_refusals;

typedef struct eval_sequence_rates {
    eval_refusals by_years[EVAL_YEARS_COUNT];
    size_t strangers, stranger_matches;
    size_t worst_pair_matches; /* of these, between the two people with the most */
    double fmr;
    eval_interval fmr_interval;
    double saved; /* refusals fewer than with the portrait alone */
    eval_interval saved_interval; /* paired: the same people drawn for both */
    double fnmr_at_equal_fmr; /* at the lowest threshold with no more false matches than the
                                 portrait alone has at its own */
} eval_sequence_rates;

/**
 * Measure one run against the run with the portrait alone, whose visits are the same ones.
 *
 * Intervals: 95 %, percentile bootstrap over subjects; the draws are the same in every run.
 * Errors:    IMI_E_INVALID_ARGUMENT if the visits differ, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status eval_sequence_rates_of(const eval_visits *alone, const eval_visits *run,
                                               size_t subjects, double threshold,
                                               eval_sequence_rates *out, imi_error *err);

#endif
