/**
 * Error against discard: how fast FNMR falls when the comparisons of poorest quality are left
 * out. What foretells failures makes it fall fast; what says nothing leaves it level.
 *
 * Source: Grother and Tabassi, "Performance of biometric quality measures", IEEE PAMI 29, 2007.
 */
#ifndef IMI_EVAL_DISCARD_H
#define IMI_EVAL_DISCARD_H

#include "rates.h"
#include "report/report.h"

/** Discarded shares run from 0 to 0.3 in steps of 0.01. */
enum { EVAL_DISCARD_POINTS = 31 };

/** A mated comparison. */
typedef struct eval_discard_pair {
    float quality; /* of the poorer of its two photos; NaN counts as the poorest */
    bool failed; /* it did not match */
    uint32_t subject;
} eval_discard_pair;

typedef struct eval_discard {
    imi_report_point points[EVAL_DISCARD_POINTS];
    double area; /* mean FNMR over the shares by that at 0: 1 says nothing, less is better */
    double drawn_areas[EVAL_REPLICATES]; /* of the bootstrap; the same draws for every measure */
} eval_discard;

/**
 * The curve with a band from a bootstrap over subjects.
 *
 * Shape:  pairs are reordered; subjects is the number of subjects that they name.
 * Errors: IMI_E_NO_MEMORY. Without pairs all is NaN; without a failure the area is.
 */
IMI_MUST_USE imi_status eval_discard_measure(eval_discard_pair *pairs, size_t count,
                                             size_t subjects, eval_discard *out, imi_error *err);

/** 95 % interval of an area, or of how much smaller one measure's is than another's. */
eval_interval eval_discard_area_interval(const eval_discard *measure);
eval_interval eval_discard_gain_interval(const eval_discard *measure, const eval_discard *other);

#endif
