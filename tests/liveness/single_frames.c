#include "single_frames.h"

#include <math.h>

/* What single frames had to say, where means say less each and more together. */
static const float SOLIDITY = 1.3F;
static const float DEPTH = 0.016F;

static bool is_solid(const imi_liveness_evidence *evidence)
{
    imi_liveness_finding finding = imi_liveness_evidence_weigh(evidence, IMI_EVIDENCE_FRAMES);
    return finding.frames >= LIMIT_NEAR_FRAMES && finding.plane >= LIMIT_NEAR_PLANE &&
           finding.solidity >= SOLIDITY && finding.depth >= DEPTH;
}

bool single_frames_feed(single_frames *self, const imi_liveness_baseline *baseline,
                        const imi_liveness_reading *reading)
{
    const imi_liveness_sample *sample = reading->sample;
    if (!sample->whole || !(fabsf(reading->yaw_deg) <= LIMIT_NEAR_YAW_DEG) ||
        !(fabsf(reading->pitch_deg) <= LIMIT_NEAR_PITCH_DEG)) {
        return false;
    }
    if (!(self->far_scale > 0) || reading->scale < self->far_scale) {
        *self = (single_frames){.far_scale = reading->scale, .far = sample->landmarks};
    }
    if (!(reading->scale >= LIMIT_NEAR_SCALE * self->far_scale)) {
        return false;
    }
    imi_liveness_evidence_add(&self->evidence, sample->at_ms, &self->far, &sample->landmarks,
                              &baseline->upper);
    return is_solid(&self->evidence);
}
