/* What the SQLite store's file shows of leaves, consents and tokens, and what shared commits do. */
#include "records.h"

#include "imi/memory.h"
#include "imi/vault.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char g_folder[256];
static char g_path[300];
static imi_store *g_store;
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)
#define REFUSES(call, wanted) assert_int_equal((call), (wanted))

static void open_store(void)
{
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &g_store, &g_err));
}

static int make_store(void **state)
{
    (void)state;
    scratch_make(g_folder);
    snprintf(g_path, sizeof g_path, "%s/store.db", g_folder);
    open_store();
    return 0;
}

static int remove_store(void **state)
{
    (void)state;
    imi_store_destroy(&g_store);
    scratch_remove(g_folder);
    return 0;
}

/* Through a connection of the test's own, as an administrator's shell would. */
static int try_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static void run_sql(const char *sql)
{
    assert_int_equal(try_sql(sql), SQLITE_OK);
}

static imi_session_record add_session(const char *subject_id)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    event.deliver = true;
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject_id);
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static void add_leaf(const imi_session_record *session, const char *event)
{
    imi_leaf_draft leaf = sample_leaf(session, "decision", event);
    OK(g_store->append_leaf(g_store, &leaf, NULL, &g_err));
}

static imi_status get_leaf(int64_t index)
{
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    imi_status status = g_store->get_leaf(g_store, index, &leaf, &event, &g_err);
    assert_true((status == IMI_OK) == (event.size > 0));
    return status;
}

static void forget(const imi_session_record *session)
{
    char key_id[IMI_ID_SIZE];
    imi_vault *vault = scratch_vault(g_folder);
    OK(imi_vault_find_key(vault, session->relying_party, session->subject_id, false, key_id,
                          &g_err));
    OK(imi_vault_destroy_key(vault, key_id, &g_err));
}

/* ---- Forgetting ---- */

