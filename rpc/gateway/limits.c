#include "rpc/gateway/limits.h"

#include "imi/bytes.h"
#include "imi/crypto.h"

enum { SALT_BYTES = 32, BURST_S = 4 };

struct imi_limits {
    uint8_t salt[SALT_BYTES];
    imi_buckets *addresses;
    imi_buckets *sessions;
};

static imi_status start(imi_limits *self, double per_address, double per_session, imi_error *err)
{
    const imi_bucket_rule address = {per_address, per_address * BURST_S};
    const imi_bucket_rule session = {per_session, per_session * BURST_S};
    IMI_TRY(imi_random(self->salt, sizeof self->salt, err));
    IMI_TRY(imi_buckets_new(&address, &self->addresses, err));
    return imi_buckets_new(&session, &self->sessions, err);
}

imi_status imi_limits_new(double per_address, double per_session, imi_limits **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_limits) fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for rate limits");
    }
    IMI_TRY(start(fresh, per_address, per_session, err));
    *out = IMI_STEAL(&fresh);
    return IMI_OK;
}

void imi_limits_destroy(imi_limits **limits_pointer)
{
    imi_limits *limits = IMI_STEAL(limits_pointer);
    if (limits != NULL) {
        imi_buckets_destroy(&limits->addresses);
        imi_buckets_destroy(&limits->sessions);
        imi_wipe(limits, sizeof *limits);
        imi_free(limits);
    }
}

/* Where the hash fails all clients share one bucket: that refuses rather than lets through. */
static uint64_t key_of(const imi_limits *self, imi_view name)
{
    uint8_t digest[IMI_SHA256_SIZE];
    uint64_t key = 0;
    if (imi_hmac_sha256((imi_view){self->salt, sizeof self->salt}, name, digest, NULL) == IMI_OK) {
        imi_copy(&key, digest, sizeof key);
    }
    return key;
}

unsigned imi_limits_take(imi_limits *limits, const imi_client_address *client,
                         const char *authorization, int64_t now_ms)
{
    imi_view address = {client->bytes, imi_client_address_key_size(client)};
    unsigned wait_s = imi_buckets_take(limits->addresses, key_of(limits, address), now_ms);
    if (wait_s == 0 && authorization != NULL) {
        uint64_t key = key_of(limits, imi_view_of_text(authorization));
        wait_s = imi_buckets_take(limits->sessions, key, now_ms);
    }
    return wait_s;
}
