#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>

enum {
    LIST_FULL = IMI_STATUS_LIST_SIZE / 4 * 3,
    /* Each finds a taken place with a chance of 3 in 4 at most: all of them never do. */
    DRAWS_MAX = 512,
    TOKENS_PER_BYTE = 8 / IMI_STATUS_LIST_BITS
};

static imi_status read_status(sqlite3_stmt *statement, imi_status_record *out, imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->token_id);
    out->list = imi_read_integer(&columns, 1, INT64_MAX);
    out->index = (uint32_t)imi_read_integer(&columns, 0, IMI_STATUS_LIST_SIZE - 1);
    out->status =
        (imi_token_status)imi_read_integer(&columns, IMI_TOKEN_VALID, IMI_TOKEN_SUSPENDED);
    out->changed_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    return imi_columns_end(&columns, err);
}

imi_status imi_store_find_status(imi_connection *connection, const char *token_id,
                                 imi_status_record *out, bool *found_out, imi_error *err)
{
    *found_out = false;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_STATUS, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, token_id, IMI_ID_SIZE, err));
    bool row = false;
    IMI_TRY(imi_statement_step(statement, &row, err));
    if (row) {
        IMI_TRY(read_status(statement, out, err));
    }
    *found_out = row;
    return IMI_OK;
}

/* Run a statement that takes one number and may give one. */
static imi_status run_with_number(imi_connection *connection, imi_sql sql, int64_t value,
                                  int64_t *number_out, bool *found_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, value);
    IMI_TRY(imi_binder_end(&binder, err));
    IMI_TRY(imi_statement_step(statement, found_out, err));
    imi_columns columns = imi_columns_start(statement);
    if (*found_out) {
        *number_out = imi_read_integer(&columns, 1, INT64_MAX);
    }
    return imi_columns_end(&columns, err);
}

static imi_status find_open_list(imi_connection *connection, int64_t *list_out, imi_error *err)
{
    bool found = false;
    IMI_TRY(run_with_number(connection, IMI_SQL_FIND_OPEN_LIST, LIST_FULL, list_out, &found, err));
    if (found) {
        return IMI_OK;
    }
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_LIST, &statement, err));
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_columns columns = imi_columns_start(statement);
    *list_out = imi_read_integer(&columns, 1, INT64_MAX);
    return imi_columns_end(&columns, err);
}

static imi_status take_place(imi_connection *connection, const imi_status_record *record,
                             bool *taken_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_TAKE_PLACE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->token_id);
    imi_bind_integer(&binder, record->list);
    imi_bind_integer(&binder, record->index);
    IMI_TRY(imi_binder_run(&binder, err));
    *taken_out = sqlite3_changes(connection->db) == 1;
    return IMI_OK;
}

/* Indices in the order of issue would tell who came after whom. */
static imi_status allocate_new(imi_connection *connection, imi_status_record *record,
                               imi_error *err)
{
    int64_t unused = 0;
    bool taken = false, row = false;
    IMI_TRY(find_open_list(connection, &record->list, err));
    for (int i = 0; i < DRAWS_MAX && !taken; i++) {
        uint32_t drawn = 0;
        IMI_TRY(imi_random((uint8_t *)&drawn, sizeof drawn, err));
        record->index = drawn % IMI_STATUS_LIST_SIZE; /* a power of two: all are equally likely */
        IMI_TRY(take_place(connection, record, &taken, err));
    }
    if (!taken) {
        IMI_FAIL(err, IMI_E_INTERNAL, "a list of statuses has no free place");
    }
    return run_with_number(connection, IMI_SQL_COUNT_PLACE, record->list, &unused, &row, err);
}

static imi_status allocate(imi_connection *connection, void *argument, imi_error *err)
{
    imi_status_record *record = argument;
    imi_status_record stored = {0};
    bool found = false;
    IMI_TRY(imi_store_find_status(connection, record->token_id, &stored, &found, err));
    if (found) {
        *record = stored;
        return IMI_OK;
    }
    return allocate_new(connection, record, err);
}

imi_status imi_sqlite_allocate_status(imi_store *self, const char *token_id, imi_status_record *out,
                                      imi_error *err)
{
    imi_status_record record = {.status = IMI_TOKEN_VALID};
    *out = record;
    if (token_id[0] == '\0' || !imi_copy_text(record.token_id, IMI_ID_SIZE, token_id)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a status needs the id of a token");
    }
    IMI_TRY(imi_store_write((imi_store_sqlite *)self, allocate, &record, err));
    *out = record;
    return IMI_OK;
}

