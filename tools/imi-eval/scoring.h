/**
 * By what a measurement compares: a calibration table and, if there is one, a cohort.
 */
#ifndef IMI_EVAL_SCORING_H
#define IMI_EVAL_SCORING_H

#include "arguments.h"
#include "cohort.h"

/** Options; all may be NULL. */
typedef struct eval_scoring_options {
    const char *calibration, *cohort, *cohort_root;
} eval_scoring_options;

/** To stand in a subcommand's list of options. */
#define EVAL_SCORING_OPTIONS(options)                                                              \
    {                                                                                              \
        "--calibration", &(options)->calibration,      NULL, false,                                \
        "FILE",          "calibration table [shipped]"},                                           \
        {"--cohort", &(options)->cohort,                                                           \
         NULL,       false,                                                                        \
         "FILE",     "normalise by these people: set,subject,file,liveness"},                      \
    {                                                                                              \
        "--cohort-root", &(options)->cohort_root, NULL, false, "DIR", "of their images [--root]"   \
    }

typedef struct eval_scoring {
    imi_scorer *scorer;
    imi_score_kind kind;
    eval_gather_options gather;
    eval_cohort_options from; /* manifest is NULL without a cohort */
    eval_cohort cohort; /* cohort.cohort is NULL without one, and before eval_scoring_measure */
} eval_scoring;

#define AUTO_EVAL_SCORING __attribute__((cleanup(eval_scoring_clean_up))) eval_scoring

/**
 * Load the table; check that the cohort's manifest names enough people and the table has scores
 * of the kind, before any image is analysed. Clean up in either case.
 */
IMI_MUST_USE imi_status eval_scoring_start(const eval_arguments *common,
                                           const eval_scoring_options *options, eval_scoring *out,
                                           imi_error *err);
/** Make the cohort, and measure samples (which outlive it) against it; nothing without one. */
IMI_MUST_USE imi_status eval_scoring_measure(eval_scoring *scoring, const eval_sample *samples,
                                             size_t count, imi_error *err);
void eval_scoring_clean_up(eval_scoring *scoring);

/** The table's threshold. Errors: IMI_E_CALIBRATION if it supports no rate that low. */
IMI_MUST_USE imi_status eval_scoring_threshold(const eval_scoring *scoring, double fmr, float *out,
                                               imi_error *err);
/** Compare by the scoring's kind, or by raw scores although there is a cohort; the similarity is
 * -INFINITY where there is no number. */
IMI_MUST_USE imi_status eval_scoring_compare(const eval_scoring *scoring, const eval_side *probe,
                                             const eval_side *reference, float *similarity_out,
                                             imi_error *err);
IMI_MUST_USE imi_status eval_scoring_compare_raw(const eval_scoring *scoring,
                                                 const eval_side *probe, const eval_side *reference,
                                                 float *similarity_out, imi_error *err);
/** A measured sample, by its number. */
eval_side eval_scoring_side(const eval_scoring *scoring, const eval_sample *samples, size_t number);

/** Read a false match rate above 0 and below 1; NaN if text is anything else. */
double eval_read_fmr(const char *text);

#endif
