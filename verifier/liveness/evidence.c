#include "evidence.h"

#include "limits.h"

#include "imi/median.h"

#include <math.h>

void imi_liveness_evidence_reset(imi_liveness_evidence *evidence)
{
    *evidence = (imi_liveness_evidence){0};
}

void imi_liveness_evidence_add(imi_liveness_evidence *evidence, int64_t at_ms,
                               const imi_landmarks *from, const imi_landmarks *to,
                               const imi_mesh_subset *subset)
{
    imi_view_change change = imi_mesh_compare_views(from, to, subset);
    float solidity = change.plane.residual / change.solid.residual;
    if (!isfinite(solidity) || !isfinite(change.plane.depth_gain)) {
        return;
    }
    uint32_t slot = evidence->count % IMI_EVIDENCE_FRAMES;
    evidence->plane[slot] = change.plane.residual;
    evidence->solidity[slot] = solidity;
    evidence->depth[slot] = change.plane.depth_gain;
    evidence->since_ms = evidence->count == 0 ? at_ms : evidence->since_ms;
    evidence->until_ms = at_ms;
    evidence->count++;
}

/* Median of the latest n values of a ring. */
static float latest_median(const float *ring, uint32_t count, uint32_t n)
{
    float sorted[IMI_EVIDENCE_FRAMES];
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = ring[(count - 1 - i) % IMI_EVIDENCE_FRAMES];
    }
    return imi_take_median(sorted, n);
}

imi_liveness_finding imi_liveness_evidence_weigh(const imi_liveness_evidence *evidence,
                                                 uint32_t latest)
{
    uint32_t n = evidence->count < IMI_EVIDENCE_FRAMES ? evidence->count : IMI_EVIDENCE_FRAMES;
    n = n < latest ? n : latest;
    imi_liveness_finding finding = {n, NAN, NAN, NAN, 0};
    if (n > 0) {
        finding.plane = latest_median(evidence->plane, evidence->count, n);
        finding.solidity = latest_median(evidence->solidity, evidence->count, n);
        finding.depth = latest_median(evidence->depth, evidence->count, n);
        finding.span_ms = evidence->until_ms - evidence->since_ms;
    }
    return finding;
}

static bool is_no_plane(const imi_liveness_evidence *evidence, uint32_t latest, float solidity)
{
    imi_liveness_finding finding = imi_liveness_evidence_weigh(evidence, latest);
    return finding.frames >= latest && finding.plane >= LIMIT_TURN_PLANE &&
           finding.solidity >= solidity;
}

bool imi_liveness_evidence_is_turned_solid(const imi_liveness_evidence *evidence)
{
    return is_no_plane(evidence, LIMIT_TURN_FRAMES, LIMIT_TURN_SOLIDITY) ||
           is_no_plane(evidence, IMI_EVIDENCE_FRAMES, LIMIT_TURN_SOLIDITY_LONG);
}

bool imi_liveness_evidence_is_flat(const imi_liveness_evidence *evidence)
{
    imi_liveness_finding all = imi_liveness_evidence_weigh(evidence, IMI_EVIDENCE_FRAMES);
    return all.frames == IMI_EVIDENCE_FRAMES && all.span_ms >= LIMIT_FLAT_MS &&
           all.solidity <= LIMIT_FLAT_SOLIDITY;
}
