/**
 * Token buckets: how many requests one address or one session may make, in bounded memory.
 *
 * Threads: safe.
 */
#ifndef IMI_GATEWAY_BUCKET_H
#define IMI_GATEWAY_BUCKET_H

#include "imi/memory.h"
#include "imi/status.h"

#include <stdint.h>

enum {
    IMI_BUCKET_SETS = 2048,
    IMI_BUCKET_WAYS = 8 /* clients remembered at once: SETS * WAYS */
};

/** What one client may do. */
typedef struct imi_bucket_rule {
    double per_second; /* lasting rate, above 0 */
    double burst; /* at once after a rest, at least 1 */
} imi_bucket_rule;

typedef struct imi_buckets imi_buckets;

/** Errors: IMI_E_INVALID_ARGUMENT when the rule lets nobody through. */
IMI_MUST_USE imi_status imi_buckets_new(const imi_bucket_rule *rule, imi_buckets **out,
                                        imi_error *err);
void imi_buckets_destroy(imi_buckets **buckets);
IMI_AUTO_DEFINE(imi_buckets, imi_buckets_destroy)

/**
 * Take one token of a client.
 *
 * key:     of the client; keyed by a secret, so that nobody can choose whom to push out.
 * now_ms:  of a clock that does not go back.
 * Returns: 0 when it may go on, else the whole seconds to wait, at least 1.
 *
 * When a set is full, the client that has most tokens left is forgotten: it loses least by
 * beginning anew, and whoever is being held back stays known.
 */
unsigned imi_buckets_take(imi_buckets *buckets, uint64_t key, int64_t now_ms);

#endif
