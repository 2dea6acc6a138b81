/* What only the SQLite store has: a file, its schema, and the bytes in it. */
#include "records.h"

#include "imi/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char g_folder[256];
static char g_path[300];
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

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

static void assert_open_fails(imi_status wanted)
{
    imi_store *store = (imi_store *)&g_err; /* must be overwritten */
    assert_int_equal(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err),
                     wanted);
    assert_null(store);
}

static imi_session_record add_session(imi_store *store)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    OK(store->create_session(store, &record, &event, &g_err));
    return record;
}

static void fill(size_t sessions)
{
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    for (size_t i = 0; i < sessions; i++) {
        add_session(store);
    }
}

/* Through a connection of the test's own, as an administrator's shell would. */
static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s", message);
    }
    sqlite3_close(db);
}

static int read_sql_number(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void overwrite(long at, const char *bytes, size_t size)
{
    int fd = open(g_path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), (ssize_t)size);
    close(fd);
}

/* Opening */

static void the_stores_files_are_private(void **state)
{
    (void)state;
    mode_t before = umask(0);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    umask(before);
    add_session(store);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[320];
        struct stat info;
        snprintf(path, sizeof path, "%s%s", g_path, suffixes[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
}

static void an_empty_file_becomes_a_store(void **state)
{
    (void)state;
    overwrite(0, "", 0);
    fill(1);
}

static void a_new_store_has_the_newest_schema_and_our_mark(void **state)
{
    (void)state;
    fill(0);
    assert_int_equal(read_sql_number("PRAGMA user_version"), 7);
    assert_int_equal(read_sql_number("PRAGMA application_id"), 0x494D4931);
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    (void)state;
    static char noise[8192];
    memset(noise, 'x', sizeof noise);
    overwrite(0, noise, sizeof noise);
    assert_open_fails(IMI_E_STORE_CORRUPT);
}

static void a_damaged_page_is_corrupt(void **state)
{
    (void)state;
    fill(200);
    static char noise[4096];
    memset(noise, 0xA5, sizeof noise);
    overwrite(4096L * 10, noise, sizeof noise);
    assert_open_fails(IMI_E_STORE_CORRUPT);
}

static void a_truncated_file_is_corrupt(void **state)
{
    (void)state;
    fill(200);
    assert_int_equal(truncate(g_path, 4096 * 9), 0);
    assert_open_fails(IMI_E_STORE_CORRUPT);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
    (void)state;
    fill(1);
    run_sql("PRAGMA user_version = 99");
    assert_open_fails(IMI_E_STORE_SCHEMA);
    assert_non_null(strstr(g_err.message, "99"));
    assert_int_equal(read_sql_number("PRAGMA user_version"), 99);
}

static void a_database_of_another_program_is_refused_and_left_alone(void **state)
{
    (void)state;
    run_sql("CREATE TABLE theirs (a)");
    assert_open_fails(IMI_E_STORE_SCHEMA);
    assert_int_equal(read_sql_number("SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_record_of_impossible_form_is_corrupt(void **state)
{
    (void)state;
    fill(1);
    run_sql("UPDATE session SET nonce = hex(randomblob(400)), session_id = 'ses_1' ");
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_session_record got;
    assert_int_equal(store->get_session(store, "ses_1", &got, &g_err), IMI_E_STORE_CORRUPT);
    assert_int_equal(got.state, IMI_SESSION_NONE);
    assert_string_equal(got.nonce, "");
}

static void a_missing_folder_is_an_io_error(void **state)
{
    (void)state;
    snprintf(g_path, sizeof g_path, "%s/missing/store.db", g_folder);
    assert_open_fails(IMI_E_STORE_IO);
    assert_int_equal(g_err.foreign_code, ENOENT);
}

static void a_folder_in_the_files_place_is_an_io_error(void **state)
{
    (void)state;
    snprintf(g_path, sizeof g_path, "%s", g_folder);
    assert_open_fails(IMI_E_STORE_IO);
}

static void names_that_sqlite_treats_specially_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", ":memory:", "file:x?mode=memory"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(g_path, sizeof g_path, "%s", names[i]);
        assert_open_fails(IMI_E_INVALID_ARGUMENT);
    }
}

/* In a child, as rights and limits cannot be taken back. Exit status 0: as it must be. */
static void assert_child(int (*function)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(function());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* The parent's, which the child cannot open any more and the store does not come to use. */
static imi_vault *g_lent;

static int open_without_rights(void)
{
    /* Rights do not bind root. */
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) {
        return 2;
    }
    imi_store *store = NULL;
    return imi_store_sqlite_open(g_path, g_lent, &store, NULL) == IMI_E_STORE_IO && store == NULL
               ? 0
               : 1;
}

static void a_folder_that_cannot_be_written_is_an_io_error(void **state)
{
    (void)state;
    g_lent = scratch_vault(g_folder);
    assert_int_equal(chmod(g_folder, 0555), 0);
    assert_child(open_without_rights);
    assert_int_equal(chmod(g_folder, 0700), 0);
}

static int write_until_full(void)
{
    imi_store *store = NULL;
    if (imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, NULL) != IMI_OK) {
        return 2;
    }
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {1024 * 1024, 1024 * 1024};
    setrlimit(RLIMIT_FSIZE, &limit);
    imi_status status = IMI_OK;
    imi_session_record record, last = {0}, got;
    for (int i = 0; i < 2000 && status == IMI_OK; i++) {
        imi_event_record event = sample_event("created");
        record = sample_session();
        status = store->create_session(store, &record, &event, NULL);
        last = status == IMI_OK ? record : last;
    }
    bool refused = status == IMI_E_STORE_IO;
    bool absent = store->get_session(store, record.session_id, &got, NULL) == IMI_E_NOT_FOUND;
    bool kept = store->get_session(store, last.session_id, &got, NULL) == IMI_OK;
    imi_store_destroy(&store);
    return refused && absent && kept ? 0 : 1;
}

static void a_full_disk_is_an_io_error_and_loses_nothing_acknowledged(void **state)
{
    (void)state;
    assert_child(write_until_full);
    fill(1);
    assert_true(read_sql_number("SELECT count(*) FROM session") > 10);
}

/* Other processes */

static void a_lock_held_too_long_is_busy(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(g_path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    assert_int_equal(store->create_session(store, &record, &event, &g_err), IMI_E_STORE_BUSY);
    assert_int_equal(record.version, 0);
    sqlite3_close(other);
    OK(store->create_session(store, &record, &event, &g_err));
}

/* Erasure */

enum { TEMPLATES = 240, TEMPLATE_SIZE = 1400, SHRED_SIZE = 64, SHRED_STEP = 100 };

static bool file_holds_bytes(const char *suffix, imi_view wanted)
{
    char path[320];
    snprintf(path, sizeof path, "%s%s", g_path, suffix);
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    if (imi_file_read(path, 1U << 26, &bytes, &g_err) != IMI_OK) {
        return false;
    }
    return memmem(bytes.data, bytes.size, wanted.data, wanted.size) != NULL;
}

static bool file_holds(const char *suffix, const char *text)
{
    return file_holds_bytes(suffix, imi_view_of_text(text));
}

/* What lies sealed in the one row that the statement finds. */
static void read_sealed(const char *sql, imi_buffer *out)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    imi_view bytes = {sqlite3_column_blob(statement, 0),
                      (size_t)sqlite3_column_bytes(statement, 0)};
    OK(imi_buffer_append(out, bytes, &g_err));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* Any stretch of the bytes counts: pages are cut and kept in many ways. */
static bool store_holds_shred(imi_view bytes)
{
    for (size_t at = 0; at < bytes.size; at += SHRED_STEP) {
        size_t size = bytes.size - at < SHRED_SIZE ? bytes.size - at : SHRED_SIZE;
        imi_view shred = {bytes.data + at, size};
        if (size >= 16 && (file_holds_bytes("", shred) || file_holds_bytes("-wal", shred))) {
            return true;
        }
    }
    return false;
}

static void put_template(imi_store *store, char id_out[IMI_ID_SIZE], imi_buffer *sealed_out)
{
    uint8_t bytes[TEMPLATE_SIZE];
    char sql[120];
    imi_reference_record record = sample_reference();
    OK(imi_random(bytes, sizeof bytes, &g_err));
    OK(store->put_reference(store, &record, (imi_view){bytes, sizeof bytes}, &g_err));
    imi_copy_text(id_out, IMI_ID_SIZE, record.reference_id);
    snprintf(sql, sizeof sql, "SELECT template FROM reference WHERE reference_id = '%s'", id_out);
    read_sealed(sql, sealed_out);
    assert_int_equal(sealed_out->size, TEMPLATE_SIZE + 29);
}

static void an_erased_template_is_in_neither_file_nor_log(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    static char ids[TEMPLATES][IMI_ID_SIZE];
    static imi_buffer sealed[TEMPLATES];
    for (unsigned i = 0; i < TEMPLATES; i++) {
        put_template(store, ids[i], &sealed[i]);
    }
    assert_true(store_holds_shred(imi_buffer_view(&sealed[6])));
    for (unsigned i = 0; i < TEMPLATES; i += 3) {
        OK(store->delete_reference(store, ids[i], &g_err));
    }
    for (unsigned i = 0; i < TEMPLATES; i++) {
        bool there = store_holds_shred(imi_buffer_view(&sealed[i]));
        if (there != (i % 3 != 0)) {
            fail_msg("template %u is %s", i, there ? "still there" : "lost");
        }
        imi_buffer_clean_up(&sealed[i]);
    }
}

static void the_subject_of_an_erased_reference_is_gone_too(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_reference_record record = sample_reference();
    imi_copy_text(record.subject_id, sizeof record.subject_id, "subject-to-be-forgotten");
    OK(store->put_reference(store, &record, imi_view_of_text("template"), &g_err));
    OK(store->delete_reference(store, record.reference_id, &g_err));
    assert_false(file_holds("", "subject-to-be-forgotten"));
    assert_false(file_holds("-wal", "subject-to-be-forgotten"));
}

static void an_erasure_that_a_reader_holds_up_says_so_and_can_be_repeated(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_reference_record record = sample_reference(), got;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    OK(store->put_reference(store, &record, imi_view_of_text("kept-up-template"), &g_err));
    read_sealed("SELECT template FROM reference", &sealed);
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open(g_path, &reader), SQLITE_OK);
    const char *hold = "BEGIN; SELECT count(*) FROM reference";
    assert_int_equal(sqlite3_exec(reader, hold, NULL, NULL, NULL), SQLITE_OK);

    assert_int_equal(store->delete_reference(store, record.reference_id, &g_err), IMI_E_STORE_BUSY);
    assert_int_equal(store->get_reference(store, record.reference_id, &got, NULL, &g_err),
                     IMI_E_NOT_FOUND);
    sqlite3_close(reader);
    OK(store->delete_reference(store, record.reference_id, &g_err));
    assert_false(store_holds_shred(imi_buffer_view(&sealed)));
}

/* All that hangs on a reference: an additional one, statistics, a cohort, a likely duplicate. */
static void hang_on(imi_store *store, const imi_reference_record *primary)
{
    imi_reference_record added = sample_additional(primary), other = sample_reference();
    OK(store->put_reference(store, &added, imi_view_of_text("added-template"), &g_err));
    OK(store->put_reference(store, &other, imi_view_of_text("other-template"), &g_err));
    OK(store->put_statistics(store, primary->reference_id, imi_view_of_text("its-statistics"),
                             &g_err));
    imi_cohort_record cohort = sample_cohort();
    OK(store->put_cohort(store, &cohort, (const char(*)[IMI_ID_SIZE])primary->reference_id, 1,
                         &g_err));
    bool first = strcmp(primary->reference_id, other.reference_id) < 0;
    imi_duplicate_record pair = {.fmr = 1e-9};
    imi_copy_text(pair.reference_a, IMI_ID_SIZE,
                  first ? primary->reference_id : other.reference_id);
    imi_copy_text(pair.reference_b, IMI_ID_SIZE,
                  first ? other.reference_id : primary->reference_id);
    OK(store->put_duplicates(store, &pair, 1, &g_err));
}

static void all_that_hangs_on_an_erased_reference_is_in_neither_file_nor_log(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_reference_record primary = sample_reference();
    OK(store->put_reference(store, &primary, imi_view_of_text("primary-template"), &g_err));
    hang_on(store, &primary);
    static const char *const reads[] = {
        "SELECT template FROM reference WHERE reference_id IN (SELECT reference_id FROM "
        "reference_statistics)",
        "SELECT template FROM reference WHERE parent_id <> ''",
        "SELECT statistics FROM reference_statistics",
    };
    imi_buffer sealed[3] = {IMI_BUFFER_INIT, IMI_BUFFER_INIT, IMI_BUFFER_INIT};
    for (size_t i = 0; i < 3; i++) {
        read_sealed(reads[i], &sealed[i]);
        assert_true(store_holds_shred(imi_buffer_view(&sealed[i])));
    }
    OK(store->delete_reference(store, primary.reference_id, &g_err));
    for (size_t i = 0; i < 3; i++) {
        assert_false(store_holds_shred(imi_buffer_view(&sealed[i])));
        imi_buffer_clean_up(&sealed[i]);
    }
    assert_int_equal(read_sql_number("SELECT count(*) FROM cohort_member"), 0);
    assert_int_equal(read_sql_number("SELECT count(*) FROM duplicate"), 0);
    assert_int_equal(read_sql_number("SELECT count(*) FROM reference"), 1);
}

static void an_interrupted_erasure_is_finished_at_the_next_start(void **state)
{
    (void)state;
    fill(1);
    /* As a crash between the erasure's steps leaves it; the log stays, as a crash leaves it too. */
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE t (a); INSERT INTO t VALUES ('left-over');"
                                  "DROP TABLE t; INSERT INTO erasure VALUES ('ref_1')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_true(file_holds("-wal", "left-over"));
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    assert_false(file_holds("-wal", "left-over"));
    assert_int_equal(read_sql_number("SELECT count(*) FROM erasure"), 0);
}

/* Older schemas */

/* What the first released schema held, in its own words. */
static const char first_schema[] =
    "CREATE TABLE reference (reference_id TEXT PRIMARY KEY, relying_party TEXT NOT NULL, "
    "subject_id TEXT NOT NULL, model_version TEXT NOT NULL, quality REAL NOT NULL, "
    "created_ms INTEGER NOT NULL, template BLOB NOT NULL) STRICT;"
    "CREATE TABLE erasure (reference_id TEXT PRIMARY KEY) STRICT;"
    "CREATE TABLE session (session_id TEXT PRIMARY KEY, version INTEGER NOT NULL, "
    "relying_party TEXT NOT NULL, request_id TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "reference_id TEXT NOT NULL, purpose TEXT NOT NULL, nonce TEXT NOT NULL, "
    "state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6), join_secret_hash BLOB NOT NULL, "
    "credential_hash BLOB NOT NULL, device_key BLOB NOT NULL, created_ms INTEGER NOT NULL, "
    "expires_ms INTEGER NOT NULL, consented_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, "
    "decision INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 4), reason TEXT NOT NULL, "
    "similarity REAL, fmr REAL, policy_version TEXT NOT NULL, model_version TEXT NOT NULL, "
    "token_id TEXT NOT NULL, decided_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX session_by_request ON session (relying_party, request_id) "
    "WHERE request_id <> '';"
    "CREATE UNIQUE INDEX session_by_token ON session (token_id) WHERE token_id <> '';"
    "CREATE INDEX session_open ON session (expires_ms) WHERE state IN (1, 2, 3);"
    "CREATE TABLE session_token (session_id TEXT PRIMARY KEY REFERENCES session (session_id), "
    "token BLOB NOT NULL) STRICT;"
    "CREATE TABLE event (session_id TEXT NOT NULL REFERENCES session (session_id), "
    "sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, "
    "detail TEXT NOT NULL, PRIMARY KEY (session_id, sequence)) STRICT, WITHOUT ROWID;"
    "INSERT INTO reference VALUES ('ref_old', 'relying-party', 'subject', 'one', 0.5, 7, "
    "x'626c6f62');"
    "INSERT INTO session VALUES ('ses_new', 1, 'r', '', 's', 'ref_old', 'demo', 'n', 1, "
    "zeroblob(32), zeroblob(32), x'', 1, 2, 0, 0, 0, '', NULL, NULL, '', '', '', 0), "
    "('ses_old', 3, 'r', '', 's', 'ref_old', 'demo', 'n', 4, zeroblob(32), zeroblob(32), x'', "
    "1, 2, 3, 1, 1, 'ok', 0.5, 1e-5, 'p', 'm', 'tok_1', 4);"
    "PRAGMA application_id = 0x494D4931; PRAGMA user_version = 1";

static void references_of_the_first_schema_become_primary_ones(void **state)
{
    (void)state;
    run_sql(first_schema);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_reference_record got;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    OK(store->get_reference(store, "ref_old", &got, &blob, &g_err));
    assert_int_equal(got.kind, IMI_REFERENCE_PRIMARY);
    assert_string_equal(got.parent_id, "");
    assert_int_equal(got.birth_decade, 0);
    assert_int_equal(got.sex, IMI_SEX_UNKNOWN);
    assert_false(got.document_checked);
    assert_true(imi_view_equal(imi_buffer_view(&blob), imi_view_of_text("blob")));
    imi_reference_record added = sample_additional(&got);
    OK(store->put_reference(store, &added, imi_view_of_text("t"), &g_err));
}

static void scores_of_the_first_schema_become_raw_ones(void **state)
{
    (void)state;
    run_sql(first_schema);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_session_record got;
    OK(store->get_session(store, "ses_old", &got, &g_err));
    assert_int_equal(got.score_kind, 1);
    assert_string_equal(got.operating_point, "");
    assert_string_equal(got.evidence, "");
    OK(store->get_session(store, "ses_new", &got, &g_err));
    assert_int_equal(got.score_kind, 0);
}

static void events_of_older_schemas_get_cursors_in_order_of_time(void **state)
{
    (void)state;
    run_sql(first_schema);
    run_sql("INSERT INTO event VALUES ('ses_old', 1, 10, 'created', ''), "
            "('ses_new', 1, 20, 'created', ''), ('ses_old', 2, 30, 'joined', '')");
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_feed_record got[4];
    size_t count = 0;
    OK(store->list_feed(store, "r", 0, got, 4, &count, &g_err));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(got[i].event.at_ms, 10 * (i + 1));
        assert_int_equal(got[i].cursor, i + 1);
    }
    assert_string_equal(got[2].event.session_id, "ses_old");
    assert_int_equal(got[2].event.sequence, 2);
}

/* The audit trail */

static void append_lines(int count)
{
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    for (int i = 0; i < count; i++) {
        imi_audit_record line = sample_audit("threshold.approve");
        OK(store->append_audit(store, &line, NULL, &g_err));
    }
}

/* Tamper as one with the file in hand would, then check: the number of sound lines before. */
static int64_t sound_lines_after(const char *sql)
{
    append_lines(5);
    run_sql("DROP TRIGGER audit_line_stays; DROP TRIGGER audit_line_is_final");
    run_sql(sql);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_audit_head head;
    assert_int_equal(imi_store_verify_audit(store, &head, &g_err), IMI_E_STORE_CORRUPT);
    return head.lines;
}

static void a_changed_audit_line_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(
        sound_lines_after("UPDATE audit SET actor = 'second-admin' WHERE sequence = 3"), 2);
    assert_non_null(strstr(g_err.message, "line 3"));
}

