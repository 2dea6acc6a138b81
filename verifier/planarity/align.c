#include "align.h"

#include "limits.h"
#include "solve.h"

#include <math.h>

enum { RADIUS = 5, SIDE = 2 * RADIUS + 1, PATCH = SIDE * SIDE };

/* x' = a x + b y + c, y' = d x + e y + f, from one view's pixels to the other's. */
typedef struct flat_map {
    float a, b, c, d, e, f;
} flat_map;

static imi_point apply(const flat_map *m, imi_point p)
{
    return (imi_point){m->a * p.x + m->b * p.y + m->c, m->d * p.x + m->e * p.y + m->f};
}

/* The map by which one mesh, seen flat, lies nearest upon the other. */
static bool expect(const imi_face_view *from, const imi_face_view *to, flat_map *out)
{
    imi_normal_equations x_rows;
    imi_normal_equations y_rows;
    imi_normal_init(&x_rows, 3);
    imi_normal_init(&y_rows, 3);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = from->mesh.points[i];
        imi_point3 q = to->mesh.points[i];
        imi_point a = imi_face_view_from_frame(from, p.x, p.y);
        imi_point b = imi_face_view_from_frame(to, q.x, q.y);
        const double row[] = {a.x, a.y, 1};
        imi_normal_add(&x_rows, row, b.x, 1);
        imi_normal_add(&y_rows, row, b.y, 1);
    }
    double x[IMI_SOLVE_MAX];
    double y[IMI_SOLVE_MAX];
    if (!imi_normal_solve(&x_rows, x) || !imi_normal_solve(&y_rows, y)) {
        return false;
    }
    *out = (flat_map){(float)x[0], (float)x[1], (float)x[2], (float)y[0], (float)y[1], (float)y[2]};
    return true;
}

static bool invert(const flat_map *m, flat_map *out)
{
    float determinant = m->a * m->e - m->b * m->d;
    /* A face that shrank to a tenth, or turned its back, is not looked for. */
    if (!(determinant >= 0.01F) || !(determinant <= 100.F)) {
        return false;
    }
    *out = (flat_map){m->e / determinant,  -m->b / determinant, 0,
                      -m->d / determinant, m->a / determinant,  0};
    out->c = -(out->a * m->c + out->b * m->f);
    out->f = -(out->d * m->c + out->e * m->f);
    return true;
}

/* Pixels about a point, each step of the patch being (a, d) across and (b, e) down; without
 * their mean, and of length one. False beyond the level's edge, or without contrast. */
static bool sample_patch(const imi_view_level *level, imi_point at, const flat_map *steps,
                         float out[PATCH])
{
    float reach_x = RADIUS * (fabsf(steps->a) + fabsf(steps->b));
    float reach_y = RADIUS * (fabsf(steps->d) + fabsf(steps->e));
    if (!(at.x - reach_x >= 0) || !(at.x + reach_x < (float)level->width - 1) ||
        !(at.y - reach_y >= 0) || !(at.y + reach_y < (float)level->height - 1)) {
        return false;
    }
    float sum = 0;
    int k = 0;
    for (int v = -RADIUS; v <= RADIUS; v++) {
        for (int u = -RADIUS; u <= RADIUS; u++) {
            float x = at.x + steps->a * (float)u + steps->b * (float)v;
            float y = at.y + steps->d * (float)u + steps->e * (float)v;
            int left = (int)x;
            int top = (int)y;
            float fx = x - (float)left;
            float fy = y - (float)top;
            const uint8_t *p = level->pixels + (size_t)top * level->width + left;
            const uint8_t *q = p + level->width;
            float upper = (float)p[0] + fx * ((float)p[1] - (float)p[0]);
            float lower = (float)q[0] + fx * ((float)q[1] - (float)q[0]);
            out[k] = upper + fy * (lower - upper);
            sum += out[k++];
        }
    }
    float mean = sum / PATCH;
    float squares = 0;
    for (k = 0; k < PATCH; k++) {
        out[k] -= mean;
        squares += out[k] * out[k];
    }
    float length = sqrtf(squares);
    if (!(length >= 1)) {
        return false;
    }
    for (k = 0; k < PATCH; k++) {
        out[k] /= length;
    }
    return true;
}

/* What a corner looks like, and how that changes when it moves. */
typedef struct template_patch {
    float pixels[PATCH], gradient_x[PATCH], gradient_y[PATCH];
    float xx, xy, yy; /* inverse of the gradients' products */
} template_patch;

