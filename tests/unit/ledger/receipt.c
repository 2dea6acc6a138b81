/* Receipts: made by a log, checked by anybody. */
#include "land.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A log of 30 entries, of which number 17 is the event's, and two witnesses. */
typedef struct scene {
    imi_ledger *log;
    imi_clock_manual clock;
    imi_witness *first, *second;
    imi_note_key witnesses[2];
    imi_ledger_trust trust;
    imi_buffer receipt;
} scene;

enum { INDEX = 17, SIZE = 30 };

static const char event[] = "{\"kind\":\"decision\",\"name\":\"J\xC3\xB6rg \\\"x\\\"\",\"result\":"
                            "\"verified\"}";
static const uint8_t salt[IMI_LEAF_SALT_SIZE] = {1, 2, 3};

static void grow(scene *self)
{
    imi_ledger_entry entries[SIZE];
    for (uint64_t i = 0; i < SIZE; i++) {
        entries[i] = land_entry(LAND_TRUE, i);
    }
    assert_int_equal(imi_leaf_entry(salt, land_text(event), entries[INDEX].bytes, NULL), IMI_OK);
    assert_int_equal(imi_ledger_integrate(self->log, 0, entries, SIZE, NULL), IMI_OK);
}

static void open_log(scene *self, size_t needed)
{
    imi_ledger_options options = land_options("log");
    options.witnesses = self->witnesses;
    options.witness_count = 2;
    options.witnesses_needed = needed;
    assert_int_equal(imi_ledger_open(&options, &self->log, NULL), IMI_OK);
    self->trust = (imi_ledger_trust){imi_ledger_key(self->log), self->witnesses, 2, needed};
}

static int set_up(void **state)
{
    static scene self;
    if (land_set_up(state) != 0) {
        return -1;
    }
    self = (scene){.receipt = IMI_BUFFER_INIT};
    imi_clock_manual_init(&self.clock, 1700000000000);
    imi_note_key log = land_key("log", IMI_NOTE_ED25519);
    self.first = land_witness("w1", &log, 1, &self.clock.base);
    self.second = land_witness("w2", &log, 1, &self.clock.base);
    self.witnesses[0] = *imi_witness_key(self.first);
    self.witnesses[1] = *imi_witness_key(self.second);
    open_log(&self, 0);
    grow(&self);
    *state = &self;
    return 0;
}

static int tear_down(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->log);
    imi_witness_close(&self->first);
    imi_witness_close(&self->second);
    imi_buffer_clean_up(&self->receipt);
    return land_tear_down(state);
}

static imi_status make(scene *self)
{
    self->receipt.size = 0;
    return imi_ledger_receipt(self->log, INDEX, land_text(event), salt, &self->receipt, NULL);
}

static imi_status verify(const scene *self, imi_view receipt)
{
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    imi_status status = imi_receipt_verify(receipt, &self->trust, &facts, NULL);
    if (status != IMI_OK) {
        assert_int_equal(facts.event.size, 0);
        assert_int_equal(facts.checkpoint.size, 0);
    }
    return status;
}

/* The receipt with the first `from` made into `to`. */
static imi_status verify_changed(scene *self, const char *from, const char *to)
{
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&self->receipt, NULL), IMI_OK);
    const char *text = (const char *)self->receipt.data;
    const char *at = strstr(text, from);
    assert_non_null(at);
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_printf(&changed, NULL, "%.*s%s%s", (int)(at - text), text, to,
                                       at + strlen(from)),
                     IMI_OK);
    return verify(self, imi_buffer_view(&changed));
}

static void cosign(scene *self, imi_witness *witness, uint64_t old_size, size_t expected)
{
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT, body = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    size_t cosigned = 0;
    land_checkpoint(self->log, &note, &checkpoint);
    assert_int_equal(
        land_ask(witness, imi_ledger_source_of(self->log), old_size, imi_buffer_view(&note), &body),
        200);
    assert_int_equal(imi_ledger_add_cosignatures(self->log, imi_buffer_view(&note),
                                                 imi_buffer_view(&body), &cosigned, NULL),
                     IMI_OK);
    assert_int_equal(cosigned, expected);
}

static void test_a_receipt_proves_its_event(void **state)
{
    scene *self = *state;
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(
        imi_receipt_verify(imi_buffer_view(&self->receipt), &self->trust, &facts, NULL), IMI_OK);
    assert_int_equal(facts.index, INDEX);
    assert_int_equal(facts.checkpoint.size, SIZE);
    assert_true(imi_view_equal(imi_buffer_view(&facts.event), land_text(event)));
}

