/**
 * Frames in which the face has moved far enough to tell a solid from a plane, and what they
 * say together. Medians, so that one poor frame decides nothing.
 */
#ifndef IMI_LIVENESS_EVIDENCE_H
#define IMI_LIVENESS_EVIDENCE_H

#include "imi/planarity.h"

enum { IMI_EVIDENCE_FRAMES = 15 };

typedef struct imi_liveness_evidence {
    uint32_t count; /* of frames ever added */
    int64_t since_ms, until_ms;
    float plane[IMI_EVIDENCE_FRAMES];
    float solidity[IMI_EVIDENCE_FRAMES];
    float depth[IMI_EVIDENCE_FRAMES];
} imi_liveness_evidence;

/** What the latest frames say: medians, NaN without frames. */
typedef struct imi_liveness_finding {
    uint32_t frames;
    float plane; /* residual that no plane explains */
    float solidity; /* that, by the residual that no solid explains: above 1, solid wins */
    float depth; /* growth of near points beyond far ones */
    int64_t span_ms;
} imi_liveness_finding;

void imi_liveness_evidence_reset(imi_liveness_evidence *evidence);
/** Compare a frame with the view that it came from. Frames that fit nothing are left out. */
void imi_liveness_evidence_add(imi_liveness_evidence *evidence, int64_t at_ms,
                               const imi_landmarks *from, const imi_landmarks *to,
                               const imi_mesh_subset *subset);
/** Medians over at most `latest` frames. */
imi_liveness_finding imi_liveness_evidence_weigh(const imi_liveness_evidence *evidence,
                                                 uint32_t latest);
/** A solid that turned: the latest frames are no plane's. */
bool imi_liveness_evidence_is_turned_solid(const imi_liveness_evidence *evidence);
/** A plane beyond doubt: enough frames over enough time, far from any live face. */
bool imi_liveness_evidence_is_flat(const imi_liveness_evidence *evidence);

#endif
