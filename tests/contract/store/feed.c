/* The feed of events: one order over all sessions, and each event delivered until it arrived. */
#include "fixture.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 6, EACH = 15, PAGE = 7, MOST = 16 };
static const int64_t NOW_MS = 1700001000000, LEASE_MS = 30000;

static imi_session_record make_session(const char *relying_party, bool deliver)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    event.deliver = deliver;
    imi_copy_text(record.relying_party, sizeof record.relying_party, relying_party);
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    return record;
}

static void add_event(imi_session_record *session, const char *kind, bool deliver)
{
    imi_event_record event = sample_event(kind);
    event.deliver = deliver;
    OK(g_store->update_session(g_store, session, &event, NULL, &g_err));
}

/* ---- Feed ---- */

static size_t list(const char *relying_party, int64_t after, imi_feed_record out[MOST])
{
    size_t count = 0;
    OK(g_store->list_feed(g_store, relying_party, after, out, MOST, &count, &g_err));
    return count;
}

static void events_of_several_sessions_come_in_one_order(void **state)
{
    (void)state;
    imi_feed_record got[MOST];
    imi_session_record a = make_session("first", false), b = make_session("first", false);
    add_event(&b, "joined", false);
    add_event(&a, "joined", false);
    assert_int_equal(list("first", 0, got), 4);
    const char *sessions[] = {a.session_id, b.session_id, b.session_id, a.session_id};
    const int64_t sequences[] = {1, 1, 2, 2};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(got[i].relying_party, "first");
        assert_string_equal(got[i].event.session_id, sessions[i]);
        assert_int_equal(got[i].event.sequence, sequences[i]);
        assert_string_equal(got[i].event.kind, i < 2 ? "created" : "joined");
        assert_string_equal(got[i].event.detail, "detail");
        assert_int_equal(got[i].event.at_ms, sample_event("").at_ms);
        assert_true(i == 0 || got[i].cursor > got[i - 1].cursor);
    }
}

static void a_party_reads_its_own_events_alone(void **state)
{
    (void)state;
    imi_feed_record got[MOST];
    make_session("first", false);
    make_session("second", false);
    assert_int_equal(list("first", 0, got), 1);
    assert_int_equal(list("second", 0, got), 1);
    assert_int_equal(list("", 0, got), 0);
    assert_int_equal(list("third", 0, got), 0);
}

static void a_feed_goes_on_behind_a_cursor(void **state)
{
    (void)state;
    imi_feed_record got[MOST], rest[MOST];
    imi_session_record session = make_session("first", false);
    for (int i = 0; i < 4; i++) {
        add_event(&session, "updated", false);
    }
    assert_int_equal(list("first", 0, got), 5);
    assert_int_equal(list("first", got[2].cursor, rest), 2);
    assert_int_equal(rest[0].cursor, got[3].cursor);
    assert_int_equal(list("first", got[4].cursor, rest), 0);
    size_t count = 0;
    OK(g_store->list_feed(g_store, "first", 0, rest, 2, &count, &g_err));
    assert_int_equal(count, 2);
    assert_int_equal(rest[1].cursor, got[1].cursor);
}

static void a_refused_change_shows_in_no_feed(void **state)
{
    (void)state;
    imi_feed_record got[MOST];
    imi_delivery_record due[MOST];
    size_t count = 0;
    imi_session_record session = make_session("first", true);
    imi_event_record event = sample_event("joined");
    event.deliver = true;
    session.version = 7;
    REFUSES(g_store->update_session(g_store, &session, &event, NULL, &g_err), IMI_E_CONFLICT);
    assert_int_equal(list("first", 0, got), 1);
    OK(g_store->claim_deliveries(g_store, "first", NOW_MS, LEASE_MS, due, MOST, &count, &g_err));
    assert_int_equal(count, 1);
}

typedef struct writer {
    pthread_t thread;
    imi_store *store;
    int failures;
} writer;

