/**
 * Error against discard for measures of quality, from files: scores and quality.csv.
 */
#ifndef IMI_EVAL_DISCARD_REPORT_H
#define IMI_EVAL_DISCARD_REPORT_H

#include "imi/status.h"

#include <stdbool.h>

typedef struct eval_discard_options {
    const char *scores; /* required: as `imi-eval faces` writes them */
    const char *quality; /* required: as `imi-eval quality` writes it; columns file and measures */
    const char *folder; /* required: gets discard.csv, pictures and report.html */
    double target_fmr; /* of the threshold, over all comparisons */
    bool json; /* print the summary as JSON instead of a table */
} eval_discard_options;

/**
 * Compare matchability with the older unified score: curves of all groups together, areas a group
 * with intervals, and how many photos of each level fail.
 *
 * Errors: IMI_E_NOT_FOUND names a column that is missing; those of reading, of imi/report.
 */
IMI_MUST_USE imi_status eval_discard_report(const eval_discard_options *options, imi_error *err);

#endif
