/* Scripts for people who cannot do everything. */
#include "script.h"

#define BIT(action) (1U << IMI_ACTION_##action)

/* What stands in for an action: nothing harder for the person, and nothing that tells less where
 * there is a choice. The neck's actions stand in for each other, as one of them may hurt less. */
static const uint32_t stand_ins[IMI_ACTION_COUNT] = {
    [IMI_ACTION_NEAR_FAR] = BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD) | BIT(FOLLOW),
    [IMI_ACTION_TURN_LEFT] = BIT(NOD) | BIT(FOLLOW),
    [IMI_ACTION_TURN_RIGHT] = BIT(NOD) | BIT(FOLLOW),
    [IMI_ACTION_OPEN_MOUTH] = BIT(BLINK) | BIT(FOLLOW),
    [IMI_ACTION_BLINK] = BIT(OPEN_MOUTH) | BIT(FOLLOW),
    [IMI_ACTION_FOLLOW] = BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD),
    [IMI_ACTION_NOD] = BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(FOLLOW),
};

static uint32_t replace(uint32_t allowed, uint32_t cannot)
{
    uint32_t mask = allowed;
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        if ((allowed & cannot & 1U << action) != 0) {
            mask |= stand_ins[action];
        }
    }
    return mask & ~cannot;
}

static bool tells_solid(uint32_t mask)
{
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        if ((mask & 1U << action) != 0 && imi_script_tells_solid((imi_action)action)) {
            return true;
        }
    }
    return false;
}

/* Longer scripts, until there are enough of them. Returns whether there are. */
static bool lengthen(imi_challenge_rules *rules, uint64_t least)
{
    if (rules->count_max == 0) {
        rules->count_max = rules->count;
    }
    while (imi_challenge_space(rules) < least && rules->count_max < IMI_CHALLENGE_ACTIONS_MAX) {
        rules->count_max++;
        rules->count++;
    }
    return imi_challenge_space(rules) >= least;
}

imi_status imi_challenge_rules_without(const imi_challenge_rules *rules, uint32_t cannot_mask,
                                       imi_challenge_rules *out, imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no place for the rules");
    }
    *out = (imi_challenge_rules){0};
    uint64_t space = imi_challenge_space(rules);
    if (space == 0 || (cannot_mask & ~((1U << IMI_ACTION_COUNT) - 2)) != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the rules allow no script, or an action is unknown");
    }
    imi_challenge_rules adapted = *rules;
    adapted.allowed_mask = replace(rules->allowed_mask, cannot_mask);
    adapted.near_far_required = rules->near_far_required && (cannot_mask & BIT(NEAR_FAR)) == 0;
    adapted.solid_required = rules->solid_required || rules->near_far_required;
    bool solid = tells_solid(adapted.allowed_mask) || !tells_solid(rules->allowed_mask);
    uint64_t least = space < IMI_CHALLENGE_SPACE_MIN ? space : IMI_CHALLENGE_SPACE_MIN;
    if (cannot_mask != 0 && !(solid && lengthen(&adapted, least))) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "too little is left to ask for: a case for staff");
    }
    *out = cannot_mask == 0 ? *rules : adapted;
    return IMI_OK;
}
