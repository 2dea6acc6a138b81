/* Subjects as a whole: what was told of them, how long they are kept, how they are erased. */
#include "fixture.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char PARTY[] = "relying-party";
static const char SUBJECT[] = "subject-1";
static const char CLAIMS[] = "{\"given_name\":\"A\",\"degree\":\"MSc\"}";

static void put_claims(const char *party, const char *subject, const char *claims)
{
    OK(g_store->put_claims(g_store, party, subject, imi_view_of_text(claims), &g_err));
}

static imi_status get_claims(const char *party, const char *subject, imi_buffer *out)
{
    return g_store->get_claims(g_store, party, subject, out, &g_err);
}

static void assert_claims(const char *party, const char *subject, const char *wanted)
{
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    OK(get_claims(party, subject, &got));
    assert_true(imi_view_equal(imi_buffer_view(&got), imi_view_of_text(wanted)));
}

static imi_status erase(const char *subject)
{
    return g_store->erase_subject(g_store, PARTY, subject, NULL, &g_err);
}

static imi_reference_record enrol(const char *subject, int64_t delete_after_ms)
{
    imi_reference_record record = sample_reference();
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    record.delete_after_ms = delete_after_ms;
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    return record;
}

static bool is_enrolled(const imi_reference_record *record)
{
    imi_reference_record got;
    imi_status status = g_store->get_reference(g_store, record->reference_id, &got, NULL, &g_err);
    assert_true(status == IMI_OK || status == IMI_E_NOT_FOUND);
    return status == IMI_OK;
}

/* A session of the subject that was decided and has a token, or one that is still open. */
static imi_session_record hold_session(const char *subject, bool decided)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    imi_score_record score = sample_score();
    imi_session_extras extras = {.token = imi_view_of_text("a.b.c"), .score = &score};
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    imi_copy_text(record.request_id, sizeof record.request_id, record.session_id);
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    if (decided) {
        decide_sample(&record);
        OK(g_store->update_session(g_store, &record, &event, &extras, &g_err));
    }
    return record;
}

/* ---- Claims ---- */

static void claims_come_back_and_are_appended(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    put_claims(PARTY, SUBJECT, CLAIMS);
    OK(imi_buffer_append_text(&got, "head:", &g_err));
    OK(get_claims(PARTY, SUBJECT, &got));
    assert_int_equal(got.size, strlen("head:") + strlen(CLAIMS));
    assert_memory_equal(got.data + strlen("head:"), CLAIMS, strlen(CLAIMS));
}

static void newer_claims_replace_the_ones_before(void **state)
{
    (void)state;
    put_claims(PARTY, SUBJECT, CLAIMS);
    put_claims(PARTY, SUBJECT, "{}");
    assert_claims(PARTY, SUBJECT, "{}");
}

static void claims_belong_to_one_subject_of_one_party(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    put_claims(PARTY, SUBJECT, CLAIMS);
    REFUSES(get_claims("another", SUBJECT, &got), IMI_E_NOT_FOUND);
    REFUSES(get_claims(PARTY, "another", &got), IMI_E_NOT_FOUND);
    assert_int_equal(got.size, 0);
}

static void claims_of_no_size_or_too_large_are_refused(void **state)
{
    (void)state;
    static uint8_t many[IMI_STORE_CLAIMS_MAX + 1];
    imi_view views[] = {{NULL, 0}, {many, sizeof many}};
    for (size_t i = 0; i < 2; i++) {
        REFUSES(g_store->put_claims(g_store, PARTY, SUBJECT, views[i], &g_err),
                IMI_E_INVALID_ARGUMENT);
    }
    OK(g_store->put_claims(g_store, PARTY, SUBJECT, (imi_view){many, sizeof many - 1}, &g_err));
}

static void claims_of_nobody_or_of_a_bad_name_are_refused(void **state)
{
    (void)state;
    char endless[IMI_STORE_NAME_SIZE + 1];
    memset(endless, 'x', sizeof endless);
    endless[IMI_STORE_NAME_SIZE] = '\0';
    const char *const names[] = {"", NULL, endless, "\xFF"};
    for (size_t i = 0; i < 4; i++) {
        REFUSES(g_store->put_claims(g_store, PARTY, names[i], imi_view_of_text("{}"), &g_err),
                IMI_E_INVALID_ARGUMENT);
    }
}

