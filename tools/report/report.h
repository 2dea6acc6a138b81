/**
 * Pictures and one HTML page of how well comparison works: score histograms, DET curves, FMR by
 * threshold, rates by group, error against discard.
 *
 * Both who have labelled photos (imi-eval) and who have a deployment's counts (imictl) fill in
 * an imi_report from what they know; what is absent is left out of the page. Every picture is
 * written as NAME.svg and NAME.png by gnuplot (Debian: gnuplot-nox); report.html holds the SVG
 * pictures itself, so that it can be moved and mailed alone. The page needs nothing from
 * outside and runs no script.
 *
 * Units:     rates and shares in [0, 1], similarities as the scorer gives them. NaN: not known,
 *            drawn and printed as absent.
 * Ownership: everything is borrowed for the call.
 * Terms:     ISO/IEC 19795-1.
 */
#ifndef IMI_REPORT_REPORT_H
#define IMI_REPORT_REPORT_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Counts of scores in bins of equal width from low to high. Zero bins: no such scores. */
typedef struct imi_report_histogram {
    double low, high;
    const uint64_t *counts;
    size_t bins;
} imi_report_histogram;

/** Mated and non-mated scores of one group; both are drawn as shares of their own total. */
typedef struct imi_report_distribution {
    const char *name;
    imi_report_histogram mated, non_mated; /* their bins may differ */
} imi_report_distribution;

/** A rate with the ends of its 95 % interval and what it rests on. */
typedef struct imi_report_rate {
    double value, low, high;
    uint64_t events, trials; /* 0 of 0: not known */
} imi_report_rate;

/** A point of a curve with its 95 % band. */
typedef struct imi_report_point {
    double x, y, low, high;
} imi_report_point;

/** A named curve; points by rising x. */
typedef struct imi_report_curve {
    const char *name;
    const imi_report_point *points;
    size_t count;
} imi_report_curve;

/**
 * Curves of one kind. The first is the main one (all groups together): it alone shows its band in
 * the picture of all; each other one that has a band gets a picture of its own beside it.
 */
typedef struct imi_report_curves {
    const imi_report_curve *curves;
    size_t count;
} imi_report_curves;

/** One group at the operating point. */
typedef struct imi_report_group {
    const char *name;
    uint64_t subjects; /* 0: not known */
    imi_report_rate fmr, fnmr; /* trials: non-mated and mated comparisons */
} imi_report_group;

/** One bar with its interval, such as FNMR of an age gap. */
typedef struct imi_report_bar {
    const char *name;
    imi_report_rate rate;
} imi_report_bar;

/** A further picture of bars. */
typedef struct imi_report_bars {
    const char *file; /* stem of the picture's name: a-z, 0-9, '-' */
    const char *title;
    const char *rate_label; /* with its unit, such as "FNMR (%)" */
    const imi_report_bar *bars;
    size_t count;
} imi_report_bars;

/** A table as it shall stand on the page. Cells by rows; NULL is empty. */
typedef struct imi_report_table {
    const char *title;
    const char *note; /* a paragraph above; NULL = none */
    const char *const *header;
    size_t columns;
    const char *const *cells; /* rows * columns */
    size_t rows;
} imi_report_table;

/** The threshold in use or proposed, marked in every picture that can show it. */
typedef struct imi_report_operating_point {
    double threshold; /* similarity from which on it is a match; NaN: none, nothing is marked */
    double target_fmr; /* NaN: none */
    imi_report_rate fmr, fnmr; /* all groups together */
} imi_report_operating_point;

/** All of one report. Fields may be empty, except title. */
typedef struct imi_report {
    const char *title; /* required */
    const char *data_note; /* what was measured on, one paragraph */
    const char *made_at; /* date, as it shall be printed */
    const char *mated_name; /* such as "presumed mated"; NULL = "mated" */
    imi_report_operating_point operating_point;
    const imi_report_distribution *distributions; /* the first one is of all groups */
    size_t distribution_count;
    imi_report_curves det; /* x = FMR, y = FNMR; band of FNMR */
    imi_report_curves fmr; /* x = similarity, y = FMR; band of FMR */
    const imi_report_group *groups;
    size_t group_count;
    imi_report_curves discard; /* x = share of comparisons discarded, y = FNMR of the rest */
    const imi_report_bars *bars;
    size_t bars_count;
    const imi_report_table *tables;
    size_t table_count;
    const char *const *notes; /* paragraphs at the end: what to know before believing it */
    size_t note_count;
} imi_report;

/**
 * An empty report: nothing known, no operating point.
 */
#define IMI_REPORT_INIT                                                                            \
    {                                                                                              \
        .operating_point = {                                                                       \
            __builtin_nan(""),                                                                     \
            __builtin_nan(""),                                                                     \
            {__builtin_nan(""), __builtin_nan(""), __builtin_nan(""), 0, 0},                       \
            {__builtin_nan(""), __builtin_nan(""), __builtin_nan(""), 0, 0}                        \
        }                                                                                          \
    }

/**
 * Write the pictures and report.html into a folder, which is made if its parent exists. Files of
 * the same names are replaced; no other file is left behind, whether it succeeds or not.
 *
 * Errors: IMI_E_UNSUPPORTED when gnuplot is not installed (the message says what to install);
 *         IMI_E_IO when the folder cannot be written to or gnuplot fails (the message quotes it);
 *         IMI_E_INVALID_ARGUMENT for a report without title, with a histogram whose range is
 *         empty, or with a file name that is not one; IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_report_write(const imi_report *report, const char *folder,
                                         imi_error *err);

/**
 * Count scores into bins of equal width between the lowest and the highest of them.
 *
 * Shape:  counts_out holds bins numbers, which the histogram then borrows. Scores that are not
 *         finite (a comparison that could not be made) are left out. Without any finite score
 *         the histogram has no bins; equal scores get a range of their own width around them.
 */
imi_report_histogram imi_report_count_scores(const float *scores, size_t count,
                                             uint64_t *counts_out, size_t bins);

/**
 * Exact 95 % interval of events among independent trials (Clopper and Pearson, 1934); NaN for no
 * trials. Too narrow where trials share people: then bring an interval of your own.
 */
imi_report_rate imi_report_rate_of(uint64_t events, uint64_t trials);

#endif
