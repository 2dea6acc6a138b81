/* What the files show of a subject: nothing in plain, nothing once it is erased, not even to who
 * kept a copy of the store and has every secret of today. */
#include "records.h"

#include "imi/memory.h"

#include <dirent.h>
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
#include <unistd.h>

#include <cmocka.h>

enum { SHRED_SIZE = 48, OLDER_ROWS = 600, PLAIN_SIZE = 1400, ROUNDS = 16 };

static const char PARTY[] = "relying-party";
static const char SUBJECT[] = "subject-to-be-forgotten";
static const char TEMPLATE[] = "a template that lies sealed and nowhere in plain at all";
static const char STATISTICS[] = "statistics that lie sealed and nowhere in plain at all";
static const char CLAIMS[] = "{\"family_name\":\"a name that lies sealed\",\"degree\":\"MSc\"}";

static char g_folder[256];
static char g_path[300];
static imi_store *g_store;
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)
#define REFUSES(call, wanted) assert_int_equal((call), (wanted))

static int make_folder(void **state)
{
    (void)state;
    scratch_make(g_folder);
    snprintf(g_path, sizeof g_path, "%s/store.db", g_folder);
    return 0;
}

static void open_store(void)
{
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &g_store, &g_err));
}

static int make_store(void **state)
{
    make_folder(state);
    open_store();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    imi_store_destroy(&g_store);
    scratch_remove(g_folder);
    return 0;
}

/* ---- Looking into the files ---- */

/* Any stretch of the bytes, in any file of the folder. */
static bool folder_holds(imi_view bytes)
{
    bool held = false;
    DIR *listing = opendir(g_folder);
    assert_non_null(listing);
    for (struct dirent *entry = NULL; (entry = readdir(listing)) != NULL;) {
        char path[600];
        IMI_AUTO_BUFFER contents = IMI_BUFFER_INIT;
        snprintf(path, sizeof path, "%s/%s", g_folder, entry->d_name);
        if (entry->d_type == DT_REG) {
            OK(imi_file_read(path, 1U << 26, &contents, &g_err));
        }
        for (size_t at = 0; at < bytes.size && !held; at += SHRED_SIZE) {
            size_t size = bytes.size - at < SHRED_SIZE ? bytes.size - at : SHRED_SIZE;
            held = (at == 0 || size == SHRED_SIZE) && contents.size > 0 &&
                   memmem(contents.data, contents.size, bytes.data + at, size) != NULL;
        }
    }
    closedir(listing);
    return held;
}

static bool folder_holds_text(const char *text)
{
    return folder_holds(imi_view_of_text(text));
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s", message);
    }
    sqlite3_close(db);
}

/* Each row of the statement as one value of bytes. */
static size_t read_blobs(const char *path, const char *sql, imi_buffer *out, size_t capacity)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    size_t count = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        assert_true(count < capacity);
        imi_view bytes = {sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)};
        out[count] = (imi_buffer)IMI_BUFFER_INIT;
        OK(imi_buffer_append(&out[count++], bytes, &g_err));
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return count;
}

static int count_rows(const char *sql)
{
    imi_buffer number[1];
    assert_int_equal(read_blobs(g_path, sql, number, 1), 1);
    OK(imi_buffer_terminate(&number[0], &g_err));
    int value = (int)strtol((const char *)number[0].data, NULL, 10);
    imi_buffer_clean_up(&number[0]);
    return value;
}

/* ---- A subject with everything there can be ---- */

static imi_reference_record enrol(const char *subject)
{
    imi_reference_record record = sample_reference(), added;
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    OK(g_store->put_reference(g_store, &record, imi_view_of_text(TEMPLATE), &g_err));
    added = sample_additional(&record);
    OK(g_store->put_reference(g_store, &added, imi_view_of_text(TEMPLATE), &g_err));
    OK(g_store->put_statistics(g_store, record.reference_id, imi_view_of_text(STATISTICS), &g_err));
    OK(g_store->put_claims(g_store, PARTY, subject, imi_view_of_text(CLAIMS), &g_err));
    return record;
}

