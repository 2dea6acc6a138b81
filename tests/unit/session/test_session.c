/*
 * Whole sessions: from the relying party's request to the token that it can check, and every
 * way in which there must be no token.
 */
#include "phone.h"

#include <math.h>
#include <string.h>

/* Run a fresh session with this phone and give its stored end. */
static imi_session_record run(phone *p, const char *purpose, imi_subject_outcome told)
{
    imi_created_session created = fixture_create(p->f, purpose);
    imi_frame_feedback last = phone_run(p, &created);
    assert_int_equal(last.outcome, told);
    return fixture_session(p->f, created.session_id);
}

static void assert_no_token(fixture *f, const imi_session_record *record)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_string_equal(record->token_id, "");
    assert_int_equal(f->sqlite->get_token(f->sqlite, record->session_id, &token, NULL),
                     IMI_E_NOT_FOUND);
}

static void assert_decided(fixture *f, const imi_session_record *record, imi_decision decision,
                           const char *reason)
{
    assert_int_equal(record->state, IMI_SESSION_DECIDED);
    assert_int_equal(record->decision, decision);
    assert_string_equal(record->reason, reason);
    assert_int_equal(record->decided_ms, f->clock.now_ms);
    if (decision != IMI_DECISION_VERIFIED) {
        assert_no_token(f, record);
    }
}

static void person_of_the_reference_is_verified(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    assert_int_equal(record.attempts, 1);
    assert_true(record.similarity > 0.99 && record.fmr <= 1e-4);
    assert_string_equal(record.policy_version, imi_policy_version(f->policy));
    assert_string_equal(record.model_version, FIXTURE_MODEL_VERSION);
    phone_destroy(&p);
}

static void token_says_what_was_decided_and_verifies_offline(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    imi_token_claims claims = fixture_checked_token(f, record.session_id);
    assert_string_equal(claims.issuer, FIXTURE_ISSUER);
    assert_string_equal(claims.audience, FIXTURE_AUDIENCE);
    assert_string_equal(claims.token_id, record.token_id);
    assert_string_equal(claims.nonce, record.nonce);
    assert_string_equal(claims.purpose, PURPOSE_PLAIN);
    assert_string_equal(claims.session_id, record.session_id);
    assert_string_equal(claims.methods, "face liveness");
    assert_string_equal(claims.model_version, FIXTURE_MODEL_VERSION);
    assert_string_equal(claims.policy_version, imi_policy_version(f->policy));
    assert_true(claims.target_fmr == 1e-4);
    assert_int_equal(claims.issued_at_s, f->clock.now_ms / 1000);
    assert_int_equal(claims.expires_at_s, f->clock.now_ms / 1000 + 300);
    phone_destroy(&p);
}

static void subject_of_tokens_is_steady_and_not_the_partys_name(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record first = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    imi_session_record second = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    imi_token_claims a = fixture_checked_token(f, first.session_id);
    imi_token_claims b = fixture_checked_token(f, second.session_id);
    assert_string_equal(a.subject, b.subject);
    assert_string_not_equal(a.token_id, b.token_id);
    assert_null(strstr(a.subject, first.subject_id));
    phone_destroy(&p);
}

static void assurance_is_substantial_only_with_attack_detection(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record plain = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    assert_string_equal(fixture_checked_token(f, plain.session_id).assurance, "basic");
    imi_session_record strict = run(p, PURPOSE_STRICT, IMI_OUTCOME_DONE);
    assert_string_equal(fixture_checked_token(f, strict.session_id).assurance, "substantial");
    phone_destroy(&p);
}

static void events_tell_the_whole_story(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    char events[256];
    fixture_events(f, record.session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented capture_begun decided");
    phone_destroy(&p);
}

static void another_person_is_rejected_for_good(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, OTHER_PERSON);
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_REJECTED, "non_match");
    assert_true(record.fmr > 1e-4);
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void threshold_follows_from_the_calibration(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.unlikeness_deg = 50; /* similarity 0.64: just beyond the rate of 1e-4 at 0.6 */
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    p->look.unlikeness_deg = 56; /* 0.56 */
    record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_REJECTED, "non_match");
    phone_destroy(&p);
}

/* The phone learns the same of a match and of a non-match. */
static void phone_cannot_tell_a_match_from_a_non_match(void **state)
{
    fixture *f = *state;
    imi_outcome told[2];
    const uint32_t persons[2] = {FIXTURE_PERSON, OTHER_PERSON};
    for (int i = 0; i < 2; i++) {
        phone *p = phone_new(f, persons[i]);
        (void)run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
        assert_int_equal(imi_service_outcome(f->service, p->credential, &told[i], NULL), IMI_OK);
        phone_destroy(&p);
    }
    assert_memory_equal(&told[0], &told[1], sizeof told[0]);
    assert_int_equal(told[0].outcome, IMI_OUTCOME_DONE);
}

