/**
 * The rule of near_far before there were means: each near view against the farthest one, medians
 * of what they say, and each limit alone. Kept for comparison with the judge's.
 */
#ifndef IMI_TESTS_SINGLE_FRAMES_H
#define IMI_TESTS_SINGLE_FRAMES_H

#include "baseline.h"
#include "evidence.h"

/** While one oval is asked for; begins as zero. */
typedef struct single_frames {
    float far_scale;
    imi_landmarks far;
    imi_liveness_evidence evidence;
} single_frames;

/** Whether the frames so far are a solid's that came nearer. Frames that the judge's rule leaves
 * out are left out. */
bool single_frames_feed(single_frames *self, const imi_liveness_baseline *baseline,
                        const imi_liveness_reading *reading);

#endif
