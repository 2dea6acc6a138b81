#include "fixture.h"

#include "imi/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reopen(void)
{
    imi_store_destroy(&g_store);
    OK(g_factory->reopen(&g_store, &g_err));
}

static imi_session_record create(void)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static imi_status update_with(imi_session_record *record, const char *token)
{
    imi_event_record event = sample_event("updated");
    imi_session_extras extras = {.token = imi_view_of_text(token)};
    return g_store->update_session(g_store, record, &event, &extras, &g_err);
}

static size_t count_events(const char *session_id)
{
    imi_event_record events[32];
    size_t count = 99;
    OK(g_store->list_events(g_store, session_id, 0, events, 32, &count, &g_err));
    return count;
}

/* References */

static void a_reference_comes_back_as_it_was_put(void **state)
{
    (void)state;
    imi_reference_record put = sample_reference(), got;
    static const uint8_t bytes[] = {0, 1, 2, 0, 255};
    OK(g_store->put_reference(g_store, &put, (imi_view){bytes, sizeof bytes}, &g_err));
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    OK(g_store->get_reference(g_store, put.reference_id, &got, &blob, &g_err));
    assert_string_equal(got.reference_id, put.reference_id);
    assert_string_equal(got.relying_party, put.relying_party);
    assert_string_equal(got.subject_id, put.subject_id);
    assert_string_equal(got.model_version, put.model_version);
    assert_true(got.quality == put.quality);
    assert_int_equal(got.created_ms, put.created_ms);
    assert_int_equal(blob.size, sizeof bytes);
    assert_memory_equal(blob.data, bytes, sizeof bytes);
}

static void a_template_is_appended_to_what_the_buffer_holds(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    OK(imi_buffer_append_text(&blob, "head:", &g_err));
    OK(g_store->get_reference(g_store, record.reference_id, &record, &blob, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&blob), imi_view_of_text("head:template")));
}

static void a_reference_can_be_read_without_its_template(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference(), got;
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    OK(g_store->get_reference(g_store, record.reference_id, &got, NULL, &g_err));
    assert_string_equal(got.subject_id, record.subject_id);
}

static void an_unknown_reference_is_not_found(void **state)
{
    (void)state;
    imi_reference_record got;
    REFUSES(g_store->get_reference(g_store, "ref_x", &got, NULL, &g_err), IMI_E_NOT_FOUND);
    assert_string_equal(got.reference_id, "");
}

static void a_second_reference_with_one_id_conflicts(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("first"), &g_err));
    REFUSES(g_store->put_reference(g_store, &record, imi_view_of_text("second"), &g_err),
            IMI_E_CONFLICT);
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    OK(g_store->get_reference(g_store, record.reference_id, &record, &blob, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&blob), imi_view_of_text("first")));
}

static void a_reference_without_template_is_refused(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    REFUSES(g_store->put_reference(g_store, &record, (imi_view){NULL, 0}, &g_err),
            IMI_E_INVALID_ARGUMENT);
}

static void a_reference_of_undefined_quality_is_refused(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    record.quality = (double)NAN;
    REFUSES(g_store->put_reference(g_store, &record, imi_view_of_text("t"), &g_err),
            IMI_E_INVALID_ARGUMENT);
}

static void a_deleted_reference_is_gone(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference(), got;
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    OK(g_store->delete_reference(g_store, record.reference_id, &g_err));
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    REFUSES(g_store->get_reference(g_store, record.reference_id, &got, &blob, &g_err),
            IMI_E_NOT_FOUND);
    assert_int_equal(blob.size, 0);
}

static void deleting_an_unknown_reference_is_not_found(void **state)
{
    (void)state;
    REFUSES(g_store->delete_reference(g_store, "ref_x", &g_err), IMI_E_NOT_FOUND);
}

static void deleting_a_reference_twice_is_not_found(void **state)
{
    (void)state;
    imi_reference_record record = sample_reference();
    OK(g_store->put_reference(g_store, &record, imi_view_of_text("template"), &g_err));
    OK(g_store->delete_reference(g_store, record.reference_id, &g_err));
    REFUSES(g_store->delete_reference(g_store, record.reference_id, &g_err), IMI_E_NOT_FOUND);
}

/* Sessions */

static void a_created_session_comes_back_with_version_1(void **state)
{
    (void)state;
    imi_session_record put = create(), got;
    assert_int_equal(put.version, 1);
    OK(g_store->get_session(g_store, put.session_id, &got, &g_err));
    assert_sessions_equal(&put, &got);
}

static void every_field_of_a_decided_session_comes_back(void **state)
{
    (void)state;
    imi_session_record record = create(), got;
    decide_sample(&record);
    OK(update_with(&record, "a.b.c"));
    OK(g_store->get_session(g_store, record.session_id, &got, &g_err));
    assert_int_equal(got.version, 2);
    assert_sessions_equal(&record, &got);
}

