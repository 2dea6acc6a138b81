#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "nonmated.h"
#include "population.h"
#include "tile.h"

#include <math.h>
#include <stdio.h>
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

static imi_population_attributes attributes_of(size_t i)
{
    static const imi_sex sexes[] = {IMI_SEX_UNKNOWN, IMI_SEX_MALE, IMI_SEX_FEMALE};
    int32_t decade = i % 5 == 0 ? 0 : 1940 + 10 * (int32_t)(i % 5);
    return (imi_population_attributes){decade, sexes[i % 3]};
}

/* People with attributes, every seventh with two references. */
static imi_population *mixed_population(const imi_cohort *cohort, size_t count)
{
    imi_population *population = NULL;
    imi_population_options options = {g_scorer, cohort, 2 * count, 1};
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 17;
    imi_template person, photo;
    for (size_t i = 0; i < count; i++) {
        people_template(&random, 0.5, &person);
        people_add(population, i, 0, &person, attributes_of(i));
        if (i % 7 == 0) {
            people_photo(&random, &person, 0.5, &photo);
            people_add(population, i, 1, &photo, attributes_of(i));
        }
    }
    return population;
}

static bool is_in(const char *group, const population_reference *a, const population_reference *b)
{
    if (strcmp(group, "all") == 0) {
        return true;
    }
    if (strcmp(group, "female") == 0 || strcmp(group, "male") == 0) {
        uint8_t sex = group[0] == 'f' ? IMI_SEX_FEMALE : IMI_SEX_MALE;
        return a->sex == sex && b->sex == sex;
    }
    int32_t decade = 0;
    assert_int_equal(sscanf(group, "birth decade %d", &decade), 1);
    return a->birth_decade == decade && b->birth_decade == decade;
}

/* Every count of every group against one comparison after the other. */
static void assert_counts_are_right(const imi_population *population, const imi_nonmated *nonmated,
                                    size_t group)
{
    const char *name = imi_nonmated_group_at(nonmated, group)->name;
    size_t kinds = population->cohort == NULL ? 1 : 2;
    for (size_t kind = 0; kind < kinds; kind++) {
        static uint64_t want[NONMATED_BINS + 1];
        memset(want, 0, sizeof want);
        for (size_t a = 0; a < population->size; a++) {
            for (size_t b = 0; b < a; b++) {
                const population_reference *left = &population->references[a];
                const population_reference *right = &population->references[b];
                float scores[IMI_SCORE_KINDS];
                if (left->subject != right->subject && is_in(name, left, right)) {
                    tile_scores_of(population, a, b, scores);
                    want[nonmated_bin_of((imi_score_kind)(kind + 1), (double)scores[kind])]++;
                }
            }
        }
        const nonmated_table *table =
            nonmated_table_of(nonmated, (imi_score_kind)(kind + 1), group);
        uint64_t wanted = 0, off = 0;
        for (size_t bin = 0; bin < NONMATED_BINS; bin++) {
            uint64_t got = table->above[bin] - table->above[bin + 1];
            wanted += want[bin];
            off += got > want[bin] ? got - want[bin] : want[bin] - got;
        }
        assert_int_equal(table->above[0], wanted);
        /* Sums of floats and of doubles may fall to both sides of an edge. */
        assert_true(off <= 2 + wanted / 200);
    }
}

static void every_pair_is_counted_once_in_each_of_its_groups(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 400);
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    people_measure(population, &nonmated);
    size_t groups = 0;
    for (; imi_nonmated_group_at(nonmated, groups) != NULL; groups++) {
        assert_counts_are_right(population, nonmated, groups);
    }
    assert_int_equal(groups, 3 + 4);
}

static void normalised_scores_are_counted_too(void **state)
{
    (void)state;
    IMI_AUTO(imi_cohort) cohort = NULL;
    people_cohort(g_scorer, 310, 5000, &cohort);
    IMI_AUTO(imi_population) population = mixed_population(cohort, 150);
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    people_measure(population, &nonmated);
    assert_counts_are_right(population, nonmated, 0);
    assert_counts_are_right(population, nonmated, 1);
}

