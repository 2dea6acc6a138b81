#include "watch.h"

#include <math.h>

void imi_nod_watch_reset(imi_nod_watch *watch)
{
    *watch = (imi_nod_watch){0};
}

imi_watch_answer imi_nod_watch_feed(imi_nod_watch *watch, const imi_liveness_baseline *baseline,
                                    const imi_liveness_reading *reading)
{
    /* Whoever comes back from near by the phone looks lowered or raised until then. */
    if (!watch->begun || fabsf(reading->pitch_deg) < fabsf(watch->start_deg)) {
        watch->begun = true;
        watch->start_deg = reading->pitch_deg;
    }
    float moved_deg = fabsf(reading->pitch_deg - watch->start_deg);
    /* Who began at an oval beside the middle ends where it is natural to look from. */
    if (watch->there && fminf(moved_deg, fabsf(reading->pitch_deg)) <= LIMIT_NOD_BACK_DEG) {
        return IMI_WATCH_DONE;
    }
    if (!reading->sample->whole || !(moved_deg >= LIMIT_NOD_DEG) ||
        !(fabsf(reading->pitch_deg) >= LIMIT_NOD_DEG)) {
        return IMI_WATCH_WAITING;
    }
    imi_liveness_evidence_add(&watch->evidence, reading->sample->at_ms, &baseline->mesh,
                              &reading->sample->landmarks, &baseline->upper);
    watch->there = watch->there || imi_liveness_evidence_is_turned_solid(&watch->evidence);
    return imi_liveness_evidence_is_flat(&watch->evidence) ? IMI_WATCH_FLAT : IMI_WATCH_WAITING;
}
