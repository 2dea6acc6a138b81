#include "sqlite_trust.h"

#include "imi/crypto.h"
#include "imi/memory.h"

#include <stdint.h>
#include <stdio.h>

/* Salt and event are sealed for their entry alone: exchanged ones do not open. */
typedef struct leaf_context {
    char text[sizeof "leaf:" + 2 * IMI_STORE_HASH_SIZE];
} leaf_context;

static leaf_context context_of(const uint8_t entry[IMI_STORE_HASH_SIZE])
{
    leaf_context context = {"leaf:"};
    imi_hex_encode((imi_view){entry, IMI_STORE_HASH_SIZE}, context.text + sizeof "leaf:" - 1);
    return context;
}

imi_status imi_store_prepare_leaf(imi_store_sqlite *store, const imi_leaf_draft *draft,
                                  imi_leaf *out, imi_error *err)
{
    if (draft == NULL) {
        return IMI_OK;
    }
    if (draft->kind[0] == '\0' || draft->event.size == 0 ||
        draft->event.size > IMI_STORE_LEAF_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a leaf needs a kind and an event of at most %d bytes", IMI_STORE_LEAF_MAX);
    }
    uint8_t salt[IMI_STORE_HASH_SIZE];
    IMI_TRY(imi_random(salt, sizeof salt, err));
    IMI_TRY(imi_leaf_entry(salt, draft->event, out->entry, err));
    IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append(&plain, (imi_view){salt, sizeof salt}, err));
    IMI_TRY(imi_buffer_append(&plain, draft->event, err));
    leaf_context context = context_of(out->entry);
    IMI_TRY(imi_store_seal(store, draft->relying_party, draft->subject_id, context.text,
                           imi_buffer_view(&plain), &out->sealed, err));
    out->draft = draft;
    return IMI_OK;
}

imi_status imi_store_add_leaf(imi_connection *connection, imi_leaf *leaf, imi_error *err)
{
    if (leaf->draft == NULL) {
        return IMI_OK;
    }
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_LEAF, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, leaf->draft->at_ms);
    IMI_BIND_ARRAY(&binder, leaf->draft->kind);
    IMI_BIND_ARRAY(&binder, leaf->draft->session_id);
    imi_bind_blob(&binder, (imi_view){leaf->entry, sizeof leaf->entry});
    IMI_BIND_ARRAY(&binder, leaf->sealed.key_id);
    imi_bind_blob(&binder, imi_buffer_view(&leaf->sealed.bytes));
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_columns columns = imi_columns_start(statement);
    leaf->index = imi_read_integer(&columns, 0, INT64_MAX - 1);
    return imi_columns_end(&columns, err);
}

static imi_status append(imi_connection *connection, void *leaf, imi_error *err)
{
    return imi_store_add_leaf(connection, leaf, err);
}

imi_status imi_sqlite_append_leaf(imi_store *self, const imi_leaf_draft *leaf, int64_t *index_out,
                                  imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    if (index_out != NULL) {
        *index_out = -1;
    }
    if (leaf == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no leaf to append");
    }
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    IMI_TRY(imi_store_write(store, append, &prepared, err));
    if (index_out != NULL) {
        *index_out = prepared.index;
    }
    return IMI_OK;
}

/* A log that left an entry out would be another log. */
static void read_entry(imi_columns *columns, void *row)
{
    imi_read_integer(columns, (int64_t)columns->row, (int64_t)columns->row);
    imi_read_hash(columns, row);
}

imi_status imi_sqlite_list_leaves(imi_store *self, int64_t first,
                                  uint8_t (*entries_out)[IMI_STORE_HASH_SIZE], size_t capacity,
                                  size_t *count_out, imi_error *err)
{
    *count_out = 0;
    if (first < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "leaves are counted from 0");
    }
    const imi_listing listing = {IMI_SQL_LIST_LEAVES, imi_bind_number, &first, read_entry,
                                 sizeof *entries_out};
    return imi_store_list(self, &listing, entries_out, capacity, count_out, err);
}

/* The leaf of a bound statement, its salt and event still sealed. */
static imi_status read_leaf(sqlite3_stmt *statement, imi_leaf_record *out, imi_sealed *sealed_out,
                            imi_error *err)
{
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such leaf");
    }
    imi_columns columns = imi_columns_start(statement);
    out->index = imi_read_integer(&columns, 0, INT64_MAX - 1);
    out->at_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->kind);
    IMI_READ_ARRAY(&columns, out->session_id);
    imi_read_hash(&columns, out->entry);
    IMI_READ_ARRAY(&columns, sealed_out->key_id);
    imi_view sealed = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    return imi_buffer_append(&sealed_out->bytes, sealed, err);
}

/* By index, or by session and kind when there is a session. */
typedef struct leaf_query {
    int64_t index;
    const char *session_id, *kind;
} leaf_query;

static imi_status select_leaf(imi_connection *connection, const leaf_query *query,
                              imi_leaf_record *out, imi_sealed *sealed_out, imi_error *err)
{
    bool by_session = query->session_id != NULL;
    imi_sql sql = by_session ? IMI_SQL_FIND_LEAF : IMI_SQL_GET_LEAF;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    if (by_session) {
        imi_bind_text(&binder, query->session_id, IMI_ID_SIZE);
        imi_bind_text(&binder, query->kind, IMI_STORE_KIND_SIZE);
    } else {
        imi_bind_integer(&binder, query->index);
    }
    IMI_TRY(imi_binder_end(&binder, err));
    return read_leaf(statement, out, sealed_out, err);
}

/* What was sealed must still make the entry: a leaf is never shown that would not prove. */
static imi_status open_leaf(imi_store_sqlite *store, const imi_sealed *sealed,
                            imi_leaf_record *leaf, imi_buffer *event_out, imi_error *err)
{
    IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
    uint8_t entry[IMI_STORE_HASH_SIZE];
    leaf_context context = context_of(leaf->entry);
    IMI_TRY(imi_store_unseal(store, sealed, context.text, &plain, err));
    if (plain.size < sizeof leaf->salt) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a leaf's salt is cut short");
    }
    imi_copy(leaf->salt, plain.data, sizeof leaf->salt);
    imi_view event = {plain.data + sizeof leaf->salt, plain.size - sizeof leaf->salt};
    IMI_TRY(imi_leaf_entry(leaf->salt, event, entry, err));
    if (!imi_view_equal((imi_view){entry, sizeof entry},
                        (imi_view){leaf->entry, sizeof leaf->entry})) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a leaf is not the one of its entry");
    }
    return imi_buffer_append(event_out, event, err);
}

static imi_status fetch_leaf(imi_store *self, const leaf_query *query, imi_leaf_record *out,
                             imi_buffer *event_out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_leaf_record record = {0};
    IMI_AUTO_SEALED sealed = IMI_SEALED_INIT;
    *out = record;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = select_leaf(reader, query, &record, &sealed, err);
    imi_store_give_reader(store, reader);
    IMI_TRY(status);
    IMI_TRY(open_leaf(store, &sealed, &record, event_out, err));
    *out = record;
    return IMI_OK;
}

imi_status imi_sqlite_get_leaf(imi_store *self, int64_t index, imi_leaf_record *out,
                               imi_buffer *event_out, imi_error *err)
{
    leaf_query query = {.index = index};
    return fetch_leaf(self, &query, out, event_out, err);
}

imi_status imi_sqlite_find_leaf(imi_store *self, const char *session_id, const char *kind,
                                imi_leaf_record *out, imi_buffer *event_out, imi_error *err)
{
    leaf_query query = {-1, session_id, kind};
    return fetch_leaf(self, &query, out, event_out, err);
}
