#include "motion.h"

#include <math.h>

static void begin_standstill(imi_standstill *still, const imi_thumb *thumb, int64_t at_ms)
{
    still->anchor = *thumb;
    still->since_ms = at_ms;
    still->frames = 1;
}

/* limit: distance from the anchor that is still no motion. */
static void watch_standstill(imi_standstill *still, const imi_thumb *thumb, int64_t at_ms,
                             float limit)
{
    if (!(imi_thumb_distance(&still->anchor, thumb) < limit)) {
        begin_standstill(still, thumb, at_ms);
        return;
    }
    int64_t passed_ms = at_ms - still->since_ms;
    if (++still->frames >= LIMIT_FROZEN_FRAMES && passed_ms > still->longest_ms) {
        still->longest_ms = passed_ms;
    }
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

static void watch_cut(imi_motion_watch *watch, const imi_thumb *thumb, int64_t at_ms)
{
    float change = least_change(&watch->last, thumb);
    bool at_once = at_ms - watch->last_ms <= LIMIT_CUT_WITHIN_MS;
    watch->jumped = change >= LIMIT_JUMPED;
    watch->cuts += at_once && change >= LIMIT_CUT && change >= LIMIT_CUT_SPIKE * watch->last_change;
    watch->last_change = change;
}

void imi_motion_watch_feed(imi_motion_watch *watch, const imi_thumb *thumb, int64_t at_ms)
{
    watch->jumped = false;
    if (watch->count++ == 0) {
        begin_standstill(&watch->frozen, thumb, at_ms);
        begin_standstill(&watch->still, thumb, at_ms);
    } else {
        float step = imi_thumb_distance(&watch->last, thumb);
        watch_standstill(&watch->frozen, thumb, at_ms, LIMIT_FROZEN_DISTANCE);
        watch_standstill(&watch->still, thumb, at_ms, LIMIT_STILL_RATIO * step);
        watch_cut(watch, thumb, at_ms);
    }
    watch->last = *thumb;
    watch->last_ms = at_ms;
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
