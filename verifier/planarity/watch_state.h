/** The watch's insides, shared with the program that measures them. */
#ifndef IMI_PLANARITY_WATCH_STATE_H
#define IMI_PLANARITY_WATCH_STATE_H

#include "evidence.h"
#include "face_view.h"
#include "imi/planarity.h"

/** A view that others are compared with. */
typedef struct imi_key_view {
    bool known;
    imi_face_view view;
} imi_key_view;

struct imi_planarity_watch {
    imi_key_view first; /* frontal */
    imi_key_view farthest; /* frontal; unknown while that is first */
    float farthest_scale; /* relative to first */
    imi_mesh_subset upper; /* of first */
    imi_solid_fit last[IMI_PAIR_KINDS]; /* pose of the latest view that counted as another */
    imi_pair_samples mesh[IMI_PAIR_KINDS];
    imi_pair_samples tracks[IMI_PAIR_KINDS];
};

#endif
