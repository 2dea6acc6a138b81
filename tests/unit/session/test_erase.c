/*
 * The end of what is kept of a subject, on request and at the end of its retention.
 */
#include "telling.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static imi_status erase(fixture *f, const char *subject_id, int64_t *index)
{
    imi_erased erased;
    imi_status status =
        imi_service_erase_subject(f->service, FIXTURE_PARTY, subject_id, &erased, NULL);
    *index = erased.log_index;
    assert_true((erased.log_index >= 0) == (erased.deletion_id[0] != '\0'));
    return status;
}

static size_t count_references(fixture *f, const char *subject_id)
{
    imi_reference_record records[8];
    size_t count = 0;
    assert_int_equal(imi_service_list_references(f->service, FIXTURE_PARTY, subject_id, records, 8,
                                                 &count, NULL),
                     IMI_OK);
    return count;
}

static imi_audit_record last_audit(fixture *f)
{
    imi_audit_record lines[16];
    size_t count = 0;
    assert_int_equal(f->sqlite->list_audit(f->sqlite, 0, lines, 16, &count, NULL), IMI_OK);
    assert_true(count > 0);
    return lines[count - 1];
}

static void erased_subject_leaves_nothing_to_read(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER kept = IMI_BUFFER_INIT;
    int64_t index = -2;
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_OK);
    assert_true(index >= 0);
    assert_int_equal(count_references(f, TELLING_SUBJECT), 0);
    assert_int_equal(f->sqlite->get_claims(f->sqlite, FIXTURE_PARTY, TELLING_SUBJECT, &kept, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(f->sqlite->get_token(f->sqlite, p->session_id, &kept, NULL), IMI_E_NOT_FOUND);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_string_equal(record.subject_id, "");
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

static void log_says_that_somebody_was_erased_and_not_who(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    int64_t index = -1;
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_OK);
    assert_int_equal(f->sqlite->get_leaf(f->sqlite, index, &leaf, &event, NULL), IMI_OK);
    assert_string_equal(leaf.kind, "deletion");
    assert_int_equal(imi_buffer_terminate(&event, NULL), IMI_OK);
    assert_non_null(strstr((const char *)event.data, "\"references\":1,\"sessions\":1}"));
    assert_null(strstr((const char *)event.data, TELLING_SUBJECT));
    imi_audit_record line = last_audit(f);
    assert_string_equal(line.actor, FIXTURE_PARTY);
    assert_string_equal(line.action, "subject.erase");
    assert_string_equal(line.detail, "references 1, sessions 1");
    phone_destroy(&p);
}

/* Without a log there is no receipt: the answer tells who would get one. */
static void receipt_of_a_deletion_is_for_the_party_whose_subject_it_was(void **state)
{
    fixture *f = *state;
    imi_erased erased;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_PARTY, TELLING_SUBJECT, &erased, NULL),
        IMI_OK);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_PARTY, erased.deletion_id,
                                         IMI_RECEIPT_DELETION, &receipt, NULL),
                     IMI_E_UNSUPPORTED);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_OTHER_PARTY, erased.deletion_id,
                                         IMI_RECEIPT_DELETION, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_PARTY, "del_unknown",
                                         IMI_RECEIPT_DELETION, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(receipt.size, 0);
}

/* The id of a session finds no deletion, and that of a deletion no session. */
static void ids_of_deletions_and_sessions_are_not_mixed_up(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    imi_erased erased;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_PARTY, TELLING_SUBJECT, &erased, NULL),
        IMI_OK);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_PARTY, p->session_id,
                                         IMI_RECEIPT_DELETION, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(imi_service_receipt(f->service, FIXTURE_PARTY, erased.deletion_id,
                                         IMI_RECEIPT_DECISION, &receipt, NULL),
                     IMI_E_NOT_FOUND);
    phone_destroy(&p);
}