static void sessions_survive_reopening(void **state)
{
    (void)state;
    imi_session_record record = create(), got;
    decide_sample(&record);
    OK(update_with(&record, "a.b.c"));
    reopen();
    OK(g_store->get_session(g_store, record.session_id, &got, &g_err));
    assert_sessions_equal(&record, &got);
    assert_int_equal(count_events(record.session_id), 2);
}

static void an_unknown_session_is_not_found_and_reads_as_nothing(void **state)
{
    (void)state;
    imi_session_record got;
    REFUSES(g_store->get_session(g_store, "ses_x", &got, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(got.state, IMI_SESSION_NONE);
    assert_int_equal(got.decision, IMI_DECISION_NONE);
}

static void a_second_session_with_one_id_conflicts(void **state)
{
    (void)state;
    imi_session_record record = create();
    imi_event_record event = sample_event("created");
    REFUSES(g_store->create_session(g_store, &record, &event, &g_err), IMI_E_CONFLICT);
    assert_int_equal(count_events(record.session_id), 1);
}

static void one_request_id_makes_one_session(void **state)
{
    (void)state;
    imi_session_record first = sample_session(), second = sample_session(), got;
    imi_copy_text(first.request_id, sizeof first.request_id, "order-7");
    imi_copy_text(second.request_id, sizeof second.request_id, "order-7");
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &first, &event, &g_err));
    REFUSES(g_store->create_session(g_store, &second, &event, &g_err), IMI_E_CONFLICT);
    assert_int_equal(second.version, 0);
    REFUSES(g_store->get_session(g_store, second.session_id, &got, &g_err), IMI_E_NOT_FOUND);
    OK(g_store->find_session_by_request(g_store, "relying-party", "order-7", &got, &g_err));
    assert_string_equal(got.session_id, first.session_id);
}

static void a_request_id_belongs_to_its_relying_party(void **state)
{
    (void)state;
    imi_session_record first = sample_session(), second = sample_session(), got;
    imi_copy_text(first.request_id, sizeof first.request_id, "order-7");
    imi_copy_text(second.request_id, sizeof second.request_id, "order-7");
    imi_copy_text(second.relying_party, sizeof second.relying_party, "another");
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &first, &event, &g_err));
    OK(g_store->create_session(g_store, &second, &event, &g_err));
    OK(g_store->find_session_by_request(g_store, "another", "order-7", &got, &g_err));
    assert_string_equal(got.session_id, second.session_id);
}

static void sessions_without_request_id_never_conflict_nor_are_found_by_it(void **state)
{
    (void)state;
    create();
    create();
    imi_session_record got;
    REFUSES(g_store->find_session_by_request(g_store, "relying-party", "", &got, &g_err),
            IMI_E_NOT_FOUND);
}

static void a_session_is_found_by_its_tokens_id(void **state)
{
    (void)state;
    imi_session_record record = create(), got;
    decide_sample(&record);
    OK(update_with(&record, "a.b.c"));
    OK(g_store->find_session_by_token(g_store, record.token_id, &got, &g_err));
    assert_string_equal(got.session_id, record.session_id);
}

static void sessions_without_token_are_not_found_by_an_empty_id(void **state)
{
    (void)state;
    create();
    imi_session_record got;
    REFUSES(g_store->find_session_by_token(g_store, "", &got, &g_err), IMI_E_NOT_FOUND);
}

static void two_sessions_cannot_have_one_token_id(void **state)
{
    (void)state;
    imi_session_record first = create(), second = create();
    decide_sample(&first);
    decide_sample(&second);
    imi_copy_text(second.token_id, sizeof second.token_id, first.token_id);
    OK(update_with(&first, "a.b.c"));
    REFUSES(update_with(&second, "d.e.f"), IMI_E_CONFLICT);
}

static void an_update_of_an_old_version_conflicts_and_changes_nothing(void **state)
{
    (void)state;
    imi_session_record mine = create();
    imi_session_record theirs = mine, got;
    theirs.attempts = 1;
    OK(update_with(&theirs, NULL));
    mine.attempts = 7;
    REFUSES(update_with(&mine, "a.b.c"), IMI_E_CONFLICT);
    assert_int_equal(mine.version, 1);
    OK(g_store->get_session(g_store, mine.session_id, &got, &g_err));
    assert_int_equal(got.attempts, 1);
    assert_int_equal(count_events(mine.session_id), 2);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    REFUSES(g_store->get_token(g_store, mine.session_id, &token, &g_err), IMI_E_NOT_FOUND);
}

static void an_update_of_an_unknown_session_is_not_found(void **state)
{
    (void)state;
    imi_session_record record = sample_session();
    record.version = 1;
    REFUSES(update_with(&record, NULL), IMI_E_NOT_FOUND);
}

