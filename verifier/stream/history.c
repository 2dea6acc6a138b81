#include "history.h"

#include <math.h>

static const imi_past *past_at(const imi_history *history, uint32_t number)
{
    return &history->past[number % LIMIT_KEPT_FRAMES];
}

static uint32_t oldest(const imi_history *history)
{
    /* The very first picture has no step to compare with. */
    return history->count > LIMIT_KEPT_FRAMES ? history->count - LIMIT_KEPT_FRAMES : 1;
}

/* One behind the last picture that is old enough to be echoed. */
static uint32_t end_of_past(const imi_history *history, int64_t now_ms)
{
    uint32_t end = history->count;
    while (end > oldest(history) &&
           now_ms - past_at(history, end - 1)->at_ms < LIMIT_ECHO_APART_MS) {
        end--;
    }
    return end;
}

typedef struct found {
    uint32_t number;
    float distance; /* infinity: nothing was found */
} found;

/* The nearest that is no farther than the limit. */
static found find_nearest(const imi_history *history, const imi_thumb *thumb, uint32_t from,
                          uint32_t end, float limit)
{
    found best = {.distance = INFINITY};
    for (uint32_t i = from; i < end; i++) {
        float distance = imi_thumb_distance_within(&past_at(history, i)->thumb, thumb, limit);
        if (distance <= limit) {
            best = (found){i, distance};
            limit = distance;
        }
    }
    return best;
}

static bool is_echo(const imi_history *history, const found *near, const imi_past *now)
{
    if (!isfinite(near->distance)) {
        return false;
    }
    float step = fminf(now->step, past_at(history, near->number)->step);
    return near->distance < LIMIT_ECHO_RATIO * step;
}

/* Where a replay that goes on would be now: no farther than it may have leapt since its last
 * echo. */
static found find_next(const imi_history *history, const imi_chase *chase, bool forward,
                       const imi_past *now, uint32_t end)
{
    uint32_t first = oldest(history);
    uint32_t leap = LIMIT_ECHO_LEAP * (1 + chase->waited);
    uint32_t from = forward ? chase->at : chase->at > first + leap ? chase->at - leap : first;
    uint32_t to = forward ? chase->at + leap + 1 : chase->at + 1;
    return find_nearest(history, &now->thumb, from > first ? from : first, to < end ? to : end,
                        INFINITY);
}

/* While little moves, noise hides whether this is an echo; a few pictures may be others. */
static bool may_wait(const imi_chase *chase, const found *next, const imi_past *now)
{
    if (!isfinite(next->distance)) {
        return false;
    }
    bool quiet = now->step < LIMIT_QUIET_DISTANCE && next->distance < LIMIT_QUIET_DISTANCE;
    return quiet ? chase->waited < LIMIT_ECHO_WAIT : chase->waited < LIMIT_ECHO_MISSES;
}

static uint32_t gap_of(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/* The length of the replay if this is one: it must have passed through the past, not stood. */
static uint32_t pursue(const imi_history *history, imi_chase *chase, bool forward,
                       const imi_past *now, uint32_t end)
{
    found next = chase->length > 0 ? find_next(history, chase, forward, now, end)
                                   : (found){.distance = INFINITY};
    if (is_echo(history, &next, now)) {
        chase->length++;
        chase->progress += gap_of(next.number, chase->at);
        chase->waited = 0;
        chase->at = next.number;
    } else if (may_wait(chase, &next, now)) {
        chase->waited++;
    } else {
        *chase = (imi_chase){0};
    }
    return chase->progress >= chase->length / 2 ? chase->length : 0;
}

static void begin_again(const imi_history *history, const imi_past *now, uint32_t end,
                        imi_chase *forward, imi_chase *backward)
{
    found near =
        find_nearest(history, &now->thumb, oldest(history), end, LIMIT_ECHO_RATIO * now->step);
    if (!is_echo(history, &near, now)) {
        return;
    }
    imi_chase begun = {.length = 1, .at = near.number};
    if (forward->length == 0) {
        *forward = begun;
    }
    if (backward->length == 0) {
        *backward = begun;
    }
}

static void look_for_replay(imi_history *history, const imi_past *now)
{
    uint32_t end = end_of_past(history, now->at_ms);
    uint32_t forward = pursue(history, &history->forward, true, now, end);
    uint32_t backward = pursue(history, &history->backward, false, now, end);
    if (forward > history->longest_forward) {
        history->longest_forward = forward;
    }
    if (backward > history->longest_backward) {
        history->longest_backward = backward;
    }
    if (history->forward.length == 0 || history->backward.length == 0) {
        begin_again(history, now, end, &history->forward, &history->backward);
    }
}

void imi_history_feed(imi_history *history, const imi_thumb *thumb, int64_t at_ms)
{
    imi_past now = {.thumb = *thumb, .at_ms = at_ms};
    if (history->count > 0) {
        const imi_past *last = past_at(history, history->count - 1);
        if (at_ms - last->at_ms < LIMIT_KEPT_EVERY_MS) {
            return;
        }
        now.step = imi_thumb_distance(&last->thumb, thumb);
        look_for_replay(history, &now);
    }
    history->past[history->count++ % LIMIT_KEPT_FRAMES] = now;
}