static void a_leaf_is_forgotten_with_its_data_key_and_its_entry_stays(void **state)
{
    (void)state;
    imi_session_record one = add_session("one"), other = add_session("other");
    uint8_t before[3][IMI_STORE_HASH_SIZE], after[3][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    add_leaf(&one, "{\"n\":0}");
    add_leaf(&other, "{\"n\":1}");
    add_leaf(&one, "{\"n\":2}");
    OK(g_store->list_leaves(g_store, 0, before, 3, &count, &g_err));
    forget(&one);
    REFUSES(get_leaf(0), IMI_E_NOT_FOUND);
    OK(get_leaf(1));
    REFUSES(get_leaf(2), IMI_E_NOT_FOUND);
    OK(g_store->list_leaves(g_store, 0, after, 3, &count, &g_err));
    assert_int_equal(count, 3);
    assert_memory_equal(before, after, sizeof before);
}

static void claims_are_forgotten_with_their_data_key(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    imi_consent_record record = sample_consent(&session), got;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    OK(g_store->put_consent(g_store, &record, imi_view_of_text("[]"), NULL, &g_err));
    forget(&session);
    REFUSES(g_store->get_consent(g_store, record.consent_id, &got, &claims, &g_err),
            IMI_E_NOT_FOUND);
    assert_int_equal(claims.size, 0);
    OK(g_store->get_consent(g_store, record.consent_id, &got, NULL, &g_err));
    assert_int_equal(got.state, IMI_CONSENT_GIVEN);
}

static bool files_hold(const char *text)
{
    static const char *const suffixes[] = {"", "-wal"};
    bool found = false;
    for (size_t i = 0; i < 2; i++) {
        char path[320];
        IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
        snprintf(path, sizeof path, "%s%s", g_path, suffixes[i]);
        OK(imi_file_read(path, 64 << 20, &bytes, &g_err));
        found = found || memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
    }
    return found;
}

static void what_is_sealed_is_in_no_file(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    imi_consent_record consent = sample_consent(&session);
    imi_leaf_draft open = {.at_ms = 1, .kind = "policy"};
    open.event = imi_view_of_text("{\"open\":\"marker-in-the-open\"}");
    add_leaf(&session, "{\"sealed\":\"marker-of-a-leaf\"}");
    OK(g_store->put_consent(g_store, &consent, imi_view_of_text("[\"marker-of-claims\"]"), NULL,
                            &g_err));
    OK(g_store->append_leaf(g_store, &open, NULL, &g_err));
    assert_true(files_hold("marker-in-the-open"));
    assert_false(files_hold("marker-of-a-leaf"));
    assert_false(files_hold("marker-of-claims"));
}

/* ---- Tampering ---- */

static void a_leaf_with_anothers_contents_is_corrupt(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    add_leaf(&session, "{\"n\":0}");
    add_leaf(&session, "{\"n\":1}");
    run_sql("DROP TRIGGER leaf_is_final; "
            "UPDATE leaf SET sealed = (SELECT sealed FROM leaf WHERE position = 1)");
    REFUSES(get_leaf(0), IMI_E_STORE_CORRUPT);
    OK(get_leaf(1));
}

static void a_leaf_that_does_not_make_its_entry_is_corrupt(void **state)
{
    (void)state;
    imi_leaf_draft open = {.at_ms = 1, .kind = "policy", .event = imi_view_of_text("{}")};
    OK(g_store->append_leaf(g_store, &open, NULL, &g_err));
    OK(g_store->append_leaf(g_store, &open, NULL, &g_err));
    run_sql("DROP TRIGGER leaf_is_final; UPDATE leaf SET sealed = CAST(sealed || ' ' AS BLOB) "
            "WHERE position = 0; UPDATE leaf SET sealed = x'00' WHERE position = 1");
    REFUSES(get_leaf(0), IMI_E_STORE_CORRUPT);
    REFUSES(get_leaf(1), IMI_E_STORE_CORRUPT);
}

static void a_log_with_a_leaf_left_out_is_corrupt(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    uint8_t entries[3][IMI_STORE_HASH_SIZE];
    size_t count = 9;
    for (int i = 0; i < 3; i++) {
        add_leaf(&session, "{}");
    }
    run_sql("DROP TRIGGER leaf_stays; DELETE FROM leaf WHERE position = 1");
    REFUSES(g_store->list_leaves(g_store, 0, entries, 3, &count, &g_err), IMI_E_STORE_CORRUPT);
    assert_int_equal(count, 0);
}

static void the_file_itself_refuses_to_lose_or_change_a_leaf(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    add_leaf(&session, "{}");
    assert_int_not_equal(try_sql("DELETE FROM leaf"), SQLITE_OK);
    assert_int_not_equal(try_sql("UPDATE leaf SET kind = 'other'"), SQLITE_OK);
    OK(get_leaf(0));
}

/* ---- Lists, cursors, what hangs on a session ---- */

static imi_status allocate(const char *token_id, imi_status_record *out)
{
    return g_store->allocate_status(g_store, token_id, out, &g_err);
}

static void a_list_is_closed_when_three_quarters_are_taken(void **state)
{
    (void)state;
    imi_status_record got;
    OK(allocate("tok_a", &got));
    run_sql("UPDATE status_list SET used = 98303"); /* 2^17 * 3 / 4 - 1 */
    OK(allocate("tok_b", &got));
    assert_int_equal(got.list, 1);
    OK(allocate("tok_c", &got));
    assert_int_equal(got.list, 2);
    OK(allocate("tok_d", &got));
    assert_int_equal(got.list, 2);
    imi_status_list_record lists[3];
    size_t count = 0;
    OK(g_store->list_status_lists(g_store, 0, lists, 3, &count, &g_err));
    assert_int_equal(count, 2);
    assert_int_equal(lists[1].list, 2);
}

static void a_list_without_a_free_place_is_noticed(void **state)
{
    (void)state;
    imi_status_record got;
    run_sql("INSERT INTO status_list VALUES (1, 0, 0);"
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 131071) "
            "INSERT INTO token_status SELECT 'tok_' || i, 1, i, 0, 0 FROM n");
    REFUSES(allocate("tok_late", &got), IMI_E_INTERNAL);
    REFUSES(g_store->get_status(g_store, "tok_late", &got, &g_err), IMI_E_NOT_FOUND);
}

static void cursors_are_never_used_twice(void **state)
{
    (void)state;
    imi_feed_record before, after;
    size_t count = 0;
    add_session("one");
    OK(g_store->list_feed(g_store, "relying-party", 0, &before, 1, &count, &g_err));
    run_sql("PRAGMA foreign_keys = ON; DELETE FROM session");
    add_session("two");
    OK(g_store->list_feed(g_store, "relying-party", 0, &after, 1, &count, &g_err));
    assert_int_equal(count, 1);
    assert_true(after.cursor > before.cursor);
}

static void consents_events_and_deliveries_go_with_their_session(void **state)
{
    (void)state;
    imi_session_record session = add_session("one");
    imi_consent_record consent = sample_consent(&session);
    imi_feed_record fed;
    imi_delivery_record due;
    size_t events = 9, deliveries = 9;
    OK(g_store->put_consent(g_store, &consent, imi_view_of_text("[]"), NULL, &g_err));
    run_sql("PRAGMA foreign_keys = ON; DELETE FROM session");
    REFUSES(g_store->get_consent(g_store, consent.consent_id, &consent, NULL, &g_err),
            IMI_E_NOT_FOUND);
    OK(g_store->list_feed(g_store, "relying-party", 0, &fed, 1, &events, &g_err));
    OK(g_store->claim_deliveries(g_store, "relying-party", INT64_MAX - 1, 1, &due, 1, &deliveries, &g_err));
    assert_int_equal(events + deliveries, 0);
}

