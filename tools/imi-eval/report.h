/**
 * The summary of an evaluation: one row a group, as a table for people or as JSON.
 */
#ifndef IMI_EVAL_REPORT_H
#define IMI_EVAL_REPORT_H

#include "rates.h"

#include <stdio.h>

typedef struct eval_row {
    const char *group;
    size_t subjects, images, failed_images;
    size_t mated, non_mated;
    eval_rates rates;
    eval_point at; /* at the calibrated threshold */
    eval_intervals intervals;
} eval_row;

typedef struct eval_report {
    const char *scored_by; /* "mobilefacenet@...", or "fused" */
    double fmr; /* of the rates */
    double threshold; /* calibrated for that rate; NaN if there is none */
    eval_row *rows;
    size_t row_count;
} eval_report;

/** A Markdown table. */
void eval_report_print(const eval_report *report, FILE *to);
/** One JSON array of reports. */
IMI_MUST_USE imi_status eval_report_print_json(const eval_report *reports, size_t count, FILE *to,
                                               imi_error *err);

#endif