static void test_a_tampered_event_or_salt_is_named(void **state)
{
    scene *self = *state;
    assert_int_equal(verify_changed(self, "verified", "rejected"), IMI_E_LEDGER_EVENT);
    assert_int_equal(verify_changed(self, "\"salt\":\"AQ", "\"salt\":\"BQ"), IMI_E_LEDGER_EVENT);
    assert_int_equal(verify_changed(self, "\"event\":\"{", "\"event\":\" {"), IMI_E_LEDGER_EVENT);
}

static void test_what_is_not_included_is_named(void **state)
{
    scene *self = *state;
    assert_int_equal(verify_changed(self, "\"index\":17", "\"index\":16"), IMI_E_LEDGER_PROOF);
    assert_int_equal(verify_changed(self, "\"index\":17", "\"index\":30"), IMI_E_LEDGER_PROOF);
    assert_int_equal(verify_changed(self, "\"proof\":[",
                                    "\"proof\":["
                                    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                    "AAAAA=\","),
                     IMI_E_LEDGER_PROOF);
}

static void test_an_event_that_was_never_logged_is_not_included(void **state)
{
    scene *self = *state;
    static const char other[] = "{\"kind\":\"decision\"}";
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT, forged = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    imi_ledger_proof proof;
    land_checkpoint(self->log, &note, &checkpoint);
    assert_int_equal(
        imi_ledger_prove_inclusion(imi_ledger_source_of(self->log), INDEX, SIZE, &proof, NULL),
        IMI_OK);
    imi_receipt_parts parts = {LAND_ORIGIN, INDEX,  land_text(other),
                               salt,        &proof, imi_buffer_view(&note)};
    assert_int_equal(imi_receipt_write(&parts, &forged, NULL), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&forged)), IMI_E_LEDGER_PROOF);
}

static void test_another_log_and_a_wrong_signature_are_named(void **state)
{
    scene *self = *state;
    assert_int_equal(verify_changed(self, "\"origin\":\"imi", "\"origin\":\"you"),
                     IMI_E_LEDGER_LOG);
    assert_int_equal(verify_changed(self, "\"checkpoint\":\"imi", "\"checkpoint\":\"you"),
                     IMI_E_LEDGER_LOG);
    assert_int_equal(verify_changed(self, "\\n30\\n", "\\n31\\n"), IMI_E_LEDGER_SIGNATURE);
    imi_note_key other = land_key("other", IMI_NOTE_ED25519);
    self->trust.log = &other;
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_E_LEDGER_LOG);
}

static void test_too_few_witnesses_are_named(void **state)
{
    scene *self = *state;
    self->trust.witnesses_needed = 1;
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_E_LEDGER_WITNESS);
    cosign(self, self->first, 0, 1);
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_OK);
    self->trust.witnesses_needed = 2;
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_E_LEDGER_WITNESS);
    /* What is worse is told first. */
    assert_int_equal(verify_changed(self, "verified", "rejected"), IMI_E_LEDGER_EVENT);
}

static void test_a_wrong_witness_does_not_count(void **state)
{
    scene *self = *state;
    imi_note_key log = *imi_ledger_key(self->log);
    imi_witness *stranger = land_witness("w3", &log, 1, &self->clock.base);
    cosign(self, stranger, 0, 0);
    imi_witness_close(&stranger);
    self->trust.witnesses_needed = 1;
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_E_LEDGER_WITNESS);
}

static void test_a_receipt_waits_for_the_witnesses_that_it_needs(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->log);
    open_log(self, 2);
    assert_int_equal(make(self), IMI_E_LEDGER_WITNESS);
    cosign(self, self->first, 0, 1);
    assert_int_equal(make(self), IMI_E_LEDGER_WITNESS);
    cosign(self, self->second, 0, 2);
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_OK);
    /* A newer checkpoint without cosignatures takes nothing away, and a restart neither. */
    imi_ledger_entry more = land_entry(LAND_TRUE, SIZE);
    assert_int_equal(imi_ledger_integrate(self->log, SIZE, &more, 1, NULL), IMI_OK);
    assert_int_equal(make(self), IMI_OK);
    imi_ledger_close(&self->log);
    open_log(self, 2);
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_OK);
}

