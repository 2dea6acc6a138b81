#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>
#include <string.h>

enum { SCORE_KIND_MAX = 2 };

typedef struct session_work {
    imi_session_record *record;
    imi_event_record *event;
    const imi_session_extras *extras;
    imi_leaf *leaf;
    const imi_sealed *claims;
} session_work;

static imi_view device_key_of(const imi_session_record *record)
{
    return (imi_view){record->device_key, record->device_key_size};
}

static imi_view hash_of(const uint8_t hash[IMI_STORE_HASH_SIZE])
{
    return (imi_view){hash, IMI_STORE_HASH_SIZE};
}

static imi_status check_record(const imi_session_record *record, imi_error *err)
{
    if (record->session_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a session needs an id");
    }
    if (record->state <= IMI_SESSION_NONE || record->state > IMI_SESSION_WITHDRAWN) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a state of a session", (int)record->state);
    }
    if (record->decision < IMI_DECISION_NONE || record->decision > IMI_DECISION_REVIEW) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a decision", (int)record->decision);
    }
    if (record->score_kind < 0 || record->score_kind > SCORE_KIND_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a kind of score", record->score_kind);
    }
    if (record->device_key_size > IMI_STORE_KEY_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a device key has at most %d bytes",
                 IMI_STORE_KEY_SIZE);
    }
    return IMI_OK;
}

static void bind_new(imi_binder *binder, const imi_session_record *record)
{
    IMI_BIND_ARRAY(binder, record->session_id);
    imi_bind_integer(binder, 1);
    IMI_BIND_ARRAY(binder, record->relying_party);
    IMI_BIND_ARRAY(binder, record->request_id);
    IMI_BIND_ARRAY(binder, record->subject_id);
    IMI_BIND_ARRAY(binder, record->reference_id);
    IMI_BIND_ARRAY(binder, record->purpose);
    IMI_BIND_ARRAY(binder, record->nonce);
    imi_bind_integer(binder, record->state);
    imi_bind_blob(binder, hash_of(record->join_secret_hash));
    imi_bind_blob(binder, hash_of(record->credential_hash));
    imi_bind_blob(binder, device_key_of(record));
    imi_bind_integer(binder, record->created_ms);
    imi_bind_integer(binder, record->expires_ms);
}

/* The tail that the statements to create and to update have in common, in column order. */
static void bind_progress(imi_binder *binder, const imi_session_record *record)
{
    imi_bind_integer(binder, record->consented_ms);
    imi_bind_integer(binder, record->attempts);
    imi_bind_integer(binder, record->decision);
    IMI_BIND_ARRAY(binder, record->reason);
    imi_bind_real(binder, record->similarity);
    imi_bind_real(binder, record->fmr);
    IMI_BIND_ARRAY(binder, record->policy_version);
    IMI_BIND_ARRAY(binder, record->model_version);
    IMI_BIND_ARRAY(binder, record->token_id);
    imi_bind_integer(binder, record->decided_ms);
    imi_bind_integer(binder, record->score_kind);
    IMI_BIND_ARRAY(binder, record->operating_point);
    IMI_BIND_ARRAY(binder, record->evidence);
    IMI_BIND_ARRAY(binder, record->claims);
}

static imi_status create(imi_connection *connection, void *argument, imi_error *err)
{
    session_work *work = argument;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_CREATE_SESSION, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    bind_new(&binder, work->record);
    bind_progress(&binder, work->record);
    IMI_TRY(imi_binder_run(&binder, err));
    return imi_store_add_event(connection, work->record->session_id, work->event, err);
}

imi_status imi_sqlite_create_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, imi_error *err)
{
    IMI_TRY(check_record(record, err));
    imi_event_record added = *event;
    session_work work = {record, &added, NULL, NULL, NULL};
    IMI_TRY(imi_store_write((imi_store_sqlite *)self, create, &work, err));
    record->version = 1;
    *event = added;
    return IMI_OK;
}

static imi_status put_token(imi_connection *connection, const char *session_id, imi_view token,
                            imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_TOKEN, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, session_id, IMI_ID_SIZE);
    imi_bind_blob(&binder, token);
    return imi_binder_run(&binder, err);
}