static void references_of_one_subject_are_not_compared(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = NULL;
    imi_population_options options = {g_scorer, NULL, 10, 1};
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 4;
    imi_template person, other;
    people_template(&random, 0.5, &person);
    people_template(&random, 0.5, &other);
    for (unsigned copy = 0; copy < 5; copy++) {
        people_add(population, 1, copy, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    }
    people_add(population, 2, 0, &other, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    people_measure(population, &nonmated);
    assert_int_equal(imi_nonmated_group_at(nonmated, 0)->comparisons, 5);
    assert_int_equal(imi_nonmated_fmr(nonmated, IMI_SCORE_RAW, 0, 0.9).events, 0);
}

static void fewer_than_two_subjects_are_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = NULL;
    imi_population_options options = {g_scorer, NULL, 10, 1};
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    imi_nonmated_options measure = {.duplicates_max = 10};
    imi_nonmated *nonmated = NULL;
    assert_int_equal(imi_nonmated_measure(population, &measure, &nonmated, NULL),
                     IMI_E_CALIBRATION);
    uint64_t random = 4;
    imi_template person;
    people_template(&random, 0.5, &person);
    people_add(population, 1, 0, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    people_add(population, 1, 1, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    assert_int_equal(imi_nonmated_measure(population, &measure, &nonmated, NULL),
                     IMI_E_CALIBRATION);
    assert_null(nonmated);
}

static void impossible_options_are_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 20);
    const imi_nonmated_options bad[] = {{.threads = 65},
                                        {.duplicates_max = 10001},
                                        {.cpu_seconds_max = NAN},
                                        {.duplicate_fmr = -1}};
    for (size_t i = 0; i < 4; i++) {
        imi_nonmated *nonmated = NULL;
        assert_int_equal(imi_nonmated_measure(population, &bad[i], &nonmated, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_null(nonmated);
    }
}

static void threads_count_what_one_thread_counts(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 600);
    IMI_AUTO(imi_nonmated) one = NULL;
    IMI_AUTO(imi_nonmated) four = NULL;
    imi_nonmated_options options = {.duplicate_fmr = 1e-6, .duplicates_max = 10};
    assert_int_equal(imi_nonmated_measure(population, &options, &one, NULL), IMI_OK);
    options.threads = 4;
    assert_int_equal(imi_nonmated_measure(population, &options, &four, NULL), IMI_OK);
    for (size_t group = 0; imi_nonmated_group_at(one, group) != NULL; group++) {
        const nonmated_table *a = nonmated_table_of(one, IMI_SCORE_RAW, group);
        const nonmated_table *b = nonmated_table_of(four, IMI_SCORE_RAW, group);
        assert_memory_equal(a->above, b->above, sizeof a->above);
        assert_int_equal(a->level_count, b->level_count);
        for (size_t i = 0; i < a->level_count; i++) {
            assert_true(fabs(a->levels[i].effect - b->levels[i].effect) < 1e-9);
        }
    }
}

static void a_sample_tells_what_all_pairs_tell(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 2000);
    IMI_AUTO(imi_nonmated) all = NULL;
    people_measure(population, &all);
    double threshold = NAN;
    assert_int_equal(imi_nonmated_threshold(all, IMI_SCORE_RAW, 1e-2, &threshold, NULL), IMI_OK);
    imi_rate truth = imi_nonmated_fmr(all, IMI_SCORE_RAW, 0, threshold);
    double sum = 0;
    size_t covered = 0;
    enum { SAMPLES = 20 };
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        imi_nonmated_options options = {.comparisons_max = 100000, .seed = seed};
        IMI_AUTO(imi_nonmated) sample = NULL;
        assert_int_equal(imi_nonmated_measure(population, &options, &sample, NULL), IMI_OK);
        uint64_t made = imi_nonmated_group_at(sample, 0)->comparisons;
        assert_in_range(made, 100000, 102000);
        imi_rate rate = imi_nonmated_fmr(sample, IMI_SCORE_RAW, 0, threshold);
        sum += rate.rate;
        covered += rate.low <= truth.rate && truth.rate <= rate.high ? 1 : 0;
    }
    assert_true(fabs(sum / SAMPLES / truth.rate - 1) < 0.05);
    assert_in_range(covered, 17, SAMPLES);
}

static void a_limit_of_time_ends_a_measurement_whole(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 4000);
    imi_nonmated_options options = {.cpu_seconds_max = 0.005};
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    assert_int_equal(imi_nonmated_measure(population, &options, &nonmated, NULL), IMI_OK);
    uint64_t made = imi_nonmated_group_at(nonmated, 0)->comparisons;
    assert_true(made > 0 && made < nonmated->pairs);
    assert_true(isfinite(imi_nonmated_fmr(nonmated, IMI_SCORE_RAW, 0, 0.3).rate));
}

static bool always(void *user)
{
    (void)user;
    return true;
}

static void a_measurement_can_be_cancelled(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 100);
    imi_nonmated_options options = {.is_cancelled = always};
    imi_nonmated *nonmated = NULL;
    assert_int_equal(imi_nonmated_measure(population, &options, &nonmated, NULL), IMI_E_CANCELLED);
    assert_null(nonmated);
}

typedef struct seen {
    uint64_t last, total;
    bool fell;
} seen;

static void see(void *user, uint64_t done, uint64_t total)
{
    seen *self = user;
    self->fell = self->fell || done < self->last;
    self->last = done;
    self->total = total;
}

static void progress_ends_at_its_total(void **state)
{
    (void)state;
    IMI_AUTO(imi_population) population = mixed_population(NULL, 300);
    seen what = {0, 0, false};
    imi_nonmated_options options = {.progress = see, .user = &what};
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    assert_int_equal(imi_nonmated_measure(population, &options, &nonmated, NULL), IMI_OK);
    assert_false(what.fell);
    assert_int_equal(what.last, what.total);
    assert_int_equal(what.total, nonmated->pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_counted_once_in_each_of_its_groups),
        cmocka_unit_test(normalised_scores_are_counted_too),
        cmocka_unit_test(references_of_one_subject_are_not_compared),
        cmocka_unit_test(fewer_than_two_subjects_are_refused),
        cmocka_unit_test(impossible_options_are_refused),
        cmocka_unit_test(threads_count_what_one_thread_counts),
        cmocka_unit_test(a_sample_tells_what_all_pairs_tell),
        cmocka_unit_test(a_limit_of_time_ends_a_measurement_whole),
        cmocka_unit_test(a_measurement_can_be_cancelled),
        cmocka_unit_test(progress_ends_at_its_total),
    };
    return cmocka_run_group_tests(tests, load_scorer, drop_scorer);
}
