/**
 * How the models of a folder are scored, where no calibration table may exist for them yet.
 */
#ifndef IMI_EVAL_GATE_SCORER_H
#define IMI_EVAL_GATE_SCORER_H

#include "gather.h"
#include "imi/compare.h"
#include "pairs.h"

/**
 * The shipped table's weights if it is for exactly the models of these templates, and no weights
 * are asked for; else a scorer with the weights asked for, one a model in the templates' order
 * ("1,0.5"), or equal ones. Weights are of z-normalised scores: a raw cosine is weighed by the
 * inverse of the standard deviation of the non-mated comparisons besides. Such a scorer has no
 * calibration: its scores compare with each other only.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for weights that do not fit, or if no image has a template.
 */
IMI_MUST_USE imi_status eval_gate_scorer_new(const eval_pairs *pairs, const eval_sample *samples,
                                             const char *weights, imi_scorer **out, imi_error *err);

#endif
