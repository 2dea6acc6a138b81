#include "face_view.h"
#include "limits.h"

#include <math.h>

enum { OUTLINE_POINTS = 36, NOSE_BASE = 2, RADIUS = 3, BORDER = 8, CANDIDATES = 1024 };

/* The mesh's outline of the face, in order. */
static const uint16_t outline[OUTLINE_POINTS] = {
    10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109,
};

/* What lies between the lids, which move by themselves. */
typedef struct eye {
    imi_point centre;
    imi_point outer; /* from the centre to the outer corner */
} eye;

/* Where corners may lie: within the outline, drawn in, above the nose's base, and not in the eyes.
 */
typedef struct region {
    imi_point polygon[OUTLINE_POINTS];
    imi_point top, down;
    float limit;
    eye right, left;
} region;

static eye make_eye(const imi_face_view *view, unsigned outer, unsigned inner)
{
    imi_point3 out = view->mesh.points[outer];
    imi_point3 in = view->mesh.points[inner];
    imi_point at = imi_face_view_from_frame(view, out.x, out.y);
    imi_point centre = imi_face_view_from_frame(view, (out.x + in.x) / 2, (out.y + in.y) / 2);
    return (eye){centre, {at.x - centre.x, at.y - centre.y}};
}

static bool is_in_eye(const eye *e, float x, float y)
{
    float dx = x - e->centre.x;
    float dy = y - e->centre.y;
    float square = e->outer.x * e->outer.x + e->outer.y * e->outer.y;
    float along = (dx * e->outer.x + dy * e->outer.y) / (LIMIT_EYE_LENGTH * square);
    float across = (dx * e->outer.y - dy * e->outer.x) / (LIMIT_EYE_HEIGHT * square);
    return along * along + across * across < 1;
}

static region make_region(const imi_face_view *view)
{
    region r = {.limit = 0};
    imi_point centre = {0, 0};
    for (int i = 0; i < OUTLINE_POINTS; i++) {
        imi_point3 p = view->mesh.points[outline[i]];
        r.polygon[i] = imi_face_view_from_frame(view, p.x, p.y);
        centre.x += r.polygon[i].x / OUTLINE_POINTS;
        centre.y += r.polygon[i].y / OUTLINE_POINTS;
    }
    for (int i = 0; i < OUTLINE_POINTS; i++) {
        imi_point *p = &r.polygon[i];
        p->x = centre.x + LIMIT_CORNER_INSET * (p->x - centre.x);
        p->y = centre.y + LIMIT_CORNER_INSET * (p->y - centre.y);
    }
    imi_point3 top = view->mesh.points[IMI_MESH_FOREHEAD_TOP];
    imi_point3 chin = view->mesh.points[IMI_MESH_CHIN];
    imi_point3 base = view->mesh.points[NOSE_BASE];
    r.top = imi_face_view_from_frame(view, top.x, top.y);
    imi_point end = imi_face_view_from_frame(view, chin.x, chin.y);
    imi_point low = imi_face_view_from_frame(view, base.x, base.y);
    r.down = (imi_point){end.x - r.top.x, end.y - r.top.y};
    r.limit = (low.x - r.top.x) * r.down.x + (low.y - r.top.y) * r.down.y;
    r.right = make_eye(view, IMI_MESH_RIGHT_EYE_OUTER, IMI_MESH_RIGHT_EYE_INNER);
    r.left = make_eye(view, IMI_MESH_LEFT_EYE_OUTER, IMI_MESH_LEFT_EYE_INNER);
    return r;
}

static bool is_within(const region *r, float x, float y)
{
    if (!((x - r->top.x) * r->down.x + (y - r->top.y) * r->down.y < r->limit) ||
        is_in_eye(&r->right, x, y) || is_in_eye(&r->left, x, y)) {
        return false;
    }
    bool inside = false;
    for (int i = 0, j = OUTLINE_POINTS - 1; i < OUTLINE_POINTS; j = i++) {
        imi_point a = r->polygon[i];
        imi_point b = r->polygon[j];
        if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) {
            inside = !inside;
        }
    }
    return inside;
}

/* Root of the least eigenvalue of the mean gradient product: how well a place is fixed in its
 * worse direction. Source: J. Shi and C. Tomasi, "Good Features to Track", 1994. */
static float strength_at(const imi_view_level *level, uint32_t x, uint32_t y)
{
    float xx = 0;
    float xy = 0;
    float yy = 0;
    for (uint32_t v = y - RADIUS; v <= y + RADIUS; v++) {
        const uint8_t *row = level->pixels + (size_t)v * level->width;
        const uint8_t *above = row - level->width;
        for (uint32_t u = x - RADIUS; u <= x + RADIUS; u++) {
            float gx = ((float)row[u + 1] - (float)row[u - 1]) / 2;
            float gy = ((float)row[u + level->width] - (float)above[u]) / 2;
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }
    }
    float n = (2 * RADIUS + 1) * (2 * RADIUS + 1);
    float least = (xx + yy - sqrtf((xx - yy) * (xx - yy) + 4 * xy * xy)) / 2;
    return sqrtf(fmaxf(least / n, 0));
}

typedef struct candidate {
    imi_point at;
    float strength;
} candidate;

/* The strongest place of each small cell. */
static uint32_t collect(const imi_view_level *level, const region *r, uint32_t cell,
                        candidate out[CANDIDATES])
{
    uint32_t count = 0;
    for (uint32_t top = BORDER; top + BORDER + cell < level->height; top += cell) {
        for (uint32_t left = BORDER; left + BORDER + cell < level->width; left += cell) {
            candidate best = {{0, 0}, 0};
            /* Every second pixel is enough: alignment finds the place again, wherever it is. */
            for (uint32_t i = 0; i < cell * cell; i += 2) {
                uint32_t x = left + i % cell;
                uint32_t y = top + i / cell;
                float strength = is_within(r, (float)x, (float)y) ? strength_at(level, x, y) : 0;
                if (strength > best.strength) {
                    best = (candidate){{(float)x, (float)y}, strength};
                }
            }
            if (best.strength >= LIMIT_CORNER_CONTRAST && count < CANDIDATES) {
                out[count++] = best;
            }
        }
    }
    return count;
}

static bool is_apart(const imi_face_view *view, imi_point at, float spacing)
{
    for (uint32_t i = 0; i < view->corner_count; i++) {
        float x = view->corners[i].x - at.x;
        float y = view->corners[i].y - at.y;
        if (x * x + y * y < spacing * spacing) {
            return false;
        }
    }
    return true;
}

void imi_face_view_find_corners(imi_face_view *view)
{
    view->corner_count = 0;
    if (view->block == NULL) {
        return;
    }
    const imi_view_level *level = &view->level[0];
    region r = make_region(view);
    /* As many cells as there are corners to be found, over about half of the crop. */
    float area = (float)level->width * (float)level->height / 2;
    float spacing = fmaxf(sqrtf(area / (4 * IMI_VIEW_CORNERS)), LIMIT_CORNER_SPACING_PX);
    candidate found[CANDIDATES];
    uint32_t count = collect(level, &r, (uint32_t)spacing, found);
    while (view->corner_count < IMI_VIEW_CORNERS) {
        candidate *best = NULL;
        for (uint32_t i = 0; i < count; i++) {
            best = found[i].strength > 0 && (best == NULL || found[i].strength > best->strength)
                       ? &found[i]
                       : best;
        }
        if (best == NULL) {
            return;
        }
        if (is_apart(view, best->at, spacing)) {
            view->corners[view->corner_count++] = best->at;
        }
        best->strength = 0;
    }
}
