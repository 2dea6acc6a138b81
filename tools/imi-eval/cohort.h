/**
 * A cohort from a manifest's photos, and evaluated images measured against it.
 */
#ifndef IMI_EVAL_COHORT_H
#define IMI_EVAL_COHORT_H

#include "gather.h"
#include "side.h"

typedef struct eval_cohort_options {
    const char *manifest; /* set,subject,file,liveness; others ignored */
    const char *root; /* of its files */
    eval_gather_options gather; /* whose root is that of the evaluated images */
} eval_cohort_options;

typedef struct eval_cohort {
    const imi_scorer *scorer; /* borrowed */
    imi_cohort *cohort;
    const eval_sample *samples; /* evaluated images; borrowed */
    eval_measured *measured; /* one a sample */
    size_t count;
} eval_cohort;

/**
 * Make the cohort and measure the evaluated images.
 *
 * One template a subject: of its first photo that gives one; photos whose liveness says spoof are
 * not of anybody. Photos that are evaluated as well (same root, same file) are not analysed again.
 * The subject of an evaluated image is the one that the manifest names for it, or else its
 * folders: "set/subject/file".
 * Errors: IMI_E_CALIBRATION if too few people remain, saying how many are missing.
 */
IMI_MUST_USE imi_status eval_cohort_load(const eval_cohort_options *options,
                                         const imi_scorer *scorer, const eval_sample *samples,
                                         size_t count, eval_cohort *out, imi_error *err);
/**
 * Whether a manifest names enough people, before any photo is analysed.
 * Errors: IMI_E_CALIBRATION, saying how many are missing.
 */
IMI_MUST_USE imi_status eval_cohort_check(const eval_cohort_options *options, imi_error *err);
void eval_cohort_clean_up(eval_cohort *cohort);

/**
 * Compare two of the evaluated images, by their numbers; neither person is in the cohort then.
 * Both must have a template.
 */
IMI_MUST_USE imi_status eval_cohort_compare(const eval_cohort *cohort, size_t a, size_t b,
                                            imi_comparison *out, imi_error *err);

#endif
