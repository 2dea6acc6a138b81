/*
 * Allocations fail, one at a time: a call either works or says IMI_E_NO_MEMORY, and nothing leaks.
 *
 * usage: test_store_sqlite_faults [STEP], where every STEP-th allocation fails; 1 unless given.
 */
#include "records.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char g_folder[256];
static char g_path[300];
static imi_error g_err;
static long g_step = 1;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(g_folder);
    snprintf(g_path, sizeof g_path, "%s/store.db", g_folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    imi_alloc_set_fail_hook(NULL, NULL);
    scratch_remove(g_folder);
    return 0;
}

/* Fails the allocation at which countdown reaches 0, once. */
static bool fail_once(void *user, size_t size)
{
    (void)size;
    long *countdown = user;
    return --*countdown == 0;
}

typedef imi_status (*operation)(imi_store *store);

/* Run with allocation first, first + step... failing until none is reached any more; the last one
 * that was. */
static long sweep(operation function, imi_store *store, long first)
{
    for (long at = first;; at += g_step) {
        long countdown = at;
        int64_t before = imi_alloc_live_blocks();
        imi_alloc_set_fail_hook(fail_once, &countdown);
        imi_status status = function(store);
        imi_alloc_set_fail_hook(NULL, NULL);
        if (store == NULL) {
            assert_int_equal(imi_alloc_live_blocks(), before);
        }
        if (status != IMI_OK && status != IMI_E_NO_MEMORY) {
            fail_msg("allocation %ld: %s", at, imi_status_name(status));
        }
        if (countdown > 0) {
            assert_int_equal(status, IMI_OK);
            return at - g_step;
        }
    }
}

/* The vault too: what it keeps in memory must be gone again like the rest. */
static imi_status open_both(imi_vault **vault, imi_store **store)
{
    IMI_TRY(scratch_vault_open(g_folder, vault, NULL));
    return imi_store_sqlite_open(g_path, *vault, store, NULL);
}

static imi_status open_and_close(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    imi_status status = open_both(&vault, &store);
    if (status != IMI_OK) {
        assert_null(store);
    }
    return status;
}

/* What opening allocates, so that sweeps of what follows need not fail it again. */
static long opening_allocations(void)
{
    long countdown = 1L << 30;
    imi_alloc_set_fail_hook(fail_once, &countdown);
    imi_status status = open_and_close(NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_ok(status, &g_err);
    return (1L << 30) - countdown;
}

static imi_status create_fresh(imi_store *unused)
{
    scratch_remove(g_folder);
    make_folder(NULL);
    return open_and_close(unused);
}

static void opening_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    assert_true(sweep(open_and_close, NULL, 1) > 20);
}

static void making_a_store_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err); /* so that SQLite is initialised */
    assert_true(sweep(create_fresh, NULL, 1) > 20);
}

static bool let_in(void *user, const imi_attempt_tally *subject, const imi_attempt_tally *device)
{
    (void)user;
    return subject->count == device->count;
}

static imi_status begin_first_attempt(imi_store *store, const imi_session_record *session)
{
    imi_attempt_record attempt = {.number = 1, .at_ms = 1};
    bool admitted = false;
    imi_copy_text(attempt.session_id, sizeof attempt.session_id, session->session_id);
    IMI_TRY(store->begin_attempt(store, &attempt, 0, let_in, NULL, &admitted, NULL));
    assert_true(admitted);
    return IMI_OK;
}

static imi_status whole_session(imi_store *store)
{
    imi_session_record record = sample_session(), got;
    imi_event_record event = sample_event("created"), events[4];
    imi_score_record score = sample_score();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    char ids[4][IMI_ID_SIZE];
    size_t count = 0;
    IMI_TRY(store->create_session(store, &record, &event, NULL));
    IMI_TRY(begin_first_attempt(store, &record));
    record.attempts = 1;
    record.decision = IMI_DECISION_RETRY;
    imi_copy_text(record.reason, sizeof record.reason, "ok");
    imi_session_extras extras = {.token = imi_view_of_text("a.b.c"), .score = &score};
    IMI_TRY(store->update_session(store, &record, &event, &extras, NULL));
    assert_int_equal(record.version, 2);
    IMI_TRY(store->get_session(store, record.session_id, &got, NULL));
    assert_sessions_equal(&record, &got);
    IMI_TRY(store->get_token(store, record.session_id, &token, NULL));
    IMI_TRY(store->list_events(store, record.session_id, 0, events, 4, &count, NULL));
    assert_int_equal(count, 2);
    return store->list_expired(store, 1, ids, 4, &count, NULL);
}

static imi_status whole_reference(imi_store *store)
{
    imi_reference_record record = sample_reference(), got;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    IMI_TRY(store->put_reference(store, &record, imi_view_of_text("template"), NULL));
    IMI_TRY(store->get_reference(store, record.reference_id, &got, &blob, NULL));
    assert_true(imi_view_equal(imi_buffer_view(&blob), imi_view_of_text("template")));
    return store->delete_reference(store, record.reference_id, NULL);
}

