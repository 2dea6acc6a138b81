#include "sqlite.h"

#include <stdint.h>

imi_status imi_store_visit_rows(sqlite3_stmt *statement, imi_reference_visit visit, void *user,
                                imi_error *err)
{
    for (;;) {
        bool found = false;
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (!found) {
            return IMI_OK;
        }
        imi_reference_record record = {0};
        imi_columns columns = imi_columns_start(statement);
        imi_read_reference(&columns, &record);
        imi_view template_blob = imi_read_view(&columns);
        imi_view statistics_blob = imi_read_view(&columns);
        IMI_TRY(imi_columns_end(&columns, err));
        IMI_TRY(visit(user, &record, template_blob, statistics_blob, err));
    }
}

static imi_sql statement_for(const imi_reference_query *query)
{
    if (query->parent_id[0] != '\0') {
        return IMI_SQL_VISIT_OF_PARENT;
    }
    if (query->relying_party[0] != '\0' && query->subject_id[0] != '\0') {
        return IMI_SQL_VISIT_OF_SUBJECT;
    }
    return IMI_SQL_VISIT_REFERENCES;
}

static imi_status visit_selected(imi_connection *connection, const imi_reference_query *query,
                                 imi_reference_visit visit, void *user, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, statement_for(query), &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, query->relying_party);
    IMI_BIND_ARRAY(&binder, query->subject_id);
    IMI_BIND_ARRAY(&binder, query->parent_id);
    IMI_BIND_ARRAY(&binder, query->model_version);
    IMI_BIND_ARRAY(&binder, query->after_id);
    /* To SQLite a negative limit is none. */
    imi_bind_integer(&binder, query->limit == 0 ? -1 : imi_limit_of(query->limit));
    IMI_TRY(imi_binder_end(&binder, err));
    return imi_store_visit_rows(statement, visit, user, err);
}

imi_status imi_sqlite_visit_references(imi_store *self, const imi_reference_query *query,
                                       imi_reference_visit visit, void *user, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = visit_selected(reader, query, visit, user, err);
    imi_store_give_reader(store, reader);
    return status;
}

static imi_status count(imi_connection *connection, const char *model_version,
                        int64_t *references_out, int64_t *subjects_out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_COUNT_REFERENCES, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, model_version, IMI_STORE_NAME_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_columns columns = imi_columns_start(statement);
    *references_out = imi_read_integer(&columns, 0, INT64_MAX);
    *subjects_out = imi_read_integer(&columns, 0, INT64_MAX);
    return imi_columns_end(&columns, err);
}

imi_status imi_sqlite_count_references(imi_store *self, const char *model_version,
                                       int64_t *references_out, int64_t *subjects_out,
                                       imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    *references_out = *subjects_out = 0;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = count(reader, model_version, references_out, subjects_out, err);
    imi_store_give_reader(store, reader);
    return status;
}

typedef struct statistics_work {
    const char *reference_id;
    imi_view statistics_blob;
} statistics_work;

static imi_status put_statistics(imi_connection *connection, void *argument, imi_error *err)
{
    const statistics_work *work = argument;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_STATISTICS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, work->reference_id, IMI_ID_SIZE);
    imi_bind_blob(&binder, work->statistics_blob);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    return IMI_OK;
}

imi_status imi_sqlite_put_statistics(imi_store *self, const char *reference_id,
                                     imi_view statistics_blob, imi_error *err)
{
    if (statistics_blob.size == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are no statistics to keep");
    }
    statistics_work work = {reference_id, statistics_blob};
    return imi_store_write((imi_store_sqlite *)self, put_statistics, &work, err);
}
