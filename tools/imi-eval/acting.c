#include "acting.h"

#include <string.h>

static const uint32_t ALL_ACTIONS = (1U << IMI_ACTION_COUNT) - 2;

/* Bits (1 << action) of what a clip shows; 0 without labels. */
static uint32_t shown_mask(const imi_segments *segments, const char *clip)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < segments->count; i++) {
        if (strcmp(segments->items[i].clip, clip) == 0) {
            mask |= 1U << segments->items[i].action;
        }
    }
    return mask;
}

bool eval_acting_rules(const imi_segments *segments, const char *clip,
                       const imi_challenge_rules *from, imi_challenge_rules *out)
{
    uint32_t shown = shown_mask(segments, clip);
    uint32_t cannot = ALL_ACTIONS & ~(shown | 1U << IMI_ACTION_FOLLOW);
    if (imi_challenge_rules_without(from, cannot, out, NULL) != IMI_OK) {
        *out = *from;
        out->allowed_mask &= ~cannot;
        out->near_far_required = false;
        out->solid_required = false;
    }
    return shown != 0;
}

static const char *name_of_clip(const eval_presentation *item)
{
    const char *slash = strrchr(item->path, '/');
    return slash == NULL ? item->path : slash + 1;
}

/* One more presentation of a clip, with a script of its own. */
static imi_status add_acted(const eval_presentation *listed, const imi_challenge_rules *rules,
                            eval_presentations *to, imi_error *err)
{
    eval_presentation *item = &to->items[to->count];
    *item = *listed;
    item->acted = true;
    item->path = imi_strdup(listed->path);
    if (item->path == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of files");
    }
    to->count++;
    imi_error reason = IMI_ERROR_INIT;
    if (item->challenge.count == 0 &&
        imi_challenge_draw(rules, &item->challenge, &reason) != IMI_OK) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s answers no script: %s", listed->name,
                 reason.message);
    }
    return IMI_OK;
}

static imi_status add(const eval_acting *acting, const imi_segments *segments,
                      eval_presentation *listed, eval_presentations *to, imi_error *err)
{
    imi_challenge_rules rules;
    bool part = listed->start_ms > 0 || listed->end_ms > 0;
    if (part || !eval_acting_rules(segments, name_of_clip(listed), acting->rules, &rules)) {
        to->items[to->count++] = *listed;
        listed->path = NULL;
        return IMI_OK;
    }
    size_t count = listed->challenge.count > 0 ? 1 : acting->scripts;
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(add_acted(listed, &rules, to, err));
    }
    return IMI_OK;
}

imi_status eval_acting_prepare(const eval_acting *acting, eval_presentations *all, imi_error *err)
{
    IMI_AUTO(imi_segments) segments = NULL;
    IMI_TRY(imi_segments_load(acting->segments, NULL, &segments, err));
    AUTO_EVAL_PRESENTATIONS to = {.text = IMI_BUFFER_INIT};
    to.items = imi_alloc_array(all->count * acting->scripts, sizeof *to.items);
    if (to.items == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scripts", all->count * acting->scripts);
    }
    for (size_t i = 0; i < all->count; i++) {
        IMI_TRY(add(acting, segments, &all->items[i], &to, err));
    }
    /* The names stay where they are; what was not handed over goes with the old items. */
    eval_presentations listed = *all;
    all->items = to.items;
    all->count = to.count;
    to.items = listed.items;
    to.count = listed.count;
    return IMI_OK;
}
