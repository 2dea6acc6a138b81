#include "two_view.h"

#include "limits.h"
#include "solve.h"

#include <math.h>
#include <stdlib.h>

enum {
    EPIPOLAR_UNKNOWNS = 8, /* of nine entries up to scale; rank 2 is not enforced */
    SHEET_UNKNOWNS = IMI_HOMOGRAPHY_UNKNOWNS + 6, /* powers 2 to 4, in x and in y */
    SHEET_AXES = 12,
    REWEIGHTINGS = 6,
    NEIGHBOURS = 5
};

static const double PI = 3.141592653589793;

/* ---- plane ---- */

/*
 * DLT with the last entry fixed, which is safe as the origin lies amid the points. The second
 * pass divides each row by the denominator of the first, which turns the algebraic error into
 * the geometric one.
 */
bool imi_fit_homography(const imi_match *matches, uint32_t count, const double *weights,
                        double h[IMI_HOMOGRAPHY_UNKNOWNS])
{
    for (int i = 0; i < IMI_HOMOGRAPHY_UNKNOWNS; i++) {
        h[i] = 0;
    }
    for (int pass = 0; pass < 2; pass++) {
        imi_normal_equations equations;
        imi_normal_init(&equations, IMI_HOMOGRAPHY_UNKNOWNS);
        for (uint32_t k = 0; k < count; k++) {
            const imi_match *m = &matches[k];
            double denominator = h[6] * m->from_x + h[7] * m->from_y + 1;
            double weight = (weights == NULL ? 1 : weights[k]) / (denominator * denominator);
            const double row_x[] = {
                m->from_x, m->from_y, 1, 0, 0, 0, -m->from_x * m->to_x, -m->from_y * m->to_x};
            const double row_y[] = {
                0, 0, 0, m->from_x, m->from_y, 1, -m->from_x * m->to_y, -m->from_y * m->to_y};
            imi_normal_add(&equations, row_x, m->to_x, weight);
            imi_normal_add(&equations, row_y, m->to_y, weight);
        }
        if (!imi_normal_solve(&equations, h)) {
            return false;
        }
    }
    return true;
}

void imi_apply_homography(const double h[IMI_HOMOGRAPHY_UNKNOWNS], double x, double y, double *to_x,
                          double *to_y)
{
    double w = h[6] * x + h[7] * y + 1;
    *to_x = (h[0] * x + h[1] * y + h[2]) / w;
    *to_y = (h[3] * x + h[4] * y + h[5]) / w;
}

/* ---- solid ---- */

/* Signed distance of the second point from the first one's epipolar line. */
static double epipolar_distance(const double f[9], const imi_match *m)
{
    double a = f[0] * m->from_x + f[1] * m->from_y + f[2];
    double b = f[3] * m->from_x + f[4] * m->from_y + f[5];
    double c = f[6] * m->from_x + f[7] * m->from_y + f[8];
    return (a * m->to_x + b * m->to_y + c) / fmax(hypot(a, b), 1e-12);
}

static double epipolar_gradient(const double f[9], const imi_match *m)
{
    return hypot(f[0] * m->from_x + f[1] * m->from_y + f[2],
                 f[3] * m->from_x + f[4] * m->from_y + f[5]);
}

