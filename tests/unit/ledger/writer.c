/* The log that is written: what goes in, what stays out, and what a crash leaves. */
#include "land.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static imi_status integrate(imi_ledger *ledger, land_history history, uint64_t first, size_t count)
{
    static imi_ledger_entry entries[1024];
    for (size_t i = 0; i < count; i++) {
        entries[i] = land_entry(history, first + i);
    }
    return imi_ledger_integrate(ledger, first, entries, count, NULL);
}

static imi_status open_status(const char *name, imi_error *error)
{
    imi_ledger_options options = land_options(name);
    imi_ledger *ledger = NULL;
    imi_status status = imi_ledger_open(&options, &ledger, error);
    assert_true((status == IMI_OK) == (ledger != NULL));
    imi_ledger_close(&ledger);
    return status;
}

static void assert_log(imi_ledger *ledger, uint64_t size)
{
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT;
    imi_checkpoint checkpoint;
    imi_ledger_hash root = land_root(LAND_TRUE, 0, size);
    land_checkpoint(ledger, &note, &checkpoint);
    assert_int_equal(checkpoint.size, size);
    assert_memory_equal(&checkpoint.root, &root, sizeof root);
    assert_int_equal(imi_ledger_check(imi_ledger_source_of(ledger), &checkpoint, NULL), IMI_OK);
}

/* A log of that many entries, closed. */
static void make_log(const char *name, uint64_t size)
{
    imi_ledger *ledger = land_open(name);
    land_grow(ledger, LAND_TRUE, size, 1024);
    imi_ledger_close(&ledger);
}

static void test_a_new_log_publishes_the_empty_tree(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    assert_log(ledger, 0);
    imi_ledger_close(&ledger);
}

static void test_batches_make_the_tree_of_the_definition(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    const uint64_t sizes[] = {1, 2, 255, 256, 257, 600, 1030};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        land_grow(ledger, LAND_TRUE, sizes[i], 1024);
        assert_log(ledger, sizes[i]);
    }
    imi_ledger_close(&ledger);
}

static void test_files_stand_where_c2sp_says(void **state)
{
    (void)state;
    make_log("log", 515);
    static const char *const there[] = {
        "checkpoint",     "tile/0/000",       "tile/0/001",       "tile/0/002.p/3",
        "tile/1/000.p/2", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/3"};
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "log/%s", there[i]);
        if (!land_exists(name)) {
            fail_msg("%s is missing", there[i]);
        }
    }
    assert_false(land_exists("log/tile/0/002"));
    assert_false(land_exists("log/tile/1/000"));
    assert_false(land_exists("log/tile/2"));
    IMI_AUTO_BUFFER bundle = IMI_BUFFER_INIT;
    land_read("log/tile/entries/001", &bundle);
    assert_int_equal(bundle.size, 256 * 34);
    imi_ledger_entry entry = land_entry(LAND_TRUE, 256);
    assert_memory_equal(bundle.data, "\0\x20", 2);
    assert_memory_equal(bundle.data + 2, entry.bytes, 32);
}

static void test_partial_tiles_go_when_the_full_one_is_published(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    land_grow(ledger, LAND_TRUE, 20, 10);
    assert_true(land_exists("log/tile/0/000.p/10"));
    assert_true(land_exists("log/tile/0/000.p/20"));
    land_grow(ledger, LAND_TRUE, 256, 1024);
    assert_false(land_exists("log/tile/0/000.p"));
    assert_false(land_exists("log/tile/entries/000.p"));
    assert_log(ledger, 256);
    imi_ledger_close(&ledger);
}

static void test_a_log_goes_on_where_it_was_closed(void **state)
{
    (void)state;
    make_log("log", 300);
    imi_ledger *ledger = land_open("log");
    assert_log(ledger, 300);
    land_grow(ledger, LAND_TRUE, 310, 1024);
    assert_log(ledger, 310);
    imi_ledger_close(&ledger);
}

static void test_entries_that_are_in_are_taken_again(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    assert_int_equal(integrate(ledger, LAND_TRUE, 0, 300), IMI_OK);
    assert_int_equal(integrate(ledger, LAND_TRUE, 0, 300), IMI_OK);
    assert_int_equal(integrate(ledger, LAND_TRUE, 250, 10), IMI_OK);
    assert_int_equal(integrate(ledger, LAND_TRUE, 290, 20), IMI_OK);
    assert_int_equal(integrate(ledger, LAND_TRUE, 310, 0), IMI_OK);
    assert_log(ledger, 310);
    imi_ledger_close(&ledger);
}

