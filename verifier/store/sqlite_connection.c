#include "sqlite.h"

/* query_only: readers get no right to write. */
static imi_status configure(sqlite3 *db, bool may_write, imi_error *err)
{
    IMI_TRY(imi_sqlite_set_journal(db, "WAL", err));
    IMI_TRY(imi_sqlite_configure(db, err));
    return imi_sqlite_run(db, may_write ? "PRAGMA synchronous = FULL" : "PRAGMA query_only = ON",
                          "cannot configure the store", err);
}

imi_status imi_connection_open(imi_connection *connection, const char *path, bool may_write,
                               imi_error *err)
{
    *connection = (imi_connection){0};
    if (may_write) {
        IMI_TRY(imi_sqlite_create_private(path, err));
    }
    IMI_TRY(imi_sqlite_open(path, &connection->db, err));
    return configure(connection->db, may_write, err);
}

void imi_connection_close(imi_connection *connection)
{
    for (size_t i = 0; i < IMI_SQL_COUNT; i++) {
        sqlite3_finalize(connection->statements[i]);
    }
    sqlite3_close(connection->db);
    *connection = (imi_connection){0};
}

imi_status imi_statement_get(imi_connection *connection, imi_sql sql, sqlite3_stmt **out,
                             imi_error *err)
{
    if (connection->statements[sql] == NULL) {
        int code =
            sqlite3_prepare_v3(connection->db, imi_statement_text(sql), -1,
                               SQLITE_PREPARE_PERSISTENT, &connection->statements[sql], NULL);
        if (code != SQLITE_OK) {
            IMI_SQLITE_FAIL(err, connection->db, code, "cannot prepare a statement");
        }
    }
    *out = connection->statements[sql];
    return IMI_OK;
}

imi_status imi_binder_run(imi_binder *binder, imi_error *err)
{
    bool found = false;
    IMI_TRY(imi_binder_end(binder, err));
    return imi_statement_step(binder->statement, &found, err);
}

imi_status imi_statement_run(imi_connection *connection, imi_sql sql, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    bool found = false;
    return imi_statement_step(statement, &found, err);
}