static void a_changed_line_with_a_digest_of_its_own_is_noticed_behind_it(void **state)
{
    (void)state;
    append_lines(2);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_audit_record lines[2];
    size_t count = 0;
    OK(store->list_audit(store, 0, lines, 2, &count, &g_err));
    imi_copy_text(lines[1].actor, sizeof lines[1].actor, "second-admin");
    OK(imi_audit_digest(lines[0].digest, &lines[1], lines[1].digest, &g_err));
    imi_store_destroy(&store);
    char hex[2 * IMI_STORE_HASH_SIZE + 1], sql[256];
    imi_hex_encode((imi_view){lines[1].digest, IMI_STORE_HASH_SIZE}, hex);
    snprintf(sql, sizeof sql,
             "UPDATE audit SET actor = 'second-admin', digest = x'%s' WHERE sequence = 2", hex);
    assert_int_equal(sound_lines_after(sql), 2);
}

static void a_missing_audit_line_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(sound_lines_after("DELETE FROM audit WHERE sequence = 3"), 2);
}

static void renumbering_does_not_hide_a_missing_line(void **state)
{
    (void)state;
    assert_int_equal(
        sound_lines_after("DELETE FROM audit WHERE sequence = 3;"
                          "UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3"),
        2);
}

static void lines_with_other_numbers_than_the_trails_are_noticed(void **state)
{
    (void)state;
    assert_int_equal(sound_lines_after("INSERT INTO audit SELECT -7, at_ms, actor, action, "
                                       "object, detail, digest FROM audit WHERE sequence = 1"),
                     0);
}

