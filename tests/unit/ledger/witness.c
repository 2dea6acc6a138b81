/* A witness: what it cosigns, what it never does, and what the log makes of it. */
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

/* Two logs of one key, which part at entry 10, and a witness of it. */
typedef struct scene {
    imi_ledger *log, *fork;
    imi_note_key key;
    imi_clock_manual clock;
    imi_witness *witness;
    imi_buffer body, note;
} scene;

static int set_up(void **state)
{
    static scene self;
    if (land_set_up(state) != 0) {
        return -1;
    }
    self = (scene){.body = IMI_BUFFER_INIT, .note = IMI_BUFFER_INIT};
    self.log = land_open("log");
    land_copy("log.key", "fork.key");
    self.fork = land_open("fork");
    self.key = *imi_ledger_key(self.log);
    land_grow(self.log, LAND_TRUE, 20, 100);
    land_grow(self.fork, (land_history){10}, 20, 100);
    imi_clock_manual_init(&self.clock, 1700000000000);
    self.witness = land_witness("w1", &self.key, 1, &self.clock.base);
    *state = &self;
    return 0;
}

static int tear_down(void **state)
{
    scene *self = *state;
    imi_witness_close(&self->witness);
    imi_ledger_close(&self->log);
    imi_ledger_close(&self->fork);
    imi_buffer_clean_up(&self->body);
    imi_buffer_clean_up(&self->note);
    return land_tear_down(state);
}

static unsigned ask(scene *self, imi_ledger *ledger, uint64_t old_size)
{
    imi_checkpoint checkpoint;
    land_checkpoint(ledger, &self->note, &checkpoint);
    return land_ask(self->witness, imi_ledger_source_of(ledger), old_size,
                    imi_buffer_view(&self->note), &self->body);
}

static unsigned ask_text(scene *self, const char *text)
{
    imi_witness_answer answer;
    assert_int_equal(imi_witness_add_checkpoint(self->witness, land_text(text), &answer, NULL),
                     IMI_OK);
    unsigned code = answer.code;
    imi_buffer_clean_up(&answer.body);
    return code;
}

static void assert_body(const scene *self, const char *text)
{
    assert_true(imi_view_equal(imi_buffer_view(&self->body), land_text(text)));
}

static void test_a_log_that_grows_is_cosigned(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 0), 200);
    imi_note lines, note;
    uint64_t time_s = 0;
    assert_int_equal(imi_note_parse_signatures(imi_buffer_view(&self->body), &lines, NULL), IMI_OK);
    assert_int_equal(imi_note_parse(imi_buffer_view(&self->note), &note, NULL), IMI_OK);
    lines.text = note.text;
    assert_int_equal(imi_note_verify(&lines, imi_witness_key(self->witness), &time_s, NULL),
                     IMI_OK);
    assert_int_equal(time_s, 1700000000);
    land_grow(self->log, LAND_TRUE, 33, 100);
    assert_int_equal(ask(self, self->log, 20), 200);
    /* Again, as its answer may have been lost. */
    assert_int_equal(ask(self, self->log, 33), 200);
}

static void test_the_empty_log_is_cosigned(void **state)
{
    scene *self = *state;
    imi_ledger_close(&self->fork);
    land_copy("log.key", "empty.key");
    self->fork = land_open("empty");
    assert_int_equal(ask(self, self->fork, 0), 200);
    assert_int_equal(ask(self, self->log, 0), 200);
}

static void test_another_old_size_gets_the_size_that_was_seen(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 5), 409);
    assert_body(self, "0\n");
    assert_int_equal(ask(self, self->log, 0), 200);
    land_grow(self->log, LAND_TRUE, 33, 100);
    assert_int_equal(ask(self, self->log, 0), 409);
    assert_body(self, "20\n");
}

static void test_a_fork_of_the_same_size_is_never_cosigned(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 0), 200);
    assert_int_equal(ask(self, self->fork, 20), 409);
    assert_body(self, "20\n");
    assert_int_equal(ask(self, self->fork, 0), 409);
}

static void test_a_fork_that_has_grown_is_never_cosigned(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 0), 200);
    land_grow(self->fork, (land_history){10}, 40, 100);
    assert_int_equal(ask(self, self->fork, 20), 422);
    assert_int_equal(ask(self, self->fork, 0), 409);
    /* The true one still is. */
    land_grow(self->log, LAND_TRUE, 40, 100);
    assert_int_equal(ask(self, self->log, 20), 200);
}

static void test_a_log_that_shrinks_is_never_cosigned(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER old = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    land_checkpoint(self->log, &old, &checkpoint);
    land_grow(self->log, LAND_TRUE, 40, 100);
    assert_int_equal(ask(self, self->log, 0), 200);
    imi_ledger_source *source = imi_ledger_source_of(self->log);
    imi_view note = imi_buffer_view(&old);
    assert_int_equal(land_ask(self->witness, source, 40, note, &self->body), 400);
    assert_int_equal(land_ask(self->witness, source, 20, note, &self->body), 409);
    assert_int_equal(land_ask(self->witness, source, 0, note, &self->body), 409);
}

static void test_unknown_logs_and_keys_are_refused(void **state)
{
    scene *self = *state;
    imi_ledger_options options = land_options("other");
    options.origin = "imi.example/other";
    imi_ledger *other = NULL;
    assert_int_equal(imi_ledger_open(&options, &other, NULL), IMI_OK);
    assert_int_equal(ask(self, other, 0), 404);
    imi_ledger_close(&other);
    other = land_open("thief"); /* the origin is the same, the key is not */
    assert_int_equal(ask(self, other, 0), 403);
    imi_ledger_close(&other);
}

