#include "watch.h"

#include "guidance.h"
#include "oval.h"

void imi_watch_reset(imi_watch *watch, imi_action action, unsigned target)
{
    watch->action = action;
    switch (action) {
    case IMI_ACTION_NEAR_FAR:
        imi_near_far_watch_reset(&watch->near_far, target);
        break;
    case IMI_ACTION_TURN_LEFT:
        imi_turn_watch_reset(&watch->turn, 1);
        break;
    case IMI_ACTION_TURN_RIGHT:
        imi_turn_watch_reset(&watch->turn, -1);
        break;
    case IMI_ACTION_OPEN_MOUTH:
        imi_mouth_watch_reset(&watch->mouth);
        break;
    case IMI_ACTION_FOLLOW:
        imi_follow_watch_reset(&watch->follow, target);
        break;
    case IMI_ACTION_NOD:
        imi_nod_watch_reset(&watch->nod);
        break;
    default:
        imi_blink_watch_reset(&watch->blink);
        break;
    }
}

imi_watch_answer imi_watch_feed(imi_watch *watch, const imi_liveness_baseline *baseline,
                                const imi_liveness_reading *reading)
{
    switch (watch->action) {
    case IMI_ACTION_NEAR_FAR:
        return imi_near_far_watch_feed(&watch->near_far, baseline, reading);
    case IMI_ACTION_TURN_LEFT:
    case IMI_ACTION_TURN_RIGHT:
        return imi_turn_watch_feed(&watch->turn, baseline, reading);
    case IMI_ACTION_OPEN_MOUTH:
        return imi_mouth_watch_feed(&watch->mouth, reading);
    case IMI_ACTION_BLINK:
        return imi_blink_watch_feed(&watch->blink, baseline, reading);
    case IMI_ACTION_FOLLOW:
        return imi_follow_watch_feed(&watch->follow, baseline, reading);
    case IMI_ACTION_NOD:
        return imi_nod_watch_feed(&watch->nod, baseline, reading);
    default:
        return IMI_WATCH_WAITING;
    }
}

imi_guidance imi_watch_guide(const imi_watch *watch)
{
    switch (watch->action) {
    case IMI_ACTION_NEAR_FAR:
        return imi_near_far_watch_guide(&watch->near_far);
    case IMI_ACTION_FOLLOW:
        return imi_follow_watch_guide(&watch->follow);
    default:
        return imi_guidance_of_action(watch->action);
    }
}

bool imi_watch_target(const imi_watch *watch, const imi_liveness_baseline *baseline,
                      const imi_liveness_sample *picture, imi_oval *out)
{
    if (watch->action == IMI_ACTION_FOLLOW) {
        *out = imi_follow_watch_oval(&watch->follow, baseline->height, picture);
        return true;
    }
    const imi_near_far_watch *near = &watch->near_far;
    /* Who has to go back first would be led astray by an oval. */
    if (watch->action == IMI_ACTION_NEAR_FAR && near->target != IMI_TARGET_ANY &&
        near->far_scale > 0 && !near->too_near) {
        *out = imi_near_target_oval(near->target, &near->far, picture);
        return true;
    }
    return false;
}
