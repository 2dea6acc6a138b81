#include "people.h"
#include "tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

enum { BINS = 2000 };
static const double WIDTH = 0.01;

static void assert_within(double got, double low, double high)
{
    if (!(got >= low && got <= high)) {
        fail_msg("%.6g does not lie in [%.6g, %.6g]", got, low, high);
    }
}

/* Random excesses of a generalised Pareto distribution, counted from the top. */
static void draw(uint64_t seed, size_t count, double shape, double scale, uint64_t *above)
{
    for (size_t i = 0; i <= BINS; i++) {
        above[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        double u = people_uniform(&seed);
        double excess = fabs(shape) < 1e-9 ? -scale * log(u) : scale * (pow(u, -shape) - 1) / shape;
        size_t bin = (size_t)(excess / WIDTH);
        above[bin < BINS ? bin : BINS - 1]++;
    }
    for (size_t i = BINS; i-- > 0;) {
        above[i] += above[i + 1];
    }
}

static void survival_is_that_of_the_distribution(void **state)
{
    (void)state;
    assert_within(tail_survival(0, 2, 2), exp(-1) - 1e-12, exp(-1) + 1e-12);
    assert_within(tail_survival(0.5, 1, 2), 0.25 - 1e-12, 0.25 + 1e-12);
    assert_within(tail_survival(-0.5, 1, 1), 0.25 - 1e-12, 0.25 + 1e-12);
    assert_within(tail_survival(-0.5, 1, 3), 0, 0);
    /* Shape 0 is a limit, not an exception. */
    assert_within(tail_survival(1e-7, 1, 3) / tail_survival(0, 1, 3), 0.999, 1.001);
}

static void parameters_are_found_again(void **state)
{
    (void)state;
    static const double shapes[] = {-0.3, -0.1, 0, 0.15};
    static uint64_t above[BINS + 1];
    for (size_t i = 0; i < 4; i++) {
        draw(11 + i, 20000, shapes[i], 0.8, above);
        tail_data data = {above, BINS, WIDTH, 1};
        nonmated_tail tail;
        assert_true(tail_fit(&data, &tail));
        assert_within(tail.shape, shapes[i] - 0.04, shapes[i] + 0.04);
        assert_within(tail.scale, 0.76, 0.84);
    }
}

/* The interval must hold the truth about as often as it says. */
static void intervals_cover_the_truth(void **state)
{
    (void)state;
    enum { TRIALS = 60 };
    static uint64_t above[BINS + 1];
    size_t covered = 0;
    for (size_t trial = 0; trial < TRIALS; trial++) {
        draw(1000 + trial, 400, -0.15, 0.5, above);
        tail_data data = {above, BINS, WIDTH, 1};
        nonmated_tail tail;
        assert_true(tail_fit(&data, &tail));
        tail_estimate made = tail_estimate_at(&tail, 1.5);
        double truth = tail_survival(-0.15, 0.5, 1.5);
        covered += made.low <= truth && truth <= made.high ? 1 : 0;
    }
    assert_within((double)covered, 0.86 * TRIALS, TRIALS);
}

static void a_larger_effect_widens_the_interval(void **state)
{
    (void)state;
    static uint64_t above[BINS + 1];
    draw(5, 4000, -0.1, 0.5, above);
    nonmated_tail one, ten;
    assert_true(tail_fit(&(tail_data){above, BINS, WIDTH, 1}, &one));
    assert_true(tail_fit(&(tail_data){above, BINS, WIDTH, 10}, &ten));
    tail_estimate narrow = tail_estimate_at(&one, 2), wide = tail_estimate_at(&ten, 2);
    assert_true(wide.high > narrow.high && wide.low < narrow.low);
}

static void duplicates_do_not_bend_the_fit(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 40, 400, 1000};
    for (size_t i = 0; i < 4; i++) {
        static uint64_t above[BINS + 1];
        draw(6, 4000, -0.1, 0.5, above);
        uint64_t random = 9;
        for (size_t j = 0; j < counts[i]; j++) {
            /* Around 8, where no excess of the distribution lies. */
            size_t last = (size_t)((8 + people_normal(&random)) / WIDTH);
            for (size_t bin = 0; bin <= last; bin++) {
                above[bin]++;
            }
        }
        nonmated_tail tail;
        assert_true(tail_fit(&(tail_data){above, BINS, WIDTH, 1}, &tail));
        assert_within(tail.shape, -0.17, -0.03);
        assert_within(tail.scale, 0.46, 0.54);
        double share = (double)counts[i] / (double)(4000 + counts[i]);
        assert_within(tail.foreign, share * 0.5, share * 1.5 + 0.005);
    }
}

static void nothing_is_fitted_to_nothing(void **state)
{
    (void)state;
    static uint64_t above[BINS + 1];
    nonmated_tail tail;
    assert_false(tail_fit(&(tail_data){above, BINS, WIDTH, 1}, &tail));
    assert_false(tail_fit(&(tail_data){above, 0, WIDTH, 1}, &tail));
    for (size_t bin = 0; bin < 2; bin++) {
        above[bin] = 10;
    }
    assert_false(tail_fit(&(tail_data){above, BINS, WIDTH, 1}, &tail));
}

static void an_estimate_without_a_fit_is_nan(void **state)
{
    (void)state;
    static nonmated_tail tail;
    assert_true(isnan(tail_estimate_at(&tail, 1).mean));
    assert_true(isnan(tail_estimate_at(&tail, 1).high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survival_is_that_of_the_distribution),
        cmocka_unit_test(parameters_are_found_again),
        cmocka_unit_test(intervals_cover_the_truth),
        cmocka_unit_test(a_larger_effect_widens_the_interval),
        cmocka_unit_test(duplicates_do_not_bend_the_fit),
        cmocka_unit_test(nothing_is_fitted_to_nothing),
        cmocka_unit_test(an_estimate_without_a_fit_is_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