static imi_status select_one(imi_connection *connection, imi_sql sql, const char *first,
                             size_t first_capacity, const char *second, bool *found_out,
                             imi_session_record *out, imi_error *err);

/* Nothing was changed: says whether the session is missing or has moved on. */
static imi_status explain_unchanged(imi_connection *connection, const char *session_id,
                                    imi_error *err)
{
    imi_session_record stored;
    bool found = false;
    IMI_TRY(select_one(connection, IMI_SQL_GET_SESSION, session_id, IMI_ID_SIZE, NULL, &found,
                       &stored, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    IMI_FAIL(err, IMI_E_CONFLICT, "the session was changed meanwhile: read it again");
}

static imi_status add_extras(imi_connection *connection, const session_work *work, imi_error *err)
{
    const char *session_id = work->record->session_id;
    const imi_session_extras *extras = work->extras;
    if (extras->token.size > 0) {
        IMI_TRY(put_token(connection, session_id, extras->token, err));
    }
    if (extras->score != NULL) {
        IMI_TRY(imi_store_add_score(connection, session_id, extras->score, err));
    }
    if (extras->consent != NULL) {
        IMI_TRY(imi_store_put_consent(connection, extras->consent, work->claims, err));
    }
    return imi_store_add_leaf(connection, work->leaf, err);
}

static imi_status update(imi_connection *connection, void *argument, imi_error *err)
{
    session_work *work = argument;
    const imi_session_record *record = work->record;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_UPDATE_SESSION, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->reference_id);
    imi_bind_integer(&binder, record->state);
    imi_bind_blob(&binder, hash_of(record->join_secret_hash));
    imi_bind_blob(&binder, hash_of(record->credential_hash));
    imi_bind_blob(&binder, device_key_of(record));
    imi_bind_integer(&binder, record->expires_ms);
    bind_progress(&binder, record);
    IMI_BIND_ARRAY(&binder, record->session_id);
    imi_bind_integer(&binder, record->version);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        return explain_unchanged(connection, record->session_id, err);
    }
    IMI_TRY(add_extras(connection, work, err));
    if (record->decision != IMI_DECISION_NONE) {
        IMI_TRY(imi_store_end_attempt(connection, record, work->event->at_ms, err));
    }
    return imi_store_add_event(connection, record->session_id, work->event, err);
}

imi_status imi_sqlite_update_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, const imi_session_extras *extras,
                                     imi_error *err)
{
    static const imi_session_extras nothing;
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    const imi_session_extras *with = extras == NULL ? &nothing : extras;
    IMI_TRY(check_record(record, err));
    IMI_AUTO_LEAF leaf = IMI_LEAF_INIT;
    IMI_AUTO_SEALED claims = IMI_SEALED_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, with->leaf, &leaf, err));
    IMI_TRY(imi_store_prepare_consent(store, with->consent, with->consent_claims, &claims, err));
    imi_event_record added = *event;
    session_work work = {record, &added, with, &leaf, &claims};
    IMI_TRY(imi_store_write(store, update, &work, err));
    record->version++;
    *event = added;
    return IMI_OK;
}

static imi_status read_session(sqlite3_stmt *statement, imi_session_record *out, imi_error *err)
{
    size_t key_size = 0;
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->session_id);
    out->version = imi_read_integer(&columns, 1, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->relying_party);
    IMI_READ_ARRAY(&columns, out->request_id);
    IMI_READ_ARRAY(&columns, out->subject_id);
    IMI_READ_ARRAY(&columns, out->reference_id);
    IMI_READ_ARRAY(&columns, out->purpose);
    IMI_READ_ARRAY(&columns, out->nonce);
    out->state =
        (imi_session_state)imi_read_integer(&columns, IMI_SESSION_CREATED, IMI_SESSION_WITHDRAWN);
    imi_read_hash(&columns, out->join_secret_hash);
    imi_read_hash(&columns, out->credential_hash);
    imi_read_blob(&columns, out->device_key, sizeof out->device_key, &key_size);
    out->device_key_size = (uint32_t)key_size;
    out->created_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->expires_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->consented_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->attempts = (uint32_t)imi_read_integer(&columns, 0, UINT32_MAX);
    out->decision =
        (imi_decision)imi_read_integer(&columns, IMI_DECISION_NONE, IMI_DECISION_REVIEW);
    IMI_READ_ARRAY(&columns, out->reason);
    out->similarity = imi_read_real(&columns);
    out->fmr = imi_read_real(&columns);
    IMI_READ_ARRAY(&columns, out->policy_version);
    IMI_READ_ARRAY(&columns, out->model_version);
    IMI_READ_ARRAY(&columns, out->token_id);
    out->decided_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->score_kind = (int32_t)imi_read_integer(&columns, 0, SCORE_KIND_MAX);
    IMI_READ_ARRAY(&columns, out->operating_point);
    IMI_READ_ARRAY(&columns, out->evidence);
    IMI_READ_ARRAY(&columns, out->claims);
    return imi_columns_end(&columns, err);
}

