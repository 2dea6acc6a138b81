#include "sqlite.h"

#include "imi/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { DECADE_MIN = 1800, DECADE_MAX = 2200 };

typedef struct put_work {
    imi_vault *vault;
    const imi_reference_record *record;
    imi_view template_blob;
    char key_id[IMI_ID_SIZE];
} put_work;

static imi_reference_context context_of(const char *what, const char *reference_id)
{
    imi_reference_context context;
    snprintf(context.text, sizeof context.text, "%s:%.*s", what, IMI_ID_SIZE - 1, reference_id);
    return context;
}

imi_reference_context imi_template_context(const char *reference_id)
{
    return context_of("template", reference_id);
}

imi_reference_context imi_statistics_context(const char *reference_id)
{
    return context_of("statistics", reference_id);
}

/* Inside the transaction: an erasure of the subject destroys the key before it asks for the write
 * lock, so either the key is gone here or the row will be there for the erasure to find. */
static imi_status seal_template(const put_work *work, imi_buffer *out, imi_error *err)
{
    imi_reference_context context = imi_template_context(work->record->reference_id);
    imi_status status =
        imi_vault_seal(work->vault, work->key_id, context.text, work->template_blob, out, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the subject was erased meanwhile");
    }
    return status;
}

static imi_status put(imi_connection *connection, void *argument, imi_error *err)
{
    const put_work *work = argument;
    const imi_reference_record *record = work->record;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_TRY(seal_template(work, &sealed, err));
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
    imi_bind_integer(&binder, record->delete_after_ms);
    IMI_BIND_ARRAY(&binder, work->key_id);
    imi_bind_blob(&binder, imi_buffer_view(&sealed));
    IMI_TRY(imi_binder_run(&binder, err));
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
    if (record->delete_after_ms < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the retention of a reference has a negative end");
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
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    put_work work = {.vault = store->vault, .record = record, .template_blob = template_blob};
    /* An additional reference has a subject already. */
    bool make = record->kind == IMI_REFERENCE_PRIMARY;
    IMI_TRY(imi_store_find_key(store, record->relying_party, record->subject_id, make, work.key_id,
                               err));
    return imi_store_write(store, put, &work, err);
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
    out->delete_after_ms = imi_read_integer(columns, 0, INT64_MAX);
}

static imi_status get(imi_vault *vault, imi_connection *connection, const char *reference_id,
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
    char key_id[IMI_ID_SIZE];
    imi_read_reference(&columns, out);
    IMI_READ_ARRAY(&columns, key_id);
    imi_view sealed = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    imi_reference_context context = imi_template_context(out->reference_id);
    return imi_vault_unseal(vault, key_id, context.text, sealed, template_out, err);
}

imi_status imi_sqlite_get_reference(imi_store *self, const char *reference_id,
                                    imi_reference_record *out, imi_buffer *template_out,
                                    imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    /* Unsealed even when nobody wants it: a reference whose key is gone is not there. */
    IMI_AUTO_BUFFER unwanted = IMI_BUFFER_INIT;
    imi_buffer *plain_out = template_out == NULL ? &unwanted : template_out;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = get(store->vault, reader, reference_id, out, plain_out, err);
    imi_store_give_reader(store, reader);
    if (status != IMI_OK) {
        *out = (imi_reference_record){0};
    }
    return status;
}
