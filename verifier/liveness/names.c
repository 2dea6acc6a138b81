#include "imi/liveness.h"

#include <string.h>

static const char *const action_names[IMI_ACTION_COUNT] = {
    [IMI_ACTION_NONE] = "none",
    [IMI_ACTION_NEAR_FAR] = "near_far",
    [IMI_ACTION_TURN_LEFT] = "turn_left",
    [IMI_ACTION_TURN_RIGHT] = "turn_right",
    [IMI_ACTION_OPEN_MOUTH] = "open_mouth",
    [IMI_ACTION_BLINK] = "blink",
    [IMI_ACTION_FOLLOW] = "follow",
    [IMI_ACTION_NOD] = "nod",
};

static const char *const guidance_names[IMI_GUIDANCE_COUNT] = {
    [IMI_GUIDANCE_NONE] = "none",
    [IMI_GUIDANCE_SHOW_FACE] = "show_face",
    [IMI_GUIDANCE_ONE_PERSON_ONLY] = "one_person_only",
    [IMI_GUIDANCE_MOVE_CLOSER] = "move_closer",
    [IMI_GUIDANCE_MOVE_AWAY] = "move_away",
    [IMI_GUIDANCE_CENTRE_FACE] = "centre_face",
    [IMI_GUIDANCE_LOOK_STRAIGHT] = "look_straight",
    [IMI_GUIDANCE_HOLD_STILL] = "hold_still",
    [IMI_GUIDANCE_MORE_LIGHT] = "more_light",
    [IMI_GUIDANCE_LESS_LIGHT] = "less_light",
    [IMI_GUIDANCE_EVEN_LIGHT] = "even_light",
    [IMI_GUIDANCE_UNCOVER_FACE] = "uncover_face",
    [IMI_GUIDANCE_TURN_LEFT] = "turn_left",
    [IMI_GUIDANCE_TURN_RIGHT] = "turn_right",
    [IMI_GUIDANCE_OPEN_MOUTH] = "open_mouth",
    [IMI_GUIDANCE_BLINK] = "blink",
    [IMI_GUIDANCE_BACK_TO_CENTRE] = "back_to_centre",
    [IMI_GUIDANCE_CLOSE_MOUTH] = "close_mouth",
    [IMI_GUIDANCE_DONE] = "done",
    [IMI_GUIDANCE_FIT_OVAL] = "fit_oval",
    [IMI_GUIDANCE_NOD] = "nod",
};

static const char *const reason_names[] = {
    [IMI_LIVENESS_OK] = "ok",
    [IMI_LIVENESS_INCOMPLETE] = "incomplete",
    [IMI_LIVENESS_TIMEOUT] = "timeout",
    [IMI_LIVENESS_FACE_LOST] = "face_lost",
    [IMI_LIVENESS_FACE_CHANGED] = "face_changed",
    [IMI_LIVENESS_FLAT] = "flat",
    [IMI_LIVENESS_WRONG_ACTION] = "wrong_action",
    [IMI_LIVENESS_STILL] = "still",
    [IMI_LIVENESS_TIME] = "time",
    [IMI_LIVENESS_PASSIVE] = "passive",
};

const char *imi_action_name(imi_action action)
{
    return (unsigned)action < IMI_ACTION_COUNT ? action_names[action] : NULL;
}

imi_action imi_action_of_name(const char *name)
{
    for (unsigned i = 1; name != NULL && i < IMI_ACTION_COUNT; i++) {
        if (strcmp(name, action_names[i]) == 0) {
            return (imi_action)i;
        }
    }
    return IMI_ACTION_NONE;
}

const char *imi_guidance_name(imi_guidance guidance)
{
    return (unsigned)guidance < IMI_GUIDANCE_COUNT ? guidance_names[guidance] : "unknown";
}

const char *imi_liveness_reason_name(imi_liveness_reason reason)
{
    size_t count = sizeof reason_names / sizeof reason_names[0];
    return (unsigned)reason < count ? reason_names[reason] : "unknown";
}
