/**
 * The edge to SQLite: opening, statements, binding and reading, and translation of its errors.
 *
 * Every failing call is reported through IMI_SQLITE_FAIL. A database is used by one thread at a
 * time; whoever opened it sees to that.
 */
#ifndef IMI_SQLITE_EDGE_H
#define IMI_SQLITE_EDGE_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <sqlite3.h>
#include <stdbool.h>

/** Translate a result code of SQLite. Use through IMI_SQLITE_FAIL. */
imi_status imi_sqlite_error_set(imi_error *err, sqlite3 *db, int code, const char *file, int line,
                                const char *what);

#define IMI_SQLITE_FAIL(err, db, code, what)                                                       \
    return imi_sqlite_error_set((err), (db), (code), __FILE__, __LINE__, (what))

enum { IMI_SQLITE_HASH_SIZE = 32 }; /* SHA-256 */

/** Give SQLite the product's allocator, once a process, before it is first used. */
IMI_MUST_USE imi_status imi_sqlite_prepare_library(imi_error *err);

/** Make the file, private to its user, where there is none. Refuses names special to SQLite. */
IMI_MUST_USE imi_status imi_sqlite_create_private(const char *path, imi_error *err);
/** Open an existing file for one thread, with extended codes and patience for locks. */
IMI_MUST_USE imi_status imi_sqlite_open(const char *path, sqlite3 **out, imi_error *err);
/** Set the journal's mode; refuse a file system on which SQLite keeps another. */
IMI_MUST_USE imi_status imi_sqlite_set_journal(sqlite3 *db, const char *mode, imi_error *err);
/**
 * What every database of ours wants: no trust in the file's schema, foreign keys, zeros where
 * something was deleted. Behind the journal's mode.
 */
IMI_MUST_USE imi_status imi_sqlite_configure(sqlite3 *db, imi_error *err);
/** Run statements that give no row. what: said when they fail. */
IMI_MUST_USE imi_status imi_sqlite_run(sqlite3 *db, const char *sql, const char *what,
                                       imi_error *err);
/** Look for damaged pages. Errors: IMI_E_STORE_CORRUPT. */
IMI_MUST_USE imi_status imi_sqlite_check_pages(sqlite3 *db, imi_error *err);

/** A kind of database: text n - 1 of migrations brings its schema from version n - 1 to n. */
typedef struct imi_sqlite_schema {
    int application_id; /* tells our files from those of other programs */
    const char *const *migrations;
    int count;
} imi_sqlite_schema;

/** Bring the schema to the present version; refuse foreign and newer files. */
IMI_MUST_USE imi_status imi_sqlite_migrate(sqlite3 *db, const imi_sqlite_schema *schema,
                                           imi_error *err);

/** Advance: found_out tells whether there is a row. */
IMI_MUST_USE imi_status imi_statement_step(sqlite3_stmt *statement, bool *found_out,
                                           imi_error *err);

static inline void imi_statement_release_(sqlite3_stmt **statement)
{
    if (*statement != NULL) {
        sqlite3_reset(*statement);
        sqlite3_clear_bindings(*statement);
    }
}

#define IMI_AUTO_STATEMENT __attribute__((cleanup(imi_statement_release_))) sqlite3_stmt *

/** Binds values in order; the first failure sticks and is reported by imi_binder_end. */
typedef struct imi_binder {
    sqlite3_stmt *statement;
    int at;
    int code;
    bool invalid; /* a text was not terminated or not UTF-8 */
} imi_binder;

imi_binder imi_binder_start(sqlite3_stmt *statement);
/** text: in an array of capacity bytes. Borrowed until the statement is released. */
void imi_bind_text(imi_binder *binder, const char *text, size_t capacity);
void imi_bind_blob(imi_binder *binder, imi_view bytes);
void imi_bind_integer(imi_binder *binder, int64_t value);
/** NaN becomes NULL. */
void imi_bind_real(imi_binder *binder, double value);
/** Errors: IMI_E_INVALID_ARGUMENT for bad text. */
IMI_MUST_USE imi_status imi_binder_end(imi_binder *binder, imi_error *err);

/** Bind the one value that a statement takes. */
IMI_MUST_USE imi_status imi_bind_one_text(sqlite3_stmt *statement, const char *text,
                                          size_t capacity, imi_error *err);

#define IMI_BIND_ARRAY(binder, array) imi_bind_text((binder), (array), sizeof(array))

/** Reads the columns of a row in order; what does not fit marks the record as damaged. */
typedef struct imi_columns {
    sqlite3_stmt *statement;
    int at;
    size_t row; /* rows before this one, where rows are listed */
    bool damaged;
} imi_columns;

imi_columns imi_columns_start(sqlite3_stmt *statement);
void imi_read_text(imi_columns *columns, char *out, size_t capacity);
/** Exactly what a digest takes. */
void imi_read_hash(imi_columns *columns, uint8_t hash[IMI_SQLITE_HASH_SIZE]);
/** 0 or 1. */
bool imi_read_flag(imi_columns *columns);
/** At most capacity bytes; the rest of out stays. */
void imi_read_blob(imi_columns *columns, uint8_t *out, size_t capacity, size_t *size_out);
int64_t imi_read_integer(imi_columns *columns, int64_t low, int64_t high);
/** NULL becomes NaN. */
double imi_read_real(imi_columns *columns);
/** Borrowed until the statement moves on; NULL becomes empty. */
imi_view imi_read_view(imi_columns *columns);
/** Errors: IMI_E_STORE_CORRUPT if any column was damaged. */
IMI_MUST_USE imi_status imi_columns_end(const imi_columns *columns, imi_error *err);

#define IMI_READ_ARRAY(columns, array) imi_read_text((columns), (array), sizeof(array))

/** A LIMIT: what does not fit is as good as no limit. */
static inline int64_t imi_limit_of(size_t capacity)
{
    return capacity > INT32_MAX ? INT32_MAX : (int64_t)capacity;
}

#endif
