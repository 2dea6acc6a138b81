#include "sqlite.h"

#include "imi/memory.h"

/* Rows sealed in one transaction: the log stays small however large the store is. */
enum { BATCH = 256 };

typedef struct batch_work {
    imi_vault *vault;
    size_t sealed;
} batch_work;

typedef struct plain_row {
    imi_reference_record record;
    imi_buffer template_blob, statistics_blob;
} plain_row;

static void clean_up_row(plain_row *row)
{
    imi_buffer_clean_up(&row->template_blob);
    imi_buffer_clean_up(&row->statistics_blob);
}

/* Copied: the row cannot be changed while it is read. */
static imi_status find_plain(imi_connection *connection, plain_row *out, bool *found_out,
                             imi_error *err)
{
    char key_id[IMI_ID_SIZE];
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FIND_PLAIN, &statement, err));
    IMI_TRY(imi_statement_step(statement, found_out, err));
    if (!*found_out) {
        return IMI_OK;
    }
    imi_columns columns = imi_columns_start(statement);
    imi_read_reference(&columns, &out->record);
    IMI_READ_ARRAY(&columns, key_id);
    imi_view template_blob = imi_read_view(&columns);
    imi_view statistics_blob = imi_read_view(&columns);
    IMI_TRY(imi_columns_end(&columns, err));
    IMI_TRY(imi_buffer_append(&out->template_blob, template_blob, err));
    return imi_buffer_append(&out->statistics_blob, statistics_blob, err);
}

static imi_status put_template(imi_connection *connection, const char *reference_id,
                               const char *key_id, imi_view sealed, imi_error *err)
{
    bool found = false;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_SEAL_TEMPLATE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, reference_id, IMI_ID_SIZE);
    imi_bind_text(&binder, key_id, IMI_ID_SIZE);
    imi_bind_blob(&binder, sealed);
    IMI_TRY(imi_binder_end(&binder, err));
    return imi_statement_step(statement, &found, err);
}

static imi_status seal_row(imi_connection *connection, imi_vault *vault, const plain_row *row,
                           imi_error *err)
{
    const char *reference_id = row->record.reference_id;
    char key_id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_TRY(imi_vault_find_key(vault, row->record.relying_party, row->record.subject_id, true,
                               key_id, err));
    imi_reference_context context = imi_template_context(reference_id);
    IMI_TRY(imi_vault_seal(vault, key_id, context.text, imi_buffer_view(&row->template_blob),
                           &sealed, err));
    IMI_TRY(put_template(connection, reference_id, key_id, imi_buffer_view(&sealed), err));
    if (row->statistics_blob.size == 0) {
        return IMI_OK;
    }
    sealed.size = 0;
    context = imi_statistics_context(reference_id);
    IMI_TRY(imi_vault_seal(vault, key_id, context.text, imi_buffer_view(&row->statistics_blob),
                           &sealed, err));
    return imi_store_put_sealed_statistics(connection, reference_id, imi_buffer_view(&sealed), err);
}

static imi_status seal_batch(imi_connection *connection, void *argument, imi_error *err)
{
    batch_work *work = argument;
    for (work->sealed = 0; work->sealed < BATCH; work->sealed++) {
        __attribute__((cleanup(clean_up_row))) plain_row row = {0};
        bool found = false;
        IMI_TRY(find_plain(connection, &row, &found, err));
        if (!found) {
            return IMI_OK;
        }
        IMI_TRY(seal_row(connection, work->vault, &row, err));
    }
    return IMI_OK;
}

imi_status imi_store_seal_older(imi_store_sqlite *store, imi_error *err)
{
    batch_work work = {store->vault, 0};
    do {
        IMI_TRY(imi_store_write(store, seal_batch, &work, err));
    } while (work.sealed > 0);
    return IMI_OK;
}
