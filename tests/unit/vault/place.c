#include "place.h"

#include "imi/memory.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char g_folder[256];
char g_path[300];
const uint8_t g_secret[IMI_SECRET_SIZE] = "a secret of thirty-two bytes...";
imi_vault *g_vault;
imi_error g_err;

void assert_ok(imi_status status)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), g_err.message);
    }
}

int place_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(g_folder, sizeof g_folder, "%.200s/imi-vault-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(g_folder));
    snprintf(g_path, sizeof g_path, "%s/vault.db", g_folder);
    return 0;
}

int place_open(void **state)
{
    place_make(state);
    g_vault = place_open_again();
    return 0;
}

int place_remove(void **state)
{
    (void)state;
    imi_vault_close(&g_vault);
    DIR *listing = opendir(g_folder);
    for (struct dirent *entry = NULL; listing != NULL && (entry = readdir(listing)) != NULL;) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", g_folder, entry->d_name);
        unlink(path);
    }
    closedir(listing);
    return rmdir(g_folder);
}

imi_vault *place_open_again(void)
{
    imi_vault *vault = NULL;
    OK(imi_vault_open(g_path, g_secret, &vault, &g_err));
    return vault;
}

void place_key(imi_vault *vault, const char *subject_id, char out[IMI_ID_SIZE])
{
    OK(imi_vault_find_key(vault, "party", subject_id, true, out, &g_err));
}

bool place_holds(imi_view bytes)
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
            held = held || memmem(contents.data, contents.size, bytes.data, bytes.size) != NULL;
        }
    }
    closedir(listing);
    return held;
}

void place_run_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(g_path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s", message);
    }
    sqlite3_close(db);
}