static void test_entries_that_differ_from_those_in_are_refused(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    land_grow(ledger, LAND_TRUE, 300, 1024);
    land_history fork = {299};
    assert_int_equal(integrate(ledger, fork, 250, 60), IMI_E_LEDGER_REWRITTEN);
    fork.fork_at = 10;
    assert_int_equal(integrate(ledger, fork, 0, 300), IMI_E_LEDGER_REWRITTEN);
    assert_log(ledger, 300);
    imi_ledger_close(&ledger);
}

static void test_a_gap_is_refused(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    assert_int_equal(integrate(ledger, LAND_TRUE, 1, 5), IMI_E_CONFLICT);
    assert_log(ledger, 0);
    imi_ledger_close(&ledger);
}

static void test_a_second_writer_is_refused(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    assert_int_equal(open_status("log", NULL), IMI_E_CONFLICT);
    imi_ledger_close(&ledger);
    assert_int_equal(open_status("log", NULL), IMI_OK);
}

/* ---- Histories that are not what they were ---- */

static void flip(const char *name, size_t at)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    land_read(name, &bytes);
    assert_true(at < bytes.size);
    bytes.data[at] ^= 1;
    land_write(name, imi_buffer_view(&bytes));
}

static void test_a_changed_file_stops_the_start(void **state)
{
    (void)state;
    static const char *const files[] = {"tile/entries/000", "tile/entries/001.p/44", "tile/0/000",
                                        "tile/0/001.p/44", "tile/1/000.p/1"};
    make_log("log", 300);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[64];
        imi_error error = IMI_ERROR_INIT;
        snprintf(name, sizeof name, "log/%s", files[i]);
        flip(name, 5);
        assert_int_equal(open_status("log", &error), IMI_E_LEDGER_REWRITTEN);
        assert_non_null(strstr(error.message, "not"));
        flip(name, 5);
        assert_int_equal(open_status("log", NULL), IMI_OK);
    }
}

static void test_a_truncated_or_missing_tile_stops_the_start(void **state)
{
    (void)state;
    make_log("log", 300);
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(truncate(land_path("log/tile/0/000"), 8191), 0);
    assert_int_equal(open_status("log", &error), IMI_E_LEDGER_FORMAT);
    assert_non_null(strstr(error.message, "tile/0/000"));
    assert_int_equal(unlink(land_path("log/tile/0/000")), 0);
    assert_int_equal(open_status("log", NULL), IMI_E_NOT_FOUND);
}

static void test_an_entry_of_another_length_is_refused(void **state)
{
    (void)state;
    make_log("log", 3);
    flip("log/tile/entries/000.p/3", 1);
    assert_int_equal(open_status("log", NULL), IMI_E_LEDGER_FORMAT);
}

static void test_a_lost_checkpoint_stops_the_start(void **state)
{
    (void)state;
    make_log("log", 3);
    assert_int_equal(unlink(land_path("log/checkpoint")), 0);
    assert_int_equal(open_status("log", NULL), IMI_E_LEDGER_REWRITTEN);
}

static void test_another_keys_checkpoint_stops_the_start(void **state)
{
    (void)state;
    make_log("log", 3);
    assert_int_equal(unlink(land_path("log.key")), 0);
    assert_int_equal(open_status("log", NULL), IMI_E_LEDGER_LOG);
}

static void test_entries_of_another_history_do_not_replace_an_unpublished_tile(void **state)
{
    (void)state;
    make_log("log", 256);
    make_log("old", 10);
    /* As if the newest checkpoint had not yet been published when the machine stopped. */
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT;
    imi_ledger *ledger = land_open("log");
    imi_ledger_close(&ledger);
    assert_int_equal(unlink(land_path("log/checkpoint")), 0);
    assert_int_equal(rename(land_path("log/tile"), land_path("tile")), 0);
    ledger = land_open("log");
    assert_int_equal(rename(land_path("tile"), land_path("log/tile")), 0);
    land_history fork = {200};
    assert_int_equal(integrate(ledger, fork, 0, 256), IMI_E_LEDGER_REWRITTEN);
    assert_int_equal(integrate(ledger, LAND_TRUE, 0, 256), IMI_OK);
    assert_log(ledger, 256);
    imi_ledger_close(&ledger);
}

/* ---- Failures ---- */

static size_t g_fail_in;

static bool fail_in(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_fail_in > 0 && --g_fail_in == 0;
}

