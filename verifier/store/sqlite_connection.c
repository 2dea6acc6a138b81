#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 5000 };

static imi_status status_of_code(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return IMI_E_STORE_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return IMI_E_STORE_CORRUPT;
    case SQLITE_NOMEM:
        return IMI_E_NO_MEMORY;
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_NOMEM ? IMI_E_NO_MEMORY : IMI_E_STORE_IO;
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return IMI_E_STORE_IO;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
                   ? IMI_E_CONFLICT
                   : IMI_E_INVALID_ARGUMENT;
    case SQLITE_TOOBIG:
        return IMI_E_OVERFLOW;
    default:
        return IMI_E_INTERNAL;
    }
}

imi_status imi_sqlite_error_set(imi_error *err, sqlite3 *db, int code, const char *file, int line,
                                const char *what)
{
    /* SQLite's own message names tables and columns, never values. */
    return imi_error_set(err, status_of_code(code), code, file, line, "%s: %s", what,
                         db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(db));
}

/* Private from the first byte. Only ever with O_EXCL: opening and closing an existing database
 * would drop the locks that other connections of this process hold on it (POSIX). */
static imi_status create_private(const char *path, imi_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_STORE_IO, errno, "cannot create %s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return IMI_OK;
}

static int remember_first_byte(void *user, int columns, char **values, char **names)
{
    (void)names;
    *(char *)user = columns > 0 && values[0] != NULL ? values[0][0] : '\0';
    return 0;
}

static imi_status set_wal(sqlite3 *db, imi_error *err)
{
    char mode = '\0';
    int code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", remember_first_byte, &mode, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, db, code, "cannot open the store's log");
    }
    /* SQLite keeps another mode, without an error, where a file system cannot share memory. */
    if (mode != 'w') {
        IMI_FAIL(err, IMI_E_STORE_IO,
                 "the store's file system cannot hold its log: use a local one");
    }
    return IMI_OK;
}

static imi_status configure(sqlite3 *db, bool may_write, imi_error *err)
{
    /* secure_delete: a template that was deleted must not stay in free pages. */
    static const char *const settings[] = {
        "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY",
        "PRAGMA foreign_keys = ON",    "PRAGMA secure_delete = ON",   "PRAGMA synchronous = FULL",
        "PRAGMA query_only = ON",
    };
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    IMI_TRY(set_wal(db, err));
    size_t count = sizeof settings / sizeof settings[0] - (may_write ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        int code = sqlite3_exec(db, settings[i], NULL, NULL, NULL);
        if (code != SQLITE_OK) {
            IMI_SQLITE_FAIL(err, db, code, "cannot configure the store");
        }
    }
    return IMI_OK;
}

imi_status imi_connection_open(imi_connection *connection, const char *path, bool may_write,
                               imi_error *err)
{
    *connection = (imi_connection){0};
    if (may_write) {
        IMI_TRY(create_private(path, err));
    }
    /* NOMUTEX: the store lets one thread at a time use a connection. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &connection->db, flags, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, connection->db, code, "cannot open the store");
    }
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

imi_status imi_statement_step(sqlite3_stmt *statement, bool *found_out, imi_error *err)
{
    int code = sqlite3_step(statement);
    *found_out = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        IMI_SQLITE_FAIL(err, sqlite3_db_handle(statement), code, "the store refused");
    }
    return IMI_OK;
}

imi_status imi_statement_run(imi_connection *connection, imi_sql sql, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    bool found = false;
    return imi_statement_step(statement, &found, err);
}
