#include "sqlite_trust.h"

#include <stdint.h>

imi_status imi_store_queue_delivery(imi_connection *connection, const imi_feed_record *item,
                                    imi_error *err)
{
    char delivery_id[IMI_ID_SIZE];
    IMI_TRY(imi_id_new("del", delivery_id, err));
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_DELIVERY, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, item->cursor);
    IMI_BIND_ARRAY(&binder, delivery_id);
    IMI_BIND_ARRAY(&binder, item->relying_party);
    imi_bind_integer(&binder, item->event.at_ms);
    return imi_binder_run(&binder, err);
}

static void read_delivery(imi_columns *columns, void *row)
{
    imi_delivery_record *out = row;
    IMI_READ_ARRAY(columns, out->delivery_id);
    imi_read_feed(columns, &out->item);
    out->state =
        (imi_delivery_state)imi_read_integer(columns, IMI_DELIVERY_PENDING, IMI_DELIVERY_DEAD);
    out->claim = imi_read_integer(columns, 0, INT64_MAX - 1);
    out->attempts = (uint32_t)imi_read_integer(columns, 0, UINT32_MAX - 1);
    out->next_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->last_error);
}

typedef struct claim_work {
    const char *relying_party;
    int64_t now_ms, until_ms;
    imi_delivery_record *out;
    size_t capacity, count;
} claim_work;

static imi_status claim_one(imi_connection *connection, int64_t until_ms,
                            imi_delivery_record *record, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_CLAIM_DELIVERY, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, until_ms);
    imi_bind_integer(&binder, record->item.cursor);
    IMI_TRY(imi_binder_run(&binder, err));
    record->claim++;
    record->attempts++;
    record->next_ms = until_ms;
    return IMI_OK;
}

static void bind_due(imi_binder *binder, const void *key)
{
    const claim_work *work = key;
    imi_bind_text(binder, work->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_integer(binder, work->now_ms);
}

static imi_status claim(imi_connection *connection, void *argument, imi_error *err)
{
    claim_work *work = argument;
    const imi_listing due = {IMI_SQL_FIND_DUE, bind_due, work, read_delivery, sizeof *work->out};
    IMI_TRY(imi_store_list_by(connection, &due, work->out, work->capacity, &work->count, err));
    for (size_t i = 0; i < work->count; i++) {
        IMI_TRY(claim_one(connection, work->until_ms, &work->out[i], err));
    }
    return IMI_OK;
}

imi_status imi_sqlite_claim_deliveries(imi_store *self, const char *relying_party, int64_t now_ms,
                                       int64_t lease_ms, imi_delivery_record *out, size_t capacity,
                                       size_t *count_out, imi_error *err)
{
    *count_out = 0;
    if (lease_ms <= 0 || now_ms > INT64_MAX - lease_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a claim needs a lease");
    }
    claim_work work = {relying_party, now_ms, now_ms + lease_ms, out, capacity, 0};
    IMI_TRY(imi_store_write((imi_store_sqlite *)self, claim, &work, err));
    *count_out = work.count;
    return IMI_OK;
}

/* IMI_E_NOT_FOUND if there is none with this id, of this party or ("") of any. */
static imi_status expect_delivery(imi_connection *connection, const char *delivery_id,
                                  const char *relying_party, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FIND_DELIVERY, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, delivery_id, IMI_ID_SIZE);
    imi_bind_text(&binder, relying_party, IMI_STORE_NAME_SIZE);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such delivery");
    }
    return IMI_OK;
}

static imi_status end(imi_connection *connection, void *argument, imi_error *err)
{
    const imi_delivery_record *record = argument;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_END_DELIVERY, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, record->state);
    imi_bind_integer(&binder, record->next_ms);
    IMI_BIND_ARRAY(&binder, record->last_error);
    IMI_BIND_ARRAY(&binder, record->delivery_id);
    imi_bind_integer(&binder, record->claim);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_TRY(expect_delivery(connection, record->delivery_id, "", err));
        IMI_FAIL(err, IMI_E_CONFLICT, "the delivery was claimed or ended by somebody else");
    }
    return IMI_OK;
}

imi_status imi_sqlite_end_delivery(imi_store *self, const imi_delivery_record *record,
                                   imi_error *err)
{
    if (record->state < IMI_DELIVERY_PENDING || record->state > IMI_DELIVERY_DEAD) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a state of a delivery",
                 (int)record->state);
    }
    if (record->claim < 1) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "only a claimed delivery can end");
    }
    return imi_store_write((imi_store_sqlite *)self, end, (void *)record, err);
}

typedef struct deliveries_key {
    const char *relying_party;
    imi_delivery_state state;
    int64_t after;
} deliveries_key;

static void bind_deliveries(imi_binder *binder, const void *key)
{
    const deliveries_key *wanted = key;
    imi_bind_text(binder, wanted->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_integer(binder, wanted->state);
    imi_bind_integer(binder, wanted->after);
}

imi_status imi_sqlite_list_deliveries(imi_store *self, const char *relying_party,
                                      imi_delivery_state state, int64_t after,
                                      imi_delivery_record *out, size_t capacity, size_t *count_out,
                                      imi_error *err)
{
    const deliveries_key key = {relying_party, state, after};
    const imi_listing listing = {IMI_SQL_LIST_DELIVERIES, bind_deliveries, &key, read_delivery,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}

typedef struct replay_work {
    const char *relying_party, *delivery_id;
    int64_t now_ms;
    size_t count;
} replay_work;

static imi_status replay(imi_connection *connection, void *argument, imi_error *err)
{
    replay_work *work = argument;
    bool all = work->delivery_id[0] == '\0';
    if (!all) {
        IMI_TRY(expect_delivery(connection, work->delivery_id, work->relying_party, err));
    }
    IMI_AUTO_STATEMENT statement = NULL;
    imi_sql sql = all ? IMI_SQL_REPLAY_DEAD : IMI_SQL_REPLAY_DELIVERY;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, work->now_ms);
    imi_bind_text(&binder, work->relying_party, IMI_STORE_NAME_SIZE);
    if (!all) {
        imi_bind_text(&binder, work->delivery_id, IMI_ID_SIZE);
    }
    IMI_TRY(imi_binder_run(&binder, err));
    work->count = (size_t)sqlite3_changes(connection->db);
    return IMI_OK;
}

imi_status imi_sqlite_replay_deliveries(imi_store *self, const char *relying_party,
                                        const char *delivery_id, int64_t now_ms, size_t *count_out,
                                        imi_error *err)
{
    *count_out = 0;
    if (relying_party[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a replay needs a relying party");
    }
    replay_work work = {relying_party, delivery_id, now_ms, 0};
    IMI_TRY(imi_store_write((imi_store_sqlite *)self, replay, &work, err));
    *count_out = work.count;
    return IMI_OK;
}