static void test_cosignatures_of_an_overtaken_checkpoint_count_for_receipts(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->log);
    open_log(self, 1);
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT, body = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    size_t cosigned = 0;
    land_checkpoint(self->log, &note, &checkpoint);
    imi_ledger_entry more = land_entry(LAND_TRUE, SIZE);
    assert_int_equal(imi_ledger_integrate(self->log, SIZE, &more, 1, NULL), IMI_OK);
    assert_int_equal(
        land_ask(self->first, imi_ledger_source_of(self->log), 0, imi_buffer_view(&note), &body),
        200);
    assert_int_equal(imi_ledger_add_cosignatures(self->log, imi_buffer_view(&note),
                                                 imi_buffer_view(&body), &cosigned, NULL),
                     IMI_OK);
    assert_int_equal(cosigned, 1);
    assert_int_equal(imi_ledger_size(self->log), SIZE + 1);
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&self->receipt)), IMI_OK);
}

static void test_a_log_shorter_than_its_witnesses_saw_does_not_start(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->log);
    land_copy("log", "before");
    open_log(self, 1);
    imi_ledger_entry more = land_entry(LAND_TRUE, SIZE);
    assert_int_equal(imi_ledger_integrate(self->log, SIZE, &more, 1, NULL), IMI_OK);
    cosign(self, self->first, 0, 1);
    imi_ledger_close(&self->log);
    IMI_AUTO_BUFFER old = IMI_BUFFER_INIT;
    land_read("before/checkpoint", &old);
    land_write("log/checkpoint", imi_buffer_view(&old));
    imi_ledger_options options = land_options("log");
    assert_int_equal(imi_ledger_open(&options, &self->log, NULL), IMI_E_LEDGER_REWRITTEN);
}

static void test_receipts_of_what_is_not_there_are_not_made(void **state)
{
    scene *self = *state;
    assert_int_equal(
        imi_ledger_receipt(self->log, SIZE, land_text(event), salt, &self->receipt, NULL),
        IMI_E_NOT_FOUND);
    assert_int_equal(
        imi_ledger_receipt(self->log, INDEX + 1, land_text(event), salt, &self->receipt, NULL),
        IMI_E_LEDGER_EVENT);
    assert_int_equal(self->receipt.size, 0);
}

static imi_status make_from_files(scene *self, uint64_t index, imi_buffer *out)
{
    out->size = 0;
    return imi_ledger_receipt_of(land_source("log"), &self->trust, index, land_text(event), salt,
                                 out, NULL);
}

static void test_a_reader_of_the_files_makes_the_same_receipts(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER read = IMI_BUFFER_INIT;
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(make_from_files(self, INDEX, &read), IMI_OK);
    assert_true(imi_view_equal(imi_buffer_view(&read), imi_buffer_view(&self->receipt)));
    imi_ledger_close(&self->log);
    open_log(self, 1);
    assert_int_equal(make_from_files(self, INDEX, &read), IMI_E_LEDGER_WITNESS);
    cosign(self, self->first, 0, 1);
    assert_int_equal(make(self), IMI_OK);
    assert_int_equal(make_from_files(self, INDEX, &read), IMI_OK);
    assert_true(imi_view_equal(imi_buffer_view(&read), imi_buffer_view(&self->receipt)));
}

static void test_a_reader_of_the_files_believes_only_whom_it_trusts(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER read = IMI_BUFFER_INIT;
    assert_int_equal(make_from_files(self, SIZE, &read), IMI_E_NOT_FOUND);
    assert_int_equal(make_from_files(self, INDEX + 1, &read), IMI_E_LEDGER_EVENT);
    imi_note_key other = land_key("other", IMI_NOTE_ED25519);
    self->trust.log = &other;
    assert_int_equal(make_from_files(self, INDEX, &read), IMI_E_LEDGER_LOG);
    assert_int_equal(read.size, 0);
}

