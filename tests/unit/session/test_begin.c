/*
 * The beginning of a capture: who tried too often waits, who cannot do an action is asked for
 * another, and what no capture can settle goes to staff.
 */
#include "attempts.h"
#include "phone.h"

#include <string.h>

enum { RIVALS = 8, SECOND = 1000, BEGINS = 4 /* that one attempt has */ };

/* ---- The delay ---- */

static const imi_attempt_limits limits = {
    .free = 3, .first_delay_s = 30, .max_delay_s = 3600, .per_day = 20};

static int64_t wait_after(uint32_t count, int64_t passed_ms)
{
    imi_attempt_tally tally = {.count = count, .last_ms = 1000000};
    return imi_attempt_wait_ms(&limits, &tally, 1000000 + passed_ms);
}

static void first_attempts_are_free(void **state)
{
    (void)state;
    for (uint32_t count = 0; count < 3; count++) {
        assert_int_equal(wait_after(count, 0), 0);
    }
}

static void delay_doubles_up_to_its_maximum(void **state)
{
    (void)state;
    static const int64_t delays_s[] = {30, 60, 120, 240, 480, 960, 1920, 3600, 3600};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(wait_after(3 + i, 0), delays_s[i] * SECOND);
    }
    assert_int_equal(wait_after(19, 0), 3600 * SECOND);
}

static void delay_runs_from_the_last_attempt(void **state)
{
    (void)state;
    assert_int_equal(wait_after(3, 29999), 1);
    assert_int_equal(wait_after(3, 30000), 0);
    assert_int_equal(wait_after(3, 900000), 0);
}

static void clock_that_was_set_back_lengthens_no_delay(void **state)
{
    (void)state;
    assert_int_equal(wait_after(3, -500000), 30 * SECOND);
}

static void days_maximum_is_the_end(void **state)
{
    (void)state;
    assert_true(wait_after(20, 0) == IMI_ATTEMPT_NEVER_MS);
    assert_true(wait_after(21, 80000000) == IMI_ATTEMPT_NEVER_MS);
    const imi_attempt_limits steep = {
        .free = 1, .first_delay_s = 1, .max_delay_s = 86400, .per_day = 1000000};
    imi_attempt_tally tally = {.count = 999999, .last_ms = 0};
    assert_int_equal(imi_attempt_wait_ms(&steep, &tally, 0), 86400 * SECOND);
}

/* ---- Sessions of one subject ---- */

/* A phone that has consented in a session of this purpose. */
static phone *ready_phone(fixture *f, const char *purpose)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, purpose);
    phone_enter(p, &created);
    return p;
}

/* Begin in this many sessions, one after the other, and leave. */
static void leave_captures(fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        phone *p = ready_phone(f, PURPOSE_LIMITED);
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(p->capture.retry_after_ms, 0);
        phone_destroy(&p);
    }
}

static void who_tried_too_often_has_to_wait(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    imi_clock_manual_advance(&f->clock, 10 * SECOND);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.retry_after_ms, 20 * SECOND);
    assert_string_equal(p->capture.capture_id, "");
    assert_int_equal(p->capture.challenge.count, 0);
    /* Nothing has happened: no attempt, no event. */
    char events[128];
    fixture_events(f, p->session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented");
    phone_destroy(&p);
}

static void who_waited_may_begin(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_clock_manual_advance(&f->clock, p->capture.retry_after_ms);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.retry_after_ms, 0);
    imi_frame_feedback last;
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    phone_destroy(&p);
}

static void asking_meanwhile_does_not_make_it_longer(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(p->capture.retry_after_ms, 30 * SECOND);
    }
    phone_destroy(&p);
}

static void beginning_an_attempt_again_is_no_new_one(void **state)
{
    fixture *f = *state;
    leave_captures(f, 1);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    for (int i = 0; i < BEGINS; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(p->capture.retry_after_ms, 0);
    }
    phone_destroy(&p);
}

