#include "sqlite.h"

/* Erasing takes three steps. The rows go with all that hangs on them, and a note of the erasure
 * comes, in one transaction; then the log, which still holds their bytes, is folded into the file
 * and emptied; then the note goes. A crash in between leaves the note, and the next start finishes.
 */
imi_status imi_store_note_erasure(imi_connection *connection, const char *what, imi_error *err)
{
    IMI_AUTO_STATEMENT add = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_ERASURE, &add, err));
    IMI_TRY(imi_bind_one_text(add, what, IMI_ID_SIZE, err));
    bool row = false;
    return imi_statement_step(add, &row, err);
}

imi_status imi_store_find_erasure(imi_connection *connection, const char *what, bool *found_out,
                                  imi_error *err)
{
    IMI_AUTO_STATEMENT find = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FIND_ERASURE, &find, err));
    if (what != NULL) {
        IMI_TRY(imi_bind_one_text(find, what, IMI_ID_SIZE, err));
    }
    return imi_statement_step(find, found_out, err);
}

static imi_status erase(imi_connection *connection, void *work, imi_error *err)
{
    const char *reference_id = work;
    bool noted = false, row = false;
    IMI_TRY(imi_store_find_erasure(connection, reference_id, &noted, err));
    if (noted) {
        return IMI_OK;
    }
    IMI_AUTO_STATEMENT remove = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_DELETE_REFERENCE, &remove, err));
    IMI_TRY(imi_bind_one_text(remove, reference_id, IMI_ID_SIZE, err));
    IMI_TRY(imi_statement_step(remove, &row, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    return imi_store_note_erasure(connection, reference_id, err);
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

static imi_status finish(imi_store_sqlite *store, imi_error *err)
{
    bool waiting = false;
    IMI_TRY(imi_store_find_erasure(&store->writer, NULL, &waiting, err));
    if (!waiting) {
        return IMI_OK;
    }
    IMI_TRY(empty_log(store, err));
    return imi_statement_run(&store->writer, IMI_SQL_END_ERASURE, err);
}

imi_status imi_store_finish_erasures(imi_store_sqlite *store, imi_error *err)
{
    pthread_mutex_lock(&store->write_mutex);
    imi_status status = finish(store, err);
    pthread_mutex_unlock(&store->write_mutex);
    return status;
}

imi_status imi_sqlite_delete_reference(imi_store *self, const char *reference_id, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_TRY(imi_store_write(store, erase, (void *)reference_id, err));
    return imi_store_finish_erasures(store, err);
}