static void *write_events(void *argument)
{
    writer *self = argument;
    imi_session_record record = {.state = IMI_SESSION_CREATED};
    imi_event_record event = {.at_ms = 1, .kind = "created"};
    imi_copy_text(record.relying_party, sizeof record.relying_party, "first");
    self->failures += imi_id_new("ses", record.session_id, NULL) != IMI_OK;
    self->failures += self->store->create_session(self->store, &record, &event, NULL) != IMI_OK;
    for (int i = 1; i < EACH; i++) {
        self->failures +=
            self->store->update_session(self->store, &record, &event, NULL, NULL) != IMI_OK;
    }
    return NULL;
}

/* Whoever follows by cursor misses nothing that was committed meanwhile. */
static void a_follower_sees_every_event_of_concurrent_writers(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) second = NULL;
    writer writers[THREADS];
    imi_feed_record page[PAGE];
    size_t seen = 0, count = 0;
    OK(g_factory->reopen(&second, &g_err));
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (writer){.store = i % 2 == 0 ? g_store : second};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_events, &writers[i]), 0);
    }
    /* An event that was missed would be waited for in vain. */
    for (int64_t after = 0; seen < THREADS * EACH; seen += count) {
        OK(g_store->list_feed(g_store, "first", after, page, PAGE, &count, &g_err));
        for (size_t i = 0; i < count; i++) {
            assert_true(page[i].cursor > after);
            after = page[i].cursor;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].failures, 0);
    }
}

/* ---- Deliveries ---- */

static size_t claim(int64_t now_ms, imi_delivery_record out[MOST])
{
    size_t count = 0;
    OK(g_store->claim_deliveries(g_store, "first", now_ms, LEASE_MS, out, MOST, &count, &g_err));
    return count;
}

static imi_delivery_record claim_the_one(int64_t now_ms)
{
    imi_delivery_record got[MOST];
    assert_int_equal(claim(now_ms, got), 1);
    return got[0];
}

static imi_status end(imi_delivery_record *record, imi_delivery_state state, int64_t next_ms,
                      const char *error)
{
    record->state = state;
    record->next_ms = next_ms;
    imi_copy_text(record->last_error, sizeof record->last_error, error);
    return g_store->end_delivery(g_store, record, &g_err);
}

static size_t list_in(imi_delivery_state state, imi_delivery_record out[MOST])
{
    size_t count = 0;
    OK(g_store->list_deliveries(g_store, "first", state, 0, out, MOST, &count, &g_err));
    return count;
}

static void what_is_to_be_delivered_is_queued_with_its_event(void **state)
{
    (void)state;
    imi_feed_record fed[MOST];
    imi_session_record session = make_session("first", false);
    add_event(&session, "decided", true);
    imi_delivery_record got = claim_the_one(NOW_MS);
    assert_int_equal(list("first", 0, fed), 2);
    assert_int_equal(got.item.cursor, fed[1].cursor);
    assert_string_equal(got.item.relying_party, "first");
    assert_string_equal(got.item.event.kind, "decided");
    assert_string_equal(got.item.event.session_id, session.session_id);
    assert_int_equal(got.state, IMI_DELIVERY_PENDING);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(got.next_ms, NOW_MS + LEASE_MS);
    assert_string_equal(got.last_error, "");
    assert_true(strncmp(got.delivery_id, "del_", 4) == 0);
}

static void a_claimed_one_is_nobody_elses_until_the_lease_is_over(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    make_session("first", true);
    imi_delivery_record first = claim_the_one(NOW_MS);
    assert_int_equal(claim(NOW_MS + LEASE_MS - 1, got), 0);
    imi_delivery_record second = claim_the_one(NOW_MS + LEASE_MS);
    assert_string_equal(second.delivery_id, first.delivery_id);
    assert_int_equal(second.attempts, 2);
    REFUSES(end(&first, IMI_DELIVERY_DONE, 0, ""), IMI_E_CONFLICT);
    OK(end(&second, IMI_DELIVERY_DONE, 0, ""));
}

static void what_was_delivered_is_never_due_again(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS);
    OK(end(&one, IMI_DELIVERY_DONE, 0, ""));
    assert_int_equal(claim(INT64_MAX - LEASE_MS, got), 0);
    REFUSES(end(&one, IMI_DELIVERY_PENDING, 0, ""), IMI_E_CONFLICT);
    assert_int_equal(list_in(IMI_DELIVERY_DONE, got), 1);
}