/* One weighted eight point fit; weights turn the algebraic error into the distance. */
static void fit_epipolar(const imi_match *matches, uint32_t count, const double *weights,
                         double f[9])
{
    double sum[9][9] = {{0}};
    for (uint32_t k = 0; k < count; k++) {
        const imi_match *m = &matches[k];
        const double row[9] = {m->to_x * m->from_x, m->to_x * m->from_y, m->to_x,
                               m->to_y * m->from_x, m->to_y * m->from_y, m->to_y,
                               m->from_x,           m->from_y,           1};
        for (int i = 0; i < 9; i++) {
            for (int j = 0; j < 9; j++) {
                sum[i][j] += weights[k] * row[i] * row[j];
            }
        }
    }
    imi_smallest_eigenvector9(sum, f);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_size(const double *residuals, uint32_t count)
{
    double sorted[IMI_TWO_VIEW_MAX];
    for (uint32_t k = 0; k < count; k++) {
        sorted[k] = fabs(residuals[k]);
    }
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    return sorted[count / 2];
}

/* Tukey's biweight: what lies beyond 4.685 deviations counts nothing. */
static double biweight(double residual, double spread)
{
    double u = residual / (4.685 * spread);
    double keep = 1 - u * u;
    return keep > 0 ? keep * keep : 0;
}

/* The epipolar geometry that most matches agree on, and how much each of them counts. */
static void agree_on_epipolar(const imi_match *matches, uint32_t count, double noise, double f[9],
                              double weights[IMI_TWO_VIEW_MAX])
{
    double fitting[IMI_TWO_VIEW_MAX];
    double residuals[IMI_TWO_VIEW_MAX];
    for (uint32_t k = 0; k < count; k++) {
        fitting[k] = 1;
    }
    for (int pass = 0; pass < REWEIGHTINGS; pass++) {
        fit_epipolar(matches, count, fitting, f);
        for (uint32_t k = 0; k < count; k++) {
            residuals[k] = epipolar_distance(f, &matches[k]);
        }
        double spread = fmax(1.4826 * median_size(residuals, count), noise);
        for (uint32_t k = 0; k < count; k++) {
            double gradient = fmax(epipolar_gradient(f, &matches[k]), 1e-9);
            weights[k] = biweight(residuals[k], spread);
            fitting[k] = weights[k] / (gradient * gradient);
        }
    }
}

/* ---- sheet ---- */

/*
 * Sum of squares after the homography, its first order changes, and a displacement that is a
 * polynomial along one axis, whichever axis explains most.
 */
static double sheet_squares_along(const imi_match *matches, uint32_t count, const double *weights,
                                  const double h[IMI_HOMOGRAPHY_UNKNOWNS], double angle)
{
    imi_normal_equations equations;
    imi_normal_init(&equations, SHEET_UNKNOWNS);
    double squares = 0;
    double right[SHEET_UNKNOWNS];
    for (uint32_t k = 0; k < count; k++) {
        const imi_match *m = &matches[k];
        double x = m->from_x;
        double y = m->from_y;
        double u = cos(angle) * x + sin(angle) * y;
        double to_x;
        double to_y;
        imi_apply_homography(h, x, y, &to_x, &to_y);
        double u2 = u * u;
        const double row_x[] = {x,         y,  1,      0,       0, 0, -x * to_x,
                                -y * to_x, u2, u2 * u, u2 * u2, 0, 0, 0};
        const double row_y[] = {0,         0, 0, x, y,  1,      -x * to_y,
                                -y * to_y, 0, 0, 0, u2, u2 * u, u2 * u2};
        imi_normal_add(&equations, row_x, m->to_x - to_x, weights[k]);
        imi_normal_add(&equations, row_y, m->to_y - to_y, weights[k]);
        squares += weights[k] *
                   ((m->to_x - to_x) * (m->to_x - to_x) + (m->to_y - to_y) * (m->to_y - to_y));
    }
    for (int i = 0; i < SHEET_UNKNOWNS; i++) {
        right[i] = equations.right[i];
    }
    double solution[IMI_SOLVE_MAX];
    if (!imi_normal_solve(&equations, solution)) {
        return INFINITY;
    }
    for (int i = 0; i < SHEET_UNKNOWNS; i++) {
        squares -= solution[i] * right[i];
    }
    return fmax(squares, 0);
}

static double sheet_squares(const imi_match *matches, uint32_t count, const double *weights,
                            const double h[IMI_HOMOGRAPHY_UNKNOWNS])
{
    double least = INFINITY;
    for (int axis = 0; axis < SHEET_AXES; axis++) {
        least =
            fmin(least, sheet_squares_along(matches, count, weights, h, PI * axis / SHEET_AXES));
    }
    return least;
}

/* ---- wrong matches ---- */

/* By how much a homography misses each match. */
static bool miss_plane(const imi_match *matches, uint32_t count, imi_match missed[])
{
    double h[IMI_HOMOGRAPHY_UNKNOWNS];
    if (!imi_fit_homography(matches, count, NULL, h)) {
        return false;
    }
    for (uint32_t k = 0; k < count; k++) {
        const imi_match *m = &matches[k];
        double x;
        double y;
        imi_apply_homography(h, m->from_x, m->from_y, &x, &y);
        missed[k] = (imi_match){m->from_x, m->from_y, m->to_x - x, m->to_y - y};
    }
    return true;
}

/* Median of what the nearest neighbours of match k are missed by, in one direction. */
static double neighbours_median(const imi_match *missed, const uint32_t nearest[NEIGHBOURS],
                                bool upright)
{
    double values[NEIGHBOURS];
    for (int i = 0; i < NEIGHBOURS; i++) {
        values[i] = upright ? missed[nearest[i]].to_y : missed[nearest[i]].to_x;
    }
    qsort(values, NEIGHBOURS, sizeof *values, compare_doubles);
    return values[NEIGHBOURS / 2];
}

static void find_nearest(const imi_match *matches, uint32_t count, uint32_t k,
                         uint32_t nearest[NEIGHBOURS])
{
    double distance[NEIGHBOURS];
    int found = 0;
    for (uint32_t i = 0; i < count; i++) {
        double d =
            hypot(matches[i].from_x - matches[k].from_x, matches[i].from_y - matches[k].from_y);
        int at = found;
        while (at > 0 && distance[at - 1] > d) {
            at--;
        }
        if (i == k || at == NEIGHBOURS) {
            continue;
        }
        found = found < NEIGHBOURS ? found + 1 : found;
        for (int j = found - 1; j > at; j--) {
            distance[j] = distance[j - 1];
            nearest[j] = nearest[j - 1];
        }
        distance[at] = d;
        nearest[at] = i;
    }
}

/*
 * Copy the matches that went where their neighbours went. A wrong match that happens to lie on
 * its epipolar line would otherwise speak for a solid; a nose has several points.
 */
static uint32_t keep_consistent(const imi_match *matches, uint32_t count, double noise,
                                imi_match kept[IMI_TWO_VIEW_MAX])
{
    imi_match missed[IMI_TWO_VIEW_MAX];
    double apart[IMI_TWO_VIEW_MAX];
    if (!miss_plane(matches, count, missed)) {
        return 0;
    }
    for (uint32_t k = 0; k < count; k++) {
        uint32_t nearest[NEIGHBOURS];
        find_nearest(matches, count, k, nearest);
        apart[k] = hypot(missed[k].to_x - neighbours_median(missed, nearest, false),
                         missed[k].to_y - neighbours_median(missed, nearest, true));
    }
    double limit = LIMIT_CONSISTENT * fmax(median_size(apart, count), noise);
    uint32_t n = 0;
    for (uint32_t k = 0; k < count; k++) {
        if (apart[k] <= limit) {
            kept[n++] = matches[k];
        }
    }
    return n;
}

/* ---- comparison ---- */

/* By how much more a short line amid the points is stretched one way than across it. */
static double elongation(const double h[IMI_HOMOGRAPHY_UNKNOWNS])
{
    double a = h[0] - h[2] * h[6];
    double b = h[1] - h[2] * h[7];
    double c = h[3] - h[5] * h[6];
    double d = h[4] - h[5] * h[7];
    double sum = hypot(a + d, b - c);
    double difference = hypot(a - d, b + c);
    return (sum + difference) / fabs(sum - difference);
}

bool imi_two_view_compare(const imi_match *all, uint32_t all_count, double noise, imi_two_view *out)
{
    *out = (imi_two_view){NAN, NAN, NAN};
    if (all_count < LIMIT_MATCHES || all_count > IMI_TWO_VIEW_MAX) {
        return false;
    }
    imi_match matches[IMI_TWO_VIEW_MAX];
    uint32_t count = keep_consistent(all, all_count, noise, matches);
    if (count < LIMIT_MATCHES) {
        return false;
    }
    double f[9];
    double h[IMI_HOMOGRAPHY_UNKNOWNS];
    double weights[IMI_TWO_VIEW_MAX];
    agree_on_epipolar(matches, count, noise, f, weights);
    double kept = 0;
    double off_lines = 0;
    for (uint32_t k = 0; k < count; k++) {
        double distance = epipolar_distance(f, &matches[k]);
        kept += weights[k];
        off_lines += weights[k] * distance * distance;
    }
    if (!(kept >= LIMIT_MATCHES_KEPT) || !imi_fit_homography(matches, count, weights, h)) {
        return false;
    }
    double off_sheet = sheet_squares(matches, count, weights, h);
    *out = (imi_two_view){
        .sheet = sqrt(off_sheet / (2 * kept - SHEET_UNKNOWNS - 1)),
        .solid = sqrt(off_lines / (kept - EPIPOLAR_UNKNOWNS)),
        .noise = noise * elongation(h),
    };
    return isfinite(out->sheet) && isfinite(out->solid) && isfinite(out->noise);
}
