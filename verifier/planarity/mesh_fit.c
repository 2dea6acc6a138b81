#include "imi/planarity.h"

#include "imi/face_measure.h"
#include "solve.h"
#include "two_view.h"

#include <math.h>

enum { NOSE_BASE = 2, PARALLAX_UNKNOWNS = 11 };

static const double DEG_PER_RAD = 57.29577951308232;

typedef struct vec3 {
    double x, y, z;
} vec3;

static vec3 point(const imi_landmarks *mesh, unsigned index)
{
    imi_point3 p = mesh->points[index];
    return (vec3){p.x, p.y, p.z};
}

static vec3 subtract(vec3 a, vec3 b)
{
    return (vec3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static double dot(vec3 a, vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static vec3 centroid(const imi_landmarks *mesh, const imi_mesh_subset *subset)
{
    vec3 sum = {0, 0, 0};
    for (uint32_t i = 0; i < subset->count; i++) {
        vec3 p = point(mesh, subset->index[i]);
        sum = (vec3){sum.x + p.x, sum.y + p.y, sum.z + p.z};
    }
    double n = subset->count;
    return (vec3){sum.x / n, sum.y / n, sum.z / n};
}

void imi_mesh_upper_face(const imi_landmarks *mesh, imi_mesh_subset *out)
{
    vec3 top = point(mesh, IMI_MESH_FOREHEAD_TOP);
    vec3 down = subtract(point(mesh, IMI_MESH_CHIN), top);
    double limit = dot(subtract(point(mesh, NOSE_BASE), top), down);
    out->count = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        if (dot(subtract(point(mesh, i), top), down) < limit) {
            out->index[out->count++] = (uint16_t)i;
        }
    }
}

/* ---- a solid that turned ---- */

/* Sums of products of centred coordinates: m[i][j] = sum a_i b_j. */
static void correlate(const imi_landmarks *from, const imi_landmarks *to,
                      const imi_mesh_subset *subset, vec3 from_centre, vec3 to_centre,
                      double m[3][3])
{
    for (uint32_t k = 0; k < subset->count; k++) {
        vec3 a = subtract(point(from, subset->index[k]), from_centre);
        vec3 b = subtract(point(to, subset->index[k]), to_centre);
        const double av[3] = {a.x, a.y, a.z};
        const double bv[3] = {b.x, b.y, b.z};
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                m[i][j] += av[i] * bv[j];
            }
        }
    }
}

/* The rotation that maximises the correlation, from Horn's quaternion matrix. */
static void best_rotation(double m[3][3], double r[3][3])
{
    const double n[4][4] = {
        {m[0][0] + m[1][1] + m[2][2], m[1][2] - m[2][1], m[2][0] - m[0][2], m[0][1] - m[1][0]},
        {m[1][2] - m[2][1], m[0][0] - m[1][1] - m[2][2], m[0][1] + m[1][0], m[2][0] + m[0][2]},
        {m[2][0] - m[0][2], m[0][1] + m[1][0], m[1][1] - m[0][0] - m[2][2], m[1][2] + m[2][1]},
        {m[0][1] - m[1][0], m[2][0] + m[0][2], m[1][2] + m[2][1], m[2][2] - m[0][0] - m[1][1]},
    };
    double q[4];
    imi_largest_eigenvector4(n, q);
    double w = q[0];
    double x = q[1];
    double y = q[2];
    double z = q[3];
    r[0][0] = w * w + x * x - y * y - z * z;
    r[0][1] = 2 * (x * y - w * z);
    r[0][2] = 2 * (x * z + w * y);
    r[1][0] = 2 * (x * y + w * z);
    r[1][1] = w * w - x * x + y * y - z * z;
    r[1][2] = 2 * (y * z - w * x);
    r[2][0] = 2 * (x * z - w * y);
    r[2][1] = 2 * (y * z + w * x);
    r[2][2] = w * w - x * x - y * y + z * z;
}

/* Squared sizes of the centred points, and of what is left after scale * r. */
typedef struct solid_sums {
    double from, to, kept;
} solid_sums;

