#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/cohort.h"
#include "samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 400 };

typedef struct crowd {
    imi_scorer *scorer;
    imi_template *templates; /* of PEOPLE, by seeds from 1 */
    imi_cohort_member members[PEOPLE];
    imi_cohort *cohort; /* of all */
} crowd;

static int set_up(void **state)
{
    crowd *c = imi_alloc(sizeof *c);
    c->templates = imi_alloc_array(PEOPLE, sizeof *c->templates);
    assert_int_equal(sample_load(sample_table, &c->scorer, NULL), IMI_OK);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        sample_template(i + 1, &c->templates[i]);
        char id[16];
        snprintf(id, sizeof id, "p%u", i);
        c->members[i] = (imi_cohort_member){imi_subject_key_of("town", id), &c->templates[i]};
    }
    assert_int_equal(imi_cohort_new(c->scorer, c->members, PEOPLE, &c->cohort, NULL), IMI_OK);
    *state = c;
    return 0;
}

static int tear_down(void **state)
{
    crowd *c = *state;
    imi_cohort_destroy(&c->cohort);
    imi_scorer_destroy(&c->scorer);
    imi_free(c->templates);
    imi_free(c);
    return 0;
}

static double cosine(const imi_template *a, const imi_template *b, uint32_t vector)
{
    double sum = 0;
    for (uint32_t i = 0; i < a->vectors[vector].dim; i++) {
        sum += (double)a->vectors[vector].values[i] * b->vectors[vector].values[i];
    }
    return sum;
}

static int by_falling_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left < right) - (left > right);
}

/* Mean and deviation of the highest cosines, a third, to members that are not left out, as defined.
 */
static void define(const crowd *c, const imi_template *probe, uint32_t vector,
                   const imi_subject_key *left_out, size_t left_out_count, double *mean,
                   double *deviation)
{
    double cosines[PEOPLE];
    size_t count = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        bool out = false;
        for (size_t l = 0; l < left_out_count; l++) {
            out = out || c->members[i].subject == left_out[l];
        }
        if (!out) {
            cosines[count++] = cosine(probe, &c->templates[i], vector);
        }
    }
    qsort(cosines, count, sizeof *cosines, by_falling_value);
    count = PEOPLE / 3;
    *mean = *deviation = 0;
    for (size_t i = 0; i < count; i++) {
        *mean += cosines[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        *deviation += (cosines[i] - *mean) * (cosines[i] - *mean) / (double)count;
    }
    *deviation = sqrt(*deviation);
}

/* Mean deviation of the members, each against the others. */
static double define_spread(const crowd *c, uint32_t vector)
{
    double sum = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        double mean = 0;
        double deviation = 0;
        define(c, &c->templates[i], vector, &c->members[i].subject, 1, &mean, &deviation);
        sum += deviation;
    }
    return sum / PEOPLE;
}

static void assert_near(double value, double wanted)
{
    if (!(fabs(value - wanted) < 1e-5)) {
        fail_msg("%.9g is not %.9g", value, wanted);
    }
}

static void all_of_mean_and_deviation_of_the_top_third_are_used(void **state)
{
    crowd *c = *state;
    imi_template probe;
    sample_template(9001, &probe);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_measure(c->cohort, &probe, NULL, 0, &made, NULL), IMI_OK);
    assert_int_equal(made.count, 2);
    assert_string_equal(made.cohort_id, imi_cohort_id(c->cohort));
    double mean = 0;
    double deviation = 0;
    define(c, &probe, 0, NULL, 0, &mean, &deviation);
    assert_near(made.mean[0], mean);
    assert_near(made.deviation[0], deviation);
}

static void a_models_shares_say_how_much_is_used(void **state)
{
    crowd *c = *state;
    imi_template probe;
    sample_template(9002, &probe);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_measure(c->cohort, &probe, NULL, 0, &made, NULL), IMI_OK);
    double mean = 0;
    double deviation = 0;
    define(c, &probe, 1, NULL, 0, &mean, &deviation);
    assert_near(made.mean[1], 0.5 * mean);
    assert_near(made.deviation[1], pow(deviation, 0.25) * pow(define_spread(c, 1), 0.75));
}

static void people_who_are_left_out_do_not_count(void **state)
{
    crowd *c = *state;
    const imi_template *probe = &c->templates[17];
    const imi_subject_key left_out[] = {c->members[17].subject, c->members[200].subject,
                                        imi_subject_key_of("town", "nobody"),
                                        c->members[399].subject};
    for (size_t count = 0; count <= 4; count++) {
        imi_cohort_statistics made;
        assert_int_equal(imi_cohort_measure(c->cohort, probe, left_out, count, &made, NULL),
                         IMI_OK);
        double mean = 0;
        double deviation = 0;
        define(c, probe, 0, left_out, count, &mean, &deviation);
        assert_near(made.mean[0], mean);
        assert_near(made.deviation[0], deviation);
    }
}

