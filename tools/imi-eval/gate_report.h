/**
 * What a gate found, for people, for programs, and for the model's card.
 */
#ifndef IMI_EVAL_GATE_REPORT_H
#define IMI_EVAL_GATE_REPORT_H

#include "gate_verdict.h"
#include "imi/bytes.h"

#include <stdio.h>

enum { EVAL_GATE_MODELS_SIZE = 320 };

typedef struct eval_gate_report {
    const char *data; /* what was measured on */
    const char *date; /* "2026-11-22" */
    const char *score; /* "raw" or "normalised by a cohort of 879" */
    char models[EVAL_SIDES][EVAL_GATE_MODELS_SIZE]; /* ids with weights */
    double thresholds[EVAL_SIDES];
    eval_gate_rule rule;
    eval_gate_group *groups;
    size_t group_count;
    bool compares; /* else there is a baseline only, and no verdict */
    eval_gate_verdict verdict;
} eval_gate_report;

/** Markdown: what was done, a table of the groups, the verdict with its reasons. Appends. */
IMI_MUST_USE imi_status eval_gate_report_write(const eval_gate_report *report, imi_buffer *out,
                                               imi_error *err);
/** The same as JSON text, with a line end. Appends. */
IMI_MUST_USE imi_status eval_gate_report_write_json(const eval_gate_report *report, imi_buffer *out,
                                                    imi_error *err);

/** Lines between which a card's measured figures stand. */
#define EVAL_CARD_BEGIN "<!-- measured: begin -->"
#define EVAL_CARD_END "<!-- measured: end -->"

/**
 * Put the report between a card's marks, in place of what stands there.
 *
 * Errors: IMI_E_INVALID_ARGUMENT if the card does not have both marks once, in order; the file is
 *         then as it was.
 */
IMI_MUST_USE imi_status eval_gate_report_fill_card(const eval_gate_report *report, const char *path,
                                                   imi_error *err);

#endif
