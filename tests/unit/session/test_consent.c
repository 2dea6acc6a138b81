/*
 * Consent: what the subject is asked, agrees to, and takes back.
 */
#include "telling.h"

#include "log_events.h"

#include <stdlib.h>
#include <string.h>

static void assert_consent_says(phone *p, const char *part)
{
    IMI_AUTO_BUFFER consent = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_service_get_consent(p->f->service, p->credential, &consent, &receipt, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&consent, NULL), IMI_OK);
    if (strstr((const char *)consent.data, part) == NULL) {
        fail_msg("'%s' is not in %s", part, (const char *)consent.data);
    }
}

static void assert_leaf_says(fixture *f, const char *session_id, const char *part)
{
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    imi_store *store = f->sqlite;
    assert_int_equal(store->find_leaf(store, session_id, IMI_LEAF_CONSENT, &leaf, &event, NULL),
                     IMI_OK);
    assert_int_equal(imi_buffer_terminate(&event, NULL), IMI_OK);
    if (strstr((const char *)event.data, part) == NULL) {
        fail_msg("'%s' is not in %s", part, (const char *)event.data);
    }
}

static void phone_is_told_who_asks_for_what(void **state)
{
    fixture *f = *state;
    const char *const asked[] = {"birthdate", "name"};
    imi_created_session created;
    imi_joined joined;
    telling_enrol(f);
    assert_int_equal(telling_create(f, asked, 2, &created, NULL), IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(imi_service_join(f->service, created.session_id, created.join_secret,
                                      device_key_spki(p->key), &joined, NULL),
                     IMI_OK);
    assert_string_equal(joined.receiver, FIXTURE_PARTY);
    assert_int_equal(joined.claim_count, 2);
    assert_string_equal(joined.claims[0]->name, "name");
    assert_string_equal(joined.claims[0]->title, "Your name");
    assert_string_equal(joined.claims[0]->purpose, "To address you");
    assert_int_equal(joined.claims[0]->retention_days, 30);
    assert_true(joined.claims[0]->required);
    assert_string_equal(joined.claims[1]->name, "birthdate");
    assert_false(joined.claims[1]->required);
    phone_destroy(&p);
}

static void token_tells_what_was_agreed_to_and_no_more(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    imi_token_claims token = fixture_checked_token(f, p->session_id);
    assert_int_equal(token.verification.claim_count, 2);
    assert_string_equal(token.verification.claims[0].name, "name");
    assert_string_equal(token.verification.claims[0].text, "Wang Xiaoming");
    assert_string_equal(token.verification.claims[1].name, "adult");
    assert_int_equal(token.verification.claims[1].kind, IMI_VERIFIED_TRUE);
    phone_destroy(&p);
}

static void session_without_claims_tells_none(void **state)
{
    fixture *f = *state;
    telling_enrol(f);
    imi_created_session created = fixture_create(f, PURPOSE_TELLING);
    phone *p = phone_new(f, FIXTURE_PERSON);
    (void)phone_run(p, &created);
    imi_token_claims token = fixture_checked_token(f, created.session_id);
    assert_int_equal(token.verification.claim_count, 0);
    assert_consent_says(p, "\"claims\":[]");
    phone_destroy(&p);
}

static void claim_that_was_taken_back_since_is_not_told(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name", "adult"};
    imi_frame_feedback end;
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 2, NULL), IMI_OK);
    assert_int_equal(imi_service_set_claims(f->service, FIXTURE_PARTY, TELLING_SUBJECT,
                                            "{\"adult\":false}", NULL),
                     IMI_OK);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &end), IMI_OK);
    imi_token_claims token = fixture_checked_token(f, p->session_id);
    assert_int_equal(token.verification.claim_count, 1);
    assert_string_equal(token.verification.claims[0].name, "adult");
    assert_int_equal(token.verification.claims[0].kind, IMI_VERIFIED_FALSE);
    phone_destroy(&p);
}

/* ---- The answer ---- */

