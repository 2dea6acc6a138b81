/*
 * The phone's way into a session: join, consent, and the credential that opens nothing else.
 */
#include "phone.h"

#include <stdio.h>
#include <string.h>

static imi_status join(fixture *f, const char *session_id, const char *secret, imi_view key,
                       imi_joined *out, imi_error *err)
{
    return imi_service_join(f->service, session_id, secret, key, out, err);
}

static void assert_not_joined(const imi_joined *joined)
{
    assert_string_equal(joined->credential, "");
    assert_null(joined->consent_text);
}

static void joined_phone_is_told_what_it_is_asked(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_joined joined;
    assert_int_equal(
        join(f, created.session_id, created.join_secret, device_key_spki(p->key), &joined, NULL),
        IMI_OK);
    const imi_purpose *purpose = imi_policy_purpose(f->policy, PURPOSE_PLAIN);
    assert_string_equal(joined.consent_text, purpose->consent_text);
    assert_string_equal(joined.purpose_title, purpose->title);
    assert_int_equal(joined.expires_at_ms, created.expires_at_ms);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.state, IMI_SESSION_JOINED);
    assert_memory_equal(record.device_key, device_key_spki(p->key).data, record.device_key_size);
    phone_destroy(&p);
}

static void credential_is_not_stored(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    imi_session_record record = fixture_session(f, created.session_id);
    const char *secret = strchr(p->credential, '.') + 1;
    assert_int_equal(strlen(secret), 43);
    const char *bytes = (const char *)&record;
    for (size_t i = 0; i + 32 <= sizeof record; i++) {
        assert_memory_not_equal(bytes + i, secret, 32);
    }
    phone_destroy(&p);
}

/* One message for everything that is wrong, so that nobody learns which sessions exist. */
static void every_wrong_join_gets_the_same_answer(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    const struct {
        const char *session_id, *secret;
    } wrong[] = {
        {created.session_id, other.join_secret},
        {created.session_id, ""},
        {created.session_id, "short"},
        {"ses_AAAAAAAAAAAAAAAAAAAAAA", created.join_secret},
        {"", created.join_secret},
        {"no session id at all, and much longer than one could ever be", created.join_secret},
    };
    imi_error first = IMI_ERROR_INIT;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_error err = IMI_ERROR_INIT;
        imi_joined joined;
        memset(&joined, 0xEE, sizeof joined);
        assert_int_equal(
            join(f, wrong[i].session_id, wrong[i].secret, device_key_spki(p->key), &joined, &err),
            IMI_E_UNAUTHENTICATED);
        assert_not_joined(&joined);
        first = i == 0 ? err : first;
        assert_string_equal(err.message, first.message);
    }
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_CREATED);
    phone_destroy(&p);
}

static void join_secret_works_for_one_phone(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *first = phone_new(f, FIXTURE_PERSON);
    phone *second = phone_new(f, OTHER_PERSON);
    assert_int_equal(phone_join(first, &created), IMI_OK);
    assert_int_equal(phone_join(second, &created), IMI_E_UNAUTHENTICATED);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(imi_service_consent(f->service, first->credential,
                                         &(imi_consent_answer){.accepted = true}, &now, NULL),
                     IMI_OK);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void phone_whose_answer_was_lost_joins_again(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    char lost[IMI_CREDENTIAL_TEXT_SIZE];
    imi_copy_text(lost, sizeof lost, p->credential);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_string_not_equal(lost, p->credential);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(
        imi_service_consent(f->service, lost, &(imi_consent_answer){.accepted = true}, &now, NULL),
        IMI_E_UNAUTHENTICATED);
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = true}, &now, NULL),
                     IMI_OK);
    char events[128];
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created joined joined consented");
    phone_destroy(&p);
}

static void nobody_joins_again_after_the_consent(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    char before[IMI_CREDENTIAL_TEXT_SIZE];
    imi_copy_text(before, sizeof before, p->credential);
    assert_int_equal(phone_join(p, &created), IMI_E_UNAUTHENTICATED);
    imi_copy_text(p->credential, sizeof p->credential, before);
    assert_int_equal(phone_begin(p), IMI_OK);
    phone_destroy(&p);
}

