#include "sqlite.h"

static imi_status read_rows(sqlite3_stmt *statement, const imi_listing *listing, uint8_t *out,
                            size_t capacity, size_t *count_out, imi_error *err)
{
    size_t count = 0;
    for (bool found = true; found && count < capacity;) {
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (found) {
            imi_columns columns = imi_columns_start(statement);
            columns.row = count;
            listing->read(&columns, out + count * listing->row_size);
            IMI_TRY(imi_columns_end(&columns, err));
            count++;
        }
    }
    *count_out = count;
    return IMI_OK;
}

imi_status imi_store_list_by(imi_connection *connection, const imi_listing *listing, void *out,
                             size_t capacity, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, listing->sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    listing->bind(&binder, listing->key);
    imi_bind_integer(&binder, imi_limit_of(capacity));
    IMI_TRY(imi_binder_end(&binder, err));
    return read_rows(statement, listing, out, capacity, count_out, err);
}

imi_status imi_store_list(imi_store *self, const imi_listing *listing, void *out, size_t capacity,
                          size_t *count_out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = imi_store_list_by(reader, listing, out, capacity, count_out, err);
    imi_store_give_reader(store, reader);
    return status;
}

void imi_bind_number(imi_binder *binder, const void *key)
{
    imi_bind_integer(binder, *(const int64_t *)key);
}
