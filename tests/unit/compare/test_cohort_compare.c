#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/cohort.h"
#include "samples.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE = 320 };

/* A cohort, two people who are not in it, and what the cohort says of them. */
typedef struct scene {
    imi_scorer *scorer;
    imi_template *templates;
    imi_cohort_member members[PEOPLE];
    imi_cohort *cohort;
    imi_template probe, reference;
    imi_cohort_statistics of_probe, of_reference;
} scene;

static int set_up(void **state)
{
    scene *s = imi_alloc(sizeof *s);
    s->templates = imi_alloc_array(PEOPLE, sizeof *s->templates);
    assert_int_equal(sample_load(sample_table, &s->scorer, NULL), IMI_OK);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        sample_template(i + 1, &s->templates[i]);
        s->members[i] = (imi_cohort_member){i, &s->templates[i]};
    }
    assert_int_equal(imi_cohort_new(s->scorer, s->members, PEOPLE, &s->cohort, NULL), IMI_OK);
    sample_template(5001, &s->probe);
    sample_template(5002, &s->reference);
    assert_int_equal(imi_cohort_measure(s->cohort, &s->probe, NULL, 0, &s->of_probe, NULL), IMI_OK);
    assert_int_equal(imi_cohort_measure(s->cohort, &s->reference, NULL, 0, &s->of_reference, NULL),
                     IMI_OK);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    imi_cohort_destroy(&s->cohort);
    imi_scorer_destroy(&s->scorer);
    imi_free(s->templates);
    imi_free(s);
    return 0;
}

static imi_status compare(const scene *s, const imi_scorer *scorer, imi_comparison *out,
                          imi_error *err)
{
    imi_measured_template probe = {&s->probe, &s->of_probe};
    imi_measured_template reference = {&s->reference, &s->of_reference};
    return imi_compare_normalised(scorer, s->cohort, &probe, &reference, out, err);
}

static void assert_refused(const scene *s, const imi_scorer *scorer)
{
    imi_comparison made = {.similarity = 1};
    assert_int_equal(compare(s, scorer, &made, NULL), IMI_E_MODEL_MISMATCH);
    assert_int_equal(made.kind, IMI_SCORE_NONE);
    assert_true(isnan(made.similarity) && isnan(made.fmr) && isnan(made.by_model[0]));
}

static void a_normalised_score_is_the_weighted_sum_of_the_less_favourable_sides(void **state)
{
    scene *s = *state;
    imi_comparison raw;
    imi_comparison made;
    assert_int_equal(imi_compare(s->scorer, &s->probe, &s->reference, &raw, NULL), IMI_OK);
    assert_int_equal(compare(s, s->scorer, &made, NULL), IMI_OK);
    assert_int_equal(made.kind, IMI_SCORE_NORMALISED);
    double sum = 0;
    const double weights[] = {0.75, 0.25};
    for (int m = 0; m < 2; m++) {
        double cosine = raw.by_model[m];
        double score = fmin((cosine - s->of_probe.mean[m]) / s->of_probe.deviation[m],
                            (cosine - s->of_reference.mean[m]) / s->of_reference.deviation[m]);
        assert_true(fabs(made.by_model[m] - score) < 1e-4);
        sum += weights[m] * score;
    }
    assert_true(fabs(made.similarity - sum) < 1e-4);
    assert_true(made.fmr == imi_scorer_fmr_at(s->scorer, IMI_SCORE_NORMALISED, made.similarity));
}

static void comparing_is_symmetric(void **state)
{
    scene *s = *state;
    imi_measured_template probe = {&s->probe, &s->of_probe};
    imi_measured_template reference = {&s->reference, &s->of_reference};
    imi_comparison there;
    imi_comparison back;
    assert_int_equal(imi_compare_normalised(s->scorer, s->cohort, &probe, &reference, &there, NULL),
                     IMI_OK);
    assert_int_equal(imi_compare_normalised(s->scorer, s->cohort, &reference, &probe, &back, NULL),
                     IMI_OK);
    assert_true(there.similarity == back.similarity);
}

static void a_person_scores_far_above_strangers(void **state)
{
    scene *s = *state;
    imi_comparison strangers;
    imi_comparison same;
    assert_int_equal(compare(s, s->scorer, &strangers, NULL), IMI_OK);
    imi_measured_template probe = {&s->probe, &s->of_probe};
    assert_int_equal(imi_compare_normalised(s->scorer, s->cohort, &probe, &probe, &same, NULL),
                     IMI_OK);
    assert_true(same.similarity > strangers.similarity + 5);
    assert_true(same.fmr < strangers.fmr);
}

