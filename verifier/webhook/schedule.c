#include "delivery.h"

#include <stdio.h>

enum { HTTP_GONE = 410, MINUTE_S = 60, HOUR_S = 3600, RETRY_AFTER_MOST_S = 24 * HOUR_S };

/* Before the next try, by the number of those that failed: three days in all. */
static const int64_t delays_s[IMI_WEBHOOK_TRIES - 1] = {
    5,          MINUTE_S,    5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S,
    6 * HOUR_S, 12 * HOUR_S, 24 * HOUR_S,  24 * HOUR_S,
};

static const double jitter_share = 0.2; /* of a delay, added at most */

static int64_t delay_ms(uint32_t failed, int64_t retry_after_s, double jitter)
{
    int64_t wanted = retry_after_s > RETRY_AFTER_MOST_S ? RETRY_AFTER_MOST_S : retry_after_s;
    int64_t seconds = delays_s[failed == 0 ? 0 : failed - 1];
    seconds = wanted > seconds ? wanted : seconds;
    return (int64_t)((double)seconds * 1000 * (1 + jitter_share * jitter));
}

static void describe_failure(const imi_webhook_outcome *outcome, char *out, size_t capacity)
{
    if (outcome->http_code == 0) {
        imi_copy_text(out, capacity, outcome->failure);
    } else {
        snprintf(out, capacity, "http_%ld", outcome->http_code);
    }
}

void imi_webhook_settle(imi_delivery_record *record, const imi_webhook_outcome *outcome,
                        int64_t now_ms, double jitter)
{
    if (outcome->http_code >= 200 && outcome->http_code <= 299) {
        record->state = IMI_DELIVERY_DONE;
        record->next_ms = 0;
        record->last_error[0] = '\0';
        return;
    }
    describe_failure(outcome, record->last_error, sizeof record->last_error);
    bool given_up = outcome->http_code == HTTP_GONE || record->attempts >= IMI_WEBHOOK_TRIES;
    record->state = given_up ? IMI_DELIVERY_DEAD : IMI_DELIVERY_PENDING;
    record->next_ms =
        given_up ? 0 : now_ms + delay_ms(record->attempts, outcome->retry_after_s, jitter);
}
