/* What a live camera is told. */
#include "instruction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static imi_live_instructions follow(const char *line)
{
    imi_live_instructions told = {.scene = IMI_LIVE_PERSON};
    assert_int_equal(imi_live_follow(&told, line, NULL), IMI_OK);
    return told;
}

static void a_scene_is_shown_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(follow("show photo").scene, IMI_LIVE_PHOTO);
    assert_int_equal(follow("show nobody").scene, IMI_LIVE_NOBODY);
    assert_int_equal(follow("show two").scene, IMI_LIVE_TWO);
    assert_int_equal(follow("show person").scene, IMI_LIVE_PERSON);
}

static void guidance_comes_with_the_script_and_how_far_it_is(void **state)
{
    (void)state;
    imi_sim_cue cue = follow("told blink 1 near_far@2,blink,turn_left").cue;
    assert_int_equal(cue.guidance, IMI_GUIDANCE_BLINK);
    assert_int_equal(cue.actions_done, 1);
    assert_int_equal(cue.challenge.count, 3);
    assert_int_equal(cue.challenge.actions[0], IMI_ACTION_NEAR_FAR);
    assert_int_equal(cue.challenge.actions[2], IMI_ACTION_TURN_LEFT);
    assert_false(cue.has_target);
}

static void an_oval_is_where_it_is_told(void **state)
{
    (void)state;
    imi_sim_cue cue = follow("told fit_oval 0 near_far 0.5 0.25 1.5").cue;
    assert_true(cue.has_target);
    assert_true(cue.target.centre_x == 0.5F && cue.target.centre_y == 0.25F);
    assert_true(cue.target.height == 1.5F);
}

static void before_a_capture_there_is_no_script(void **state)
{
    (void)state;
    assert_int_equal(follow("told none 0 -").cue.challenge.count, 0);
}

static void an_oval_goes_when_guidance_comes_without_one(void **state)
{
    (void)state;
    imi_live_instructions told = follow("told fit_oval 0 near_far 0.5 0.5 1");
    assert_int_equal(imi_live_follow(&told, "told hold_still 1 near_far", NULL), IMI_OK);
    assert_false(told.cue.has_target);
}

static void what_is_no_instruction_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "show",
        "show cat",
        "show photo now",
        "told",
        "told blink",
        "told blink 0",
        "told wink 0 -",
        "told blink one -",
        "told blink 0 somersault",
        "told blink 0 - 0.5",
        "told blink 0 - 0.5 0.5",
        "told blink 0 - 0.5 0.5 0",
        "told blink 0 - 0.5 0.5 9",
        "told blink 0 - nan 0.5 1",
        "told blink 0 - 0.5 inf 1",
        "told blink 0 - 0.5 0.5 nan",
        "told blink 0 - 0.5 0.5 1 1",
        "stop",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_live_instructions told = follow("show two");
        imi_live_instructions before = told;
        imi_error err = IMI_ERROR_INIT;
        assert_int_equal(imi_live_follow(&told, bad[i], &err), IMI_E_INVALID_ARGUMENT);
        assert_non_null(strstr(err.message, bad[i]));
        assert_memory_equal(&told, &before, sizeof told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scene_is_shown_by_its_name),
        cmocka_unit_test(guidance_comes_with_the_script_and_how_far_it_is),
        cmocka_unit_test(an_oval_is_where_it_is_told),
        cmocka_unit_test(before_a_capture_there_is_no_script),
        cmocka_unit_test(an_oval_goes_when_guidance_comes_without_one),
        cmocka_unit_test(what_is_no_instruction_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
