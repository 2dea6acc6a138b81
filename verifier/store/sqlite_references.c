#include "sqlite.h"

#include "imi/memory.h"

#include <math.h>
#include <stdint.h>

enum { DECADE_MIN = 1800, DECADE_MAX = 2200 };

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
    imi_bind_integer(&binder, record->kind);
    IMI_BIND_ARRAY(&binder, record->parent_id);
    IMI_BIND_ARRAY(&binder, record->session_id);
    imi_bind_integer(&binder, record->birth_decade);
    imi_bind_integer(&binder, record->sex);
    imi_bind_integer(&binder, record->document_checked);
    imi_bind_blob(&binder, ((put_work *)work)->template_blob);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the primary reference is not there");
    }
    return IMI_OK;
}

static imi_status check_kind(const imi_reference_record *record, imi_error *err)
{
    if (record->kind != IMI_REFERENCE_PRIMARY && record->kind != IMI_REFERENCE_ADDITIONAL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a kind of reference", (int)record->kind);
    }
    if ((record->kind == IMI_REFERENCE_ADDITIONAL) != (record->parent_id[0] != '\0')) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "additional references, and only they, have a parent");
    }
    return IMI_OK;
}

static imi_status check_attributes(const imi_reference_record *record, imi_error *err)
{
    if (record->sex < IMI_SEX_UNKNOWN || record->sex > IMI_SEX_FEMALE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a sex of ISO/IEC 5218", (int)record->sex);
    }
    int decade = record->birth_decade;
    if (decade != 0 && (decade < DECADE_MIN || decade > DECADE_MAX || decade % 10 != 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a birth decade, such as 1950", decade);
    }
    return IMI_OK;
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
    IMI_TRY(check_kind(record, err));
    IMI_TRY(check_attributes(record, err));
    put_work work = {record, template_blob};
    return imi_store_write((imi_store_sqlite *)self, put, &work, err);
}

void imi_read_reference(imi_columns *columns, imi_reference_record *out)
{
    IMI_READ_ARRAY(columns, out->reference_id);
    IMI_READ_ARRAY(columns, out->relying_party);
    IMI_READ_ARRAY(columns, out->subject_id);
    IMI_READ_ARRAY(columns, out->model_version);
    out->quality = imi_read_real(columns);
    out->created_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->kind = (imi_reference_kind)imi_read_integer(columns, IMI_REFERENCE_PRIMARY,
                                                     IMI_REFERENCE_ADDITIONAL);
    IMI_READ_ARRAY(columns, out->parent_id);
    IMI_READ_ARRAY(columns, out->session_id);
    out->birth_decade = (int32_t)imi_read_integer(columns, 0, DECADE_MAX);
    out->sex = (imi_sex)imi_read_integer(columns, IMI_SEX_UNKNOWN, IMI_SEX_FEMALE);
    out->document_checked = imi_read_flag(columns);
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
    IMI_TRY(imi_bind_one_text(statement, reference_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    imi_columns columns = imi_columns_start(statement);
    imi_read_reference(&columns, out);
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
