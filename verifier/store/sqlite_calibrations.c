#include "sqlite.h"

#include <stdint.h>

typedef struct calibration_work {
    const imi_calibration_record *record;
    imi_view json;
    const imi_audit_record *audit;
} calibration_work;

static imi_status put(imi_connection *connection, void *argument, imi_error *err)
{
    const calibration_work *work = argument;
    const imi_calibration_record *record = work->record;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_CALIBRATION, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->calibration_id);
    imi_bind_integer(&binder, record->made_ms);
    IMI_BIND_ARRAY(&binder, record->made_by);
    IMI_BIND_ARRAY(&binder, record->model_version);
    IMI_BIND_ARRAY(&binder, record->cohort_id);
    imi_bind_integer(&binder, record->references);
    imi_bind_integer(&binder, record->comparisons);
    imi_bind_blob(&binder, work->json);
    IMI_TRY(imi_binder_run(&binder, err));
    return imi_store_add_audit(connection, work->audit, err);
}

imi_status imi_sqlite_put_calibration(imi_store *self, const imi_calibration_record *record,
                                      imi_view json, const imi_audit_record *audit, imi_error *err)
{
    if (record->calibration_id[0] == '\0' || json.size == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a calibration needs an id and tables");
    }
    calibration_work work = {record, json, audit};
    return imi_store_write((imi_store_sqlite *)self, put, &work, err);
}

static imi_status read_calibration(sqlite3_stmt *statement, imi_calibration_record *out,
                                   imi_buffer *json_out, imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->calibration_id);
    out->made_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->made_by);
    IMI_READ_ARRAY(&columns, out->model_version);
    IMI_READ_ARRAY(&columns, out->cohort_id);
    out->references = imi_read_integer(&columns, 0, INT64_MAX);
    out->comparisons = imi_read_integer(&columns, 0, INT64_MAX);
    imi_view json = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    return json_out == NULL ? IMI_OK : imi_buffer_append(json_out, json, err);
}

static imi_status get(imi_connection *connection, const char *calibration_id,
                      imi_calibration_record *out, imi_buffer *json_out, imi_error *err)
{
    bool newest = calibration_id[0] == '\0';
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection,
                              newest ? IMI_SQL_GET_NEWEST_CALIBRATION : IMI_SQL_GET_CALIBRATION,
                              &statement, err));
    if (!newest) {
        IMI_TRY(imi_bind_one_text(statement, calibration_id, IMI_ID_SIZE, err));
    }
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such calibration");
    }
    return read_calibration(statement, out, json_out, err);
}

imi_status imi_sqlite_get_calibration(imi_store *self, const char *calibration_id,
                                      imi_calibration_record *out, imi_buffer *json_out,
                                      imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    /* Apart from out, which may hold the id that is searched for. */
    imi_calibration_record record = {0};
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = get(reader, calibration_id, &record, json_out, err);
    imi_store_give_reader(store, reader);
    *out = status == IMI_OK ? record : (imi_calibration_record){0};
    return status;
}
