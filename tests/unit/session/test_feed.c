/* What a relying party hears of all its sessions, and which events its webhook is called for. */
#include "phone.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 64 };

/* Kinds of what is queued for a party's webhook, joined by spaces. */
static void queued(fixture *f, const char *party, char *out, size_t capacity)
{
    imi_delivery_record records[MOST];
    size_t count = 0;
    imi_store *store = f->sqlite;
    assert_int_equal(
        store->list_deliveries(store, party, IMI_DELIVERY_PENDING, 0, records, MOST, &count, NULL),
        IMI_OK);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, capacity - used, "%s%s", i == 0 ? "" : " ",
                 records[i].item.event.kind);
    }
}

static void assert_queued(fixture *f, const char *expected)
{
    char kinds[256];
    queued(f, FIXTURE_PARTY, kinds, sizeof kinds);
    assert_string_equal(kinds, expected);
}

static void refuse_consent(fixture *f)
{
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_session_state state = IMI_SESSION_NONE;
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = false}, &state, NULL),
                     IMI_OK);
    phone_destroy(&p);
}

static void end_delivery(fixture *f, size_t index, imi_delivery_state state)
{
    imi_delivery_record due[MOST];
    size_t count = 0;
    imi_store *store = f->sqlite;
    assert_int_equal(
        store->claim_deliveries(store, FIXTURE_PARTY, INT64_MAX / 2, 1, due, MOST, &count, NULL),
        IMI_OK);
    assert_in_range(index, 0, count - 1);
    due[index].state = state;
    assert_int_equal(store->end_delivery(store, &due[index], NULL), IMI_OK);
}

/* ---- Retention ---- */

static size_t count_feed(fixture *f)
{
    imi_feed_record items[MOST];
    size_t count = 0;
    assert_int_equal(imi_service_list_feed(f->service, FIXTURE_PARTY, 0, items, MOST, &count, NULL),
                     IMI_OK);
    return count;
}

static void events_are_kept_for_ninety_days(void **state)
{
    static const int64_t day_ms = 24 * 3600 * 1000;
    fixture *f = *state;
    refuse_consent(f);
    size_t count = count_feed(f);
    assert_true(count > 0);
    imi_clock_manual_advance(&f->clock, 90 * day_ms - 60000);
    imi_service_tick(f->service);
    assert_int_equal(count_feed(f), count);
    imi_clock_manual_advance(&f->clock, 120000);
    imi_service_tick(f->service);
    assert_int_equal(count_feed(f), 0);
}

/* ---- What is delivered ---- */

static void a_decision_is_delivered_and_no_step_before_it(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    assert_queued(f, "");
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_queued(f, "");
    imi_frame_feedback last;
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    fixture_settle(f);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_DECIDED);
    assert_queued(f, "decided");
    phone_destroy(&p);
}

static void a_refused_consent_is_delivered(void **state)
{
    refuse_consent(*state);
    assert_queued(*state, "withdrawn");
}

static void an_expired_session_is_delivered(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&f->clock, created.expires_at_ms - f->clock.now_ms);
    imi_service_tick(f->service);
    assert_queued(f, "expired");
}

static void a_party_without_a_webhook_gets_none(void **state)
{
    fixture *f = *state;
    imi_store *store = f->sqlite;
    imi_session_record record = fixture_session(f, fixture_create(f, PURPOSE_PLAIN).session_id);
    imi_event_record event = {.at_ms = 1, .kind = "created"};
    assert_int_equal(imi_id_new("ses", record.session_id, NULL), IMI_OK);
    imi_copy_text(record.relying_party, sizeof record.relying_party, FIXTURE_OTHER_PARTY);
    assert_int_equal(store->create_session(store, &record, &event, NULL), IMI_OK);
    imi_clock_manual_advance(&f->clock, record.expires_ms - f->clock.now_ms);
    imi_service_tick(f->service);
    char kinds[64];
    queued(f, FIXTURE_OTHER_PARTY, kinds, sizeof kinds);
    assert_string_equal(kinds, "");
    assert_queued(f, "expired");
}

/* ---- Listening ---- */

static void count_news(void *user, const char *session_id)
{
    (void)session_id;
    ++*(int *)user;
}

static void a_listener_hears_of_all_sessions_of_its_party(void **state)
{
    fixture *f = *state;
    int own = 0, others = 0, all = 0;
    imi_watch *watches[3];
    const char *const parties[3] = {FIXTURE_PARTY, FIXTURE_OTHER_PARTY, ""};
    int *const counts[3] = {&own, &others, &all};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(imi_service_watch_party(f->service, parties[i], count_news, counts[i],
                                                 &watches[i], NULL),
                         IMI_OK);
    }
    (void)fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(own, 1);
    refuse_consent(f);
    assert_int_equal(own, 4);
    assert_int_equal(all, 4);
    assert_int_equal(others, 0);
    for (int i = 0; i < 3; i++) {
        imi_watch_destroy(&watches[i]);
    }
    (void)fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(own, 4);
}

static void what_another_process_stored_is_looked_for(void **state)
{
    fixture *f = *state;
    int news = 0;
    imi_watch *watch = NULL;
    assert_int_equal(
        imi_service_watch_party(f->service, FIXTURE_PARTY, count_news, &news, &watch, NULL),
        IMI_OK);
    imi_service_follow_others(f->service);
    assert_int_equal(news, 1);
    imi_watch_destroy(&watch);
}