static void test_malformed_requests_are_refused(void **state)
{
    scene *self = *state;
    static const char *const bad[] = {
        "",
        "old 0",
        "old 0\n",
        "old 0\n\n",
        "old 0\n\nhello\n",
        "old\n\nlog\n1\nx\n",
        "old 00\n\nlog\n",
        "old -1\n\nlog\n",
        "old 1\nnot base64\n\nlog\n",
        "old 1\nAAAA\n\nlog\n",
        "new 0\n\nlog\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ask_text(self, bad[i]), 400);
    }
}

static void test_more_than_63_lines_of_proof_are_refused(void **state)
{
    scene *self = *state;
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    imi_witness_request request;
    assert_int_equal(imi_buffer_append_text(&body, "old 5\n", NULL), IMI_OK);
    for (int i = 0; i <= IMI_LEDGER_PROOF_MAX; i++) {
        assert_int_equal(
            imi_buffer_append_text(&body, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", NULL),
            IMI_OK);
    }
    assert_int_equal(imi_buffer_append_text(&body, "\nlog\n", NULL), IMI_OK);
    assert_int_equal(imi_witness_request_parse(imi_buffer_view(&body), &request, NULL),
                     IMI_E_LEDGER_FORMAT);
    assert_int_equal(request.proof.count, 0);
    assert_non_null(self->witness);
}

static void test_a_proof_where_none_belongs_is_refused(void **state)
{
    scene *self = *state;
    imi_checkpoint checkpoint;
    land_checkpoint(self->log, &self->note, &checkpoint);
    imi_witness_request request = {.checkpoint = imi_buffer_view(&self->note)};
    request.proof.count = 1;
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    assert_int_equal(imi_witness_request_format(&request, &body, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&body, NULL), IMI_OK);
    assert_int_equal(ask_text(self, (const char *)body.data), 422);
}

static void test_what_was_seen_outlives_the_process(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 0), 200);
    imi_witness_close(&self->witness);
    self->witness = land_witness("w1", &self->key, 1, &self->clock.base);
    assert_int_equal(ask(self, self->fork, 20), 409);
    assert_int_equal(ask(self, self->log, 0), 409);
    assert_body(self, "20\n");
    assert_int_equal(ask(self, self->log, 20), 200);
}

static void test_a_damaged_memory_stops_the_start(void **state)
{
    scene *self = *state;
    assert_int_equal(ask(self, self->log, 0), 200);
    imi_witness_close(&self->witness);
    char name[128];
    uint8_t digest[IMI_SHA256_SIZE];
    assert_int_equal(imi_sha256(land_text(LAND_ORIGIN), digest, NULL), IMI_OK);
    snprintf(name, sizeof name, "w1/");
    imi_hex_encode((imi_view){digest, sizeof digest}, name + 3);
    assert_true(land_exists(name));
    land_write(name, land_text(LAND_ORIGIN "\n20"));
    imi_witness_options options = {.data_folder = land_path("w1"),
                                   .key_file = land_path("w1.key"),
                                   .name = "w1",
                                   .logs = &self->key,
                                   .log_count = 1,
                                   .clock = &self->clock.base};
    assert_int_equal(imi_witness_open(&options, &self->witness, NULL), IMI_E_LEDGER_FORMAT);
    assert_null(self->witness);
}

static void test_one_folder_serves_one_witness(void **state)
{
    scene *self = *state;
    imi_witness *second = NULL;
    imi_witness_options options = {.data_folder = land_path("w1"),
                                   .key_file = land_path("w1.key"),
                                   .name = "w1",
                                   .clock = &self->clock.base};
    assert_int_equal(imi_witness_open(&options, &second, NULL), IMI_E_CONFLICT);
    assert_null(second);
}

/* ---- Two at once ---- */

typedef struct racer {
    scene *self;
    imi_ledger *ledger;
    unsigned code;
} racer;

static void *race(void *user)
{
    racer *own = user;
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT, body = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    land_checkpoint(own->ledger, &note, &checkpoint);
    own->code = land_ask(own->self->witness, imi_ledger_source_of(own->ledger), 0,
                         imi_buffer_view(&note), &body);
    return NULL;
}

static void test_of_two_histories_at_once_one_wins(void **state)
{
    scene *self = *state;
    for (int round = 0; round < 8; round++) {
        char name[16];
        snprintf(name, sizeof name, "race%d", round);
        imi_witness_close(&self->witness);
        self->witness = land_witness(name, &self->key, 1, &self->clock.base);
        racer racers[2] = {{self, self->log, 0}, {self, self->fork, 0}};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
        }
        assert_int_equal(racers[0].code + racers[1].code, 200 + 409);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_log_that_grows_is_cosigned),
        TEST(test_the_empty_log_is_cosigned),
        TEST(test_another_old_size_gets_the_size_that_was_seen),
        TEST(test_a_fork_of_the_same_size_is_never_cosigned),
        TEST(test_a_fork_that_has_grown_is_never_cosigned),
        TEST(test_a_log_that_shrinks_is_never_cosigned),
        TEST(test_unknown_logs_and_keys_are_refused),
        TEST(test_malformed_requests_are_refused),
        TEST(test_more_than_63_lines_of_proof_are_refused),
        TEST(test_a_proof_where_none_belongs_is_refused),
        TEST(test_what_was_seen_outlives_the_process),
        TEST(test_a_damaged_memory_stops_the_start),
        TEST(test_one_folder_serves_one_witness),
        TEST(test_of_two_histories_at_once_one_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