static void lines_cut_off_the_end_leave_another_head(void **state)
{
    (void)state;
    append_lines(3);
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_audit_head noted, now;
    OK(imi_store_verify_audit(store, &noted, &g_err));
    imi_store_destroy(&store);
    run_sql("DROP TRIGGER audit_line_stays; DELETE FROM audit WHERE sequence = 3");
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    OK(imi_store_verify_audit(store, &now, &g_err));
    assert_int_equal(now.lines, 2);
    assert_memory_not_equal(noted.digest, now.digest, IMI_STORE_HASH_SIZE);
}

static void the_file_itself_refuses_to_lose_or_change_a_line(void **state)
{
    (void)state;
    append_lines(2);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "UPDATE audit SET actor = ''", NULL, NULL, NULL),
                         SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(read_sql_number("SELECT count(*) FROM audit WHERE actor <> ''"), 2);
}

static void scores_go_with_their_session(void **state)
{
    (void)state;
    IMI_AUTO(imi_store) store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    imi_session_record session = add_session(store);
    imi_event_record event = sample_event("captured");
    imi_score_record score = sample_score();
    imi_session_extras extras = {.score = &score};
    OK(store->update_session(store, &session, &event, &extras, &g_err));
    imi_store_destroy(&store);
    run_sql("PRAGMA foreign_keys = ON; DELETE FROM event; DELETE FROM session");
    assert_int_equal(read_sql_number("SELECT count(*) FROM score"), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(the_stores_files_are_private),
        TEST(an_empty_file_becomes_a_store),
        TEST(a_new_store_has_the_newest_schema_and_our_mark),
        TEST(a_file_that_is_no_database_is_corrupt),
        TEST(a_damaged_page_is_corrupt),
        TEST(a_truncated_file_is_corrupt),
        TEST(a_newer_schema_is_refused_and_left_alone),
        TEST(a_database_of_another_program_is_refused_and_left_alone),
        TEST(a_record_of_impossible_form_is_corrupt),
        TEST(a_missing_folder_is_an_io_error),
        TEST(a_folder_in_the_files_place_is_an_io_error),
        TEST(names_that_sqlite_treats_specially_are_refused),
        TEST(a_folder_that_cannot_be_written_is_an_io_error),
        TEST(a_full_disk_is_an_io_error_and_loses_nothing_acknowledged),
        TEST(a_lock_held_too_long_is_busy),
        TEST(an_erased_template_is_in_neither_file_nor_log),
        TEST(the_subject_of_an_erased_reference_is_gone_too),
        TEST(an_erasure_that_a_reader_holds_up_says_so_and_can_be_repeated),
        TEST(all_that_hangs_on_an_erased_reference_is_in_neither_file_nor_log),
        TEST(an_interrupted_erasure_is_finished_at_the_next_start),
        TEST(references_of_the_first_schema_become_primary_ones),
        TEST(scores_of_the_first_schema_become_raw_ones),
        TEST(events_of_older_schemas_get_cursors_in_order_of_time),
        TEST(a_changed_audit_line_is_noticed),
        TEST(a_changed_line_with_a_digest_of_its_own_is_noticed_behind_it),
        TEST(a_missing_audit_line_is_noticed),
        TEST(renumbering_does_not_hide_a_missing_line),
        TEST(lines_with_other_numbers_than_the_trails_are_noticed),
        TEST(lines_cut_off_the_end_leave_another_head),
        TEST(the_file_itself_refuses_to_lose_or_change_a_line),
        TEST(scores_go_with_their_session),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite files", tests, NULL, NULL);
}
