/*
 * A cohort of the very people who are compared, with templates that are there already: which
 * photos stand for whom, and that neither person of a comparison counts in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/compare/samples.h"
#include "cohort.h"
#include "text_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE = 330, PHOTOS = 2, SAMPLES = PEOPLE * PHOTOS + 1, NAME_SIZE = 32 };

/* Two photos of each person and one print of the first, all with templates. */
typedef struct town {
    imi_scorer *scorer;
    eval_sample *samples;
    char (*names)[NAME_SIZE];
    char manifest[TEXT_FILE_PATH_SIZE];
    eval_cohort_options options;
} town;

static void write_manifest(town *t, size_t people)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&text, "set,subject,file,liveness\n", NULL), IMI_OK);
    for (size_t i = 0; i < people * PHOTOS; i++) {
        assert_int_equal(
            imi_buffer_printf(&text, NULL, "town,p%zu,%s,\n", i / PHOTOS, t->samples[i].file),
            IMI_OK);
    }
    assert_int_equal(
        imi_buffer_printf(&text, NULL, "town,p0,%s,spoof_print\n", t->samples[SAMPLES - 1].file),
        IMI_OK);
    assert_int_equal(imi_buffer_terminate(&text, NULL), IMI_OK);
    text_file_make((const char *)text.data, t->manifest);
}

static int set_up(void **state)
{
    town *t = imi_alloc(sizeof *t);
    t->samples = imi_alloc_array(SAMPLES, sizeof *t->samples);
    t->names = imi_alloc_array(SAMPLES, sizeof *t->names);
    assert_int_equal(sample_load(sample_table, &t->scorer, NULL), IMI_OK);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        snprintf(t->names[i], NAME_SIZE, "town/p%u/%u.jpg", i / PHOTOS % PEOPLE, i);
        t->samples[i].file = t->names[i];
        sample_template(i + 1, &t->samples[i].face_template);
    }
    write_manifest(t, PEOPLE);
    t->options = (eval_cohort_options){t->manifest, "/tmp", {"/tmp/.", NULL, 1, true}};
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    town *t = *state;
    text_file_remove(t->manifest);
    imi_scorer_destroy(&t->scorer);
    imi_free(t->samples);
    imi_free(t->names);
    imi_free(t);
    return 0;
}

static eval_cohort load(town *t)
{
    eval_cohort cohort;
    imi_error error = IMI_ERROR_INIT;
    if (eval_cohort_load(&t->options, t->scorer, t->samples, SAMPLES, &cohort, &error) != IMI_OK) {
        fail_msg("%s", error.message);
    }
    return cohort;
}

/* The same cohort by hand: the given photo of each person. */
static imi_cohort *make_by_hand(const town *t, size_t photo)
{
    static imi_cohort_member members[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%zu", i);
        members[i] = (imi_cohort_member){imi_subject_key_of("town", id),
                                         &t->samples[i * PHOTOS + photo].face_template};
    }
    imi_cohort *cohort = NULL;
    assert_int_equal(imi_cohort_new(t->scorer, members, PEOPLE, &cohort, NULL), IMI_OK);
    return cohort;
}

static void each_person_is_in_it_once_by_the_first_photo(void **state)
{
    town *t = *state;
    eval_cohort cohort = load(t);
    IMI_AUTO(imi_cohort) by_hand = make_by_hand(t, 0);
    assert_int_equal(imi_cohort_size(cohort.cohort), PEOPLE);
    assert_string_equal(imi_cohort_id(cohort.cohort), imi_cohort_id(by_hand));
    eval_cohort_clean_up(&cohort);
}

static void a_photo_without_a_template_gives_way_to_the_next(void **state)
{
    town *t = *state;
    for (size_t i = 0; i < PEOPLE; i++) {
        t->samples[i * PHOTOS].face_template.count = 0;
    }
    eval_cohort cohort = load(t);
    IMI_AUTO(imi_cohort) by_hand = make_by_hand(t, 1);
    assert_string_equal(imi_cohort_id(cohort.cohort), imi_cohort_id(by_hand));
    assert_null(cohort.measured[0].ranking);
    eval_cohort_clean_up(&cohort);
}

