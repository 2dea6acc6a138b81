#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "nonmated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE = 1500, CHEATS = 60 };

static imi_scorer *g_scorer;
static imi_nonmated *g_clean, *g_cheated; /* the same people, some enrolled twice */

static void measure(size_t cheats, double noise, imi_nonmated **out)
{
    imi_population_options options = {g_scorer, NULL, PEOPLE + CHEATS, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 23, photos = 99;
    imi_template person, photo;
    for (size_t i = 0; i < PEOPLE; i++) {
        people_template(&random, 0.5, &person);
        people_add(population, i, 0, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
        if (i < cheats) {
            people_photo(&photos, &person, noise, &photo);
            people_add(population, 100000 + i, 0, &photo,
                       (imi_population_attributes){0, IMI_SEX_UNKNOWN});
        }
    }
    people_measure(population, out);
}

static int measure_all(void **state)
{
    (void)state;
    people_scorer(&g_scorer);
    measure(0, 0, &g_clean);
    measure(CHEATS, 0.8, &g_cheated);
    return 0;
}

static int drop_all(void **state)
{
    (void)state;
    imi_nonmated_destroy(&g_clean);
    imi_nonmated_destroy(&g_cheated);
    imi_scorer_destroy(&g_scorer);
    return 0;
}

static void every_one_is_listed_most_alike_first(void **state)
{
    (void)state;
    size_t count = 0;
    const imi_likely_duplicate *found = imi_nonmated_duplicates(g_cheated, &count);
    assert_in_range(count, CHEATS, CHEATS + 4);
    bool seen[CHEATS] = {false};
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || found[i].similarity <= found[i - 1].similarity);
        assert_true(strcmp(found[i].reference_a, found[i].reference_b) < 0);
        assert_true(found[i].fmr <= 1e-6);
        unsigned a = 0, b = 0;
        assert_int_equal(sscanf(found[i].reference_a, "ref_%u", &a), 1);
        assert_int_equal(sscanf(found[i].reference_b, "ref_%u", &b), 1);
        if (b == a + 100000) {
            seen[a] = true;
        }
    }
    for (size_t i = 0; i < CHEATS; i++) {
        assert_true(seen[i]);
    }
}

static void hardly_any_is_listed_where_there_is_none(void **state)
{
    (void)state;
    size_t count = 0;
    imi_nonmated_duplicates(g_clean, &count);
    /* 1.1 million comparisons, listed below one in a million. */
    assert_in_range(count, 0, 5);
}

/* The poison: 60 mated scores among a million others would be a rate of 5e-5 at any threshold. */
static void they_do_not_move_thresholds(void **state)
{
    (void)state;
    static const double targets[] = {1e-3, 1e-4, 2e-5};
    for (size_t i = 0; i < 3; i++) {
        double clean = NAN, cheated = NAN;
        assert_int_equal(imi_nonmated_threshold(g_clean, IMI_SCORE_RAW, targets[i], &clean, NULL),
                         IMI_OK);
        assert_int_equal(
            imi_nonmated_threshold(g_cheated, IMI_SCORE_RAW, targets[i], &cheated, NULL), IMI_OK);
        assert_true(fabs(clean - cheated) < 0.02);
    }
    const nonmated_table *table = nonmated_table_of(g_cheated, IMI_SCORE_RAW, 0);
    assert_in_range(table->above[table->suspects_from], CHEATS - 5, CHEATS + 2);
}

static void nobody_is_suspected_where_there_is_no_reason(void **state)
{
    (void)state;
    const nonmated_table *table = nonmated_table_of(g_clean, IMI_SCORE_RAW, 0);
    assert_true(table->above[table->suspects_from] <= 1);
}

static void the_list_is_as_long_as_asked_for(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = NULL;
    people_population(g_scorer, NULL, 300, 1, &population);
    imi_nonmated_options options = {.duplicate_fmr = 1, .duplicates_max = 7};
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    assert_int_equal(imi_nonmated_measure(population, &options, &nonmated, NULL), IMI_OK);
    size_t count = 0;
    imi_nonmated_duplicates(nonmated, &count);
    assert_int_equal(count, 7);
    options.duplicates_max = 0;
    imi_nonmated_destroy(&nonmated);
    assert_int_equal(imi_nonmated_measure(population, &options, &nonmated, NULL), IMI_OK);
    imi_nonmated_duplicates(nonmated, &count);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_is_listed_most_alike_first),
        cmocka_unit_test(hardly_any_is_listed_where_there_is_none),
        cmocka_unit_test(they_do_not_move_thresholds),
        cmocka_unit_test(nobody_is_suspected_where_there_is_no_reason),
        cmocka_unit_test(the_list_is_as_long_as_asked_for),
    };
    return cmocka_run_group_tests(tests, measure_all, drop_all);
}