static void an_update_cannot_move_a_session_to_another_relying_party(void **state)
{
    (void)state;
    imi_session_record record = create(), got;
    imi_copy_text(record.relying_party, sizeof record.relying_party, "another");
    OK(update_with(&record, NULL));
    OK(g_store->get_session(g_store, record.session_id, &got, &g_err));
    assert_string_equal(got.relying_party, "relying-party");
}

static void a_token_is_kept_with_the_decision(void **state)
{
    (void)state;
    imi_session_record record = create();
    decide_sample(&record);
    OK(update_with(&record, "head.payload.signature"));
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(g_store->get_token(g_store, record.session_id, &token, &g_err));
    assert_true(
        imi_view_equal(imi_buffer_view(&token), imi_view_of_text("head.payload.signature")));
}

static void an_update_without_token_keeps_the_one_there(void **state)
{
    (void)state;
    imi_session_record record = create();
    decide_sample(&record);
    OK(update_with(&record, "a.b.c"));
    OK(update_with(&record, NULL));
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(g_store->get_token(g_store, record.session_id, &token, &g_err));
    assert_int_equal(token.size, 5);
}

static void a_session_without_token_has_none(void **state)
{
    (void)state;
    imi_session_record record = create();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    REFUSES(g_store->get_token(g_store, record.session_id, &token, &g_err), IMI_E_NOT_FOUND);
    REFUSES(g_store->get_token(g_store, "ses_x", &token, &g_err), IMI_E_NOT_FOUND);
}

/* Records that must not get in */

static imi_status create_damaged(void (*damage)(imi_session_record *))
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    damage(&record);
    return g_store->create_session(g_store, &record, &event, &g_err);
}

static void drop_id(imi_session_record *record)
{
    record->session_id[0] = '\0';
}

static void drop_state(imi_session_record *record)
{
    record->state = IMI_SESSION_NONE;
}

static void invent_state(imi_session_record *record)
{
    record->state = (imi_session_state)7;
}

static void invent_decision(imi_session_record *record)
{
    record->decision = (imi_decision)5;
}

static void enlarge_key(imi_session_record *record)
{
    record->device_key_size = IMI_STORE_KEY_SIZE + 1;
}

static void drop_terminator(imi_session_record *record)
{
    memset(record->purpose, 'x', sizeof record->purpose);
}

static void spoil_text(imi_session_record *record)
{
    imi_copy_text(record->subject_id, sizeof record->subject_id, "\xC3(");
}

static void damaged_records_are_refused(void **state)
{
    (void)state;
    static void (*const damages[])(imi_session_record *) = {
        drop_id,     drop_state,      invent_state, invent_decision,
        enlarge_key, drop_terminator, spoil_text,
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        REFUSES(create_damaged(damages[i]), IMI_E_INVALID_ARGUMENT);
    }
}

static void an_event_without_kind_is_refused_with_its_session(void **state)
{
    (void)state;
    imi_session_record record = sample_session(), got;
    imi_event_record event = sample_event("");
    REFUSES(g_store->create_session(g_store, &record, &event, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->get_session(g_store, record.session_id, &got, &g_err), IMI_E_NOT_FOUND);
}

static void texts_of_full_length_fit(void **state)
{
    (void)state;
    imi_session_record record = sample_session(), got;
    memset(record.nonce, 'n', sizeof record.nonce - 1);
    memset(record.request_id, 'r', sizeof record.request_id - 1);
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    OK(g_store->get_session(g_store, record.session_id, &got, &g_err));
    assert_sessions_equal(&record, &got);
}

static void text_that_looks_like_sql_is_text(void **state)
{
    (void)state;
    imi_session_record record = sample_session(), got;
    imi_copy_text(record.subject_id, sizeof record.subject_id, "'; DROP TABLE session; --");
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    OK(g_store->get_session(g_store, record.session_id, &got, &g_err));
    assert_string_equal(got.subject_id, record.subject_id);
}

/* Events */

static void the_store_numbers_events_from_1(void **state)
{
    (void)state;
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    assert_int_equal(event.sequence, 1);
    assert_string_equal(event.session_id, record.session_id);
    OK(g_store->update_session(g_store, &record, &event, NULL, &g_err));
    assert_int_equal(event.sequence, 2);
}

static void events_come_in_order_after_the_one_named(void **state)
{
    (void)state;
    imi_session_record record = create();
    for (int i = 0; i < 5; i++) {
        OK(update_with(&record, NULL));
    }
    imi_event_record events[3];
    size_t count = 0;
    OK(g_store->list_events(g_store, record.session_id, 2, events, 3, &count, &g_err));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].sequence, 3 + i);
        assert_string_equal(events[i].kind, "updated");
        assert_string_equal(events[i].detail, "detail");
        assert_int_equal(events[i].at_ms, 1700000000001);
    }
}