static void deleted_claims_are_gone(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    put_claims(PARTY, SUBJECT, CLAIMS);
    OK(g_store->delete_claims(g_store, PARTY, SUBJECT, &g_err));
    REFUSES(get_claims(PARTY, SUBJECT, &got), IMI_E_NOT_FOUND);
    REFUSES(g_store->delete_claims(g_store, PARTY, SUBJECT, &g_err), IMI_E_NOT_FOUND);
}

static void deleting_claims_leaves_the_reference(void **state)
{
    (void)state;
    imi_reference_record record = enrol(SUBJECT, 0);
    put_claims(PARTY, SUBJECT, CLAIMS);
    OK(g_store->delete_claims(g_store, PARTY, SUBJECT, &g_err));
    assert_true(is_enrolled(&record));
}

/* ---- Erasing ---- */

static void an_erased_subject_has_neither_references_nor_claims(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    imi_reference_record first = enrol(SUBJECT, 0), second = enrol(SUBJECT, 0);
    imi_reference_record added = sample_additional(&first);
    OK(g_store->put_reference(g_store, &added, imi_view_of_text("t"), &g_err));
    put_claims(PARTY, SUBJECT, CLAIMS);
    OK(erase(SUBJECT));
    assert_false(is_enrolled(&first) || is_enrolled(&second) || is_enrolled(&added));
    REFUSES(get_claims(PARTY, SUBJECT, &got), IMI_E_NOT_FOUND);
    int64_t references = 9, subjects = 9;
    OK(g_store->count_references(g_store, first.model_version, &references, &subjects, &g_err));
    assert_int_equal(references, 0);
    assert_int_equal(subjects, 0);
}

static void erasing_leaves_other_subjects_and_other_parties_alone(void **state)
{
    (void)state;
    imi_reference_record other = enrol("subject-2", 0), same_name = sample_reference();
    enrol(SUBJECT, 0);
    imi_copy_text(same_name.relying_party, sizeof same_name.relying_party, "another");
    OK(g_store->put_reference(g_store, &same_name, imi_view_of_text("t"), &g_err));
    put_claims("another", SUBJECT, CLAIMS);
    imi_session_record session = hold_session("subject-2", true), got;
    OK(erase(SUBJECT));
    assert_true(is_enrolled(&other) && is_enrolled(&same_name));
    assert_claims("another", SUBJECT, CLAIMS);
    OK(g_store->get_session(g_store, session.session_id, &got, &g_err));
    assert_sessions_equal(&session, &got);
}

static void sessions_of_an_erased_subject_keep_their_outcome_alone(void **state)
{
    (void)state;
    static const uint8_t zeros[IMI_STORE_HASH_SIZE];
    imi_session_record before = hold_session(SUBJECT, true), got;
    OK(erase(SUBJECT));
    OK(g_store->get_session(g_store, before.session_id, &got, &g_err));
    assert_string_equal(got.subject_id, "");
    assert_string_equal(got.reference_id, "");
    assert_string_equal(got.request_id, "");
    assert_string_equal(got.nonce, "");
    assert_string_equal(got.evidence, "");
    assert_int_equal(got.device_key_size, 0);
    assert_memory_equal(got.join_secret_hash, zeros, sizeof zeros);
    assert_memory_equal(got.credential_hash, zeros, sizeof zeros);
    assert_int_equal(got.state, IMI_SESSION_DECIDED);
    assert_int_equal(got.decision, before.decision);
    assert_string_equal(got.purpose, before.purpose);
    assert_string_equal(got.reason, before.reason);
    assert_string_equal(got.token_id, before.token_id);
    assert_int_equal(got.decided_ms, before.decided_ms);
}

static void tokens_of_an_erased_subject_are_gone(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = hold_session(SUBJECT, true);
    OK(erase(SUBJECT));
    REFUSES(g_store->get_token(g_store, record.session_id, &token, &g_err), IMI_E_NOT_FOUND);
}

static void an_open_session_of_an_erased_subject_ends(void **state)
{
    (void)state;
    imi_session_record held = hold_session(SUBJECT, false), got;
    imi_event_record event = sample_event("captured");
    OK(erase(SUBJECT));
    OK(g_store->get_session(g_store, held.session_id, &got, &g_err));
    assert_int_equal(got.state, IMI_SESSION_WITHDRAWN);
    /* Who held it in memory cannot write back what was erased. */
    REFUSES(g_store->update_session(g_store, &held, &event, NULL, &g_err), IMI_E_CONFLICT);
}

