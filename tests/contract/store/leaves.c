/* Leaves of the public log: numbered without gaps, kept with the change that they are about. */
#include "fixture.h"

#include "imi/crypto.h"
#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 8, EACH = 25 };

static const char EVENT[] = "{\"decision\":\"verified\"}";

static imi_session_record make_session(void)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static int64_t append(const imi_leaf_draft *leaf)
{
    int64_t index = -1;
    OK(g_store->append_leaf(g_store, leaf, &index, &g_err));
    return index;
}

static size_t count_leaves(void)
{
    uint8_t entries[THREADS * EACH + 1][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    OK(g_store->list_leaves(g_store, 0, entries, THREADS * EACH + 1, &count, &g_err));
    return count;
}

static void leaves_are_numbered_from_zero(void **state)
{
    (void)state;
    imi_session_record session = sample_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    for (int64_t i = 0; i < 5; i++) {
        assert_int_equal(append(&leaf), i);
    }
    assert_int_equal(count_leaves(), 5);
}

static void a_leaf_comes_back_with_what_its_entry_was_made_of(void **state)
{
    (void)state;
    imi_session_record session = sample_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    uint8_t entry[IMI_STORE_HASH_SIZE];
    append(&leaf);
    OK(g_store->get_leaf(g_store, 0, &got, &event, &g_err));
    assert_int_equal(got.index, 0);
    assert_int_equal(got.at_ms, leaf.at_ms);
    assert_string_equal(got.kind, leaf.kind);
    assert_string_equal(got.session_id, leaf.session_id);
    assert_true(imi_view_equal(imi_buffer_view(&event), leaf.event));
    OK(imi_leaf_entry(got.salt, imi_buffer_view(&event), entry, &g_err));
    assert_memory_equal(entry, got.entry, sizeof entry);
}

/* Computed by another SHA-256, so that the log's entries never change unnoticed. */
static void an_entry_is_the_digest_of_mark_salt_and_event(void **state)
{
    (void)state;
    uint8_t salt[IMI_LEAF_SALT_SIZE], entry[IMI_SHA256_SIZE];
    char hex[2 * sizeof entry + 1];
    for (size_t i = 0; i < sizeof salt; i++) {
        salt[i] = (uint8_t)i;
    }
    OK(imi_leaf_entry(salt, imi_view_of_text("{\"a\":1}"), entry, &g_err));
    imi_hex_encode((imi_view){entry, sizeof entry}, hex);
    assert_string_equal(hex, "27db667f93c06e156b0db4d4067677889702616eebf609b35b2ef552cd99dd56");
}

static void listed_entries_are_those_of_the_leaves(void **state)
{
    (void)state;
    imi_session_record session = sample_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    uint8_t entries[2][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    for (int i = 0; i < 5; i++) {
        append(&leaf);
    }
    for (int64_t first = 0; first < 5; first += (int64_t)count) {
        OK(g_store->list_leaves(g_store, first, entries, 2, &count, &g_err));
        assert_int_equal(count, first < 4 ? 2 : 1);
        for (size_t i = 0; i < count; i++) {
            imi_leaf_record got;
            IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
            OK(g_store->get_leaf(g_store, first + (int64_t)i, &got, &event, &g_err));
            assert_memory_equal(entries[i], got.entry, sizeof got.entry);
        }
    }
    OK(g_store->list_leaves(g_store, 5, entries, 2, &count, &g_err));
    assert_int_equal(count, 0);
}

static void equal_events_have_different_entries(void **state)
{
    (void)state;
    imi_session_record session = sample_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    uint8_t entries[2][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    append(&leaf);
    append(&leaf);
    OK(g_store->list_leaves(g_store, 0, entries, 2, &count, &g_err));
    assert_int_equal(count, 2);
    assert_memory_not_equal(entries[0], entries[1], sizeof entries[0]);
}

static void a_leaf_about_nobody_needs_no_data_key(void **state)
{
    (void)state;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "policy", .event = imi_view_of_text("{}")};
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    append(&leaf);
    OK(g_store->get_leaf(g_store, 0, &got, &event, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&event), leaf.event));
}

static void a_leaf_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    imi_leaf_record got = {.index = 7};
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    REFUSES(g_store->get_leaf(g_store, 0, &got, &event, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(got.index, 0);
    assert_int_equal(got.at_ms, 0);
    REFUSES(g_store->find_leaf(g_store, "ses_none", "decision", &got, &event, &g_err),
            IMI_E_NOT_FOUND);
    assert_int_equal(event.size, 0);
}

static void leaves_without_a_session_are_found_by_none(void **state)
{
    (void)state;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "policy", .event = imi_view_of_text("{}")};
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    append(&leaf);
    REFUSES(g_store->find_leaf(g_store, "", "policy", &got, &event, &g_err), IMI_E_NOT_FOUND);
}

static void the_newest_leaf_of_a_kind_is_found(void **state)
{
    (void)state;
    imi_session_record session = sample_session(), other = sample_session();
    imi_leaf_draft leaves[] = {sample_leaf(&session, "decision", "{\"n\":0}"),
                               sample_leaf(&session, "decision", EVENT),
                               sample_leaf(&session, "consent", "{\"n\":2}"),
                               sample_leaf(&other, "decision", "{\"n\":3}")};
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        append(&leaves[i]);
    }
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    OK(g_store->find_leaf(g_store, session.session_id, "decision", &got, &event, &g_err));
    assert_int_equal(got.index, 1);
    assert_true(imi_view_equal(imi_buffer_view(&event), imi_view_of_text(EVENT)));
}

