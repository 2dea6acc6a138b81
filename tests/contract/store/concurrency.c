#include "suite.h"

#include "records.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* cmocka's assertions do not work off the main thread: workers count, the test asserts. */
enum { THREADS = 8, UPDATES = 25, SHARED_UPDATES = 5, ERASURE_TRIES = 5000 };

static const store_factory *g_factory;
static imi_store *g_store;
static imi_store *g_second; /* on the same records, as another server would have it */
static imi_error g_err;

static int make_store(void **state)
{
    (void)state;
    return g_factory->open_empty(&g_store, &g_err) == IMI_OK ? 0 : -1;
}

static int drop_store(void **state)
{
    (void)state;
    imi_store_destroy(&g_second);
    imi_store_destroy(&g_store);
    g_factory->clean_up();
    return 0;
}

typedef struct worker {
    pthread_t thread;
    imi_store *store;
    const char *session_id;
    int rounds, done, conflicts, failures;
} worker;

static void run_workers(void *(*function)(void *), worker workers[THREADS], const char *session_id)
{
    for (int i = 0; i < THREADS; i++) {
        bool second = g_second != NULL && i % 2 == 1;
        workers[i] = (worker){.store = second ? g_second : g_store,
                              .session_id = session_id,
                              .rounds = g_second != NULL ? SHARED_UPDATES : UPDATES};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, function, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].failures, 0);
    }
}

/* Read, change, write; again when another thread was faster. */
static void *update_often(void *argument)
{
    worker *self = argument;
    while (self->done < self->rounds && self->failures == 0) {
        imi_session_record record;
        imi_event_record event = {.at_ms = 1, .kind = "updated"};
        if (self->store->get_session(self->store, self->session_id, &record, NULL) != IMI_OK) {
            self->failures++;
            break;
        }
        record.attempts++;
        imi_status status = self->store->update_session(self->store, &record, &event, NULL, NULL);
        self->done += status == IMI_OK;
        self->conflicts += status == IMI_E_CONFLICT;
        self->failures += status != IMI_OK && status != IMI_E_CONFLICT;
    }
    return NULL;
}

static void no_update_is_lost_and_event_numbers_have_no_gap(void **state)
{
    (void)state;
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    assert_ok(g_store->create_session(g_store, &record, &event, &g_err), &g_err);
    worker workers[THREADS];
    run_workers(update_often, workers, record.session_id);

    assert_ok(g_store->get_session(g_store, record.session_id, &record, &g_err), &g_err);
    assert_int_equal(record.attempts, THREADS * UPDATES);
    assert_int_equal(record.version, 1 + THREADS * UPDATES);
    static imi_event_record events[THREADS * UPDATES + 2];
    size_t count = 0;
    assert_ok(g_store->list_events(g_store, record.session_id, 0, events, THREADS * UPDATES + 2,
                                   &count, &g_err),
              &g_err);
    assert_int_equal(count, 1 + THREADS * UPDATES);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].sequence, 1 + i);
    }
}

static void *create_same_request(void *argument)
{
    worker *self = argument;
    imi_session_record record = {.state = IMI_SESSION_CREATED};
    imi_event_record event = {.at_ms = 1, .kind = "created"};
    if (imi_id_new("ses", record.session_id, NULL) != IMI_OK) {
        self->failures++;
        return NULL;
    }
    imi_copy_text(record.relying_party, sizeof record.relying_party, "relying-party");
    imi_copy_text(record.request_id, sizeof record.request_id, "one");
    imi_status status = self->store->create_session(self->store, &record, &event, NULL);
    self->done += status == IMI_OK;
    self->failures += status != IMI_OK && status != IMI_E_CONFLICT;
    return NULL;
}

static void of_eight_equal_requests_one_makes_a_session(void **state)
{
    (void)state;
    worker workers[THREADS];
    run_workers(create_same_request, workers, NULL);
    int made = 0;
    for (int i = 0; i < THREADS; i++) {
        made += workers[i].done;
    }
    assert_int_equal(made, 1);
}

