#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pairs.h"
#include "text_file.h"

static const char sample[] = "set,a,b,same,tag\n"
                             "wild,wild/ann/1.jpg,wild/ann/2.jpg,1,\n"
                             "wild,wild/ann/1.jpg,wild/bob/1.jpg,0,\n"
                             "wild,wild/li/1.jpg,wild/li/2.jpg,1,ea\n"
                             "wild,wild/li/1.jpg,wild/wu/1.jpg,0,ea_ea\n"
                             "stars,stars/kim/1.jpg,stars/kim/2.jpg,1,ea\n"
                             "stars,stars/kim/1.jpg,stars/lee/1.jpg,0,ea_ea\n"
                             "cams,cams/7/live.jpg,cams/7/print.jpg,1,live_vs_print\n"
                             "cams,cams/7/live.jpg,cams/8/live.jpg,0,ea_ea\n"
                             "cams,cams/7/live.jpg,cams/7/live2.jpg,1,cross_session\n";

static imi_status load(const char *text, eval_pairs *out, imi_error *err)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(text, path);
    imi_status status = eval_pairs_load(path, out, err);
    text_file_remove(path);
    return status;
}

static const char *group_of(const eval_pairs *pairs, size_t pair)
{
    return pairs->groups.names[pairs->pairs[pair].group];
}

static void each_image_and_subject_is_numbered_once(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_int_equal(pairs.images.count, 13);
    assert_int_equal(pairs.subjects.count, 8);
    assert_int_equal(pairs.pairs[0].image_a, pairs.pairs[1].image_a);
    assert_int_equal(pairs.pairs[0].subject_a, pairs.pairs[0].subject_b);
    assert_int_not_equal(pairs.pairs[1].subject_a, pairs.pairs[1].subject_b);
    assert_true(pairs.pairs[0].mated);
    assert_false(pairs.pairs[1].mated);
}

static void east_asian_pairs_stand_apart_where_others_are_beside_them(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_string_equal(group_of(&pairs, 0), "wild");
    assert_string_equal(group_of(&pairs, 1), "wild");
    assert_string_equal(group_of(&pairs, 2), "wild (EA)");
    assert_string_equal(group_of(&pairs, 3), "wild (EA)");
    assert_string_equal(group_of(&pairs, 4), "stars");
    assert_string_equal(group_of(&pairs, 5), "stars");
}

static void pairs_with_prints_belong_to_no_group(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_int_equal(pairs.pairs[6].group, EVAL_NO_GROUP);
    assert_string_equal(group_of(&pairs, 7), "cams");
    assert_string_equal(group_of(&pairs, 8), "cams");
}

static void groups_of_east_asian_people_are_known_by_their_non_mated_pairs(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_false(pairs.is_east_asian[pairs.pairs[1].group]); /* wild */
    assert_true(pairs.is_east_asian[pairs.pairs[3].group]); /* wild (EA) */
    assert_true(pairs.is_east_asian[pairs.pairs[5].group]); /* stars */
    assert_true(pairs.is_east_asian[pairs.pairs[8].group]); /* cams, by its pairs of live faces */
}

static void one_other_pair_makes_a_group_no_east_asian_one(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    const char mixed[] = "set,a,b,same,tag\ns,s/x/1.jpg,s/y/1.jpg,0,ea_ea\n"
                         "s,s/x/1.jpg,s/z/1.jpg,0,\ns,s/x/1.jpg,s/x/2.jpg,1,\n";
    assert_int_equal(load(mixed, &pairs, NULL), IMI_OK);
    assert_int_equal(pairs.groups.count, 1);
    assert_false(pairs.is_east_asian[0]);
}

static void subjects_know_their_set(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_int_equal(pairs.sets.count, 3);
    for (size_t i = 0; i < pairs.csv.rows; i++) {
        const char *set = pairs.sets.names[pairs.set_of[pairs.pairs[i].subject_b]];
        assert_string_equal(set, eval_pairs_text(&pairs, i, EVAL_SET));
    }
}

static void the_rows_text_is_kept(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load(sample, &pairs, NULL), IMI_OK);
    assert_string_equal(eval_pairs_text(&pairs, 8, EVAL_TAG), "cross_session");
    assert_string_equal(eval_pairs_text(&pairs, 8, EVAL_B), "cams/7/live2.jpg");
}

static void columns_may_come_in_another_order(void **state)
{
    (void)state;
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    assert_int_equal(load("same,tag,b,a,set\n1,,s/x/2.jpg,s/x/1.jpg,s\n", &pairs, NULL), IMI_OK);
    assert_string_equal(eval_pairs_text(&pairs, 0, EVAL_A), "s/x/1.jpg");
}

static void a_file_that_is_not_of_pairs_is_refused(void **state)
{
    (void)state;
    eval_pairs pairs;
    int64_t before = imi_alloc_live_blocks();
    assert_int_equal(load("set,a,b,same\ns,x,y,1\n", &pairs, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(load("set,a,b,same,tag\n", &pairs, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(load("set,a,b,same,tag\ns,x,y,yes,\n", &pairs, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(load("set,a,b,same,tag\ns,x,y,,\n", &pairs, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_alloc_live_blocks(), before);
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
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 100; allowed++) {
        eval_pairs pairs;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        status = load(sample, &pairs, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        eval_pairs_clean_up(&pairs);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(allowed > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_image_and_subject_is_numbered_once),
        cmocka_unit_test(east_asian_pairs_stand_apart_where_others_are_beside_them),
        cmocka_unit_test(pairs_with_prints_belong_to_no_group),
        cmocka_unit_test(groups_of_east_asian_people_are_known_by_their_non_mated_pairs),
        cmocka_unit_test(one_other_pair_makes_a_group_no_east_asian_one),
        cmocka_unit_test(subjects_know_their_set),
        cmocka_unit_test(the_rows_text_is_kept),
        cmocka_unit_test(columns_may_come_in_another_order),
        cmocka_unit_test(a_file_that_is_not_of_pairs_is_refused),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
