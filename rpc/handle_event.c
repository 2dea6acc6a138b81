#include "rpc/handler.h"

#include "imi/v1/event.pb-c.h"
#include "rpc/event_stream.h"

enum { BATCH = 64, DELIVERIES_MAX = 200 };

/* ---- The feed ---- */

static imi_status send_event(imi_event_stream *self, imi_feed_record *item, imi_error *err)
{
    Imi__V1__WatchEventsResponse message = IMI__V1__WATCH_EVENTS_RESPONSE__INIT;
    message.cursor = item->cursor;
    message.session_id = item->event.session_id;
    message.sequence = item->event.sequence;
    message.at_ms = item->event.at_ms;
    message.kind = item->event.kind;
    message.detail = item->event.detail;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_respond(&message, &bytes, err));
    return imi_rpc_call_send(self->call, imi_buffer_view(&bytes), err);
}

/* Send what is stored behind self->after. */
static imi_status send_behind(imi_event_stream *self, imi_error *err)
{
    for (size_t count = BATCH; count == BATCH;) {
        imi_feed_record items[BATCH];
        IMI_TRY(imi_service_list_feed(self->service, self->party, self->after, items, BATCH, &count,
                                      err));
        for (size_t i = 0; i < count; i++) {
            IMI_TRY(send_event(self, &items[i], err));
            self->after = items[i].cursor;
        }
    }
    return IMI_OK;
}

static imi_status listen(imi_event_stream *self, imi_session_listener listener, imi_error *err)
{
    return imi_service_watch_party(self->service, self->party, listener, self, &self->watch, err);
}

static imi_status take(imi_event_stream *self, const void *message, imi_error *err)
{
    const Imi__V1__WatchEventsRequest *request = message;
    self->after = request->after_cursor;
    return imi_handler_party(self->call, self->party, err);
}

static imi_rpc_flow on_watch_events(imi_rpc_call *call, imi_view message)
{
    static const imi_event_stream_kind kind = {
        &imi__v1__watch_events_request__descriptor,
        take,
        listen,
        send_behind,
    };
    return imi_event_stream_on_message(call, message, &kind);
}

/* ---- Deliveries ---- */

static imi_status state_of(Imi__V1__DeliveryState wanted, imi_delivery_state *out, imi_error *err)
{
    switch (wanted) {
    case IMI__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED:
        *out = IMI_DELIVERY_NONE;
        return IMI_OK;
    case IMI__V1__DELIVERY_STATE__DELIVERY_STATE_PENDING:
        *out = IMI_DELIVERY_PENDING;
        return IMI_OK;
    case IMI__V1__DELIVERY_STATE__DELIVERY_STATE_DEAD:
        *out = IMI_DELIVERY_DEAD;
        return IMI_OK;
    default:
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "state is none of a delivery");
    }
}

/* The message borrows the record's texts. */
static void describe(imi_delivery_record *record, Imi__V1__Delivery *out)
{
    imi__v1__delivery__init(out);
    bool dead = record->state == IMI_DELIVERY_DEAD;
    out->delivery_id = record->delivery_id;
    out->session_id = record->item.event.session_id;
    out->kind = record->item.event.kind;
    out->at_ms = record->item.event.at_ms;
    out->state = dead ? IMI__V1__DELIVERY_STATE__DELIVERY_STATE_DEAD
                      : IMI__V1__DELIVERY_STATE__DELIVERY_STATE_PENDING;
    out->attempts = record->attempts;
    out->next_attempt_ms = dead ? 0 : record->next_ms;
    out->last_error = record->last_error;
}

/* Room for an answer of so many. */
typedef struct listing {
    imi_delivery_record *records;
    Imi__V1__Delivery *messages;
    Imi__V1__Delivery **pointers;
} listing;

static void listing_clean_up(listing *self)
{
    imi_free(self->records);
    imi_free(self->messages);
    imi_free(self->pointers);
}

static imi_status answer_listing(listing *self, size_t count, imi_buffer *response, imi_error *err)
{
    Imi__V1__ListDeliveriesResponse answer = IMI__V1__LIST_DELIVERIES_RESPONSE__INIT;
    for (size_t i = 0; i < count; i++) {
        describe(&self->records[i], &self->messages[i]);
        self->pointers[i] = &self->messages[i];
    }
    answer.deliveries = self->pointers;
    answer.n_deliveries = count;
    return imi_handler_respond(&answer, response, err);
}

static imi_status list_deliveries(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    const Imi__V1__ListDeliveriesRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    imi_delivery_state state = IMI_DELIVERY_NONE;
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(state_of(request->state, &state, err));
    size_t most =
        request->limit == 0 || request->limit > DELIVERIES_MAX ? DELIVERIES_MAX : request->limit;
    __attribute__((cleanup(listing_clean_up))) listing list = {
        imi_alloc_array(most, sizeof *list.records),
        imi_alloc_array(most, sizeof *list.messages),
        imi_alloc_array(most, sizeof(Imi__V1__Delivery *)),
    };
    if (list.records == NULL || list.messages == NULL || list.pointers == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of deliveries");
    }
    size_t count = 0;
    IMI_TRY(imi_service_list_deliveries(service, party, state, list.records, most, &count, err));
    return answer_listing(&list, count, response, err);
}

static imi_status replay_deliveries(imi_service *service, imi_rpc_call *call, const void *message,
                                    imi_buffer *response, imi_error *err)
{
    const Imi__V1__ReplayDeliveriesRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    size_t count = 0;
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_replay_deliveries(service, party, request->delivery_id, &count, err));
    Imi__V1__ReplayDeliveriesResponse answer = IMI__V1__REPLAY_DELIVERIES_RESPONSE__INIT;
    answer.replayed = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
    return imi_handler_respond(&answer, response, err);
}

static imi_rpc_flow on_list_deliveries(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__list_deliveries_request__descriptor,
                           list_deliveries);
}

static imi_rpc_flow on_replay_deliveries(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__replay_deliveries_request__descriptor,
                           replay_deliveries);
}

imi_rpc_service imi_handle_event(imi_handlers *handlers)
{
    static imi_rpc_method methods[] = {
        {.name = NULL}, /* WatchEvents, a stream */
        {.name = "ListDeliveries", .message = on_list_deliveries},
        {.name = "ReplayDeliveries", .message = on_replay_deliveries},
    };
    methods[0] = imi_event_stream_method("WatchEvents", on_watch_events);
    return (imi_rpc_service){
        .name = "imi.v1.EventService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = handlers,
    };
}
