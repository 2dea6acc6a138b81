/*
 * Coloured light: the same colours for an attempt that begins again, and a capture that lasts until
 * all have been shown.
 */
#include "phone.h"

#include <string.h>

enum { SEQUENCE_MS = 8000, FRAMES_MAX = 400 };

static phone *ready_phone(fixture *f, const char *purpose)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, purpose);
    phone_enter(p, &created);
    return p;
}

static void colours_are_shown_where_the_purpose_asks_for_light(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_true(p->capture.light.count > 0);
    assert_true(p->capture.light.step_ms >= 700); /* WCAG 2.3.1, as imi/light.h keeps it */
    phone_destroy(&p);
    p = ready_phone(f, PURPOSE_PLAIN);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.light.count, 0);
    phone_destroy(&p);
}

static void beginning_again_draws_no_other_colours(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_light_sequence before = p->capture.light;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_memory_equal(&p->capture.light, &before, sizeof before);
    }
    phone_destroy(&p);
}

/* ---- Until all have been shown ---- */

/* Begin and play to the end; when the challenge was answered, by the time of the capture. */
static int64_t play_to_the_end(phone *p, imi_frame_feedback *last)
{
    int64_t answered_ms = -1;
    assert_int_equal(phone_begin(p), IMI_OK);
    for (int i = 0; i < FRAMES_MAX; i++) {
        assert_int_equal(phone_play(p, 1, last), IMI_OK);
        bool all_done = last->actions_done == last->actions_total;
        if (last->guidance == IMI_GUIDANCE_DONE) {
            return answered_ms < 0 ? phone_elapsed_ms(p) : answered_ms;
        }
        assert_int_equal(last->outcome, IMI_OUTCOME_IN_PROGRESS);
        if (all_done && answered_ms < 0 && last->guidance == IMI_GUIDANCE_LOOK_STRAIGHT) {
            answered_ms = phone_elapsed_ms(p);
        }
    }
    fail_msg("the capture does not end");
    return -1;
}

static void who_is_quick_waits_for_the_last_colour(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    p->shows_light = p->moves_clock = true;
    imi_frame_feedback last;
    int64_t answered_ms = play_to_the_end(p, &last);
    assert_true(answered_ms < SEQUENCE_MS - 1000);
    assert_in_range(phone_elapsed_ms(p), SEQUENCE_MS, SEQUENCE_MS + p->frame_ms);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_null(strstr(record.evidence, "light_incomplete"));
    phone_destroy(&p);
}

static void page_that_shows_no_colour_is_not_waited_for(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    imi_frame_feedback last;
    play_to_the_end(p, &last);
    assert_true(phone_elapsed_ms(p) < SEQUENCE_MS);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_non_null(strstr(record.evidence, "light:unmeasured(light_incomplete)"));
    phone_destroy(&p);
}

static void page_whose_colour_stays_is_waited_for_as_long_as_all_would_take(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    p->shows_light = p->light_stands = p->moves_clock = true;
    imi_frame_feedback last;
    int64_t answered_ms = play_to_the_end(p, &last);
    assert_in_range(phone_elapsed_ms(p) - answered_ms, SEQUENCE_MS - p->frame_ms,
                    SEQUENCE_MS + p->frame_ms);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    phone_destroy(&p);
}

static void capture_that_has_failed_waits_for_no_colour(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIT);
    p->shows_light = true;
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_frame_feedback last;
    assert_int_equal(phone_play(p, 20, &last), IMI_OK);
    p->frame_ms = 5100; /* a hole in time */
    assert_int_equal(phone_play(p, 1, &last), IMI_OK);
    assert_true(phone_elapsed_ms(p) < SEQUENCE_MS);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    assert_int_equal(last.outcome, IMI_OUTCOME_TRY_AGAIN);
    phone_destroy(&p);
}

#define LIGHT_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIGHT_TEST(colours_are_shown_where_the_purpose_asks_for_light),
        LIGHT_TEST(beginning_again_draws_no_other_colours),
        LIGHT_TEST(who_is_quick_waits_for_the_last_colour),
        LIGHT_TEST(page_that_shows_no_colour_is_not_waited_for),
        LIGHT_TEST(page_whose_colour_stays_is_waited_for_as_long_as_all_would_take),
        LIGHT_TEST(capture_that_has_failed_waits_for_no_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
