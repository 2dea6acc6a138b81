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

static void read_event(imi_columns *columns, void *row)
{
    imi_event_record *out = row;
    IMI_READ_ARRAY(columns, out->session_id);
    out->sequence = imi_read_integer(columns, 1, INT64_MAX);
    out->at_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->kind);
    IMI_READ_ARRAY(columns, out->detail);
}

typedef struct events_key {
    const char *session_id;
    int64_t after;
} events_key;

static void bind_events(imi_binder *binder, const void *key)
{
    const events_key *wanted = key;
    imi_bind_text(binder, wanted->session_id, IMI_ID_SIZE);
    imi_bind_integer(binder, wanted->after);
}

imi_status imi_sqlite_list_events(imi_store *self, const char *session_id, int64_t after,
                                  imi_event_record *out, size_t capacity, size_t *count_out,
                                  imi_error *err)
{
    const events_key key = {session_id, after};
    const imi_listing listing = {IMI_SQL_LIST_EVENTS, bind_events, &key, read_event, sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}

/* ---- Retention ---- */

typedef struct forget_work {
    int64_t before_ms;
    size_t capacity;
} forget_work;

static imi_status forget(imi_connection *connection, void *argument, imi_error *err)
{
    const forget_work *work = argument;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FORGET_EVENTS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, work->before_ms);
    imi_bind_integer(&binder, imi_limit_of(work->capacity));
    return imi_binder_run(&binder, err);
}

static imi_status find_old(imi_connection *connection, int64_t before_ms, bool *found_out,
                           imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FIND_OLD_EVENT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, before_ms);
    IMI_TRY(imi_binder_end(&binder, err));
    return imi_statement_step(statement, found_out, err);
}

/* Asked every second, so that the writer is not troubled when there is nothing to forget. */
imi_status imi_sqlite_forget_events(imi_store *self, int64_t before_ms, size_t capacity,
                                    imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    forget_work work = {before_ms, capacity};
    bool found = false;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = find_old(reader, before_ms, &found, err);
    imi_store_give_reader(store, reader);
    IMI_TRY(status);
    return found ? imi_store_write(store, forget, &work, err) : IMI_OK;
}
