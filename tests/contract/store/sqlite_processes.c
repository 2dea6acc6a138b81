/*
 * Several processes on one file, some of them killed: a token is redeemed once, and the log has
 * neither gaps nor leaves that nobody made.
 *
 * usage: test_store_sqlite_processes [ROUNDS THREADS], with THREADS redeemers a process
 */
#include "records.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PROCESSES = 4, KILLED = 2, THREADS_MAX = 64, APPENDS = 40 };

static char g_folder[256];
static char g_path[300];
static int g_rounds = 20, g_threads = 3;

/* A success that a redeemer was told of; one write to a pipe, which is atomic at this size. */
typedef struct success {
    int process, thread;
} success;

typedef struct redeemer {
    pthread_t thread;
    imi_store *store;
    imi_redemption_record record;
    success who;
    int out;
} redeemer;

static imi_store *open_or_exit(void)
{
    imi_store *store = NULL;
    if (imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, NULL) != IMI_OK) {
        _exit(2);
    }
    return store;
}

static void name_request(imi_redemption_record *record, int process, int thread)
{
    snprintf(record->request_id, sizeof record->request_id, "%d/%d", process, thread);
}

static void *redeem(void *argument)
{
    redeemer *self = argument;
    imi_redemption_record held;
    imi_redemption_outcome outcome = IMI_REDEMPTION_NONE;
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "redemption", .event = imi_view_of_text("{}")};
    if (self->store->redeem_token(self->store, &self->record, &leaf, &outcome, &held, NULL) !=
        IMI_OK) {
        _exit(3);
    }
    if (outcome == IMI_REDEMPTION_NOW &&
        write(self->out, &self->who, sizeof self->who) != (ssize_t)sizeof self->who) {
        _exit(4);
    }
    return NULL;
}

/* Tells that it is ready, waits for the start, and lets its threads loose. */
static void run_process(const imi_redemption_record *token, int process, int out, int start)
{
    static redeemer redeemers[THREADS_MAX];
    static const success ready = {-1, -1};
    imi_store *store = open_or_exit();
    char unused = 0;
    if (write(out, &ready, sizeof ready) != (ssize_t)sizeof ready || read(start, &unused, 1) != 0) {
        _exit(5);
    }
    for (int i = 0; i < g_threads; i++) {
        redeemers[i] =
            (redeemer){.store = store, .record = *token, .who = {process, i}, .out = out};
        name_request(&redeemers[i].record, process, i);
        if (pthread_create(&redeemers[i].thread, NULL, redeem, &redeemers[i]) != 0) {
            _exit(6);
        }
    }
    for (int i = 0; i < g_threads; i++) {
        pthread_join(redeemers[i].thread, NULL);
    }
    _exit(0);
}

typedef struct race {
    imi_redemption_record token;
    pid_t children[PROCESSES];
    int told[2], start[2];
} race;

static void begin_race(race *self)
{
    self->token = sample_redemption("");
    assert_int_equal(pipe(self->told), 0);
    assert_int_equal(pipe(self->start), 0);
    for (int i = 0; i < PROCESSES; i++) {
        self->children[i] = fork();
        assert_true(self->children[i] >= 0);
        if (self->children[i] == 0) {
            close(self->told[0]);
            close(self->start[1]);
            run_process(&self->token, i, self->told[1], self->start[0]);
        }
    }
    close(self->told[1]);
    close(self->start[0]);
    for (int i = 0; i < PROCESSES; i++) {
        success ready;
        assert_int_equal(read(self->told[0], &ready, sizeof ready), sizeof ready);
        assert_int_equal(ready.process, -1);
    }
}

/* Let them go, kill some in the midst of it, and take what was told. */
static size_t end_race(race *self, success *last_out)
{
    size_t successes = 0;
    close(self->start[1]);
    usleep((useconds_t)(rand() % 4000));
    for (int i = 0; i < KILLED; i++) {
        kill(self->children[i], SIGKILL);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(self->children[i], &status, 0), self->children[i]);
        bool killed = i < KILLED && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        assert_true(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    }
    success told;
    while (read(self->told[0], &told, sizeof told) == (ssize_t)sizeof told) {
        *last_out = told;
        successes++;
    }
    close(self->told[0]);
    return successes;
}

