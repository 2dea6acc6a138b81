/**
 * Webhooks: events that are due are posted, signed, to the addresses in the policy.
 *
 * At least once: a call that is not answered with 2xx is made again, over three days, with the same
 * webhook-id. A receiver that is slow or away holds up no other.
 */
#ifndef IMI_WEBHOOK_H
#define IMI_WEBHOOK_H

#include "imi/clock.h"
#include "imi/policy.h"
#include "imi/store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_webhook_sender imi_webhook_sender;

/** All borrowed; they outlive the sender. */
typedef struct imi_webhook_options {
    imi_store *store;
    imi_clock *clock;
    const imi_policy *policy; /* whose relying parties have webhooks */
    const char *folder; /* of secret files whose path is relative */
    const char *ca_file; /* PEM; NULL = the system's authorities */
} imi_webhook_options;

/**
 * Read the secrets, which makes those that are missing, and start to send.
 *
 * Threads: one of its own, and none if no relying party has a webhook.
 * Errors:  IMI_E_KEY, IMI_E_IO of a secret file; IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_webhook_sender_new(const imi_webhook_options *options,
                                               imi_webhook_sender **out, imi_error *err);
/** There may be something due now. Never blocks; from any thread. Without it a second passes. */
void imi_webhook_sender_wake(imi_webhook_sender *sender);
/**
 * Stop at once. Calls under way are cut off: they are due again when their lease is over, here or
 * in another process.
 */
void imi_webhook_sender_destroy(imi_webhook_sender **sender);
IMI_AUTO_DEFINE(imi_webhook_sender, imi_webhook_sender_destroy)

#ifdef __cplusplus
}
#endif
#endif
