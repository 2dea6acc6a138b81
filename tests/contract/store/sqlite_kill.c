/* A call that returned survives kill -9: a child writes and tells, the parent kills and looks. */
#include "records.h"

#include "imi/memory.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 20, ACKNOWLEDGED_MAX = 65536 };

/* What the child tells: one pipe write each, which is atomic at this size. */
typedef struct acknowledgement {
    char session_id[IMI_ID_SIZE];
    int64_t version;
} acknowledgement;

static char g_folder[256];
static char g_path[300];
static acknowledgement g_told[ACKNOWLEDGED_MAX];
static size_t g_told_count;

static void tell(int out, const imi_session_record *record)
{
    acknowledgement told = {.version = record->version};
    imi_copy_text(told.session_id, sizeof told.session_id, record->session_id);
    if (write(out, &told, sizeof told) != (ssize_t)sizeof told) {
        _exit(3);
    }
}

/* Until it is killed. The pipe is large enough never to hold it up for long. */
static void write_sessions(int out)
{
    imi_store *store = NULL;
    if (imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, NULL) != IMI_OK) {
        _exit(2);
    }
    for (;;) {
        imi_session_record record = sample_session();
        imi_event_record event = sample_event("created");
        if (store->create_session(store, &record, &event, NULL) != IMI_OK) {
            _exit(4);
        }
        tell(out, &record);
        decide_sample(&record);
        imi_score_record score = sample_score();
        imi_copy_text(score.cohort_id, sizeof score.cohort_id, record.session_id);
        imi_leaf_draft leaf = sample_leaf(&record, "decision", "{}");
        imi_session_extras extras = {
            .token = imi_view_of_text(record.token_id), .score = &score, .leaf = &leaf};
        if (store->update_session(store, &record, &event, &extras, NULL) != IMI_OK) {
            _exit(5);
        }
        tell(out, &record);
        imi_audit_record line = sample_audit("step");
        imi_point_record point = sample_point();
        if (store->put_points(store, &point, 1, &line, NULL, NULL) != IMI_OK) {
            _exit(6);
        }
    }
}

/* Scores and sessions belong together, one each; points and audit lines too. */
static imi_status count_score(void *user, const imi_score_record *score, imi_error *err)
{
    (void)err;
    assert_true(score->subject_verified);
    assert_string_equal(score->cohort_id, score->session_id);
    ++*(size_t *)user;
    return IMI_OK;
}

static void assert_nothing_is_half_done(imi_store *store, size_t decided)
{
    imi_error err = IMI_ERROR_INIT;
    size_t scores = 0, points = 0;
    imi_audit_head head;
    static imi_point_record all[ACKNOWLEDGED_MAX / 16];
    assert_ok(store->visit_scores(store, "", 0, count_score, &scores, &err), &err);
    assert_true(scores >= decided);
    assert_ok(imi_store_verify_audit(store, &head, &err), &err);
    assert_ok(store->list_points(store, "", all, sizeof all / sizeof all[0], &points, &err), &err);
    assert_int_equal(points, head.lines);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool read_one(int in)
{
    assert_true(g_told_count < ACKNOWLEDGED_MAX);
    ssize_t got = read(in, &g_told[g_told_count], sizeof g_told[0]);
    if (got == (ssize_t)sizeof g_told[0]) {
        g_told_count++;
        return true;
    }
    assert_int_equal(got, 0);
    return false;
}

/* Listen for a random while after the first word, then kill, then take what is still in the pipe.
 */
static void listen_and_kill(pid_t child, int in)
{
    assert_true(read_one(in));
    int64_t end = now_ms() + rand() % 60;
    for (int64_t left = end - now_ms(); left > 0; left = end - now_ms()) {
        struct pollfd ready = {in, POLLIN, 0};
        if (poll(&ready, 1, (int)left) == 1 && !read_one(in)) {
            break;
        }
    }
    kill(child, SIGKILL);
    while (read_one(in)) {
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void run_round(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_sessions(ends[1]);
    }
    close(ends[1]);
    listen_and_kill(child, ends[0]);
    close(ends[0]);
}

static void assert_has_leaf(imi_store *store, const char *session_id)
{
    imi_error err = IMI_ERROR_INIT;
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_ok(store->find_leaf(store, session_id, "decision", &leaf, &text, &err), &err);
}

static int look_up_all(void)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_store) store = NULL;
    assert_ok(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &err), &err);
    size_t decided = 0;
    for (size_t i = 0; i < g_told_count; i++) {
        imi_session_record got;
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        assert_ok(store->get_session(store, g_told[i].session_id, &got, &err), &err);
        assert_true(got.version >= g_told[i].version);
        if (got.version == 2) {
            assert_ok(store->get_token(store, got.session_id, &token, &err), &err);
            assert_true(imi_view_equal(imi_buffer_view(&token), imi_view_of_text(got.token_id)));
            assert_has_leaf(store, got.session_id);
        }
        imi_event_record events[3];
        size_t count = 0;
        assert_ok(store->list_events(store, got.session_id, 0, events, 3, &count, &err), &err);
        assert_int_equal(count, got.version);
        decided += g_told[i].version == 2;
    }
    assert_nothing_is_half_done(store, decided);
    return 0;
}

static void assert_file_is_sound(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *check = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &check, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(check), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(check, 0), "ok");
    sqlite3_finalize(check);
    sqlite3_close(db);
}

static void every_acknowledged_change_survives_kill(void **state)
{
    (void)state;
    srand((unsigned)now_ms());
    for (int round = 0; round < ROUNDS; round++) {
        run_round();
        /* In a child too, so that no open database is ever carried over a fork. */
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            exit(look_up_all());
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_file_is_sound();
    print_message("%zu acknowledgements over %d kills, none lost\n", g_told_count, ROUNDS);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_acknowledged_change_survives_kill, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests_name("store: SQLite under kill -9", tests, NULL, NULL);
}
