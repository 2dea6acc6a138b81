/* Scripts: uniform, complete, and read back as they were written. */
#include "imi/liveness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BIT(action) (1U << IMI_ACTION_##action)

/* Actions without targets but NOD, so that the space is easy to count. */
static const uint32_t ALL =
    BIT(NEAR_FAR) | BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(OPEN_MOUTH) | BIT(BLINK);
static const uint32_t EVERYTHING = (1U << IMI_ACTION_COUNT) - 2;

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

static void targets_and_lengths_multiply_the_space(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = BIT(NEAR_FAR) | BIT(FOLLOW) | BIT(BLINK),
                                 .count = 2};
    assert_int_equal(imi_challenge_space(&rules), 2 * (8 + 8 + 1));
    rules.near_targets = true;
    assert_int_equal(imi_challenge_space(&rules), 2 * (3 * 8 + 8 + 3));
    rules.count_max = 3;
    /* Of three: the first and the last differ from the middle one. */
    uint64_t of_three = 3 * (8 + 1) * (8 + 1) + 8 * (3 + 1) * (3 + 1) + 1 * (3 + 8) * (3 + 8);
    assert_int_equal(imi_challenge_space(&rules), 2 * (3 * 8 + 8 + 3) + of_three);
}

static void requiring_a_solid_leaves_out_scripts_that_a_photo_can_act(void **state)
{
    (void)state;
    imi_challenge_rules rules = {
        .allowed_mask = BIT(FOLLOW) | BIT(BLINK) | BIT(NOD), .count = 2, .solid_required = true};
    assert_int_equal(imi_challenge_space(&rules), 2 * (8 + 1));
}

static void rules_that_allow_nothing_have_no_space_and_draw_nothing(void **state)
{
    (void)state;
    const imi_challenge_rules bad[] = {
        {.allowed_mask = 0, .count = 2},
        {.allowed_mask = 1U << IMI_ACTION_BLINK, .count = 2},
        {.allowed_mask = ALL, .count = 1},
        {.allowed_mask = ALL, .count = IMI_CHALLENGE_ACTIONS_MAX + 1},
        {.allowed_mask = ALL, .count = 3, .count_max = 2},
        {.allowed_mask = ALL, .count = 3, .count_max = IMI_CHALLENGE_ACTIONS_MAX + 1},
        {.allowed_mask = BIT(BLINK) | BIT(FOLLOW), .count = 2, .solid_required = true},
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

/* The same over lengths and targets: 70 + 492 scripts; 561 degrees of freedom exceed 710 once in
 * 40,000 test runs. */
static void every_length_and_target_is_drawn_equally_often(void **state)
{
    (void)state;
    enum { DRAWS = 44960, SCRIPTS = 562, STEPS = 13, CODES = STEPS * STEPS * STEPS };
    imi_challenge_rules rules = {.allowed_mask = BIT(NEAR_FAR) | BIT(FOLLOW) | BIT(BLINK),
                                 .count = 2,
                                 .count_max = 3,
                                 .near_targets = true};
    static unsigned seen[CODES];
    assert_int_equal(imi_challenge_space(&rules), SCRIPTS);
    for (int n = 0; n < DRAWS; n++) {
        imi_challenge c;
        unsigned code = 0;
        assert_int_equal(imi_challenge_draw(&rules, &c, NULL), IMI_OK);
        for (uint32_t i = 0; i < c.count; i++) {
            unsigned step = c.actions[i] == IMI_ACTION_BLINK    ? 0U
                            : c.actions[i] == IMI_ACTION_FOLLOW ? c.targets[i]
                                                                : 8U + c.targets[i];
            code = code * STEPS + step + 1;
        }
        assert_true(code < CODES);
        seen[code]++;
    }
    double expected = (double)DRAWS / SCRIPTS;
    double chi_square = 0;
    unsigned different = 0;
    for (int i = 0; i < CODES; i++) {
        different += seen[i] > 0 ? 1 : 0;
        chi_square += seen[i] > 0 ? (seen[i] - expected) * (seen[i] - expected) / expected : 0;
    }
    assert_int_equal(different, SCRIPTS);
    assert_true(chi_square < 710);
}

static void targets_are_drawn_only_where_the_rules_have_them(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = EVERYTHING, .count = 4};
    for (int n = 0; n < 300; n++) {
        imi_challenge c;
        rules.near_targets = n % 2 == 1;
        assert_int_equal(imi_challenge_draw(&rules, &c, NULL), IMI_OK);
        for (uint32_t i = 0; i < c.count; i++) {
            bool near = c.actions[i] == IMI_ACTION_NEAR_FAR && rules.near_targets;
            bool follow = c.actions[i] == IMI_ACTION_FOLLOW;
            unsigned most = near ? IMI_NEAR_TARGETS : follow ? IMI_FOLLOW_TARGETS : 0;
            assert_in_range(c.targets[i], most > 0 ? 1 : 0, most);
        }
    }
}

static void a_script_reads_back_as_it_was_written(void **state)
{
    (void)state;
    imi_challenge_rules rules = {.allowed_mask = EVERYTHING,
                                 .count = 2,
                                 .count_max = IMI_CHALLENGE_ACTIONS_MAX,
                                 .near_targets = true};
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
        "follow",
        "follow@",
        "follow@0",
        "follow@9",
        "follow@11",
        "follow@-1",
        "follow@1@1",
        "near_far@4",
        "near_far@x",
        "near_far@1,near_far@2",
        "blink@1",
        "@1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_challenge c = {.count = 3};
        assert_int_equal(imi_challenge_parse(bad[i], &c, NULL), IMI_E_INVALID_ARGUMENT);
        assert_int_equal(c.count, 0);
    }
    imi_challenge c;
    assert_int_equal(imi_challenge_parse(NULL, &c, NULL), IMI_E_INVALID_ARGUMENT);
}

