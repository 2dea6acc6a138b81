#include "sqlite.h"

#include <stdint.h>

typedef struct cohort_work {
    const imi_cohort_record *record;
    const char (*reference_ids)[IMI_ID_SIZE];
    size_t count;
} cohort_work;

static imi_status add_cohort(imi_connection *connection, const imi_cohort_record *record,
                             int64_t *drawn_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_COHORT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->cohort_id);
    IMI_BIND_ARRAY(&binder, record->model_version);
    imi_bind_integer(&binder, record->created_ms);
    imi_bind_integer(&binder, record->population);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_columns columns = imi_columns_start(statement);
    *drawn_out = imi_read_integer(&columns, 1, INT64_MAX);
    return imi_columns_end(&columns, err);
}

static imi_status add_member(imi_connection *connection, int64_t drawn, const char *reference_id,
                             imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_MEMBER, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, drawn);
    imi_bind_text(&binder, reference_id, IMI_ID_SIZE);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "a reference of the cohort was erased: draw it again");
    }
    return IMI_OK;
}

static imi_status put_cohort(imi_connection *connection, void *argument, imi_error *err)
{
    const cohort_work *work = argument;
    bool found = false;
    IMI_AUTO_STATEMENT forget = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FORGET_MEMBERS, &forget, err));
    IMI_TRY(imi_bind_one_text(forget, work->record->model_version, IMI_STORE_NAME_SIZE, err));
    IMI_TRY(imi_statement_step(forget, &found, err));
    int64_t drawn = 0;
    IMI_TRY(add_cohort(connection, work->record, &drawn, err));
    for (size_t i = 0; i < work->count; i++) {
        IMI_TRY(add_member(connection, drawn, work->reference_ids[i], err));
    }
    return IMI_OK;
}

imi_status imi_sqlite_put_cohort(imi_store *self, const imi_cohort_record *record,
                                 const char (*reference_ids)[IMI_ID_SIZE], size_t count,
                                 imi_error *err)
{
    if (record->cohort_id[0] == '\0' || count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a cohort needs an id and members");
    }
    cohort_work work = {record, reference_ids, count};
    return imi_store_write((imi_store_sqlite *)self, put_cohort, &work, err);
}

static imi_status read_cohort(sqlite3_stmt *statement, imi_cohort_record *out, int64_t *drawn_out,
                              imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->cohort_id);
    IMI_READ_ARRAY(&columns, out->model_version);
    out->created_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->population = imi_read_integer(&columns, 0, INT64_MAX);
    *drawn_out = imi_read_integer(&columns, 1, INT64_MAX);
    return imi_columns_end(&columns, err);
}

static imi_status visit_members(imi_vault *vault, imi_connection *connection, int64_t drawn,
                                imi_reference_visit visit, void *user, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_VISIT_MEMBERS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, drawn);
    IMI_TRY(imi_binder_end(&binder, err));
    return imi_store_visit_rows(vault, statement, visit, user, err);
}

static imi_status visit_newest(imi_vault *vault, imi_connection *connection,
                               const char *model_version, imi_cohort_record *out,
                               imi_reference_visit visit, void *user, imi_error *err)
{
    IMI_AUTO_STATEMENT find = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_NEWEST_COHORT, &find, err));
    IMI_TRY(imi_bind_one_text(find, model_version, IMI_STORE_NAME_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(find, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "there is no cohort of this model version");
    }
    int64_t drawn = 0;
    IMI_TRY(read_cohort(find, out, &drawn, err));
    /* While find is not reset its snapshot lasts: a newer cohort would take the members away. */
    return visit == NULL ? IMI_OK : visit_members(vault, connection, drawn, visit, user, err);
}

imi_status imi_sqlite_visit_newest_cohort(imi_store *self, const char *model_version,
                                          imi_cohort_record *out, imi_reference_visit visit,
                                          void *user, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_cohort_record record = {0};
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status =
        visit_newest(store->vault, reader, model_version, &record, visit, user, err);
    imi_store_give_reader(store, reader);
    *out = status == IMI_OK ? record : (imi_cohort_record){0};
    return status;
}
