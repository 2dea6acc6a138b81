/*
 * Frames that come late over a slow network: the person hears what is asked as much later, and has
 * as much longer for it, up to a limit.
 */
#include "phone.h"

#include <string.h>

enum {
    ORDINARY_MS = 20000, /* for an action, in view of the camera */
    LATE_MS = 4000,
    MOST_MS = 10000, /* that lateness is worth */
    FRAME_MS = 400,
    SETTLE_MS = 3000, /* at most, until the first action is asked for */
    FRAMES_MAX = 400
};

/* A phone whose frames come by the service's clock as they are taken. */
static phone *phone_on_line(fixture *f)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session session = fixture_create(f, PURPOSE_PLAIN);
    p->moves_clock = true;
    p->frame_ms = FRAME_MS;
    phone_enter(p, &session);
    assert_int_equal(phone_begin(p), IMI_OK);
    return p;
}

/* From now on each frame is so long on its way, by which time alone goes on. */
static void slow_down(phone *p, int64_t late_ms)
{
    imi_clock_manual_advance(&p->f->clock, late_ms);
}

/* Send what the camera sees until the capture ends, or the person has stood idle for so long. */
static imi_frame_feedback stand_idle(phone *p, int64_t until_ms)
{
    imi_frame_feedback last = {0};
    p->ignores_guidance = true;
    while (phone_elapsed_ms(p) < until_ms && last.guidance != IMI_GUIDANCE_DONE) {
        assert_int_equal(phone_play(p, 1, &last), IMI_OK);
        assert_false(last.skipped);
    }
    p->ignores_guidance = false;
    return last;
}

/* That somebody who does nothing is waited for so long, counted from the asking. */
static void assert_patience(phone *p, int64_t patience_ms)
{
    imi_frame_feedback last = stand_idle(p, patience_ms);
    assert_int_equal(last.outcome, IMI_OUTCOME_IN_PROGRESS);
    last = stand_idle(p, patience_ms + SETTLE_MS);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    assert_int_equal(last.outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_int_equal(last.actions_done, 0);
    assert_string_equal(fixture_session(p->f, p->session_id).reason, "timeout");
}

static void frames_in_time_leave_the_ordinary_patience(void **state)
{
    phone *p = phone_on_line(*state);
    assert_patience(p, ORDINARY_MS);
    phone_destroy(&p);
}

static void frames_that_come_late_lengthen_it_by_their_lateness(void **state)
{
    phone *p = phone_on_line(*state);
    imi_frame_feedback first;
    assert_int_equal(phone_send(p, &first), IMI_OK); /* in time: by it the others are late */
    slow_down(p, LATE_MS);
    assert_patience(p, ORDINARY_MS + LATE_MS);
    phone_destroy(&p);
}

static void lateness_lengthens_it_up_to_a_limit(void **state)
{
    phone *p = phone_on_line(*state);
    imi_frame_feedback first;
    assert_int_equal(phone_send(p, &first), IMI_OK);
    slow_down(p, 6 * MOST_MS);
    assert_patience(p, ORDINARY_MS + MOST_MS);
    phone_destroy(&p);
}

/* Where the two clocks stand to each other is nobody's lateness. */
static void a_line_that_is_slow_from_the_first_frame_lengthens_nothing(void **state)
{
    phone *p = phone_on_line(*state);
    slow_down(p, LATE_MS);
    assert_patience(p, ORDINARY_MS);
    phone_destroy(&p);
}

/* ---- To the end ---- */

/* What becomes of somebody whose frames come so late, and who then does what is asked only when
 * the ordinary patience is over. */
static imi_session_record answer_late(phone *p, int64_t late_ms)
{
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    slow_down(p, late_ms);
    (void)stand_idle(p, ORDINARY_MS + SETTLE_MS);
    assert_int_equal(phone_play(p, FRAMES_MAX, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    return fixture_session(p->f, p->session_id);
}

static void who_hears_late_and_answers_late_is_verified(void **state)
{
    phone *p = phone_on_line(*state);
    imi_session_record record = answer_late(p, MOST_MS);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

static void who_hears_in_time_and_answers_late_has_to_try_again(void **state)
{
    phone *p = phone_on_line(*state);
    imi_session_record record = answer_late(p, 0);
    assert_int_equal(record.decision, IMI_DECISION_RETRY);
    assert_string_equal(record.reason, "timeout");
    phone_destroy(&p);
}

#define LATENESS_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LATENESS_TEST(frames_in_time_leave_the_ordinary_patience),
        LATENESS_TEST(frames_that_come_late_lengthen_it_by_their_lateness),
        LATENESS_TEST(lateness_lengthens_it_up_to_a_limit),
        LATENESS_TEST(a_line_that_is_slow_from_the_first_frame_lengthens_nothing),
        LATENESS_TEST(who_hears_late_and_answers_late_is_verified),
        LATENESS_TEST(who_hears_in_time_and_answers_late_has_to_try_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
