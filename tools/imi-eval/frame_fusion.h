/**
 * One frame of a clip against several, joined: which frames, and how.
 */
#ifndef IMI_EVAL_FRAME_FUSION_H
#define IMI_EVAL_FRAME_FUSION_H

#include "side.h"

#include <stdbool.h>

/** A usable frame. */
typedef struct eval_frame {
    const imi_template *face_template;
    eval_measured measured;
    float quality;
} eval_frame;

/** A clip: probes are frames of its first half, references of its second. Borrowed. */
typedef struct eval_frame_pool {
    imi_subject_key subject;
    const eval_frame *probes;
    size_t probe_count;
    const eval_frame *references;
    size_t reference_count;
} eval_frame_pool;

/** A way to make a probe. */
typedef struct eval_fusion {
    const char *id; /* such as "random3_mean" */
    const char *text;
    size_t frames;
    bool best; /* the frames of the highest quality, not random ones */
    bool averaged; /* one averaged template, not the mean of the scores */
} eval_fusion;

enum { EVAL_FUSIONS = 10, EVAL_FUSION_FRAMES_MAX = 5, EVAL_FUSION_THRESHOLDS = 2 };

/** The first is a single random frame. */
extern const eval_fusion eval_fusions[EVAL_FUSIONS];

/** By what is compared. Borrowed. */
typedef struct eval_fusion_scoring {
    const imi_scorer *scorer;
    const imi_cohort *cohort; /* NULL: raw scores */
    float thresholds[EVAL_FUSION_THRESHOLDS];
} eval_fusion_scoring;

/** Scores of one clip by one way; NaN where the clip has too few frames or no other person. */
typedef struct eval_fusion_figures {
    size_t mated, non_mated;
    double mated_mean, non_mated_mean;
    double mated_lowest, non_mated_highest;
    double d_prime; /* distance of the means over the root mean square deviation */
    double fnmr[EVAL_FUSION_THRESHOLDS], fmr[EVAL_FUSION_THRESHOLDS];
} eval_fusion_figures;

/**
 * Measure one clip by all ways, over draws of probe frames and of a reference frame: one of its
 * own, and one of each clip of another person. All ways see the same draws, and a draw of three
 * frames holds that of one.
 *
 * Shape:  out holds EVAL_FUSIONS; clip is a number below count.
 * Errors: IMI_E_INVALID_ARGUMENT when the clip has no probe or no reference; those of the
 *         comparison.
 */
IMI_MUST_USE imi_status eval_fusion_measure(const eval_fusion_scoring *by,
                                            const eval_frame_pool *pools, size_t count, size_t clip,
                                            size_t draws, eval_fusion_figures *out, imi_error *err);

#endif
