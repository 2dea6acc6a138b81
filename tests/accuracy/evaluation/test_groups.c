/* Groups by attribute and by years between the photos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "groups.h"
#include "operating.h"
#include "text_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE = 12, TEXT_SIZE = 8192 };

/* Twelve people with two photos each: mated scores 0.9, neighbours' scores 0.1. */
static void make_scores(char text[TEXT_SIZE])
{
    int used = snprintf(text, TEXT_SIZE, "set,a,b,same,tag,status,similarity\n");
    for (int i = 0; i < PEOPLE; i++) {
        used += snprintf(text + used, TEXT_SIZE - (size_t)used,
                         "s,s/p%02d/1,s/p%02d/2,1,gap%d,ok,0.9\n", i, i, 3 * i);
        used += snprintf(text + used, TEXT_SIZE - (size_t)used, "s,s/p%02d/1,s/p%02d/2,0,,ok,0.1\n",
                         i, (i + 1) % PEOPLE);
    }
}

/* The first `women` people are female, the rest male; nobody has an ethnicity. */
static void make_manifest(int women, char text[TEXT_SIZE])
{
    int used = snprintf(text, TEXT_SIZE, "file,gender,eth\n");
    for (int i = 0; i < PEOPLE; i++) {
        const char *gender = i < women ? "female" : "male";
        used += snprintf(text + used, TEXT_SIZE - (size_t)used, "s/p%02d/1,%s,\ns/p%02d/2,%s,\n", i,
                         gender, i, gender);
    }
}

static void load(eval_scored *out)
{
    char text[TEXT_SIZE];
    char path[TEXT_FILE_PATH_SIZE];
    make_scores(text);
    text_file_make(text, path);
    assert_int_equal(eval_scored_load(path, out, NULL), IMI_OK);
    text_file_remove(path);
}

static imi_status select_by(const eval_scored *scored, const char *manifest_text,
                            eval_selections *out)
{
    char path[TEXT_FILE_PATH_SIZE];
    AUTO_EVAL_CSV manifest = EVAL_CSV_INIT;
    text_file_make(manifest_text, path);
    assert_int_equal(eval_csv_load(path, &manifest, NULL), IMI_OK);
    text_file_remove(path);
    return eval_select_attributes(scored, &manifest, out, NULL);
}

static void pairs_of_one_attribute_form_a_group(void **state)
{
    (void)state;
    char manifest[TEXT_SIZE];
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS groups = EVAL_SELECTIONS_INIT;
    load(&scored);
    make_manifest(PEOPLE, manifest);
    assert_int_equal(select_by(&scored, manifest, &groups), IMI_OK);
    assert_int_equal(groups.count, 1);
    assert_string_equal(groups.items[0].name, "gender female");
    assert_int_equal(groups.items[0].count, 2 * PEOPLE);
}

static void pairs_across_attributes_are_in_no_group(void **state)
{
    (void)state;
    char manifest[TEXT_SIZE];
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS groups = EVAL_SELECTIONS_INIT;
    load(&scored);
    make_manifest(10, manifest);
    assert_int_equal(select_by(&scored, manifest, &groups), IMI_OK);
    assert_int_equal(groups.count, 1);
    /* Ten mated pairs, and nine neighbours among ten people in a row. */
    assert_int_equal(groups.items[0].count, 19);
}

static void a_handful_of_people_is_no_group(void **state)
{
    (void)state;
    char manifest[TEXT_SIZE];
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS groups = EVAL_SELECTIONS_INIT;
    load(&scored);
    make_manifest(6, manifest);
    assert_int_equal(select_by(&scored, manifest, &groups), IMI_OK);
    assert_int_equal(groups.count, 0);
}

static void a_manifest_must_name_files_and_need_not_know_attributes(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS groups = EVAL_SELECTIONS_INIT;
    load(&scored);
    assert_int_equal(select_by(&scored, "image,gender\nx,female\n", &groups), IMI_E_NOT_FOUND);
    assert_int_equal(select_by(&scored, "file\ns/p00/1\n", &groups), IMI_OK);
    assert_int_equal(groups.count, 0);
}