imi_status imi_sqlite_get_status(imi_store *self, const char *token_id, imi_status_record *out,
                                 imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_status_record record = {0};
    bool found = false;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = imi_store_find_status(reader, token_id, &record, &found, err);
    imi_store_give_reader(store, reader);
    /* Where there is none, nothing may read as VALID. */
    *out = (imi_status_record){.status = IMI_TOKEN_INVALID};
    IMI_TRY(status);
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the token has no status");
    }
    *out = record;
    return IMI_OK;
}

typedef struct status_work {
    const char *token_id;
    imi_token_status status;
    int64_t now_ms;
    imi_leaf *leaf;
} status_work;

static imi_status set_status(imi_connection *connection, void *argument, imi_error *err)
{
    const status_work *work = argument;
    imi_status_record stored = {0};
    int64_t unused = 0;
    bool found = false;
    IMI_TRY(imi_store_find_status(connection, work->token_id, &stored, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the token has no status");
    }
    if (stored.status == work->status) {
        return IMI_OK;
    }
    if (stored.status == IMI_TOKEN_INVALID) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the token was revoked for good");
    }
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_SET_STATUS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, work->status);
    imi_bind_integer(&binder, work->now_ms);
    imi_bind_text(&binder, work->token_id, IMI_ID_SIZE);
    IMI_TRY(imi_binder_run(&binder, err));
    IMI_TRY(run_with_number(connection, IMI_SQL_COUNT_CHANGE, stored.list, &unused, &found, err));
    return imi_store_add_leaf(connection, work->leaf, err);
}

imi_status imi_sqlite_set_status(imi_store *self, const char *token_id, imi_token_status status,
                                 int64_t now_ms, const imi_leaf_draft *leaf, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    if (status < IMI_TOKEN_VALID || status > IMI_TOKEN_SUSPENDED) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a status of a token", (int)status);
    }
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    status_work work = {token_id, status, now_ms, &prepared};
    return imi_store_write(store, set_status, &work, err);
}

static void read_list_of_lists(imi_columns *columns, void *row)
{
    imi_status_list_record *out = row;
    out->list = imi_read_integer(columns, 1, INT64_MAX);
    out->changes = imi_read_integer(columns, 0, INT64_MAX);
}

imi_status imi_sqlite_list_status_lists(imi_store *self, int64_t after, imi_status_list_record *out,
                                        size_t capacity, size_t *count_out, imi_error *err)
{
    const imi_listing listing = {IMI_SQL_LIST_LISTS, imi_bind_number, &after, read_list_of_lists,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}

/* One row of a list: its counter, and a token that is not valid, if there is one. */
static imi_status note_row(sqlite3_stmt *statement, uint8_t *bits, imi_status_list_record *out,
                           imi_error *err)
{
    enum { PLACE_COLUMN = 2 };
    imi_columns columns = imi_columns_start(statement);
    out->list = imi_read_integer(&columns, 1, INT64_MAX);
    out->changes = imi_read_integer(&columns, 0, INT64_MAX);
    if (sqlite3_column_type(statement, PLACE_COLUMN) != SQLITE_NULL) {
        size_t place = (size_t)imi_read_integer(&columns, 0, IMI_STATUS_LIST_SIZE - 1);
        unsigned status = (unsigned)imi_read_integer(&columns, 1, IMI_TOKEN_SUSPENDED);
        bits[place / TOKENS_PER_BYTE] |=
            (uint8_t)(status << (place % TOKENS_PER_BYTE * IMI_STATUS_LIST_BITS));
    }
    return imi_columns_end(&columns, err);
}

static imi_status read_list(imi_connection *connection, int64_t list, uint8_t *bits,
                            imi_status_list_record *out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_READ_LIST, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, list);
    IMI_TRY(imi_binder_end(&binder, err));
    for (bool found = true; found;) {
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (found) {
            IMI_TRY(note_row(statement, bits, out, err));
        }
    }
    if (out->list == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such list of statuses");
    }
    return IMI_OK;
}

static void fill(uint8_t *bits, imi_token_status status)
{
    enum { ONES = 0x55 }; /* 1 in each token's place */
    for (size_t i = 0; i < IMI_STATUS_LIST_BYTES; i++) {
        bits[i] = (uint8_t)((unsigned)status * ONES);
    }
}

imi_status imi_sqlite_read_status_list(imi_store *self, int64_t list,
                                       uint8_t bits_out[IMI_STATUS_LIST_BYTES],
                                       imi_status_list_record *out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_status_list_record record = {0};
    fill(bits_out, IMI_TOKEN_VALID);
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = read_list(reader, list, bits_out, &record, err);
    imi_store_give_reader(store, reader);
    if (status != IMI_OK) {
        fill(bits_out, IMI_TOKEN_INVALID);
        record = (imi_status_list_record){0};
    }
    *out = record;
    return status;
}
