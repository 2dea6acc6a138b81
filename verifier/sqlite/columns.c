#include "verifier/sqlite/edge.h"

#include "imi/memory.h"

#include <math.h>
#include <string.h>

imi_binder imi_binder_start(sqlite3_stmt *statement)
{
    return (imi_binder){.statement = statement, .at = 0, .code = SQLITE_OK, .invalid = false};
}

static void note(imi_binder *binder, int code)
{
    if (binder->code == SQLITE_OK) {
        binder->code = code;
    }
}

void imi_bind_text(imi_binder *binder, const char *text, size_t capacity)
{
    binder->at++;
    const char *end = text == NULL ? NULL : memchr(text, 0, capacity);
    if (end == NULL || !imi_text_is_clean_utf8(imi_view_of_text(text))) {
        binder->invalid = true;
        return;
    }
    note(binder,
         sqlite3_bind_text(binder->statement, binder->at, text, (int)(end - text), SQLITE_STATIC));
}

void imi_bind_blob(imi_binder *binder, imi_view bytes)
{
    /* A NULL pointer would bind NULL rather than an empty value. */
    const void *start = bytes.size == 0 ? (const void *)"" : bytes.data;
    note(binder,
         sqlite3_bind_blob64(binder->statement, ++binder->at, start, bytes.size, SQLITE_STATIC));
}

void imi_bind_integer(imi_binder *binder, int64_t value)
{
    note(binder, sqlite3_bind_int64(binder->statement, ++binder->at, value));
}

void imi_bind_real(imi_binder *binder, double value)
{
    int at = ++binder->at;
    note(binder, isnan(value) ? sqlite3_bind_null(binder->statement, at)
                              : sqlite3_bind_double(binder->statement, at, value));
}

imi_status imi_binder_end(imi_binder *binder, imi_error *err)
{
    if (binder->invalid) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a text of the record is too long or not valid UTF-8");
    }
    if (binder->code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, sqlite3_db_handle(binder->statement), binder->code,
                        "cannot bind a value");
    }
    return IMI_OK;
}

imi_status imi_bind_one_text(sqlite3_stmt *statement, const char *text, size_t capacity,
                             imi_error *err)
{
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, text, capacity);
    return imi_binder_end(&binder, err);
}

imi_columns imi_columns_start(sqlite3_stmt *statement)
{
    return (imi_columns){.statement = statement, .at = 0, .damaged = false};
}

void imi_read_text(imi_columns *columns, char *out, size_t capacity)
{
    int at = columns->at++;
    out[0] = '\0';
    const char *text = (const char *)sqlite3_column_text(columns->statement, at);
    size_t size = (size_t)sqlite3_column_bytes(columns->statement, at);
    if (text == NULL || strlen(text) != size || !imi_copy_text(out, capacity, text)) {
        columns->damaged = true;
    }
}

void imi_read_blob(imi_columns *columns, uint8_t *out, size_t capacity, size_t *size_out)
{
    int at = columns->at++;
    const void *bytes = sqlite3_column_blob(columns->statement, at);
    size_t size = (size_t)sqlite3_column_bytes(columns->statement, at);
    *size_out = 0;
    if (size > capacity || (size > 0 && bytes == NULL)) {
        columns->damaged = true;
        return;
    }
    imi_copy(out, bytes, size);
    *size_out = size;
}

void imi_read_hash(imi_columns *columns, uint8_t hash[IMI_SQLITE_HASH_SIZE])
{
    size_t size = 0;
    imi_read_blob(columns, hash, IMI_SQLITE_HASH_SIZE, &size);
    columns->damaged = columns->damaged || size != IMI_SQLITE_HASH_SIZE;
}

int64_t imi_read_integer(imi_columns *columns, int64_t low, int64_t high)
{
    int64_t value = sqlite3_column_int64(columns->statement, columns->at++);
    if (value < low || value > high) {
        columns->damaged = true;
        return low;
    }
    return value;
}

bool imi_read_flag(imi_columns *columns)
{
    return imi_read_integer(columns, 0, 1) != 0;
}

imi_view imi_read_view(imi_columns *columns)
{
    int at = columns->at++;
    const uint8_t *bytes = sqlite3_column_blob(columns->statement, at);
    size_t size = (size_t)sqlite3_column_bytes(columns->statement, at);
    /* An overflowing page chain that cannot be loaded looks like a missing value. */
    columns->damaged =
        columns->damaged ||
        (bytes == NULL && sqlite3_errcode(sqlite3_db_handle(columns->statement)) == SQLITE_NOMEM);
    return bytes == NULL ? (imi_view){NULL, 0} : (imi_view){bytes, size};
}

double imi_read_real(imi_columns *columns)
{
    int at = columns->at++;
    bool missing = sqlite3_column_type(columns->statement, at) == SQLITE_NULL;
    return missing ? (double)NAN : sqlite3_column_double(columns->statement, at);
}

imi_status imi_columns_end(const imi_columns *columns, imi_error *err)
{
    /* Memory that ran out while a column was converted looks like a missing value. */
    sqlite3 *db = sqlite3_db_handle(columns->statement);
    if (columns->damaged && sqlite3_errcode(db) == SQLITE_NOMEM) {
        IMI_SQLITE_FAIL(err, db, SQLITE_NOMEM, "cannot read a record");
    }
    if (columns->damaged) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a stored record does not have the form it must have");
    }
    return IMI_OK;
}
