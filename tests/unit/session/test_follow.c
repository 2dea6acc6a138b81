/*
 * Following a session by its join link: coarse steps for who has the secret, nothing for others.
 */
#include "phone.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* How often a listener was told. */
typedef struct ear {
    atomic_int heard;
} ear;

static void on_news(void *user, const char *session_id)
{
    (void)session_id;
    atomic_fetch_add(&((ear *)user)->heard, 1);
}

static imi_status look(fixture *f, const imi_created_session *created, imi_followed *out)
{
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    memset(out, 0xEE, sizeof *out);
    imi_status status = imi_service_followed(f->service, created->session_id, created->join_secret,
                                             out, &receipt, NULL);
    assert_int_equal(receipt.size, 0); /* the fixture keeps no log */
    return status;
}

static void assert_step(fixture *f, const imi_created_session *created, imi_follow_step step)
{
    imi_followed followed;
    assert_int_equal(look(f, created, &followed), IMI_OK);
    assert_int_equal(followed.step, step);
    assert_int_equal(followed.is_over, step >= IMI_FOLLOW_DONE);
    assert_int_equal(followed.expires_at_ms, created->expires_at_ms);
}

static imi_status answer(phone *p, bool accepted)
{
    imi_session_state state = IMI_SESSION_NONE;
    const imi_consent_answer given = {.accepted = accepted};
    return imi_service_consent(p->f->service, p->credential, &given, &state, NULL);
}

static void steps_are_told_from_the_link_to_the_end(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_frame_feedback last = {0};
    assert_step(f, &created, IMI_FOLLOW_WAITING_FOR_PHONE);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_step(f, &created, IMI_FOLLOW_PHONE_JOINED);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_step(f, &created, IMI_FOLLOW_CONSENTED);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_step(f, &created, IMI_FOLLOW_CAPTURING);
    assert_int_equal(phone_play(p, 2000, &last), IMI_OK);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    assert_step(f, &created, IMI_FOLLOW_DONE);
    phone_destroy(&p);
}

static void the_verified_and_the_rejected_are_told_alike(void **state)
{
    fixture *f = *state;
    static const uint32_t people[] = {FIXTURE_PERSON, OTHER_PERSON};
    static const imi_decision decisions[] = {IMI_DECISION_VERIFIED, IMI_DECISION_REJECTED};
    for (size_t i = 0; i < 2; i++) {
        imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
        phone *p = phone_new(f, people[i]);
        phone_run(p, &created);
        assert_int_equal(fixture_session(f, created.session_id).decision, decisions[i]);
        assert_step(f, &created, IMI_FOLLOW_DONE);
        phone_destroy(&p);
    }
}

static void another_try_and_its_capture_are_told(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.dark = true;
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_step(f, &created, IMI_FOLLOW_TRY_AGAIN);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_step(f, &created, IMI_FOLLOW_CAPTURING);
    phone_destroy(&p);
}

static void review_by_staff_is_told(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_ONCE);
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->look.dark = true;
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_STAFF_REVIEW);
    assert_step(f, &created, IMI_FOLLOW_STAFF_REVIEW);
    phone_destroy(&p);
}

static void refusal_and_withdrawal_are_told(void **state)
{
    fixture *f = *state;
    for (int agrees_first = 0; agrees_first < 2; agrees_first++) {
        imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
        phone *p = phone_new(f, FIXTURE_PERSON);
        assert_int_equal(phone_join(p, &created), IMI_OK);
        if (agrees_first) {
            assert_int_equal(answer(p, true), IMI_OK);
        }
        assert_int_equal(answer(p, false), IMI_OK);
        assert_step(f, &created, IMI_FOLLOW_WITHDRAWN);
        phone_destroy(&p);
    }
}

static void expiry_is_told_before_and_after_housekeeping(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    assert_step(f, &created, IMI_FOLLOW_EXPIRED);
    imi_service_tick(f->service);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_EXPIRED);
    assert_step(f, &created, IMI_FOLLOW_EXPIRED);
    phone_destroy(&p);
}

