/*
 * A key set that is kept. One thread at a time fetches, and the others go on with the set there
 * is; only when there is none do they wait.
 */
#include "internal.h"

#include "imi/clock.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    RENEW_S = 60, /* between fetches for unknown keys: anybody can send rubbish */
    RETRY_S = 10, /* between fetches that fail */
    MAX_AGE_S = 86400,
    MAX_STALE_S = 30 * 86400
};

static const int64_t NEVER = INT64_MIN;

struct imitoken_key_set {
    atomic_uint uses;
    imi_key_set *set;
};

struct imitoken_keys {
    imitoken_fetch fetch;
    void *user;
    char *uri;
    int64_t max_age_s, max_stale_s;
    imitoken_time time;
    pthread_mutex_t fetching; /* held while one thread fetches; taken before lock */
    pthread_mutex_t lock; /* of what follows */
    imitoken_key_set *current;
    int64_t fetched_at_s, fresh_until_s, tried_at_s;
};

int64_t imitoken_now_s(imitoken_time time)
{
    imi_clock *machine = imi_clock_system();
    return time.clock != NULL ? time.clock(time.user) : machine->unix_ms(machine) / 1000;
}

/* ---- Shared sets ---- */

const imi_key_set *imitoken_key_set_get(const imitoken_key_set *set)
{
    return set->set;
}

static imitoken_key_set *share(imitoken_key_set *set)
{
    if (set != NULL) {
        atomic_fetch_add(&set->uses, 1);
    }
    return set;
}

void imitoken_key_set_release(imitoken_key_set **set)
{
    if (set == NULL || *set == NULL) {
        return;
    }
    imitoken_key_set *taken = IMI_STEAL(set);
    if (atomic_fetch_sub(&taken->uses, 1) == 1) {
        imi_key_set_destroy(&taken->set);
        imi_free(taken);
    }
}

static imi_status parse(imi_view json, imitoken_key_set **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_key_set) parsed = NULL;
    IMI_TRY(imi_key_set_parse(json, &parsed, err));
    imitoken_key_set *set = imi_alloc(sizeof *set);
    if (set == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a key set");
    }
    atomic_init(&set->uses, 1);
    set->set = IMI_STEAL(&parsed);
    *out = set;
    return IMI_OK;
}

/* ---- Making ---- */

static bool are_usable(const imitoken_keys_options *options)
{
    bool is_fixed = options->fetch == NULL;
    return is_fixed == (options->jwks_json != NULL) && (is_fixed || options->uri != NULL) &&
           options->max_age_s >= 1 && options->max_age_s <= MAX_AGE_S &&
           options->max_stale_s >= 0 && options->max_stale_s <= MAX_STALE_S;
}

static imi_status fill(const imitoken_keys_options *options, imitoken_keys *keys, imi_error *err)
{
    if (options->fetch == NULL) {
        imi_view json = {(const uint8_t *)options->jwks_json, options->jwks_size};
        return parse(json, &keys->current, err);
    }
    keys->uri = imi_strdup(options->uri);
    if (keys->uri == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the address of a key set");
    }
    return IMI_OK;
}

imitoken_code imitoken_keys_new(const imitoken_keys_options *options, imitoken_keys **out,
                                imitoken_error *err)
{
    if (out == NULL) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "out is missing");
    }
    *out = NULL;
    if (!IMITOKEN_FITS(options) || !are_usable(options)) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT,
                             "a key set needs fetch and uri, or jwks_json alone, and bounds");
    }
    imitoken_keys *keys = imi_alloc(sizeof *keys);
    if (keys == NULL) {
        return imitoken_fail(err, IMITOKEN_E_NO_MEMORY, "no memory for a key set");
    }
    *keys = (imitoken_keys){.fetch = options->fetch,
                            .user = options->user,
                            .max_age_s = options->max_age_s,
                            .max_stale_s = options->max_stale_s,
                            .time = {options->clock, options->clock_user},
                            .fetching = PTHREAD_MUTEX_INITIALIZER,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .tried_at_s = NEVER};
    imi_error cause = IMI_ERROR_INIT;
    imi_status status = fill(options, keys, &cause);
    if (status != IMI_OK) {
        imitoken_keys_destroy(&keys);
        return imitoken_fail_as(err, status, &cause);
    }
    *out = keys;
    return IMITOKEN_OK;
}

void imitoken_keys_destroy(imitoken_keys **keys)
{
    if (keys == NULL || *keys == NULL) {
        return;
    }
    imitoken_keys *taken = IMI_STEAL(keys);
    imitoken_key_set_release(&taken->current);
    pthread_mutex_destroy(&taken->fetching);
    pthread_mutex_destroy(&taken->lock);
    imi_free(taken->uri);
    imi_free(taken);
}

/* ---- Fetching ---- */

static void install(imitoken_keys *keys, imitoken_key_set *take_set, int64_t max_age_s,
                    int64_t now_s)
{
    pthread_mutex_lock(&keys->lock);
    imitoken_key_set *old = keys->current;
    keys->current = take_set;
    keys->fetched_at_s = now_s;
    keys->fresh_until_s = now_s + max_age_s;
    pthread_mutex_unlock(&keys->lock);
    imitoken_key_set_release(&old);
}