static bool make_template(const imi_view_level *level, imi_point at, template_patch *out)
{
    static const flat_map still = {1, 0, 0, 0, 1, 0};
    if (!sample_patch(level, at, &still, out->pixels)) {
        return false;
    }
    float xx = 0;
    float xy = 0;
    float yy = 0;
    for (int v = 0; v < SIDE; v++) {
        for (int u = 0; u < SIDE; u++) {
            /* One-sided at the rim: the patch knows nothing beyond itself. */
            int k = v * SIDE + u;
            int left = u > 0 ? 1 : 0;
            int right = u < SIDE - 1 ? 1 : 0;
            int up = v > 0 ? SIDE : 0;
            int down = v < SIDE - 1 ? SIDE : 0;
            float gx = (out->pixels[k + right] - out->pixels[k - left]) / (float)(left + right);
            float gy = (out->pixels[k + down] - out->pixels[k - up]) / (float)((up + down) / SIDE);
            out->gradient_x[k] = gx;
            out->gradient_y[k] = gy;
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }
    }
    float determinant = xx * yy - xy * xy;
    if (!(determinant > 1e-6F * (xx + yy) * (xx + yy))) {
        return false;
    }
    out->xx = yy / determinant;
    out->xy = -xy / determinant;
    out->yy = xx / determinant;
    return true;
}

/* Move *at until the template lies upon the picture; returns how alike they are then. */
static float settle(const template_patch *wanted, const imi_view_level *level,
                    const flat_map *steps, imi_point *at)
{
    float seen[PATCH];
    for (int step = 0; step < LIMIT_ALIGN_STEPS; step++) {
        if (!sample_patch(level, *at, steps, seen)) {
            return -1;
        }
        float along_x = 0;
        float along_y = 0;
        for (int k = 0; k < PATCH; k++) {
            float difference = seen[k] - wanted->pixels[k];
            along_x += wanted->gradient_x[k] * difference;
            along_y += wanted->gradient_y[k] * difference;
        }
        float x = wanted->xx * along_x + wanted->xy * along_y;
        float y = wanted->xy * along_x + wanted->yy * along_y;
        at->x -= steps->a * x + steps->b * y;
        at->y -= steps->d * x + steps->e * y;
        if (x * x + y * y < LIMIT_ALIGN_DONE_PX * LIMIT_ALIGN_DONE_PX) {
            break;
        }
    }
    if (!sample_patch(level, *at, steps, seen)) {
        return -1;
    }
    float likeness = 0;
    for (int k = 0; k < PATCH; k++) {
        likeness += seen[k] * wanted->pixels[k];
    }
    return likeness;
}

/* Coarse to fine. *at: where to begin, and where it was found. Coarse levels may fail. */
static bool follow(const imi_face_view *from, const imi_face_view *to, const flat_map *map,
                   imi_point corner, imi_point *at)
{
    float likeness = -1;
    for (int l = IMI_VIEW_LEVELS - 1; l >= 0; l--) {
        float scale = 1.F / (float)(1 << l);
        imi_point there = {at->x * scale, at->y * scale};
        imi_point here = {corner.x * scale, corner.y * scale};
        template_patch wanted;
        likeness = make_template(&from->level[l], here, &wanted)
                       ? settle(&wanted, &to->level[l], map, &there)
                       : -1;
        if (likeness >= 0) {
            *at = (imi_point){there.x / scale, there.y / scale};
        }
    }
    return likeness >= LIMIT_ALIGN_LIKENESS;
}

/* Back from where the corner was found, as far astray as it was on the way there. */
static bool leads_back(const imi_face_view *from, const imi_face_view *to, const flat_map *back,
                       imi_point corner, imi_point found)
{
    imi_point start = apply(back, found);
    imi_point returned = {start.x, start.y};
    return follow(to, from, back, found, &returned) &&
           hypotf(returned.x - corner.x, returned.y - corner.y) <= LIMIT_ALIGN_RETURN_PX;
}

uint32_t imi_align_corners(const imi_face_view *from, const imi_face_view *to,
                           imi_match out[IMI_VIEW_CORNERS])
{
    flat_map map;
    flat_map back;
    if (from->block == NULL || to->block == NULL || !expect(from, to, &map) ||
        !invert(&map, &back)) {
        return 0;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < from->corner_count; i++) {
        imi_point corner = from->corners[i];
        imi_point found = apply(&map, corner);
        if (follow(from, to, &map, corner, &found) && leads_back(from, to, &back, corner, found)) {
            out[count++] = (imi_match){corner.x, corner.y, found.x, found.y};
        }
    }
    return count;
}