static void a_decided_session_is_followed_no_longer_than_the_credential_lasts(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_run(p, &created);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    imi_followed followed;
    assert_int_equal(look(f, &created, &followed), IMI_E_UNAUTHENTICATED);
    assert_int_equal(followed.step, IMI_FOLLOW_NONE);
    phone_destroy(&p);
}

static void wrong_secrets_and_unknown_sessions_are_told_apart_by_nothing(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    const struct {
        const char *session_id, *secret;
    } wrong[] = {
        {created.session_id, other.join_secret},
        {created.session_id, ""},
        {created.session_id, NULL},
        {created.session_id, "short"},
        {"ses_AAAAAAAAAAAAAAAAAAAAAA", created.join_secret},
        {"", created.join_secret},
        {NULL, created.join_secret},
        {"no session id at all, and much longer than one could ever be", created.join_secret},
    };
    imi_error first = IMI_ERROR_INIT;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_error followed_error = IMI_ERROR_INIT, follow_error = IMI_ERROR_INIT;
        imi_followed followed;
        IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
        imi_watch *watch = (imi_watch *)1;
        ear one = {0};
        memset(&followed, 0xEE, sizeof followed);
        assert_int_equal(imi_service_followed(f->service, wrong[i].session_id, wrong[i].secret,
                                              &followed, &receipt, &followed_error),
                         IMI_E_UNAUTHENTICATED);
        assert_int_equal(followed.step, IMI_FOLLOW_NONE);
        assert_int_equal(imi_service_follow(f->service, wrong[i].session_id, wrong[i].secret,
                                            on_news, &one, &watch, &follow_error),
                         IMI_E_UNAUTHENTICATED);
        assert_null(watch);
        first = i == 0 ? followed_error : first;
        assert_string_equal(followed_error.message, first.message);
        assert_string_equal(follow_error.message, first.message);
    }
}

static void the_phone_s_credential_follows_nothing(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    imi_copy_text(created.join_secret, sizeof created.join_secret, strchr(p->credential, '.') + 1);
    imi_followed followed;
    assert_int_equal(look(f, &created, &followed), IMI_E_UNAUTHENTICATED);
    phone_destroy(&p);
}

static void the_link_joins_nobody_while_it_follows(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *first = phone_new(f, FIXTURE_PERSON), *second = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(first, &created), IMI_OK);
    assert_int_equal(phone_join(second, &created), IMI_E_UNAUTHENTICATED);
    assert_int_equal(answer(first, true), IMI_OK);
    assert_int_equal(phone_join(second, &created), IMI_E_UNAUTHENTICATED);
    assert_int_equal(phone_join(first, &created), IMI_E_UNAUTHENTICATED);
    assert_step(f, &created, IMI_FOLLOW_CONSENTED);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void the_secret_is_no_credential(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    snprintf(p->credential, sizeof p->credential, "%s.%s", created.session_id, created.join_secret);
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(phone_begin(p), IMI_E_UNAUTHENTICATED);
    phone_destroy(&p);
}

static void a_secret_that_was_renewed_follows_no_more(void **state)
{
    fixture *f = *state;
    const imi_create_session request = {.purpose = PURPOSE_PLAIN,
                                        .reference_id = f->reference_id,
                                        .nonce = "nonce-of-the-bureau",
                                        .request_id = "request-1"};
    imi_created_session lost, created;
    assert_int_equal(imi_service_create_session(f->service, FIXTURE_PARTY, &request, &lost, NULL),
                     IMI_OK);
    assert_int_equal(
        imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL), IMI_OK);
    imi_followed followed;
    assert_int_equal(look(f, &lost, &followed), IMI_E_UNAUTHENTICATED);
    assert_step(f, &created, IMI_FOLLOW_WAITING_FOR_PHONE);
}

static void an_erased_subject_s_session_is_followed_no_more(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_run(p, &created);
    imi_erased erased;
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_PARTY, "citizen-1", &erased, NULL), IMI_OK);
    imi_followed followed;
    assert_int_equal(look(f, &created, &followed), IMI_E_UNAUTHENTICATED);
    phone_destroy(&p);
}

