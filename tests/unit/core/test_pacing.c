/*
 * One thing at a time: what is shown stays long enough, and is said once.
 */
#include "imi_core/pacing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define P(NAME) IMI_CORE_PHRASE_##NAME

static int set_up(void **state)
{
    void *storage = malloc(imi_core_pacer_size());
    *state = imi_core_pacer_init(storage, imi_core_pacer_size());
    return *state == NULL;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static imi_core_cue tick(void **state, int64_t now_ms)
{
    imi_core_cue cue;
    imi_core_pacer_tick(*state, now_ms, &cue);
    return cue;
}

static void nothing_is_shown_before_the_first_phrase(void **state)
{
    imi_core_cue cue = tick(state, 0);
    assert_int_equal(cue.phrase, P(NONE));
    assert_false(cue.speak);
}

static void first_phrase_is_shown_at_once_and_said_once(void **state)
{
    imi_core_pacer_offer(*state, P(MOVE_CLOSER), 5);
    imi_core_cue cue = tick(state, 5);
    assert_int_equal(cue.phrase, P(MOVE_CLOSER));
    assert_true(cue.speak);
    cue = tick(state, 6);
    assert_int_equal(cue.phrase, P(MOVE_CLOSER));
    assert_false(cue.speak);
}

static void phrase_stays_for_its_shortest_time(void **state)
{
    imi_core_pacer_offer(*state, P(FIT_OVAL), 0);
    tick(state, 0);
    imi_core_pacer_offer(*state, P(TURN_LEFT), 10);
    assert_int_equal(tick(state, IMI_CORE_PACE_SHOWN_MIN_MS - 1).phrase, P(FIT_OVAL));
    imi_core_cue cue = tick(state, IMI_CORE_PACE_SHOWN_MIN_MS);
    assert_int_equal(cue.phrase, P(TURN_LEFT));
    assert_true(cue.speak);
}

static void speech_is_not_cut(void **state)
{
    imi_core_pacer_offer(*state, P(FIT_OVAL), 0);
    tick(state, 0);
    imi_core_pacer_speaking(*state, 3000, 100);
    imi_core_pacer_offer(*state, P(CAPTURE_DONE), 200);
    assert_int_equal(tick(state, 3099).phrase, P(FIT_OVAL));
    assert_int_equal(tick(state, 3100).phrase, P(CAPTURE_DONE));
}

static void recording_without_end_does_not_block_for_ever(void **state)
{
    imi_core_pacer_offer(*state, P(FIT_OVAL), 0);
    tick(state, 0);
    imi_core_pacer_speaking(*state, UINT32_MAX, 0);
    imi_core_pacer_offer(*state, P(NOD), 1);
    assert_int_equal(tick(state, IMI_CORE_PACE_SPEECH_MAX_MS).phrase, P(NOD));
}

static void flipping_corrections_do_not_replace_what_is_shown(void **state)
{
    imi_core_pacer_offer(*state, P(LOOK_STRAIGHT), 0);
    tick(state, 0);
    for (int64_t now = 2000; now < 5000; now += 100) {
        imi_core_pacer_offer(*state, now % 200 == 0 ? P(MOVE_CLOSER) : P(MOVE_AWAY), now);
        assert_int_equal(tick(state, now).phrase, P(LOOK_STRAIGHT));
    }
}

static void correction_that_persists_is_told(void **state)
{
    imi_core_pacer_offer(*state, P(LOOK_STRAIGHT), 0);
    tick(state, 0);
    imi_core_pacer_offer(*state, P(MORE_LIGHT), 2000);
    imi_core_pacer_offer(*state, P(MORE_LIGHT), 2200);
    assert_int_equal(tick(state, 2000 + IMI_CORE_PACE_SETTLE_MS - 1).phrase, P(LOOK_STRAIGHT));
    assert_int_equal(tick(state, 2000 + IMI_CORE_PACE_SETTLE_MS).phrase, P(MORE_LIGHT));
}

static void request_of_an_action_needs_no_settling(void **state)
{
    imi_core_pacer_offer(*state, P(LOOK_STRAIGHT), 0);
    tick(state, 0);
    imi_core_pacer_offer(*state, P(BLINK), 2000);
    assert_int_equal(tick(state, 2000).phrase, P(BLINK));
}

static void none_keeps_the_last_phrase(void **state)
{
    imi_core_pacer_offer(*state, P(BLINK), 0);
    tick(state, 0);
    imi_core_pacer_offer(*state, P(NONE), 2000);
    assert_int_equal(tick(state, 3000).phrase, P(BLINK));
}

static void unchanged_phrase_is_said_again_after_a_while(void **state)
{
    imi_core_pacer_offer(*state, P(BLINK), 0);
    tick(state, 0);
    assert_false(tick(state, IMI_CORE_PACE_REPEAT_MS - 1).speak);
    assert_true(tick(state, IMI_CORE_PACE_REPEAT_MS).speak);
    assert_false(tick(state, IMI_CORE_PACE_REPEAT_MS + 1).speak);
}

static void nothing_is_repeated_while_something_else_waits_or_speech_goes_on(void **state)
{
    imi_core_pacer_offer(*state, P(BLINK), 0);
    tick(state, 0);
    imi_core_pacer_speaking(*state, 12000, 0);
    assert_false(tick(state, IMI_CORE_PACE_REPEAT_MS).speak);
    imi_core_pacer_offer(*state, P(NOD), 9000);
    assert_false(tick(state, 9000).speak);
}

static void storage_that_is_too_small_or_not_aligned_is_refused(void **state)
{
    (void)state;
    uint64_t storage[32];
    size_t size = imi_core_pacer_size();
    assert_true(size <= sizeof storage - 8);
    assert_null(imi_core_pacer_init(storage, size - 1));
    assert_null(imi_core_pacer_init((uint8_t *)storage + 1, size));
    assert_null(imi_core_pacer_init(NULL, size));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_shown_before_the_first_phrase),
        TEST(first_phrase_is_shown_at_once_and_said_once),
        TEST(phrase_stays_for_its_shortest_time),
        TEST(speech_is_not_cut),
        TEST(recording_without_end_does_not_block_for_ever),
        TEST(flipping_corrections_do_not_replace_what_is_shown),
        TEST(correction_that_persists_is_told),
        TEST(request_of_an_action_needs_no_settling),
        TEST(none_keeps_the_last_phrase),
        TEST(unchanged_phrase_is_said_again_after_a_while),
        TEST(nothing_is_repeated_while_something_else_waits_or_speech_goes_on),
        cmocka_unit_test(storage_that_is_too_small_or_not_aligned_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