static void a_face_that_is_like_everybody_gets_a_lower_score_on_either_side(void **state)
{
    scene *s = *state;
    imi_comparison before;
    imi_comparison after;
    assert_int_equal(compare(s, s->scorer, &before, NULL), IMI_OK);
    s->of_reference.mean[0] += 0.2F;
    assert_int_equal(compare(s, s->scorer, &after, NULL), IMI_OK);
    assert_true(after.similarity < before.similarity);
    s->of_reference.mean[0] -= 0.2F;
    s->of_probe.mean[0] += 0.2F;
    assert_int_equal(compare(s, s->scorer, &after, NULL), IMI_OK);
    assert_true(after.similarity < before.similarity);
}

static void without_a_table_there_is_a_score_and_no_rate(void **state)
{
    scene *s = *state;
    imi_scorer *raw_only = NULL;
    assert_int_equal(sample_load(sample_raw_only_table, &raw_only, NULL), IMI_OK);
    imi_comparison made;
    imi_comparison with;
    assert_int_equal(compare(s, raw_only, &made, NULL), IMI_OK);
    assert_int_equal(compare(s, s->scorer, &with, NULL), IMI_OK);
    assert_true(made.similarity == with.similarity);
    assert_true(isnan(made.fmr));
    assert_false(made.fmr <= 1);
    imi_scorer_destroy(&raw_only);
}

static void statistics_of_another_cohort_are_refused(void **state)
{
    scene *s = *state;
    imi_cohort *other = NULL;
    assert_int_equal(imi_cohort_new(s->scorer, s->members, PEOPLE - 1, &other, NULL), IMI_OK);
    assert_int_equal(imi_cohort_measure(other, &s->probe, NULL, 0, &s->of_probe, NULL), IMI_OK);
    assert_refused(s, s->scorer);
    imi_cohort_destroy(&other);
}

static void missing_statistics_are_refused(void **state)
{
    scene *s = *state;
    s->of_reference = (imi_cohort_statistics){{0}, 0, {0}, {0}};
    assert_refused(s, s->scorer);
}

static void templates_of_another_model_are_refused(void **state)
{
    scene *s = *state;
    imi_copy_text(s->probe.vectors[0].model_id, IMI_MODEL_ID_SIZE, "alpha@2");
    assert_refused(s, s->scorer);
}

static imi_scorer *load_changed(const char *from, const char *to)
{
    const char *at = strstr(sample_table, from);
    assert_non_null(at);
    char table[4096];
    snprintf(table, sizeof table, "%.*s%s%s", (int)(at - sample_table), sample_table, to,
             at + strlen(from));
    imi_scorer *scorer = NULL;
    assert_int_equal(sample_load(table, &scorer, NULL), IMI_OK);
    return scorer;
}

static void a_scorer_of_other_models_or_shares_is_refused(void **state)
{
    scene *s = *state;
    IMI_AUTO(imi_scorer) other_model = load_changed("beta@1", "beta@2");
    assert_refused(s, other_model);
    IMI_AUTO(imi_scorer) other_mean = load_changed("\"mean\": 0.5", "\"mean\": 0.6");
    assert_refused(s, other_mean);
    IMI_AUTO(imi_scorer) other_share = load_changed("\"deviation\": 0.25", "\"deviation\": 0.3");
    assert_refused(s, other_share);
}

static void another_table_for_the_same_models_may_be_used_at_once(void **state)
{
    scene *s = *state;
    IMI_AUTO(imi_scorer) newer = load_changed("[1.5, 0.01]", "[1.7, 0.01]");
    imi_comparison made;
    assert_int_equal(compare(s, newer, &made, NULL), IMI_OK);
}

static void a_nan_never_passes(void **state)
{
    scene *s = *state;
    const imi_cohort_statistics of_probe = s->of_probe;
    imi_comparison made;
    s->of_probe.mean[1] = NAN;
    assert_int_equal(compare(s, s->scorer, &made, NULL), IMI_OK);
    assert_false(made.similarity >= -1000);
    assert_false(made.fmr <= 1);
    s->of_probe = of_probe;
    s->of_reference.mean[1] = NAN;
    assert_int_equal(compare(s, s->scorer, &made, NULL), IMI_OK);
    assert_false(made.similarity >= -1000);
    assert_false(made.fmr <= 1);
}

int main(void)
{
#define SCENE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_normalised_score_is_the_weighted_sum_of_the_less_favourable_sides),
        SCENE_TEST(comparing_is_symmetric),
        SCENE_TEST(a_person_scores_far_above_strangers),
        SCENE_TEST(a_face_that_is_like_everybody_gets_a_lower_score_on_either_side),
        SCENE_TEST(without_a_table_there_is_a_score_and_no_rate),
        SCENE_TEST(statistics_of_another_cohort_are_refused),
        SCENE_TEST(missing_statistics_are_refused),
        SCENE_TEST(templates_of_another_model_are_refused),
        SCENE_TEST(a_scorer_of_other_models_or_shares_is_refused),
        SCENE_TEST(another_table_for_the_same_models_may_be_used_at_once),
        SCENE_TEST(a_nan_never_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
