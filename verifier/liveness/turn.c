#include "watch.h"

void imi_turn_watch_reset(imi_turn_watch *watch, float sign)
{
    *watch = (imi_turn_watch){.sign = sign};
}

imi_watch_answer imi_turn_watch_feed(imi_turn_watch *watch, const imi_liveness_baseline *baseline,
                                     const imi_liveness_reading *reading)
{
    if (!reading->sample->whole || !(watch->sign * reading->yaw_deg >= LIMIT_TURN_DEG)) {
        return IMI_WATCH_WAITING;
    }
    imi_liveness_evidence_add(&watch->evidence, reading->sample->at_ms, &baseline->mesh,
                              &reading->sample->landmarks, &baseline->upper);
    if (imi_liveness_evidence_is_turned_solid(&watch->evidence)) {
        return IMI_WATCH_DONE;
    }
    return imi_liveness_evidence_is_flat(&watch->evidence) ? IMI_WATCH_FLAT : IMI_WATCH_WAITING;
}