static imi_status see(void *user, const imi_reference_record *record, imi_view template_blob,
                      imi_view statistics_blob, imi_error *err)
{
    (void)record, (void)err;
    size_t *count = user;
    assert_true(template_blob.size > 0);
    *count += statistics_blob.size > 0;
    return IMI_OK;
}

static imi_status whole_population(imi_store *store)
{
    imi_reference_record primary = sample_reference(), added = sample_additional(&primary);
    imi_cohort_record cohort = sample_cohort();
    imi_reference_query query = {.limit = 4};
    size_t seen = 0;
    int64_t references = 0, subjects = 0;
    imi_copy_text(query.parent_id, IMI_ID_SIZE, primary.reference_id);
    IMI_TRY(store->put_reference(store, &primary, imi_view_of_text("template"), NULL));
    IMI_TRY(store->put_reference(store, &added, imi_view_of_text("added"), NULL));
    IMI_TRY(store->put_statistics(store, added.reference_id, imi_view_of_text("s"), NULL));
    IMI_TRY(store->visit_references(store, &query, see, &seen, NULL));
    assert_int_equal(seen, 1);
    IMI_TRY(store->count_references(store, primary.model_version, &references, &subjects, NULL));
    IMI_TRY(
        store->put_cohort(store, &cohort, (const char(*)[IMI_ID_SIZE])added.reference_id, 1, NULL));
    IMI_TRY(store->visit_newest_cohort(store, cohort.model_version, &cohort, see, &seen, NULL));
    assert_int_equal(seen, 2);
    return store->delete_reference(store, primary.reference_id, NULL);
}

static imi_status whole_subject(imi_store *store)
{
    imi_reference_record record = sample_reference();
    imi_leaf_draft leaf = {.kind = "deletion", .event = imi_view_of_text("{}")};
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    imi_subject_name overdue[1];
    size_t count = 0;
    const char *party = record.relying_party, *subject = record.subject_id;
    /* Another each time: what failed before must not pile up on one. */
    imi_copy_text(record.subject_id, sizeof record.subject_id, record.reference_id);
    IMI_TRY(store->put_reference(store, &record, imi_view_of_text("template"), NULL));
    IMI_TRY(store->put_claims(store, party, subject, imi_view_of_text("{}"), NULL));
    IMI_TRY(store->get_claims(store, party, subject, &claims, NULL));
    IMI_TRY(store->list_overdue_subjects(store, record.delete_after_ms, overdue, 1, &count, NULL));
    assert_int_equal(count, 1);
    return store->erase_subject(store, party, subject, &leaf, NULL);
}

static imi_status whole_administration(imi_store *store)
{
    imi_calibration_record calibration = sample_calibration();
    imi_audit_record line = sample_audit("step");
    imi_point_record point = sample_point(), got[2];
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    imi_audit_head head;
    size_t count = 0;
    IMI_TRY(store->put_calibration(store, &calibration, imi_view_of_text("{}"), &line, NULL));
    IMI_TRY(store->get_calibration(store, "", &calibration, &json, NULL));
    IMI_TRY(store->put_points(store, &point, 1, &line, NULL, NULL));
    point.state = IMI_POINT_WITHDRAWN;
    IMI_TRY(store->put_points(store, &point, 1, &line, NULL, NULL));
    IMI_TRY(store->list_points(store, "demo", got, 2, &count, NULL));
    assert_points_equal(&point, &got[0]);
    imi_status status = imi_store_verify_audit(store, &head, NULL);
    assert_int_not_equal(status, IMI_E_STORE_CORRUPT);
    return status;
}

static imi_status consent_with_leaf(imi_store *store, imi_session_record *session)
{
    imi_event_record event = sample_event("consented");
    imi_consent_record consent = sample_consent(session), listed[2];
    imi_leaf_draft leaf = sample_leaf(session, "consent", "{}");
    imi_session_extras extras = {
        .leaf = &leaf, .consent = &consent, .consent_claims = imi_view_of_text("[]")};
    imi_leaf_record kept;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    uint8_t entries[1][IMI_STORE_HASH_SIZE];
    size_t count = 0;
    session->state = IMI_SESSION_CONSENTED;
    event.deliver = true;
    IMI_TRY(store->update_session(store, session, &event, &extras, NULL));
    IMI_TRY(store->find_leaf(store, session->session_id, "consent", &kept, &text, NULL));
    IMI_TRY(store->list_leaves(store, kept.index, entries, 1, &count, NULL));
    assert_memory_equal(entries[0], kept.entry, sizeof kept.entry);
    IMI_TRY(store->get_consent(store, consent.consent_id, &consent, &claims, NULL));
    return store->list_consents(store, session->relying_party, session->subject_id, listed, 2,
                                &count, NULL);
}

