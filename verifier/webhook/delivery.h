/**
 * What a webhook call says, and what becomes of a delivery after a try. No I/O.
 */
#ifndef IMI_WEBHOOK_DELIVERY_H
#define IMI_WEBHOOK_DELIVERY_H

#include "imi/store.h"

enum { IMI_WEBHOOK_TRIES = 10 };

/**
 * Append the body: JSON of codes, never personal data and never a token. decision: of the session,
 * shown with the event "decided" alone.
 */
IMI_MUST_USE imi_status imi_webhook_body(const imi_feed_record *item, imi_decision decision,
                                         imi_buffer *out, imi_error *err);

/** How a try ended. */
typedef struct imi_webhook_outcome {
    long http_code; /* 0 = no answer */
    const char *failure; /* code, when there was no answer: "timeout"; static storage */
    int64_t retry_after_s; /* that the receiver asked for; 0 = none */
} imi_webhook_outcome;

/**
 * State, next_ms and last_error of a claimed delivery after its try.
 *
 * jitter: in [0, 1), drawn anew for each, so that what failed together does not come again
 * together.
 */
void imi_webhook_settle(imi_delivery_record *record, const imi_webhook_outcome *outcome,
                        int64_t now_ms, double jitter);

#endif