/* Each asks again as if it had never heard: the one that redeemed repeats, all others are late. */
static int ask_again(const race *self, size_t successes, const success *told)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_store) store = open_or_exit();
    imi_redemption_record held;
    int repeated = 0;
    for (int i = 0; i < PROCESSES * g_threads; i++) {
        success who = {i / g_threads, i % g_threads};
        imi_redemption_record again = self->token;
        imi_redemption_outcome outcome = IMI_REDEMPTION_NONE;
        name_request(&again, who.process, who.thread);
        assert_ok(store->redeem_token(store, &again, NULL, &outcome, &held, &err), &err);
        if (outcome == IMI_REDEMPTION_REPEATED) {
            repeated++;
            assert_true(successes == 1 ? told->process == who.process && told->thread == who.thread
                                       : who.process < KILLED);
        } else {
            assert_int_equal(outcome, IMI_REDEMPTION_ALREADY);
        }
    }
    assert_int_equal(repeated, 1);
    return 0;
}

static void assert_child(int (*function)(void *), void *argument)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        exit(function(argument));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

typedef struct outcome {
    race run;
    success told;
    size_t successes;
} outcome;

static int look(void *argument)
{
    outcome *round = argument;
    return ask_again(&round->run, round->successes, &round->told);
}

static int count_leaves(void *argument)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_store) store = open_or_exit();
    size_t wanted = *(size_t *)argument, count = 0;
    uint8_t(*entries)[IMI_STORE_HASH_SIZE] = imi_alloc((wanted + 1) * IMI_STORE_HASH_SIZE);
    assert_non_null(entries);
    assert_ok(store->list_leaves(store, 0, entries, wanted + 1, &count, &err), &err);
    imi_free(entries);
    assert_int_equal(count, wanted);
    return 0;
}

static void a_token_is_redeemed_once_whoever_is_killed(void **state)
{
    (void)state;
    size_t rounds = (size_t)g_rounds, unheard = 0;
    srand((unsigned)getpid());
    for (int i = 0; i < g_rounds; i++) {
        outcome round = {.successes = 0};
        begin_race(&round.run);
        round.successes = end_race(&round.run, &round.told);
        assert_in_range(round.successes, 0, 1);
        unheard += round.successes == 0;
        assert_child(look, &round);
    }
    assert_child(count_leaves, &rounds);
    print_message("%d redeemers, %d rounds with kills: one success each, %zu of it unheard\n",
                  PROCESSES * g_threads, g_rounds, unheard);
}

/* All that draws a number: leaves, events, places in the list of statuses. */
static int write_all_kinds(void *argument)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_store) store = open_or_exit();
    for (int i = 0; i < APPENDS; i++) {
        imi_session_record session = sample_session();
        imi_event_record event = sample_event("created");
        imi_leaf_draft leaf = sample_leaf(&session, "decision", "{}");
        imi_session_extras extras = {.leaf = &leaf};
        imi_status_record status;
        assert_ok(store->create_session(store, &session, &event, &err), &err);
        decide_sample(&session);
        assert_ok(store->allocate_status(store, session.token_id, &status, &err), &err);
        assert_ok(store->update_session(store, &session, &event, &extras, &err), &err);
    }
    (void)argument;
    return 0;
}

static int count_events(void *argument)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_store) store = open_or_exit();
    static imi_feed_record events[PROCESSES * APPENDS * 2 + 1];
    size_t count = 0;
    assert_ok(store->list_feed(store, "relying-party", 0, events, sizeof events / sizeof events[0],
                               &count, &err),
              &err);
    assert_int_equal(count, *(size_t *)argument * 2);
    return 0;
}

static void processes_that_write_at_once_wait_for_each_other(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    size_t leaves = (size_t)PROCESSES * APPENDS;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            exit(write_all_kinds(NULL));
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_child(count_leaves, &leaves);
    assert_child(count_events, &leaves);
}

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
    scratch_remove(g_folder);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        g_rounds = atoi(argv[1]);
        g_threads = atoi(argv[2]);
    }
    if (g_rounds < 1 || g_threads < 1 || g_threads > THREADS_MAX) {
        fprintf(stderr, "usage: %s [ROUNDS THREADS], at most %d threads\n", argv[0], THREADS_MAX);
        return 2;
    }
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_token_is_redeemed_once_whoever_is_killed),
        TEST(processes_that_write_at_once_wait_for_each_other),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite, several processes", tests, NULL, NULL);
}
