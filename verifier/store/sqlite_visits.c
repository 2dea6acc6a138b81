#include "sqlite.h"

#include "imi/memory.h"

#include <stdint.h>

/* Rows whose keys are read together; their buffers serve all groups of a visit. */
enum { GROUP = 64 };

typedef struct sealed_row {
    imi_reference_record record;
    imi_buffer template_blob, statistics_blob;
} sealed_row;

typedef struct visit_group {
    size_t count;
    sealed_row rows[GROUP];
    char key_ids[GROUP][IMI_ID_SIZE];
    imi_vault_key keys[GROUP];
    imi_buffer template_blob, statistics_blob; /* of one row, unsealed */
} visit_group;

static void destroy_group(visit_group **group)
{
    if (*group == NULL) {
        return;
    }
    for (size_t i = 0; i < GROUP; i++) {
        imi_buffer_clean_up(&(*group)->rows[i].template_blob);
        imi_buffer_clean_up(&(*group)->rows[i].statistics_blob);
    }
    imi_buffer_clean_up(&(*group)->template_blob);
    imi_buffer_clean_up(&(*group)->statistics_blob);
    imi_wipe((*group)->keys, sizeof(*group)->keys);
    imi_free(*group);
}

static imi_status refill(imi_buffer *buffer, imi_view bytes, imi_error *err)
{
    buffer->size = 0;
    return imi_buffer_append(buffer, bytes, err);
}

/* Copied, as a statement shows one row at a time. */
static imi_status read_row(sqlite3_stmt *statement, sealed_row *row, char key_id[IMI_ID_SIZE],
                           imi_error *err)
{
    row->record = (imi_reference_record){0};
    imi_columns columns = imi_columns_start(statement);
    imi_read_reference(&columns, &row->record);
    imi_read_text(&columns, key_id, IMI_ID_SIZE);
    imi_view template_blob = imi_read_view(&columns);
    imi_view statistics_blob = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    IMI_TRY(refill(&row->template_blob, template_blob, err));
    return refill(&row->statistics_blob, statistics_blob, err);
}

static imi_status read_group(sqlite3_stmt *statement, visit_group *group, bool *more_out,
                             imi_error *err)
{
    *more_out = true;
    for (group->count = 0; group->count < GROUP;) {
        IMI_TRY(imi_statement_step(statement, more_out, err));
        if (!*more_out) {
            return IMI_OK;
        }
        size_t at = group->count++;
        IMI_TRY(read_row(statement, &group->rows[at], group->key_ids[at], err));
    }
    return IMI_OK;
}

static imi_status visit_row(imi_vault *vault, visit_group *group, size_t at,
                            imi_reference_visit visit, void *user, imi_error *err)
{
    const sealed_row *row = &group->rows[at];
    const char *reference_id = row->record.reference_id;
    group->template_blob.size = group->statistics_blob.size = 0;
    imi_reference_context context = imi_template_context(reference_id);
    IMI_TRY(imi_vault_unseal_with(vault, &group->keys[at], context.text,
                                  imi_buffer_view(&row->template_blob), &group->template_blob,
                                  err));
    if (row->statistics_blob.size > 0) {
        context = imi_statistics_context(reference_id);
        IMI_TRY(imi_vault_unseal_with(vault, &group->keys[at], context.text,
                                      imi_buffer_view(&row->statistics_blob),
                                      &group->statistics_blob, err));
    }
    return visit(user, &row->record, imi_buffer_view(&group->template_blob),
                 imi_buffer_view(&group->statistics_blob), err);
}

static imi_status visit_group_rows(imi_vault *vault, visit_group *group, imi_reference_visit visit,
                                   void *user, imi_error *err)
{
    IMI_TRY(imi_vault_read_keys(vault, (const char(*)[IMI_ID_SIZE])group->key_ids, group->count,
                                group->keys, err));
    for (size_t i = 0; i < group->count; i++) {
        /* One without a key was erased, though its row is still in this snapshot. */
        if (group->keys[i].found) {
            IMI_TRY(visit_row(vault, group, i, visit, user, err));
        }
    }
    return IMI_OK;
}

imi_status imi_store_visit_rows(imi_vault *vault, sqlite3_stmt *statement,
                                imi_reference_visit visit, void *user, imi_error *err)
{
    __attribute__((cleanup(destroy_group))) visit_group *group = imi_alloc(sizeof *group);
    if (group == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a visit");
    }
    for (bool more = true; more;) {
        IMI_TRY(read_group(statement, group, &more, err));
        IMI_TRY(visit_group_rows(vault, group, visit, user, err));
    }
    return IMI_OK;
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

static imi_status visit_selected(imi_vault *vault, imi_connection *connection,
                                 const imi_reference_query *query, imi_reference_visit visit,
                                 void *user, imi_error *err)
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
    return imi_store_visit_rows(vault, statement, visit, user, err);
}

imi_status imi_sqlite_visit_references(imi_store *self, const imi_reference_query *query,
                                       imi_reference_visit visit, void *user, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = visit_selected(store->vault, reader, query, visit, user, err);
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

imi_status imi_store_put_sealed_statistics(imi_connection *connection, const char *reference_id,
                                           imi_view sealed, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_STATISTICS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, reference_id, IMI_ID_SIZE);
    imi_bind_blob(&binder, sealed);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    return IMI_OK;
}

typedef struct statistics_work {
    imi_vault *vault;
    const char *reference_id;
    imi_view statistics_blob;
} statistics_work;

static imi_status key_of(imi_connection *connection, const char *reference_id,
                         char key_id_out[IMI_ID_SIZE], imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_KEY_OF_REFERENCE, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, reference_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    imi_columns columns = imi_columns_start(statement);
    imi_read_text(&columns, key_id_out, IMI_ID_SIZE);
    return imi_columns_end(&columns, err);
}

static imi_status put_statistics(imi_connection *connection, void *argument, imi_error *err)
{
    const statistics_work *work = argument;
    char key_id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_TRY(key_of(connection, work->reference_id, key_id, err));
    imi_reference_context context = imi_statistics_context(work->reference_id);
    IMI_TRY(imi_vault_seal(work->vault, key_id, context.text, work->statistics_blob, &sealed, err));
    return imi_store_put_sealed_statistics(connection, work->reference_id, imi_buffer_view(&sealed),
                                           err);
}

imi_status imi_sqlite_put_statistics(imi_store *self, const char *reference_id,
                                     imi_view statistics_blob, imi_error *err)
{
    if (statistics_blob.size == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are no statistics to keep");
    }
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    statistics_work work = {store->vault, reference_id, statistics_blob};
    return imi_store_write(store, put_statistics, &work, err);
}