static void mated_pairs_divide_by_years(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS gaps = EVAL_SELECTIONS_INIT;
    load(&scored);
    assert_int_equal(eval_select_gaps(&scored, &gaps, NULL), IMI_OK);
    /* 0 3 | 6 9 | 12 | 15 18 | 21 24 27 | 30 33 */
    const size_t counts[] = {2, 2, 1, 2, 3, 2};
    assert_int_equal(gaps.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(gaps.items[i].count, counts[i]);
    }
    assert_string_equal(gaps.items[5].name, "30 years and more");
}

static void without_such_tags_there_are_no_gaps(void **state)
{
    (void)state;
    char path[TEXT_FILE_PATH_SIZE];
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS gaps = EVAL_SELECTIONS_INIT;
    text_file_make("set,a,b,same,tag,status,similarity\ns,s/a/1,s/a/2,1,gap,ok,0.9\n"
                   "s,s/a/1,s/a/3,1,gap3x,ok,0.9\ns,s/a/1,s/a/4,1,gap-1,ok,0.9\n",
                   path);
    assert_int_equal(eval_scored_load(path, &scored, NULL), IMI_OK);
    text_file_remove(path);
    assert_int_equal(eval_select_gaps(&scored, &gaps, NULL), IMI_OK);
    assert_int_equal(gaps.count, 0);
}

static void a_group_is_measured_with_honest_intervals(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS sets = EVAL_SELECTIONS_INIT;
    load(&scored);
    assert_int_equal(eval_select_sets(&scored, &sets, NULL), IMI_OK);
    eval_group_result *made = imi_alloc(sizeof *made);
    assert_int_equal(eval_group_measure(&scored, &sets.items[0], 0.5, true, made, NULL), IMI_OK);
    assert_int_equal(made->subjects, PEOPLE);
    assert_true(made->fmr.value == 0 && made->fnmr.value == 0);
    /* A bootstrap alone would say 0 to 0. */
    assert_true(made->fmr.high > 0.2 && made->fnmr.high > 0.2);
    assert_int_equal(made->curves.det_count, EVAL_CURVE_POINTS);
    assert_int_equal(eval_group_measure(&scored, &sets.items[0], 0.05, false, made, NULL), IMI_OK);
    assert_true(made->fmr.value == 1);
    assert_int_equal(made->curves.det_count, 0);
    imi_free(made);
}

static void an_empty_group_has_no_rates(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    load(&scored);
    eval_selection empty = {"empty", NULL, 0};
    eval_group_result *made = imi_alloc(sizeof *made);
    assert_int_equal(eval_group_measure(&scored, &empty, 0.5, true, made, NULL), IMI_OK);
    assert_true(isnan(made->fmr.value) && isnan(made->fnmr.value));
    assert_int_equal(made->mated.bins, 0);
    imi_free(made);
}

static void no_threshold_matches_nothing(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS sets = EVAL_SELECTIONS_INIT;
    load(&scored);
    assert_int_equal(eval_select_sets(&scored, &sets, NULL), IMI_OK);
    eval_group_result *made = imi_alloc(sizeof *made);
    assert_int_equal(eval_group_measure(&scored, &sets.items[0], NAN, false, made, NULL), IMI_OK);
    assert_true(made->fmr.value == 0 && made->fnmr.value == 1);
    imi_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_one_attribute_form_a_group),
        cmocka_unit_test(pairs_across_attributes_are_in_no_group),
        cmocka_unit_test(a_handful_of_people_is_no_group),
        cmocka_unit_test(a_manifest_must_name_files_and_need_not_know_attributes),
        cmocka_unit_test(mated_pairs_divide_by_years),
        cmocka_unit_test(without_such_tags_there_are_no_gaps),
        cmocka_unit_test(a_group_is_measured_with_honest_intervals),
        cmocka_unit_test(an_empty_group_has_no_rates),
        cmocka_unit_test(no_threshold_matches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