/* ---- Commits that several share ---- */

enum { WRITERS = 9 };

/* Held open inside its transaction until the others wait behind it. */
static bool wait_for_others(void *user, const imi_attempt_tally *subject,
                            const imi_attempt_tally *device)
{
    (void)user, (void)subject, (void)device;
    usleep(100 * 1000);
    return true;
}

static void *hold_the_writer(void *argument)
{
    imi_attempt_record attempt = {.session_id = "ses_holder", .number = 1, .at_ms = 1};
    bool admitted = false;
    *(imi_status *)argument =
        g_store->begin_attempt(g_store, &attempt, 0, wait_for_others, NULL, &admitted, NULL);
    return NULL;
}

typedef struct part {
    pthread_t thread;
    imi_leaf_draft leaf;
    int64_t index;
    imi_status status;
    imi_error err;
} part;

static void *append_part(void *argument)
{
    part *self = argument;
    self->status = g_store->append_leaf(g_store, &self->leaf, &self->index, &self->err);
    return NULL;
}

/* Every third part has a kind that is not UTF-8, which its transaction finds out. */
static void run_parts(part parts[WRITERS])
{
    pthread_t holder;
    imi_status held = IMI_E_INTERNAL;
    assert_int_equal(pthread_create(&holder, NULL, hold_the_writer, &held), 0);
    usleep(20 * 1000);
    for (int i = 0; i < WRITERS; i++) {
        parts[i] = (part){.leaf = {.at_ms = 1, .event = imi_view_of_text("{}")}};
        imi_copy_text(parts[i].leaf.kind, sizeof parts[i].leaf.kind, i % 3 == 2 ? "\xFF" : "key");
        assert_int_equal(pthread_create(&parts[i].thread, NULL, append_part, &parts[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(parts[i].thread, NULL);
    }
    pthread_join(holder, NULL);
    OK(held);
}

static void one_that_fails_undoes_nothing_of_those_it_shares_a_commit_with(void **state)
{
    (void)state;
    static part parts[WRITERS];
    bool taken[WRITERS] = {false};
    run_parts(parts);
    for (int i = 0; i < WRITERS; i++) {
        if (i % 3 == 2) {
            assert_int_equal(parts[i].status, IMI_E_INVALID_ARGUMENT);
            assert_int_equal(parts[i].err.status, IMI_E_INVALID_ARGUMENT);
            assert_int_equal(parts[i].index, -1);
        } else {
            assert_ok(parts[i].status, &parts[i].err);
            assert_true(parts[i].index >= 0 && parts[i].index < 6 && !taken[parts[i].index]);
            taken[parts[i].index] = true;
        }
    }
    OK(get_leaf(5));
    REFUSES(get_leaf(6), IMI_E_NOT_FOUND);
}

/* Another process has the lock: nobody is told of success, and all may try again. */
static void those_who_share_a_commit_that_fails_are_all_told(void **state)
{
    (void)state;
    static part parts[WRITERS];
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 2; i++) {
        parts[i] = (part){.leaf = {.kind = "key", .event = imi_view_of_text("{}")}};
        assert_int_equal(pthread_create(&parts[i].thread, NULL, append_part, &parts[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(parts[i].thread, NULL);
        assert_int_equal(parts[i].status, IMI_E_STORE_BUSY);
        assert_int_equal(parts[i].err.status, IMI_E_STORE_BUSY);
    }
    sqlite3_close(db);
    REFUSES(get_leaf(0), IMI_E_NOT_FOUND);
    OK(g_store->append_leaf(g_store, &parts[0].leaf, NULL, &g_err));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, remove_store)
    const struct CMUnitTest tests[] = {
        TEST(a_leaf_is_forgotten_with_its_data_key_and_its_entry_stays),
        TEST(claims_are_forgotten_with_their_data_key),
        TEST(what_is_sealed_is_in_no_file),
        TEST(a_leaf_with_anothers_contents_is_corrupt),
        TEST(a_leaf_that_does_not_make_its_entry_is_corrupt),
        TEST(a_log_with_a_leaf_left_out_is_corrupt),
        TEST(the_file_itself_refuses_to_lose_or_change_a_leaf),
        TEST(a_list_is_closed_when_three_quarters_are_taken),
        TEST(a_list_without_a_free_place_is_noticed),
        TEST(cursors_are_never_used_twice),
        TEST(consents_events_and_deliveries_go_with_their_session),
        TEST(one_that_fails_undoes_nothing_of_those_it_shares_a_commit_with),
        TEST(those_who_share_a_commit_that_fails_are_all_told),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite, what backs trust", tests, NULL, NULL);
}