/* The session that a statement with one or two text values finds, or none. */
static imi_status select_one(imi_connection *connection, imi_sql sql, const char *first,
                             size_t first_capacity, const char *second, bool *found_out,
                             imi_session_record *out, imi_error *err)
{
    *found_out = false;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, first, first_capacity);
    if (second != NULL) {
        imi_bind_text(&binder, second, IMI_STORE_NAME_SIZE);
    }
    IMI_TRY(imi_binder_end(&binder, err));
    bool row = false;
    IMI_TRY(imi_statement_step(statement, &row, err));
    if (row) {
        IMI_TRY(read_session(statement, out, err));
    }
    *found_out = row;
    return IMI_OK;
}

static imi_status find_one(imi_store *self, imi_sql sql, const char *first, size_t first_capacity,
                           const char *second, imi_session_record *out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    /* Apart from out, which may hold the very texts that are searched for. */
    imi_session_record record = {0};
    bool found = false;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status =
        select_one(reader, sql, first, first_capacity, second, &found, &record, err);
    imi_store_give_reader(store, reader);
    *out = status == IMI_OK && found ? record : (imi_session_record){0};
    IMI_TRY(status);
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    return IMI_OK;
}

imi_status imi_sqlite_get_session(imi_store *self, const char *session_id, imi_session_record *out,
                                  imi_error *err)
{
    return find_one(self, IMI_SQL_GET_SESSION, session_id, IMI_ID_SIZE, NULL, out, err);
}

imi_status imi_sqlite_find_session_by_request(imi_store *self, const char *relying_party,
                                              const char *request_id, imi_session_record *out,
                                              imi_error *err)
{
    return find_one(self, IMI_SQL_FIND_SESSION_BY_REQUEST, relying_party, IMI_STORE_NAME_SIZE,
                    request_id, out, err);
}

imi_status imi_sqlite_find_session_by_token(imi_store *self, const char *token_id,
                                            imi_session_record *out, imi_error *err)
{
    return find_one(self, IMI_SQL_FIND_SESSION_BY_TOKEN, token_id, IMI_ID_SIZE, NULL, out, err);
}

static imi_status read_token(imi_connection *connection, const char *session_id,
                             imi_buffer *token_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_TOKEN, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, session_id, IMI_ID_SIZE);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the session has no token");
    }
    const uint8_t *bytes = sqlite3_column_blob(statement, 0);
    if (bytes == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a token");
    }
    size_t size = (size_t)sqlite3_column_bytes(statement, 0);
    return imi_buffer_append(token_out, (imi_view){bytes, size}, err);
}

imi_status imi_sqlite_get_token(imi_store *self, const char *session_id, imi_buffer *token_out,
                                imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = read_token(reader, session_id, token_out, err);
    imi_store_give_reader(store, reader);
    return status;
}

static void read_id(imi_columns *columns, void *row)
{
    imi_read_text(columns, row, IMI_ID_SIZE);
}

imi_status imi_sqlite_list_expired(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                                   size_t capacity, size_t *count_out, imi_error *err)
{
    const imi_listing listing = {IMI_SQL_LIST_EXPIRED, imi_bind_number, &now_ms, read_id,
                                 sizeof *ids_out};
    return imi_store_list(self, &listing, ids_out, capacity, count_out, err);
}