static void joining_over_and_over_comes_to_an_end(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    int joined = 0;
    while (joined < 100 && phone_join(p, &created) == IMI_OK) {
        joined++;
    }
    assert_in_range(joined, 10, 60);
    phone_destroy(&p);
}

static void overdue_session_cannot_be_joined(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_E_UNAUTHENTICATED);
    imi_service_tick(f->service);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_EXPIRED);
    assert_int_equal(phone_join(p, &created), IMI_E_UNAUTHENTICATED);
    phone_destroy(&p);
}

static void key_that_is_not_p256_is_refused_and_uses_nothing_up(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_view good = device_key_spki(p->key);
    uint8_t off_curve[256];
    imi_copy(off_curve, good.data, good.size);
    off_curve[good.size - 1] ^= 1;
    uint8_t oversize[IMI_STORE_KEY_SIZE + 1] = {0};
    const imi_view bad[] = {{NULL, 0},
                            {good.data, good.size - 1},
                            {(const uint8_t *)"key", 3},
                            {off_curve, good.size},
                            {oversize, sizeof oversize}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_joined joined;
        assert_int_equal(join(f, created.session_id, created.join_secret, bad[i], &joined, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_not_joined(&joined);
    }
    assert_int_equal(phone_join(p, &created), IMI_OK);
    phone_destroy(&p);
}

static void missing_join_arguments_are_refused(void **state)
{
    fixture *f = *state;
    imi_joined joined;
    assert_int_equal(join(f, NULL, "x", (imi_view){NULL, 0}, &joined, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(join(f, "x", NULL, (imi_view){NULL, 0}, &joined, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

/* ---- The credential ---- */

static imi_status consent(fixture *f, const char *credential, bool accepted,
                          imi_session_state *state_out)
{
    return imi_service_consent(f->service, credential, &(imi_consent_answer){.accepted = accepted},
                               state_out, NULL);
}

/* Call everything that takes a credential; all must answer alike. */
static void assert_opens_nothing(fixture *f, const char *credential)
{
    imi_error errors[4] = {IMI_ERROR_INIT, IMI_ERROR_INIT, IMI_ERROR_INIT, IMI_ERROR_INIT};
    imi_session_state state = IMI_SESSION_CONSENTED;
    imi_capture_begun begun;
    imi_outcome outcome;
    phone_answer answer;
    phone_answer_init(&answer);
    imi_frame frame = {.capture_id = "cap_AAAAAAAAAAAAAAAAAAAAAA", .sequence = 1};
    imi_begin_capture nothing = {.cannot_mask = 0};
    imi_service *s = f->service;
    assert_int_equal(imi_service_consent(s, credential, &(imi_consent_answer){.accepted = true},
                                         &state, &errors[0]),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(state, IMI_SESSION_NONE);
    assert_int_equal(imi_service_begin_capture(s, credential, &nothing, &begun, &errors[1]),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(imi_service_outcome(s, credential, &outcome, &errors[2]),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_NONE);
    assert_int_equal(
        imi_service_submit_frame(s, credential, &frame, phone_answer_reply, &answer, &errors[3]),
        IMI_E_UNAUTHENTICATED);
    for (int i = 1; i < 4; i++) {
        assert_string_equal(errors[i].message, errors[0].message);
    }
    assert_int_equal(answer.replies, 0);
}

static void wrong_credentials_open_nothing(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    const char *secret = strchr(p->credential, '.') + 1;
    char mixed[IMI_CREDENTIAL_TEXT_SIZE];
    snprintf(mixed, sizeof mixed, "%s.%s", other.session_id, secret);
    assert_opens_nothing(f, mixed);
    snprintf(mixed, sizeof mixed, "%s.%s", other.session_id, other.join_secret);
    assert_opens_nothing(f, mixed);
    snprintf(mixed, sizeof mixed, "%s.%s", created.session_id, created.join_secret);
    assert_opens_nothing(f, mixed);
    snprintf(mixed, sizeof mixed, "ses_AAAAAAAAAAAAAAAAAAAAAA.%s", secret);
    assert_opens_nothing(f, mixed);
    assert_opens_nothing(f, "");
    assert_opens_nothing(f, NULL);
    assert_opens_nothing(f, created.session_id);
    phone_destroy(&p);
}

static void credential_ends_with_the_session(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    assert_opens_nothing(f, p->credential);
    imi_service_tick(f->service);
    assert_opens_nothing(f, p->credential);
    phone_destroy(&p);
}

/* ---- Consent ---- */

static void no_image_is_taken_without_consent(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_int_equal(phone_begin(p), IMI_E_CONSENT_REQUIRED);
    assert_string_equal(p->capture.capture_id, "");
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_IN_PROGRESS);
    assert_int_equal(outcome.attempts_left, 3);
    phone_destroy(&p);
}

static void consent_is_recorded_once(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(consent(f, p->credential, true, &now), IMI_OK);
    int64_t at_ms = fixture_session(f, created.session_id).consented_ms;
    assert_int_equal(at_ms, f->clock.now_ms);
    imi_clock_manual_advance(&f->clock, 1000);
    assert_int_equal(consent(f, p->credential, true, &now), IMI_OK);
    assert_int_equal(now, IMI_SESSION_CONSENTED);
    assert_int_equal(fixture_session(f, created.session_id).consented_ms, at_ms);
    char events[128];
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented");
    phone_destroy(&p);
}

static void refused_consent_ends_the_session(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(consent(f, p->credential, false, &now), IMI_OK);
    assert_int_equal(now, IMI_SESSION_WITHDRAWN);
    assert_int_equal(consent(f, p->credential, false, &now), IMI_OK);
    assert_int_equal(consent(f, p->credential, true, &now), IMI_E_SESSION_STATE);
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(outcome.attempts_left, 0);
    phone_destroy(&p);
}

static void consent_taken_back_stops_the_capture(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_frame_feedback last;
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 4, &last), IMI_OK);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(consent(f, p->credential, false, &now), IMI_OK);
    assert_int_equal(now, IMI_SESSION_WITHDRAWN);
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    assert_int_equal(fixture_session(f, created.session_id).decision, IMI_DECISION_NONE);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.live_captures, 0);
    phone_destroy(&p);
}

static void consent_cannot_be_taken_back_after_the_decision(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    (void)phone_run(p, &created);
    imi_session_state now = IMI_SESSION_CONSENTED;
    assert_int_equal(consent(f, p->credential, false, &now), IMI_E_SESSION_STATE);
    assert_int_equal(now, IMI_SESSION_NONE);
    assert_int_equal(fixture_session(f, created.session_id).decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

#define SUBJECT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUBJECT_TEST(joined_phone_is_told_what_it_is_asked),
        SUBJECT_TEST(credential_is_not_stored),
        SUBJECT_TEST(every_wrong_join_gets_the_same_answer),
        SUBJECT_TEST(join_secret_works_for_one_phone),
        SUBJECT_TEST(phone_whose_answer_was_lost_joins_again),
        SUBJECT_TEST(nobody_joins_again_after_the_consent),
        SUBJECT_TEST(joining_over_and_over_comes_to_an_end),
        SUBJECT_TEST(overdue_session_cannot_be_joined),
        SUBJECT_TEST(key_that_is_not_p256_is_refused_and_uses_nothing_up),
        SUBJECT_TEST(missing_join_arguments_are_refused),
        SUBJECT_TEST(wrong_credentials_open_nothing),
        SUBJECT_TEST(credential_ends_with_the_session),
        SUBJECT_TEST(no_image_is_taken_without_consent),
        SUBJECT_TEST(consent_is_recorded_once),
        SUBJECT_TEST(refused_consent_ends_the_session),
        SUBJECT_TEST(consent_taken_back_stops_the_capture),
        SUBJECT_TEST(consent_cannot_be_taken_back_after_the_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
