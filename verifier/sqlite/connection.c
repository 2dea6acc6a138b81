#include "verifier/sqlite/edge.h"

#include "imi/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 5000, MODE_SIZE = 16 };

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

imi_status imi_sqlite_create_private(const char *path, imi_error *err)
{
    /* SQLite gives these names a meaning of their own; each connection would get its own file. */
    if (path == NULL || path[0] == '\0' || path[0] == ':' || strncmp(path, "file:", 5) == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a database needs the path of a file");
    }
    /* Private from the first byte. Only ever with O_EXCL: opening and closing an existing database
     * would drop the locks that other connections of this process hold on it (POSIX). */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_STORE_IO, errno, "cannot create %s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return IMI_OK;
}

imi_status imi_sqlite_run(sqlite3 *db, const char *sql, const char *what, imi_error *err)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, db, code, what);
    }
    return IMI_OK;
}

imi_status imi_sqlite_open(const char *path, sqlite3 **out, imi_error *err)
{
    *out = NULL;
    /* NOMUTEX: one thread at a time uses a connection. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, out, flags, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, *out, code, "cannot open the database");
    }
    sqlite3_busy_timeout(*out, BUSY_TIMEOUT_MS);
    return IMI_OK;
}

static int remember_mode(void *user, int columns, char **values, char **names)
{
    (void)names;
    char *mode = user;
    return columns > 0 && values[0] != NULL && imi_copy_text(mode, MODE_SIZE, values[0]) ? 0 : 1;
}

imi_status imi_sqlite_set_journal(sqlite3 *db, const char *mode, imi_error *err)
{
    char sql[64], kept[MODE_SIZE] = "";
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA journal_mode = %s", mode);
    int code = sqlite3_exec(db, sql, remember_mode, kept, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, db, code, "cannot open the database's journal");
    }
    /* SQLite keeps another mode, without an error, where a file system cannot share memory. */
    if (sqlite3_stricmp(kept, mode) != 0) {
        IMI_FAIL(err, IMI_E_STORE_IO,
                 "the database's file system cannot hold its journal: use a local one");
    }
    return IMI_OK;
}

imi_status imi_sqlite_configure(sqlite3 *db, imi_error *err)
{
    /* secure_delete: what was deleted must not stay in free pages. */
    static const char *const settings[] = {
        "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY",
        "PRAGMA foreign_keys = ON",    "PRAGMA secure_delete = ON",
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        IMI_TRY(imi_sqlite_run(db, settings[i], "cannot configure the database", err));
    }
    return IMI_OK;
}

imi_status imi_statement_step(sqlite3_stmt *statement, bool *found_out, imi_error *err)
{
    int code = sqlite3_step(statement);
    *found_out = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        IMI_SQLITE_FAIL(err, sqlite3_db_handle(statement), code, "the database refused");
    }
    return IMI_OK;
}
