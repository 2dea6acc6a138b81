/* A token is redeemed once, and its status is told without telling anything else. */
#include "fixture.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 8, TOKENS = 10, MANY = 64 };
static const int64_t NOW_MS = 1700000900000;

/* ---- Redemption ---- */

static imi_redemption_outcome redeem(const imi_redemption_record *record,
                                     imi_redemption_record *held)
{
    imi_redemption_outcome outcome = IMI_REDEMPTION_NONE;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "redemption", .event = imi_view_of_text("{}")};
    OK(g_store->redeem_token(g_store, record, &leaf, &outcome, held, &g_err));
    return outcome;
}

static void assert_leaves(int64_t count)
{
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    if (count > 0) {
        OK(g_store->get_leaf(g_store, count - 1, &leaf, &event, &g_err));
    }
    REFUSES(g_store->get_leaf(g_store, count, &leaf, &event, &g_err), IMI_E_NOT_FOUND);
}

static void assert_redemptions_equal(const imi_redemption_record *a, const imi_redemption_record *b)
{
    assert_string_equal(a->token_id, b->token_id);
    assert_string_equal(a->relying_party, b->relying_party);
    assert_string_equal(a->request_id, b->request_id);
    assert_int_equal(a->at_ms, b->at_ms);
}

static void the_first_redeems_and_the_second_learns_who_did(void **state)
{
    (void)state;
    imi_redemption_record first = sample_redemption("one"), second = first, held;
    imi_copy_text(second.request_id, sizeof second.request_id, "two");
    second.at_ms++;
    assert_int_equal(redeem(&first, &held), IMI_REDEMPTION_NOW);
    assert_redemptions_equal(&held, &first);
    assert_int_equal(redeem(&second, &held), IMI_REDEMPTION_ALREADY);
    assert_redemptions_equal(&held, &first);
    OK(g_store->get_redemption(g_store, first.token_id, &held, &g_err));
    assert_redemptions_equal(&held, &first);
    assert_leaves(1);
}

static void the_same_request_repeats_its_success(void **state)
{
    (void)state;
    imi_redemption_record first = sample_redemption("one"), again = first, held;
    again.at_ms += 1000;
    assert_int_equal(redeem(&first, &held), IMI_REDEMPTION_NOW);
    assert_int_equal(redeem(&again, &held), IMI_REDEMPTION_REPEATED);
    assert_redemptions_equal(&held, &first);
    assert_leaves(1);
}

static void the_same_request_id_of_another_party_is_another_request(void **state)
{
    (void)state;
    imi_redemption_record first = sample_redemption("one"), other = first, held;
    imi_copy_text(other.relying_party, sizeof other.relying_party, "another-party");
    assert_int_equal(redeem(&first, &held), IMI_REDEMPTION_NOW);
    assert_int_equal(redeem(&other, &held), IMI_REDEMPTION_ALREADY);
}

static void without_a_request_id_nothing_is_a_repetition(void **state)
{
    (void)state;
    imi_redemption_record record = sample_redemption(""), held;
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_NOW);
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_ALREADY);
}

static void a_redemption_survives_a_restart(void **state)
{
    (void)state;
    imi_redemption_record record = sample_redemption(""), held;
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_NOW);
    imi_store_destroy(&g_store);
    OK(g_factory->reopen(&g_store, &g_err));
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_ALREADY);
}

static void a_token_that_is_not_valid_is_not_redeemed(void **state)
{
    (void)state;
    imi_redemption_record record = sample_redemption("one"), held;
    imi_status_record status;
    OK(g_store->allocate_status(g_store, record.token_id, &status, &g_err));
    OK(g_store->set_status(g_store, record.token_id, IMI_TOKEN_SUSPENDED, NOW_MS, NULL, &g_err));
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_NOT_VALID);
    assert_string_equal(held.token_id, "");
    assert_leaves(0);
    OK(g_store->set_status(g_store, record.token_id, IMI_TOKEN_VALID, NOW_MS, NULL, &g_err));
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_NOW);
    OK(g_store->set_status(g_store, record.token_id, IMI_TOKEN_INVALID, NOW_MS, NULL, &g_err));
    assert_int_equal(redeem(&record, &held), IMI_REDEMPTION_REPEATED);
}

