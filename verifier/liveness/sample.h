/**
 * One frame reduced to what the judge uses: checked, copied, and read against the baseline.
 */
#ifndef IMI_LIVENESS_SAMPLE_H
#define IMI_LIVENESS_SAMPLE_H

#include "imi/liveness.h"

/** A face in a frame. Every number is finite. */
typedef struct imi_liveness_sample {
    int64_t at_ms;
    float image_side_px; /* smaller side of the image */
    float wide, high; /* the image's width and height by that side */
    imi_oval face; /* from the top of the forehead to the chin */
    float inter_eye_px;
    float mouth; /* openness in inter-eye distances */
    float right_eye, left_eye; /* eye aspect ratios */
    imi_head_pose pose; /* absolute */
    bool whole; /* the upper face lies inside the image */
    bool fit; /* the engine had nothing against the frame */
    imi_landmarks landmarks;
} imi_liveness_sample;

/** Returns false, for "no face", unless everything about the face is present and finite. */
bool imi_liveness_sample_take(const imi_observation *observation, imi_liveness_sample *out);

/** A sample relative to the person's own baseline. */
typedef struct imi_liveness_reading {
    const imi_liveness_sample *sample; /* borrowed for the frame */
    float yaw_deg, pitch_deg; /* turn since the baseline */
    float scale; /* size relative to the baseline's */
    float shape; /* solid residual against the baseline */
    float height; /* of the face by the image's smaller side, a nod or an open mouth left out */
    float mouth; /* openness beyond the baseline's */
} imi_liveness_reading;

#endif
