/* One thread and one multi handle; a lane of its own for each receiver, so that none waits for
 * another. */
#include "request.h"

#include "imi/log.h"
#include "imi/webhook.h"
#include "imi/webhook_signature.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    LANE_WIDTH = 4, /* calls at once to one receiver */
    LOOK_MS = 1000, /* between looks for what is due, without a wake */
    /* A call has ended well before: only a sender that died leaves one to another. */
    LEASE_MS = IMI_WEBHOOK_TOTAL_MS + 5000,
    PATH_SIZE = 4096,
    HEADER_SIZE = 512
};

typedef struct flight {
    bool under_way;
    imi_delivery_record record;
    imi_webhook_request request;
} flight;

/* One receiver. */
typedef struct lane {
    const char *party;
    imi_webhook_target target;
    imi_webhook_secrets secrets;
    bool failing; /* its last call failed; said once */
    flight flights[LANE_WIDTH];
} lane;

struct imi_webhook_sender {
    imi_webhook_options options;
    CURLM *multi;
    size_t lane_count;
    lane *lanes;
    pthread_t thread;
    bool runs;
    atomic_bool woken, stopping;
};

static int64_t now_ms(const imi_webhook_sender *self)
{
    return self->options.clock->unix_ms(self->options.clock);
}

/* ---- One call ---- */

/* The decision is read when it is told: the event itself has the reason alone. */
static imi_decision decision_of(const imi_webhook_sender *self, const imi_feed_record *item)
{
    imi_session_record session;
    imi_store *store = self->options.store;
    bool found = strcmp(item->event.kind, "decided") == 0 &&
                 store->get_session(store, item->event.session_id, &session, NULL) == IMI_OK;
    return found ? session.decision : IMI_DECISION_NONE;
}

static imi_status prepare(const imi_webhook_sender *self, const lane *to, flight *call,
                          imi_error *err)
{
    char id[HEADER_SIZE], time[HEADER_SIZE], seconds[24];
    imi_webhook_request *request = &call->request;
    const imi_delivery_record *record = &call->record;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(imi_webhook_body(&record->item, decision_of(self, &record->item), &request->body, err));
    snprintf(seconds, sizeof seconds, "%" PRId64, now_ms(self) / 1000);
    imi_webhook_call signed_call = {
        .id = record->delivery_id, .timestamp = seconds, .body = imi_buffer_view(&request->body)};
    IMI_TRY(imi_buffer_append_text(&signature, "webhook-signature: ", err));
    IMI_TRY(imi_webhook_sign(&to->secrets, &signed_call, &signature, err));
    IMI_TRY(imi_buffer_terminate(&signature, err));
    snprintf(id, sizeof id, "webhook-id: %s", record->delivery_id);
    snprintf(time, sizeof time, "webhook-timestamp: %s", seconds);
    const char *headers[] = {"content-type: application/json",
                             "user-agent: imi",
                             id,
                             time,
                             (const char *)signature.data,
                             NULL};
    return imi_webhook_request_prepare(request, &to->target, headers, err);
}

/* A call that cannot even be made waits for its lease to end. */
static void start_call(imi_webhook_sender *self, lane *to, flight *call,
                       const imi_delivery_record *record)
{
    imi_error error = IMI_ERROR_INIT;
    call->record = *record;
    imi_status status = prepare(self, to, call, &error);
    if (status != IMI_OK || curl_multi_add_handle(self->multi, call->request.curl) != CURLM_OK) {
        imi_log(IMI_LOG_ERROR, "webhook", "%s cannot be sent: %s", record->delivery_id,
                error.message);
        imi_webhook_request_clean_up(&call->request);
        return;
    }
    call->under_way = true;
}

/* Receivers may be away for days: a change is worth a line, and so is every dead letter. */
static void note(lane *from, const imi_delivery_record *record)
{
    bool failed = record->state != IMI_DELIVERY_DONE;
    if (record->state == IMI_DELIVERY_DEAD) {
        imi_log(IMI_LOG_WARNING, "webhook", "%s to %s was given up after %u tries: %s",
                record->delivery_id, from->party, record->attempts, record->last_error);
    } else if (failed && !from->failing) {
        imi_log(IMI_LOG_WARNING, "webhook", "%s does not take events: %s", from->party,
                record->last_error);
    } else if (!failed && from->failing) {
        imi_log(IMI_LOG_INFO, "webhook", "%s takes events again", from->party);
    }
    from->failing = failed;
}

static double draw_jitter(void)
{
    uint8_t byte = 0;
    return imi_random(&byte, 1, NULL) == IMI_OK ? byte / 256.0 : 0;
}

static void end_call(imi_webhook_sender *self, lane *from, flight *call, CURLcode result)
{
    imi_webhook_outcome outcome = imi_webhook_request_outcome(&call->request, result);
    imi_webhook_settle(&call->record, &outcome, now_ms(self), draw_jitter());
    imi_store *store = self->options.store;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = store->end_delivery(store, &call->record, &error);
    if (status != IMI_OK && status != IMI_E_CONFLICT) {
        imi_log(IMI_LOG_WARNING, "webhook", "%s may be sent again: its end was not stored: %s",
                call->record.delivery_id, error.message);
    }
    note(from, &call->record);
    imi_webhook_request_clean_up(&call->request);
    call->under_way = false;
}

/* ---- All of them ---- */

static flight *find_free(lane *of)
{
    for (size_t i = 0; i < LANE_WIDTH; i++) {
        if (!of->flights[i].under_way) {
            return &of->flights[i];
        }
    }
    return NULL;
}

