/* What a portrait on one side costs: rates at one threshold, their ratio, and its interval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portrait_rates.h"

#include <math.h>

enum { GROUPS = 2, SUBJECTS = 20, PER_SUBJECT = 10, SCORES_MAX = 1000 };

static eval_portrait_score g_scores[SCORES_MAX];
static uint32_t g_strata[SUBJECTS];
static eval_portrait_row g_rows[GROUPS + 1];

/* Ten people a group, ten mated comparisons each; every one matches. */
static eval_portrait_scores all_matching(void)
{
    eval_portrait_scores all = {g_scores, 0, GROUPS, SUBJECTS, g_strata, GROUPS};
    for (uint32_t subject = 0; subject < SUBJECTS; subject++) {
        g_strata[subject] = subject / 10;
        for (size_t i = 0; i < PER_SUBJECT; i++) {
            g_scores[all.count++] =
                (eval_portrait_score){1, 1, true, subject, subject, subject / 10};
        }
    }
    return all;
}

static void measure(const eval_portrait_scores *all)
{
    assert_int_equal(eval_portrait_rates(all, 0.5, g_rows, NULL), IMI_OK);
}

static void nothing_missed_has_no_ratio(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    measure(&all);
    assert_int_equal(g_rows[GROUPS].mated, 200);
    assert_true(g_rows[GROUPS].fnmr_clean == 0 && g_rows[GROUPS].fnmr_portrait == 0);
    assert_true(isnan(g_rows[GROUPS].ratio) && isnan(g_rows[GROUPS].ratio_interval.low));
    assert_true(isnan(g_rows[GROUPS].fmr_clean));
}

static void a_group_counts_only_its_own(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    g_scores[0].clean = 0;
    g_scores[0].portrait = 0;
    g_scores[1].portrait = 0;
    measure(&all);
    assert_true(fabs(g_rows[0].fnmr_clean - 0.01) < 1e-12);
    assert_true(fabs(g_rows[0].fnmr_portrait - 0.02) < 1e-12);
    assert_true(fabs(g_rows[0].ratio - 2) < 1e-12);
    assert_true(g_rows[1].fnmr_portrait == 0 && isnan(g_rows[1].ratio));
    assert_true(fabs(g_rows[GROUPS].fnmr_portrait - 0.01) < 1e-12);
}

static void a_score_at_the_threshold_matches(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    g_scores[0].clean = 0.5F;
    g_scores[0].portrait = 0.4999F;
    measure(&all);
    assert_true(g_rows[0].fnmr_clean == 0);
    assert_true(g_rows[0].fnmr_portrait > 0);
}

static void a_comparison_that_could_not_be_made_is_a_miss(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    g_scores[0].portrait = -INFINITY;
    g_scores[1].portrait = NAN;
    measure(&all);
    assert_true(fabs(g_rows[0].fnmr_portrait - 0.02) < 1e-12);
}

static void false_matches_are_counted_apart(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    g_scores[all.count++] = (eval_portrait_score){0.2F, 0.9F, false, 0, 1, 0};
    g_scores[all.count++] = (eval_portrait_score){0.2F, 0.1F, false, 0, 2, 0};
    measure(&all);
    assert_int_equal(g_rows[0].non_mated, 2);
    assert_true(g_rows[0].fmr_clean == 0);
    assert_true(fabs(g_rows[0].fmr_portrait - 0.5) < 1e-12);
    assert_true(g_rows[0].fnmr_portrait == 0);
}

/* Each person misses once as a photo and twice as a portrait: whoever is drawn, the ratio is 2. */
static void an_interval_of_like_people_is_narrow(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    for (size_t i = 0; i < all.count; i += PER_SUBJECT) {
        g_scores[i].clean = 0;
        g_scores[i].portrait = 0;
        g_scores[i + 1].portrait = 0;
    }
    measure(&all);
    assert_true(fabs(g_rows[GROUPS].ratio - 2) < 1e-12);
    assert_true(fabs(g_rows[GROUPS].ratio_interval.low - 2) < 1e-9);
    assert_true(fabs(g_rows[GROUPS].ratio_interval.high - 2) < 1e-9);
}

/* One person misses as a portrait alone: the interval says that it hangs on who is drawn. */
static void an_interval_of_unlike_people_is_wide(void **state)
{
    (void)state;
    eval_portrait_scores all = all_matching();
    for (size_t i = 0; i < 100; i += PER_SUBJECT) {
        g_scores[i].clean = 0;
        g_scores[i].portrait = 0;
    }
    for (size_t i = 0; i < PER_SUBJECT; i++) {
        g_scores[i].portrait = 0;
    }
    measure(&all);
    assert_true(g_rows[0].ratio_interval.low < g_rows[0].ratio - 0.5);
    assert_true(g_rows[0].ratio_interval.high > g_rows[0].ratio + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_missed_has_no_ratio),
        cmocka_unit_test(a_group_counts_only_its_own),
        cmocka_unit_test(a_score_at_the_threshold_matches),
        cmocka_unit_test(a_comparison_that_could_not_be_made_is_a_miss),
        cmocka_unit_test(false_matches_are_counted_apart),
        cmocka_unit_test(an_interval_of_like_people_is_narrow),
        cmocka_unit_test(an_interval_of_unlike_people_is_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