static void test_whatever_fails_the_next_call_goes_on(void **state)
{
    (void)state;
    make_log("start", 250);
    int failures = 0;
    for (size_t at = 1;; at++) {
        char name[32];
        snprintf(name, sizeof name, "log%zu", at);
        land_copy("start", name);
        land_copy("start.key", "copied.key");
        snprintf(name, sizeof name, "log%zu.key", at);
        assert_int_equal(rename(land_path("copied.key"), land_path(name)), 0);
        snprintf(name, sizeof name, "log%zu", at);
        imi_ledger *ledger = land_open(name);
        imi_alloc_set_fail_hook(fail_in, NULL);
        g_fail_in = at;
        imi_status status = integrate(ledger, LAND_TRUE, 250, 30);
        bool reached = g_fail_in == 0;
        g_fail_in = 0;
        imi_alloc_set_fail_hook(NULL, NULL);
        if (status != IMI_OK) {
            assert_int_equal(status, IMI_E_NO_MEMORY);
            failures++;
        }
        if (at % 2 == 0) { /* in the same process, or as after a crash */
            imi_ledger_close(&ledger);
            ledger = land_open(name);
        }
        assert_int_equal(integrate(ledger, LAND_TRUE, 250, 30), IMI_OK);
        assert_log(ledger, 280);
        imi_ledger_close(&ledger);
        if (!reached) {
            break;
        }
        at += at / 4; /* a sample of all places, as each costs many fsyncs */
    }
    assert_true(failures > 5);
}

static void test_a_full_disk_is_told_and_the_next_call_goes_on(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    land_grow(ledger, LAND_TRUE, 250, 1024);
    struct rlimit before, small = {.rlim_cur = 4000};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    imi_status status = integrate(ledger, LAND_TRUE, 250, 30); /* a full tile has 8,192 bytes */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, IMI_E_IO);
    assert_false(land_exists("log/tile/entries/000"));
    assert_false(land_exists("log/tile/entries/000.new"));
    assert_log(ledger, 250);
    assert_int_equal(integrate(ledger, LAND_TRUE, 250, 30), IMI_OK);
    assert_log(ledger, 280);
    imi_ledger_close(&ledger);
}

static void test_what_stands_in_a_tiles_way_is_told(void **state)
{
    (void)state;
    imi_ledger *ledger = land_open("log");
    land_grow(ledger, LAND_TRUE, 3, 1024);
    land_write("log/tile/1", land_text("a file where a folder belongs"));
    assert_int_equal(integrate(ledger, LAND_TRUE, 3, 300), IMI_E_IO);
    assert_log(ledger, 3);
    assert_int_equal(unlink(land_path("log/tile/1")), 0);
    assert_int_equal(integrate(ledger, LAND_TRUE, 3, 300), IMI_OK);
    assert_log(ledger, 303);
    imi_ledger_close(&ledger);
}

static void test_opening_survives_every_failed_allocation(void **state)
{
    (void)state;
    make_log("log", 3);
    int64_t blocks = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    for (size_t at = 1; status == IMI_E_NO_MEMORY; at++) {
        imi_alloc_set_fail_hook(fail_in, NULL);
        g_fail_in = at;
        status = open_status("log", NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), blocks);
    }
    assert_int_equal(status, IMI_OK);
}

static void test_senseless_options_are_refused(void **state)
{
    (void)state;
    imi_ledger *ledger = NULL;
    imi_ledger_options options = land_options("log");
    options.witnesses_needed = 1;
    assert_int_equal(imi_ledger_open(&options, &ledger, NULL), IMI_E_INVALID_ARGUMENT);
    options = land_options("log");
    options.origin = "two words";
    assert_int_equal(imi_ledger_open(&options, &ledger, NULL), IMI_E_INVALID_ARGUMENT);
    options = land_options("log");
    options.folder = NULL;
    assert_int_equal(imi_ledger_open(&options, &ledger, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(ledger);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, land_set_up, land_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_log_publishes_the_empty_tree),
        TEST(test_batches_make_the_tree_of_the_definition),
        TEST(test_files_stand_where_c2sp_says),
        TEST(test_partial_tiles_go_when_the_full_one_is_published),
        TEST(test_a_log_goes_on_where_it_was_closed),
        TEST(test_entries_that_are_in_are_taken_again),
        TEST(test_entries_that_differ_from_those_in_are_refused),
        TEST(test_a_gap_is_refused),
        TEST(test_a_second_writer_is_refused),
        TEST(test_a_changed_file_stops_the_start),
        TEST(test_a_truncated_or_missing_tile_stops_the_start),
        TEST(test_an_entry_of_another_length_is_refused),
        TEST(test_a_lost_checkpoint_stops_the_start),
        TEST(test_another_keys_checkpoint_stops_the_start),
        TEST(test_entries_of_another_history_do_not_replace_an_unpublished_tile),
        TEST(test_whatever_fails_the_next_call_goes_on),
        TEST(test_a_full_disk_is_told_and_the_next_call_goes_on),
        TEST(test_what_stands_in_a_tiles_way_is_told),
        TEST(test_opening_survives_every_failed_allocation),
        TEST(test_senseless_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