static void the_text_form_names_targets(void **state)
{
    (void)state;
    imi_challenge c;
    char text[IMI_CHALLENGE_TEXT_SIZE];
    assert_int_equal(imi_challenge_parse("near_far,follow@5,near_far@2", &c, NULL), IMI_OK);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.targets[0], IMI_TARGET_ANY);
    assert_int_equal(c.targets[1], 5);
    assert_int_equal(c.targets[2], 2);
    imi_challenge_format(&c, text);
    assert_string_equal(text, "near_far,follow@5,near_far@2");
}

/* ---- people who cannot do everything ---- */

/* All that purposes allow by default. */
static const imi_challenge_rules usual = {.allowed_mask = (1U << IMI_ACTION_COUNT) - 2,
                                          .count = 3,
                                          .near_far_required = true,
                                          .near_targets = true};

static bool tells_solid(uint32_t mask)
{
    return (mask & (BIT(NEAR_FAR) | BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD))) != 0;
}

static void the_documented_rules_allow_as_many_scripts_as_documented(void **state)
{
    (void)state;
    imi_challenge_rules rules = usual;
    assert_int_equal(imi_challenge_space(&rules), 1224);
    rules.count = 4;
    assert_int_equal(imi_challenge_space(&rules), 17262);
    rules.count = 3;
    rules.count_max = 4;
    assert_int_equal(imi_challenge_space(&rules), 18486);
}

static void who_can_do_everything_keeps_the_rules(void **state)
{
    (void)state;
    imi_challenge_rules out;
    assert_int_equal(imi_challenge_rules_without(&usual, 0, &out, NULL), IMI_OK);
    assert_memory_equal(&out, &usual, sizeof out);
}

static void whatever_people_cannot_do_is_never_asked_and_a_solid_always_is(void **state)
{
    (void)state;
    for (uint32_t cannot = 2; cannot <= EVERYTHING; cannot += 2) {
        imi_challenge_rules out;
        imi_status status = imi_challenge_rules_without(&usual, cannot, &out, NULL);
        if (status != IMI_OK) {
            assert_int_equal(status, IMI_E_UNSUPPORTED);
            assert_int_equal(out.allowed_mask, 0);
            continue;
        }
        assert_true(imi_challenge_space(&out) >= IMI_CHALLENGE_SPACE_MIN);
        for (int n = 0; n < 20; n++) {
            imi_challenge c;
            uint32_t asked = 0;
            assert_int_equal(imi_challenge_draw(&out, &c, NULL), IMI_OK);
            for (uint32_t i = 0; i < c.count; i++) {
                asked |= 1U << c.actions[i];
            }
            assert_int_equal(asked & cannot, 0);
            assert_true(tells_solid(asked));
            assert_true((cannot & BIT(NEAR_FAR)) != 0 || (asked & BIT(NEAR_FAR)) != 0);
        }
    }
}

static void the_usual_troubles_leave_a_way(void **state)
{
    (void)state;
    static const uint32_t troubles[] = {
        BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD), /* a stiff neck */
        BIT(BLINK) | BIT(OPEN_MOUTH), /* a palsy of the face */
        BIT(NEAR_FAR) | BIT(FOLLOW), /* a phone on a stand */
        BIT(NEAR_FAR), /* short arms */
        BIT(TURN_LEFT) | BIT(NOD) | BIT(BLINK),
    };
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        imi_challenge_rules out;
        assert_int_equal(imi_challenge_rules_without(&usual, troubles[i], &out, NULL), IMI_OK);
    }
}