static void a_follower_is_told_of_the_erasure(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    ear one = {0};
    imi_watch *watch = NULL;
    assert_int_equal(imi_service_follow(f->service, created.session_id, created.join_secret,
                                        on_news, &one, &watch, NULL),
                     IMI_OK);
    imi_erased erased;
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_PARTY, "citizen-1", &erased, NULL), IMI_OK);
    assert_true(one.heard > 0);
    imi_watch_destroy(&watch);
}

static void a_follower_is_told_of_its_own_session_alone(void **state)
{
    fixture *f = *state;
    imi_created_session mine = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON), *q = phone_new(f, FIXTURE_PERSON);
    ear one = {0};
    imi_watch *watch = NULL;
    assert_int_equal(imi_service_follow(f->service, mine.session_id, mine.join_secret, on_news,
                                        &one, &watch, NULL),
                     IMI_OK);
    assert_int_equal(phone_join(q, &other), IMI_OK);
    assert_int_equal(one.heard, 0);
    assert_int_equal(phone_join(p, &mine), IMI_OK);
    assert_int_equal(one.heard, 1);
    imi_watch_destroy(&watch);
    assert_int_equal(answer(p, true), IMI_OK);
    assert_int_equal(one.heard, 1);
    phone_destroy(&p);
    phone_destroy(&q);
}

static void a_fifth_follower_waits_for_a_place(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    ear one = {0};
    imi_watch *watches[5] = {NULL}, *elsewhere = NULL, *party = NULL;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(imi_service_follow(f->service, created.session_id, created.join_secret,
                                            on_news, &one, &watches[i], NULL),
                         i < 4 ? IMI_OK : IMI_E_EXHAUSTED);
    }
    assert_null(watches[4]);
    /* Others' places are their own. */
    assert_int_equal(imi_service_follow(f->service, other.session_id, other.join_secret, on_news,
                                        &one, &elsewhere, NULL),
                     IMI_OK);
    assert_int_equal(imi_service_watch(f->service, FIXTURE_PARTY, created.session_id, on_news, &one,
                                       &party, NULL),
                     IMI_OK);
    imi_watch_destroy(&watches[1]);
    assert_int_equal(imi_service_follow(f->service, created.session_id, created.join_secret,
                                        on_news, &one, &watches[1], NULL),
                     IMI_OK);
    for (int i = 0; i < 4; i++) {
        imi_watch_destroy(&watches[i]);
    }
    imi_watch_destroy(&elsewhere);
    imi_watch_destroy(&party);
}

static void following_without_a_listener_is_refused(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_watch *watch = (imi_watch *)1;
    assert_int_equal(imi_service_follow(f->service, created.session_id, created.join_secret, NULL,
                                        NULL, &watch, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_null(watch);
}

#define FOLLOW_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(steps_are_told_from_the_link_to_the_end),
        FOLLOW_TEST(the_verified_and_the_rejected_are_told_alike),
        FOLLOW_TEST(another_try_and_its_capture_are_told),
        FOLLOW_TEST(review_by_staff_is_told),
        FOLLOW_TEST(refusal_and_withdrawal_are_told),
        FOLLOW_TEST(expiry_is_told_before_and_after_housekeeping),
        FOLLOW_TEST(a_decided_session_is_followed_no_longer_than_the_credential_lasts),
        FOLLOW_TEST(wrong_secrets_and_unknown_sessions_are_told_apart_by_nothing),
        FOLLOW_TEST(the_phone_s_credential_follows_nothing),
        FOLLOW_TEST(the_link_joins_nobody_while_it_follows),
        FOLLOW_TEST(the_secret_is_no_credential),
        FOLLOW_TEST(a_secret_that_was_renewed_follows_no_more),
        FOLLOW_TEST(an_erased_subject_s_session_is_followed_no_more),
        FOLLOW_TEST(a_follower_is_told_of_the_erasure),
        FOLLOW_TEST(a_follower_is_told_of_its_own_session_alone),
        FOLLOW_TEST(a_fifth_follower_waits_for_a_place),
        FOLLOW_TEST(following_without_a_listener_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
