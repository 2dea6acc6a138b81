/* Intervals must hold the truth about as often as they say, over many populations. */
#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "interval.h"

#include <math.h>

enum { MANY = 5000, FEW = 250, DRAWS = 60 };

static imi_scorer *g_scorer;
static imi_nonmated *g_truth; /* 12 million comparisons stand for all people */

static int measure_truth(void **state)
{
    (void)state;
    people_scorer(&g_scorer);
    IMI_AUTO(imi_population) population = NULL;
    people_population(g_scorer, NULL, MANY, 1, &population);
    people_measure(population, &g_truth);
    return 0;
}

static int drop_truth(void **state)
{
    (void)state;
    imi_nonmated_destroy(&g_truth);
    imi_scorer_destroy(&g_scorer);
    return 0;
}

typedef struct covered {
    size_t by_interval, by_binomial, extrapolated;
} covered;

static covered count_covered(double rate)
{
    covered result = {0, 0, 0};
    double threshold = NAN;
    assert_int_equal(imi_nonmated_threshold(g_truth, IMI_SCORE_RAW, rate, &threshold, NULL),
                     IMI_OK);
    double truth = imi_nonmated_fmr(g_truth, IMI_SCORE_RAW, 0, threshold).rate;
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        IMI_AUTO(imi_population) population = NULL;
        people_population(g_scorer, NULL, FEW, 1000 + 7919 * draw, &population);
        IMI_AUTO(imi_nonmated) drawn = NULL;
        people_measure(population, &drawn);
        imi_rate made = imi_nonmated_fmr(drawn, IMI_SCORE_RAW, 0, threshold);
        interval binomial = interval_of_rate((double)made.events, (double)FEW * (FEW - 1) / 2);
        result.by_interval += made.low <= truth && truth <= made.high ? 1 : 0;
        result.by_binomial += binomial.low <= truth && truth <= binomial.high ? 1 : 0;
        result.extrapolated += made.extrapolated ? 1 : 0;
    }
    return result;
}

static void intervals_cover_the_truth_where_events_are_counted(void **state)
{
    (void)state;
    covered result = count_covered(1e-2);
    assert_in_range(result.by_interval, 52, DRAWS); /* 57 expected */
    /* Comparisons that share subjects are not independent: it shows. */
    assert_true(result.by_binomial < result.by_interval);
}

static void intervals_cover_the_truth_where_the_tail_is_extrapolated(void **state)
{
    (void)state;
    covered result = count_covered(1e-4);
    assert_in_range(result.by_interval, 50, DRAWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_the_truth_where_events_are_counted),
        cmocka_unit_test(intervals_cover_the_truth_where_the_tail_is_extrapolated),
    };
    return cmocka_run_group_tests(tests, measure_truth, drop_truth);
}
