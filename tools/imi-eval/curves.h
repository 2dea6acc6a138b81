/**
 * Error rates along a curve, with bands from a bootstrap over subjects.
 */
#ifndef IMI_EVAL_CURVES_H
#define IMI_EVAL_CURVES_H

#include "rates.h"
#include "report/report.h"

enum { EVAL_CURVE_POINTS = 40 };

/** Points are those of imi/report: x, y and the ends of the 95 % interval of y. */
typedef struct eval_curves {
    imi_report_point det[EVAL_CURVE_POINTS]; /* FNMR by FMR */
    imi_report_point fmr[EVAL_CURVE_POINTS]; /* FMR by threshold */
    size_t det_count, fmr_count; /* 0 without mated or without non-mated comparisons */
} eval_curves;

/**
 * Curves of sorted scores. FMR runs in even steps of its logarithm from three false matches
 * to a half; thresholds run evenly over the non-mated scores of the upper half and a little beyond.
 *
 * Shape:  subjects is the number of subjects that the scores name.
 * Errors: IMI_E_NO_MEMORY.
 * Source: eval_bootstrap's, in rates.h.
 */
IMI_MUST_USE imi_status eval_curves_make(const eval_score *scores, size_t count, size_t subjects,
                                         eval_curves *out, imi_error *err);

#endif