static void what_failed_is_due_again_when_it_is_said_to_be(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS);
    OK(end(&one, IMI_DELIVERY_PENDING, NOW_MS + 5000, "http_503"));
    assert_int_equal(claim(NOW_MS + 4999, got), 0);
    one = claim_the_one(NOW_MS + 5000);
    assert_int_equal(one.attempts, 2);
    assert_string_equal(one.last_error, "http_503");
}

static void the_longest_due_goes_first(void **state)
{
    (void)state;
    imi_delivery_record got[MOST], one;
    size_t count = 0;
    make_session("first", true);
    one = claim_the_one(NOW_MS);
    OK(end(&one, IMI_DELIVERY_PENDING, NOW_MS + 10, "timeout"));
    make_session("first", true);
    OK(g_store->claim_deliveries(g_store, "first", NOW_MS + 10, LEASE_MS, got, 1, &count, &g_err));
    assert_int_equal(count, 1);
    assert_string_not_equal(got[0].delivery_id, one.delivery_id);
    OK(g_store->claim_deliveries(g_store, "first", NOW_MS + 10, LEASE_MS, got, 1, &count, &g_err));
    assert_int_equal(count, 1);
    assert_string_equal(got[0].delivery_id, one.delivery_id);
}

static void a_party_s_backlog_holds_up_no_other_party(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    size_t count = 0;
    make_session("first", true);
    make_session("second", true);
    OK(g_store->claim_deliveries(g_store, "second", NOW_MS, LEASE_MS, got, 1, &count, &g_err));
    assert_int_equal(count, 1);
    assert_string_equal(got[0].item.relying_party, "second");
    OK(g_store->claim_deliveries(g_store, "third", NOW_MS, LEASE_MS, got, 1, &count, &g_err));
    assert_int_equal(count, 0);
}

static void dead_letters_wait_for_a_replay(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    size_t count = 0;
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS);
    OK(end(&one, IMI_DELIVERY_DEAD, 0, "gone"));
    assert_int_equal(claim(NOW_MS * 2, got), 0);
    assert_int_equal(list_in(IMI_DELIVERY_DEAD, got), 1);
    assert_string_equal(got[0].delivery_id, one.delivery_id);
    assert_string_equal(got[0].last_error, "gone");
    OK(g_store->replay_deliveries(g_store, "first", one.delivery_id, NOW_MS + 7, &count, &g_err));
    assert_int_equal(count, 1);
    assert_int_equal(list_in(IMI_DELIVERY_DEAD, got), 0);
    imi_delivery_record again = claim_the_one(NOW_MS + 7);
    assert_string_equal(again.delivery_id, one.delivery_id);
    assert_int_equal(again.attempts, 1);
    REFUSES(end(&one, IMI_DELIVERY_DONE, 0, ""), IMI_E_CONFLICT);
}

static void all_dead_ones_of_a_party_are_replayed_at_once(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    size_t count = 0;
    make_session("first", true);
    make_session("first", true);
    make_session("first", true);
    make_session("second", true);
    assert_int_equal(claim(NOW_MS, got), 3);
    OK(g_store->claim_deliveries(g_store, "second", NOW_MS, LEASE_MS, &got[3], 1, &count, &g_err));
    OK(end(&got[0], IMI_DELIVERY_DEAD, 0, "gone"));
    OK(end(&got[1], IMI_DELIVERY_DEAD, 0, "gone"));
    OK(end(&got[2], IMI_DELIVERY_DONE, 0, ""));
    OK(end(&got[3], IMI_DELIVERY_DEAD, 0, "gone"));
    OK(g_store->replay_deliveries(g_store, "first", "", NOW_MS + 1, &count, &g_err));
    assert_int_equal(count, 2);
    assert_int_equal(claim(NOW_MS + 1, got), 2);
    OK(g_store->replay_deliveries(g_store, "first", "", NOW_MS + 1, &count, &g_err));
    assert_int_equal(count, 0);
}

