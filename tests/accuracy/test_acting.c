/* Clips that act scripts: which ones they are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acting.h"
#include "text_file.h"

#include <string.h>

#define BIT(action) (1U << IMI_ACTION_##action)

static const imi_challenge_rules RULES = {.allowed_mask = (1U << IMI_ACTION_COUNT) - 2,
                                          .count = 3,
                                          .count_max = 4,
                                          .near_far_required = true,
                                          .near_targets = true};

/* Clips are named after what they show; any file stands for one. */
static const char LABELS[] = "clip,action,start_ms,end_ms\n"
                             "null,neutral,0,900\nnull,near_far,900,2000\nnull,blink,2000,2500\n"
                             "zero,neutral,0,900\nzero,turn_left,900,2000\n"
                             "full,neutral,0,900\nfull,blink,900,2000\n";

static char g_labels[TEXT_FILE_PATH_SIZE];

static imi_status prepare(const char *list, size_t scripts, eval_presentations *out, imi_error *err)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(list, path);
    assert_int_equal(eval_presentations_load(path, out, NULL), IMI_OK);
    text_file_remove(path);
    eval_acting acting = {g_labels, &RULES, scripts};
    return eval_acting_prepare(&acting, out, err);
}

static imi_challenge_rules rules_of(const char *clip)
{
    IMI_AUTO(imi_segments) segments = NULL;
    imi_challenge_rules rules;
    assert_int_equal(imi_segments_load(g_labels, NULL, &segments, NULL), IMI_OK);
    assert_true(eval_acting_rules(segments, clip, &RULES, &rules));
    return rules;
}

static bool asks_for(const imi_challenge *challenge, imi_action action)
{
    for (uint32_t i = 0; i < challenge->count; i++) {
        if (challenge->actions[i] == action) {
            return true;
        }
    }
    return false;
}

static void a_clip_is_asked_for_what_it_shows_and_for_ovals(void **state)
{
    (void)state;
    imi_challenge_rules rules = rules_of("null");
    assert_int_equal(rules.allowed_mask, BIT(NEAR_FAR) | BIT(BLINK) | BIT(FOLLOW));
    assert_true(rules.near_far_required);
}

static void who_cannot_come_nearer_is_asked_for_another_action_of_a_solid(void **state)
{
    (void)state;
    imi_challenge_rules rules = rules_of("zero");
    assert_int_equal(rules.allowed_mask, BIT(TURN_LEFT) | BIT(FOLLOW));
    assert_false(rules.near_far_required);
    assert_true(rules.solid_required);
}

static void who_shows_nothing_of_a_solid_is_asked_for_the_rest(void **state)
{
    (void)state;
    imi_challenge_rules rules = rules_of("full");
    assert_int_equal(rules.allowed_mask, BIT(BLINK) | BIT(FOLLOW));
    assert_false(rules.near_far_required || rules.solid_required);
}

static void a_clip_without_labels_has_no_scripts(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = NULL;
    imi_challenge_rules rules;
    assert_int_equal(imi_segments_load(g_labels, NULL, &segments, NULL), IMI_OK);
    assert_false(eval_acting_rules(segments, "other", &RULES, &rules));
}

static void each_labelled_clip_gets_as_many_scripts_as_are_asked_for(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(prepare("file,label\n/dev/null,bona_fide\n/dev/urandom,mask\n/dev/zero,screen",
                             5, &all, NULL),
                     IMI_OK);
    assert_int_equal(all.count, 11);
    for (size_t i = 0; i < all.count; i++) {
        bool first = i < 5;
        assert_int_equal(all.items[i].acted, i != 5);
        assert_int_equal(all.items[i].challenge.count > 0, i != 5);
        assert_int_equal(asks_for(&all.items[i].challenge, IMI_ACTION_NEAR_FAR), first);
        assert_int_equal(asks_for(&all.items[i].challenge, IMI_ACTION_TURN_LEFT), i > 5);
    }
    assert_string_equal(all.items[4].path, "/dev/null");
    assert_string_equal(all.items[5].label, "mask");
    assert_string_equal(all.items[10].label, "screen");
}

static void a_script_of_the_list_is_acted_once(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(
        prepare("file,label,challenge\n/dev/null,bona_fide,nod,blink\n", 5, &all, NULL), IMI_OK);
    assert_int_equal(all.count, 1);
    assert_true(all.items[0].acted);
    assert_int_equal(all.items[0].challenge.actions[0], IMI_ACTION_NOD);
}

static void a_part_of_a_clip_is_played(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(prepare("file,label\n/dev/null#t=0-1,bona_fide\n", 5, &all, NULL), IMI_OK);
    assert_int_equal(all.count, 1);
    assert_false(all.items[0].acted);
    assert_int_equal(all.items[0].challenge.count, 0);
}

static void a_clip_that_no_script_is_for_is_named(void **state)
{
    (void)state;
    static const imi_challenge_rules ONE = {.allowed_mask = BIT(TURN_LEFT) | BIT(TURN_RIGHT),
                                            .count = 2};
    char path[TEXT_FILE_PATH_SIZE];
    imi_error err = IMI_ERROR_INIT;
    AUTO_EVAL_PRESENTATIONS all;
    text_file_make("file,label\n/dev/full,bona_fide\n", path);
    assert_int_equal(eval_presentations_load(path, &all, NULL), IMI_OK);
    text_file_remove(path);
    eval_acting acting = {g_labels, &ONE, 5};
    assert_int_equal(eval_acting_prepare(&acting, &all, &err), IMI_E_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_int_equal(all.count, 1);
}

static int set_up(void **state)
{
    (void)state;
    text_file_make(LABELS, g_labels);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    text_file_remove(g_labels);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clip_is_asked_for_what_it_shows_and_for_ovals),
        cmocka_unit_test(who_cannot_come_nearer_is_asked_for_another_action_of_a_solid),
        cmocka_unit_test(who_shows_nothing_of_a_solid_is_asked_for_the_rest),
        cmocka_unit_test(a_clip_without_labels_has_no_scripts),
        cmocka_unit_test(each_labelled_clip_gets_as_many_scripts_as_are_asked_for),
        cmocka_unit_test(a_script_of_the_list_is_acted_once),
        cmocka_unit_test(a_part_of_a_clip_is_played),
        cmocka_unit_test(a_clip_that_no_script_is_for_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
