#include "cmocka_all.h"
#include "random.h"
#include "triangles.h"

#include <math.h>

enum { SCATTERED = 200 };

static void scatter(imi_point *points)
{
    imi_gen_random random = imi_gen_random_of(7, "points");
    for (int i = 0; i < SCATTERED; i++) {
        points[i].x = (float)imi_gen_random_between(&random, -300, 900);
        points[i].y = (float)imi_gen_random_between(&random, 10, 400);
    }
}

static double doubled_area(imi_point a, imi_point b, imi_point c)
{
    return fabs(((double)b.x - a.x) * ((double)c.y - a.y) -
                ((double)b.y - a.y) * ((double)c.x - a.x));
}

static double hull_area(const imi_point *points, const uint16_t *hull, size_t count)
{
    double sum = 0;
    for (size_t i = 1; i + 1 < count; i++) {
        sum += doubled_area(points[hull[0]], points[hull[i]], points[hull[i + 1]]);
    }
    return sum;
}

static void triangles_cover_the_hull_once(void **state)
{
    (void)state;
    imi_point points[SCATTERED];
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    uint16_t hull[SCATTERED];
    size_t count = 0;
    scatter(points);
    assert_int_equal(IMI_OK, imi_gen_triangulate(points, SCATTERED, triangles, &count, NULL));
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const uint16_t *c = triangles[i].corner;
        sum += doubled_area(points[c[0]], points[c[1]], points[c[2]]);
    }
    size_t corners = imi_gen_hull(points, SCATTERED, hull);
    double whole = hull_area(points, hull, corners);
    /* The far points that the method starts from cost slivers at the edge. */
    assert_true(sum <= whole * 1.0001 && sum >= whole * 0.98);
}

static bool circle_holds(const imi_point *p, const uint16_t *c, imi_point at)
{
    double bx = (double)p[c[1]].x - p[c[0]].x;
    double by = (double)p[c[1]].y - p[c[0]].y;
    double cx = (double)p[c[2]].x - p[c[0]].x;
    double cy = (double)p[c[2]].y - p[c[0]].y;
    double d = 2 * (bx * cy - by * cx);
    double x = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / d;
    double y = (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / d;
    double away = hypot(at.x - p[c[0]].x - x, at.y - p[c[0]].y - y);
    return away < hypot(x, y) * 0.999;
}

static void no_circle_around_a_triangle_holds_a_point(void **state)
{
    (void)state;
    imi_point points[SCATTERED];
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    size_t count = 0;
    scatter(points);
    assert_int_equal(IMI_OK, imi_gen_triangulate(points, SCATTERED, triangles, &count, NULL));
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < SCATTERED; k++) {
            assert_false(circle_holds(points, triangles[i].corner, points[k]));
        }
    }
}

static void a_grid_of_square_cells_is_triangulated(void **state)
{
    (void)state;
    imi_point points[25];
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    size_t count = 0;
    for (int i = 0; i < 25; i++) {
        points[i] = (imi_point){(float)(i % 5), (float)(i / 5)};
    }
    assert_int_equal(IMI_OK, imi_gen_triangulate(points, 25, triangles, &count, NULL));
    assert_in_range(count, 32, 40);
}

static void points_on_a_spot_are_refused(void **state)
{
    (void)state;
    const imi_point same[4] = {{3, 3}, {3, 3}, {3, 3}, {3, 3}};
    const imi_point not_finite[3] = {{0, 0}, {INFINITY, 1}, {1, 0}};
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    size_t count = 9;
    assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_triangulate(same, 4, triangles, &count, NULL));
    assert_int_equal(0, count);
    assert_int_equal(IMI_E_INVALID_ARGUMENT,
                     imi_gen_triangulate(not_finite, 3, triangles, &count, NULL));
}

static void too_few_and_too_many_points_are_refused(void **state)
{
    (void)state;
    static const imi_point MANY[IMI_GEN_POINTS_MAX + 1];
    imi_gen_triangle triangles[IMI_GEN_TRIANGLES_MAX];
    size_t count = 0;
    assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_triangulate(MANY, 2, triangles, &count, NULL));
    assert_int_equal(IMI_E_INVALID_ARGUMENT,
                     imi_gen_triangulate(MANY, IMI_GEN_POINTS_MAX + 1, triangles, &count, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triangles_cover_the_hull_once),
        cmocka_unit_test(no_circle_around_a_triangle_holds_a_point),
        cmocka_unit_test(a_grid_of_square_cells_is_triangulated),
        cmocka_unit_test(points_on_a_spot_are_refused),
        cmocka_unit_test(too_few_and_too_many_points_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
