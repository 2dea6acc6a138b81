/* Curves against rates that are known by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "curves.h"

#include <math.h>

enum { SUBJECTS = 20, MATED = 100, NON_MATED = 1000, COUNT = MATED + NON_MATED };

/* Non-mated scores 0.000, 0.001 ... 0.999; mated ones 0.50, 0.51 ... 1.49. */
static void make_scores(eval_score out[COUNT])
{
    for (uint32_t i = 0; i < NON_MATED; i++) {
        out[i] = (eval_score){(float)i / NON_MATED, false, i % SUBJECTS, (i + 1) % SUBJECTS};
    }
    for (uint32_t i = 0; i < MATED; i++) {
        out[NON_MATED + i] =
            (eval_score){0.5F + (float)i / MATED + 0.0005F, true, i % SUBJECTS, i % SUBJECTS};
    }
    eval_scores_sort(out, COUNT);
}

static void fnmr_by_fmr_is_that_of_the_threshold_between(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    eval_curves curves;
    make_scores(scores);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &curves, NULL), IMI_OK);
    assert_int_equal(curves.det_count, EVAL_CURVE_POINTS);
    for (size_t i = 0; i < curves.det_count; i++) {
        /* The threshold for FMR f is 1 - f, of which FNMR is what mated lies below. */
        double expected = fmin(fmax(1 - curves.det[i].x - 0.5, 0), 1);
        assert_true(fabs(curves.det[i].y - expected) < 0.011);
    }
}

static void rates_never_fall_back_along_a_curve(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    eval_curves curves;
    make_scores(scores);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &curves, NULL), IMI_OK);
    for (size_t i = 1; i < EVAL_CURVE_POINTS; i++) {
        assert_true(curves.det[i].x > curves.det[i - 1].x);
        assert_true(curves.det[i].y <= curves.det[i - 1].y);
        assert_true(curves.fmr[i].x > curves.fmr[i - 1].x);
        assert_true(curves.fmr[i].y <= curves.fmr[i - 1].y);
    }
}

static void fmr_by_threshold_is_the_share_at_or_above_it(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    eval_curves curves;
    make_scores(scores);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &curves, NULL), IMI_OK);
    for (size_t i = 0; i < curves.fmr_count; i++) {
        double expected = fmax(1 - curves.fmr[i].x, 0);
        assert_true(fabs(curves.fmr[i].y - expected) < 0.0011);
    }
    assert_true(curves.fmr[EVAL_CURVE_POINTS - 1].y == 0);
}

static void bands_hold_their_curve(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    eval_curves curves;
    make_scores(scores);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &curves, NULL), IMI_OK);
    size_t with_width = 0;
    for (size_t i = 0; i < EVAL_CURVE_POINTS; i++) {
        assert_true(curves.det[i].low <= curves.det[i].y + 0.02);
        assert_true(curves.det[i].high >= curves.det[i].y - 0.02);
        with_width += curves.det[i].high > curves.det[i].low ? 1 : 0;
    }
    assert_true(with_width > EVAL_CURVE_POINTS / 2);
}

static void curves_are_the_same_in_every_run(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    eval_curves once;
    eval_curves again;
    make_scores(scores);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &once, NULL), IMI_OK);
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &again, NULL), IMI_OK);
    assert_memory_equal(&once, &again, sizeof once);
}

static void failed_pairs_keep_fnmr_above_zero(void **state)
{
    (void)state;
    static eval_score scores[COUNT];
    make_scores(scores);
    size_t failed = 0;
    for (size_t i = 0; i < COUNT && failed < 10; i++) {
        if (scores[i].mated) {
            scores[i].similarity = -INFINITY;
            failed++;
        }
    }
    eval_scores_sort(scores, COUNT);
    eval_curves curves;
    assert_int_equal(eval_curves_make(scores, COUNT, SUBJECTS, &curves, NULL), IMI_OK);
    assert_true(curves.det[EVAL_CURVE_POINTS - 1].y >= 0.1 - 1e-9);
}

static void one_kind_of_pair_gives_no_curve(void **state)
{
    (void)state;
    eval_score mated[] = {{0.9F, true, 0, 0}, {0.8F, true, 1, 1}};
    eval_score none[] = {
        {-INFINITY, true, 0, 0}, {-INFINITY, false, 0, 1}, {-INFINITY, false, 1, 0}};
    eval_curves curves;
    assert_int_equal(eval_curves_make(mated, 2, 2, &curves, NULL), IMI_OK);
    assert_int_equal(curves.det_count, 0);
    assert_int_equal(eval_curves_make(none, 3, 2, &curves, NULL), IMI_OK);
    assert_int_equal(curves.fmr_count, 0);
    assert_int_equal(eval_curves_make(NULL, 0, 0, &curves, NULL), IMI_OK);
    assert_int_equal(curves.det_count, 0);
}

static void equal_scores_give_finite_curves(void **state)
{
    (void)state;
    eval_score same[] = {{0.5F, true, 0, 0}, {0.5F, false, 0, 1}, {0.5F, false, 1, 0}};
    eval_curves curves;
    assert_int_equal(eval_curves_make(same, 3, 2, &curves, NULL), IMI_OK);
    for (size_t i = 0; i < curves.det_count; i++) {
        assert_true(isfinite(curves.det[i].y) && isfinite(curves.fmr[i].x));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fnmr_by_fmr_is_that_of_the_threshold_between),
        cmocka_unit_test(rates_never_fall_back_along_a_curve),
        cmocka_unit_test(fmr_by_threshold_is_the_share_at_or_above_it),
        cmocka_unit_test(bands_hold_their_curve),
        cmocka_unit_test(curves_are_the_same_in_every_run),
        cmocka_unit_test(failed_pairs_keep_fnmr_above_zero),
        cmocka_unit_test(one_kind_of_pair_gives_no_curve),
        cmocka_unit_test(equal_scores_give_finite_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
