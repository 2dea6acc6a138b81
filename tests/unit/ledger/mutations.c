/* Good texts with random changes: readers must neither crash nor take what was not signed. */
#include "land.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20000, SIGNED_ROUNDS = 3000 };

static uint64_t g_random = 88172645463325252U;

static uint64_t next_random(void)
{
    g_random ^= g_random << 13;
    g_random ^= g_random >> 7;
    return g_random ^= g_random << 17;
}

/* One to four bytes changed, taken out, or written twice. */
static void mutate(imi_view good, imi_buffer *out)
{
    static const uint8_t likely[] = "\n +=-/\"{}[]0A\xE2\x80\x94";
    out->size = 0;
    assert_int_equal(imi_buffer_append(out, good, NULL), IMI_OK);
    for (uint64_t n = next_random() % 4 + 1; n > 0 && out->size > 0; n--) {
        size_t at = (size_t)(next_random() % out->size);
        uint64_t kind = next_random() % 4;
        if (kind == 0) {
            out->data[at] = (uint8_t)next_random();
        } else if (kind == 1) {
            out->data[at] = likely[next_random() % (sizeof likely - 1)];
        } else if (kind == 2) {
            out->size = at;
        } else {
            imi_view tail = {good.data + at % good.size, good.size - at % good.size};
            assert_int_equal(imi_buffer_append(out, tail, NULL), IMI_OK);
        }
    }
}

/* A copy of just that size, so that sanitizers see a byte too far. */
static imi_view exact(const imi_buffer *from, uint8_t **block)
{
    *block = imi_alloc(from->size == 0 ? 1 : from->size);
    assert_non_null(*block);
    imi_copy(*block, from->data, from->size);
    return (imi_view){*block, from->size};
}

typedef struct scene {
    imi_ledger *ledger;
    imi_buffer note, receipt;
    imi_ledger_trust trust;
    char key[IMI_NOTE_KEY_TEXT_SIZE];
} scene;

static const char event[] = "{\"kind\":\"decision\"}";
static const uint8_t salt[IMI_LEAF_SALT_SIZE] = {7};

static int set_up(void **state)
{
    static scene self;
    if (land_set_up(state) != 0) {
        return -1;
    }
    self = (scene){.ledger = land_open("log")};
    land_grow(self.ledger, LAND_TRUE, 20, 20);
    imi_ledger_entry entry;
    imi_checkpoint checkpoint;
    assert_int_equal(imi_leaf_entry(salt, land_text(event), entry.bytes, NULL), IMI_OK);
    assert_int_equal(imi_ledger_integrate(self.ledger, 20, &entry, 1, NULL), IMI_OK);
    land_checkpoint(self.ledger, &self.note, &checkpoint);
    assert_int_equal(
        imi_ledger_receipt(self.ledger, 20, land_text(event), salt, &self.receipt, NULL), IMI_OK);
    self.trust = (imi_ledger_trust){.log = imi_ledger_key(self.ledger)};
    assert_int_equal(imi_note_key_format(self.trust.log, self.key, NULL), IMI_OK);
    *state = &self;
    return 0;
}

static int tear_down(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->ledger);
    imi_buffer_clean_up(&self->note);
    imi_buffer_clean_up(&self->receipt);
    return land_tear_down(state);
}

static void test_changed_notes_say_what_was_signed_or_nothing(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    imi_checkpoint good, read;
    assert_int_equal(
        imi_checkpoint_open(imi_buffer_view(&self->note), &self->trust, &good, NULL, NULL), IMI_OK);
    for (int i = 0; i < SIGNED_ROUNDS; i++) {
        uint8_t *block = NULL;
        mutate(imi_buffer_view(&self->note), &changed);
        if (imi_checkpoint_open(exact(&changed, &block), &self->trust, &read, NULL, NULL) ==
            IMI_OK) {
            assert_memory_equal(&read, &good, sizeof read);
        }
        imi_free(block);
    }
}

static void test_changed_receipts_say_what_was_logged_or_nothing(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    for (int i = 0; i < SIGNED_ROUNDS; i++) {
        uint8_t *block = NULL;
        IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
        mutate(imi_buffer_view(&self->receipt), &changed);
        if (imi_receipt_verify(exact(&changed, &block), &self->trust, &facts, NULL) == IMI_OK) {
            assert_true(imi_view_equal(imi_buffer_view(&facts.event), land_text(event)));
            assert_int_equal(facts.index, 20);
        }
        imi_free(block);
    }
}

static void test_changed_keys_are_the_same_key_or_none(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t *block = NULL;
        imi_note_key key;
        mutate(land_text(self->key), &changed);
        if (imi_note_key_parse(exact(&changed, &block), &key, NULL) == IMI_OK) {
            assert_memory_equal(&key, self->trust.log, sizeof key);
        }
        imi_free(block);
    }
}

static void test_changed_requests_are_read_or_refused(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT, good = IMI_BUFFER_INIT;
    imi_witness_request request = {.old_size = 5, .checkpoint = imi_buffer_view(&self->note)};
    assert_int_equal(imi_ledger_prove_consistency(imi_ledger_source_of(self->ledger), 5, 21,
                                                  &request.proof, NULL),
                     IMI_OK);
    assert_int_equal(imi_witness_request_format(&request, &good, NULL), IMI_OK);
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t *block = NULL;
        imi_witness_request read;
        mutate(imi_buffer_view(&good), &changed);
        if (imi_witness_request_parse(exact(&changed, &block), &read, NULL) != IMI_OK) {
            assert_int_equal(read.checkpoint.size, 0);
            assert_int_equal(read.proof.count, 0);
        }
        imi_free(block);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_changed_notes_say_what_was_signed_or_nothing),
        TEST(test_changed_receipts_say_what_was_logged_or_nothing),
        TEST(test_changed_keys_are_the_same_key_or_none),
        TEST(test_changed_requests_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
