/**
 * One side of a gate: all pairs compared by the models of one folder.
 */
#ifndef IMI_EVAL_GATE_SIDE_H
#define IMI_EVAL_GATE_SIDE_H

#include "gate_report.h"
#include "pairs.h"

typedef struct eval_gate_side_options {
    const char *root; /* of the images */
    const char *models; /* folder */
    const char *weights; /* NULL: see eval_gate_scorer_new */
    const char *cohort, *cohort_root; /* manifest and folder; NULL: raw scores */
    size_t jobs;
    bool quiet;
} eval_gate_side_options;

typedef struct eval_gate_side {
    eval_grouped_scores scores; /* sorted; pairs in no group are left out */
    bool *failed; /* one an image: no template */
    size_t cohort_size; /* 0: none */
    char models[EVAL_GATE_MODELS_SIZE]; /* ids with weights */
} eval_gate_side;

/** is_anchor: one a group; borrowed as long as out is used. Clean out up in any case. */
IMI_MUST_USE imi_status eval_gate_side_measure(const eval_gate_side_options *options,
                                               const eval_pairs *pairs, const bool *is_anchor,
                                               eval_gate_side *out, imi_error *err);
void eval_gate_side_clean_up(eval_gate_side *side);

#endif
