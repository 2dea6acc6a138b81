#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "population.h"
#include "tile.h"

#include <math.h>
#include <string.h>

static imi_scorer *g_scorer;

static int load_scorer(void **state)
{
    (void)state;
    people_scorer(&g_scorer);
    return 0;
}

static int drop_scorer(void **state)
{
    (void)state;
    imi_scorer_destroy(&g_scorer);
    return 0;
}

static imi_status add(imi_population *population, const imi_template *face_template, imi_error *err)
{
    imi_population_member member = {"ref_1", 1, face_template, NULL, {0, IMI_SEX_UNKNOWN}, 0};
    return imi_population_add(population, &member, err);
}

static void needs_a_scorer_and_room(void **state)
{
    (void)state;
    imi_population *population = NULL;
    imi_population_options no_scorer = {NULL, NULL, 10, 1};
    imi_population_options no_room = {g_scorer, NULL, 1, 1};
    assert_int_equal(imi_population_new(&no_scorer, &population, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_population_new(&no_room, &population, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(population);
}

static void refuses_templates_of_other_models(void **state)
{
    (void)state;
    imi_population_options options = {g_scorer, NULL, 10, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 1;
    imi_template person;
    people_template(&random, 0.5, &person);
    imi_copy_text(person.vectors[1].model_id, sizeof person.vectors[1].model_id, "gamma@1");
    assert_int_equal(add(population, &person, NULL), IMI_E_MODEL_MISMATCH);
    assert_int_equal(imi_population_size(population), 0);
    people_template(&random, 0.5, &person);
    assert_int_equal(add(population, &person, NULL), IMI_OK);
    person.vectors[0].dim = 128;
    assert_int_equal(add(population, &person, NULL), IMI_E_MODEL_MISMATCH);
    assert_int_equal(imi_population_size(population), 1);
}

static void refuses_vectors_without_numbers_or_direction(void **state)
{
    (void)state;
    imi_population_options options = {g_scorer, NULL, 10, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 1;
    imi_template person;
    people_template(&random, 0.5, &person);
    person.vectors[0].values[3] = NAN;
    assert_int_equal(add(population, &person, NULL), IMI_E_INVALID_ARGUMENT);
    for (size_t i = 0; i < 192; i++) {
        person.vectors[0].values[i] = 0;
    }
    assert_int_equal(add(population, &person, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_population_size(population), 0);
}

/* The bound that docs/calibration.md states. */
static void raw_scores_are_close_to_those_of_floats(void **state)
{
    (void)state;
    enum { PEOPLE = 200 };
    IMI_AUTO(imi_population) population = NULL;
    people_population(g_scorer, NULL, PEOPLE, 5, &population);
    static imi_template people[PEOPLE];
    uint64_t random = 5;
    for (size_t i = 0; i < PEOPLE; i++) {
        people_template(&random, 0.5, &people[i]);
    }
    double square = 0, worst = 0;
    for (size_t a = 0; a < PEOPLE; a++) {
        for (size_t b = 0; b < a; b++) {
            imi_comparison made;
            float scores[IMI_SCORE_KINDS];
            assert_int_equal(imi_compare(g_scorer, &people[a], &people[b], &made, NULL), IMI_OK);
            tile_scores_of(population, a, b, scores);
            double off = fabs((double)scores[0] - (double)made.similarity);
            worst = fmax(worst, off);
            square += off * off;
        }
    }
    assert_true(sqrt(square / (PEOPLE * (PEOPLE - 1) / 2)) < 0.001);
    assert_true(worst < 0.005);
}

static void normalised_scores_are_close_to_those_of_floats(void **state)
{
    (void)state;
    enum { PEOPLE = 60 };
    IMI_AUTO(imi_cohort) cohort = NULL;
    people_cohort(g_scorer, 350, 5000, &cohort);
    IMI_AUTO(imi_population) population = NULL;
    people_population(g_scorer, cohort, PEOPLE, 5, &population);
    static imi_template people[PEOPLE];
    static imi_cohort_statistics statistics[PEOPLE];
    uint64_t random = 5;
    for (size_t i = 0; i < PEOPLE; i++) {
        people_template(&random, 0.5, &people[i]);
        imi_subject_key own = i;
        assert_int_equal(imi_cohort_measure(cohort, &people[i], &own, 1, &statistics[i], NULL),
                         IMI_OK);
    }
    double square = 0, worst = 0;
    for (size_t a = 0; a < PEOPLE; a++) {
        for (size_t b = 0; b < a; b++) {
            imi_comparison made;
            float scores[IMI_SCORE_KINDS];
            imi_measured_template probe = {&people[a], &statistics[a]};
            imi_measured_template reference = {&people[b], &statistics[b]};
            assert_int_equal(
                imi_compare_normalised(g_scorer, cohort, &probe, &reference, &made, NULL), IMI_OK);
            tile_scores_of(population, a, b, scores);
            double off = fabs((double)scores[1] - (double)made.similarity);
            worst = fmax(worst, off);
            square += off * off;
        }
    }
    assert_true(sqrt(square / (PEOPLE * (PEOPLE - 1) / 2)) < 0.05);
    assert_true(worst < 0.2);
}

static void statistics_of_another_cohort_are_measured_anew(void **state)
{
    (void)state;
    IMI_AUTO(imi_cohort) cohort = NULL;
    people_cohort(g_scorer, 350, 5000, &cohort);
    imi_population_options options = {g_scorer, cohort, 4, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 9;
    imi_template person;
    people_template(&random, 0.5, &person);
    imi_cohort_statistics own, other = {"cohort-of-others", 2, {9, 9}, {9, 9}};
    imi_subject_key subject = 1;
    assert_int_equal(imi_cohort_measure(cohort, &person, &subject, 1, &own, NULL), IMI_OK);
    const imi_cohort_statistics *given[] = {NULL, &own, &other};
    for (size_t i = 0; i < 3; i++) {
        imi_population_member member = {"ref_1", 1, &person, given[i], {0, IMI_SEX_UNKNOWN}, 0};
        assert_int_equal(imi_population_add(population, &member, NULL), IMI_OK);
    }
    assert_true(population->models[0].offset[1] == population->models[0].offset[0]);
    assert_true(population->models[1].offset[2] == population->models[1].offset[0]);
    assert_true(fabsf(population->models[0].offset[0] - 0.75F * own.mean[0] / own.deviation[0]) <
                1e-5F);
}

/* A stranger who is in the cohort must score as one who is not: the cohort without that one. */
static void a_member_of_the_cohort_does_not_hide_itself(void **state)
{
    (void)state;
    enum { MEMBERS = 400 };
    static imi_template people[MEMBERS];
    static imi_cohort_member members[MEMBERS];
    uint64_t random = 31;
    for (size_t i = 0; i < MEMBERS; i++) {
        people_template(&random, 0.5, &people[i]);
        members[i] = (imi_cohort_member){i, &people[i]};
    }
    IMI_AUTO(imi_cohort) cohort = NULL;
    assert_int_equal(imi_cohort_new(g_scorer, members, MEMBERS, &cohort, NULL), IMI_OK);
    /* Somebody much like member 7. */
    imi_template double_of;
    people_photo(&random, &people[7], 1.0, &double_of);
    imi_population_options options = {g_scorer, cohort, 2, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    people_add(population, 7, 0, &people[7], (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    people_add(population, 9000, 0, &double_of, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    float scores[IMI_SCORE_KINDS];
    tile_scores_of(population, 0, 1, scores);
    imi_cohort_statistics a, b;
    const imi_subject_key both[] = {7, 9000};
    assert_int_equal(imi_cohort_measure(cohort, &people[7], both, 2, &a, NULL), IMI_OK);
    assert_int_equal(imi_cohort_measure(cohort, &double_of, both, 2, &b, NULL), IMI_OK);
    imi_measured_template probe = {&double_of, &b}, reference = {&people[7], &a};
    imi_comparison made;
    assert_int_equal(imi_compare_normalised(g_scorer, cohort, &probe, &reference, &made, NULL),
                     IMI_OK);
    assert_true(made.similarity > 3);
    assert_true(fabsf(scores[1] - made.similarity) < 0.03F);
    /* What it would be without the correction is clearly less. */
    float uncorrected[IMI_SCORE_KINDS];
    population->references[0].in_cohort = false;
    tile_scores_of(population, 0, 1, uncorrected);
    assert_true(uncorrected[1] < made.similarity - 0.05F);
}

static void beyond_its_capacity_every_member_is_kept_with_equal_chance(void **state)
{
    (void)state;
    enum { CAPACITY = 20, ADDED = 100, RUNS = 300 };
    unsigned kept[ADDED] = {0};
    uint64_t random = 3;
    imi_template person;
    people_template(&random, 0.5, &person);
    for (uint64_t run = 0; run < RUNS; run++) {
        imi_population_options options = {g_scorer, NULL, CAPACITY, run};
        IMI_AUTO(imi_population) population = NULL;
        assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
        for (size_t i = 0; i < ADDED; i++) {
            people_add(population, i, 0, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
        }
        assert_int_equal(imi_population_size(population), CAPACITY);
        assert_int_equal(imi_population_added(population), ADDED);
        for (size_t i = 0; i < CAPACITY; i++) {
            kept[population->references[i].subject]++;
        }
    }
    /* 60 each expected, deviation 7. */
    for (size_t i = 0; i < ADDED; i++) {
        assert_in_range(kept[i], 30, 95);
    }
}

static void destroy_accepts_nothing(void **state)
{
    (void)state;
    imi_population *none = NULL;
    imi_population_destroy(&none);
    imi_population_destroy(NULL);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_a_scorer_and_room),
        cmocka_unit_test(refuses_templates_of_other_models),
        cmocka_unit_test(refuses_vectors_without_numbers_or_direction),
        cmocka_unit_test(raw_scores_are_close_to_those_of_floats),
        cmocka_unit_test(normalised_scores_are_close_to_those_of_floats),
        cmocka_unit_test(statistics_of_another_cohort_are_measured_anew),
        cmocka_unit_test(a_member_of_the_cohort_does_not_hide_itself),
        cmocka_unit_test(beyond_its_capacity_every_member_is_kept_with_equal_chance),
        cmocka_unit_test(destroy_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, load_scorer, drop_scorer);
}