static solid_sums measure_solid(const imi_landmarks *from, const imi_landmarks *to,
                                const imi_mesh_subset *subset, vec3 from_centre, vec3 to_centre,
                                double r[3][3])
{
    solid_sums sums = {0, 0, 0};
    for (uint32_t k = 0; k < subset->count; k++) {
        vec3 a = subtract(point(from, subset->index[k]), from_centre);
        vec3 b = subtract(point(to, subset->index[k]), to_centre);
        vec3 turned = {r[0][0] * a.x + r[0][1] * a.y + r[0][2] * a.z,
                       r[1][0] * a.x + r[1][1] * a.y + r[1][2] * a.z,
                       r[2][0] * a.x + r[2][1] * a.y + r[2][2] * a.z};
        sums.from += dot(a, a);
        sums.to += dot(b, b);
        sums.kept += dot(turned, b);
    }
    return sums;
}

imi_solid_fit imi_mesh_fit_solid(const imi_landmarks *from, const imi_landmarks *to,
                                 const imi_mesh_subset *subset)
{
    imi_solid_fit fit = {NAN, NAN, NAN, NAN};
    vec3 from_centre = centroid(from, subset);
    vec3 to_centre = centroid(to, subset);
    double m[3][3] = {{0}};
    double r[3][3];
    correlate(from, to, subset, from_centre, to_centre, m);
    best_rotation(m, r);
    solid_sums sums = measure_solid(from, to, subset, from_centre, to_centre, r);
    double scale = sums.kept / sums.from;
    double left = sums.to - scale * sums.kept;
    double residual = sqrt(fmax(left, 0) / subset->count) / imi_face_inter_eye_distance(to);
    if (!isfinite(residual) || !isfinite(scale) || !(scale > 0)) {
        return fit;
    }
    fit.yaw_deg = (float)(DEG_PER_RAD * atan2(r[2][0], hypot(r[0][0], r[1][0])));
    fit.pitch_deg = (float)(DEG_PER_RAD * atan2(-r[2][1], r[2][2]));
    fit.scale = (float)scale;
    fit.residual = (float)residual;
    return fit;
}

/* ---- a plane that moved ---- */

/* Points of one mesh about their centroid, in its inter-eye distances. */
typedef struct normal_points {
    vec3 centre;
    double unit;
} normal_points;

static normal_points normaliser(const imi_landmarks *mesh, const imi_mesh_subset *subset)
{
    return (normal_points){centroid(mesh, subset), imi_face_inter_eye_distance(mesh)};
}

static vec3 normal_point(const imi_landmarks *mesh, normal_points n, unsigned index)
{
    vec3 p = subtract(point(mesh, index), n.centre);
    return (vec3){p.x / n.unit, p.y / n.unit, p.z / n.unit};
}

typedef struct mesh_pair {
    const imi_landmarks *from, *to;
    const imi_mesh_subset *subset;
    normal_points from_normal, to_normal;
} mesh_pair;

static bool fit_homography(const mesh_pair *pair, double h[IMI_HOMOGRAPHY_UNKNOWNS])
{
    imi_match matches[IMI_MESH_POINTS];
    for (uint32_t k = 0; k < pair->subset->count; k++) {
        vec3 a = normal_point(pair->from, pair->from_normal, pair->subset->index[k]);
        vec3 b = normal_point(pair->to, pair->to_normal, pair->subset->index[k]);
        matches[k] = (imi_match){a.x, a.y, b.x, b.y};
    }
    return imi_fit_homography(matches, pair->subset->count, NULL, h);
}

/* Where the homography misses point k, in normalised coordinates of the second view. */
static vec3 transfer_error(const mesh_pair *pair, const double h[IMI_HOMOGRAPHY_UNKNOWNS],
                           uint32_t k)
{
    vec3 a = normal_point(pair->from, pair->from_normal, pair->subset->index[k]);
    vec3 b = normal_point(pair->to, pair->to_normal, pair->subset->index[k]);
    double x;
    double y;
    imi_apply_homography(h, a.x, a.y, &x, &y);
    return (vec3){b.x - x, b.y - y, 0};
}

/*
 * Share of depth in the transfer errors: they are carried back to the first view (by the
 * homography's linear part) and regressed on what a homography can do to first order (eight
 * columns) and on what depth does: growth (-zx, -zy) and the two turns (z, 0), (0, z).
 */
