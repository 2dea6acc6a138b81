/* What lies in the vault's folder: no names, nothing for others to read, no destroyed key. */
#include "place.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRAPPED_SIZE = 61, MANY = 600, SHRED_SIZE = 24 };

typedef struct made_key {
    char id[IMI_ID_SIZE];
    uint8_t wrapped[WRAPPED_SIZE];
} made_key;

/* Ids and wrapped keys as they lie in the file; how many. */
static size_t read_keys(made_key *out, size_t capacity)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    size_t count = 0;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT key_id, wrapped FROM data_key", -1, &rows, NULL), SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        assert_true(count < capacity);
        assert_int_equal(sqlite3_column_bytes(rows, 1), WRAPPED_SIZE);
        imi_copy_text(out[count].id, IMI_ID_SIZE, (const char *)sqlite3_column_text(rows, 0));
        imi_copy(out[count++].wrapped, sqlite3_column_blob(rows, 1), WRAPPED_SIZE);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return count;
}

/* Any stretch of a wrapped key counts: a freed cell loses its first bytes to page keeping. */
static bool folder_holds_shred(const made_key *key)
{
    for (size_t at = 0; at + SHRED_SIZE <= WRAPPED_SIZE; at += SHRED_SIZE / 2) {
        if (place_holds((imi_view){key->wrapped + at, SHRED_SIZE})) {
            return true;
        }
    }
    return false;
}

static void make_many(imi_vault *vault)
{
    for (int i = 0; i < MANY; i++) {
        char subject[32], id[IMI_ID_SIZE];
        snprintf(subject, sizeof subject, "subject-%d", i);
        place_key(vault, subject, id);
    }
}