/* Since the last attempt; a clock that was set back counts as time that has passed. */
static bool may_try(imitoken_keys *keys, int64_t interval_s, int64_t now_s)
{
    pthread_mutex_lock(&keys->lock);
    bool may = keys->tried_at_s == NEVER || now_s < keys->tried_at_s ||
               now_s - keys->tried_at_s >= interval_s;
    if (may) {
        keys->tried_at_s = now_s;
    }
    pthread_mutex_unlock(&keys->lock);
    return may;
}

static imi_status fetch_now(imitoken_keys *keys, int64_t now_s, imi_error *err)
{
    IMITOKEN_AUTO_DOCUMENT document;
    imitoken_key_set *set = NULL;
    if (!imitoken_document_fetch(&document, keys->fetch, keys->user, keys->uri,
                                 IMI_JWKS_BYTES_MAX)) {
        IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the key set could not be fetched");
    }
    IMI_TRY(parse(imi_buffer_view(&document.body), &set, err));
    int64_t max_age_s = document.max_age_s < 0 ? keys->max_age_s : document.max_age_s;
    install(keys, set, max_age_s, now_s);
    return IMI_OK;
}

/* IMI_OK also where it is not time to try. With must_wait false, also where another is at it. */
static imi_status fetch_if_due(imitoken_keys *keys, int64_t interval_s, bool must_wait,
                               imi_error *err)
{
    int busy =
        must_wait ? pthread_mutex_lock(&keys->fetching) : pthread_mutex_trylock(&keys->fetching);
    if (busy != 0) {
        return IMI_OK;
    }
    int64_t now_s = imitoken_now_s(keys->time);
    imi_status status = may_try(keys, interval_s, now_s) ? fetch_now(keys, now_s, err) : IMI_OK;
    pthread_mutex_unlock(&keys->fetching);
    return status;
}

/* The set, if it may still be used; NULL otherwise. */
static imitoken_key_set *take_usable(imitoken_keys *keys, int64_t now_s, bool *fresh_out)
{
    pthread_mutex_lock(&keys->lock);
    bool is_fixed = keys->fetch == NULL;
    *fresh_out = is_fixed || (keys->current != NULL && now_s >= keys->fetched_at_s &&
                              now_s < keys->fresh_until_s);
    bool is_usable = *fresh_out || now_s - keys->fresh_until_s < keys->max_stale_s;
    imitoken_key_set *set = is_usable ? share(keys->current) : NULL;
    pthread_mutex_unlock(&keys->lock);
    return set;
}

imitoken_code imitoken_keys_acquire(imitoken_keys *keys, imitoken_key_set **out,
                                    imitoken_error *err)
{
    bool is_fresh = false;
    int64_t now_s = imitoken_now_s(keys->time);
    *out = take_usable(keys, now_s, &is_fresh);
    if (is_fresh) {
        return IMITOKEN_OK;
    }
    imi_error cause = {.message = "the key set could not be fetched some seconds ago"};
    imi_status status = fetch_if_due(keys, RETRY_S, *out == NULL, &cause);
    imitoken_key_set_release(out);
    *out = take_usable(keys, now_s, &is_fresh);
    if (*out != NULL) {
        return IMITOKEN_OK;
    }
    return imitoken_fail(
        err, status == IMI_E_NO_MEMORY ? IMITOKEN_E_NO_MEMORY : IMITOKEN_E_KEYS_UNAVAILABLE,
        cause.message);
}

bool imitoken_keys_renew(imitoken_keys *keys, imitoken_key_set **set)
{
    if (keys->fetch == NULL || fetch_if_due(keys, RENEW_S, true, NULL) != IMI_OK) {
        return false;
    }
    bool is_fresh = false;
    imitoken_key_set *newer = take_usable(keys, imitoken_now_s(keys->time), &is_fresh);
    bool is_other = newer != NULL && newer != *set;
    imitoken_key_set_release(is_other ? set : &newer);
    if (is_other) {
        *set = newer;
    }
    return is_other;
}

imitoken_code imitoken_keys_refresh(imitoken_keys *keys, imitoken_error *err)
{
    if (keys == NULL) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "keys are missing");
    }
    if (keys->fetch == NULL) {
        return IMITOKEN_OK;
    }
    imi_error cause = IMI_ERROR_INIT;
    imi_status status = fetch_if_due(keys, RETRY_S, true, &cause);
    return status == IMI_OK ? IMITOKEN_OK
                            : imitoken_fail(err,
                                            status == IMI_E_NO_MEMORY ? IMITOKEN_E_NO_MEMORY
                                                                      : IMITOKEN_E_KEYS_UNAVAILABLE,
                                            cause.message);
}

imitoken_code imitoken_verify_by(imitoken_keys *keys, imitoken_verify verify, void *user,
                                 imitoken_error *err)
{
    IMI_AUTO(imitoken_key_set) set = NULL;
    IMITOKEN_TRY(imitoken_keys_acquire(keys, &set, err));
    imi_error cause = IMI_ERROR_INIT;
    imi_status status = verify(set->set, user, &cause);
    if (status == IMI_E_TOKEN_KEY_UNKNOWN && imitoken_keys_renew(keys, &set)) {
        status = verify(set->set, user, &cause);
    }
    return imitoken_fail_as(err, status, &cause);
}