static void leaves_that_say_nothing_or_too_much_are_refused(void **state)
{
    (void)state;
    static char large[IMI_STORE_LEAF_MAX + 1];
    memset(large, ' ', sizeof large);
    imi_session_record session = sample_session();
    imi_leaf_draft nameless = sample_leaf(&session, "", EVENT);
    imi_leaf_draft empty = sample_leaf(&session, "decision", "");
    imi_leaf_draft most = sample_leaf(&session, "decision", EVENT), too_much = most;
    most.event = (imi_view){(const uint8_t *)large, IMI_STORE_LEAF_MAX};
    too_much.event = (imi_view){(const uint8_t *)large, sizeof large};
    int64_t index = 5;
    REFUSES(g_store->append_leaf(g_store, &nameless, &index, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(index, -1);
    REFUSES(g_store->append_leaf(g_store, &empty, NULL, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->append_leaf(g_store, &too_much, NULL, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->append_leaf(g_store, NULL, NULL, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count_leaves(), 0);
    OK(g_store->append_leaf(g_store, &most, NULL, &g_err));
    size_t count = 0;
    REFUSES(g_store->list_leaves(g_store, -1, NULL, 0, &count, &g_err), IMI_E_INVALID_ARGUMENT);
}

static void a_decision_and_its_leaf_are_stored_together(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    imi_event_record event = sample_event("decided");
    imi_session_extras extras = {.leaf = &leaf};
    decide_sample(&session);
    OK(g_store->update_session(g_store, &session, &event, &extras, &g_err));
    imi_leaf_record got;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    OK(g_store->find_leaf(g_store, session.session_id, "decision", &got, &text, &g_err));
    assert_int_equal(got.index, 0);
}

static void a_change_that_is_refused_leaves_no_leaf(void **state)
{
    (void)state;
    imi_session_record session = make_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    imi_event_record event = sample_event("decided");
    imi_session_extras extras = {.leaf = &leaf};
    session.version = 9;
    REFUSES(g_store->update_session(g_store, &session, &event, &extras, &g_err), IMI_E_CONFLICT);
    assert_int_equal(count_leaves(), 0);
}

static void a_leaf_that_is_refused_leaves_no_change(void **state)
{
    (void)state;
    imi_session_record session = make_session(), got;
    imi_leaf_draft leaf = sample_leaf(&session, "", EVENT);
    imi_event_record event = sample_event("decided");
    imi_session_extras extras = {.leaf = &leaf};
    decide_sample(&session);
    REFUSES(g_store->update_session(g_store, &session, &event, &extras, &g_err),
            IMI_E_INVALID_ARGUMENT);
    /* Its kind is not UTF-8, which is found inside the transaction. */
    memcpy(leaf.kind, "\xFF\xFE", sizeof "\xFF\xFE");
    REFUSES(g_store->update_session(g_store, &session, &event, &extras, &g_err),
            IMI_E_INVALID_ARGUMENT);
    OK(g_store->get_session(g_store, session.session_id, &got, &g_err));
    assert_int_equal(got.state, IMI_SESSION_CREATED);
    assert_int_equal(got.version, 1);
}

static void an_operating_point_takes_its_leaf_along(void **state)
{
    (void)state;
    imi_point_record point = sample_point(), outdated = sample_point();
    imi_audit_record line = sample_audit("threshold.propose");
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "policy", .event = imi_view_of_text("{}")};
    OK(g_store->put_points(g_store, &point, 1, &line, &leaf, &g_err));
    assert_int_equal(count_leaves(), 1);
    outdated.version = 4;
    REFUSES(g_store->put_points(g_store, &outdated, 1, &line, &leaf, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(count_leaves(), 1);
}

static void an_audit_line_takes_its_leaf_along(void **state)
{
    (void)state;
    imi_audit_record line = sample_audit("key.rotate"), nameless = sample_audit("");
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "key", .event = imi_view_of_text("{}")};
    OK(g_store->append_audit(g_store, &line, &leaf, &g_err));
    assert_int_equal(count_leaves(), 1);
    REFUSES(g_store->append_audit(g_store, &nameless, &leaf, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count_leaves(), 1);
}

static void leaves_go_on_behind_those_of_before_a_restart(void **state)
{
    (void)state;
    imi_session_record session = sample_session();
    imi_leaf_draft leaf = sample_leaf(&session, "decision", EVENT);
    append(&leaf);
    imi_store_destroy(&g_store);
    OK(g_factory->reopen(&g_store, &g_err));
    assert_int_equal(append(&leaf), 1);
    imi_leaf_record got;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    OK(g_store->get_leaf(g_store, 0, &got, &event, &g_err));
}

typedef struct appender {
    pthread_t thread;
    imi_store *store;
    int number, failures;
    int64_t indices[EACH];
} appender;

static void *append_many(void *argument)
{
    appender *self = argument;
    for (int i = 0; i < EACH; i++) {
        char text[32];
        snprintf(text, sizeof text, "{\"n\":%d}", self->number * EACH + i);
        imi_leaf_draft leaf = {.at_ms = 1, .kind = "key", .event = imi_view_of_text(text)};
        self->failures +=
            self->store->append_leaf(self->store, &leaf, &self->indices[i], NULL) != IMI_OK;
    }
    return NULL;
}

/* Each index is told to the one whose event lies there, though threads commit together. */
static void leaves_of_two_servers_and_many_threads_make_one_log(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) second = NULL;
    static appender appenders[THREADS];
    bool taken[THREADS * EACH] = {false};
    OK(g_factory->reopen(&second, &g_err));
    for (int i = 0; i < THREADS; i++) {
        appenders[i] = (appender){.store = i % 2 == 0 ? g_store : second, .number = i};
        assert_int_equal(pthread_create(&appenders[i].thread, NULL, append_many, &appenders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(appenders[i].thread, NULL);
    }
    assert_int_equal(count_leaves(), THREADS * EACH);
    for (int i = 0; i < THREADS * EACH; i++) {
        int64_t index = appenders[i / EACH].indices[i % EACH];
        imi_leaf_record got;
        char wanted[32];
        IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
        assert_true(index >= 0 && index < THREADS * EACH && !taken[index]);
        taken[index] = true;
        OK(g_store->get_leaf(g_store, index, &got, &event, &g_err));
        snprintf(wanted, sizeof wanted, "{\"n\":%d}", i);
        assert_true(imi_view_equal(imi_buffer_view(&event), imi_view_of_text(wanted)));
        assert_int_equal(appenders[i / EACH].failures, 0);
    }
}

int store_leaves_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(leaves_are_numbered_from_zero),
        TEST(a_leaf_comes_back_with_what_its_entry_was_made_of),
        TEST(an_entry_is_the_digest_of_mark_salt_and_event),
        TEST(listed_entries_are_those_of_the_leaves),
        TEST(equal_events_have_different_entries),
        TEST(a_leaf_about_nobody_needs_no_data_key),
        TEST(a_leaf_that_is_not_there_is_not_found),
        TEST(leaves_without_a_session_are_found_by_none),
        TEST(the_newest_leaf_of_a_kind_is_found),
        TEST(leaves_that_say_nothing_or_too_much_are_refused),
        TEST(a_decision_and_its_leaf_are_stored_together),
        TEST(a_change_that_is_refused_leaves_no_leaf),
        TEST(a_leaf_that_is_refused_leaves_no_change),
        TEST(an_operating_point_takes_its_leaf_along),
        TEST(an_audit_line_takes_its_leaf_along),
        TEST(leaves_go_on_behind_those_of_before_a_restart),
        TEST(leaves_of_two_servers_and_many_threads_make_one_log),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
