/* Consents: what was answered stays, and what was given can be taken back. */
#include "fixture.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char CLAIMS[] = "[{\"claim\":\"portrait\",\"purpose\":\"graduation\"}]";

static imi_session_record make_session(void)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static imi_status put(const imi_consent_record *record)
{
    return g_store->put_consent(g_store, record, imi_view_of_text(CLAIMS), NULL, &g_err);
}

static imi_status take_back(const imi_consent_record *record, const imi_leaf_draft *leaf)
{
    imi_consent_record withdrawn = *record;
    withdrawn.state = IMI_CONSENT_WITHDRAWN;
    withdrawn.withdrawn_ms = record->at_ms + 5;
    return g_store->put_consent(g_store, &withdrawn, (imi_view){NULL, 0}, leaf, &g_err);
}

static void assert_consents_equal(const imi_consent_record *a, const imi_consent_record *b)
{
    assert_string_equal(a->consent_id, b->consent_id);
    assert_string_equal(a->session_id, b->session_id);
    assert_string_equal(a->relying_party, b->relying_party);
    assert_string_equal(a->subject_id, b->subject_id);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->at_ms, b->at_ms);
    assert_int_equal(a->withdrawn_ms, b->withdrawn_ms);
    assert_memory_equal(a->text_digest, b->text_digest, IMI_STORE_HASH_SIZE);
}

static void a_consent_comes_back_with_its_claims(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_consent_record record = sample_consent(&session), got;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(put(&record));
    OK(g_store->get_consent(g_store, record.consent_id, &got, &claims, &g_err));
    assert_consents_equal(&record, &got);
    assert_true(imi_view_equal(imi_buffer_view(&claims), imi_view_of_text(CLAIMS)));
    OK(g_store->get_consent(g_store, record.consent_id, &got, NULL, &g_err));
}

static void a_refusal_is_kept_too(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_consent_record record = sample_consent(&session), got;
    record.state = IMI_CONSENT_REFUSED;
    OK(put(&record));
    OK(g_store->get_consent(g_store, record.consent_id, &got, NULL, &g_err));
    assert_int_equal(got.state, IMI_CONSENT_REFUSED);
}

static void an_id_is_used_once(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_consent_record record = sample_consent(&session);
    OK(put(&record));
    REFUSES(put(&record), IMI_E_CONFLICT);
}

static void withdrawing_changes_the_state_alone(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_consent_record record = sample_consent(&session), got;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(put(&record));
    OK(take_back(&record, NULL));
    OK(g_store->get_consent(g_store, record.consent_id, &got, &claims, &g_err));
    record.state = IMI_CONSENT_WITHDRAWN;
    record.withdrawn_ms = record.at_ms + 5;
    assert_consents_equal(&record, &got);
    assert_true(imi_view_equal(imi_buffer_view(&claims), imi_view_of_text(CLAIMS)));
}

static void only_what_was_given_can_be_withdrawn_and_once(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_consent_record given = sample_consent(&session), refused = sample_consent(&session);
    imi_consent_record unknown = sample_consent(&session);
    imi_leaf_draft leaf = sample_leaf(&session, "consent_withdrawn", "{}");
    imi_leaf_record kept;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    refused.state = IMI_CONSENT_REFUSED;
    OK(put(&given));
    OK(put(&refused));
    OK(take_back(&given, &leaf));
    REFUSES(take_back(&given, &leaf), IMI_E_CONFLICT);
    REFUSES(take_back(&refused, &leaf), IMI_E_CONFLICT);
    REFUSES(take_back(&unknown, &leaf), IMI_E_NOT_FOUND);
    OK(g_store->get_leaf(g_store, 0, &kept, &event, &g_err));
    REFUSES(g_store->get_leaf(g_store, 1, &kept, &event, &g_err), IMI_E_NOT_FOUND);
}

static void consents_of_a_subject_come_newest_first_and_are_its_own(void **state)
{
    (void)state;
    imi_session_record session = make_session(), other = sample_session();
    imi_event_record event = sample_event("created");
    imi_copy_text(other.subject_id, sizeof other.subject_id, "somebody-else");
    OK(g_store->create_session(g_store, &other, &event, &g_err));
    imi_consent_record first = sample_consent(&session), second = sample_consent(&session);
    imi_consent_record others = sample_consent(&other), got[3];
    size_t count = 0;
    OK(put(&first));
    OK(put(&others));
    OK(put(&second));
    OK(g_store->list_consents(g_store, session.relying_party, session.subject_id, got, 3, &count,
                              &g_err));
    assert_int_equal(count, 2);
    assert_consents_equal(&got[0], &second);
    assert_consents_equal(&got[1], &first);
    OK(g_store->list_consents(g_store, session.relying_party, session.subject_id, got, 1, &count,
                              &g_err));
    assert_int_equal(count, 1);
    OK(g_store->list_consents(g_store, "another-party", session.subject_id, got, 3, &count,
                              &g_err));
    assert_int_equal(count, 0);
}

