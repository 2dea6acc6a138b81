#include "sqlite.h"

/*
 * Writers that wait while another commits go into one transaction together, since what a commit
 * costs is its fsync. Whoever gets the writer next runs the work of all that wait, each inside a
 * savepoint of its own: one that fails undoes nothing of the others'.
 */
struct imi_write {
    imi_write *next;
    imi_transaction transaction;
    void *work;
    imi_error *err;
    imi_status status;
    bool ended; /* guarded by queue_mutex */
};

/* With the queue locked. */
static void enqueue(imi_store_sqlite *store, imi_write *write)
{
    *store->queue_end = write;
    store->queue_end = &write->next;
}

static imi_write *take_queue(imi_store_sqlite *store)
{
    pthread_mutex_lock(&store->queue_mutex);
    imi_write *first = store->queue;
    store->queue = NULL;
    store->queue_end = &store->queue;
    pthread_mutex_unlock(&store->queue_mutex);
    return first;
}

/* Some failures end the whole transaction by themselves. */
static bool is_open(const imi_connection *writer)
{
    return sqlite3_get_autocommit(writer->db) == 0;
}

static void roll_back(imi_connection *writer)
{
    imi_status ignored =
        is_open(writer) ? imi_statement_run(writer, IMI_SQL_ROLLBACK, NULL) : IMI_OK;
    (void)ignored;
}

/* Its own part alone. Fails when the group cannot go on. */
static imi_status run_one(imi_connection *writer, imi_write *write, imi_error *err)
{
    IMI_TRY(imi_statement_run(writer, IMI_SQL_SAVE, err));
    write->status = write->transaction(writer, write->work, write->err);
    if (write->status != IMI_OK && is_open(writer)) {
        IMI_TRY(imi_statement_run(writer, IMI_SQL_UNDO, err));
    }
    if (!is_open(writer)) {
        IMI_FAIL(err, IMI_E_STORE_BUSY, "a write that was committed together with this one failed");
    }
    return imi_statement_run(writer, IMI_SQL_RELEASE, err);
}

static imi_status run_group(imi_connection *writer, imi_write *first, imi_error *err)
{
    IMI_TRY(imi_statement_run(writer, IMI_SQL_BEGIN, err));
    for (imi_write *write = first; write != NULL; write = write->next) {
        IMI_TRY(run_one(writer, write, err));
    }
    return imi_statement_run(writer, IMI_SQL_COMMIT, err);
}

/* No one is told of success before the commit, which is that of all. */
static void commit_group(imi_connection *writer, imi_write *first)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run_group(writer, first, &error);
    roll_back(writer);
    for (imi_write *write = first; write != NULL; write = write->next) {
        if (status != IMI_OK && write->status == IMI_OK) {
            write->status = status;
            if (write->err != NULL) {
                *write->err = error;
            }
        }
    }
}

/* With the queue locked; unlocks it meanwhile. The queue is taken as late as possible, so that
 * whoever comes while the writer is busy goes along. */
static void lead(imi_store_sqlite *store)
{
    store->led = true;
    pthread_mutex_unlock(&store->queue_mutex);
    pthread_mutex_lock(&store->write_mutex);
    imi_write *first = take_queue(store);
    commit_group(&store->writer, first);
    pthread_mutex_unlock(&store->write_mutex);
    pthread_mutex_lock(&store->queue_mutex);
    while (first != NULL) {
        imi_write *next = first->next; /* once it has ended, its owner may be gone */
        first->ended = true;
        first = next;
    }
    store->led = false;
    pthread_cond_broadcast(&store->queue_moved);
}

imi_status imi_store_write(imi_store_sqlite *store, imi_transaction transaction, void *work,
                           imi_error *err)
{
    imi_write write = {.transaction = transaction, .work = work, .err = err, .status = IMI_OK};
    pthread_mutex_lock(&store->queue_mutex);
    enqueue(store, &write);
    while (!write.ended && store->led) {
        pthread_cond_wait(&store->queue_moved, &store->queue_mutex);
    }
    if (!write.ended) {
        lead(store);
    }
    pthread_mutex_unlock(&store->queue_mutex);
    return write.status;
}
