/* Scripts: uniform, complete, and read back as they were written. */
#include "imi/liveness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t ALL = 1U << IMI_ACTION_NEAR_FAR | 1U << IMI_ACTION_TURN_LEFT |
                            1U << IMI_ACTION_TURN_RIGHT | 1U << IMI_ACTION_OPEN_MOUTH |
                            1U << IMI_ACTION_BLINK;

static void every_action_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 1; i < IMI_ACTION_COUNT; i++) {
        assert_int_equal(imi_action_of_name(imi_action_name((imi_action)i)), i);
    }
}

static void an_unknown_name_is_no_action(void **state)
{
    (void)state;
    assert_int_equal(imi_action_of_name("jump"), IMI_ACTION_NONE);
    assert_int_equal(imi_action_of_name("none"), IMI_ACTION_NONE);
    assert_int_equal(imi_action_of_name(""), IMI_ACTION_NONE);
    assert_int_equal(imi_action_of_name(NULL), IMI_ACTION_NONE);
    assert_null(imi_action_name((imi_action)99));
}

static void every_guidance_and_reason_has_its_own_name(void **state)
{
    (void)state;
    for (int i = 0; i < IMI_GUIDANCE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(imi_guidance_name((imi_guidance)i),
                                    imi_guidance_name((imi_guidance)j));
        }
    }
    for (int i = 0; i <= IMI_LIVENESS_PASSIVE; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(imi_liveness_reason_name((imi_liveness_reason)i),
                                    imi_liveness_reason_name((imi_liveness_reason)j));
        }
    }
    assert_string_equal(imi_guidance_name((imi_guidance)-1), "unknown");
    assert_string_equal(imi_liveness_reason_name((imi_liveness_reason)77), "unknown");
}

static void the_space_is_counted_exactly(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = ALL, .count = 2};
    assert_int_equal(imi_challenge_space(&rules), 5 * 4);
    rules.count = 3;
    assert_int_equal(imi_challenge_space(&rules), 5 * 4 * 4);
    rules.count = 6;
    assert_int_equal(imi_challenge_space(&rules), 5 * 4 * 4 * 4 * 4 * 4);
}

static void requiring_depth_leaves_out_scripts_without_it(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = ALL, .count = 3, .near_far_required = true};
    assert_int_equal(imi_challenge_space(&rules), 80 - 4 * 3 * 3);
}

static void rules_that_allow_nothing_have_no_space_and_draw_nothing(void **state)
{
    (void)state;
    const imi_challenge_rules bad[] = {
        {.allowed_mask = 0, .count = 2},
        {.allowed_mask = 1U << IMI_ACTION_BLINK, .count = 2},
        {.allowed_mask = ALL, .count = 1},
        {.allowed_mask = ALL, .count = IMI_CHALLENGE_ACTIONS_MAX + 1},
        {.allowed_mask = ALL | 1U, .count = 2},
        {.allowed_mask = ALL | 1U << IMI_ACTION_COUNT, .count = 2},
        {.allowed_mask = 1U << IMI_ACTION_BLINK | 1U << IMI_ACTION_OPEN_MOUTH,
         .count = 2,
         .near_far_required = true},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_challenge challenge = {.count = 9};
        assert_int_equal(imi_challenge_space(&bad[i]), 0);
        assert_int_equal(imi_challenge_draw(&bad[i], &challenge, NULL), IMI_E_INVALID_ARGUMENT);
        assert_int_equal(challenge.count, 0);
    }
    assert_int_equal(imi_challenge_space(NULL), 0);
}

static void a_drawn_script_keeps_the_rules(void **state)
{
    (void)state;
    imi_challenge_rules rules = {
        .allowed_mask = ALL & ~(1U << IMI_ACTION_BLINK), .count = 4, .near_far_required = true};
    for (int n = 0; n < 500; n++) {
        imi_challenge c;
        assert_int_equal(imi_challenge_draw(&rules, &c, NULL), IMI_OK);
        assert_int_equal(c.count, 4);
        bool depth = false;
        for (uint32_t i = 0; i < c.count; i++) {
            assert_true(rules.allowed_mask >> c.actions[i] & 1U);
            assert_true(i == 0 || c.actions[i] != c.actions[i - 1]);
            depth = depth || c.actions[i] == IMI_ACTION_NEAR_FAR;
        }
        assert_true(depth);
    }
}

