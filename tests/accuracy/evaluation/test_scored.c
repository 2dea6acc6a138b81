/* Scores read again, selected, and the threshold for a target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "groups.h"
#include "scored.h"
#include "text_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char header[] = "set,a,b,same,tag,status,similarity,fmr\n";
static const char sample[] = "set,a,b,same,tag,status,similarity,fmr\n"
                             "wild,wild/ann/1.jpg,wild/ann/2.jpg,1,,ok,0.9,1e-6\n"
                             "wild,wild/ann/1.jpg,wild/bob/1.jpg,0,,ok,0.4,0.1\n"
                             "wild,wild/bob/1.jpg,wild/cat/1.jpg,0,,ok,0.3,0.2\n"
                             "wild,wild/cat/1.jpg,wild/cat/2.jpg,1,,no_face,,\n"
                             "stars,stars/kim/1.jpg,stars/kim/2.jpg,1,ea,ok,0.6,1e-3\n"
                             "stars,stars/kim/1.jpg,stars/lee/1.jpg,0,ea_ea,ok,0.7,1e-4\n"
                             "stars,stars/kim/2.jpg,stars/lee/1.jpg,0,ea_ea,ok,0.2,0.3\n"
                             "cams,cams/7/live.jpg,cams/7/print.jpg,1,live_vs_print,ok,0.99,0\n";

static imi_status load(const char *text, eval_scored *out)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(text, path);
    imi_status status = eval_scored_load(path, out, NULL);
    text_file_remove(path);
    return status;
}

static void scores_stand_beside_their_pairs(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_int_equal(scored.pairs.csv.rows, 8);
    assert_true(fabsf(scored.similarities[0] - 0.9F) < 1e-6F);
}

static void a_pair_without_a_template_never_matches(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_true(isinf(scored.similarities[3]) && scored.similarities[3] < 0);
}

static void a_score_must_fit_its_status(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "s,s/a/1,s/a/2,1,,ok,,\n",     "s,s/a/1,s/a/2,1,,ok,x,\n",
        "s,s/a/1,s/a/2,1,,ok,nan,\n",  "s,s/a/1,s/a/2,1,,ok,inf,\n",
        "s,s/a/1,s/a/2,1,,ok,0.5x,\n", "s,s/a/1,s/a/2,1,,no_face,0.5,\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s%s", header, rows[i]);
        AUTO_EVAL_SCORED scored;
        assert_int_equal(load(text, &scored), IMI_E_INVALID_ARGUMENT);
    }
}

static void a_missing_column_is_told(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    assert_int_equal(load("set,a,b,same,tag,status\ns,s/a/1,s/a/2,1,,ok\n", &scored),
                     IMI_E_NOT_FOUND);
}

static void the_sets_are_selected_and_attacks_are_not(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS sets = EVAL_SELECTIONS_INIT;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_int_equal(eval_select_sets(&scored, &sets, NULL), IMI_OK);
    assert_int_equal(sets.count, 3);
    assert_string_equal(sets.items[0].name, "all");
    assert_int_equal(sets.items[0].count, 7);
    assert_int_equal(eval_selections_find(&sets, "stars")->count, 3);
    assert_null(eval_selections_find(&sets, "cams"));
}

static void subjects_are_numbered_within_a_selection(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS sets = EVAL_SELECTIONS_INIT;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_int_equal(eval_select_sets(&scored, &sets, NULL), IMI_OK);
    eval_score scores[8];
    size_t subjects = 0;
    const eval_selection *wild = eval_selections_find(&sets, "wild");
    assert_int_equal(eval_selection_scores(&scored, wild, scores, &subjects, NULL), IMI_OK);
    assert_int_equal(subjects, 3);
    for (size_t i = 0; i < wild->count; i++) {
        assert_true(scores[i].subject_a < 3 && scores[i].subject_b < 3);
        assert_true(i == 0 || scores[i].similarity <= scores[i - 1].similarity);
    }
}

static double threshold(const char *names, double target)
{
    AUTO_EVAL_SCORED scored;
    AUTO_EVAL_SELECTIONS sets = EVAL_SELECTIONS_INIT;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_int_equal(eval_select_sets(&scored, &sets, NULL), IMI_OK);
    eval_selection chosen[2];
    size_t count = 0;
    for (size_t i = 0; i < sets.count; i++) {
        if (strstr(names, sets.items[i].name) != NULL) {
            chosen[count++] = sets.items[i];
        }
    }
    double made = 0;
    assert_int_equal(eval_threshold_for(&scored, chosen, count, target, &made, NULL), IMI_OK);
    return made;
}

static void the_threshold_is_just_above_the_first_match_too_many(void **state)
{
    (void)state;
    /* Four non-mated scores: 0.7, 0.4, 0.3, 0.2. */
    assert_true((float)threshold("all", 0.25) == nextafterf(0.4F, 1));
    assert_true((float)threshold("all", 0.5) == nextafterf(0.3F, 1));
}

static void a_target_below_one_match_lies_above_all(void **state)
{
    (void)state;
    assert_true((float)threshold("all", 1e-3) == nextafterf(0.7F, 1));
}

static void groups_count_alike_for_the_mean_rate(void **state)
{
    (void)state;
    /* stars: 0.7, 0.2; wild: 0.4, 0.3. A quarter is one match of two in one of the groups. */
    assert_true((float)threshold("wild stars", 0.25) == nextafterf(0.4F, 1));
    assert_true((float)threshold("wild stars", 0.2) == nextafterf(0.7F, 1));
}

static void a_group_without_non_mated_pairs_gives_no_threshold(void **state)
{
    (void)state;
    AUTO_EVAL_SCORED scored;
    uint32_t mated_only[] = {0};
    eval_selection selection = {"mated", mated_only, 1};
    double made = 0;
    assert_int_equal(load(sample, &scored), IMI_OK);
    assert_int_equal(eval_threshold_for(&scored, &selection, 1, 0.1, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_true(isnan(made));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_stand_beside_their_pairs),
        cmocka_unit_test(a_pair_without_a_template_never_matches),
        cmocka_unit_test(a_score_must_fit_its_status),
        cmocka_unit_test(a_missing_column_is_told),
        cmocka_unit_test(the_sets_are_selected_and_attacks_are_not),
        cmocka_unit_test(subjects_are_numbered_within_a_selection),
        cmocka_unit_test(the_threshold_is_just_above_the_first_match_too_many),
        cmocka_unit_test(a_target_below_one_match_lies_above_all),
        cmocka_unit_test(groups_count_alike_for_the_mean_rate),
        cmocka_unit_test(a_group_without_non_mated_pairs_gives_no_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