static void fill_lane(imi_webhook_sender *self, lane *to)
{
    imi_delivery_record due[LANE_WIDTH];
    size_t room = 0, count = 0;
    for (size_t i = 0; i < LANE_WIDTH; i++) {
        room += !to->flights[i].under_way;
    }
    imi_store *store = self->options.store;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = room == 0 ? IMI_OK
                                  : store->claim_deliveries(store, to->party, now_ms(self),
                                                            LEASE_MS, due, room, &count, &error);
    if (status != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "webhook", "no events for %s now: %s", to->party, error.message);
    }
    for (size_t i = 0; i < count; i++) {
        start_call(self, to, find_free(to), &due[i]);
    }
}

/* Whether any call has ended: there is room for another. */
static bool take_ended(imi_webhook_sender *self)
{
    bool any = false;
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(self->multi, &left)) != NULL;) {
        CURLcode result = message->data.result;
        CURL *curl = message->easy_handle;
        for (size_t i = 0; i < self->lane_count * LANE_WIDTH; i++) {
            lane *from = &self->lanes[i / LANE_WIDTH];
            flight *call = &from->flights[i % LANE_WIDTH];
            if (call->under_way && call->request.curl == curl) {
                curl_multi_remove_handle(self->multi, curl); /* message is gone from here */
                end_call(self, from, call, result);
                any = true;
                break;
            }
        }
    }
    return any;
}

static void *run(void *argument)
{
    imi_webhook_sender *self = argument;
    bool look = true;
    for (int64_t looked_ms = 0; !atomic_load(&self->stopping);) {
        imi_clock *system = imi_clock_system();
        look |= atomic_exchange(&self->woken, false);
        look |= system->monotonic_ms(system) - looked_ms >= LOOK_MS;
        for (size_t i = 0; look && i < self->lane_count; i++) {
            fill_lane(self, &self->lanes[i]);
        }
        looked_ms = look ? system->monotonic_ms(system) : looked_ms;
        int running = 0;
        curl_multi_perform(self->multi, &running);
        look = take_ended(self);
        if (!look) {
            curl_multi_poll(self->multi, NULL, 0, LOOK_MS, NULL);
        }
    }
    return NULL;
}

/* ---- Life ---- */

static imi_status add_lane(imi_webhook_sender *self, const imi_relying_party *party, imi_error *err)
{
    char path[PATH_SIZE];
    lane *added = &self->lanes[self->lane_count];
    const char *file = party->webhook_secret_file;
    int size = file[0] == '/' ? snprintf(path, sizeof path, "%s", file)
                              : snprintf(path, sizeof path, "%s/%s", self->options.folder, file);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the webhook secret of %s is too long",
                 party->name);
    }
    IMI_TRY(imi_webhook_secrets_load(path, &added->secrets, err));
    added->party = party->name;
    added->target = (imi_webhook_target){party->webhook_url, self->options.ca_file};
    self->lane_count++;
    return IMI_OK;
}

static imi_status add_lanes(imi_webhook_sender *self, imi_error *err)
{
    const imi_relying_party *party = NULL;
    size_t most = 0, i = 0;
    while (imi_policy_relying_party_at(self->options.policy, most) != NULL) {
        most++;
    }
    self->lanes = imi_alloc_array(most + 1, sizeof *self->lanes);
    if (self->lanes == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for webhooks");
    }
    for (; (party = imi_policy_relying_party_at(self->options.policy, i)) != NULL; i++) {
        if (party->webhook_url != NULL) {
            IMI_TRY(add_lane(self, party, err));
        }
    }
    return IMI_OK;
}

imi_status imi_webhook_sender_new(const imi_webhook_options *options, imi_webhook_sender **out,
                                  imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_webhook_sender) self = imi_alloc(sizeof *self);
    if (self == NULL || (self->multi = curl_multi_init()) == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for webhooks");
    }
    self->options = *options;
    IMI_TRY(add_lanes(self, err));
    if (self->lane_count > 0) {
        int code = pthread_create(&self->thread, NULL, run, self);
        if (code != 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_NO_MEMORY, code, "no thread for webhooks");
        }
        self->runs = true;
    }
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

void imi_webhook_sender_wake(imi_webhook_sender *sender)
{
    atomic_store(&sender->woken, true);
    curl_multi_wakeup(sender->multi);
}

static void cut_off(imi_webhook_sender *self, lane *of)
{
    for (size_t i = 0; i < LANE_WIDTH; i++) {
        flight *call = &of->flights[i];
        if (call->under_way) {
            curl_multi_remove_handle(self->multi, call->request.curl);
            imi_webhook_request_clean_up(&call->request);
        }
    }
    imi_wipe(&of->secrets, sizeof of->secrets);
}

void imi_webhook_sender_destroy(imi_webhook_sender **sender)
{
    imi_webhook_sender *self = sender == NULL ? NULL : IMI_STEAL(sender);
    if (self == NULL) {
        return;
    }
    if (self->runs) {
        atomic_store(&self->stopping, true);
        curl_multi_wakeup(self->multi);
        pthread_join(self->thread, NULL);
    }
    /* A lane whose secret could not be read is not counted, and has nothing to clean up. */
    for (size_t i = 0; i < self->lane_count; i++) {
        cut_off(self, &self->lanes[i]);
    }
    if (self->multi != NULL) {
        curl_multi_cleanup(self->multi);
    }
    imi_free(self->lanes);
    imi_free(self);
}