static void test_malformed_receipts_are_refused(void **state)
{
    scene *self = *state;
    static const char *const changes[][2] = {
        {"\"version\":1", "\"version\":2"},
        {"\"version\":1", "\"version\":1.0"},
        {"\"index\":17", "\"index\":-1"},
        {"\"index\":17", "\"index\":\"17\""},
        {"\"index\":17,", ""},
        {"\"salt\":\"AQ", "\"salt\":\"A"},
        {"\"salt\":\"", "\"salt\":\"="},
        {"\"proof\":[\"", "\"proof\":[\"!"},
        {"\"proof\":[", "\"proof\":[1,"},
        {"\"event\":", "\"event\":1,\"x\":"},
        {"\"index\":17", "\"index\":17,\"index\":17"},
        {"\"event\":\"", "\"event\":\"\\u0000"},
        {"\"checkpoint\":\"", "\"checkpoint\":\"\\n"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        imi_status status = verify_changed(self, changes[i][0], changes[i][1]);
        if (status != IMI_E_LEDGER_FORMAT) {
            fail_msg("%s: %s", changes[i][1], imi_status_name(status));
        }
    }
    assert_int_equal(verify(self, land_text("")), IMI_E_LEDGER_FORMAT);
    assert_int_equal(verify(self, land_text("[]")), IMI_E_LEDGER_FORMAT);
}

static void test_huge_receipts_are_refused(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&text, "{\"version\":1,\"proof\":[", NULL), IMI_OK);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(imi_buffer_append_text(&text, "\"\",", NULL), IMI_OK);
    }
    assert_int_equal(imi_buffer_append_text(&text, "\"\"]}", NULL), IMI_OK);
    assert_int_equal(verify(self, imi_buffer_view(&text)), IMI_E_LEDGER_FORMAT);
    while (text.size <= IMI_RECEIPT_BYTES_MAX) {
        assert_int_equal(imi_buffer_append_text(&text, "                ", NULL), IMI_OK);
    }
    assert_int_equal(verify(self, imi_buffer_view(&text)), IMI_E_LEDGER_FORMAT);
}

/* ---- While the log grows ---- */

typedef struct reader {
    scene *self;
    int good;
    bool stop;
} reader;

static void *make_receipts(void *user)
{
    reader *own = user;
    while (!__atomic_load_n(&own->stop, __ATOMIC_ACQUIRE)) {
        IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
        assert_int_equal(
            imi_ledger_receipt(own->self->log, INDEX, land_text(event), salt, &receipt, NULL),
            IMI_OK);
        assert_int_equal(verify(own->self, imi_buffer_view(&receipt)), IMI_OK);
        own->good++;
    }
    return NULL;
}

static void test_receipts_are_made_while_the_log_grows(void **state)
{
    scene *self = *state;
    reader reading = {.self = self};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, make_receipts, &reading), 0);
    for (uint64_t size = SIZE; size < SIZE + 300; size += 75) { /* over the end of a tile */
        imi_ledger_entry entries[75];
        for (uint64_t i = 0; i < 75; i++) {
            entries[i] = land_entry(LAND_TRUE, size + i);
        }
        assert_int_equal(imi_ledger_integrate(self->log, size, entries, 75, NULL), IMI_OK);
        cosign(self, self->first, size == SIZE ? 0 : size, 1);
    }
    __atomic_store_n(&reading.stop, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    assert_true(reading.good > 0);
}

static size_t g_fail_in;

static bool fail_in(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_fail_in > 0 && --g_fail_in == 0;
}

static void test_no_failed_allocation_makes_a_receipt_true(void **state)
{
    scene *self = *state;
    assert_int_equal(make(self), IMI_OK);
    int64_t blocks = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    for (size_t at = 1; status == IMI_E_NO_MEMORY; at++) {
        imi_alloc_set_fail_hook(fail_in, NULL);
        g_fail_in = at;
        status = verify(self, imi_buffer_view(&self->receipt));
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), blocks);
    }
    assert_int_equal(status, IMI_OK);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_receipt_proves_its_event),
        TEST(test_a_tampered_event_or_salt_is_named),
        TEST(test_what_is_not_included_is_named),
        TEST(test_an_event_that_was_never_logged_is_not_included),
        TEST(test_another_log_and_a_wrong_signature_are_named),
        TEST(test_too_few_witnesses_are_named),
        TEST(test_a_wrong_witness_does_not_count),
        TEST(test_a_receipt_waits_for_the_witnesses_that_it_needs),
        TEST(test_cosignatures_of_an_overtaken_checkpoint_count_for_receipts),
        TEST(test_a_log_shorter_than_its_witnesses_saw_does_not_start),
        TEST(test_receipts_of_what_is_not_there_are_not_made),
        TEST(test_a_reader_of_the_files_makes_the_same_receipts),
        TEST(test_a_reader_of_the_files_believes_only_whom_it_trusts),
        TEST(test_malformed_receipts_are_refused),
        TEST(test_receipts_are_made_while_the_log_grows),
        TEST(test_huge_receipts_are_refused),
        TEST(test_no_failed_allocation_makes_a_receipt_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
