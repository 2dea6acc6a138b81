/**
 * Noise of the pictures. That of a sensor is new in every frame; noise that stays in place while
 * the picture moves beneath it was laid over a recording.
 */
#ifndef IMI_STREAM_NOISE_H
#define IMI_STREAM_NOISE_H

#include "limits.h"
#include "signature.h"

typedef struct imi_noise_watch {
    uint32_t count;
    imi_thumb thumb[LIMIT_GRAIN_KEPT]; /* ring */
    imi_grain grain[LIMIT_GRAIN_KEPT];
    uint32_t moved_pairs; /* comparisons of places where the picture had moved */
    double moved_sum; /* of their correlations */
    uint32_t resting_pairs; /* comparisons of places where it had not */
    double resting_sum;
} imi_noise_watch;

void imi_noise_watch_feed(imi_noise_watch *watch, const imi_signature *signature);
/** Correlation of two pictures' grain. False where there are too few samples, or hardly any noise.
 */
bool imi_grain_correlate(const imi_grain *a, const imi_grain *b, double *out);
/** How much of the noise stays in place, -1 to 1; NaN if too little has moved to tell. */
float imi_noise_watch_constant(const imi_noise_watch *watch);
/** How much of the finest detail is new from frame to frame where nothing moves, 0 to 1; NaN if
 * everything moves. */
float imi_noise_watch_fresh(const imi_noise_watch *watch);

#endif