/* Beside another server an erasure may have to be repeated; the other may finish it meanwhile. */
static bool erases(imi_store *store, const char *reference_id)
{
    imi_status status = store->delete_reference(store, reference_id, NULL);
    bool repeated = false;
    for (int i = 0; status == IMI_E_STORE_BUSY && i < ERASURE_TRIES; i++) {
        repeated = true;
        usleep(1000); /* SQLite does not wait for another process's checkpoint */
        status = store->delete_reference(store, reference_id, NULL);
    }
    return status == IMI_OK || (repeated && status == IMI_E_NOT_FOUND);
}

static void *put_read_delete(void *argument)
{
    worker *self = argument;
    for (int i = 0; i < self->rounds && self->failures == 0; i++) {
        imi_reference_record record = {.quality = 1,
                                       .kind = IMI_REFERENCE_PRIMARY,
                                       .relying_party = "party",
                                       .subject_id = "subject"},
                             got;
        IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
        self->failures += imi_id_new("ref", record.reference_id, NULL) != IMI_OK;
        imi_view bytes = imi_view_of_text(record.reference_id);
        self->failures += self->store->put_reference(self->store, &record, bytes, NULL) != IMI_OK;
        self->failures += self->store->get_reference(self->store, record.reference_id, &got, &blob,
                                                     NULL) != IMI_OK;
        self->failures += !imi_view_equal(imi_buffer_view(&blob), bytes);
        self->failures += !erases(self->store, record.reference_id);
        self->failures += self->store->get_reference(self->store, record.reference_id, &got, NULL,
                                                     NULL) != IMI_E_NOT_FOUND;
    }
    return NULL;
}

static void erasing_beside_readers_and_writers_always_finishes(void **state)
{
    (void)state;
    worker workers[THREADS];
    run_workers(put_read_delete, workers, NULL);
}

static void two_servers_on_one_store_wait_for_each_other(void **state)
{
    (void)state;
    assert_ok(g_factory->reopen(&g_second, &g_err), &g_err);
    worker workers[THREADS];
    run_workers(put_read_delete, workers, NULL);
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    assert_ok(g_store->create_session(g_store, &record, &event, &g_err), &g_err);
    run_workers(update_often, workers, record.session_id);
    assert_ok(g_second->get_session(g_second, record.session_id, &record, &g_err), &g_err);
    assert_int_equal(record.attempts, THREADS * SHARED_UPDATES);
}

static void *append_lines(void *argument)
{
    worker *self = argument;
    for (int i = 0; i < self->rounds; i++) {
        imi_audit_record line = {.at_ms = i, .actor = "first-admin", .action = "step"};
        self->failures += self->store->append_audit(self->store, &line, NULL, NULL) != IMI_OK;
    }
    return NULL;
}

static void audit_lines_of_many_threads_make_one_whole_trail(void **state)
{
    (void)state;
    worker workers[THREADS];
    run_workers(append_lines, workers, NULL);
    imi_audit_head head;
    assert_ok(imi_store_verify_audit(g_store, &head, &g_err), &g_err);
    assert_int_equal(head.lines, THREADS * UPDATES);
}

static imi_status read_another(void *user, const imi_reference_record *record, imi_view blob,
                               imi_view statistics, imi_error *err)
{
    (void)record, (void)statistics, (void)err;
    worker *self = user;
    self->failures += blob.size == 0;
    self->done++;
    return IMI_OK;
}

static void visits_beside_erasures_see_whole_records(void **state)
{
    (void)state;
    worker changing = {.store = g_store, .rounds = UPDATES};
    worker visiting = {.store = g_store};
    assert_int_equal(pthread_create(&changing.thread, NULL, put_read_delete, &changing), 0);
    imi_reference_query query = {.limit = 10};
    for (int i = 0; i < UPDATES; i++) {
        assert_ok(g_store->visit_references(g_store, &query, read_another, &visiting, &g_err),
                  &g_err);
    }
    pthread_join(changing.thread, NULL);
    assert_int_equal(changing.failures, 0);
    assert_int_equal(visiting.failures, 0);
}

int store_concurrency_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(no_update_is_lost_and_event_numbers_have_no_gap),
        TEST(of_eight_equal_requests_one_makes_a_session),
        TEST(erasing_beside_readers_and_writers_always_finishes),
        TEST(two_servers_on_one_store_wait_for_each_other),
        TEST(audit_lines_of_many_threads_make_one_whole_trail),
        TEST(visits_beside_erasures_see_whole_records),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