static void who_gave_an_attempt_up_waits_as_after_any_other(void **state)
{
    fixture *f = *state;
    leave_captures(f, 1);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    for (int i = 0; i < BEGINS; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
    }
    for (int i = 0; i < 3; i++) { /* asking again gives nothing more up */
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(p->capture.retry_after_ms, 30 * SECOND);
        assert_int_equal(fixture_session(f, p->session_id).attempts, 1);
    }
    phone_destroy(&p);
}

static void restart_forgives_nothing(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    fixture_restart(f);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.retry_after_ms, 30 * SECOND);
    phone_destroy(&p);
}

static void tomorrow_is_another_day(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    imi_clock_manual_advance(&f->clock, 24 * 3600 * (int64_t)SECOND);
    leave_captures(f, 2);
}

static void who_is_verified_may_come_as_often_as_need_be(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 4; i++) {
        phone *p = phone_new(f, FIXTURE_PERSON);
        imi_created_session created = fixture_create(f, PURPOSE_LIMITED);
        assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_DONE);
        assert_int_equal(fixture_session(f, created.session_id).decision, IMI_DECISION_VERIFIED);
        phone_destroy(&p);
    }
}

static void other_people_do_not_wait(void **state)
{
    fixture *f = *state;
    leave_captures(f, 2);
    scene what = scene_neutral(OTHER_PERSON);
    imi_enrolment enrolled;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "somebody-else", &what, &enrolled), IMI_OK);
    imi_create_session request = {.purpose = PURPOSE_LIMITED,
                                  .reference_id = enrolled.reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = ""};
    imi_created_session created;
    assert_int_equal(
        imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL), IMI_OK);
    phone *p = phone_new(f, OTHER_PERSON);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.retry_after_ms, 0);
    phone_destroy(&p);
}

/* A caller that keeps its key and tries to be many people; the page and the SDKs make a key for
 * each session, so that this holds no phone back. */
static void device_has_to_wait_whoever_it_shows(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    for (int i = 0; i < 3; i++) {
        char subject[] = "subject-0";
        subject[8] = (char)('0' + i);
        scene what = scene_neutral(OTHER_PERSON + (uint32_t)i);
        imi_enrolment enrolled;
        assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, subject, &what, &enrolled), IMI_OK);
        imi_create_session request = {.purpose = PURPOSE_LIMITED,
                                      .reference_id = enrolled.reference_id,
                                      .nonce = "nonce-of-the-bureau",
                                      .request_id = ""};
        imi_created_session created;
        assert_int_equal(
            imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL),
            IMI_OK);
        phone_enter(p, &created);
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(p->capture.retry_after_ms, i < 2 ? 0 : 30 * SECOND);
    }
    phone_destroy(&p);
}

/* ---- A way on ---- */

static void assert_left_to_staff(phone *p, const char *reason)
{
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    imi_session_record record = fixture_session(p->f, p->session_id);
    assert_int_equal(record.state, IMI_SESSION_DECIDED);
    assert_int_equal(record.decision, IMI_DECISION_REVIEW);
    assert_string_equal(record.reason, reason);
    assert_string_equal(record.policy_version, imi_policy_version(p->f->policy));
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(p->f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_STAFF_REVIEW);
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
}

static void too_many_attempts_in_a_day_are_left_to_staff(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 6; i++) {
        imi_clock_manual_advance(&f->clock, 100 * SECOND);
        leave_captures(f, 1);
    }
    imi_clock_manual_advance(&f->clock, 100 * SECOND);
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    assert_left_to_staff(p, "attempt_limit");
    phone_destroy(&p);
}

static void wait_beyond_the_sessions_end_is_left_to_staff(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_LIMITED);
    imi_clock_manual_advance(&f->clock, 880 * SECOND); /* of 900 */
    leave_captures(f, 2);
    assert_left_to_staff(p, "attempt_limit");
    phone_destroy(&p);
}

/* ---- Beginning again ---- */

static void begin_times(phone *p, int count)
{
    for (int i = 0; i < count; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
    }
}

static void attempt_that_is_begun_too_often_has_been_made(void **state)
{
    fixture *f = *state;
    char events[256];
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, BEGINS);
    assert_int_equal(p->capture.attempts_left, 2);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 0);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.attempts_left, 1);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 1);
    fixture_events(f, p->session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented capture_begun capture_begun "
                                "capture_begun capture_begun capture_abandoned capture_begun");
    phone_destroy(&p);
}

