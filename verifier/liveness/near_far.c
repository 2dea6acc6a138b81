#include "watch.h"

#include <math.h>

void imi_near_far_watch_reset(imi_near_far_watch *watch)
{
    *watch = (imi_near_far_watch){0};
}

/* Keep the farthest view: what the near ones are compared with. */
static void remember_far(imi_near_far_watch *watch, const imi_liveness_reading *reading)
{
    if (watch->far_scale > 0 && reading->scale >= watch->far_scale) {
        return;
    }
    watch->far_scale = reading->scale;
    watch->far_mesh = reading->sample->landmarks;
    watch->far_inter_eye_px = reading->sample->inter_eye_px;
    watch->too_near =
        !(watch->far_inter_eye_px <= LIMIT_NEAR_START_SHARE * reading->sample->image_side_px);
    imi_liveness_evidence_reset(&watch->evidence);
}

imi_watch_answer imi_near_far_watch_feed(imi_near_far_watch *watch,
                                         const imi_liveness_baseline *baseline,
                                         const imi_liveness_reading *reading)
{
    if (!reading->sample->whole || !(fabsf(reading->yaw_deg) <= LIMIT_NEAR_YAW_DEG) ||
        !(fabsf(reading->pitch_deg) <= LIMIT_NEAR_PITCH_DEG)) {
        return IMI_WATCH_WAITING;
    }
    remember_far(watch, reading);
    if (!(reading->scale >= LIMIT_NEAR_SCALE * watch->far_scale)) {
        return IMI_WATCH_WAITING;
    }
    imi_liveness_evidence_add(&watch->evidence, reading->sample->at_ms, &watch->far_mesh,
                              &reading->sample->landmarks, &baseline->upper);
    imi_liveness_finding finding =
        imi_liveness_evidence_weigh(&watch->evidence, IMI_EVIDENCE_FRAMES);
    if (finding.frames >= LIMIT_NEAR_FRAMES && finding.plane >= LIMIT_NEAR_PLANE &&
        finding.solidity >= LIMIT_NEAR_SOLIDITY && finding.depth >= LIMIT_NEAR_DEPTH) {
        return IMI_WATCH_DONE;
    }
    return imi_liveness_evidence_is_flat(&watch->evidence) ? IMI_WATCH_FLAT : IMI_WATCH_WAITING;
}