static void a_watch_of_nobody_or_by_nobody_is_refused(void **state)
{
    fixture *f = *state;
    int news = 0;
    imi_watch *watch = NULL;
    assert_int_equal(imi_service_watch_party(f->service, NULL, count_news, &news, &watch, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_service_watch_party(f->service, FIXTURE_PARTY, NULL, &news, &watch, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_null(watch);
}

/* ---- The feed ---- */

static void the_feed_goes_on_behind_a_cursor(void **state)
{
    fixture *f = *state;
    imi_feed_record all[MOST], rest[MOST];
    size_t count = 0;
    refuse_consent(f);
    refuse_consent(f);
    assert_int_equal(imi_service_list_feed(f->service, FIXTURE_PARTY, 0, all, MOST, &count, NULL),
                     IMI_OK);
    assert_int_equal(count, 6);
    assert_int_equal(
        imi_service_list_feed(f->service, FIXTURE_PARTY, all[2].cursor, rest, MOST, &count, NULL),
        IMI_OK);
    assert_int_equal(count, 3);
    assert_int_equal(rest[0].cursor, all[3].cursor);
}

static void strangers_and_wrong_cursors_get_nothing(void **state)
{
    fixture *f = *state;
    imi_feed_record items[1];
    imi_delivery_record records[1];
    size_t count = 7;
    assert_int_equal(imi_service_list_feed(f->service, "nobody", 0, items, 1, &count, NULL),
                     IMI_E_PERMISSION);
    assert_int_equal(count, 0);
    assert_int_equal(imi_service_list_feed(f->service, FIXTURE_PARTY, -1, items, 1, &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_service_list_deliveries(f->service, "nobody", IMI_DELIVERY_NONE, records,
                                                 1, &count, NULL),
                     IMI_E_PERMISSION);
    assert_int_equal(imi_service_replay_deliveries(f->service, "nobody", "", &count, NULL),
                     IMI_E_PERMISSION);
}

/* ---- Deliveries ---- */

static size_t list(fixture *f, imi_delivery_state wanted, size_t capacity, imi_delivery_record *out)
{
    size_t count = 0;
    assert_int_equal(
        imi_service_list_deliveries(f->service, FIXTURE_PARTY, wanted, out, capacity, &count, NULL),
        IMI_OK);
    return count;
}

static void pending_and_dead_ones_are_listed_in_one_order(void **state)
{
    fixture *f = *state;
    imi_delivery_record got[MOST];
    for (int i = 0; i < 4; i++) {
        refuse_consent(f);
    }
    end_delivery(f, 1, IMI_DELIVERY_DEAD);
    end_delivery(f, 2, IMI_DELIVERY_DONE); /* of three that are left: the last */
    assert_int_equal(list(f, IMI_DELIVERY_NONE, MOST, got), 3);
    assert_true(got[0].item.cursor < got[1].item.cursor);
    assert_true(got[1].item.cursor < got[2].item.cursor);
    assert_int_equal(got[1].state, IMI_DELIVERY_DEAD);
    assert_int_equal(list(f, IMI_DELIVERY_NONE, 2, got), 2);
    assert_int_equal(got[1].state, IMI_DELIVERY_DEAD);
    assert_int_equal(list(f, IMI_DELIVERY_DEAD, MOST, got), 1);
    assert_int_equal(list(f, IMI_DELIVERY_PENDING, MOST, got), 2);
}

static void a_replay_is_news_and_an_empty_one_is_not(void **state)
{
    fixture *f = *state;
    int news = 0;
    size_t count = 9;
    imi_watch *watch = NULL;
    refuse_consent(f);
    end_delivery(f, 0, IMI_DELIVERY_DEAD);
    assert_int_equal(
        imi_service_watch_party(f->service, FIXTURE_PARTY, count_news, &news, &watch, NULL),
        IMI_OK);
    assert_int_equal(imi_service_replay_deliveries(f->service, FIXTURE_PARTY, "", &count, NULL),
                     IMI_OK);
    assert_int_equal(count, 1);
    assert_int_equal(news, 1);
    assert_queued(f, "withdrawn");
    assert_int_equal(imi_service_replay_deliveries(f->service, FIXTURE_PARTY, "", &count, NULL),
                     IMI_OK);
    assert_int_equal(count, 0);
    assert_int_equal(news, 1);
    imi_watch_destroy(&watch);
}

static void what_is_not_there_cannot_be_replayed(void **state)
{
    fixture *f = *state;
    size_t count = 9;
    assert_int_equal(
        imi_service_replay_deliveries(f->service, FIXTURE_PARTY, "del_none", &count, NULL),
        IMI_E_NOT_FOUND);
    assert_int_equal(count, 0);
    assert_int_equal(imi_service_replay_deliveries(f->service, FIXTURE_PARTY,
                                                   "del_that_is_longer_than_any_id", &count, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(events_are_kept_for_ninety_days),
        TEST(a_decision_is_delivered_and_no_step_before_it),
        TEST(a_refused_consent_is_delivered),
        TEST(an_expired_session_is_delivered),
        TEST(a_party_without_a_webhook_gets_none),
        TEST(a_listener_hears_of_all_sessions_of_its_party),
        TEST(what_another_process_stored_is_looked_for),
        TEST(a_watch_of_nobody_or_by_nobody_is_refused),
        TEST(the_feed_goes_on_behind_a_cursor),
        TEST(strangers_and_wrong_cursors_get_nothing),
        TEST(pending_and_dead_ones_are_listed_in_one_order),
        TEST(a_replay_is_news_and_an_empty_one_is_not),
        TEST(what_is_not_there_cannot_be_replayed),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
