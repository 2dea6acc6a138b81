/**
 * Calibration from the deployment itself: every pair of references of different subjects is a
 * non-mated comparison, so a registry of N people gives N(N-1)/2 of them for free.
 *
 * Terms: ISO/IEC 19795-1. Method and its validation: docs/calibration.md.
 */
#ifndef IMI_CALIBRATE_H
#define IMI_CALIBRATE_H

#include "imi/cohort.h"
#include "imi/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of a reference beside its template; groups error rates, nothing else. */
typedef struct imi_population_attributes {
    int32_t birth_decade; /* 0 = not known */
    imi_sex sex;
} imi_population_attributes;

/** References of many subjects, packed for comparison of all with all. */
typedef struct imi_population imi_population;

/** How to gather a population. */
typedef struct imi_population_options {
    const imi_scorer *scorer; /* required; borrowed, outlives the population */
    const imi_cohort *cohort; /* NULL: raw scores only; borrowed */
    size_t capacity; /* references kept; a uniform sample of all added ones beyond it */
    uint64_t seed; /* of the sample */
} imi_population_options;

/** Errors: IMI_E_INVALID_ARGUMENT. Memory for all of capacity is taken with the first member. */
IMI_MUST_USE imi_status imi_population_new(const imi_population_options *options,
                                           imi_population **out, imi_error *err);
/** Wipe and free; accepts NULL, nulls the pointer. */
void imi_population_destroy(imi_population **population);
IMI_AUTO_DEFINE(imi_population, imi_population_destroy)

/** One reference to add; borrowed for the call. */
typedef struct imi_population_member {
    const char *reference_id;
    imi_subject_key subject;
    const imi_template *face_template;
    const imi_cohort_statistics *statistics; /* NULL: measured here if there is a cohort */
    imi_population_attributes attributes;
    uint64_t realm; /* pairs of two realms are not listed as duplicates; any number, 0 for one */
} imi_population_member;

/**
 * Add a reference. Its vectors are kept as bytes (imi_quantise_i8), its cosines are off by about
 * 0.001 (docs/calibration.md).
 *
 * Errors: IMI_E_MODEL_MISMATCH, IMI_E_INVALID_ARGUMENT (a vector without numbers or direction),
 *         IMI_E_CALIBRATION (as imi_cohort_measure), IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_population_add(imi_population *population,
                                           const imi_population_member *member, imi_error *err);
/** References kept, and added in all. */
size_t imi_population_size(const imi_population *population);
size_t imi_population_added(const imi_population *population);

/** How far a measurement is; may be called from its thread at any time, about twice a second. */
typedef void (*imi_nonmated_progress)(void *user, uint64_t done, uint64_t total);

typedef struct imi_nonmated_options {
    uint64_t comparisons_max; /* 0 = all pairs; beyond it, pairs are sampled without bias */
    double cpu_seconds_max; /* 0 = no limit; the measurement ends whole when it is reached */
    double duplicate_fmr; /* pairs below this rate are listed as likely duplicates */
    size_t duplicates_max; /* best of them that are kept, at most 10,000 */
    size_t threads; /* 0 = the calling thread alone; at most 64 */
    uint64_t seed; /* of the order in which pairs are taken */
    imi_nonmated_progress progress; /* may be NULL */
    void *user;
    /* May be NULL; IMI_E_CANCELLED soon after it returns true. Called by all threads. */
    bool (*is_cancelled)(void *user);
} imi_nonmated_options;

/** Distribution of non-mated scores, pooled and by group, per kind of score. */
typedef struct imi_nonmated imi_nonmated;

/**
 * Compare the population with itself; subjects are never compared with themselves.
 *
 * Errors: IMI_E_CALIBRATION (fewer than two subjects), IMI_E_CANCELLED, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_nonmated_measure(const imi_population *population,
                                             const imi_nonmated_options *options,
                                             imi_nonmated **out, imi_error *err);
void imi_nonmated_destroy(imi_nonmated **nonmated);
IMI_AUTO_DEFINE(imi_nonmated, imi_nonmated_destroy)

/** A pair of references that look like one person. */
typedef struct imi_likely_duplicate {
    char reference_a[IMI_ID_SIZE];
    char reference_b[IMI_ID_SIZE];
    float similarity;
    double fmr; /* by the tail fit without the pair itself */
} imi_likely_duplicate;

/** Number and array of likely duplicates, most alike first; owned by nonmated. */
const imi_likely_duplicate *imi_nonmated_duplicates(const imi_nonmated *nonmated, size_t *count);

/**
 * Scores of all comparisons, suspected mates too, in bins of equal width.
 *
 * Shape:   counts holds bins_max numbers, of which so many are filled as the function returns:
 *          0 for a kind that was not measured. The bins span *low_out to *high_out, which is
 *          little more than the scores do.
 */
size_t imi_nonmated_histogram(const imi_nonmated *nonmated, imi_score_kind kind, uint64_t *counts,
                              size_t bins_max, double *low_out, double *high_out);

/** Who a rate is about: "all", "birth decade 1950", "female", "male". */
enum { IMI_GROUP_NAME_SIZE = 48 };

typedef struct imi_nonmated_group {
    char name[IMI_GROUP_NAME_SIZE];
    uint64_t references, comparisons; /* comparisons within the group */
} imi_nonmated_group;

/** Groups; 0 is "all". Owned by nonmated; NULL past the end. */
const imi_nonmated_group *imi_nonmated_group_at(const imi_nonmated *nonmated, size_t number);

/** A rate with its 95 % interval, which knows that comparisons share subjects. */
typedef struct imi_rate {
    double rate, low, high;
    uint64_t events; /* comparisons at or above the threshold */
    bool extrapolated; /* from the fitted tail: too few events to count */
} imi_rate;

/** FMR of a group at a threshold. NaN for a kind that was not measured. */
imi_rate imi_nonmated_fmr(const imi_nonmated *nonmated, imi_score_kind kind, size_t group,
                          double threshold);
/**
 * Lowest threshold whose pooled FMR's upper limit is at most the target.
 *
 * Errors: IMI_E_CALIBRATION when the data are too few (rule of three); the message says how many
 *         comparisons and how many more enrolled people are missing.
 */
IMI_MUST_USE imi_status imi_nonmated_threshold(const imi_nonmated *nonmated, imi_score_kind kind,
                                               double target_fmr, double *threshold_out,
                                               imi_error *err);

/**
 * Append the calibration as JSON: a file that imi_scorer_parse reads, which also holds the
 * groups, intervals, tail parameters and score histograms that reports are made of.
 */
IMI_MUST_USE imi_status imi_nonmated_write(const imi_nonmated *nonmated, const char *calibration_id,
                                           int64_t made_ms, imi_buffer *json_out, imi_error *err);
/** Read it again. Errors: IMI_E_CALIBRATION. Duplicates are not in it. */
IMI_MUST_USE imi_status imi_nonmated_read(imi_view json, imi_nonmated **out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