static void consents_of_an_erased_subject_stay_without_name_and_claims(void **state)
{
    (void)state;
    imi_session_record session = hold_session(SUBJECT, false);
    imi_consent_record consent = sample_consent(&session), got;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(g_store->put_consent(g_store, &consent, imi_view_of_text("[]"), NULL, &g_err));
    OK(erase(SUBJECT));
    OK(g_store->get_consent(g_store, consent.consent_id, &got, NULL, &g_err));
    assert_string_equal(got.subject_id, "");
    assert_int_equal(got.state, IMI_CONSENT_GIVEN);
    assert_memory_equal(got.text_digest, consent.text_digest, IMI_STORE_HASH_SIZE);
    REFUSES(g_store->get_consent(g_store, consent.consent_id, &got, &claims, &g_err),
            IMI_E_NOT_FOUND);
}

static imi_status count_visit(void *user, const imi_reference_record *record,
                              imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)record, (void)template_blob, (void)statistics_blob, (void)err;
    ++*(int *)user;
    return IMI_OK;
}

static void an_erased_subject_leaves_cohorts_and_duplicates(void **state)
{
    (void)state;
    imi_reference_record gone = enrol(SUBJECT, 0), stays = enrol("subject-2", 0);
    char ids[2][IMI_ID_SIZE];
    imi_copy_text(ids[0], IMI_ID_SIZE, gone.reference_id);
    imi_copy_text(ids[1], IMI_ID_SIZE, stays.reference_id);
    imi_cohort_record cohort = sample_cohort();
    OK(g_store->put_cohort(g_store, &cohort, (const char(*)[IMI_ID_SIZE])ids, 2, &g_err));
    bool first = strcmp(ids[0], ids[1]) < 0;
    imi_duplicate_record pair = {.fmr = 1e-9}, listed[1];
    imi_copy_text(pair.reference_a, IMI_ID_SIZE, ids[first ? 0 : 1]);
    imi_copy_text(pair.reference_b, IMI_ID_SIZE, ids[first ? 1 : 0]);
    OK(g_store->put_duplicates(g_store, &pair, 1, &g_err));
    OK(erase(SUBJECT));
    int members = 0;
    size_t pairs = 9;
    OK(g_store->visit_newest_cohort(g_store, cohort.model_version, &cohort, count_visit, &members,
                                    &g_err));
    OK(g_store->list_duplicates(g_store, false, 0, listed, 1, &pairs, &g_err));
    assert_int_equal(members, 1);
    assert_int_equal(pairs, 0);
}

static void erasing_nobody_or_somebody_twice_is_not_found(void **state)
{
    (void)state;
    REFUSES(erase("nobody"), IMI_E_NOT_FOUND);
    enrol(SUBJECT, 0);
    OK(erase(SUBJECT));
    REFUSES(erase(SUBJECT), IMI_E_NOT_FOUND);
    REFUSES(erase(""), IMI_E_INVALID_ARGUMENT);
}

static void a_subject_of_whom_there_is_but_a_session_can_be_erased(void **state)
{
    (void)state;
    imi_session_record session = hold_session(SUBJECT, false), got;
    OK(erase(SUBJECT));
    OK(g_store->get_session(g_store, session.session_id, &got, &g_err));
    assert_string_equal(got.subject_id, "");
}

static void an_erased_subject_can_be_enrolled_anew(void **state)
{
    (void)state;
    imi_reference_record before = enrol(SUBJECT, 0);
    OK(erase(SUBJECT));
    imi_reference_record after = enrol(SUBJECT, 0);
    assert_true(is_enrolled(&after) && !is_enrolled(&before));
    OK(erase(SUBJECT));
    assert_false(is_enrolled(&after));
}

static void an_additional_reference_of_an_erased_subject_is_not_kept(void **state)
{
    (void)state;
    imi_reference_record primary = enrol(SUBJECT, 0), added = sample_additional(&primary);
    OK(erase(SUBJECT));
    REFUSES(g_store->put_reference(g_store, &added, imi_view_of_text("t"), &g_err),
            IMI_E_NOT_FOUND);
}

static void an_erasure_leaves_one_leaf_in_the_log(void **state)
{
    (void)state;
    imi_leaf_draft leaf = {.at_ms = 5, .kind = "deletion", .event = imi_view_of_text("{\"n\":1}")};
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    enrol(SUBJECT, 0);
    OK(g_store->erase_subject(g_store, PARTY, SUBJECT, &leaf, &g_err));
    REFUSES(g_store->erase_subject(g_store, PARTY, SUBJECT, &leaf, &g_err), IMI_E_NOT_FOUND);
    OK(g_store->get_leaf(g_store, 0, &got, &event, &g_err));
    assert_string_equal(got.kind, "deletion");
    REFUSES(g_store->get_leaf(g_store, 1, &got, &event, &g_err), IMI_E_NOT_FOUND);
}