static void photo_is_refused_whatever_it_shows(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.flat = true;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    imi_frame_feedback last = {0};
    for (int attempt = 0; attempt < 3; attempt++) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(phone_play(p, 2000, &last), IMI_OK);
        assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
        if (last.outcome != IMI_OUTCOME_TRY_AGAIN) {
            break;
        }
    }
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.state, IMI_SESSION_DECIDED);
    assert_int_not_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_no_token(f, &record);
    phone_destroy(&p);
}

/* The reference's person looks straight, somebody else does what is asked; the mesh follows
 * on without a break, so that only the templates can tell. */
static imi_frame_feedback play_with_a_stand_in(phone *p)
{
    imi_frame_feedback last = {0};
    assert_int_equal(phone_begin(p), IMI_OK);
    for (int i = 0; i < 400 && last.guidance != IMI_GUIDANCE_DONE; i++) {
        bool acting = p->look.distance < 7 || fabsf(p->look.yaw_deg) > 8 || p->look.mouth > 0.1F ||
                      p->blink_frames > 0;
        p->look.person = acting ? OTHER_PERSON : FIXTURE_PERSON;
        assert_int_equal(phone_send(p, &last), IMI_OK);
        phone_move(p);
    }
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    return last;
}

/* Which frames are the best decides whether it shows as two persons or as the wrong one. */
static void stand_in_for_the_actions_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    if (play_with_a_stand_in(p).outcome == IMI_OUTCOME_TRY_AGAIN) {
        imi_session_record first = fixture_session(f, created.session_id);
        assert_int_equal(first.decision, IMI_DECISION_RETRY);
        assert_string_equal(first.reason, "liveness");
        assert_int_equal(play_with_a_stand_in(p).outcome, IMI_OUTCOME_DONE);
    }
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_no_token(f, &record);
    phone_destroy(&p);
}

static bool is_asked_for(const phone *p, imi_action action)
{
    for (uint32_t i = 0; i < p->capture.challenge.count; i++) {
        if (p->capture.challenge.actions[i] == action) {
            return true;
        }
    }
    return false;
}

/* Somebody else opens the mouth: no neutral frame shows that face, only the action's does. */
static void stand_in_for_one_action_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = NULL;
    do {
        if (p != NULL) {
            phone_destroy(&p);
        }
        p = phone_new(f, FIXTURE_PERSON);
        imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
        phone_enter(p, &created);
        assert_int_equal(phone_begin(p), IMI_OK);
    } while (!is_asked_for(p, IMI_ACTION_OPEN_MOUTH));
    imi_frame_feedback last = {0};
    for (int i = 0; i < 400 && last.guidance != IMI_GUIDANCE_DONE; i++) {
        p->look.person = p->look.mouth > 0.15F ? OTHER_PERSON : FIXTURE_PERSON;
        assert_int_equal(phone_send(p, &last), IMI_OK);
        phone_move(p);
    }
    assert_int_equal(last.outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_string_equal(fixture_session(f, p->session_id).reason, "liveness");
    phone_destroy(&p);
}

/* Play captures until the session is decided; gives how many it took. */
static uint32_t play_until_decided(phone *p, const imi_created_session *created)
{
    imi_frame_feedback last = {.outcome = IMI_OUTCOME_TRY_AGAIN};
    phone_enter(p, created);
    while (last.outcome == IMI_OUTCOME_TRY_AGAIN) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    }
    return fixture_session(p->f, p->session_id).attempts;
}

static void attack_detection_score_that_is_no_number_is_never_accepted(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.pad_score = 1.5F; /* the scene's model answers NaN */
    imi_created_session created = fixture_create(f, PURPOSE_STRICT);
    play_until_decided(p, &created);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_not_equal(record.decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

static void findings_are_kept_with_the_decision(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_OPTIONAL, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    assert_non_null(strstr(record.evidence, "challenge:+1.0"));
    assert_non_null(strstr(record.evidence, "passive:+0.0"));
    assert_non_null(strstr(record.evidence, "sum:+1.0"));
    assert_string_equal(record.policy_version, imi_policy_version(f->policy));
    phone_destroy(&p);
}

static void missing_attack_detection_that_is_required_goes_to_review(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.without_pad = true});
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_STRICT, IMI_OUTCOME_STAFF_REVIEW);
    assert_decided(f, &record, IMI_DECISION_REVIEW, "pad_unavailable");
    record = run(p, PURPOSE_OPTIONAL, IMI_OUTCOME_DONE);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    assert_string_equal(fixture_checked_token(f, record.session_id).assurance, "basic");
    phone_destroy(&p);
    fixture_destroy(&f);
}

/* A person who does nothing, at a frame rate that makes the test short. */
static phone *idle_phone(fixture *f)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->ignores_guidance = true;
    p->frame_ms = 400;
    p->moves_clock = true;
    return p;
}

