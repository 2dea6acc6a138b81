#include "verifier/sqlite/edge.h"

#include <stdio.h>

static const char failed[] = "cannot migrate the database";

static imi_status read_number(sqlite3 *db, const char *sql, int *out, imi_error *err)
{
    *out = 0;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        *out = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW) {
        IMI_SQLITE_FAIL(err, db, code, "cannot read the database's version");
    }
    return IMI_OK;
}

/* Inside the transaction, so that of two servers that start at once one waits and finds
 * nothing left to do. */
static imi_status migrate_locked(sqlite3 *db, const imi_sqlite_schema *schema, imi_error *err)
{
    int application = 0, version = 0, tables = 0;
    IMI_TRY(read_number(db, "PRAGMA application_id", &application, err));
    IMI_TRY(read_number(db, "PRAGMA user_version", &version, err));
    IMI_TRY(read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err));
    if (application != schema->application_id &&
        (application != 0 || version != 0 || tables != 0)) {
        IMI_FAIL(err, IMI_E_STORE_SCHEMA, "the file is a database of another program");
    }
    if (version > schema->count) {
        IMI_FAIL(err, IMI_E_STORE_SCHEMA,
                 "the database has schema %d, made by a newer version; this one knows %d", version,
                 schema->count);
    }
    for (; version < schema->count; version++) {
        IMI_TRY(imi_sqlite_run(db, schema->migrations[version], failed, err));
    }
    char stamp[96];
    snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             schema->application_id, version);
    return imi_sqlite_run(db, stamp, failed, err);
}

imi_status imi_sqlite_migrate(sqlite3 *db, const imi_sqlite_schema *schema, imi_error *err)
{
    IMI_TRY(imi_sqlite_run(db, "BEGIN IMMEDIATE", failed, err));
    imi_status status = migrate_locked(db, schema, err);
    if (status == IMI_OK) {
        status = imi_sqlite_run(db, "COMMIT", failed, err);
    }
    if (status != IMI_OK && sqlite3_get_autocommit(db) == 0) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
