/**
 * Is it one face, in one place, in moving pictures? Continuity of place, size and shape from
 * frame to frame.
 */
#ifndef IMI_LIVENESS_TRACK_H
#define IMI_LIVENESS_TRACK_H

#include "sample.h"

typedef enum imi_track_state {
    IMI_TRACK_EMPTY = 0, /* no face so far */
    IMI_TRACK_ON, /* this frame continues the track */
    IMI_TRACK_GAP, /* not seen in this frame; may come back */
    IMI_TRACK_LOST, /* gone for too long, or jumped */
    IMI_TRACK_OTHER, /* another face took its place */
    IMI_TRACK_STILL /* the picture is frozen */
} imi_track_state;

typedef struct imi_liveness_track {
    bool seen;
    imi_liveness_sample last; /* the latest frame that continued the track */
    uint32_t outliers; /* frames in a row that did not */
    bool other_shape; /* the latest outlier was another face */
    uint32_t still_count;
    int64_t still_since_ms;
} imi_liveness_track;

void imi_liveness_track_reset(imi_liveness_track *track);
/** Take the face of a frame, NULL if there is none. */
imi_track_state imi_liveness_track_feed(imi_liveness_track *track, int64_t at_ms,
                                        const imi_liveness_sample *sample);

#endif