static void capture_behind_a_given_up_attempt_counts_in_full(void **state)
{
    fixture *f = *state;
    imi_frame_feedback last;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, BEGINS + 1);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

/* Of four challenges: that a dozen are all drawn twice in a row is one in 16 million. */
static void attempt_behind_a_given_up_one_has_a_challenge_of_its_own(void **state)
{
    fixture *f = *state;
    int others = 0;
    for (int i = 0; i < 12; i++) {
        phone *p = ready_phone(f, PURPOSE_PLAIN);
        begin_times(p, BEGINS);
        imi_challenge before = p->capture.challenge;
        begin_times(p, 1);
        others += memcmp(&p->capture.challenge, &before, sizeof before) != 0;
        phone_destroy(&p);
    }
    assert_true(others > 0);
}

static void frames_of_a_given_up_attempt_are_refused(void **state)
{
    fixture *f = *state;
    imi_frame_feedback last;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, BEGINS);
    phone before = *p;
    begin_times(p, 1);
    assert_int_equal(phone_send(&before, &last), IMI_E_FRAME_CHAIN);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

static void restarts_of_the_server_forget_no_beginning(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, BEGINS - 1);
    fixture_restart(f);
    begin_times(p, 1);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 0);
    fixture_restart(f);
    begin_times(p, 1);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 1);
    phone_destroy(&p);
}

static void judged_capture_lets_the_next_be_begun_as_often(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, BEGINS);
    imi_session_record record = fixture_session(f, p->session_id);
    imi_event_record event = {.kind = "capture_judged", .at_ms = f->clock.now_ms};
    record.attempts = 1;
    assert_int_equal(f->sqlite->update_session(f->sqlite, &record, &event, NULL, NULL), IMI_OK);
    begin_times(p, BEGINS);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 1);
    phone_destroy(&p);
}

static void who_gives_every_attempt_up_is_left_to_staff(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    begin_times(p, 3 * BEGINS);
    assert_left_to_staff(p, "attempt_limit");
    phone_destroy(&p);
}

/* ---- What a person cannot do ---- */

static uint32_t mask_of(imi_action action)
{
    return 1U << action;
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

static void who_cannot_do_an_action_is_never_asked_for_it(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 20; i++) {
        phone *p = ready_phone(f, PURPOSE_PLAIN);
        p->says.cannot_mask = mask_of(IMI_ACTION_BLINK);
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_true(p->capture.challenge.count >= 2);
        assert_false(asks_for(&p->capture.challenge, IMI_ACTION_BLINK));
        phone_destroy(&p);
        imi_clock_manual_advance(&f->clock, 11 * SECOND); /* so that there is room for all */
    }
}

static void what_a_person_can_do_stays_as_it_was_drawn(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_challenge before = p->capture.challenge;
    p->says.cannot_mask = mask_of(IMI_ACTION_NOD); /* which was never asked for */
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_memory_equal(&p->capture.challenge, &before, sizeof before);
    phone_destroy(&p);
}

/* Or somebody with a recording would draw until it fits. */
static void naming_ever_other_actions_does_not_draw_for_ever(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_status status = phone_begin(p);
    int begun = 0;
    for (; status == IMI_OK && begun < 20; begun++) {
        const imi_challenge *drawn = &p->capture.challenge;
        bool depth_first = drawn->actions[0] == IMI_ACTION_NEAR_FAR;
        p->says.cannot_mask = mask_of(drawn->actions[depth_first ? 1 : 0]);
        status = phone_begin(p);
    }
    assert_int_equal(status, IMI_E_SESSION_STATE);
    assert_true(begun <= 4);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_REVIEW);
    assert_string_equal(record.reason, "challenge_impossible");
    phone_destroy(&p);
}

static void who_can_do_nothing_is_left_to_staff(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    for (int action = IMI_ACTION_NEAR_FAR; action < IMI_ACTION_COUNT; action++) {
        p->says.cannot_mask |= 1U << action;
    }
    assert_left_to_staff(p, "challenge_impossible");
    phone_destroy(&p);
}