static void a_person_without_any_template_is_not_in_it(void **state)
{
    town *t = *state;
    t->samples[14].face_template.count = 0;
    t->samples[15].face_template.count = 0;
    eval_cohort cohort = load(t);
    assert_int_equal(imi_cohort_size(cohort.cohort), PEOPLE - 1);
    eval_cohort_clean_up(&cohort);
}

static void both_people_of_each_comparison_are_left_out(void **state)
{
    town *t = *state;
    eval_cohort cohort = load(t);
    for (size_t turn = 0; turn < 300; turn++) {
        size_t a = turn * 37 % SAMPLES;
        size_t b = turn * 101 % SAMPLES;
        const imi_subject_key left_out[] = {cohort.measured[a].subject, cohort.measured[b].subject};
        imi_cohort_statistics of_a;
        imi_cohort_statistics of_b;
        assert_int_equal(imi_cohort_measure(cohort.cohort, &t->samples[a].face_template, left_out,
                                            2, &of_a, NULL),
                         IMI_OK);
        assert_int_equal(imi_cohort_measure(cohort.cohort, &t->samples[b].face_template, left_out,
                                            2, &of_b, NULL),
                         IMI_OK);
        imi_measured_template probe = {&t->samples[a].face_template, &of_a};
        imi_measured_template reference = {&t->samples[b].face_template, &of_b};
        imi_comparison wanted;
        imi_comparison made;
        assert_int_equal(
            imi_compare_normalised(t->scorer, cohort.cohort, &probe, &reference, &wanted, NULL),
            IMI_OK);
        assert_int_equal(eval_cohort_compare(&cohort, a, b, &made, NULL), IMI_OK);
        assert_true(made.similarity == wanted.similarity && made.fmr == wanted.fmr);
    }
    eval_cohort_clean_up(&cohort);
}

static void a_print_shows_the_person_that_the_manifest_names(void **state)
{
    town *t = *state;
    snprintf(t->names[SAMPLES - 1], NAME_SIZE, "prints/1.jpg");
    text_file_remove(t->manifest);
    write_manifest(t, PEOPLE);
    eval_cohort cohort = load(t);
    assert_true(cohort.measured[SAMPLES - 1].subject == imi_subject_key_of("town", "p0"));
    eval_cohort_clean_up(&cohort);
}

static void a_photo_that_the_manifest_lacks_is_known_by_its_folders(void **state)
{
    town *t = *state;
    snprintf(t->names[SAMPLES - 1], NAME_SIZE, "town/p5/extra.jpg");
    eval_cohort cohort = load(t);
    assert_true(cohort.measured[SAMPLES - 1].subject == imi_subject_key_of("town", "p5"));
    eval_cohort_clean_up(&cohort);
}

static void too_few_people_with_templates_are_an_error_that_leaks_nothing(void **state)
{
    town *t = *state;
    for (size_t i = 0; i < 40 * PHOTOS; i++) {
        t->samples[i].face_template.count = 0;
    }
    int64_t before = imi_alloc_live_blocks();
    eval_cohort cohort;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(eval_cohort_check(&t->options, NULL), IMI_OK);
    assert_int_equal(eval_cohort_load(&t->options, t->scorer, t->samples, SAMPLES, &cohort, &error),
                     IMI_E_CALIBRATION);
    assert_non_null(strstr(error.message, "10 are missing"));
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void a_manifest_of_too_few_people_is_refused_at_once(void **state)
{
    town *t = *state;
    text_file_remove(t->manifest);
    write_manifest(t, 299);
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(eval_cohort_check(&t->options, &error), IMI_E_CALIBRATION);
    assert_non_null(strstr(error.message, "1 are missing"));
}

int main(void)
{
#define TOWN_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TOWN_TEST(each_person_is_in_it_once_by_the_first_photo),
        TOWN_TEST(a_photo_without_a_template_gives_way_to_the_next),
        TOWN_TEST(a_person_without_any_template_is_not_in_it),
        TOWN_TEST(both_people_of_each_comparison_are_left_out),
        TOWN_TEST(a_print_shows_the_person_that_the_manifest_names),
        TOWN_TEST(a_photo_that_the_manifest_lacks_is_known_by_its_folders),
        TOWN_TEST(too_few_people_with_templates_are_an_error_that_leaks_nothing),
        TOWN_TEST(a_manifest_of_too_few_people_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
