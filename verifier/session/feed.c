/*
 * What a relying party hears of all its sessions: the feed of events, and calls of its webhook.
 */
#include "imi/log.h"
#include "service_internal.h"

#include <stdlib.h>

enum { FORGOTTEN_A_TICK = 256 };

imi_status imi_service_watch_party(imi_service *service, const char *party,
                                   imi_session_listener listener, void *user, imi_watch **out,
                                   imi_error *err)
{
    *out = NULL;
    if (party == NULL || listener == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a watch needs a relying party and a listener");
    }
    const imi_watch_wish wish = {party, "", listener, user, 0};
    return imi_watches_add(&service->watches, &wish, out, err);
}

imi_status imi_service_list_feed(imi_service *service, const char *party, int64_t after,
                                 imi_feed_record *out, size_t capacity, size_t *count_out,
                                 imi_error *err)
{
    *count_out = 0;
    const imi_relying_party *known = NULL;
    IMI_TRY(imi_service_party(service, party, &known, err));
    if (after < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a cursor is not negative");
    }
    imi_store *store = service->options.store;
    return store->list_feed(store, party, after, out, capacity, count_out, err);
}

static int by_cursor(const void *a, const void *b)
{
    const imi_delivery_record *left = a, *right = b;
    return (left->item.cursor > right->item.cursor) - (left->item.cursor < right->item.cursor);
}

/* Pending and dead ones; both holds twice the capacity. */
static imi_status list_unfinished(imi_store *store, const char *party, imi_delivery_record *both,
                                  size_t capacity, size_t *count_out, imi_error *err)
{
    size_t pending = 0, dead = 0;
    IMI_TRY(store->list_deliveries(store, party, IMI_DELIVERY_PENDING, 0, both, capacity, &pending,
                                   err));
    IMI_TRY(store->list_deliveries(store, party, IMI_DELIVERY_DEAD, 0, both + pending, capacity,
                                   &dead, err));
    qsort(both, pending + dead, sizeof *both, by_cursor);
    *count_out = pending + dead < capacity ? pending + dead : capacity;
    return IMI_OK;
}

imi_status imi_service_list_deliveries(imi_service *service, const char *party,
                                       imi_delivery_state state, imi_delivery_record *out,
                                       size_t capacity, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    const imi_relying_party *known = NULL;
    IMI_TRY(imi_service_party(service, party, &known, err));
    imi_store *store = service->options.store;
    if (state != IMI_DELIVERY_NONE) {
        return store->list_deliveries(store, party, state, 0, out, capacity, count_out, err);
    }
    imi_delivery_record *both = imi_alloc_array(2 * capacity, sizeof *both);
    if (both == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of deliveries");
    }
    imi_status status = list_unfinished(store, party, both, capacity, count_out, err);
    imi_copy(out, both, *count_out * sizeof *both);
    imi_free(both);
    return status;
}

imi_status imi_service_replay_deliveries(imi_service *service, const char *party,
                                         const char *delivery_id, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    const imi_relying_party *known = NULL;
    IMI_TRY(imi_service_party(service, party, &known, err));
    IMI_TRY(imi_request_text(delivery_id, 0, IMI_ID_SIZE - 1, "delivery_id", err));
    imi_store *store = service->options.store;
    IMI_TRY(store->replay_deliveries(store, party, delivery_id, imi_service_now_ms(service),
                                     count_out, err));
    if (*count_out > 0) {
        imi_watches_notify(&service->watches, party, "");
    }
    return IMI_OK;
}

void imi_service_forget_events(imi_service *service)
{
    static const int64_t day_ms = 24 * 3600 * 1000;
    imi_error error = IMI_ERROR_INIT;
    imi_store *store = service->options.store;
    int64_t before_ms = imi_service_now_ms(service) - IMI_EVENTS_KEPT_DAYS * day_ms;
    if (store->forget_events(store, before_ms, FORGOTTEN_A_TICK, &error) != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "session", "old events could not be forgotten: %s", error.message);
    }
}
