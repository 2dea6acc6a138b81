#include "sqlite_trust.h"

#include <stdint.h>

void imi_read_feed(imi_columns *columns, imi_feed_record *out)
{
    out->cursor = imi_read_integer(columns, 1, INT64_MAX);
    IMI_READ_ARRAY(columns, out->relying_party);
    IMI_READ_ARRAY(columns, out->event.session_id);
    out->event.sequence = imi_read_integer(columns, 1, INT64_MAX);
    out->event.at_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->event.kind);
    IMI_READ_ARRAY(columns, out->event.detail);
    out->event.deliver = false;
}

/* SQLite has one writer, so that cursors come in order of commit: what is read here is all that
 * will ever be behind `after` and up to the last cursor returned. */
static imi_status select_feed(imi_connection *connection, const char *relying_party, int64_t after,
                              imi_feed_record *out, size_t capacity, size_t *count_out,
                              imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_LIST_FEED, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_integer(&binder, after);
    imi_bind_integer(&binder, imi_limit_of(capacity));
    IMI_TRY(imi_binder_end(&binder, err));
    size_t count = 0;
    for (bool found = true; found && count < capacity;) {
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (found) {
            imi_columns columns = imi_columns_start(statement);
            imi_read_feed(&columns, &out[count++]);
            IMI_TRY(imi_columns_end(&columns, err));
        }
    }
    *count_out = count;
    return IMI_OK;
}

imi_status imi_sqlite_list_feed(imi_store *self, const char *relying_party, int64_t after,
                                imi_feed_record *out, size_t capacity, size_t *count_out,
                                imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    *count_out = 0;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = select_feed(reader, relying_party, after, out, capacity, count_out, err);
    imi_store_give_reader(store, reader);
    return status;
}