static void a_done_one_is_replayed_and_a_pending_one_left(void **state)
{
    (void)state;
    size_t count = 9;
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS);
    OK(g_store->replay_deliveries(g_store, "first", one.delivery_id, NOW_MS, &count, &g_err));
    assert_int_equal(count, 0);
    OK(end(&one, IMI_DELIVERY_DONE, 0, ""));
    OK(g_store->replay_deliveries(g_store, "first", one.delivery_id, NOW_MS, &count, &g_err));
    assert_int_equal(count, 1);
    claim_the_one(NOW_MS);
}

static void nobody_replays_anothers_deliveries(void **state)
{
    (void)state;
    size_t count = 9;
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS);
    OK(end(&one, IMI_DELIVERY_DEAD, 0, "gone"));
    REFUSES(g_store->replay_deliveries(g_store, "second", one.delivery_id, NOW_MS, &count, &g_err),
            IMI_E_NOT_FOUND);
    assert_int_equal(count, 0);
    REFUSES(g_store->replay_deliveries(g_store, "first", "del_none", NOW_MS, &count, &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(g_store->replay_deliveries(g_store, "", "", NOW_MS, &count, &g_err),
            IMI_E_INVALID_ARGUMENT);
}

static void deliveries_are_listed_in_pages(void **state)
{
    (void)state;
    imi_delivery_record got[MOST], rest[MOST];
    size_t count = 0;
    for (int i = 0; i < 5; i++) {
        make_session("first", true);
    }
    OK(g_store->list_deliveries(g_store, "first", IMI_DELIVERY_PENDING, 0, got, 3, &count, &g_err));
    assert_int_equal(count, 3);
    OK(g_store->list_deliveries(g_store, "first", IMI_DELIVERY_PENDING, got[2].item.cursor, rest, 3,
                                &count, &g_err));
    assert_int_equal(count, 2);
    assert_true(rest[0].item.cursor > got[2].item.cursor);
}

static void nonsense_about_deliveries_is_refused(void **state)
{
    (void)state;
    imi_delivery_record got[MOST];
    size_t count = 9;
    make_session("first", true);
    imi_delivery_record one = claim_the_one(NOW_MS), unclaimed = one, unknown = one;
    REFUSES(g_store->claim_deliveries(g_store, "first", NOW_MS, 0, got, MOST, &count, &g_err),
            IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count, 0);
    REFUSES(g_store->claim_deliveries(g_store, "first", INT64_MAX, 1, got, MOST, &count, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(end(&one, IMI_DELIVERY_NONE, 0, ""), IMI_E_INVALID_ARGUMENT);
    REFUSES(end(&one, (imi_delivery_state)4, 0, ""), IMI_E_INVALID_ARGUMENT);
    unclaimed.claim = 0;
    REFUSES(end(&unclaimed, IMI_DELIVERY_DONE, 0, ""), IMI_E_INVALID_ARGUMENT);
    imi_copy_text(unknown.delivery_id, sizeof unknown.delivery_id, "del_none");
    REFUSES(end(&unknown, IMI_DELIVERY_DONE, 0, ""), IMI_E_NOT_FOUND);
}

/* ---- Retention ---- */

static void make_event_at(imi_session_record *session, int64_t at_ms)
{
    imi_event_record event = sample_event("old");
    event.at_ms = at_ms;
    event.deliver = true;
    OK(g_store->update_session(g_store, session, &event, NULL, &g_err));
}

static void old_events_are_forgotten_with_their_deliveries(void **state)
{
    (void)state;
    imi_feed_record got[MOST];
    imi_delivery_record queued[MOST];
    imi_session_record session = make_session("first", false);
    int64_t at_ms = sample_event("").at_ms;
    make_event_at(&session, at_ms - 1);
    make_event_at(&session, at_ms);
    OK(g_store->forget_events(g_store, at_ms, MOST, &g_err));
    assert_int_equal(list("first", 0, got), 2);
    assert_string_equal(got[0].event.kind, "created");
    assert_int_equal(got[1].event.sequence, 3);
    assert_int_equal(list_in(IMI_DELIVERY_PENDING, queued), 1);
    assert_int_equal(queued[0].item.cursor, got[1].cursor);
}

static void forgetting_takes_some_at_a_time_and_the_oldest_first(void **state)
{
    (void)state;
    imi_feed_record got[MOST];
    imi_session_record session = make_session("first", false);
    int64_t at_ms = sample_event("").at_ms;
    make_event_at(&session, at_ms - 1);
    make_event_at(&session, at_ms - 3);
    make_event_at(&session, at_ms - 2);
    OK(g_store->forget_events(g_store, at_ms, 2, &g_err));
    assert_int_equal(list("first", 0, got), 2);
    assert_int_equal(got[1].event.at_ms, at_ms - 1);
    OK(g_store->forget_events(g_store, at_ms, 2, &g_err));
    OK(g_store->forget_events(g_store, at_ms, 2, &g_err));
    assert_int_equal(list("first", 0, got), 1);
}

static void cursors_of_forgotten_events_do_not_come_again(void **state)
{
    (void)state;
    imi_feed_record before[MOST], after[MOST];
    imi_session_record session = make_session("first", false);
    assert_int_equal(list("first", 0, before), 1);
    OK(g_store->forget_events(g_store, INT64_MAX, MOST, &g_err));
    assert_int_equal(list("first", 0, after), 0);
    add_event(&session, "joined", false);
    assert_int_equal(list("first", before[0].cursor, after), 1);
    assert_true(after[0].cursor > before[0].cursor);
}

/* ---- Several senders ---- */

typedef struct sender {
    pthread_t thread;
    imi_store *store;
    int claimed, failures;
} sender;

static void *claim_all(void *argument)
{
    sender *self = argument;
    for (size_t count = 1; count > 0 && self->failures == 0;) {
        imi_delivery_record got[2];
        self->failures += self->store->claim_deliveries(self->store, "first", NOW_MS, LEASE_MS, got,
                                                        2, &count, NULL) != IMI_OK;
        self->claimed += (int)count;
    }
    return NULL;
}

static void of_several_senders_each_delivery_is_claimed_by_one(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) second = NULL;
    sender senders[THREADS];
    int claimed = 0;
    OK(g_factory->reopen(&second, &g_err));
    for (int i = 0; i < THREADS * 4; i++) {
        make_session("first", true);
    }
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (sender){.store = i % 2 == 0 ? g_store : second};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, claim_all, &senders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(senders[i].thread, NULL);
        assert_int_equal(senders[i].failures, 0);
        claimed += senders[i].claimed;
    }
    assert_int_equal(claimed, THREADS * 4);
}

int store_feed_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(old_events_are_forgotten_with_their_deliveries),
        TEST(forgetting_takes_some_at_a_time_and_the_oldest_first),
        TEST(cursors_of_forgotten_events_do_not_come_again),
        TEST(events_of_several_sessions_come_in_one_order),
        TEST(a_party_reads_its_own_events_alone),
        TEST(a_feed_goes_on_behind_a_cursor),
        TEST(a_refused_change_shows_in_no_feed),
        TEST(a_follower_sees_every_event_of_concurrent_writers),
        TEST(what_is_to_be_delivered_is_queued_with_its_event),
        TEST(a_claimed_one_is_nobody_elses_until_the_lease_is_over),
        TEST(what_was_delivered_is_never_due_again),
        TEST(what_failed_is_due_again_when_it_is_said_to_be),
        TEST(the_longest_due_goes_first),
        TEST(a_party_s_backlog_holds_up_no_other_party),
        TEST(dead_letters_wait_for_a_replay),
        TEST(all_dead_ones_of_a_party_are_replayed_at_once),
        TEST(a_done_one_is_replayed_and_a_pending_one_left),
        TEST(nobody_replays_anothers_deliveries),
        TEST(deliveries_are_listed_in_pages),
        TEST(nonsense_about_deliveries_is_refused),
        TEST(of_several_senders_each_delivery_is_claimed_by_one),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