static double fit_depth_gain(const mesh_pair *pair, const double h[IMI_HOMOGRAPHY_UNKNOWNS])
{
    double determinant = h[0] * h[4] - h[1] * h[3];
    imi_normal_equations equations;
    imi_normal_init(&equations, PARALLAX_UNKNOWNS);
    for (uint32_t k = 0; k < pair->subset->count; k++) {
        vec3 a = normal_point(pair->from, pair->from_normal, pair->subset->index[k]);
        vec3 e = transfer_error(pair, h, k);
        double back_x = (h[4] * e.x - h[1] * e.y) / determinant;
        double back_y = (h[0] * e.y - h[3] * e.x) / determinant;
        const double row_x[] = {a.x, a.y, 1, 0, 0, 0, a.x * a.x, a.x * a.y, a.z, 0, -a.z * a.x};
        const double row_y[] = {0, 0, 0, a.x, a.y, 1, a.x * a.y, a.y * a.y, 0, a.z, -a.z * a.y};
        imi_normal_add(&equations, row_x, back_x, 1);
        imi_normal_add(&equations, row_y, back_y, 1);
    }
    double solution[PARALLAX_UNKNOWNS];
    imi_normal_solve(&equations, solution);
    return solution[PARALLAX_UNKNOWNS - 1];
}

imi_plane_fit imi_mesh_fit_plane(const imi_landmarks *from, const imi_landmarks *to,
                                 const imi_mesh_subset *subset)
{
    imi_plane_fit fit = {NAN, NAN};
    mesh_pair pair = {from, to, subset, normaliser(from, subset), normaliser(to, subset)};
    double h[IMI_HOMOGRAPHY_UNKNOWNS];
    if (!fit_homography(&pair, h)) {
        return fit;
    }
    double sum = 0;
    for (uint32_t k = 0; k < subset->count; k++) {
        vec3 e = transfer_error(&pair, h, k);
        sum += dot(e, e);
    }
    double residual = sqrt(sum / subset->count);
    if (!isfinite(residual)) {
        return fit;
    }
    fit.residual = (float)residual;
    fit.depth_gain = (float)fit_depth_gain(&pair, h);
    return fit;
}

/* The mesh as it looks from nearer by, where near points grow more than far ones. */
static void bring_nearer(const imi_landmarks *mesh, const imi_mesh_subset *subset, float depth_gain,
                         imi_landmarks *out)
{
    normal_points n = normaliser(mesh, subset);
    *out = *mesh;
    for (uint32_t k = 0; k < subset->count; k++) {
        imi_point3 *p = &out->points[subset->index[k]];
        vec3 a = normal_point(mesh, n, subset->index[k]);
        double growth = 1 - (double)depth_gain * a.z;
        p->x = (float)(n.centre.x + n.unit * a.x * growth);
        p->y = (float)(n.centre.y + n.unit * a.y * growth);
    }
}

imi_view_change imi_mesh_compare_views(const imi_landmarks *from, const imi_landmarks *to,
                                       const imi_mesh_subset *subset)
{
    imi_view_change change = {.plane = imi_mesh_fit_plane(from, to, subset)};
    imi_landmarks nearer;
    bring_nearer(from, subset, change.plane.depth_gain, &nearer);
    change.solid = imi_mesh_fit_solid(&nearer, to, subset);
    return change;
}

/* ---- means ---- */

void imi_mesh_add_aligned(imi_landmarks *sum, const imi_landmarks *model, const imi_landmarks *mesh)
{
    imi_mesh_subset all = {.count = IMI_MESH_POINTS};
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        all.index[i] = (uint16_t)i;
    }
    vec3 from = centroid(mesh, &all);
    vec3 to = centroid(model, &all);
    double cosine = 0;
    double sine = 0;
    double size = 0;
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        vec3 a = subtract(point(mesh, i), from);
        vec3 b = subtract(point(model, i), to);
        cosine += a.x * b.x + a.y * b.y;
        sine += a.x * b.y - a.y * b.x;
        size += a.x * a.x + a.y * a.y;
    }
    cosine /= size;
    sine /= size;
    double scale = hypot(cosine, sine);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        vec3 a = subtract(point(mesh, i), from);
        sum->points[i].x += (float)(cosine * a.x - sine * a.y + to.x);
        sum->points[i].y += (float)(sine * a.x + cosine * a.y + to.y);
        sum->points[i].z += (float)(scale * a.z + to.z);
    }
}
