#include "sqlite.h"

#include "imi/memory.h"

/* The data key is the subject's, of whom there is one record: the place needs no name. */
static const char context[] = "claims";

typedef struct claims_work {
    imi_vault *vault;
    const char *relying_party, *subject_id;
    char key_id[IMI_ID_SIZE];
    imi_view claims;
} claims_work;

static imi_status bind_subject(sqlite3_stmt *statement, const claims_work *work, imi_error *err)
{
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, work->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_text(&binder, work->subject_id, IMI_STORE_NAME_SIZE);
    return imi_binder_end(&binder, err);
}

/* Sealed inside the transaction, as templates are. */
static imi_status put(imi_connection *connection, void *argument, imi_error *err)
{
    const claims_work *work = argument;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    imi_status status =
        imi_vault_seal(work->vault, work->key_id, context, work->claims, &sealed, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the subject was erased meanwhile");
    }
    IMI_TRY(status);
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_CLAIMS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, work->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_text(&binder, work->subject_id, IMI_STORE_NAME_SIZE);
    IMI_BIND_ARRAY(&binder, work->key_id);
    imi_bind_blob(&binder, imi_buffer_view(&sealed));
    return imi_binder_run(&binder, err);
}

imi_status imi_sqlite_put_claims(imi_store *self, const char *relying_party, const char *subject_id,
                                 imi_view claims, imi_error *err)
{
    if (claims.size == 0 || claims.size > IMI_STORE_CLAIMS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claims of a subject have 1 to %d bytes",
                 IMI_STORE_CLAIMS_MAX);
    }
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    claims_work work = {store->vault, relying_party, subject_id, "", claims};
    IMI_TRY(imi_store_find_key(store, relying_party, subject_id, true, work.key_id, err));
    return imi_store_write(store, put, &work, err);
}

static imi_status get(imi_connection *connection, const claims_work *work, imi_buffer *claims_out,
                      imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_CLAIMS, &statement, err));
    IMI_TRY(bind_subject(statement, work, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the subject has no claims");
    }
    char key_id[IMI_ID_SIZE];
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, key_id);
    imi_view sealed = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    return imi_vault_unseal(work->vault, key_id, context, sealed, claims_out, err);
}

imi_status imi_sqlite_get_claims(imi_store *self, const char *relying_party, const char *subject_id,
                                 imi_buffer *claims_out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    claims_work work = {
        .vault = store->vault, .relying_party = relying_party, .subject_id = subject_id};
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = get(reader, &work, claims_out, err);
    imi_store_give_reader(store, reader);
    return status;
}

static imi_status remove_claims(imi_connection *connection, void *argument, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_DELETE_CLAIMS, &statement, err));
    IMI_TRY(bind_subject(statement, argument, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (sqlite3_changes(connection->db) == 0) {
        /* Repeated because another process held the pages. */
        IMI_TRY(imi_store_find_erasure(connection, NULL, &found, err));
        if (!found) {
            IMI_FAIL(err, IMI_E_NOT_FOUND, "the subject has no claims");
        }
    }
    return imi_store_note_erasure(connection, "", err);
}

imi_status imi_sqlite_delete_claims(imi_store *self, const char *relying_party,
                                    const char *subject_id, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    claims_work work = {.relying_party = relying_party, .subject_id = subject_id};
    IMI_TRY(imi_store_write(store, remove_claims, &work, err));
    return imi_store_finish_erasures(store, err);
}
