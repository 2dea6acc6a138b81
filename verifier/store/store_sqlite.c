#include "migrations.h"
#include "sqlite_trust.h"

#include "imi/memory.h"

imi_connection *imi_store_take_reader(imi_store_sqlite *store)
{
    pthread_mutex_lock(&store->read_mutex);
    for (;;) {
        for (size_t i = 0; i < IMI_STORE_READERS; i++) {
            if (!store->reader_taken[i]) {
                store->reader_taken[i] = true;
                pthread_mutex_unlock(&store->read_mutex);
                return &store->readers[i];
            }
        }
        pthread_cond_wait(&store->reader_freed, &store->read_mutex);
    }
}

void imi_store_give_reader(imi_store_sqlite *store, const imi_connection *reader)
{
    pthread_mutex_lock(&store->read_mutex);
    store->reader_taken[reader - store->readers] = false;
    pthread_cond_broadcast(&store->reader_freed);
    pthread_mutex_unlock(&store->read_mutex);
}

/* One at a time and keeping each: only the holder of the write mutex does this, so two callers
 * never wait for each other's. */
void imi_store_take_all_readers(imi_store_sqlite *store)
{
    for (size_t i = 0; i < IMI_STORE_READERS; i++) {
        imi_store_take_reader(store);
    }
}

void imi_store_give_all_readers(imi_store_sqlite *store)
{
    for (size_t i = 0; i < IMI_STORE_READERS; i++) {
        imi_store_give_reader(store, &store->readers[i]);
    }
}

static void destroy(imi_store *self)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    for (size_t i = 0; i < IMI_STORE_READERS; i++) {
        imi_connection_close(&store->readers[i]);
    }
    imi_connection_close(&store->writer);
    pthread_cond_destroy(&store->reader_freed);
    pthread_mutex_destroy(&store->read_mutex);
    pthread_cond_destroy(&store->queue_moved);
    pthread_mutex_destroy(&store->queue_mutex);
    pthread_mutex_destroy(&store->write_mutex);
    imi_free(store);
}

static const imi_store interface = {
    .put_reference = imi_sqlite_put_reference,
    .get_reference = imi_sqlite_get_reference,
    .delete_reference = imi_sqlite_delete_reference,
    .put_claims = imi_sqlite_put_claims,
    .get_claims = imi_sqlite_get_claims,
    .delete_claims = imi_sqlite_delete_claims,
    .erase_subject = imi_sqlite_erase_subject,
    .list_overdue_subjects = imi_sqlite_list_overdue_subjects,
    .create_session = imi_sqlite_create_session,
    .update_session = imi_sqlite_update_session,
    .get_session = imi_sqlite_get_session,
    .find_session_by_request = imi_sqlite_find_session_by_request,
    .find_session_by_token = imi_sqlite_find_session_by_token,
    .get_token = imi_sqlite_get_token,
    .list_events = imi_sqlite_list_events,
    .begin_attempt = imi_sqlite_begin_attempt,
    .list_expired = imi_sqlite_list_expired,
    .visit_references = imi_sqlite_visit_references,
    .count_references = imi_sqlite_count_references,
    .put_statistics = imi_sqlite_put_statistics,
    .put_cohort = imi_sqlite_put_cohort,
    .visit_newest_cohort = imi_sqlite_visit_newest_cohort,
    .visit_scores = imi_sqlite_visit_scores,
    .put_calibration = imi_sqlite_put_calibration,
    .get_calibration = imi_sqlite_get_calibration,
    .put_duplicates = imi_sqlite_put_duplicates,
    .list_duplicates = imi_sqlite_list_duplicates,
    .review_duplicate = imi_sqlite_review_duplicate,
    .put_points = imi_sqlite_put_points,
    .get_point = imi_sqlite_get_point,
    .list_points = imi_sqlite_list_points,
    .append_audit = imi_sqlite_append_audit,
    .list_audit = imi_sqlite_list_audit,
    .append_leaf = imi_sqlite_append_leaf,
    .list_leaves = imi_sqlite_list_leaves,
    .get_leaf = imi_sqlite_get_leaf,
    .find_leaf = imi_sqlite_find_leaf,
    .put_consent = imi_sqlite_put_consent,
    .get_consent = imi_sqlite_get_consent,
    .list_consents = imi_sqlite_list_consents,
    .redeem_token = imi_sqlite_redeem_token,
    .get_redemption = imi_sqlite_get_redemption,
    .allocate_status = imi_sqlite_allocate_status,
    .get_status = imi_sqlite_get_status,
    .set_status = imi_sqlite_set_status,
    .list_status_lists = imi_sqlite_list_status_lists,
    .read_status_list = imi_sqlite_read_status_list,
    .list_feed = imi_sqlite_list_feed,
    .forget_events = imi_sqlite_forget_events,
    .claim_deliveries = imi_sqlite_claim_deliveries,
    .end_delivery = imi_sqlite_end_delivery,
    .list_deliveries = imi_sqlite_list_deliveries,
    .replay_deliveries = imi_sqlite_replay_deliveries,
    .destroy = destroy,
};

/* "IMI1": tells our files from those of other programs. */
enum { APPLICATION_ID = 0x494D4931 };

static imi_status open_connections(imi_store_sqlite *store, const char *path, imi_error *err)
{
    IMI_TRY(imi_connection_open(&store->writer, path, true, err));
    IMI_TRY(imi_sqlite_check_pages(store->writer.db, err));
    imi_sqlite_schema schema = {APPLICATION_ID, imi_store_migrations, imi_store_migration_count};
    IMI_TRY(imi_sqlite_migrate(store->writer.db, &schema, err));
    for (size_t i = 0; i < IMI_STORE_READERS; i++) {
        IMI_TRY(imi_connection_open(&store->readers[i], path, false, err));
    }
    IMI_TRY(imi_store_seal_older(store, err));
    return imi_store_finish_erasures(store, err);
}

imi_status imi_store_sqlite_open(const char *path, imi_vault *vault, imi_store **out,
                                 imi_error *err)
{
    *out = NULL;
    if (vault == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the store needs a vault");
    }
    IMI_TRY(imi_sqlite_prepare_library(err));
    imi_store_sqlite *store = imi_alloc(sizeof *store);
    if (store == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a store");
    }
    store->base = interface;
    store->vault = vault;
    store->queue_end = &store->queue;
    pthread_mutex_init(&store->write_mutex, NULL);
    pthread_mutex_init(&store->queue_mutex, NULL);
    pthread_cond_init(&store->queue_moved, NULL);
    pthread_mutex_init(&store->read_mutex, NULL);
    pthread_cond_init(&store->reader_freed, NULL);
    IMI_AUTO(imi_store) owner = &store->base;
    IMI_TRY(open_connections(store, path, err));
    *out = IMI_STEAL(&owner);
    return IMI_OK;
}