static void leaving_out_five_people_is_refused(void **state)
{
    crowd *c = *state;
    imi_subject_key left_out[5] = {0};
    imi_cohort_statistics made = {.count = 7};
    assert_int_equal(imi_cohort_measure(c->cohort, &c->templates[0], left_out, 5, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(made.count, 0);
    assert_string_equal(made.cohort_id, "");
}

static void left_out_of_the_cohort_is_as_never_in_it(void **state)
{
    crowd *c = *state;
    /* In their place two who are like nobody. The model with shares of 1: the spread, which knows
     * all members, has no part in it. */
    imi_template unlike[2];
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    for (uint32_t i = 0; i < 2; i++) {
        sample_template(7000 + i, &unlike[i]);
        imi_template_vector *alpha = &unlike[i].vectors[0];
        for (uint32_t j = 0; j < alpha->dim; j++) {
            alpha->values[j] = -c->templates[0].vectors[0].values[j];
        }
        members[i].face_template = &unlike[i];
        members[i].subject++;
    }
    imi_cohort *instead = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &instead, NULL), IMI_OK);
    const imi_subject_key left_out[] = {c->members[0].subject, c->members[1].subject};
    imi_cohort_statistics with;
    imi_cohort_statistics without;
    assert_int_equal(imi_cohort_measure(c->cohort, &c->templates[0], left_out, 2, &with, NULL),
                     IMI_OK);
    assert_int_equal(imi_cohort_measure(instead, &c->templates[0], NULL, 0, &without, NULL),
                     IMI_OK);
    assert_true(with.mean[0] == without.mean[0]);
    assert_true(with.deviation[0] == without.deviation[0]);
    imi_cohort_destroy(&instead);
}

static void a_ranking_gives_the_very_same_statistics(void **state)
{
    crowd *c = *state;
    imi_cohort_ranking ranking;
    assert_int_equal(imi_cohort_rank(c->cohort, &c->templates[5], &ranking, NULL), IMI_OK);
    assert_int_equal(ranking.ranked, PEOPLE / 3 + IMI_COHORT_LEFT_OUT_MAX);
    for (size_t i = 0; i < PEOPLE; i += 7) {
        const imi_subject_key left_out[] = {c->members[5].subject, c->members[i].subject};
        imi_cohort_statistics measured;
        imi_cohort_statistics derived;
        assert_int_equal(
            imi_cohort_measure(c->cohort, &c->templates[5], left_out, 2, &measured, NULL), IMI_OK);
        assert_int_equal(imi_cohort_statistics_of(c->cohort, &ranking, left_out, 2, &derived, NULL),
                         IMI_OK);
        assert_memory_equal(&measured, &derived, sizeof measured);
    }
}

static void a_ranking_is_sorted_and_tells_whom_it_lists(void **state)
{
    crowd *c = *state;
    imi_cohort_ranking ranking;
    assert_int_equal(imi_cohort_rank(c->cohort, &c->templates[5], &ranking, NULL), IMI_OK);
    for (uint32_t m = 0; m < ranking.count; m++) {
        assert_true(ranking.similarities[m][0] > 0.9999F); /* with oneself */
        for (uint32_t i = 1; i < ranking.ranked; i++) {
            assert_true(ranking.similarities[m][i] <= ranking.similarities[m][i - 1]);
        }
    }
    assert_true(imi_cohort_ranking_has(c->cohort, &ranking, c->members[5].subject));
    size_t listed = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        listed += imi_cohort_ranking_has(c->cohort, &ranking, c->members[i].subject) ? 1 : 0;
    }
    assert_true(listed >= ranking.ranked && listed < PEOPLE);
    assert_false(imi_cohort_ranking_has(c->cohort, &ranking, imi_subject_key_of("town", "nobody")));
}

static void a_ranking_by_another_cohort_is_refused(void **state)
{
    crowd *c = *state;
    imi_cohort *other = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, c->members, 350, &other, NULL), IMI_OK);
    imi_cohort_ranking ranking;
    assert_int_equal(imi_cohort_rank(other, &c->templates[5], &ranking, NULL), IMI_OK);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_statistics_of(c->cohort, &ranking, NULL, 0, &made, NULL),
                     IMI_E_MODEL_MISMATCH);
    imi_cohort_destroy(&other);
}

