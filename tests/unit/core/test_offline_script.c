/*
 * Without a server every action is asked for once, slowly, and then it is enough.
 */
#include "imi_core/imi_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define P(NAME) IMI_CORE_PHRASE_##NAME

enum {
    LEAD = IMI_CORE_OFFLINE_LEAD_MS,
    ACTION = IMI_CORE_OFFLINE_ACTION_MS,
    TURN = ACTION + IMI_CORE_OFFLINE_BACK_MS
};

/* Of enum ChallengeAction. */
enum { NEAR_FAR = 1, TURN_LEFT, TURN_RIGHT, OPEN_MOUTH, BLINK, FOLLOW, NOD };

static const uint32_t two[] = {TURN_LEFT, BLINK};

static void what_was_told_last_is_not_broken_off(void **state)
{
    (void)state;
    assert_int_equal(imi_core_offline_phrase(two, 2, 0), P(NONE));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD - 1), P(NONE));
}

static void each_action_has_its_time_and_the_way_back(void **state)
{
    (void)state;
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD), P(TURN_LEFT));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + ACTION - 1), P(TURN_LEFT));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + ACTION), P(BACK_TO_CENTRE));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + TURN - 1), P(BACK_TO_CENTRE));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + TURN), P(BLINK));
}

static void after_the_last_it_is_enough_for_ever(void **state)
{
    (void)state;
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + 2 * TURN - 1), P(BACK_TO_CENTRE));
    assert_int_equal(imi_core_offline_phrase(two, 2, LEAD + 2 * TURN), P(CAPTURE_DONE));
    assert_int_equal(imi_core_offline_phrase(two, 2, UINT32_MAX), P(CAPTURE_DONE));
}

static void where_nothing_is_left_it_is_enough_after_the_lead(void **state)
{
    (void)state;
    assert_int_equal(imi_core_offline_phrase(NULL, 0, LEAD - 1), P(NONE));
    assert_int_equal(imi_core_offline_phrase(NULL, 0, LEAD), P(CAPTURE_DONE));
}

static void every_action_has_its_phrase(void **state)
{
    (void)state;
    static const uint32_t expected[IMI_CORE_ACTION_LAST + 1] = {
        [NEAR_FAR] = P(MOVE_CLOSER),  [TURN_LEFT] = P(TURN_LEFT), [TURN_RIGHT] = P(TURN_RIGHT),
        [OPEN_MOUTH] = P(OPEN_MOUTH), [BLINK] = P(BLINK),         [NOD] = P(NOD),
        [FOLLOW] = P(LOOK_STRAIGHT),
    };
    for (uint32_t action = NEAR_FAR; action <= IMI_CORE_ACTION_LAST; action++) {
        assert_int_equal(imi_core_offline_phrase(&action, 1, LEAD), expected[action]);
    }
}

static void an_action_of_a_later_server_is_looking_straight(void **state)
{
    (void)state;
    static const uint32_t unknown[] = {0, IMI_CORE_ACTION_LAST + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(imi_core_offline_phrase(&unknown[i], 1, LEAD), P(LOOK_STRAIGHT));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_last_is_not_broken_off),
        cmocka_unit_test(each_action_has_its_time_and_the_way_back),
        cmocka_unit_test(after_the_last_it_is_enough_for_ever),
        cmocka_unit_test(where_nothing_is_left_it_is_enough_after_the_lead),
        cmocka_unit_test(every_action_has_its_phrase),
        cmocka_unit_test(an_action_of_a_later_server_is_looking_straight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