static void unknown_actions_are_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    const uint32_t masks[] = {mask_of(IMI_ACTION_NONE), mask_of(IMI_ACTION_COUNT), UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        p->says.cannot_mask = masks[i];
        assert_int_equal(phone_begin(p), IMI_E_INVALID_ARGUMENT);
    }
    p->says.cannot_mask = 0;
    assert_int_equal(phone_begin(p), IMI_OK);
    phone_destroy(&p);
}

static void without_a_request_nothing_begins(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_capture_begun begun;
    assert_int_equal(imi_service_begin_capture(f->service, p->credential, NULL, &begun, NULL),
                     IMI_E_INVALID_ARGUMENT);
    phone_destroy(&p);
}

/* ---- At once ---- */

typedef struct rival {
    pthread_t thread;
    phone *p;
    imi_status status;
} rival;

static void *begin_as_rival(void *user)
{
    rival *self = user;
    self->status = phone_begin(self->p);
    return NULL;
}

static void sessions_that_begin_at_once_are_counted_one_by_one(void **state)
{
    fixture *f = *state;
    rival rivals[RIVALS];
    int begun = 0;
    for (int i = 0; i < RIVALS; i++) {
        rivals[i] = (rival){.p = ready_phone(f, PURPOSE_LIMITED)};
    }
    for (int i = 0; i < RIVALS; i++) {
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, begin_as_rival, &rivals[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(rivals[i].thread, NULL);
    }
    for (int i = 0; i < RIVALS; i++) {
        assert_int_equal(rivals[i].status, IMI_OK);
        begun += rivals[i].p->capture.retry_after_ms == 0;
        phone_destroy(&rivals[i].p);
    }
    assert_int_equal(begun, 2);
}

#define BEGIN_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_attempts_are_free),
        cmocka_unit_test(delay_doubles_up_to_its_maximum),
        cmocka_unit_test(delay_runs_from_the_last_attempt),
        cmocka_unit_test(clock_that_was_set_back_lengthens_no_delay),
        cmocka_unit_test(days_maximum_is_the_end),
        BEGIN_TEST(who_tried_too_often_has_to_wait),
        BEGIN_TEST(who_waited_may_begin),
        BEGIN_TEST(asking_meanwhile_does_not_make_it_longer),
        BEGIN_TEST(beginning_an_attempt_again_is_no_new_one),
        BEGIN_TEST(who_gave_an_attempt_up_waits_as_after_any_other),
        BEGIN_TEST(restart_forgives_nothing),
        BEGIN_TEST(tomorrow_is_another_day),
        BEGIN_TEST(who_is_verified_may_come_as_often_as_need_be),
        BEGIN_TEST(other_people_do_not_wait),
        BEGIN_TEST(device_has_to_wait_whoever_it_shows),
        BEGIN_TEST(too_many_attempts_in_a_day_are_left_to_staff),
        BEGIN_TEST(wait_beyond_the_sessions_end_is_left_to_staff),
        BEGIN_TEST(attempt_that_is_begun_too_often_has_been_made),
        BEGIN_TEST(capture_behind_a_given_up_attempt_counts_in_full),
        BEGIN_TEST(attempt_behind_a_given_up_one_has_a_challenge_of_its_own),
        BEGIN_TEST(frames_of_a_given_up_attempt_are_refused),
        BEGIN_TEST(restarts_of_the_server_forget_no_beginning),
        BEGIN_TEST(judged_capture_lets_the_next_be_begun_as_often),
        BEGIN_TEST(who_gives_every_attempt_up_is_left_to_staff),
        BEGIN_TEST(who_cannot_do_an_action_is_never_asked_for_it),
        BEGIN_TEST(what_a_person_can_do_stays_as_it_was_drawn),
        BEGIN_TEST(naming_ever_other_actions_does_not_draw_for_ever),
        BEGIN_TEST(who_can_do_nothing_is_left_to_staff),
        BEGIN_TEST(unknown_actions_are_refused),
        BEGIN_TEST(without_a_request_nothing_begins),
        BEGIN_TEST(sessions_that_begin_at_once_are_counted_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
