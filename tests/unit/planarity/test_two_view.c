/* A sheet, flat or bent, and a solid, told apart by matched points alone. */
#include "two_view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SIDE = 9, POINTS = SIDE * SIDE };

static const double NOISE = 0.005;

typedef enum shape { FLAT, BENT, BUMP } shape;

/* A camera six units away looks at a patch two units wide, which turns and comes nearer. */
typedef struct motion {
    shape surface;
    double yaw, pitch; /* radians */
    double nearer; /* share of the distance */
    double noise;
} motion;

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 40) / 8388608.0 - 1;
}

static double height(shape of, double x, double y)
{
    double u = 0.8 * x + 0.6 * y;
    return of == FLAT   ? 0
           : of == BENT ? 1.2 - sqrt(1.44 - fmin(u * u, 1.4))
                        : 0.5 * (x * x + y * y) - 0.5 * exp(-(x * x + y * y) / 0.1);
}

static void look(const motion *m, double x, double y, double *to_x, double *to_y)
{
    double z = height(m->surface, x, y);
    double down = cos(m->pitch) * y + sin(m->pitch) * z;
    double away = cos(m->pitch) * z - sin(m->pitch) * y;
    double right = cos(m->yaw) * x - sin(m->yaw) * away;
    double distance = 6 * (1 - m->nearer) + sin(m->yaw) * x + cos(m->yaw) * away;
    *to_x = 6 * right / distance;
    *to_y = 6 * down / distance;
}

static uint32_t match(const motion *m, imi_match out[POINTS])
{
    const motion still = {.surface = m->surface};
    uint64_t random = 7;
    for (int i = 0; i < POINTS; i++) {
        double x = (i % SIDE - SIDE / 2) * 2.0 / SIDE + 0.05 * random_unit(&random);
        double y = (i / SIDE - SIDE / 2) * 2.0 / SIDE + 0.05 * random_unit(&random);
        look(&still, x, y, &out[i].from_x, &out[i].from_y);
        look(m, x, y, &out[i].to_x, &out[i].to_y);
        out[i].to_x += m->noise * random_unit(&random);
        out[i].to_y += m->noise * random_unit(&random);
    }
    return POINTS;
}

/* Log of how much better a solid explains the matches. */
static double ratio(const motion *m)
{
    imi_match matches[POINTS];
    imi_two_view found;
    assert_true(imi_two_view_compare(matches, match(m, matches), NOISE, &found));
    return log(found.sheet / hypot(found.solid, found.noise));
}

static void assert_at_most(double value, double limit)
{
    if (!(value <= limit)) {
        fail_msg("%g is above %g", value, limit);
    }
}

static void a_plane_is_no_solid_however_it_moves(void **state)
{
    (void)state;
    for (double yaw = -0.8; yaw <= 0.8; yaw += 0.4) {
        for (double nearer = -0.3; nearer <= 0.5; nearer += 0.2) {
            motion m = {FLAT, yaw, 0.3, nearer, NOISE};
            assert_at_most(ratio(&m), 0);
        }
    }
}

static void a_bent_sheet_is_no_solid(void **state)
{
    (void)state;
    for (double yaw = -0.2; yaw <= 0.2; yaw += 0.1) {
        for (double nearer = 0; nearer <= 0.2; nearer += 0.1) {
            motion m = {BENT, yaw, 0.1, nearer, NOISE};
            assert_at_most(ratio(&m), 0.4);
        }
    }
}

static void a_bump_that_turns_is_a_solid(void **state)
{
    (void)state;
    for (double yaw = -0.4; yaw <= 0.4; yaw += 0.2) {
        motion m = {BUMP, yaw, 0.3, 0, NOISE};
        assert_at_most(1, ratio(&m));
    }
}

static void a_bump_that_comes_nearer_is_a_solid(void **state)
{
    (void)state;
    motion m = {BUMP, 0, 0, 0.45, NOISE / 4};
    assert_at_most(0.3, ratio(&m));
}

static void noise_alone_makes_no_solid(void **state)
{
    (void)state;
    for (double noise = 0.001; noise < 0.1; noise *= 2) {
        motion m = {FLAT, 0.3, 0.1, 0.2, noise};
        assert_at_most(ratio(&m), 0.2);
    }
}