static void a_large_cohort_gives_its_300_most_similar_members(void **state)
{
    crowd *c = *state;
    enum { MANY = 1000 };
    imi_template *templates = imi_alloc_array(MANY, sizeof *templates);
    static imi_cohort_member members[MANY];
    for (uint32_t i = 0; i < MANY; i++) {
        sample_template(i + 1, &templates[i]);
        members[i] = (imi_cohort_member){i, &templates[i]};
    }
    imi_cohort *cohort = NULL;
    imi_cohort_ranking ranking;
    assert_int_equal(imi_cohort_new(c->scorer, members, MANY, &cohort, NULL), IMI_OK);
    assert_int_equal(imi_cohort_rank(cohort, &c->templates[5], &ranking, NULL), IMI_OK);
    assert_int_equal(ranking.ranked, IMI_COHORT_RANKED);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_statistics_of(cohort, &ranking, NULL, 0, &made, NULL), IMI_OK);
    double sum = 0;
    for (size_t i = 0; i < 300; i++) {
        sum += (double)ranking.similarities[0][i] / 300;
    }
    assert_near(made.mean[0], sum);
    imi_cohort_destroy(&cohort);
    imi_free(templates);
}

static void
fewer_than_300_people_are_no_cohort_and_the_error_says_how_many_are_missing(void **state)
{
    crowd *c = *state;
    imi_cohort *cohort = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_cohort_new(c->scorer, c->members, 288, &cohort, &error),
                     IMI_E_CALIBRATION);
    assert_null(cohort);
    assert_non_null(strstr(error.message, "12 are missing"));
    assert_int_equal(imi_cohort_new(c->scorer, NULL, 0, &cohort, &error), IMI_E_CALIBRATION);
    assert_int_equal(imi_cohort_new(c->scorer, c->members, 300, &cohort, NULL), IMI_OK);
    assert_int_equal(imi_cohort_size(cohort), 300);
    imi_cohort_destroy(&cohort);
}

static void people_count_once(void **state)
{
    crowd *c = *state;
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    for (size_t i = 300; i < PEOPLE; i++) {
        members[i].subject = members[0].subject;
    }
    imi_cohort *cohort = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &cohort, NULL), IMI_OK);
    assert_int_equal(imi_cohort_size(cohort), 300);
    imi_cohort *first_only = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, 300, &first_only, NULL), IMI_OK);
    assert_string_equal(imi_cohort_id(cohort), imi_cohort_id(first_only));
    imi_cohort_destroy(&cohort);
    imi_cohort_destroy(&first_only);
    members[1].subject = members[0].subject;
    assert_int_equal(imi_cohort_new(c->scorer, members, 300, &cohort, NULL), IMI_E_CALIBRATION);
}

static void the_order_of_members_does_not_matter(void **state)
{
    crowd *c = *state;
    imi_cohort_member turned[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        turned[i] = c->members[PEOPLE - 1 - i];
    }
    imi_cohort *other = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, turned, PEOPLE, &other, NULL), IMI_OK);
    assert_string_equal(imi_cohort_id(other), imi_cohort_id(c->cohort));
    imi_cohort_statistics a;
    imi_cohort_statistics b;
    assert_int_equal(imi_cohort_measure(c->cohort, &c->templates[3], NULL, 0, &a, NULL), IMI_OK);
    assert_int_equal(imi_cohort_measure(other, &c->templates[3], NULL, 0, &b, NULL), IMI_OK);
    assert_memory_equal(&a, &b, sizeof a);
    imi_cohort_destroy(&other);
}

static void another_sample_has_another_identifier(void **state)
{
    crowd *c = *state;
    const char *id = imi_cohort_id(c->cohort);
    assert_int_equal(strlen(id), IMI_COHORT_ID_SIZE - 1);
    assert_memory_equal(id, "cohort-", 7);
    imi_cohort *other = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, c->members, PEOPLE - 1, &other, NULL), IMI_OK);
    assert_string_not_equal(imi_cohort_id(other), id);
    imi_cohort_destroy(&other);
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    members[0].subject++;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &other, NULL), IMI_OK);
    assert_string_not_equal(imi_cohort_id(other), id);
    imi_cohort_destroy(&other);
}

