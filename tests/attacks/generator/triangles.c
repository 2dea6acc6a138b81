#include "triangles.h"

#include "imi/memory.h"

#include <math.h>

enum { OPEN_MAX = 4 * IMI_GEN_TRIANGLES_MAX, EDGES_MAX = 3 * IMI_GEN_TRIANGLES_MAX };

typedef struct cell {
    uint16_t corner[3];
    double x, y, radius2; /* circumcircle */
} cell;

typedef struct edge {
    uint16_t a, b;
} edge;

typedef struct mesh {
    double x[IMI_GEN_POINTS_MAX + 3], y[IMI_GEN_POINTS_MAX + 3];
    cell cells[OPEN_MAX];
    size_t count;
    edge edges[EDGES_MAX];
    size_t edge_count;
} mesh;

static bool make_cell(const mesh *m, uint16_t a, uint16_t b, uint16_t c, cell *out)
{
    double bx = m->x[b] - m->x[a];
    double by = m->y[b] - m->y[a];
    double cx = m->x[c] - m->x[a];
    double cy = m->y[c] - m->y[a];
    double d = 2 * (bx * cy - by * cx);
    if (fabs(d) < 1e-12) {
        return false;
    }
    double b2 = bx * bx + by * by;
    double c2 = cx * cx + cy * cy;
    double ux = (cy * b2 - by * c2) / d;
    double uy = (bx * c2 - cx * b2) / d;
    *out = (cell){{a, b, c}, m->x[a] + ux, m->y[a] + uy, ux * ux + uy * uy};
    return true;
}

/* An edge that two removed cells share is inside the hole and goes. */
static void toggle_edge(mesh *m, uint16_t a, uint16_t b)
{
    for (size_t i = 0; i < m->edge_count; i++) {
        if (m->edges[i].a == b && m->edges[i].b == a) {
            m->edges[i] = m->edges[--m->edge_count];
            return;
        }
    }
    m->edges[m->edge_count++] = (edge){a, b};
}

static void insert(mesh *m, uint16_t point)
{
    m->edge_count = 0;
    for (size_t i = 0; i < m->count;) {
        const cell *c = &m->cells[i];
        double dx = m->x[point] - c->x;
        double dy = m->y[point] - c->y;
        if (dx * dx + dy * dy > c->radius2 || m->edge_count + 3 > EDGES_MAX) {
            i++;
            continue;
        }
        for (int k = 0; k < 3; k++) {
            toggle_edge(m, c->corner[k], c->corner[(k + 1) % 3]);
        }
        m->cells[i] = m->cells[--m->count];
    }
    for (size_t i = 0; i < m->edge_count && m->count < OPEN_MAX; i++) {
        m->count += make_cell(m, m->edges[i].a, m->edges[i].b, point, &m->cells[m->count]) ? 1 : 0;
    }
}

/* Points to the unit square, with a shake far below a pixel: four on one circle decide nothing. */
static bool scale_points(mesh *m, const imi_point *points, size_t count)
{
    float left = INFINITY;
    float right = -INFINITY;
    float top = INFINITY;
    float bottom = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        left = fminf(left, points[i].x);
        right = fmaxf(right, points[i].x);
        top = fminf(top, points[i].y);
        bottom = fmaxf(bottom, points[i].y);
    }
    double size = fmax((double)right - left, (double)bottom - top);
    if (!(size > 0) || !isfinite(size)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        m->x[i] = (points[i].x - left) / size + 1e-7 * sin(12.9898 * (double)i);
        m->y[i] = (points[i].y - top) / size + 1e-7 * sin(78.233 * (double)i);
    }
    return true;
}

static size_t collect(const mesh *m, size_t points, imi_gen_triangle *out)
{
    size_t count = 0;
    for (size_t i = 0; i < m->count && count < IMI_GEN_TRIANGLES_MAX; i++) {
        const uint16_t *c = m->cells[i].corner;
        if (c[0] < points && c[1] < points && c[2] < points) {
            out[count++] = (imi_gen_triangle){{c[0], c[1], c[2]}};
        }
    }
    return count;
}

imi_status imi_gen_triangulate(const imi_point *points, size_t count, imi_gen_triangle *out,
                               size_t *count_out, imi_error *err)
{
    *count_out = 0;
    if (count < 3 || count > IMI_GEN_POINTS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "3 to %d points make triangles", IMI_GEN_POINTS_MAX);
    }
    mesh *m = imi_alloc(sizeof *m);
    if (m == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for triangles");
    }
    if (scale_points(m, points, count)) {
        const double far[3][2] = {{-30, -20}, {30, -20}, {0, 40}};
        for (size_t i = 0; i < 3; i++) {
            m->x[count + i] = far[i][0];
            m->y[count + i] = far[i][1];
        }
        uint16_t first = (uint16_t)count;
        m->count = make_cell(m, first, first + 1, first + 2, &m->cells[0]) ? 1 : 0;
        for (size_t i = 0; i < count; i++) {
            insert(m, (uint16_t)i);
        }
        *count_out = collect(m, count, out);
    }
    imi_free(m);
    if (*count_out == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "these points span no area");
    }
    return IMI_OK;
}

static double side(imi_point a, imi_point b, imi_point c)
{
    return ((double)b.x - a.x) * ((double)c.y - a.y) - ((double)b.y - a.y) * ((double)c.x - a.x);
}

/* Gift wrapping: hulls of faces have a few dozen corners. */
size_t imi_gen_hull(const imi_point *points, size_t count, uint16_t *out)
{
    size_t start = 0;
    for (size_t i = 1; i < count; i++) {
        start = points[i].x < points[start].x ? i : start;
    }
    size_t size = 0;
    size_t at = start;
    do {
        out[size++] = (uint16_t)at;
        size_t next = at == 0 ? 1 : 0;
        for (size_t i = 0; i < count; i++) {
            if (i != at && side(points[at], points[next], points[i]) < 0) {
                next = i;
            }
        }
        at = next;
    } while (at != start && size < count);
    return size;
}
