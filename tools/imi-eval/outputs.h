/**
 * What `imi-eval report` gives: a page with pictures, a table, JSON.
 */
#ifndef IMI_EVAL_OUTPUTS_H
#define IMI_EVAL_OUTPUTS_H

#include "evaluation.h"

/** Pictures and report.html in a folder. title and note may be NULL. */
IMI_MUST_USE imi_status eval_write_page(const eval_evaluation *evaluation, const char *title,
                                        const char *note, const char *folder, imi_error *err);
/** A Markdown table to standard output. */
void eval_print_groups(const eval_evaluation *evaluation);
/** The same, and the listed pairs, as one JSON object to standard output. */
IMI_MUST_USE imi_status eval_print_groups_json(const eval_evaluation *evaluation, imi_error *err);

#endif