static void a_session_without_new_events_lists_none(void **state)
{
    (void)state;
    imi_session_record record = create();
    imi_event_record events[2];
    size_t count = 9;
    OK(g_store->list_events(g_store, record.session_id, 1, events, 2, &count, &g_err));
    assert_int_equal(count, 0);
    OK(g_store->list_events(g_store, "ses_x", 0, events, 2, &count, &g_err));
    assert_int_equal(count, 0);
}

static void no_room_for_events_lists_none(void **state)
{
    (void)state;
    imi_session_record record = create();
    size_t count = 9;
    OK(g_store->list_events(g_store, record.session_id, 0, NULL, 0, &count, &g_err));
    assert_int_equal(count, 0);
}

/* Expiry */

static imi_session_record create_expiring(int64_t at_ms, imi_session_state as)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    record.expires_ms = at_ms;
    record.state = as;
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static void open_sessions_past_their_time_are_listed_oldest_first(void **state)
{
    (void)state;
    imi_session_record second = create_expiring(200, IMI_SESSION_JOINED);
    imi_session_record first = create_expiring(100, IMI_SESSION_CREATED);
    imi_session_record third = create_expiring(300, IMI_SESSION_CONSENTED);
    create_expiring(301, IMI_SESSION_CREATED);
    char ids[8][IMI_ID_SIZE];
    size_t count = 0;
    OK(g_store->list_expired(g_store, 300, ids, 8, &count, &g_err));
    assert_int_equal(count, 3);
    assert_string_equal(ids[0], first.session_id);
    assert_string_equal(ids[1], second.session_id);
    assert_string_equal(ids[2], third.session_id);
}

static void closed_sessions_do_not_expire(void **state)
{
    (void)state;
    create_expiring(100, IMI_SESSION_DECIDED);
    create_expiring(100, IMI_SESSION_EXPIRED);
    create_expiring(100, IMI_SESSION_WITHDRAWN);
    char ids[8][IMI_ID_SIZE];
    size_t count = 9;
    OK(g_store->list_expired(g_store, 300, ids, 8, &count, &g_err));
    assert_int_equal(count, 0);
}

static void a_list_of_expired_sessions_ends_at_its_capacity(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        create_expiring(100 + i, IMI_SESSION_CREATED);
    }
    char ids[2][IMI_ID_SIZE];
    size_t count = 0;
    OK(g_store->list_expired(g_store, 300, ids, 2, &count, &g_err));
    assert_int_equal(count, 2);
}

int store_suite_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(a_reference_comes_back_as_it_was_put),
        TEST(a_template_is_appended_to_what_the_buffer_holds),
        TEST(a_reference_can_be_read_without_its_template),
        TEST(an_unknown_reference_is_not_found),
        TEST(a_second_reference_with_one_id_conflicts),
        TEST(a_reference_without_template_is_refused),
        TEST(a_reference_of_undefined_quality_is_refused),
        TEST(a_deleted_reference_is_gone),
        TEST(deleting_an_unknown_reference_is_not_found),
        TEST(deleting_a_reference_twice_is_not_found),
        TEST(a_created_session_comes_back_with_version_1),
        TEST(every_field_of_a_decided_session_comes_back),
        TEST(sessions_survive_reopening),
        TEST(an_unknown_session_is_not_found_and_reads_as_nothing),
        TEST(a_second_session_with_one_id_conflicts),
        TEST(one_request_id_makes_one_session),
        TEST(a_request_id_belongs_to_its_relying_party),
        TEST(sessions_without_request_id_never_conflict_nor_are_found_by_it),
        TEST(a_session_is_found_by_its_tokens_id),
        TEST(sessions_without_token_are_not_found_by_an_empty_id),
        TEST(two_sessions_cannot_have_one_token_id),
        TEST(an_update_of_an_old_version_conflicts_and_changes_nothing),
        TEST(an_update_of_an_unknown_session_is_not_found),
        TEST(an_update_cannot_move_a_session_to_another_relying_party),
        TEST(a_token_is_kept_with_the_decision),
        TEST(an_update_without_token_keeps_the_one_there),
        TEST(a_session_without_token_has_none),
        TEST(damaged_records_are_refused),
        TEST(an_event_without_kind_is_refused_with_its_session),
        TEST(texts_of_full_length_fit),
        TEST(text_that_looks_like_sql_is_text),
        TEST(the_store_numbers_events_from_1),
        TEST(events_come_in_order_after_the_one_named),
        TEST(a_session_without_new_events_lists_none),
        TEST(no_room_for_events_lists_none),
        TEST(open_sessions_past_their_time_are_listed_oldest_first),
        TEST(closed_sessions_do_not_expire),
        TEST(a_list_of_expired_sessions_ends_at_its_capacity),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
