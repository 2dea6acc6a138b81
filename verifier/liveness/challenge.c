/* Scripts of actions: how many there are, drawing one uniformly, and their text form. */
#include "imi/bytes.h"
#include "imi/liveness.h"

#include <stdio.h>
#include <string.h>

static bool is_allowed(const imi_challenge_rules *rules, unsigned action)
{
    return (rules->allowed_mask >> action & 1U) != 0;
}

static bool rules_are_valid(const imi_challenge_rules *rules)
{
    uint32_t known = (1U << IMI_ACTION_COUNT) - 2; /* every action but NONE */
    return rules != NULL && rules->count >= 2 && rules->count <= IMI_CHALLENGE_ACTIONS_MAX &&
           (rules->allowed_mask & ~known) == 0 && __builtin_popcount(rules->allowed_mask) >= 2;
}

/*
 * Number of ways to finish a script of which the last action and whether NEAR_FAR came are
 * known and `left` actions remain. At most 5^6 ways, so plain recursion will do.
 */
static uint64_t count_endings(const imi_challenge_rules *rules, unsigned last, bool satisfied,
                              uint32_t left)
{
    if (left == 0) {
        return satisfied ? 1 : 0;
    }
    uint64_t ways = 0;
    for (unsigned next = 1; next < IMI_ACTION_COUNT; next++) {
        if (is_allowed(rules, next) && next != last) {
            ways += count_endings(rules, next, satisfied || next == IMI_ACTION_NEAR_FAR, left - 1);
        }
    }
    return ways;
}

uint64_t imi_challenge_space(const imi_challenge_rules *rules)
{
    if (!rules_are_valid(rules)) {
        return 0;
    }
    return count_endings(rules, IMI_ACTION_NONE, !rules->near_far_required, rules->count);
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

/* The script with the given rank in lexicographic order. */
static void unrank(const imi_challenge_rules *rules, uint64_t rank, imi_challenge *out)
{
    bool satisfied = !rules->near_far_required;
    unsigned last = IMI_ACTION_NONE;
    out->count = rules->count;
    for (uint32_t i = 0; i < rules->count; i++) {
        for (unsigned next = 1; next < IMI_ACTION_COUNT; next++) {
            if (!is_allowed(rules, next) || next == last) {
                continue;
            }
            bool after = satisfied || next == IMI_ACTION_NEAR_FAR;
            uint64_t ways = count_endings(rules, next, after, rules->count - i - 1);
            if (rank < ways) {
                out->actions[i] = (imi_action)next;
                satisfied = after;
                last = next;
                break;
            }
            rank -= ways;
        }
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

void imi_challenge_format(const imi_challenge *challenge, char out[IMI_CHALLENGE_TEXT_SIZE])
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < challenge->count && i < IMI_CHALLENGE_ACTIONS_MAX; i++) {
        const char *name = imi_action_name(challenge->actions[i]);
        int size = snprintf(out + used, IMI_CHALLENGE_TEXT_SIZE - used, "%s%s", i == 0 ? "" : ",",
                            name == NULL ? "none" : name);
        used += (size_t)size;
    }
}

/* Parse the name text[0..size) as the next action. */
static imi_status append_action(const char *text, size_t size, imi_challenge *out, imi_error *err)
{
    char name[IMI_CHALLENGE_TEXT_SIZE];
    if (out->count == IMI_CHALLENGE_ACTIONS_MAX || size >= sizeof name) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a challenge has at most %d actions",
                 IMI_CHALLENGE_ACTIONS_MAX);
    }
    imi_copy(name, text, size);
    name[size] = '\0';
    imi_action action = imi_action_of_name(name);
    if (action == IMI_ACTION_NONE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "'%s' is no action of a challenge", name);
    }
    if (out->count > 0 && out->actions[out->count - 1] == action) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "'%s' comes twice in a row", name);
    }
    out->actions[out->count++] = action;
    return IMI_OK;
}

imi_status imi_challenge_parse(const char *text, imi_challenge *out, imi_error *err)
{
    if (text == NULL || out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no challenge text");
    }
    *out = (imi_challenge){0};
    imi_challenge parsed = {0};
    for (const char *at = text;;) {
        size_t size = strcspn(at, ",");
        IMI_TRY(append_action(at, size, &parsed, err));
        if (at[size] == '\0') {
            break;
        }
        at += size + 1;
    }
    *out = parsed;
    return IMI_OK;
}
