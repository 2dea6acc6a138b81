/**
 * How this person looks when they do nothing: learned from the first calm frontal frames, and
 * what every action is measured against.
 */
#ifndef IMI_LIVENESS_BASELINE_H
#define IMI_LIVENESS_BASELINE_H

#include "imi/planarity.h"
#include "limits.h"
#include "mean_mesh.h"
#include "sample.h"

typedef struct imi_liveness_baseline {
    bool known;
    imi_landmarks mesh; /* mean over the baseline's frames */
    imi_mesh_subset upper; /* of that mesh */
    float height; /* of the face, by the image's smaller side */
    float mouth;
    float eyes; /* mean of both, median over frames */
    float eye_noise; /* standard deviation as a share of eyes */
    /* while learning */
    uint32_t count;
    int64_t since_ms;
    imi_mean_mesh views;
    float mouths[LIMIT_BASELINE_FRAMES], eye_levels[LIMIT_BASELINE_FRAMES];
    float heights[LIMIT_BASELINE_FRAMES];
} imi_liveness_baseline;

void imi_liveness_baseline_reset(imi_liveness_baseline *baseline);
/** Learn from a sample; restarts by itself when the person moves. Returns whether it is known. */
bool imi_liveness_baseline_learn(imi_liveness_baseline *baseline,
                                 const imi_liveness_sample *sample);
/** Is the pose one that a baseline can be learned from? */
bool imi_liveness_is_frontal(const imi_liveness_sample *sample);

/** Read a sample against a known baseline. Returns false if it does not fit at all. */
bool imi_liveness_baseline_read(const imi_liveness_baseline *baseline,
                                const imi_liveness_sample *sample, imi_liveness_reading *out);
/** Does the reading show the person doing nothing? */
bool imi_liveness_is_neutral(const imi_liveness_baseline *baseline,
                             const imi_liveness_reading *reading);

#endif