static void wrong_matches_make_no_solid(void **state)
{
    (void)state;
    imi_match matches[POINTS];
    motion m = {FLAT, 0.3, 0.1, 0.2, NOISE};
    uint32_t count = match(&m, matches);
    uint64_t random = 3;
    for (uint32_t i = 0; i < count; i += 10) {
        matches[i].to_x += 0.3 * random_unit(&random);
        matches[i].to_y += 0.3 * random_unit(&random);
    }
    imi_two_view found;
    assert_true(imi_two_view_compare(matches, count, NOISE, &found));
    assert_at_most(log(found.sheet / hypot(found.solid, found.noise)), 0.2);
}

static void few_matches_tell_nothing(void **state)
{
    (void)state;
    imi_match matches[POINTS];
    motion m = {BUMP, 0.3, 0, 0, 0};
    match(&m, matches);
    imi_two_view found;
    assert_false(imi_two_view_compare(matches, 12, NOISE, &found));
    assert_true(isnan(found.sheet) && isnan(found.solid));
    assert_false(imi_two_view_compare(matches, 0, NOISE, &found));
}

static void more_matches_than_fit_tell_nothing(void **state)
{
    (void)state;
    static const imi_match matches[IMI_TWO_VIEW_MAX + 1];
    imi_two_view found;
    assert_false(imi_two_view_compare(matches, IMI_TWO_VIEW_MAX + 1, NOISE, &found));
}

static void degenerate_matches_tell_nothing(void **state)
{
    (void)state;
    imi_match matches[POINTS] = {{0}};
    imi_two_view found;
    assert_false(imi_two_view_compare(matches, POINTS, NOISE, &found)); /* one point */
    for (int i = 0; i < POINTS; i++) {
        matches[i] = (imi_match){i, 2 * i, i, 2 * i}; /* one line */
    }
    assert_false(imi_two_view_compare(matches, POINTS, NOISE, &found));
}

static void matches_that_are_not_finite_tell_nothing(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        imi_match matches[POINTS];
        motion m = {BUMP, 0.3, 0, 0, 0};
        uint32_t count = match(&m, matches);
        matches[5].to_x = bad[i];
        imi_two_view found;
        assert_false(imi_two_view_compare(matches, count, NOISE, &found));
    }
}

static void what_is_seen_aslant_is_seen_less_well(void **state)
{
    (void)state;
    imi_match matches[POINTS];
    imi_two_view straight;
    imi_two_view aslant;
    motion m = {FLAT, 0, 0, 0.3, NOISE};
    assert_true(imi_two_view_compare(matches, match(&m, matches), NOISE, &straight));
    m.yaw = 1;
    assert_true(imi_two_view_compare(matches, match(&m, matches), NOISE, &aslant));
    assert_at_most(fabs(straight.noise - NOISE), 0.1 * NOISE);
    assert_at_most(1.5 * NOISE, aslant.noise);
}

static void a_homography_is_found_again(void **state)
{
    (void)state;
    imi_match matches[POINTS];
    motion m = {FLAT, 0.5, 0.2, 0.2, 0};
    uint32_t count = match(&m, matches);
    double h[IMI_HOMOGRAPHY_UNKNOWNS];
    assert_true(imi_fit_homography(matches, count, NULL, h));
    for (uint32_t i = 0; i < count; i++) {
        double x;
        double y;
        imi_apply_homography(h, matches[i].from_x, matches[i].from_y, &x, &y);
        assert_at_most(hypot(x - matches[i].to_x, y - matches[i].to_y), 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plane_is_no_solid_however_it_moves),
        cmocka_unit_test(a_bent_sheet_is_no_solid),
        cmocka_unit_test(noise_alone_makes_no_solid),
        cmocka_unit_test(wrong_matches_make_no_solid),
        cmocka_unit_test(a_bump_that_turns_is_a_solid),
        cmocka_unit_test(a_bump_that_comes_nearer_is_a_solid),
        cmocka_unit_test(few_matches_tell_nothing),
        cmocka_unit_test(more_matches_than_fit_tell_nothing),
        cmocka_unit_test(degenerate_matches_tell_nothing),
        cmocka_unit_test(matches_that_are_not_finite_tell_nothing),
        cmocka_unit_test(what_is_seen_aslant_is_seen_less_well),
        cmocka_unit_test(a_homography_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
