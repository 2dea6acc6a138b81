#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>

imi_status imi_store_add_event(imi_connection *connection, const char *session_id,
                               imi_event_record *event, imi_error *err)
{
    if (event->kind[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an event needs a kind");
    }
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_EVENT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, session_id, IMI_ID_SIZE);
    imi_bind_integer(&binder, event->at_ms);
    IMI_BIND_ARRAY(&binder, event->kind);
    IMI_BIND_ARRAY(&binder, event->detail);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_feed_record item = {0};
    imi_columns columns = imi_columns_start(statement);
    event->sequence = imi_read_integer(&columns, 1, INT64_MAX);
    item.cursor = imi_read_integer(&columns, 1, INT64_MAX);
    IMI_READ_ARRAY(&columns, item.relying_party);
    IMI_TRY(imi_columns_end(&columns, err));
    imi_copy_text(event->session_id, sizeof event->session_id, session_id);
    item.event = *event;
    return event->deliver ? imi_store_queue_delivery(connection, &item, err) : IMI_OK;
}

static imi_status read_event(sqlite3_stmt *statement, imi_event_record *out, imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->session_id);
    out->sequence = imi_read_integer(&columns, 1, INT64_MAX);
    out->at_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->kind);
    IMI_READ_ARRAY(&columns, out->detail);
    return imi_columns_end(&columns, err);
}

static imi_status select_events(imi_connection *connection, const char *session_id, int64_t after,
                                imi_event_record *out, size_t capacity, size_t *count_out,
                                imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_LIST_EVENTS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, session_id, IMI_ID_SIZE);
    imi_bind_integer(&binder, after);
    imi_bind_integer(&binder, imi_limit_of(capacity));
    IMI_TRY(imi_binder_end(&binder, err));
    size_t count = 0;
    for (bool found = true; found && count < capacity;) {
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (found) {
            IMI_TRY(read_event(statement, &out[count++], err));
        }
    }
    *count_out = count;
    return IMI_OK;
}

imi_status imi_sqlite_list_events(imi_store *self, const char *session_id, int64_t after,
                                  imi_event_record *out, size_t capacity, size_t *count_out,
                                  imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    *count_out = 0;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = select_events(reader, session_id, after, out, capacity, count_out, err);
    imi_store_give_reader(store, reader);
    return status;
}
