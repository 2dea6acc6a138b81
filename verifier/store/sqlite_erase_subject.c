#include "sqlite_trust.h"

#include "imi/memory.h"

typedef struct subject_work {
    const char *relying_party, *subject_id;
    bool had_key; /* it was destroyed by this very call */
    imi_leaf *leaf;
} subject_work;

/* From here on nothing of the subject can be read, in whatever copy of the store. */
static imi_status destroy_key(imi_store_sqlite *store, subject_work *work, imi_error *err)
{
    char key_id[IMI_ID_SIZE];
    imi_status status =
        imi_store_find_key(store, work->relying_party, work->subject_id, false, key_id, err);
    if (status == IMI_OK) {
        status = imi_vault_destroy_key(store->vault, key_id, err);
    }
    work->had_key = status == IMI_OK;
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

static imi_status erase_from(imi_connection *connection, imi_sql sql, const subject_work *work,
                             bool *changed, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, work->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_text(&binder, work->subject_id, IMI_STORE_NAME_SIZE);
    IMI_TRY(imi_binder_run(&binder, err));
    *changed = *changed || sqlite3_changes(connection->db) > 0;
    return IMI_OK;
}

static imi_status erase_rows(imi_connection *connection, void *argument, imi_error *err)
{
    /* Tokens before sessions, which then are not the subject's any more. */
    static const imi_sql statements[] = {IMI_SQL_ERASE_REFERENCES, IMI_SQL_DELETE_CLAIMS,
                                         IMI_SQL_ERASE_TOKENS, IMI_SQL_ERASE_CONSENTS,
                                         IMI_SQL_ERASE_SESSIONS};
    const subject_work *work = argument;
    bool changed = work->had_key, unfinished = false;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        IMI_TRY(erase_from(connection, statements[i], work, &changed, err));
    }
    if (changed) {
        IMI_TRY(imi_store_note_erasure(connection, "", err));
        return imi_store_add_leaf(connection, work->leaf, err);
    }
    IMI_TRY(imi_store_find_erasure(connection, NULL, &unfinished, err));
    if (!unfinished) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "there is nothing of this subject");
    }
    return IMI_OK;
}

imi_status imi_sqlite_erase_subject(imi_store *self, const char *relying_party,
                                    const char *subject_id, const imi_leaf_draft *leaf,
                                    imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    subject_work work = {.relying_party = relying_party, .subject_id = subject_id};
    /* It would be sealed under a data key that was made anew. */
    if (leaf != NULL && leaf->subject_id[0] != '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the leaf of an erasure names no subject");
    }
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    work.leaf = &prepared;
    IMI_TRY(destroy_key(store, &work, err));
    IMI_TRY(imi_store_write(store, erase_rows, &work, err));
    return imi_store_finish_erasures(store, err);
}

static void read_subject(imi_columns *columns, void *row)
{
    imi_subject_name *out = row;
    IMI_READ_ARRAY(columns, out->relying_party);
    IMI_READ_ARRAY(columns, out->subject_id);
}

imi_status imi_sqlite_list_overdue_subjects(imi_store *self, int64_t now_ms, imi_subject_name *out,
                                            size_t capacity, size_t *count_out, imi_error *err)
{
    const imi_listing listing = {IMI_SQL_LIST_OVERDUE, imi_bind_number, &now_ms, read_subject,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}