static void consent_is_given_in_the_subjects_own_session(void **state)
{
    (void)state;
    imi_session_record session = make_session(), unknown = sample_session();
    imi_consent_record stranger = sample_consent(&session), nowhere = sample_consent(&unknown);
    imi_copy_text(stranger.subject_id, sizeof stranger.subject_id, "somebody-else");
    REFUSES(put(&stranger), IMI_E_NOT_FOUND);
    REFUSES(put(&nowhere), IMI_E_NOT_FOUND);
}

static void half_a_consent_is_refused(void **state)
{
    (void)state;
    static char large[IMI_STORE_CLAIMS_MAX + 1];
    memset(large, ' ', sizeof large);
    imi_session_record session = make_session();
    imi_consent_record nameless = sample_consent(&session), nobody = nameless, stateless = nameless,
                       beyond = nameless, sound = nameless;
    nameless.consent_id[0] = '\0';
    nobody.subject_id[0] = '\0';
    stateless.state = IMI_CONSENT_NONE;
    beyond.state = (imi_consent_state)4;
    REFUSES(put(&nameless), IMI_E_INVALID_ARGUMENT);
    REFUSES(put(&nobody), IMI_E_INVALID_ARGUMENT);
    REFUSES(put(&stateless), IMI_E_INVALID_ARGUMENT);
    REFUSES(put(&beyond), IMI_E_INVALID_ARGUMENT);
    imi_view too_much = {(const uint8_t *)large, sizeof large};
    REFUSES(g_store->put_consent(g_store, &sound, too_much, NULL, &g_err), IMI_E_INVALID_ARGUMENT);
    imi_consent_record got = sound;
    REFUSES(g_store->get_consent(g_store, sound.consent_id, &got, NULL, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(got.state, IMI_CONSENT_NONE);
}

static void consent_and_the_sessions_change_are_stored_together(void **state)
{
    (void)state;
    imi_session_record session = make_session(), outdated;
    imi_consent_record record = sample_consent(&session), late = sample_consent(&session), got;
    imi_leaf_draft leaf = sample_leaf(&session, "consent", "{}");
    imi_event_record event = sample_event("consented");
    imi_session_extras extras = {
        .leaf = &leaf, .consent = &record, .consent_claims = imi_view_of_text(CLAIMS)};
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    outdated = session;
    session.state = IMI_SESSION_CONSENTED;
    OK(g_store->update_session(g_store, &session, &event, &extras, &g_err));
    OK(g_store->get_consent(g_store, record.consent_id, &got, &claims, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&claims), imi_view_of_text(CLAIMS)));
    extras.consent = &late;
    REFUSES(g_store->update_session(g_store, &outdated, &event, &extras, &g_err), IMI_E_CONFLICT);
    REFUSES(g_store->get_consent(g_store, late.consent_id, &got, NULL, &g_err), IMI_E_NOT_FOUND);
}

static void a_consent_that_is_refused_leaves_the_session(void **state)
{
    (void)state;
    imi_session_record session = make_session(), got;
    imi_consent_record record = sample_consent(&session);
    imi_event_record event = sample_event("withdrawn");
    imi_session_extras extras = {.consent = &record};
    record.state = IMI_CONSENT_WITHDRAWN; /* it was never given */
    session.state = IMI_SESSION_WITHDRAWN;
    REFUSES(g_store->update_session(g_store, &session, &event, &extras, &g_err), IMI_E_NOT_FOUND);
    OK(g_store->get_session(g_store, session.session_id, &got, &g_err));
    assert_int_equal(got.state, IMI_SESSION_CREATED);
}

int store_consents_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(a_consent_comes_back_with_its_claims),
        TEST(a_refusal_is_kept_too),
        TEST(an_id_is_used_once),
        TEST(withdrawing_changes_the_state_alone),
        TEST(only_what_was_given_can_be_withdrawn_and_once),
        TEST(consents_of_a_subject_come_newest_first_and_are_its_own),
        TEST(consent_is_given_in_the_subjects_own_session),
        TEST(half_a_consent_is_refused),
        TEST(consent_and_the_sessions_change_are_stored_together),
        TEST(a_consent_that_is_refused_leaves_the_session),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
