#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>
#include <stdio.h>

/* Claims are sealed for their consent alone. */
typedef struct claims_context {
    char text[sizeof "consent:" + IMI_ID_SIZE];
} claims_context;

static claims_context context_of(const imi_consent_record *record)
{
    claims_context context;
    snprintf(context.text, sizeof context.text, "consent:%.*s", IMI_ID_SIZE, record->consent_id);
    return context;
}

static imi_status check_consent(const imi_consent_record *record, imi_view claims, imi_error *err)
{
    if (record->consent_id[0] == '\0' || record->subject_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a consent needs an id and a subject");
    }
    if (record->state <= IMI_CONSENT_NONE || record->state > IMI_CONSENT_WITHDRAWN) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a state of a consent", (int)record->state);
    }
    if (claims.size > IMI_STORE_CLAIMS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claims of a consent have at most %d bytes",
                 IMI_STORE_CLAIMS_MAX);
    }
    return IMI_OK;
}

imi_status imi_store_prepare_consent(imi_store_sqlite *store, const imi_consent_record *record,
                                     imi_view claims, imi_sealed *out, imi_error *err)
{
    if (record == NULL) {
        return IMI_OK;
    }
    IMI_TRY(check_consent(record, claims, err));
    if (record->state == IMI_CONSENT_WITHDRAWN) {
        return IMI_OK;
    }
    claims_context context = context_of(record);
    return imi_store_seal(store, record->relying_party, record->subject_id, context.text, claims,
                          out, err);
}

static imi_status add_consent(imi_connection *connection, const imi_consent_record *record,
                              const imi_sealed *claims, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_CONSENT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->consent_id);
    IMI_BIND_ARRAY(&binder, record->session_id);
    IMI_BIND_ARRAY(&binder, record->relying_party);
    IMI_BIND_ARRAY(&binder, record->subject_id);
    imi_bind_integer(&binder, record->state);
    imi_bind_integer(&binder, record->at_ms);
    imi_bind_integer(&binder, 0);
    imi_bind_blob(&binder, (imi_view){record->text_digest, sizeof record->text_digest});
    IMI_BIND_ARRAY(&binder, claims->key_id);
    imi_bind_blob(&binder, imi_buffer_view(&claims->bytes));
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the subject has no such session");
    }
    return IMI_OK;
}

static imi_status find_consent(imi_connection *connection, const char *consent_id,
                               imi_consent_record *out, imi_sealed *claims_out, imi_error *err);

static imi_status withdraw_consent(imi_connection *connection, const imi_consent_record *record,
                                   imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_WITHDRAW_CONSENT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, record->withdrawn_ms);
    IMI_BIND_ARRAY(&binder, record->consent_id);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        imi_consent_record stored = {0};
        IMI_TRY(find_consent(connection, record->consent_id, &stored, NULL, err));
        IMI_FAIL(err, IMI_E_CONFLICT, "the consent was refused or withdrawn before");
    }
    return IMI_OK;
}

imi_status imi_store_put_consent(imi_connection *connection, const imi_consent_record *record,
                                 const imi_sealed *claims, imi_error *err)
{
    return record->state == IMI_CONSENT_WITHDRAWN ? withdraw_consent(connection, record, err)
                                                  : add_consent(connection, record, claims, err);
}

typedef struct consent_work {
    const imi_consent_record *record;
    const imi_sealed *claims;
    imi_leaf *leaf;
} consent_work;

static imi_status put_with_leaf(imi_connection *connection, void *argument, imi_error *err)
{
    const consent_work *work = argument;
    IMI_TRY(imi_store_put_consent(connection, work->record, work->claims, err));
    return imi_store_add_leaf(connection, work->leaf, err);
}

imi_status imi_sqlite_put_consent(imi_store *self, const imi_consent_record *record,
                                  imi_view claims, const imi_leaf_draft *leaf, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_AUTO_SEALED sealed = IMI_SEALED_INIT;
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_consent(store, record, claims, &sealed, err));
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    consent_work work = {record, &sealed, &prepared};
    return imi_store_write(store, put_with_leaf, &work, err);
}

static void read_consent(imi_columns *columns, imi_consent_record *out)
{
    IMI_READ_ARRAY(columns, out->consent_id);
    IMI_READ_ARRAY(columns, out->session_id);
    IMI_READ_ARRAY(columns, out->relying_party);
    IMI_READ_ARRAY(columns, out->subject_id);
    out->state =
        (imi_consent_state)imi_read_integer(columns, IMI_CONSENT_GIVEN, IMI_CONSENT_WITHDRAWN);
    out->at_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->withdrawn_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    imi_read_hash(columns, out->text_digest);
}

/* claims_out: still sealed; NULL = not wanted. */
static imi_status find_consent(imi_connection *connection, const char *consent_id,
                               imi_consent_record *out, imi_sealed *claims_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_CONSENT, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, consent_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such consent");
    }
    imi_columns columns = imi_columns_start(statement);
    read_consent(&columns, out);
    if (claims_out != NULL) {
        IMI_READ_ARRAY(&columns, claims_out->key_id);
        imi_view claims = imi_read_view(&columns);
        IMI_TRY(imi_buffer_append(&claims_out->bytes, claims, err));
    }
    return imi_columns_end(&columns, err);
}

imi_status imi_sqlite_get_consent(imi_store *self, const char *consent_id, imi_consent_record *out,
                                  imi_buffer *claims_out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_consent_record record = {0};
    IMI_AUTO_SEALED sealed = IMI_SEALED_INIT;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = find_consent(reader, consent_id, &record, &sealed, err);
    imi_store_give_reader(store, reader);
    *out = (imi_consent_record){0};
    IMI_TRY(status);
    if (claims_out != NULL) {
        claims_context context = context_of(&record);
        IMI_TRY(imi_store_unseal(store, &sealed, context.text, claims_out, err));
    }
    *out = record;
    return IMI_OK;
}

static void read_row(imi_columns *columns, void *row)
{
    read_consent(columns, row);
}

static void bind_subject(imi_binder *binder, const void *key)
{
    const char *const *names = key;
    imi_bind_text(binder, names[0], IMI_STORE_NAME_SIZE);
    imi_bind_text(binder, names[1], IMI_STORE_NAME_SIZE);
}

imi_status imi_sqlite_list_consents(imi_store *self, const char *relying_party,
                                    const char *subject_id, imi_consent_record *out,
                                    size_t capacity, size_t *count_out, imi_error *err)
{
    const char *const names[] = {relying_party, subject_id};
    const imi_listing listing = {IMI_SQL_LIST_CONSENTS, bind_subject, names, read_row, sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}
