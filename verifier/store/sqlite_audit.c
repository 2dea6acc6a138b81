#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>

/* Number and digest of the last line; zeros before the first. */
static imi_status find_last(imi_connection *connection, int64_t *sequence_out,
                            uint8_t digest_out[IMI_STORE_HASH_SIZE], imi_error *err)
{
    *sequence_out = 0;
    imi_wipe(digest_out, IMI_STORE_HASH_SIZE);
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_LAST_AUDIT, &statement, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        return IMI_OK;
    }
    imi_columns columns = imi_columns_start(statement);
    *sequence_out = imi_read_integer(&columns, 1, INT64_MAX - 1);
    imi_read_hash(&columns, digest_out);
    return imi_columns_end(&columns, err);
}

imi_status imi_store_add_audit(imi_connection *connection, const imi_audit_record *audit,
                               imi_error *err)
{
    if (audit == NULL || audit->actor[0] == '\0' || audit->action[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an audit line needs an actor and an action");
    }
    imi_audit_record line = *audit;
    uint8_t previous[IMI_STORE_HASH_SIZE];
    IMI_TRY(find_last(connection, &line.sequence, previous, err));
    line.sequence++;
    IMI_TRY(imi_audit_digest(previous, &line, line.digest, err));
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_AUDIT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, line.sequence);
    imi_bind_integer(&binder, line.at_ms);
    IMI_BIND_ARRAY(&binder, line.actor);
    IMI_BIND_ARRAY(&binder, line.action);
    IMI_BIND_ARRAY(&binder, line.object);
    IMI_BIND_ARRAY(&binder, line.detail);
    imi_bind_blob(&binder, (imi_view){line.digest, sizeof line.digest});
    return imi_binder_run(&binder, err);
}

typedef struct audit_work {
    const imi_audit_record *audit;
    imi_leaf *leaf;
} audit_work;

static imi_status append(imi_connection *connection, void *argument, imi_error *err)
{
    const audit_work *work = argument;
    IMI_TRY(imi_store_add_audit(connection, work->audit, err));
    return imi_store_add_leaf(connection, work->leaf, err);
}

imi_status imi_sqlite_append_audit(imi_store *self, const imi_audit_record *audit,
                                   const imi_leaf_draft *leaf, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    audit_work work = {audit, &prepared};
    return imi_store_write(store, append, &work, err);
}

static void read_line(imi_columns *columns, void *row)
{
    imi_audit_record *out = row;
    out->sequence = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->at_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->actor);
    IMI_READ_ARRAY(columns, out->action);
    IMI_READ_ARRAY(columns, out->object);
    IMI_READ_ARRAY(columns, out->detail);
    imi_read_hash(columns, out->digest);
}

imi_status imi_sqlite_list_audit(imi_store *self, int64_t after, imi_audit_record *out,
                                 size_t capacity, size_t *count_out, imi_error *err)
{
    const imi_listing listing = {IMI_SQL_LIST_AUDIT, imi_bind_number, &after, read_line,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}