/* A decided session with consent, token and a leaf. */
static imi_session_record decide(const char *subject)
{
    imi_session_record record = sample_session();
    imi_event_record event = sample_event("created");
    imi_copy_text(record.subject_id, sizeof record.subject_id, subject);
    OK(g_store->create_session(g_store, &record, &event, &g_err));
    imi_consent_record consent = sample_consent(&record);
    imi_leaf_draft leaf = sample_leaf(&record, "decision", "{\"sub\":\"whose-this-is\"}");
    imi_session_extras extras = {.token = imi_view_of_text("the.kept.token.of.the.session"),
                                 .leaf = &leaf,
                                 .consent = &consent,
                                 .consent_claims = imi_view_of_text(CLAIMS)};
    decide_sample(&record);
    OK(g_store->update_session(g_store, &record, &event, &extras, &g_err));
    return record;
}

static imi_status erase(const char *subject, const char *event)
{
    imi_leaf_draft leaf = {.at_ms = 1, .kind = "deletion", .event = imi_view_of_text(event)};
    return g_store->erase_subject(g_store, PARTY, subject, &leaf, &g_err);
}

/* ---- At rest ---- */

static void nothing_that_belongs_to_a_subject_lies_in_plain(void **state)
{
    (void)state;
    enrol(SUBJECT);
    decide(SUBJECT);
    assert_false(folder_holds_text(TEMPLATE));
    assert_false(folder_holds_text(STATISTICS));
    assert_false(folder_holds_text(CLAIMS));
    assert_false(folder_holds_text("whose-this-is"));
    assert_true(folder_holds_text(SUBJECT)); /* what is searched for can be found */
}

