#include "geometry.h"

#include <math.h>

typedef struct vector {
    double x, y;
} vector;

static vector mean_of(const imi_point *points, size_t count)
{
    vector sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        sum.x += points[i].x;
        sum.y += points[i].y;
    }
    return (vector){sum.x / (double)count, sum.y / (double)count};
}

imi_status imi_similarity_fit(const imi_point *from, const imi_point *to, size_t count,
                              imi_affine *out, imi_error *err)
{
    *out = (imi_affine){0};
    if (count < 2) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a similarity needs two points");
    }
    vector f = mean_of(from, count);
    vector t = mean_of(to, count);
    double spread = 0;
    double dot = 0;
    double cross = 0;
    for (size_t i = 0; i < count; i++) {
        vector p = {from[i].x - f.x, from[i].y - f.y};
        vector q = {to[i].x - t.x, to[i].y - t.y};
        spread += p.x * p.x + p.y * p.y;
        dot += p.x * q.x + p.y * q.y;
        cross += p.x * q.y - p.y * q.x;
    }
    double a = dot / spread;
    double b = cross / spread;
    /* NaN fails too: infinite points or a spread of zero. */
    if (!(spread > 0 && a * a + b * b > 0 && isfinite(a) && isfinite(b))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the points do not span a similarity");
    }
    *out = (imi_affine){(float)a, (float)-b, (float)(t.x - a * f.x + b * f.y),
                        (float)b, (float)a,  (float)(t.y - b * f.x - a * f.y)};
    return IMI_OK;
}

imi_point imi_affine_apply(const imi_affine *map, imi_point point)
{
    return (imi_point){map->a * point.x + map->b * point.y + map->c,
                       map->d * point.x + map->e * point.y + map->f};
}

imi_status imi_affine_invert(const imi_affine *map, imi_affine *out, imi_error *err)
{
    *out = (imi_affine){0};
    double det = (double)map->a * map->e - (double)map->b * map->d;
    double a = map->e / det;
    double b = -map->b / det;
    double d = -map->d / det;
    double e = map->a / det;
    double c = -(a * map->c + b * map->f);
    double f = -(d * map->c + e * map->f);
    if (!(isfinite(a + b + d + e) && isfinite(c + f))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the map has no inverse");
    }
    *out = (imi_affine){(float)a, (float)b, (float)c, (float)d, (float)e, (float)f};
    return IMI_OK;
}

imi_point imi_mesh_point(const imi_landmarks *landmarks, uint16_t index)
{
    return (imi_point){landmarks->points[index].x, landmarks->points[index].y};
}

imi_point imi_mesh_mean(const imi_landmarks *landmarks, const uint16_t *indices, size_t count)
{
    imi_point sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        sum.x += landmarks->points[indices[i]].x;
        sum.y += landmarks->points[indices[i]].y;
    }
    return (imi_point){sum.x / (float)count, sum.y / (float)count};
}
