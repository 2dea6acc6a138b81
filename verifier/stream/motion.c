#include "motion.h"

#include "noise.h"

#include <math.h>

static void begin_standstill(imi_standstill *still, const imi_signature *picture, int64_t at_ms)
{
    still->anchor = *picture;
    still->since_ms = at_ms;
    still->frames = 1;
}

static void watch_standstill(imi_standstill *still, const imi_signature *picture, int64_t at_ms,
                             bool stays)
{
    if (!stays) {
        begin_standstill(still, picture, at_ms);
        return;
    }
    int64_t passed_ms = at_ms - still->since_ms;
    if (++still->frames >= LIMIT_FROZEN_FRAMES && passed_ms > still->longest_ms) {
        still->longest_ms = passed_ms;
    }
}

/* The same pixels, encoded again: nothing has moved, and even the noise is the same. Where no
 * noise is to be seen, that nothing has moved is enough. */
static bool is_same_picture(const imi_signature *a, const imi_signature *b)
{
    double alike = 1;
    return imi_thumb_distance(&a->thumb, &b->thumb) < LIMIT_FROZEN_DISTANCE &&
           (!imi_grain_correlate(&a->grain, &b->grain, &alike) || alike >= LIMIT_FROZEN_GRAIN);
}

/* Nothing but noise differs: no more than from one picture to the next, and little. */
static bool is_still(const imi_signature *a, const imi_signature *b, float step)
{
    return imi_thumb_distance(&a->thumb, &b->thumb) <
           fminf(LIMIT_STILL_RATIO * step, LIMIT_STILL_DISTANCE);
}

/* Share of the structure that differs, between 0 and about 1, when b is shifted by cells. */
static float change_at(const imi_thumb *a, const imi_thumb *b, int right, int down)
{
    int64_t change = 0;
    int64_t energy = 1;
    for (int y = down > 0 ? down : 0; y < IMI_THUMB_ROWS + (down < 0 ? down : 0); y++) {
        for (int x = right > 0 ? right : 0; x < IMI_THUMB_COLUMNS + (right < 0 ? right : 0); x++) {
            int64_t left = a->cell[y * IMI_THUMB_COLUMNS + x];
            int64_t other = b->cell[(y - down) * IMI_THUMB_COLUMNS + x - right];
            change += (left - other) * (left - other);
            energy += left * left + other * other;
        }
    }
    return (float)change / (float)energy;
}

/* The least change over the shifts that a moving phone makes. */
static float least_change(const imi_thumb *a, const imi_thumb *b)
{
    float least = INFINITY;
    for (int down = -LIMIT_SHIFT_CELLS; down <= LIMIT_SHIFT_CELLS; down++) {
        for (int right = -LIMIT_SHIFT_CELLS; right <= LIMIT_SHIFT_CELLS; right++) {
            least = fminf(least, change_at(a, b, right, down));
        }
    }
    return least;
}

/* The largest change shortly before a moment. */
static float busiest_before(const imi_motion_watch *watch, int64_t at_ms)
{
    float most = 0;
    for (unsigned i = 0; i < LIMIT_CUT_STEPS; i++) {
        bool near = at_ms - watch->steps[i].at_ms < LIMIT_CUT_AROUND_MS;
        most = fmaxf(most, near ? watch->steps[i].change : 0);
    }
    return most;
}

/* People who move need time to set out and to stop: the steps around a large one are large too. Of
 * recordings put together only the one step is, and one of them mostly rests. Of a spike that a
 * pause follows only one side is known, which must be the calm one. */
static bool is_cut(const imi_spike *spike)
{
    if (!spike->has_behind) {
        return spike->change >= LIMIT_CUT_CALMER * spike->before;
    }
    float calmer = fminf(spike->before, spike->behind);
    float busier = fmaxf(spike->before, spike->behind);
    return spike->change >= LIMIT_CUT_CALMER * calmer && spike->change >= LIMIT_CUT_BUSIER * busier;
}

/* What comes behind a spike belongs to it, until it has lasted long enough. */
static void settle_spike(imi_motion_watch *watch, float change, bool at_once)
{
    imi_spike *spike = &watch->spike;
    if (spike->change > 0 && at_once && watch->last_ms - spike->at_ms < LIMIT_CUT_AROUND_MS) {
        spike->behind = fmaxf(spike->behind, change);
        spike->has_behind = true;
        return;
    }
    watch->cuts += spike->change > 0 && is_cut(spike) ? 1 : 0;
    *spike = (imi_spike){0};
}

static void watch_cut(imi_motion_watch *watch, const imi_thumb *thumb, int64_t at_ms)
{
    float change = least_change(&watch->last.thumb, thumb);
    bool at_once = at_ms - watch->last_ms <= LIMIT_CUT_WITHIN_MS;
    float before = busiest_before(watch, watch->last_ms);
    watch->jumped = change >= LIMIT_JUMPED;
    settle_spike(watch, change, at_once);
    if (at_once && change >= LIMIT_CUT && change >= LIMIT_CUT_BUSIER * before) {
        watch->spike = (imi_spike){.at_ms = at_ms, .change = change, .before = before};
    }
    watch->steps[watch->count % LIMIT_CUT_STEPS] = (imi_step){at_ms, change};
}

void imi_motion_watch_feed(imi_motion_watch *watch, const imi_signature *picture, int64_t at_ms)
{
    watch->jumped = false;
    if (watch->count++ == 0) {
        begin_standstill(&watch->frozen, picture, at_ms);
        begin_standstill(&watch->still, picture, at_ms);
    } else {
        float step = imi_thumb_distance(&watch->last.thumb, &picture->thumb);
        watch_standstill(&watch->frozen, picture, at_ms,
                         is_same_picture(&watch->frozen.anchor, picture));
        watch_standstill(&watch->still, picture, at_ms,
                         is_still(&watch->still.anchor, picture, step));
        watch_cut(watch, &picture->thumb, at_ms);
    }
    watch->last = *picture;
    watch->last_ms = at_ms;
}

/* Of a spike in the very last picture nobody knows what would have followed: people who are done
 * take the phone away. */
uint32_t imi_motion_watch_cuts(const imi_motion_watch *watch)
{
    return watch->cuts + (watch->spike.has_behind && is_cut(&watch->spike) ? 1 : 0);
}

static float centre_x(const imi_face_box *box)
{
    return box->left + box->width / 2;
}

static float centre_y(const imi_face_box *box)
{
    return box->top + box->height / 2;
}

/* Whether one face can have got from one place to the other. */
static bool can_be_one(const imi_face_box *from, const imi_face_box *to, int64_t passed_ms)
{
    float width = fmaxf(from->width, 1);
    float moved = hypotf(centre_x(to) - centre_x(from), centre_y(to) - centre_y(from)) / width;
    float growth = fmaxf(to->width, 1) / width;
    return moved <= LIMIT_FACE_STEP + LIMIT_FACE_SPEED * (float)passed_ms / 1000 &&
           growth <= LIMIT_FACE_GROWTH && growth >= 1 / LIMIT_FACE_GROWTH;
}

void imi_motion_watch_face(imi_motion_watch *watch, const imi_face_box *box, int64_t at_ms)
{
    int64_t passed_ms = at_ms - watch->box_ms;
    if (watch->has_box && passed_ms <= LIMIT_CUT_WITHIN_MS && !watch->jumped) {
        watch->face_jumps += !can_be_one(&watch->box, box, passed_ms);
    }
    watch->box = *box;
    watch->box_ms = at_ms;
    watch->has_box = true;
}
