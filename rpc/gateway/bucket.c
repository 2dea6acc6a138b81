#include "rpc/gateway/bucket.h"

#include <math.h>
#include <pthread.h>

typedef struct bucket {
    uint64_t key;
    int64_t at_ms; /* when tokens was true */
    double tokens;
    bool is_used;
} bucket;

struct imi_buckets {
    pthread_mutex_t mutex;
    imi_bucket_rule rule;
    bucket sets[IMI_BUCKET_SETS][IMI_BUCKET_WAYS];
};

imi_status imi_buckets_new(const imi_bucket_rule *rule, imi_buckets **out, imi_error *err)
{
    *out = NULL;
    if (!(rule->per_second > 0) || !(rule->burst >= 1) || !isfinite(rule->per_second) ||
        !isfinite(rule->burst)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a rate above 0 and a burst of 1 or more are needed");
    }
    imi_buckets *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for rate limits");
    }
    pthread_mutex_init(&fresh->mutex, NULL);
    fresh->rule = *rule;
    *out = fresh;
    return IMI_OK;
}

void imi_buckets_destroy(imi_buckets **buckets_pointer)
{
    imi_buckets *buckets = IMI_STEAL(buckets_pointer);
    if (buckets != NULL) {
        pthread_mutex_destroy(&buckets->mutex);
        imi_free(buckets);
    }
}

static void refill(const imi_bucket_rule *rule, bucket *it, int64_t now_ms)
{
    if (now_ms > it->at_ms) {
        double gained = (double)(now_ms - it->at_ms) / 1000.0 * rule->per_second;
        it->tokens = fmin(rule->burst, it->tokens + gained);
        it->at_ms = now_ms;
    }
}

/* The client's bucket, or a full one in the place that is missed least. */
static bucket *find(imi_buckets *self, uint64_t key, int64_t now_ms)
{
    bucket *set = self->sets[key % IMI_BUCKET_SETS];
    bucket *fullest = NULL;
    for (int i = 0; i < IMI_BUCKET_WAYS; i++) {
        bucket *it = &set[i];
        if (!it->is_used) {
            it->tokens = INFINITY; /* an empty place is taken before any other */
        } else {
            refill(&self->rule, it, now_ms);
        }
        if (it->is_used && it->key == key) {
            return it;
        }
        if (fullest == NULL || it->tokens > fullest->tokens) {
            fullest = it;
        }
    }
    *fullest = (bucket){key, now_ms, self->rule.burst, true};
    return fullest;
}

unsigned imi_buckets_take(imi_buckets *buckets, uint64_t key, int64_t now_ms)
{
    pthread_mutex_lock(&buckets->mutex);
    bucket *mine = find(buckets, key, now_ms);
    unsigned wait_s = 0;
    if (mine->tokens >= 1) {
        mine->tokens -= 1;
    } else {
        double seconds = (1 - mine->tokens) / buckets->rule.per_second;
        wait_s = seconds < 1 ? 1 : (unsigned)fmin(ceil(seconds), 3600);
    }
    pthread_mutex_unlock(&buckets->mutex);
    return wait_s;
}
