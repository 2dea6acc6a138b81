/* The whole of an evaluation, and what it does when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluation.h"
#include "text_file.h"

#include <math.h>

static const char sample[] = "set,a,b,same,tag,status,similarity\n"
                             "s,s/a/1,s/a/2,1,gap3,ok,0.9\n"
                             "s,s/b/1,s/b/2,1,gap12,ok,0.3\n"
                             "s,s/c/1,s/c/2,1,,no_face,\n"
                             "s,s/a/1,s/b/1,0,,ok,0.5\n"
                             "s,s/a/1,s/c/1,0,,ok,0.2\n"
                             "t,t/d/1,t/d/2,1,,ok,0.8\n"
                             "t,t/d/1,t/e/1,0,,ok,0.1\n";

static char path[TEXT_FILE_PATH_SIZE];

static int make_scores(void **state)
{
    (void)state;
    text_file_make(sample, path);
    return 0;
}

static int remove_scores(void **state)
{
    (void)state;
    text_file_remove(path);
    return 0;
}

static eval_evaluation_options options_at(double threshold)
{
    return (eval_evaluation_options){.scores = path, .target_fmr = 0.5, .threshold = threshold};
}

static void sets_and_gaps_are_measured_at_the_threshold(void **state)
{
    (void)state;
    AUTO_EVAL_EVALUATION made;
    eval_evaluation_options options = options_at(0.4);
    assert_int_equal(eval_evaluate(&options, &made, NULL), IMI_OK);
    assert_int_equal(made.sets.count, 3);
    assert_int_equal(made.sets_at[0].fmr.events, 1);
    assert_int_equal(made.sets_at[0].fmr.trials, 3);
    assert_int_equal(made.sets_at[0].fnmr.events, 2);
    assert_int_equal(made.gaps.count, 2);
    assert_true(made.gaps_at[1].fnmr.value == 1);
    assert_true(made.threshold == 0.4);
}

static void the_worst_ratio_is_of_the_highest_set_by_all(void **state)
{
    (void)state;
    AUTO_EVAL_EVALUATION made;
    eval_evaluation_options options = options_at(0.4);
    assert_int_equal(eval_evaluate(&options, &made, NULL), IMI_OK);
    /* Half in s, a third over all. */
    assert_true(fabs(eval_worst_ratio(&made) - 1.5) < 1e-9);
}

static void without_a_false_match_there_is_no_ratio(void **state)
{
    (void)state;
    AUTO_EVAL_EVALUATION made;
    eval_evaluation_options options = options_at(0.95);
    assert_int_equal(eval_evaluate(&options, &made, NULL), IMI_OK);
    assert_true(isnan(eval_worst_ratio(&made)));
}

static void striking_pairs_are_listed_worst_first(void **state)
{
    (void)state;
    AUTO_EVAL_EVALUATION made;
    eval_evaluation_options options = options_at(0.4);
    assert_int_equal(eval_evaluate(&options, &made, NULL), IMI_OK);
    assert_int_equal(made.failed_mated, 1);
    assert_int_equal(made.worst_mated.count, 3);
    assert_int_equal(made.worst_mated.pairs[0], 1);
    assert_int_equal(made.highest_non_mated.count, 3);
    assert_int_equal(made.highest_non_mated.pairs[0], 3);
}

static bool fail_at_zero(void *user, size_t size)
{
    (void)size;
    return (*(int *)user)-- == 0;
}

static void no_memory_at_any_point_fails_cleanly(void **state)
{
    (void)state;
    int64_t blocks = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int points = 0;
    for (; status != IMI_OK && points < 1000; points++) {
        int countdown = points;
        eval_evaluation made;
        eval_evaluation_options options = options_at(NAN);
        imi_alloc_set_fail_hook(fail_at_zero, &countdown);
        status = eval_evaluate(&options, &made, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
        eval_evaluation_clean_up(&made);
        assert_int_equal(imi_alloc_live_blocks(), blocks);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(points > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_gaps_are_measured_at_the_threshold),
        cmocka_unit_test(the_worst_ratio_is_of_the_highest_set_by_all),
        cmocka_unit_test(without_a_false_match_there_is_no_ratio),
        cmocka_unit_test(striking_pairs_are_listed_worst_first),
        cmocka_unit_test(no_memory_at_any_point_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, make_scores, remove_scores);
}
