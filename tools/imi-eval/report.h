/**
 * The summary of an evaluation: one row a group, as a table for people or as JSON.
 */
#ifndef IMI_EVAL_REPORT_H
#define IMI_EVAL_REPORT_H

#include "rates.h"
#include "shared_point.h"

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

/** What one kind of score does to all groups at one threshold. */
typedef struct eval_shared_view {
    const char *scored_by; /* "fused", "fused, normalised" */
    eval_shared_point point;
} eval_shared_view;

/** The same target by several kinds of score: before and after. */
typedef struct eval_shared_report {
    const char *const *groups; /* names */
    const bool *is_anchor; /* one a group: those over which the mean FMR is held */
    size_t group_count;
    const eval_shared_view *views; /* of equal target, at least one */
    size_t view_count;
} eval_shared_report;

/** A Markdown table. */
void eval_report_print(const eval_report *report, FILE *to);
void eval_shared_report_print(const eval_shared_report *report, FILE *to);
/** One JSON object: "reports" and "shared_thresholds", an array each. */
IMI_MUST_USE imi_status eval_report_print_json(const eval_report *reports, size_t count,
                                               const eval_shared_report *shared,
                                               size_t shared_count, FILE *to, imi_error *err);

#endif