/* Chi-square over the 44 scripts: 43 degrees of freedom exceed 90 once in 40,000 test runs. */
static void every_script_is_drawn_equally_often(void **state)
{
    (void)state;
    enum { DRAWS = 22000, SCRIPTS = 44, CODES = 216 };
    imi_challenge_rules rules = {.allowed_mask = ALL, .count = 3, .near_far_required = true};
    unsigned seen[CODES] = {0};
    for (int n = 0; n < DRAWS; n++) {
        imi_challenge c;
        assert_int_equal(imi_challenge_draw(&rules, &c, NULL), IMI_OK);
        seen[c.actions[0] * 36 + c.actions[1] * 6 + c.actions[2]]++;
    }
    double expected = (double)DRAWS / SCRIPTS;
    double chi_square = 0;
    unsigned different = 0;
    for (int i = 0; i < CODES; i++) {
        if (seen[i] > 0) {
            different++;
            chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
        }
    }
    assert_int_equal(different, SCRIPTS);
    assert_true(chi_square < 90);
}

static void a_script_reads_back_as_it_was_written(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = ALL, .count = IMI_CHALLENGE_ACTIONS_MAX};
    for (int n = 0; n < 200; n++) {
        imi_challenge drawn;
        imi_challenge parsed;
        char text[IMI_CHALLENGE_TEXT_SIZE];
        assert_int_equal(imi_challenge_draw(&rules, &drawn, NULL), IMI_OK);
        imi_challenge_format(&drawn, text);
        assert_int_equal(imi_challenge_parse(text, &parsed, NULL), IMI_OK);
        assert_memory_equal(&drawn, &parsed, sizeof drawn);
    }
}

static void the_longest_script_fits_its_text(void **state)
{
    (void)state;
    imi_challenge longest = {.count = IMI_CHALLENGE_ACTIONS_MAX};
    for (int i = 0; i < IMI_CHALLENGE_ACTIONS_MAX; i++) {
        longest.actions[i] = i % 2 == 0 ? IMI_ACTION_TURN_RIGHT : IMI_ACTION_OPEN_MOUTH;
    }
    char text[IMI_CHALLENGE_TEXT_SIZE];
    imi_challenge_format(&longest, text);
    assert_string_equal(text, "turn_right,open_mouth,turn_right,open_mouth,turn_right,open_mouth");
}

static void text_that_is_no_script_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "jump",
        ",",
        "blink,",
        ",blink",
        "blink,,near_far",
        "Blink",
        "blink,blink",
        "blink near_far",
        "none",
        " blink",
        "blink,none",
        "blink,near_far,blink,near_far,blink,near_far,blink",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_challenge c = {.count = 3};
        assert_int_equal(imi_challenge_parse(bad[i], &c, NULL), IMI_E_INVALID_ARGUMENT);
        assert_int_equal(c.count, 0);
    }
    imi_challenge c;
    assert_int_equal(imi_challenge_parse(NULL, &c, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_found_by_its_name),
        cmocka_unit_test(an_unknown_name_is_no_action),
        cmocka_unit_test(every_guidance_and_reason_has_its_own_name),
        cmocka_unit_test(the_space_is_counted_exactly),
        cmocka_unit_test(requiring_depth_leaves_out_scripts_without_it),
        cmocka_unit_test(rules_that_allow_nothing_have_no_space_and_draw_nothing),
        cmocka_unit_test(a_drawn_script_keeps_the_rules),
        cmocka_unit_test(every_script_is_drawn_equally_often),
        cmocka_unit_test(a_script_reads_back_as_it_was_written),
        cmocka_unit_test(the_longest_script_fits_its_text),
        cmocka_unit_test(text_that_is_no_script_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
