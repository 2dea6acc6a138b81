#include "attempts.h"

#include "imi/crypto.h"

static const int64_t DAY_MS = 24 * 3600 * 1000LL;

int64_t imi_attempt_wait_ms(const imi_attempt_limits *limits, const imi_attempt_tally *tally,
                            int64_t now_ms)
{
    if (tally->count >= limits->per_day) {
        return IMI_ATTEMPT_NEVER_MS;
    }
    if (tally->count < limits->free) {
        return 0;
    }
    int64_t delay_s = limits->first_delay_s;
    for (uint32_t i = limits->free; i < tally->count && delay_s < limits->max_delay_s; i++) {
        delay_s *= 2;
    }
    delay_s = delay_s < limits->max_delay_s ? delay_s : limits->max_delay_s;
    int64_t passed_ms = now_ms - tally->last_ms;
    /* A clock that was set back must not make anybody wait longer. */
    int64_t rest_ms = delay_s * 1000 - (passed_ms < 0 ? 0 : passed_ms);
    return rest_ms > 0 ? rest_ms : 0;
}

typedef struct gate {
    const imi_attempt_limits *limits;
    int64_t now_ms;
    int64_t wait_ms; /* the longer of the two */
} gate;

static bool may_begin(void *user, const imi_attempt_tally *subject, const imi_attempt_tally *device)
{
    gate *self = user;
    int64_t by_subject = imi_attempt_wait_ms(self->limits, subject, self->now_ms);
    int64_t by_device = imi_attempt_wait_ms(self->limits, device, self->now_ms);
    self->wait_ms = by_subject > by_device ? by_subject : by_device;
    return self->wait_ms == 0;
}

/* The relying party's own name for a person says nothing without whose name it is. */
static imi_status digest_of_subject(const imi_session_record *record,
                                    uint8_t out[IMI_STORE_HASH_SIZE], imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&text, err, "%s\n%s", record->relying_party, record->subject_id));
    return imi_sha256(imi_buffer_view(&text), out, err);
}

imi_status imi_attempt_begin(imi_service *service, const imi_session_record *record,
                             const imi_purpose *purpose, int64_t *wait_ms_out, imi_error *err)
{
    gate check = {.limits = &purpose->attempt_limits, .now_ms = imi_service_now_ms(service)};
    imi_attempt_record attempt = {.number = record->attempts + 1, .at_ms = check.now_ms};
    *wait_ms_out = IMI_ATTEMPT_NEVER_MS;
    imi_copy_text(attempt.session_id, sizeof attempt.session_id, record->session_id);
    IMI_TRY(digest_of_subject(record, attempt.subject, err));
    IMI_TRY(
        imi_sha256((imi_view){record->device_key, record->device_key_size}, attempt.device, err));
    imi_store *store = service->options.store;
    bool admitted = false;
    IMI_TRY(store->begin_attempt(store, &attempt, check.now_ms - DAY_MS, may_begin, &check,
                                 &admitted, err));
    *wait_ms_out = check.wait_ms;
    return IMI_OK;
}