static void a_redemption_needs_a_token_a_party_and_a_sound_leaf(void **state)
{
    (void)state;
    imi_redemption_record record = sample_redemption("one"), tokenless = record, nobodys = record;
    imi_redemption_record held = record;
    imi_redemption_outcome outcome = IMI_REDEMPTION_NOW;
    imi_leaf_draft bad = {.at_ms = 1};
    tokenless.token_id[0] = '\0';
    nobodys.relying_party[0] = '\0';
    REFUSES(g_store->redeem_token(g_store, &tokenless, NULL, &outcome, &held, &g_err),
            IMI_E_INVALID_ARGUMENT);
    assert_int_equal(outcome, IMI_REDEMPTION_NONE);
    assert_string_equal(held.token_id, "");
    REFUSES(g_store->redeem_token(g_store, &nobodys, NULL, &outcome, &held, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->redeem_token(g_store, &record, &bad, &outcome, &held, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->get_redemption(g_store, record.token_id, &held, &g_err), IMI_E_NOT_FOUND);
}

typedef struct redeemer {
    pthread_t thread;
    imi_store *store;
    const imi_redemption_record *tokens;
    int number, redeemed, failures;
} redeemer;

static void *redeem_all(void *argument)
{
    redeemer *self = argument;
    for (int i = 0; i < TOKENS; i++) {
        imi_redemption_record mine = self->tokens[i], held;
        imi_redemption_outcome outcome = IMI_REDEMPTION_NONE;
        snprintf(mine.request_id, sizeof mine.request_id, "request-%d", self->number);
        self->failures +=
            self->store->redeem_token(self->store, &mine, NULL, &outcome, &held, NULL) != IMI_OK;
        self->redeemed += outcome == IMI_REDEMPTION_NOW;
        self->failures += outcome != IMI_REDEMPTION_NOW && outcome != IMI_REDEMPTION_ALREADY;
    }
    return NULL;
}

static void of_many_redeemers_over_two_servers_one_succeeds(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) second = NULL;
    imi_redemption_record tokens[TOKENS];
    redeemer redeemers[THREADS];
    int redeemed = 0;
    OK(g_factory->reopen(&second, &g_err));
    for (int i = 0; i < TOKENS; i++) {
        tokens[i] = sample_redemption("");
    }
    for (int i = 0; i < THREADS; i++) {
        redeemers[i] =
            (redeemer){.store = i % 2 == 0 ? g_store : second, .tokens = tokens, .number = i};
        assert_int_equal(pthread_create(&redeemers[i].thread, NULL, redeem_all, &redeemers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(redeemers[i].thread, NULL);
        assert_int_equal(redeemers[i].failures, 0);
        redeemed += redeemers[i].redeemed;
    }
    assert_int_equal(redeemed, TOKENS);
}

/* ---- Status ---- */

static imi_status_record allocate(const char *token_id)
{
    imi_status_record record;
    OK(g_store->allocate_status(g_store, token_id, &record, &g_err));
    assert_string_equal(record.token_id, token_id);
    return record;
}

static imi_token_status status_in_list(const imi_status_record *record)
{
    static uint8_t bits[IMI_STATUS_LIST_BYTES];
    imi_status_list_record list;
    OK(g_store->read_status_list(g_store, record->list, bits, &list, &g_err));
    unsigned shift = record->index % 4 * 2;
    return (imi_token_status)(bits[record->index / 4] >> shift & 3U);
}

static int64_t changes_of(int64_t number)
{
    imi_status_list_record list;
    size_t count = 0;
    OK(g_store->list_status_lists(g_store, number - 1, &list, 1, &count, &g_err));
    assert_int_equal(count, 1);
    assert_int_equal(list.list, number);
    return list.changes;
}

static void a_token_keeps_its_place(void **state)
{
    (void)state;
    imi_status_record first = allocate("tok_a"), again = allocate("tok_a"), got;
    assert_int_equal(first.list, 1);
    assert_int_equal(first.status, IMI_TOKEN_VALID);
    assert_int_equal(again.list, first.list);
    assert_int_equal(again.index, first.index);
    OK(g_store->get_status(g_store, "tok_a", &got, &g_err));
    assert_int_equal(got.index, first.index);
    assert_int_equal(got.status, IMI_TOKEN_VALID);
    assert_int_equal(got.changed_ms, 0);
}

/* Ordered by chance alone: once in 2^63 or so runs. */
static void indices_tell_nothing_of_the_order_of_issue(void **state)
{
    (void)state;
    uint32_t indices[MANY];
    int rises = 0;
    for (int i = 0; i < MANY; i++) {
        char token_id[IMI_ID_SIZE];
        snprintf(token_id, sizeof token_id, "tok_%d", i);
        indices[i] = allocate(token_id).index;
        assert_true(indices[i] < IMI_STATUS_LIST_SIZE);
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(indices[i], indices[j]);
        }
        rises += i > 0 && indices[i] > indices[i - 1];
    }
    assert_in_range(rises, 1, MANY - 2);
}

static void a_status_shows_in_its_place_of_the_list(void **state)
{
    (void)state;
    imi_status_record valid = allocate("tok_v"), invalid = allocate("tok_i"),
                      suspended = allocate("tok_s"), got;
    OK(g_store->set_status(g_store, "tok_i", IMI_TOKEN_INVALID, NOW_MS, NULL, &g_err));
    OK(g_store->set_status(g_store, "tok_s", IMI_TOKEN_SUSPENDED, NOW_MS + 1, NULL, &g_err));
    assert_int_equal(status_in_list(&valid), IMI_TOKEN_VALID);
    assert_int_equal(status_in_list(&invalid), IMI_TOKEN_INVALID);
    assert_int_equal(status_in_list(&suspended), IMI_TOKEN_SUSPENDED);
    OK(g_store->get_status(g_store, "tok_s", &got, &g_err));
    assert_int_equal(got.status, IMI_TOKEN_SUSPENDED);
    assert_int_equal(got.changed_ms, NOW_MS + 1);
}

static void all_others_of_a_list_read_valid(void **state)
{
    (void)state;
    static uint8_t bits[IMI_STATUS_LIST_BYTES];
    imi_status_list_record list;
    imi_status_record invalid = allocate("tok_i");
    OK(g_store->set_status(g_store, "tok_i", IMI_TOKEN_INVALID, NOW_MS, NULL, &g_err));
    OK(g_store->read_status_list(g_store, 1, bits, &list, &g_err));
    assert_int_equal(list.list, 1);
    assert_int_equal(list.changes, 1);
    size_t set = 0;
    for (size_t i = 0; i < sizeof bits; i++) {
        set += bits[i] != 0;
    }
    assert_int_equal(set, 1);
    assert_int_equal(bits[invalid.index / 4], 1U << (invalid.index % 4 * 2));
}

static void a_suspension_can_be_lifted_and_a_revocation_not(void **state)
{
    (void)state;
    imi_status_record place = allocate("tok_a");
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_SUSPENDED, NOW_MS, NULL, &g_err));
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_VALID, NOW_MS, NULL, &g_err));
    assert_int_equal(status_in_list(&place), IMI_TOKEN_VALID);
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_SUSPENDED, NOW_MS, NULL, &g_err));
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_INVALID, NOW_MS, NULL, &g_err));
    REFUSES(g_store->set_status(g_store, "tok_a", IMI_TOKEN_VALID, NOW_MS, NULL, &g_err),
            IMI_E_CONFLICT);
    REFUSES(g_store->set_status(g_store, "tok_a", IMI_TOKEN_SUSPENDED, NOW_MS, NULL, &g_err),
            IMI_E_CONFLICT);
    assert_int_equal(status_in_list(&place), IMI_TOKEN_INVALID);
}

