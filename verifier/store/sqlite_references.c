#include "sqlite.h"

#include "imi/memory.h"

#include <math.h>
#include <stdint.h>

typedef struct put_work {
    const imi_reference_record *record;
    imi_view template_blob;
} put_work;

static imi_status put(imi_connection *connection, void *work, imi_error *err)
{
    const imi_reference_record *record = ((put_work *)work)->record;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_REFERENCE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->reference_id);
    IMI_BIND_ARRAY(&binder, record->relying_party);
    IMI_BIND_ARRAY(&binder, record->subject_id);
    IMI_BIND_ARRAY(&binder, record->model_version);
    imi_bind_real(&binder, record->quality);
    imi_bind_integer(&binder, record->created_ms);
    imi_bind_blob(&binder, ((put_work *)work)->template_blob);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    return imi_statement_step(statement, &found, err);
}

imi_status imi_sqlite_put_reference(imi_store *self, const imi_reference_record *record,
                                    imi_view template_blob, imi_error *err)
{
    if (record->reference_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a reference needs an id");
    }
    if (template_blob.size == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a reference needs a template");
    }
    if (!(record->quality >= 0 && record->quality <= 1)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the quality of a reference is not in [0, 1]");
    }
    put_work work = {record, template_blob};
    return imi_store_write((imi_store_sqlite *)self, put, &work, err);
}

static imi_status bind_id(sqlite3_stmt *statement, const char *id, imi_error *err)
{
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, id, IMI_ID_SIZE);
    return imi_binder_end(&binder, err);
}

static imi_status append_template(sqlite3_stmt *statement, int column, imi_buffer *out,
                                  imi_error *err)
{
    const uint8_t *bytes = sqlite3_column_blob(statement, column);
    size_t size = (size_t)sqlite3_column_bytes(statement, column);
    if (bytes == NULL && sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a template");
    }
    if (bytes == NULL) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a stored reference has no template");
    }
    return imi_buffer_append(out, (imi_view){bytes, size}, err);
}

static imi_status get(imi_connection *connection, const char *reference_id,
                      imi_reference_record *out, imi_buffer *template_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_REFERENCE, &statement, err));
    IMI_TRY(bind_id(statement, reference_id, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->reference_id);
    IMI_READ_ARRAY(&columns, out->relying_party);
    IMI_READ_ARRAY(&columns, out->subject_id);
    IMI_READ_ARRAY(&columns, out->model_version);
    out->quality = imi_read_real(&columns);
    out->created_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_TRY(imi_columns_end(&columns, err));
    return template_out == NULL ? IMI_OK
                                : append_template(statement, columns.at, template_out, err);
}

imi_status imi_sqlite_get_reference(imi_store *self, const char *reference_id,
                                    imi_reference_record *out, imi_buffer *template_out,
                                    imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = get(reader, reference_id, out, template_out, err);
    imi_store_give_reader(store, reader);
    if (status != IMI_OK) {
        *out = (imi_reference_record){0};
    }
    return status;
}

/* Erasing takes three steps. The row goes, and a note of the erasure comes, in one transaction;
 * then the log, which still holds the template, is folded into the file and emptied; then the
 * note goes. A crash in between leaves the note, and the next start finishes. */
static imi_status erase(imi_connection *connection, void *work, imi_error *err)
{
    const char *reference_id = work;
    bool row = false;
    IMI_AUTO_STATEMENT find = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FIND_ERASURE, &find, err));
    IMI_TRY(bind_id(find, reference_id, err));
    IMI_TRY(imi_statement_step(find, &row, err));
    if (row) {
        return IMI_OK;
    }
    IMI_AUTO_STATEMENT remove = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_DELETE_REFERENCE, &remove, err));
    IMI_TRY(bind_id(remove, reference_id, err));
    IMI_TRY(imi_statement_step(remove, &row, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    IMI_AUTO_STATEMENT add = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_ERASURE, &add, err));
    IMI_TRY(bind_id(add, reference_id, err));
    return imi_statement_step(add, &row, err);
}

static imi_status empty_log(imi_store_sqlite *store, imi_error *err)
{
    /* Of this process no reader may hold the log open; of other processes SQLite waits a while. */
    imi_store_take_all_readers(store);
    int code =
        sqlite3_wal_checkpoint_v2(store->writer.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    imi_store_give_all_readers(store);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, store->writer.db, code, "the erasure is not finished: repeat it");
    }
    return IMI_OK;
}

imi_status imi_store_finish_erasures(imi_store_sqlite *store, imi_error *err)
{
    bool waiting = false;
    IMI_AUTO_STATEMENT find = NULL;
    IMI_TRY(imi_statement_get(&store->writer, IMI_SQL_FIND_ERASURE, &find, err));
    IMI_TRY(imi_statement_step(find, &waiting, err));
    sqlite3_reset(find);
    if (!waiting) {
        return IMI_OK;
    }
    IMI_TRY(empty_log(store, err));
    return imi_statement_run(&store->writer, IMI_SQL_END_ERASURE, err);
}

imi_status imi_sqlite_delete_reference(imi_store *self, const char *reference_id, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_TRY(imi_store_write(store, erase, (void *)reference_id, err));
    pthread_mutex_lock(&store->write_mutex);
    imi_status status = imi_store_finish_erasures(store, err);
    pthread_mutex_unlock(&store->write_mutex);
    return status;
}