static void session_under_way_ends_with_its_subject(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name"};
    int64_t index = -1;
    imi_frame_feedback feedback;
    char events[128];
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 1, NULL), IMI_OK);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_send(p, &feedback), IMI_OK);
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_OK);
    assert_int_equal(fixture_session(f, p->session_id).state, IMI_SESSION_WITHDRAWN);
    fixture_events(f, p->session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented capture_begun withdrawn");
    assert_int_equal(phone_send(p, &feedback), IMI_E_UNAUTHENTICATED);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.live_captures, 0);
    phone_destroy(&p);
}

static void others_stay(void **state)
{
    fixture *f = *state;
    scene what = scene_neutral(OTHER_PERSON);
    imi_enrolment enrolled;
    int64_t index = -1;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-2", &what, &enrolled), IMI_OK);
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_OK);
    assert_int_equal(count_references(f, "citizen-2"), 1);
}

static void unknown_subject_is_not_found(void **state)
{
    fixture *f = *state;
    int64_t index = -2;
    assert_int_equal(erase(f, "nobody", &index), IMI_E_NOT_FOUND);
    assert_int_equal(index, -1);
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_OK);
    assert_int_equal(erase(f, TELLING_SUBJECT, &index), IMI_E_NOT_FOUND);
}

static void who_may_not_enrol_may_not_erase(void **state)
{
    fixture *f = *state;
    imi_erased erased;
    int64_t index = 0;
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_OTHER_PARTY, TELLING_SUBJECT, &erased, NULL),
        IMI_E_PERMISSION);
    assert_int_equal(erase(f, "", &index), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count_references(f, TELLING_SUBJECT), 1);
}

/* ---- Retention ---- */

static imi_status enrol_until(fixture *f, const char *subject_id, int64_t delete_after_ms)
{
    scene what = scene_neutral(OTHER_PERSON);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_enrolment enrolled;
    scene_draw_jpeg(&what, &jpeg);
    const imi_enrol_request request = {.subject_id = subject_id,
                                       .portrait_jpeg = imi_buffer_view(&jpeg),
                                       .delete_after_ms = delete_after_ms};
    return fixture_enrol_request(f, FIXTURE_PARTY, &request, &enrolled);
}

static void subject_goes_when_its_retention_is_over(void **state)
{
    fixture *f = *state;
    assert_int_equal(enrol_until(f, "guest", f->clock.now_ms + DAY_MS), IMI_OK);
    imi_clock_manual_advance(&f->clock, DAY_MS - 1000);
    imi_service_tick(f->service);
    assert_int_equal(count_references(f, "guest"), 1);
    imi_clock_manual_advance(&f->clock, 2000);
    imi_service_tick(f->service);
    assert_int_equal(count_references(f, "guest"), 0);
    assert_int_equal(count_references(f, TELLING_SUBJECT), 1);
    imi_audit_record line = last_audit(f);
    assert_string_equal(line.actor, "service");
    assert_string_equal(line.action, "subject.expire");
}

static void retention_lies_ahead(void **state)
{
    fixture *f = *state;
    assert_int_equal(enrol_until(f, "guest", f->clock.now_ms), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(enrol_until(f, "guest", -1), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count_references(f, "guest"), 0);
}

#define ERASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    fixture_prefer_memory();
    const struct CMUnitTest tests[] = {
        ERASE_TEST(erased_subject_leaves_nothing_to_read),
        ERASE_TEST(log_says_that_somebody_was_erased_and_not_who),
        ERASE_TEST(receipt_of_a_deletion_is_for_the_party_whose_subject_it_was),
        ERASE_TEST(ids_of_deletions_and_sessions_are_not_mixed_up),
        ERASE_TEST(session_under_way_ends_with_its_subject),
        ERASE_TEST(others_stay),
        ERASE_TEST(unknown_subject_is_not_found),
        ERASE_TEST(who_may_not_enrol_may_not_erase),
        ERASE_TEST(subject_goes_when_its_retention_is_over),
        ERASE_TEST(retention_lies_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