static void a_reference_whose_key_is_gone_is_not_there(void **state)
{
    (void)state;
    char key_id[IMI_ID_SIZE];
    imi_reference_record record = enrol(SUBJECT), got;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    imi_vault *vault = scratch_vault(g_folder);
    OK(imi_vault_find_key(vault, PARTY, SUBJECT, false, key_id, &g_err));
    OK(imi_vault_destroy_key(vault, key_id, &g_err));
    REFUSES(g_store->get_reference(g_store, record.reference_id, &got, &out, &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(g_store->get_reference(g_store, record.reference_id, &got, NULL, &g_err),
            IMI_E_NOT_FOUND);
    assert_string_equal(got.reference_id, "");
    REFUSES(g_store->put_statistics(g_store, record.reference_id, imi_view_of_text("s"), &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(g_store->get_claims(g_store, PARTY, SUBJECT, &out, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(out.size, 0);
}

static imi_status note_subject(void *user, const imi_reference_record *record,
                               imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)err;
    assert_true(imi_view_equal(template_blob, imi_view_of_text(TEMPLATE)));
    assert_true(statistics_blob.size == 0 ||
                imi_view_equal(statistics_blob, imi_view_of_text(STATISTICS)));
    size_t at = strlen(user);
    snprintf((char *)user + at, 200 - at, "%s ", record->subject_id);
    return IMI_OK;
}

static void visits_pass_over_references_whose_key_is_gone(void **state)
{
    (void)state;
    char key_id[IMI_ID_SIZE], seen[200] = "";
    imi_reference_query all = {.limit = 0};
    enrol("one");
    enrol(SUBJECT);
    imi_vault *vault = scratch_vault(g_folder);
    OK(imi_vault_find_key(vault, PARTY, SUBJECT, false, key_id, &g_err));
    OK(imi_vault_destroy_key(vault, key_id, &g_err));
    OK(g_store->visit_references(g_store, &all, note_subject, seen, &g_err));
    assert_string_equal(seen, "one one ");
}

static void a_sealed_template_that_was_moved_to_another_row_is_corrupt(void **state)
{
    (void)state;
    imi_reference_record first = enrol(SUBJECT), second = enrol(SUBJECT), got;
    char sql[300];
    snprintf(sql, sizeof sql,
             "UPDATE reference SET template = (SELECT template FROM reference WHERE "
             "reference_id = '%s') WHERE reference_id = '%s'",
             first.reference_id, second.reference_id);
    run_sql(g_path, sql);
    OK(g_store->get_reference(g_store, first.reference_id, &got, NULL, &g_err));
    REFUSES(g_store->get_reference(g_store, second.reference_id, &got, NULL, &g_err),
            IMI_E_STORE_CORRUPT);
}

static void a_store_without_vault_is_refused(void **state)
{
    (void)state;
    imi_store *store = (imi_store *)&g_err; /* must be overwritten */
    REFUSES(imi_store_sqlite_open(g_path, NULL, &store, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_null(store);
}

/* ---- Erased ---- */

static const char *const SEALED[] = {
    "SELECT template FROM reference", "SELECT statistics FROM reference_statistics",
    "SELECT claims FROM subject_claims", "SELECT claims FROM consent",
    "SELECT token FROM session_token"};

static void an_erased_subject_is_in_no_file(void **state)
{
    (void)state;
    enum { KINDS = sizeof SEALED / sizeof SEALED[0], EACH = 4 };
    imi_buffer sealed[KINDS + 1][EACH];
    size_t counts[KINDS + 1];
    char vault[300];
    snprintf(vault, sizeof vault, "%s/vault.db", g_folder);
    enrol(SUBJECT);
    decide(SUBJECT);
    for (size_t i = 0; i < KINDS; i++) {
        counts[i] = read_blobs(g_path, SEALED[i], sealed[i], EACH);
    }
    counts[KINDS] = read_blobs(vault, "SELECT wrapped FROM data_key", sealed[KINDS], EACH);
    for (size_t i = 0; i <= KINDS; i++) {
        assert_true(counts[i] > 0);
        assert_true(folder_holds(imi_buffer_view(&sealed[i][0])));
    }
    OK(erase(SUBJECT, "{}"));
    for (size_t i = 0; i <= KINDS; i++) {
        for (size_t j = 0; j < counts[i]; j++) {
            assert_false(folder_holds(imi_buffer_view(&sealed[i][j])));
            imi_buffer_clean_up(&sealed[i][j]);
        }
    }
    assert_false(folder_holds_text(SUBJECT));
}

static void claims_that_were_deleted_are_in_no_file(void **state)
{
    (void)state;
    imi_buffer sealed[1];
    enrol(SUBJECT);
    assert_int_equal(read_blobs(g_path, "SELECT claims FROM subject_claims", sealed, 1), 1);
    assert_true(folder_holds(imi_buffer_view(&sealed[0])));
    OK(g_store->delete_claims(g_store, PARTY, SUBJECT, &g_err));
    assert_false(folder_holds(imi_buffer_view(&sealed[0])));
    imi_buffer_clean_up(&sealed[0]);
}

static void many_erased_subjects_among_many_are_in_no_file(void **state)
{
    (void)state;
    enum { MANY = 90 };
    for (int i = 0; i < MANY; i++) {
        char subject[64];
        snprintf(subject, sizeof subject, "person-number-%04d-of-many", i);
        enrol(subject);
        decide(subject);
    }
    for (int i = 0; i < MANY; i += 3) {
        char subject[64];
        snprintf(subject, sizeof subject, "person-number-%04d-of-many", i);
        OK(erase(subject, "{}"));
    }
    for (int i = 0; i < MANY; i++) {
        char subject[64];
        snprintf(subject, sizeof subject, "person-number-%04d-of-many", i);
        assert_int_equal(folder_holds_text(subject), i % 3 != 0);
    }
}

static void an_erasure_that_a_reader_holds_up_has_erased_already_and_can_be_repeated(void **state)
{
    (void)state;
    imi_reference_record record = enrol(SUBJECT), got;
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open(g_path, &reader), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM reference", NULL, NULL, NULL), SQLITE_OK);
    REFUSES(erase(SUBJECT, "{}"), IMI_E_STORE_BUSY);
    REFUSES(g_store->get_reference(g_store, record.reference_id, &got, NULL, &g_err),
            IMI_E_NOT_FOUND);
    sqlite3_close(reader);
    OK(erase(SUBJECT, "{}"));
    assert_false(folder_holds_text(SUBJECT));
    assert_int_equal(count_rows("SELECT count(*) FROM leaf"), 1);
}

/* ---- Copies ---- */

/* Every blob of the copy under every key there is, each in the place that it was sealed for. */
static const char *const PLACES[] = {
    "SELECT template, 'template:' || reference_id FROM reference",
    "SELECT statistics, 'statistics:' || reference_id FROM reference_statistics",
    "SELECT claims, 'claims' FROM subject_claims",
    "SELECT claims, 'consent:' || consent_id FROM consent",
    "SELECT sealed, 'leaf:' || lower(hex(entry)) FROM leaf WHERE key_id <> ''",
};

typedef struct opened_tally {
    int blobs, opened;
} opened_tally;

static void try_keys(imi_vault *vault, const char *vault_path, const char *place, imi_view sealed,
                     opened_tally *tally)
{
    imi_buffer keys[16];
    size_t count = read_blobs(vault_path, "SELECT key_id FROM data_key", keys, 16);
    tally->blobs++;
    for (size_t i = 0; i < count; i++) {
        IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
        OK(imi_buffer_terminate(&keys[i], &g_err));
        tally->opened += imi_vault_unseal(vault, (const char *)keys[i].data, place, sealed, &plain,
                                          NULL) == IMI_OK;
        imi_buffer_clean_up(&keys[i]);
    }
}

static opened_tally try_all(const char *copy, imi_vault *vault, const char *vault_path)
{
    opened_tally tally = {0, 0};
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        sqlite3_stmt *rows = NULL;
        assert_int_equal(sqlite3_prepare_v2(db, PLACES[i], -1, &rows, NULL), SQLITE_OK);
        while (sqlite3_step(rows) == SQLITE_ROW) {
            imi_view sealed = {sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)};
            try_keys(vault, vault_path, (const char *)sqlite3_column_text(rows, 1), sealed, &tally);
        }
        sqlite3_finalize(rows);
    }
    sqlite3_close(db);
    return tally;
}

/* Copies of store and vault in a folder of their own, as backups are. */
typedef struct copies {
    char folder[256], store[300], vault[300];
} copies;

static void copy_both(copies *out)
{
    char sql[400], original[300];
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    scratch_make(out->folder);
    snprintf(out->store, sizeof out->store, "%s/store.db", out->folder);
    snprintf(out->vault, sizeof out->vault, "%s/vault.db", out->folder);
    snprintf(sql, sizeof sql, "VACUUM INTO '%s'", out->store);
    run_sql(g_path, sql);
    snprintf(original, sizeof original, "%s/vault.db", g_folder);
    OK(imi_file_read(original, 1U << 24, &bytes, &g_err));
    OK(imi_file_write(out->vault, imi_buffer_view(&bytes), 0600, &g_err));
}

/* Templates of two references, statistics, claims, claims of the consent, salt and event. */
enum { BLOBS_OF_SUBJECT = 6 };

static void a_copy_from_before_the_erasure_opens_nothing_with_todays_vault(void **state)
{
    (void)state;
    copies backup;
    char vault[300];
    snprintf(vault, sizeof vault, "%s/vault.db", g_folder);
    enrol(SUBJECT);
    decide(SUBJECT);
    enrol("bystander");
    decide("bystander");
    copy_both(&backup);
    opened_tally before = try_all(backup.store, scratch_vault(g_folder), vault);
    assert_int_equal(before.blobs, 2 * BLOBS_OF_SUBJECT);
    assert_int_equal(before.opened, 2 * BLOBS_OF_SUBJECT);
    OK(erase(SUBJECT, "{}"));
    opened_tally after = try_all(backup.store, scratch_vault(g_folder), vault);
    assert_int_equal(after.blobs, 2 * BLOBS_OF_SUBJECT);
    assert_int_equal(after.opened, BLOBS_OF_SUBJECT); /* the bystander's */
    imi_store_destroy(&g_store);
    scratch_remove(backup.folder);
}

/* Why backups of the vault must be short-lived. */
static void a_copy_of_the_vault_from_before_the_erasure_opens_everything(void **state)
{
    (void)state;
    copies backup;
    enrol(SUBJECT);
    decide(SUBJECT);
    copy_both(&backup);
    OK(erase(SUBJECT, "{}"));
    imi_vault *old = NULL;
    OK(scratch_vault_open(backup.folder, &old, &g_err));
    opened_tally tally = try_all(backup.store, old, backup.vault);
    imi_vault_close(&old);
    assert_int_equal(tally.opened, BLOBS_OF_SUBJECT);
    imi_store_destroy(&g_store);
    scratch_remove(backup.folder);
}

static void a_restored_copy_of_the_store_has_no_erased_subject(void **state)
{
    (void)state;
    copies backup;
    imi_reference_record gone = enrol(SUBJECT), stays = enrol("bystander"), got;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    copy_both(&backup);
    OK(erase(SUBJECT, "{}"));
    imi_store *restored = NULL;
    OK(imi_store_sqlite_open(backup.store, scratch_vault(g_folder), &restored, &g_err));
    REFUSES(restored->get_reference(restored, gone.reference_id, &got, &out, &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(restored->get_claims(restored, PARTY, SUBJECT, &out, &g_err), IMI_E_NOT_FOUND);
    OK(restored->get_reference(restored, stays.reference_id, &got, &out, &g_err));
    OK(restored->erase_subject(restored, PARTY, SUBJECT, NULL, &g_err)); /* the name, too */
    imi_store_destroy(&restored);
    imi_store_destroy(&g_store);
    scratch_remove(backup.folder);
}

/* ---- Rows of older versions ---- */

static void make_plain(unsigned number, uint8_t out[PLAIN_SIZE])
{
    uint32_t state = number * 2654435761U + 12345;
    for (size_t i = 0; i < PLAIN_SIZE; i++) {
        state = state * 1664525U + 1013904223U;
        out[i] = (uint8_t)(state >> 24);
    }
}

/* As an older version left them, behind the migration and before anything was sealed. */
static void insert_plain_rows(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *add = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "INSERT INTO reference (reference_id, relying_party, subject_id, "
                           "model_version, quality, created_ms, template) "
                           "VALUES (printf('ref_%05d', ?1), 'p', printf('s%d', ?1 / 2), 'one', "
                           "0.5, 1, ?2)",
                           -1, &add, NULL),
        SQLITE_OK);
    for (unsigned i = 0; i < OLDER_ROWS; i++) {
        uint8_t plain[PLAIN_SIZE];
        make_plain(i, plain);
        sqlite3_bind_int(add, 1, (int)i);
        sqlite3_bind_blob(add, 2, plain, sizeof plain, SQLITE_TRANSIENT);
        assert_int_equal(sqlite3_step(add), SQLITE_DONE);
        sqlite3_reset(add);
    }
    sqlite3_finalize(add);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO reference_statistics SELECT reference_id, template FROM "
                     "reference; INSERT INTO erasure (reference_id) VALUES (''); COMMIT",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

static imi_status check_plain(void *user, const imi_reference_record *record,
                              imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)err;
    uint8_t plain[PLAIN_SIZE];
    make_plain((unsigned)strtol(record->reference_id + 4, NULL, 10), plain);
    imi_view wanted = {plain, sizeof plain};
    assert_true(imi_view_equal(template_blob, wanted) && imi_view_equal(statistics_blob, wanted));
    ++*(int *)user;
    return IMI_OK;
}

static void rows_of_older_versions_are_sealed_and_nothing_of_them_stays_plain(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_SIZE];
    int seen = 0;
    imi_reference_query all = {.limit = 0};
    imi_store_destroy(&g_store);
    insert_plain_rows();
    make_plain(OLDER_ROWS / 2, plain);
    assert_true(folder_holds((imi_view){plain, sizeof plain}));
    open_store();
    for (unsigned i = 0; i < OLDER_ROWS; i++) {
        make_plain(i, plain);
        assert_false(folder_holds((imi_view){plain, sizeof plain}));
    }
    OK(g_store->visit_references(g_store, &all, check_plain, &seen, &g_err));
    assert_int_equal(seen, OLDER_ROWS);
    assert_int_equal(count_rows("SELECT count(*) FROM reference WHERE key_id = ''"), 0);
    assert_int_equal(count_rows("SELECT count(*) FROM erasure"), 0);
}

/* ---- Kill ---- */

/* Enrol and erase, telling the subject before the erasure and behind it, until killed. */
static void erase_subjects(int out, int first)
{
    g_store = NULL;
    open_store();
    for (int number = first;; number++) {
        char subject[32], event[40];
        int told[2] = {number, 0};
        snprintf(subject, sizeof subject, "killed-%d", number);
        snprintf(event, sizeof event, "{\"n\":%d}", number);
        enrol(subject);
        decide(subject);
        bool heard = write(out, told, sizeof told) == (ssize_t)sizeof told;
        if (erase(subject, event) != IMI_OK) {
            _exit(4);
        }
        told[1] = 1;
        if (!heard || write(out, told, sizeof told) != (ssize_t)sizeof told) {
            _exit(5);
        }
    }
}

static int count_leaves(int number)
{
    char event[40];
    int found = 0;
    imi_leaf_record leaf;
    snprintf(event, sizeof event, "{\"n\":%d}", number);
    for (int64_t index = 0;; index++) {
        IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
        imi_status status = g_store->get_leaf(g_store, index, &leaf, &got, &g_err);
        if (status == IMI_OK) {
            found += imi_view_equal(imi_buffer_view(&got), imi_view_of_text(event));
        } else if (strcmp(g_err.message, "no such leaf") == 0) {
            return found;
        }
    }
}

/* Behind a kill; in a child, as no open database is carried over a fork. */
static void finish_last(int number, bool erased)
{
    char subject[32], event[40], rows[200];
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    snprintf(subject, sizeof subject, "killed-%d", number);
    snprintf(event, sizeof event, "{\"n\":%d}", number);
    open_store();
    imi_status status = erase(subject, event);
    assert_true(erased ? status == IMI_E_NOT_FOUND : status == IMI_OK || status == IMI_E_NOT_FOUND);
    REFUSES(g_store->get_claims(g_store, PARTY, subject, &claims, &g_err), IMI_E_NOT_FOUND);
    snprintf(rows, sizeof rows,
             "SELECT (SELECT count(*) FROM reference WHERE subject_id = '%s') + "
             "(SELECT count(*) FROM session WHERE subject_id = '%s')",
             subject, subject);
    assert_int_equal(count_rows(rows), 0);
    assert_int_equal(count_rows("SELECT count(*) FROM erasure"), 0);
    assert_false(folder_holds_text(subject));
    assert_int_equal(count_leaves(number), 1);
}

static void in_child(void (*function)(int number, bool erased), int number, bool erased)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        function(number, erased);
        exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void erase_and_kill(int round, int *number, int *erasures)
{
    int ends[2], told[2] = {-1, 0}, last[2] = {-1, 0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        erase_subjects(ends[1], *number);
    }
    close(ends[1]);
    bool begun = read(ends[0], last, sizeof last) == (ssize_t)sizeof last;
    assert_true(begun);
    usleep((useconds_t)(1500 * round + rand() % 30000));
    kill(child, SIGKILL);
    while (read(ends[0], told, sizeof told) == (ssize_t)sizeof told) {
        imi_copy(last, told, sizeof last);
        *erasures += told[1];
    }
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    in_child(finish_last, last[0], last[1] == 1);
    *number = last[0] + 2; /* the one behind may have been begun */
}

static void an_erasure_that_was_killed_is_completed_by_repeating_it(void **state)
{
    (void)state;
    int number = 0, erasures = 0;
    for (int round = 0; round < ROUNDS; round++) {
        erase_and_kill(round, &number, &erasures);
    }
    print_message("%d kills, %d erasures finished before them\n", ROUNDS, erasures);
}

int main(void)
{
    srand((unsigned)getpid());
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(nothing_that_belongs_to_a_subject_lies_in_plain),
        TEST(a_reference_whose_key_is_gone_is_not_there),
        TEST(visits_pass_over_references_whose_key_is_gone),
        TEST(a_sealed_template_that_was_moved_to_another_row_is_corrupt),
        TEST(a_store_without_vault_is_refused),
        TEST(an_erased_subject_is_in_no_file),
        TEST(claims_that_were_deleted_are_in_no_file),
        TEST(many_erased_subjects_among_many_are_in_no_file),
        TEST(an_erasure_that_a_reader_holds_up_has_erased_already_and_can_be_repeated),
        TEST(a_copy_from_before_the_erasure_opens_nothing_with_todays_vault),
        TEST(a_copy_of_the_vault_from_before_the_erasure_opens_everything),
        TEST(a_restored_copy_of_the_store_has_no_erased_subject),
        TEST(rows_of_older_versions_are_sealed_and_nothing_of_them_stays_plain),
        cmocka_unit_test_setup_teardown(an_erasure_that_was_killed_is_completed_by_repeating_it,
                                        make_folder, remove_folder),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite, subjects", tests, NULL, NULL);
}