static void consent_is_recorded_before_any_image(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name"};
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 1, NULL), IMI_OK);
    assert_consent_says(p, "{\"agreed\":true,\"name\":\"name\",\"purpose\":\"To address you\","
                           "\"required\":true,\"retention_days\":30,\"title\":\"Your name\"}");
    assert_consent_says(p, "{\"agreed\":false,\"name\":\"birthdate\"");
    assert_consent_says(p, "\"receiver\":\"" FIXTURE_PARTY "\"");
    assert_consent_says(p, "\"state\":\"given\"");
    assert_consent_says(p, "\"text\":\"This is the text that people consent to for telling\"");
    assert_leaf_says(f, p->session_id, "\"claims\":[\"name\"],\"kind\":\"consent\"");
    assert_leaf_says(f, p->session_id, "\"state\":\"given\"");
    phone_destroy(&p);
}

static void assert_answer_refused(phone *p, const char *const *claims, size_t count,
                                  const char *part)
{
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(telling_agree(p, claims, count, &err), IMI_E_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, part));
    assert_int_equal(fixture_session(p->f, p->session_id).state, IMI_SESSION_JOINED);
}

static void answer_must_hold_what_is_required(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"birthdate"};
    phone *p = telling_join(f);
    assert_answer_refused(p, agreed, 1, "claim name is required");
    assert_answer_refused(p, NULL, 0, "claim name is required");
    phone_destroy(&p);
}

static void answer_must_not_exceed_what_was_asked(void **state)
{
    fixture *f = *state;
    const char *const asked[] = {"name"};
    const char *const more[] = {"name", "birthdate"};
    const char *const twice[] = {"name", "name"};
    const char *const unknown[] = {"name", "shoe_size"};
    imi_created_session created;
    telling_enrol(f);
    assert_int_equal(telling_create(f, asked, 1, &created, NULL), IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_answer_refused(p, more, 2, "claim birthdate was not asked for");
    assert_answer_refused(p, twice, 2, "named twice");
    assert_answer_refused(p, unknown, 2, "has no claim 'shoe_size'");
    phone_destroy(&p);
}

static void same_answer_again_changes_nothing(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name", "adult"};
    const char *const turned[] = {"adult", "name"};
    const char *const other[] = {"name"};
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 2, NULL), IMI_OK);
    int64_t version = fixture_session(f, p->session_id).version;
    assert_int_equal(telling_agree(p, turned, 2, NULL), IMI_OK);
    assert_int_equal(fixture_session(f, p->session_id).version, version);
    assert_int_equal(telling_agree(p, other, 1, NULL), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void refusal_is_recorded(void **state)
{
    fixture *f = *state;
    imi_session_state answered = IMI_SESSION_NONE;
    phone *p = telling_join(f);
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = false}, &answered, NULL),
                     IMI_OK);
    assert_int_equal(answered, IMI_SESSION_WITHDRAWN);
    assert_consent_says(p, "\"state\":\"refused\"");
    assert_consent_says(p, "{\"agreed\":false,\"name\":\"name\"");
    assert_leaf_says(f, p->session_id, "\"claims\":[],");
    phone_destroy(&p);
}