/* It would be sealed under a key made anew: the subject would not be gone. */
static void the_leaf_of_an_erasure_must_not_name_the_subject(void **state)
{
    (void)state;
    imi_reference_record record = enrol(SUBJECT, 0);
    imi_leaf_draft leaf = {.kind = "deletion", .event = imi_view_of_text("{}")};
    imi_copy_text(leaf.relying_party, sizeof leaf.relying_party, PARTY);
    imi_copy_text(leaf.subject_id, sizeof leaf.subject_id, SUBJECT);
    REFUSES(g_store->erase_subject(g_store, PARTY, SUBJECT, &leaf, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_true(is_enrolled(&record));
}

/* ---- Retention ---- */

static size_t list_overdue(int64_t now_ms, imi_subject_name *out, size_t capacity)
{
    size_t count = 99;
    OK(g_store->list_overdue_subjects(g_store, now_ms, out, capacity, &count, &g_err));
    return count;
}

static void subjects_are_overdue_once_their_retention_ends_oldest_first(void **state)
{
    (void)state;
    imi_subject_name names[4];
    enrol("later", 2000);
    enrol("sooner", 1000);
    enrol("kept", 0);
    assert_int_equal(list_overdue(999, names, 4), 0);
    assert_int_equal(list_overdue(1000, names, 4), 1);
    assert_int_equal(list_overdue(2000, names, 4), 2);
    assert_string_equal(names[0].relying_party, PARTY);
    assert_string_equal(names[0].subject_id, "sooner");
    assert_string_equal(names[1].subject_id, "later");
    assert_int_equal(list_overdue(2000, names, 1), 1);
}

static void a_later_enrolment_extends_a_subjects_retention(void **state)
{
    (void)state;
    imi_subject_name names[4];
    enrol(SUBJECT, 1000);
    enrol(SUBJECT, 3000);
    enrol("subject-2", 1000);
    enrol("subject-2", 0);
    assert_int_equal(list_overdue(2999, names, 4), 0);
    assert_int_equal(list_overdue(3000, names, 4), 1);
    assert_string_equal(names[0].subject_id, SUBJECT);
}

static void an_erased_subject_is_not_overdue_any_more(void **state)
{
    (void)state;
    imi_subject_name names[1];
    enrol(SUBJECT, 1000);
    OK(erase(SUBJECT));
    assert_int_equal(list_overdue(1000, names, 1), 0);
}

static void a_negative_end_of_retention_is_refused(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    record.delete_after_ms = -1;
    REFUSES(g_store->put_reference(g_store, &record, imi_view_of_text("t"), &g_err),
            IMI_E_INVALID_ARGUMENT);
}

int store_subjects_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(claims_come_back_and_are_appended),
        TEST(newer_claims_replace_the_ones_before),
        TEST(claims_belong_to_one_subject_of_one_party),
        TEST(claims_of_no_size_or_too_large_are_refused),
        TEST(claims_of_nobody_or_of_a_bad_name_are_refused),
        TEST(deleted_claims_are_gone),
        TEST(deleting_claims_leaves_the_reference),
        TEST(an_erased_subject_has_neither_references_nor_claims),
        TEST(erasing_leaves_other_subjects_and_other_parties_alone),
        TEST(sessions_of_an_erased_subject_keep_their_outcome_alone),
        TEST(tokens_of_an_erased_subject_are_gone),
        TEST(an_open_session_of_an_erased_subject_ends),
        TEST(consents_of_an_erased_subject_stay_without_name_and_claims),
        TEST(an_erased_subject_leaves_cohorts_and_duplicates),
        TEST(erasing_nobody_or_somebody_twice_is_not_found),
        TEST(a_subject_of_whom_there_is_but_a_session_can_be_erased),
        TEST(an_erased_subject_can_be_enrolled_anew),
        TEST(an_additional_reference_of_an_erased_subject_is_not_kept),
        TEST(an_erasure_leaves_one_leaf_in_the_log),
        TEST(the_leaf_of_an_erasure_must_not_name_the_subject),
        TEST(subjects_are_overdue_once_their_retention_ends_oldest_first),
        TEST(a_later_enrolment_extends_a_subjects_retention),
        TEST(an_erased_subject_is_not_overdue_any_more),
        TEST(a_negative_end_of_retention_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
