#include "verifier/sqlite/edge.h"

#include <stdlib.h>
#include <string.h>

/* What the check found, as a code of SQLite. A page that could not be read is told in the text
 * alone: it may be for want of memory, which is no damage. */
static int code_of_finding(const char *text)
{
    static const char mark[] = "error code=";
    if (text == NULL) {
        return SQLITE_NOMEM;
    }
    const char *found = strstr(text, mark);
    if (found != NULL) {
        return (int)strtol(found + sizeof mark - 1, NULL, 10);
    }
    return strcmp(text, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}

/* Damage is found at the start, where a person looks, rather than in the middle of a session. */
imi_status imi_sqlite_check_pages(sqlite3 *db, imi_error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    int finding = SQLITE_OK;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        finding = code == SQLITE_ROW
                      ? code_of_finding((const char *)sqlite3_column_text(statement, 0))
                      : SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW) {
        IMI_SQLITE_FAIL(err, db, code, "cannot check the database");
    }
    if (finding == SQLITE_CORRUPT) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "the database is damaged: restore it from a backup");
    }
    if (finding != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, NULL, finding, "cannot check the database");
    }
    return IMI_OK;
}