static void a_purpose_of_few_actions_takes_others_in_their_place(void **state)
{
    (void)state;
    imi_challenge_rules few = {.allowed_mask = BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NEAR_FAR),
                               .count = 3,
                               .near_far_required = true};
    imi_challenge_rules out;
    uint32_t neck = BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD);
    assert_int_equal(imi_challenge_rules_without(&few, neck, &out, NULL), IMI_OK);
    assert_int_equal(out.allowed_mask, BIT(NEAR_FAR) | BIT(FOLLOW));
    assert_true(out.near_far_required);
}

static void too_few_scripts_are_made_longer(void **state)
{
    (void)state;
    imi_challenge_rules out;
    uint32_t cannot = EVERYTHING & ~(BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD));
    assert_int_equal(imi_challenge_rules_without(&usual, cannot, &out, NULL), IMI_OK);
    assert_true(out.count > usual.count);
    assert_true(imi_challenge_space(&out) >= IMI_CHALLENGE_SPACE_MIN);
}

static void without_a_solid_action_it_is_a_case_for_staff(void **state)
{
    (void)state;
    imi_challenge_rules out;
    uint32_t cannot = BIT(NEAR_FAR) | BIT(TURN_LEFT) | BIT(TURN_RIGHT) | BIT(NOD);
    assert_int_equal(imi_challenge_rules_without(&usual, cannot, &out, NULL), IMI_E_UNSUPPORTED);
    assert_int_equal(imi_challenge_space(&out), 0);
    /* Nor may a purpose that never asked for depth sink to faces that only blink. */
    imi_challenge_rules lax = {.allowed_mask = BIT(TURN_LEFT) | BIT(BLINK) | BIT(FOLLOW),
                               .count = 3};
    assert_int_equal(imi_challenge_rules_without(&lax, cannot, &out, NULL), IMI_E_UNSUPPORTED);
}

static void rules_or_actions_that_are_not_known_have_no_alternative(void **state)
{
    (void)state;
    imi_challenge_rules out;
    imi_challenge_rules none = {.allowed_mask = BIT(BLINK), .count = 2};
    assert_int_equal(imi_challenge_rules_without(&none, 0, &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_challenge_rules_without(NULL, 0, &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_challenge_rules_without(&usual, 1, &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_challenge_rules_without(&usual, 1U << IMI_ACTION_COUNT, &out, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_challenge_rules_without(&usual, 0, NULL, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_found_by_its_name),
        cmocka_unit_test(an_unknown_name_is_no_action),
        cmocka_unit_test(every_guidance_and_reason_has_its_own_name),
        cmocka_unit_test(the_space_is_counted_exactly),
        cmocka_unit_test(requiring_depth_leaves_out_scripts_without_it),
        cmocka_unit_test(targets_and_lengths_multiply_the_space),
        cmocka_unit_test(requiring_a_solid_leaves_out_scripts_that_a_photo_can_act),
        cmocka_unit_test(rules_that_allow_nothing_have_no_space_and_draw_nothing),
        cmocka_unit_test(a_drawn_script_keeps_the_rules),
        cmocka_unit_test(every_script_is_drawn_equally_often),
        cmocka_unit_test(every_length_and_target_is_drawn_equally_often),
        cmocka_unit_test(targets_are_drawn_only_where_the_rules_have_them),
        cmocka_unit_test(a_script_reads_back_as_it_was_written),
        cmocka_unit_test(the_longest_script_fits_its_text),
        cmocka_unit_test(text_that_is_no_script_is_refused),
        cmocka_unit_test(the_text_form_names_targets),
        cmocka_unit_test(the_documented_rules_allow_as_many_scripts_as_documented),
        cmocka_unit_test(who_can_do_everything_keeps_the_rules),
        cmocka_unit_test(whatever_people_cannot_do_is_never_asked_and_a_solid_always_is),
        cmocka_unit_test(the_usual_troubles_leave_a_way),
        cmocka_unit_test(a_purpose_of_few_actions_takes_others_in_their_place),
        cmocka_unit_test(too_few_scripts_are_made_longer),
        cmocka_unit_test(without_a_solid_action_it_is_a_case_for_staff),
        cmocka_unit_test(rules_or_actions_that_are_not_known_have_no_alternative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