static void the_vaults_file_is_private(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(stat(g_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void the_folder_names_neither_party_nor_subject(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE];
    OK(imi_vault_find_key(g_vault, "pension-office", "B1234567", true, id, &g_err));
    assert_false(place_holds(imi_view_of_text("pension-office")));
    assert_false(place_holds(imi_view_of_text("B1234567")));
    assert_true(place_holds(imi_view_of_text(id)));
}

static void destroyed_keys_are_in_no_file_once_the_call_returned(void **state)
{
    (void)state;
    static made_key keys[MANY];
    make_many(g_vault);
    assert_int_equal(read_keys(keys, MANY), MANY);
    for (size_t i = 0; i < MANY; i += 3) {
        assert_true(folder_holds_shred(&keys[i]));
        OK(imi_vault_destroy_key(g_vault, keys[i].id, &g_err));
        assert_false(folder_holds_shred(&keys[i]));
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(folder_holds_shred(&keys[i]), i % 3 != 0);
    }
}

static void a_destruction_that_a_reader_holds_up_says_so_and_can_be_repeated(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE];
    made_key key;
    place_key(g_vault, "subject", id);
    assert_int_equal(read_keys(&key, 1), 1);
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open(g_path, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM data_key", NULL, NULL, NULL),
                     SQLITE_OK);
    REFUSES(imi_vault_destroy_key(g_vault, id, &g_err), IMI_E_STORE_BUSY);
    sqlite3_close(reader);
    OK(imi_vault_destroy_key(g_vault, id, &g_err));
    assert_false(folder_holds_shred(&key));
}

static void a_database_of_another_kind_is_no_vault(void **state)
{
    (void)state;
    imi_vault *vault = NULL;
    imi_vault_close(&g_vault);
    place_run_sql("PRAGMA application_id = 0x494D4931");
    REFUSES(imi_vault_open(g_path, g_secret, &vault, &g_err), IMI_E_STORE_SCHEMA);
    assert_null(vault);
}

static void a_vault_of_a_newer_version_is_refused(void **state)
{
    (void)state;
    imi_vault *vault = NULL;
    imi_vault_close(&g_vault);
    place_run_sql("PRAGMA user_version = 99");
    REFUSES(imi_vault_open(g_path, g_secret, &vault, &g_err), IMI_E_STORE_SCHEMA);
}

static void a_damaged_vault_is_corrupt(void **state)
{
    (void)state;
    imi_vault *vault = NULL;
    imi_vault_close(&g_vault);
    assert_int_equal(truncate(g_path, 5000), 0);
    REFUSES(imi_vault_open(g_path, g_secret, &vault, &g_err), IMI_E_STORE_CORRUPT);
    assert_null(vault);
}

/* Kill */

enum { ROUNDS = 25 };

/* Make and destroy keys, telling of each call before and behind it, until killed. */
static void churn(int out)
{
    imi_vault *vault = NULL;
    if (imi_vault_open(g_path, g_secret, &vault, NULL) != IMI_OK) {
        _exit(2);
    }
    for (int i = 0;; i++) {
        char subject[32], told[IMI_ID_SIZE + 1];
        snprintf(subject, sizeof subject, "churn-%d", i % 40);
        if (imi_vault_find_key(vault, "party", subject, true, told + 1, NULL) != IMI_OK) {
            _exit(3);
        }
        told[0] = 'm';
        bool heard = write(out, told, sizeof told) == (ssize_t)sizeof told;
        if (i % 2 == 1) {
            told[0] = 't'; /* trying */
            heard = heard && write(out, told, sizeof told) == (ssize_t)sizeof told;
            if (imi_vault_destroy_key(vault, told + 1, NULL) != IMI_OK) {
                _exit(4);
            }
            told[0] = 'd';
            heard = heard && write(out, told, sizeof told) == (ssize_t)sizeof told;
        }
        if (!heard) {
            _exit(5);
        }
    }
}

/* The last word about each key. */
static size_t hear(int in, char (*words)[IMI_ID_SIZE + 1], size_t capacity)
{
    size_t count = 0;
    char told[IMI_ID_SIZE + 1];
    while (read(in, told, sizeof told) == (ssize_t)sizeof told) {
        size_t at = 0;
        while (at < count && strcmp(words[at] + 1, told + 1) != 0) {
            at++;
        }
        assert_true(at < capacity);
        imi_copy(words[at], told, sizeof told);
        count = at == count ? count + 1 : count;
    }
    return count;
}

static bool key_seals(imi_vault *vault, const char *id)
{
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    imi_status status = imi_vault_seal(vault, id, "c", imi_view_of_text("t"), &sealed, &g_err);
    assert_true(status == IMI_OK || status == IMI_E_NOT_FOUND);
    return status == IMI_OK;
}

static void churn_and_kill(int round)
{
    int ends[2];
    static char words[4096][IMI_ID_SIZE + 1];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        churn(ends[1]);
    }
    close(ends[1]);
    usleep((useconds_t)(3000 + 1700 * round + rand() % 1500));
    kill(child, SIGKILL);
    size_t count = hear(ends[0], words, sizeof words / sizeof words[0]);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    IMI_AUTO(imi_vault) vault = place_open_again();
    for (size_t i = 0; i < count; i++) {
        bool there = key_seals(vault, words[i] + 1);
        assert_true(words[i][0] == 'm' ? there : words[i][0] == 't' || !there);
    }
}

static void every_key_made_and_none_destroyed_is_there_after_kill(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        churn_and_kill(round);
    }
}

int main(void)
{
    /* The folder is searched hundreds of times: memory is quicker, and the bytes are the same. */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
#define TEST(function) cmocka_unit_test_setup_teardown(function, place_open, place_remove)
    const struct CMUnitTest tests[] = {
        TEST(the_vaults_file_is_private),
        TEST(the_folder_names_neither_party_nor_subject),
        TEST(destroyed_keys_are_in_no_file_once_the_call_returned),
        TEST(a_destruction_that_a_reader_holds_up_says_so_and_can_be_repeated),
        TEST(a_database_of_another_kind_is_no_vault),
        TEST(a_vault_of_a_newer_version_is_refused),
        TEST(a_damaged_vault_is_corrupt),
        cmocka_unit_test_setup_teardown(every_key_made_and_none_destroyed_is_there_after_kill,
                                        place_make, place_remove),
    };
#undef TEST
    return cmocka_run_group_tests_name("vault: files", tests, NULL, NULL);
}
