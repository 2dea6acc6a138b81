/* Scripts of actions as text, and what a step of them may be. */
#include "script.h"

#include "imi/bytes.h"

#include <stdio.h>
#include <string.h>

bool imi_script_step_is_valid(imi_action action, unsigned target)
{
    switch (action) {
    case IMI_ACTION_NEAR_FAR:
        return target <= IMI_NEAR_TARGETS;
    case IMI_ACTION_FOLLOW:
        return target >= 1 && target <= IMI_FOLLOW_TARGETS;
    default:
        return target == IMI_TARGET_ANY && action > IMI_ACTION_NONE && action < IMI_ACTION_COUNT;
    }
}

bool imi_script_tells_solid(imi_action action)
{
    return action == IMI_ACTION_NEAR_FAR || action == IMI_ACTION_TURN_LEFT ||
           action == IMI_ACTION_TURN_RIGHT || action == IMI_ACTION_NOD;
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
        if (challenge->targets[i] != IMI_TARGET_ANY) {
            size = snprintf(out + used, IMI_CHALLENGE_TEXT_SIZE - used, "@%u",
                            (unsigned)challenge->targets[i]);
            used += (size_t)size;
        }
    }
}

/* Cut "@5" off the end of a name; targets are one digit. Returns the target, ANY without one. */
static unsigned cut_target(char *name)
{
    char *at = strchr(name, '@');
    if (at == NULL || at[1] < '1' || at[1] > '9' || at[2] != '\0') {
        return IMI_TARGET_ANY;
    }
    *at = '\0';
    return (unsigned)(at[1] - '0');
}

/* Parse the step text[0..size) as the next one. */
static imi_status append_step(const char *text, size_t size, imi_challenge *out, imi_error *err)
{
    char name[IMI_CHALLENGE_TEXT_SIZE];
    if (out->count == IMI_CHALLENGE_ACTIONS_MAX || size >= sizeof name) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a challenge has at most %d actions",
                 IMI_CHALLENGE_ACTIONS_MAX);
    }
    imi_copy(name, text, size);
    name[size] = '\0';
    unsigned target = cut_target(name);
    imi_action action = imi_action_of_name(name);
    if (!imi_script_step_is_valid(action, target)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "'%.*s' is no action of a challenge", (int)size,
                 text);
    }
    if (out->count > 0 && out->actions[out->count - 1] == action) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "'%s' comes twice in a row", name);
    }
    out->targets[out->count] = (uint8_t)target;
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
        IMI_TRY(append_step(at, size, &parsed, err));
        if (at[size] == '\0') {
            break;
        }
        at += size + 1;
    }
    *out = parsed;
    return IMI_OK;
}