static void unanswered_session_has_no_consent(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER consent = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    phone *p = telling_join(f);
    assert_int_equal(imi_service_get_consent(f->service, p->credential, &consent, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(consent.size, 0);
    phone_destroy(&p);
}

static void failing_store_leaves_neither_answer_nor_record(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name"};
    IMI_AUTO_BUFFER consent = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    phone *p = telling_join(f);
    faulty_store_fail(&f->store, 3, IMI_E_STORE_IO, false);
    assert_int_equal(telling_agree(p, agreed, 1, NULL), IMI_E_STORE_IO);
    assert_true(faulty_store_has_failed(&f->store));
    assert_int_equal(fixture_session(f, p->session_id).state, IMI_SESSION_JOINED);
    assert_int_equal(imi_service_get_consent(f->service, p->credential, &consent, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    phone_destroy(&p);
}

/* ---- Taking it back ---- */

static void withdrawal_ends_an_undecided_session(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name"};
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 1, NULL), IMI_OK);
    assert_int_equal(imi_service_withdraw_consent(f->service, p->credential, NULL), IMI_OK);
    assert_int_equal(fixture_session(f, p->session_id).state, IMI_SESSION_WITHDRAWN);
    assert_consent_says(p, "\"state\":\"withdrawn\"");
    assert_leaf_says(f, p->session_id, "\"state\":\"withdrawn\"");
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    assert_int_equal(imi_service_withdraw_consent(f->service, p->credential, NULL), IMI_OK);
    phone_destroy(&p);
}

static void withdrawal_revokes_the_token(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT, again = IMI_BUFFER_INIT;
    imi_session_record record;
    imi_introspection told;
    assert_int_equal(
        imi_service_get_session(f->service, FIXTURE_PARTY, p->session_id, &record, &token, NULL),
        IMI_OK);
    assert_int_equal(imi_service_withdraw_consent(f->service, p->credential, NULL), IMI_OK);
    assert_int_equal(
        imi_service_introspect(f->service, FIXTURE_PARTY, imi_buffer_view(&token), &told, NULL),
        IMI_OK);
    assert_false(told.active);
    assert_int_equal(told.reason, IMI_E_TOKEN_REVOKED);
    assert_int_equal(
        imi_service_get_session(f->service, FIXTURE_PARTY, p->session_id, &record, &again, NULL),
        IMI_OK);
    assert_int_equal(again.size, 0);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_consent_says(p, "\"state\":\"withdrawn\"");
    assert_leaf_says(f, p->session_id, "\"claims\":[\"name\",\"adult\"]");
    phone_destroy(&p);
}

static void withdrawal_that_failed_is_finished_by_another(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    for (int n = 2; n <= 6; n++) {
        faulty_store_fail(&f->store, n, IMI_E_STORE_IO, n % 2 == 0);
        imi_status status = imi_service_withdraw_consent(f->service, p->credential, NULL);
        assert_true(status == IMI_OK || status == IMI_E_STORE_IO);
        faulty_store_heal(&f->store);
    }
    assert_int_equal(imi_service_withdraw_consent(f->service, p->credential, NULL), IMI_OK);
    imi_status_record status;
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(f->sqlite->get_status(f->sqlite, record.token_id, &status, NULL), IMI_OK);
    assert_int_equal(status.status, IMI_TOKEN_INVALID);
    assert_consent_says(p, "\"state\":\"withdrawn\"");
    phone_destroy(&p);
}

static void wrong_credential_sees_and_withdraws_nothing(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    const char *wrong = "ses_AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_service_get_consent(f->service, wrong, &out, &out, NULL),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(imi_service_withdraw_consent(f->service, wrong, NULL), IMI_E_UNAUTHENTICATED);
    assert_int_equal(imi_service_decision_receipt(f->service, wrong, &out, NULL),
                     IMI_E_UNAUTHENTICATED);
    assert_int_equal(out.size, 0);
    phone_destroy(&p);
}

#define CONSENT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    fixture_prefer_memory();
    const struct CMUnitTest tests[] = {
        CONSENT_TEST(phone_is_told_who_asks_for_what),
        CONSENT_TEST(token_tells_what_was_agreed_to_and_no_more),
        CONSENT_TEST(session_without_claims_tells_none),
        CONSENT_TEST(claim_that_was_taken_back_since_is_not_told),
        CONSENT_TEST(consent_is_recorded_before_any_image),
        CONSENT_TEST(answer_must_hold_what_is_required),
        CONSENT_TEST(answer_must_not_exceed_what_was_asked),
        CONSENT_TEST(same_answer_again_changes_nothing),
        CONSENT_TEST(refusal_is_recorded),
        CONSENT_TEST(unanswered_session_has_no_consent),
        CONSENT_TEST(failing_store_leaves_neither_answer_nor_record),
        CONSENT_TEST(withdrawal_ends_an_undecided_session),
        CONSENT_TEST(withdrawal_revokes_the_token),
        CONSENT_TEST(withdrawal_that_failed_is_finished_by_another),
        CONSENT_TEST(wrong_credential_sees_and_withdraws_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
