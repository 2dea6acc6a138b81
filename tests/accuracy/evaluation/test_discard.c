/* Error against discard, on pairs whose answer is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "discard.h"

#include <math.h>

enum { PAIRS = 1000, SUBJECTS = 50 };

/* Every tenth pair fails. quality(i, failed) says how good it looks. */
static void make_pairs(eval_discard_pair out[PAIRS], float (*quality)(uint32_t i, bool failed))
{
    for (uint32_t i = 0; i < PAIRS; i++) {
        bool failed = i % 10 == 0;
        out[i] = (eval_discard_pair){quality(i, failed), failed, (i / 20) % SUBJECTS};
    }
}

static float knows_all(uint32_t i, bool failed)
{
    return (failed ? 0.0F : 1.0F) + (float)i / PAIRS / 2;
}

static float knows_nothing(uint32_t i, bool failed)
{
    (void)failed;
    return (float)((i * 7919) % PAIRS);
}

static float knows_the_opposite(uint32_t i, bool failed)
{
    return -knows_all(i, failed);
}

static float is_nan_where_it_fails(uint32_t i, bool failed)
{
    return failed ? NAN : (float)i;
}

static void measure(float (*quality)(uint32_t i, bool failed), eval_discard *out)
{
    static eval_discard_pair pairs[PAIRS];
    make_pairs(pairs, quality);
    assert_int_equal(eval_discard_measure(pairs, PAIRS, SUBJECTS, out, NULL), IMI_OK);
}

static void perfect_quality_discards_every_failure_first(void **state)
{
    (void)state;
    eval_discard made;
    measure(knows_all, &made);
    assert_true(fabs(made.points[0].y - 0.1) < 1e-9);
    /* Half of the failures gone with the first twentieth, all with the first tenth. */
    assert_true(fabs(made.points[5].y - 0.05 / 0.95) < 1e-9);
    assert_true(fabs(made.points[10].y) < 1e-9);
    assert_true(made.area < 0.2);
}

static void empty_quality_leaves_fnmr_where_it_is(void **state)
{
    (void)state;
    eval_discard made;
    measure(knows_nothing, &made);
    assert_true(fabs(made.area - 1) < 0.1);
}

static void misleading_quality_raises_fnmr(void **state)
{
    (void)state;
    eval_discard made;
    measure(knows_the_opposite, &made);
    assert_true(made.area > 1.1);
}

static void a_pair_without_measure_is_discarded_first(void **state)
{
    (void)state;
    eval_discard made;
    measure(is_nan_where_it_fails, &made);
    assert_true(fabs(made.points[10].y) < 1e-9);
}

static void shares_run_from_nothing_to_thirty_percent(void **state)
{
    (void)state;
    eval_discard made;
    measure(knows_all, &made);
    assert_true(made.points[0].x == 0);
    assert_true(fabs(made.points[EVAL_DISCARD_POINTS - 1].x - 0.3) < 1e-9);
}

static void the_interval_of_an_area_holds_it(void **state)
{
    (void)state;
    eval_discard made;
    measure(knows_nothing, &made);
    eval_interval interval = eval_discard_area_interval(&made);
    assert_true(interval.low < made.area && made.area < interval.high);
}

static void a_gain_is_told_from_chance(void **state)
{
    (void)state;
    static eval_discard best;
    static eval_discard none;
    measure(knows_all, &best);
    measure(knows_nothing, &none);
    assert_true(eval_discard_gain_interval(&best, &none).low > 0);
    eval_interval of_itself = eval_discard_gain_interval(&none, &none);
    assert_true(of_itself.low == 0 && of_itself.high == 0);
}

static void without_pairs_nothing_is_known(void **state)
{
    (void)state;
    eval_discard made;
    assert_int_equal(eval_discard_measure(NULL, 0, 0, &made, NULL), IMI_OK);
    assert_true(isnan(made.area) && isnan(made.points[0].y));
    assert_true(isnan(eval_discard_area_interval(&made).low));
}

static void without_failures_there_is_no_area(void **state)
{
    (void)state;
    eval_discard_pair pairs[] = {{0.1F, false, 0}, {0.2F, false, 1}};
    eval_discard made;
    assert_int_equal(eval_discard_measure(pairs, 2, 2, &made, NULL), IMI_OK);
    assert_true(made.points[0].y == 0);
    assert_true(isnan(made.area));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perfect_quality_discards_every_failure_first),
        cmocka_unit_test(empty_quality_leaves_fnmr_where_it_is),
        cmocka_unit_test(misleading_quality_raises_fnmr),
        cmocka_unit_test(a_pair_without_measure_is_discarded_first),
        cmocka_unit_test(shares_run_from_nothing_to_thirty_percent),
        cmocka_unit_test(the_interval_of_an_area_holds_it),
        cmocka_unit_test(a_gain_is_told_from_chance),
        cmocka_unit_test(without_pairs_nothing_is_known),
        cmocka_unit_test(without_failures_there_is_no_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