static void other_shares_make_another_cohort(void **state)
{
    crowd *c = *state;
    char table[4096];
    const char *at = strstr(sample_table, "\"mean\": 0.5");
    assert_non_null(at);
    snprintf(table, sizeof table, "%.*s\"mean\": 0.6%s", (int)(at - sample_table), sample_table,
             at + strlen("\"mean\": 0.5"));
    imi_scorer *scorer = NULL;
    imi_cohort *other = NULL;
    assert_int_equal(sample_load(table, &scorer, NULL), IMI_OK);
    assert_int_equal(imi_cohort_new(scorer, c->members, PEOPLE, &other, NULL), IMI_OK);
    assert_string_not_equal(imi_cohort_id(other), imi_cohort_id(c->cohort));
    imi_cohort_destroy(&other);
    imi_scorer_destroy(&scorer);
}

static void templates_of_other_models_are_refused(void **state)
{
    crowd *c = *state;
    imi_template odd = c->templates[0];
    imi_copy_text(odd.vectors[1].model_id, IMI_MODEL_ID_SIZE, "beta@2");
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    members[250].face_template = &odd;
    imi_cohort *cohort = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &cohort, NULL),
                     IMI_E_MODEL_MISMATCH);
    assert_null(cohort);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_measure(c->cohort, &odd, NULL, 0, &made, NULL),
                     IMI_E_MODEL_MISMATCH);
    assert_int_equal(made.count, 0);
    odd = c->templates[0];
    odd.vectors[0].dim = 191;
    assert_int_equal(imi_cohort_measure(c->cohort, &odd, NULL, 0, &made, NULL),
                     IMI_E_MODEL_MISMATCH);
}

static void what_is_no_number_is_refused(void **state)
{
    crowd *c = *state;
    imi_template odd = c->templates[0];
    odd.vectors[1].values[3] = NAN;
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    members[0].face_template = &odd;
    imi_cohort *cohort = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &cohort, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_null(cohort);
    imi_cohort_statistics made;
    assert_int_equal(imi_cohort_measure(c->cohort, &odd, NULL, 0, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(made.count, 0);
}

static void a_cohort_of_equals_gives_no_statistics(void **state)
{
    crowd *c = *state;
    imi_cohort_member members[PEOPLE];
    imi_copy(members, c->members, sizeof members);
    for (size_t i = 0; i < PEOPLE; i++) {
        members[i].face_template = &c->templates[0];
    }
    imi_cohort *cohort = NULL;
    assert_int_equal(imi_cohort_new(c->scorer, members, PEOPLE, &cohort, NULL), IMI_E_CALIBRATION);
    assert_null(cohort);
}

static void keys_tell_realm_and_subject_apart(void **state)
{
    (void)state;
    assert_true(imi_subject_key_of("town", "p0") == imi_subject_key_of("town", "p0"));
    assert_true(imi_subject_key_of("town", "p0") != imi_subject_key_of("town", "p1"));
    assert_true(imi_subject_key_of("a", "bc") != imi_subject_key_of("ab", "c"));
    assert_true(imi_subject_key_of("", "") == 0x6e340b9cffb37a98U); /* SHA-256 of one NUL */
}

static int g_allowed;

static bool fail_when_spent(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_allowed-- <= 0;
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    crowd *c = *state;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 50; allowed++) {
        imi_cohort *cohort = NULL;
        imi_cohort_statistics made;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        status = imi_cohort_new(c->scorer, c->members, PEOPLE, &cohort, NULL);
        if (status == IMI_OK) {
            status = imi_cohort_measure(cohort, &c->templates[0], NULL, 0, &made, NULL);
        }
        imi_alloc_set_fail_hook(NULL, NULL);
        imi_cohort_destroy(&cohort);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(allowed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_mean_and_deviation_of_the_top_third_are_used),
        cmocka_unit_test(a_models_shares_say_how_much_is_used),
        cmocka_unit_test(people_who_are_left_out_do_not_count),
        cmocka_unit_test(leaving_out_five_people_is_refused),
        cmocka_unit_test(left_out_of_the_cohort_is_as_never_in_it),
        cmocka_unit_test(a_ranking_gives_the_very_same_statistics),
        cmocka_unit_test(a_ranking_is_sorted_and_tells_whom_it_lists),
        cmocka_unit_test(a_ranking_by_another_cohort_is_refused),
        cmocka_unit_test(a_large_cohort_gives_its_300_most_similar_members),
        cmocka_unit_test(
            fewer_than_300_people_are_no_cohort_and_the_error_says_how_many_are_missing),
        cmocka_unit_test(people_count_once),
        cmocka_unit_test(the_order_of_members_does_not_matter),
        cmocka_unit_test(another_sample_has_another_identifier),
        cmocka_unit_test(other_shares_make_another_cohort),
        cmocka_unit_test(templates_of_other_models_are_refused),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_cohort_of_equals_gives_no_statistics),
        cmocka_unit_test(keys_tell_realm_and_subject_apart),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