static imi_frame_feedback begin_and_play(phone *p)
{
    imi_frame_feedback last = {0};
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    return last;
}

static void who_takes_too_long_may_try_again_until_review(void **state)
{
    fixture *f = *state;
    phone *p = idle_phone(f);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    for (uint32_t attempt = 1; attempt <= 3; attempt++) {
        imi_frame_feedback last = begin_and_play(p);
        imi_outcome outcome;
        assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
        assert_int_equal(outcome.outcome, last.outcome);
        assert_int_equal(last.outcome,
                         attempt < 3 ? IMI_OUTCOME_TRY_AGAIN : IMI_OUTCOME_STAFF_REVIEW);
        assert_int_equal(outcome.attempts_left, attempt < 3 ? 3 - attempt : 0);
        assert_int_equal(outcome.advice != IMI_GUIDANCE_NONE, attempt < 3);
    }
    imi_session_record record = fixture_session(f, created.session_id);
    assert_decided(f, &record, IMI_DECISION_REVIEW, "timeout");
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void who_failed_once_may_still_succeed(void **state)
{
    fixture *f = *state;
    phone *p = idle_phone(f);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    assert_int_equal(begin_and_play(p).outcome, IMI_OUTCOME_TRY_AGAIN);
    p->ignores_guidance = false;
    p->frame_ms = 80;
    assert_int_equal(begin_and_play(p).outcome, IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    assert_int_equal(record.attempts, 2);
    char events[256];
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented capture_begun capture_judged "
                                "capture_begun decided");
    phone_destroy(&p);
}

static void only_attempt_that_fails_goes_to_review(void **state)
{
    fixture *f = *state;
    phone *p = idle_phone(f);
    imi_created_session created = fixture_create(f, PURPOSE_ONCE);
    phone_enter(p, &created);
    assert_int_equal(begin_and_play(p).outcome, IMI_OUTCOME_STAFF_REVIEW);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_decided(f, &record, IMI_DECISION_REVIEW, "timeout");
    phone_destroy(&p);
}

static void frames_unfit_to_compare_lead_to_advice(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.dark = true;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_TRY_AGAIN);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.state, IMI_SESSION_CONSENTED);
    assert_int_equal(record.decision, IMI_DECISION_RETRY);
    assert_string_equal(record.reason, "too_dark");
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.advice, IMI_GUIDANCE_MORE_LIGHT);
    phone_destroy(&p);
}

static void reference_erased_meanwhile_goes_to_review(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_STAFF_REVIEW);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_decided(f, &record, IMI_DECISION_REVIEW, "reference_missing");
    phone_destroy(&p);
}

static void crash_during_a_capture_loses_the_capture_alone(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_frame_feedback last = {0};
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_challenge before = p->capture.challenge;
    assert_int_equal(phone_play(p, 5, &last), IMI_OK);
    fixture_restart(f);
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_memory_equal(&p->capture.challenge, &before, sizeof before);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_decided(f, &record, IMI_DECISION_VERIFIED, "match");
    assert_int_equal(record.attempts, 1);
    phone_destroy(&p);
}

static void decision_survives_a_crash(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_record record = run(p, PURPOSE_PLAIN, IMI_OUTCOME_DONE);
    fixture_restart(f);
    (void)fixture_checked_token(f, record.session_id);
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_DONE);
    phone_destroy(&p);
}

#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(person_of_the_reference_is_verified),
        SESSION_TEST(token_says_what_was_decided_and_verifies_offline),
        SESSION_TEST(subject_of_tokens_is_steady_and_not_the_partys_name),
        SESSION_TEST(assurance_is_substantial_only_with_attack_detection),
        SESSION_TEST(events_tell_the_whole_story),
        SESSION_TEST(another_person_is_rejected_for_good),
        SESSION_TEST(threshold_follows_from_the_calibration),
        SESSION_TEST(phone_cannot_tell_a_match_from_a_non_match),
        SESSION_TEST(photo_is_refused_whatever_it_shows),
        SESSION_TEST(stand_in_for_the_actions_is_refused),
        SESSION_TEST(stand_in_for_one_action_is_refused),
        SESSION_TEST(attack_detection_score_that_is_no_number_is_never_accepted),
        SESSION_TEST(findings_are_kept_with_the_decision),
        cmocka_unit_test(missing_attack_detection_that_is_required_goes_to_review),
        SESSION_TEST(who_takes_too_long_may_try_again_until_review),
        SESSION_TEST(who_failed_once_may_still_succeed),
        SESSION_TEST(only_attempt_that_fails_goes_to_review),
        SESSION_TEST(frames_unfit_to_compare_lead_to_advice),
        SESSION_TEST(reference_erased_meanwhile_goes_to_review),
        SESSION_TEST(crash_during_a_capture_loses_the_capture_alone),
        SESSION_TEST(decision_survives_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