static imi_status token_with_status(imi_store *store)
{
    static uint8_t bits[IMI_STATUS_LIST_BYTES];
    imi_redemption_record record = sample_redemption("one"), held;
    imi_redemption_outcome outcome = IMI_REDEMPTION_NONE;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "redemption", .event = imi_view_of_text("{}")};
    imi_status_record status;
    imi_status_list_record list;
    size_t count = 0;
    IMI_TRY(store->allocate_status(store, record.token_id, &status, NULL));
    IMI_TRY(store->redeem_token(store, &record, &leaf, &outcome, &held, NULL));
    assert_int_equal(outcome, IMI_REDEMPTION_NOW);
    IMI_TRY(store->get_redemption(store, record.token_id, &held, NULL));
    IMI_TRY(store->set_status(store, record.token_id, IMI_TOKEN_INVALID, 2, &leaf, NULL));
    IMI_TRY(store->get_status(store, record.token_id, &status, NULL));
    assert_int_equal(status.status, IMI_TOKEN_INVALID);
    IMI_TRY(store->list_status_lists(store, 0, &list, 1, &count, NULL));
    return store->read_status_list(store, 1, bits, &list, NULL);
}

static imi_status events_with_deliveries(imi_store *store, const imi_session_record *session)
{
    imi_feed_record fed[2];
    imi_delivery_record due[2];
    size_t count = 0;
    IMI_TRY(store->list_feed(store, session->relying_party, 0, fed, 2, &count, NULL));
    IMI_TRY(store->claim_deliveries(store, session->relying_party, INT64_MAX - 1, 1, due, 1, &count, NULL));
    assert_int_equal(count, 1);
    due[0].state = IMI_DELIVERY_DEAD;
    IMI_TRY(store->end_delivery(store, &due[0], NULL));
    IMI_TRY(store->replay_deliveries(store, session->relying_party, due[0].delivery_id, 1, &count,
                                     NULL));
    IMI_TRY(store->replay_deliveries(store, session->relying_party, "", 1, &count, NULL));
    return store->list_deliveries(store, session->relying_party, IMI_DELIVERY_PENDING, 0, due, 2,
                                  &count, NULL);
}

static imi_status whole_trust(imi_store *store)
{
    imi_session_record session = sample_session();
    imi_event_record event = sample_event("created");
    IMI_TRY(store->create_session(store, &session, &event, NULL));
    IMI_TRY(consent_with_leaf(store, &session));
    IMI_TRY(token_with_status(store));
    return events_with_deliveries(store, &session);
}

/* A fresh connection each time, so that preparing statements is part of what fails. */
static imi_status session_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_session(store);
}

static imi_status reference_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_reference(store);
}

static imi_status population_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_population(store);
}

static imi_status subject_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_subject(store);
}

static imi_status administration_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_administration(store);
}

static imi_status trust_on_fresh_store(imi_store *unused)
{
    (void)unused;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(open_both(&vault, &store));
    return whole_trust(store);
}

static void what_backs_trust_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(trust_on_fresh_store, NULL, opening_allocations());
}

static void a_population_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(population_on_fresh_store, NULL, opening_allocations());
}

static void a_subject_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(subject_on_fresh_store, NULL, opening_allocations());
}

static void administration_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(administration_on_fresh_store, NULL, opening_allocations());
}

static void a_session_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(session_on_fresh_store, NULL, opening_allocations());
}

static void a_reference_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_ok(open_and_close(NULL), &g_err);
    sweep(reference_on_fresh_store, NULL, opening_allocations());
}

static void a_store_works_on_after_failed_allocations(void **state)
{
    (void)state;
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    assert_ok(open_both(&vault, &store), &g_err);
    sweep(whole_session, store, 1);
    sweep(whole_reference, store, 1);
    sweep(whole_trust, store, 1);
    assert_ok(whole_trust(store), &g_err);
    assert_ok(whole_session(store), &g_err);
    assert_ok(whole_reference(store), &g_err);
}

int main(int argc, char **argv)
{
    if (argc > 1 && (g_step = strtol(argv[1], NULL, 10)) < 1) {
        fprintf(stderr, "usage: %s [STEP]\n", argv[0]);
        return 2;
    }
    /* Thousands of stores are made and nothing here is about disks: memory is quicker. */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(opening_survives_any_failed_allocation),
        TEST(making_a_store_survives_any_failed_allocation),
        TEST(a_session_survives_any_failed_allocation),
        TEST(a_reference_survives_any_failed_allocation),
        TEST(a_population_survives_any_failed_allocation),
        TEST(a_subject_survives_any_failed_allocation),
        TEST(administration_survives_any_failed_allocation),
        TEST(what_backs_trust_survives_any_failed_allocation),
        TEST(a_store_works_on_after_failed_allocations),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite without memory", tests, NULL, NULL);
}
