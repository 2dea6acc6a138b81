#include "migrations.h"
#include "sqlite.h"

#include <stdio.h>

/* "IMI1": tells our files from those of other programs. */
enum { APPLICATION_ID = 0x494D4931 };

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
        IMI_SQLITE_FAIL(err, db, code, "cannot read the store's version");
    }
    return IMI_OK;
}

static imi_status run(sqlite3 *db, const char *sql, imi_error *err)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, db, code, "cannot migrate the store");
    }
    return IMI_OK;
}

/* Inside the transaction, so that of two servers that start at once one waits and finds
 * nothing left to do. */
static imi_status migrate_locked(sqlite3 *db, imi_error *err)
{
    int application = 0, version = 0, tables = 0;
    IMI_TRY(read_number(db, "PRAGMA application_id", &application, err));
    IMI_TRY(read_number(db, "PRAGMA user_version", &version, err));
    IMI_TRY(read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err));
    if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0)) {
        IMI_FAIL(err, IMI_E_STORE_SCHEMA, "the file is a database of another program");
    }
    if (version > imi_store_migration_count) {
        IMI_FAIL(err, IMI_E_STORE_SCHEMA,
                 "the store has schema %d, made by a newer version; this one knows %d", version,
                 imi_store_migration_count);
    }
    for (; version < imi_store_migration_count; version++) {
        IMI_TRY(run(db, imi_store_migrations[version], err));
    }
    char stamp[96];
    snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION_ID, version);
    return run(db, stamp, err);
}

imi_status imi_sqlite_migrate(sqlite3 *db, imi_error *err)
{
    IMI_TRY(run(db, "BEGIN IMMEDIATE", err));
    imi_status status = migrate_locked(db, err);
    if (status == IMI_OK) {
        status = run(db, "COMMIT", err);
    }
    if (status != IMI_OK && sqlite3_get_autocommit(db) == 0) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
