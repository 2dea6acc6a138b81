/* Verifications over the years: what is kept, what it is compared with, and what that saves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sequence_rates.h"

#include <math.h>

enum { PHOTOS = 9, SUBJECTS = 2 };

/* Person 0 has photos 0 to 5, person 1 photos 6 to 8. Each photo is alike to the one before it
 * (0.9), hardly to earlier ones (0.3), and not to strangers (0). */
typedef struct album {
    eval_photo photos[PHOTOS];
    float similarities[PHOTOS * PHOTOS];
    eval_photos all;
    eval_visits alone, run;
} album;

static void put(album *a, size_t i, size_t j, float similarity)
{
    a->similarities[i * PHOTOS + j] = similarity;
    a->similarities[j * PHOTOS + i] = similarity;
}

static album g_album;

static int set_up(void **state)
{
    album *a = &g_album;
    *a = (album){.all = {a->photos, a->similarities, PHOTOS, SUBJECTS}};
    for (size_t i = 0; i < PHOTOS; i++) {
        a->photos[i] = (eval_photo){i < 6 ? 0 : 1, 20 + 5 * (double)(i < 6 ? i : i - 6), true};
        for (size_t j = 0; j < i; j++) {
            bool same = (i < 6) == (j < 6);
            put(a, i, j, !same ? 0 : i == j + 1 ? 0.9F : 0.3F);
        }
    }
    *state = a;
    return 0;
}

static int tear_down(void **state)
{
    album *a = *state;
    eval_visits_clean_up(&a->alone);
    eval_visits_clean_up(&a->run);
    return 0;
}

static void run(album *a, eval_reference_rule rule, size_t max, double add_threshold)
{
    const eval_sequence_policy portrait = {EVAL_RULE_PORTRAIT, max, add_threshold};
    const eval_sequence_policy policy = {rule, max, add_threshold};
    assert_int_equal(eval_sequences_run(&a->all, &portrait, &a->alone, NULL), IMI_OK);
    assert_int_equal(eval_sequences_run(&a->all, &policy, &a->run, NULL), IMI_OK);
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static void the_first_photo_is_the_portrait(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_MEAN, 3, 0.5);
    assert_int_equal(a->alone.count, 7);
    assert_int_equal(a->alone.kept, 0);
    assert_true(near((double)a->alone.visits[0].similarity, 0.9));
    assert_true(near(a->alone.visits[0].years, 5));
    for (size_t i = 1; i < 5; i++) {
        assert_true(near((double)a->alone.visits[i].similarity, 0.3));
        assert_int_equal(a->alone.visits[i].references, 1);
    }
    assert_true(near(a->alone.visits[4].years, 25));
}

static void the_highest_score_follows_a_person_who_changes(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_HIGHEST, 3, 0.5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(near((double)a->run.visits[i].similarity, 0.9));
    }
    assert_int_equal(a->run.kept, 7);
}

static void the_mean_is_over_portrait_and_kept_ones(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_MEAN, 3, 0.5);
    assert_true(near((double)a->run.visits[1].similarity, (0.9 + 0.3) / 2));
    assert_int_equal(a->run.visits[1].references, 2);
}

static void the_portrait_can_count_half(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_HALF, 3, 0.5);
    assert_true(near((double)a->run.visits[1].similarity, (0.3 + 0.9) / 2));
    assert_int_equal(a->run.visits[2].references, 3);
    assert_true(near((double)a->run.visits[2].similarity, (0.3 + (0.3 + 0.9) / 2) / 2));
}

static void only_a_strong_verification_is_kept(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_HIGHEST, 3, 0.91);
    assert_int_equal(a->run.kept, 0);
    assert_int_equal(a->run.visits[4].references, 1);
}

/* With one place the portrait stays and the newest verification takes it. */
static void the_oldest_goes_but_never_the_portrait(void **state)
{
    album *a = *state;
    put(a, 0, 4, 0.7F); /* the portrait */
    put(a, 1, 4, 0.99F); /* a reference that must be gone by then */
    put(a, 3, 4, 0.6F); /* the newest */
    run(a, EVAL_RULE_HIGHEST, 1, 0.5);
    assert_int_equal(a->run.visits[3].references, 2);
    assert_true(near((double)a->run.visits[3].similarity, 0.7));
}

static void a_photo_without_a_template_is_refused_and_not_kept(void **state)
{
    album *a = *state;
    a->photos[1].usable = false;
    run(a, EVAL_RULE_HIGHEST, 3, 0.2);
    assert_true(isinf(a->run.visits[0].similarity) && a->run.visits[0].similarity < 0);
    assert_int_equal(a->run.visits[1].references, 1);
}

static void an_unusable_first_photo_gives_way_to_the_next(void **state)
{
    album *a = *state;
    a->photos[0].usable = false;
    run(a, EVAL_RULE_HIGHEST, 3, 0.5);
    assert_int_equal(a->run.count, 6);
    assert_true(near(a->run.visits[0].years, 5));
}