static void only_changes_count_and_leave_leaves(void **state)
{
    (void)state;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "revocation", .event = imi_view_of_text("{}")};
    allocate("tok_a");
    assert_int_equal(changes_of(1), 0);
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_VALID, NOW_MS, &leaf, &g_err));
    assert_int_equal(changes_of(1), 0);
    assert_leaves(0);
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_INVALID, NOW_MS, &leaf, &g_err));
    OK(g_store->set_status(g_store, "tok_a", IMI_TOKEN_INVALID, NOW_MS, &leaf, &g_err));
    REFUSES(g_store->set_status(g_store, "tok_a", IMI_TOKEN_VALID, NOW_MS, &leaf, &g_err),
            IMI_E_CONFLICT);
    assert_int_equal(changes_of(1), 1);
    assert_leaves(1);
}

static void what_has_no_status_is_not_valid(void **state)
{
    (void)state;
    static uint8_t bits[IMI_STATUS_LIST_BYTES];
    imi_status_list_record list = {1, 1};
    imi_status_record got = {.status = IMI_TOKEN_VALID};
    size_t count = 1;
    REFUSES(g_store->get_status(g_store, "tok_none", &got, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(got.status, IMI_TOKEN_INVALID);
    REFUSES(g_store->set_status(g_store, "tok_none", IMI_TOKEN_INVALID, NOW_MS, NULL, &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(g_store->read_status_list(g_store, 1, bits, &list, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(list.list, 0);
    for (size_t i = 0; i < sizeof bits; i++) {
        assert_int_equal(bits[i], 0x55);
    }
    OK(g_store->list_status_lists(g_store, 0, &list, 1, &count, &g_err));
    assert_int_equal(count, 0);
}

static void nonsense_statuses_are_refused(void **state)
{
    (void)state;
    imi_status_record got;
    allocate("tok_a");
    REFUSES(g_store->allocate_status(g_store, "", &got, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->allocate_status(g_store, "tok_far_too_long_for_any_identifier", &got, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->set_status(g_store, "tok_a", (imi_token_status)3, NOW_MS, NULL, &g_err),
            IMI_E_INVALID_ARGUMENT);
    REFUSES(g_store->set_status(g_store, "tok_a", (imi_token_status)-1, NOW_MS, NULL, &g_err),
            IMI_E_INVALID_ARGUMENT);
    assert_int_equal(changes_of(1), 0);
}

int store_tokens_run(const char *name, const store_factory *factory)
{
    g_factory = factory;
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        TEST(the_first_redeems_and_the_second_learns_who_did),
        TEST(the_same_request_repeats_its_success),
        TEST(the_same_request_id_of_another_party_is_another_request),
        TEST(without_a_request_id_nothing_is_a_repetition),
        TEST(a_redemption_survives_a_restart),
        TEST(a_token_that_is_not_valid_is_not_redeemed),
        TEST(a_redemption_needs_a_token_a_party_and_a_sound_leaf),
        TEST(of_many_redeemers_over_two_servers_one_succeeds),
        TEST(a_token_keeps_its_place),
        TEST(indices_tell_nothing_of_the_order_of_issue),
        TEST(a_status_shows_in_its_place_of_the_list),
        TEST(all_others_of_a_list_read_valid),
        TEST(a_suspension_can_be_lifted_and_a_revocation_not),
        TEST(only_changes_count_and_leave_leaves),
        TEST(what_has_no_status_is_not_valid),
        TEST(nonsense_statuses_are_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
