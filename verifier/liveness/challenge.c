/* Which scripts the rules allow: how many there are, and drawing one uniformly. */
#include "imi/bytes.h"
#include "script.h"

static bool is_allowed(const imi_challenge_rules *rules, unsigned action)
{
    return (rules->allowed_mask >> action & 1U) != 0;
}

static uint32_t longest(const imi_challenge_rules *rules)
{
    return rules->count_max == 0 ? rules->count : rules->count_max;
}

static bool rules_are_valid(const imi_challenge_rules *rules)
{
    uint32_t known = (1U << IMI_ACTION_COUNT) - 2; /* every action but NONE */
    return rules != NULL && rules->count >= 2 && longest(rules) >= rules->count &&
           longest(rules) <= IMI_CHALLENGE_ACTIONS_MAX && (rules->allowed_mask & ~known) == 0 &&
           __builtin_popcount(rules->allowed_mask) >= 2;
}

/* Ovals that an action may aim at: first, first + 1, ... */
static unsigned count_targets(const imi_challenge_rules *rules, unsigned action)
{
    bool near = action == IMI_ACTION_NEAR_FAR && rules->near_targets;
    return near ? IMI_NEAR_TARGETS : action == IMI_ACTION_FOLLOW ? IMI_FOLLOW_TARGETS : 1;
}

static unsigned first_target(const imi_challenge_rules *rules, unsigned action)
{
    return count_targets(rules, action) > 1 ? 1 : IMI_TARGET_ANY;
}

/* Does this action give a script what the rules require of it? */
static bool satisfies(const imi_challenge_rules *rules, unsigned action)
{
    if (rules->near_far_required) {
        return action == IMI_ACTION_NEAR_FAR;
    }
    return rules->solid_required && imi_script_tells_solid((imi_action)action);
}

/*
 * Number of ways to finish a script with so many steps left, by whether it holds already what
 * is required, and by its last action.
 */
typedef struct endings {
    uint64_t ways[IMI_CHALLENGE_ACTIONS_MAX + 1][2][IMI_ACTION_COUNT];
} endings;

static uint64_t count_endings(const imi_challenge_rules *rules, const endings *known, uint32_t left,
                              bool satisfied, unsigned last)
{
    if (left == 0) {
        return satisfied ? 1 : 0;
    }
    uint64_t ways = 0;
    for (unsigned next = 1; next < IMI_ACTION_COUNT; next++) {
        if (is_allowed(rules, next) && next != last) {
            bool after = satisfied || satisfies(rules, next);
            ways += count_targets(rules, next) * known->ways[left - 1][after][next];
        }
    }
    return ways;
}

static void count_all_endings(const imi_challenge_rules *rules, endings *out)
{
    for (uint32_t left = 0; left <= longest(rules); left++) {
        for (unsigned last = 0; last < IMI_ACTION_COUNT; last++) {
            out->ways[left][false][last] = count_endings(rules, out, left, false, last);
            out->ways[left][true][last] = count_endings(rules, out, left, true, last);
        }
    }
}

static bool is_satisfied_at_first(const imi_challenge_rules *rules)
{
    return !rules->near_far_required && !rules->solid_required;
}

static uint64_t count_of_length(const imi_challenge_rules *rules, const endings *all,
                                uint32_t length)
{
    return all->ways[length][is_satisfied_at_first(rules)][IMI_ACTION_NONE];
}

uint64_t imi_challenge_space(const imi_challenge_rules *rules)
{
    if (!rules_are_valid(rules)) {
        return 0;
    }
    endings all;
    count_all_endings(rules, &all);
    uint64_t space = 0;
    for (uint32_t length = rules->count; length <= longest(rules); length++) {
        space += count_of_length(rules, &all, length);
    }
    return space;
}

/* A uniform number below limit: draws that would favour small numbers are thrown away. */
static imi_status draw_below(uint64_t limit, uint64_t *out, imi_error *err)
{
    uint64_t usable = UINT64_MAX - UINT64_MAX % limit;
    uint64_t number = 0;
    do {
        IMI_TRY(imi_random((uint8_t *)&number, sizeof number, err));
    } while (number >= usable);
    *out = number % limit;
    return IMI_OK;
}

/* Of the scripts that begin as out does, take the step of the one with this rank among them. */
static uint64_t unrank_step(const imi_challenge_rules *rules, const endings *all, uint32_t left,
                            uint64_t rank, bool *satisfied, imi_challenge *out)
{
    unsigned last = out->count == 0 ? IMI_ACTION_NONE : out->actions[out->count - 1];
    for (unsigned next = 1; next < IMI_ACTION_COUNT; next++) {
        bool after = *satisfied || satisfies(rules, next);
        uint64_t ways = all->ways[left - 1][after][next];
        uint64_t block = ways * count_targets(rules, next);
        if (!is_allowed(rules, next) || next == last) {
            continue;
        }
        if (rank < block) {
            out->targets[out->count] = (uint8_t)(first_target(rules, next) + rank / ways);
            out->actions[out->count++] = (imi_action)next;
            *satisfied = after;
            return rank % ways;
        }
        rank -= block;
    }
    return rank; /* not reached: the rank is below the number of scripts */
}

/* The script with the given rank: by length, then in lexicographic order. */
static void unrank(const imi_challenge_rules *rules, uint64_t rank, imi_challenge *out)
{
    endings all;
    count_all_endings(rules, &all);
    uint32_t length = rules->count;
    while (rank >= count_of_length(rules, &all, length)) {
        rank -= count_of_length(rules, &all, length++);
    }
    bool satisfied = is_satisfied_at_first(rules);
    for (uint32_t left = length; left > 0; left--) {
        rank = unrank_step(rules, &all, left, rank, &satisfied, out);
    }
}

imi_status imi_challenge_draw(const imi_challenge_rules *rules, imi_challenge *out, imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no place for the challenge");
    }
    *out = (imi_challenge){0};
    uint64_t space = imi_challenge_space(rules);
    if (space == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "the rules allow no script: two known actions and a count of 2 to %d are needed",
                 IMI_CHALLENGE_ACTIONS_MAX);
    }
    uint64_t rank = 0;
    IMI_TRY(draw_below(space, &rank, err));
    unrank(rules, rank, out);
    return IMI_OK;
}