static void strangers_meet_the_references_of_each_visit(void **state)
{
    album *a = *state;
    put(a, 1, 7, 0.8F); /* a stranger like a reference that is kept, not like the portrait */
    run(a, EVAL_RULE_HIGHEST, 3, 0.5);
    assert_int_equal(a->run.stranger_count, 5 * 3 + 2 * 6);
    eval_sequence_rates of_alone;
    eval_sequence_rates of_run;
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->alone, SUBJECTS, 0.75, &of_alone, NULL),
                     IMI_OK);
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->run, SUBJECTS, 0.75, &of_run, NULL),
                     IMI_OK);
    assert_int_equal(of_alone.stranger_matches, 0);
    /* Photo 1 is kept for visits 2 to 4; as a probe against 7, which is kept for the last. */
    assert_int_equal(of_run.stranger_matches, 4);
    assert_int_equal(of_run.worst_pair_matches, 4);
}

static void saved_refusals_are_those_of_the_portrait_alone(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_HIGHEST, 3, 0.5);
    eval_sequence_rates rates;
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->run, SUBJECTS, 0.5, &rates, NULL),
                     IMI_OK);
    assert_true(near(rates.saved, 5));
    assert_int_equal(rates.by_years[EVAL_YEARS_ALL].refused, 0);
    assert_int_equal(rates.by_years[EVAL_YEARS_ALL].visits, 7);
    assert_int_equal(rates.by_years[0].visits, 2);
    assert_int_equal(rates.by_years[1].visits, 2);
    assert_int_equal(rates.by_years[2].visits, 2);
    assert_int_equal(rates.by_years[3].visits, 1);
    assert_true(rates.saved_interval.low < rates.saved && rates.saved_interval.high > rates.saved);
}

static void at_equal_false_matches_a_rule_that_lifts_all_scores_saves_nothing(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_PORTRAIT, 1, 0.5);
    for (size_t i = 0; i < a->run.count; i++) {
        a->run.visits[i].similarity += 1;
    }
    for (size_t i = 0; i < a->run.stranger_count; i++) {
        a->run.strangers[i].similarity += 1;
    }
    eval_sequence_rates of_alone;
    eval_sequence_rates of_run;
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->alone, SUBJECTS, 0.5, &of_alone, NULL),
                     IMI_OK);
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->run, SUBJECTS, 0.5, &of_run, NULL),
                     IMI_OK);
    assert_true(near(of_run.saved, 5));
    assert_true(near(of_run.fnmr_at_equal_fmr, of_alone.fnmr_at_equal_fmr));
}

static void what_does_not_fit_is_refused(void **state)
{
    album *a = *state;
    eval_visits none;
    const eval_sequence_policy too_many = {EVAL_RULE_MEAN, EVAL_ADDITIONAL_MAX + 1, 0.5};
    const eval_sequence_policy nothing = {EVAL_RULE_MEAN, 0, 0.5};
    const eval_sequence_policy fine = {EVAL_RULE_MEAN, 1, 0.5};
    assert_int_equal(eval_sequences_run(&a->all, &too_many, &none, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(eval_sequences_run(&a->all, &nothing, &none, NULL), IMI_E_INVALID_ARGUMENT);
    a->photos[2].age = 10;
    assert_int_equal(eval_sequences_run(&a->all, &fine, &none, NULL), IMI_E_INVALID_ARGUMENT);
}

static void runs_of_other_visits_are_not_compared(void **state)
{
    album *a = *state;
    run(a, EVAL_RULE_MEAN, 3, 0.5);
    a->run.count--;
    eval_sequence_rates rates;
    assert_int_equal(eval_sequence_rates_of(&a->alone, &a->run, SUBJECTS, 0.5, &rates, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
#define ALBUM_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ALBUM_TEST(the_first_photo_is_the_portrait),
        ALBUM_TEST(the_highest_score_follows_a_person_who_changes),
        ALBUM_TEST(the_mean_is_over_portrait_and_kept_ones),
        ALBUM_TEST(the_portrait_can_count_half),
        ALBUM_TEST(only_a_strong_verification_is_kept),
        ALBUM_TEST(the_oldest_goes_but_never_the_portrait),
        ALBUM_TEST(a_photo_without_a_template_is_refused_and_not_kept),
        ALBUM_TEST(an_unusable_first_photo_gives_way_to_the_next),
        ALBUM_TEST(strangers_meet_the_references_of_each_visit),
        ALBUM_TEST(saved_refusals_are_those_of_the_portrait_alone),
        ALBUM_TEST(at_equal_false_matches_a_rule_that_lifts_all_scores_saves_nothing),
        ALBUM_TEST(what_does_not_fit_is_refused),
        ALBUM_TEST(runs_of_other_visits_are_not_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
