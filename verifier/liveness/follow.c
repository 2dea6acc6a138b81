#include "oval.h"
#include "watch.h"

#include <math.h>

void imi_follow_watch_reset(imi_follow_watch *watch, unsigned target)
{
    *watch = (imi_follow_watch){.target = target};
}

/* How much larger than its oval the face is, as a natural logarithm. */
static float size_of(const imi_follow_watch *watch, const imi_liveness_baseline *baseline,
                     const imi_liveness_reading *reading)
{
    imi_oval oval = imi_follow_target_oval(watch->target, baseline->height, reading->sample);
    return logf(reading->height / oval.height);
}

static bool is_facing(const imi_liveness_reading *reading)
{
    return reading->sample->whole && fabsf(reading->yaw_deg) <= LIMIT_FOLLOW_TURN_DEG &&
           fabsf(reading->pitch_deg) <= LIMIT_FOLLOW_TURN_DEG;
}

/* Note in which oval the face is, since when, and whether it fills the one asked for. */
static void note_place(imi_follow_watch *watch, const imi_liveness_reading *reading, unsigned place)
{
    if (!watch->seen) {
        watch->seen = true;
        watch->rest = place;
    }
    if (watch->frames == 0 || place != watch->place) {
        watch->place = place;
        watch->since_ms = reading->sample->at_ms;
        watch->frames = 0;
    }
    watch->frames++;
    bool fits = place == watch->target && fabsf(watch->size) <= LIMIT_FOLLOW_SIZE;
    watch->fit_frames = fits ? watch->fit_frames + 1 : 0;
}

imi_watch_answer imi_follow_watch_feed(imi_follow_watch *watch,
                                       const imi_liveness_baseline *baseline,
                                       const imi_liveness_reading *reading)
{
    imi_oval oval = imi_follow_target_oval(watch->target, baseline->height, reading->sample);
    watch->size = size_of(watch, baseline, reading);
    watch->came = watch->came || imi_oval_distance(&oval, reading->sample) > LIMIT_FOLLOW_AWAY;
    note_place(watch, reading, is_facing(reading) ? imi_follow_target_at(reading->sample) : 0);
    bool held = watch->frames >= LIMIT_FOLLOW_FRAMES &&
                reading->sample->at_ms - watch->since_ms >= LIMIT_FOLLOW_HOLD_MS;
    if (!held || watch->place == 0 || !watch->came) {
        return IMI_WATCH_WAITING;
    }
    if (watch->place == watch->target) {
        return watch->fit_frames >= LIMIT_FOLLOW_FRAMES ? IMI_WATCH_DONE : IMI_WATCH_WAITING;
    }
    if (watch->place == watch->rest) {
        return IMI_WATCH_WAITING; /* nobody brought the face there */
    }
    watch->rest = watch->place; /* one error a visit */
    return IMI_WATCH_WRONG;
}

imi_oval imi_follow_watch_oval(const imi_follow_watch *watch, float height,
                               const imi_liveness_sample *picture)
{
    /* Whoever is at the oval already has to come to it from elsewhere, so is led away first. */
    bool leads_away = watch->seen && !watch->came;
    return leads_away ? imi_middle_oval(height, picture)
                      : imi_follow_target_oval(watch->target, height, picture);
}

imi_guidance imi_follow_watch_guide(const imi_follow_watch *watch)
{
    if (!watch->came) {
        return IMI_GUIDANCE_CENTRE_FACE;
    }
    if (watch->place != watch->target || fabsf(watch->size) <= LIMIT_FOLLOW_SIZE) {
        return IMI_GUIDANCE_FIT_OVAL;
    }
    return watch->size > 0 ? IMI_GUIDANCE_MOVE_AWAY : IMI_GUIDANCE_MOVE_CLOSER;
}
