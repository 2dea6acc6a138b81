#include "log_keeper.h"

#include "imi/log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    INTEGRATE_MS = 250, /* within a second of the decision, and still many leaves at once */
    OPEN_AGAIN_MS = 1000,
    ASK_MS = 500, /* between looks whether there is something to be witnessed */
    ASK_TIMEOUT_MS = 2000, /* that witnesses have; ending waits as long at most */
    ASK_AGAIN_MS = 5000, /* those that did not cosign */
    ALARM_MS = 60000,
    PAGE = 4096 /* entries, of 32 bytes */
};

_Static_assert((int)IMI_LEDGER_ENTRY_SIZE == (int)IMI_STORE_HASH_SIZE,
               "what the store keeps of a leaf is its entry");

struct imi_log_keeper {
    imi_store *store;
    char origin[IMI_NOTE_NAME_SIZE];
    char *key_file;
    imi_ledger_folder folder;
    imi_note_signer *signer; /* for its key alone: the ledger signs */
    imi_note_key witnesses[IMI_LEDGER_WITNESSES_MAX];
    size_t witness_count, witnesses_needed;
    imi_witness_client *client;
    pthread_t integrator, asker;
    bool integrator_runs, asker_runs;
    int64_t next_index; /* the integrator's alone: leaves before it are in the log */
    int64_t alarmed_ms; /* the integrator's alone */
    imi_ledger_entry page[PAGE]; /* the integrator's alone */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    imi_ledger *ledger; /* once open it stays until the keeper ends */
    imi_log_health health;
    bool stopping;
};

static int64_t now_ms(void)
{
    return imi_clock_system()->monotonic_ms(imi_clock_system());
}

/* ---- What both threads share ---- */

/* Sleep, unless the keeper ends. Returns whether to go on. */
static bool rest(imi_log_keeper *self, int64_t time_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + time_ms % 1000 * 1000000;
    until.tv_sec += time_ms / 1000 + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&self->mutex);
    while (!self->stopping && pthread_cond_timedwait(&self->changed, &self->mutex, &until) == 0) {
    }
    bool go_on = !self->stopping;
    pthread_mutex_unlock(&self->mutex);
    return go_on;
}

static imi_ledger *open_ledger_of(imi_log_keeper *self)
{
    pthread_mutex_lock(&self->mutex);
    imi_ledger *ledger = self->ledger;
    pthread_mutex_unlock(&self->mutex);
    return ledger;
}

imi_log_health imi_log_keeper_health(imi_log_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    imi_log_health health = keeper->health;
    pthread_mutex_unlock(&keeper->mutex);
    return health;
}

/* ---- Integration ---- */

static imi_log_health health_of(imi_status status)
{
    switch (status) {
    case IMI_OK:
        return IMI_LOG_WRITING;
    case IMI_E_CONFLICT:
        return IMI_LOG_STANDING_BY;
    case IMI_E_LEDGER_REWRITTEN:
        return IMI_LOG_REWRITTEN;
    default:
        return IMI_LOG_FAILING;
    }
}

/* Say what has changed once, and again each minute as long as something is wrong. */
static void note(imi_log_keeper *self, imi_log_health health, const imi_error *error)
{
    pthread_mutex_lock(&self->mutex);
    imi_log_health before = self->health;
    self->health = health;
    pthread_mutex_unlock(&self->mutex);
    bool wrong = health == IMI_LOG_FAILING || health == IMI_LOG_REWRITTEN;
    bool again = wrong && now_ms() - self->alarmed_ms >= ALARM_MS;
    bool as_it_should = before == IMI_LOG_STARTING && health == IMI_LOG_WRITING;
    if ((before == health && !again) || as_it_should) {
        return;
    }
    self->alarmed_ms = now_ms();
    if (health == IMI_LOG_REWRITTEN) {
        imi_log(IMI_LOG_ERROR, "ledger", "the public log is not written any more: %s",
                error->message);
    } else if (health == IMI_LOG_FAILING) {
        imi_log(IMI_LOG_ERROR, "ledger", "the public log cannot be written now: %s",
                error->message);
    } else {
        imi_log(IMI_LOG_INFO, "ledger", "the public log is %s",
                health == IMI_LOG_WRITING ? "written" : "another process's to write");
    }
}

static imi_status open_log(imi_log_keeper *self, imi_error *err)
{
    imi_ledger_options options = {
        .folder = self->folder.path,
        .key_file = self->key_file,
        .origin = self->origin,
        .witnesses = self->witnesses,
        .witness_count = self->witness_count,
        .witnesses_needed = self->witnesses_needed,
    };
    imi_ledger *ledger = NULL;
    IMI_TRY(imi_ledger_open(&options, &ledger, err));
    pthread_mutex_lock(&self->mutex);
    self->ledger = ledger;
    pthread_mutex_unlock(&self->mutex);
    self->next_index = 0; /* all of them are compared with what is in the log */
    return IMI_OK;
}

/* The store's leaves up to now. Those that are in already are compared. */
static imi_status integrate_all(imi_log_keeper *self, imi_ledger *ledger, imi_error *err)
{
    imi_store *store = self->store;
    size_t count = PAGE;
    while (count == PAGE) {
        IMI_TRY(store->list_leaves(store, self->next_index,
                                   (uint8_t(*)[IMI_STORE_HASH_SIZE])self->page, PAGE, &count, err));
        if (count > 0) {
            IMI_TRY(
                imi_ledger_integrate(ledger, (uint64_t)self->next_index, self->page, count, err));
            self->next_index += (int64_t)count;
        }
    }
    if ((uint64_t)self->next_index < imi_ledger_size(ledger)) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log has %llu entries, the database only %lld: restore its newest state",
                 (unsigned long long)imi_ledger_size(ledger), (long long)self->next_index);
    }
    return IMI_OK;
}

static imi_status integrate_once(imi_log_keeper *self, imi_error *err)
{
    if (open_ledger_of(self) == NULL) {
        IMI_TRY(open_log(self, err));
    }
    imi_status status = integrate_all(self, open_ledger_of(self), err);
    if (status == IMI_E_CONFLICT) {
        err->status = IMI_E_LEDGER_REWRITTEN; /* entries between are missing: nobody else writes */
        return err->status;
    }
    return status;
}

static void *run_integrator(void *user)
{
    imi_log_keeper *self = user;
    imi_log_health health;
    do {
        imi_error error = IMI_ERROR_INIT;
        health = imi_log_keeper_health(self);
        if (health != IMI_LOG_REWRITTEN) {
            health = health_of(integrate_once(self, &error));
        } else {
            imi_copy_text(error.message, sizeof error.message, "its history was rewritten");
        }
        note(self, health, &error);
    } while (rest(self, health == IMI_LOG_WRITING ? INTEGRATE_MS : OPEN_AGAIN_MS));
    if (health == IMI_LOG_WRITING) {
        imi_error error = IMI_ERROR_INIT;
        note(self, health_of(integrate_once(self, &error)), &error);
    }
    return NULL;
}

/* ---- Witnesses ---- */

static size_t ask(imi_log_keeper *self, imi_ledger *ledger)
{
    size_t cosigned = 0;
    imi_error error = IMI_ERROR_INIT;
    if (imi_witness_client_collect(self->client, ledger, ASK_TIMEOUT_MS, &cosigned, &error) !=
        IMI_OK) {
        imi_log(IMI_LOG_WARNING, "ledger", "cosignatures could not be published: %s",
                error.message);
    }
    return cosigned;
}

static void *run_asker(void *user)
{
    imi_log_keeper *self = user;
    uint64_t asked_size = UINT64_MAX;
    int64_t asked_ms = 0;
    size_t cosigned = 0;
    while (rest(self, ASK_MS)) {
        imi_ledger *ledger = open_ledger_of(self);
        uint64_t size = ledger == NULL ? 0 : imi_ledger_size(ledger);
        bool lacking = cosigned < self->witness_count && now_ms() - asked_ms >= ASK_AGAIN_MS;
        if (size > 0 && (size != asked_size || lacking)) {
            asked_size = size;
            cosigned = ask(self, ledger);
            asked_ms = now_ms();
        }
    }
    return NULL;
}

/* ---- Beginning and end ---- */

imi_status imi_log_origin(const char *issuer, char out[IMI_NOTE_NAME_SIZE], imi_error *err)
{
    const char *host = strstr(issuer, "://");
    host = host == NULL ? issuer : host + 3;
    int size = snprintf(out, IMI_NOTE_NAME_SIZE, "%.*s/log", (int)strcspn(host, "/?#"), host);
    if (size < 0 || size >= IMI_NOTE_NAME_SIZE) {
        IMI_FAIL(err, IMI_E_POLICY, "the issuer's host is too long for the name of a log");
    }
    return IMI_OK;
}

static imi_status take_witnesses(imi_log_keeper *self, const imi_log_rules *rules, imi_error *err)
{
    imi_witness_address addresses[IMI_LEDGER_WITNESSES_MAX];
    if (rules->witness_count > IMI_LEDGER_WITNESSES_MAX) {
        IMI_FAIL(err, IMI_E_POLICY, "the policy names more than %d witnesses",
                 IMI_LEDGER_WITNESSES_MAX);
    }
    for (size_t i = 0; i < rules->witness_count; i++) {
        addresses[i].url = rules->witnesses[i].url;
        IMI_TRY(
            imi_note_key_parse(imi_view_of_text(rules->witnesses[i].key), &addresses[i].key, err));
        self->witnesses[i] = addresses[i].key;
    }
    self->witness_count = rules->witness_count;
    self->witnesses_needed = rules->quorum;
    return imi_witness_client_new(addresses, rules->witness_count, &self->client, err);
}

static imi_status prepare(imi_log_keeper *self, const imi_log_keeper_options *options,
                          imi_error *err)
{
    self->store = options->store;
    self->key_file = imi_strdup(options->key_file);
    if (self->key_file == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the keeper of the log");
    }
    IMI_TRY(imi_ledger_folder_init(&self->folder, options->folder, err));
    IMI_TRY(imi_log_origin(imi_policy_issuer(options->policy), self->origin, err));
    IMI_TRY(
        imi_note_signer_load(self->key_file, self->origin, IMI_NOTE_ED25519, &self->signer, err));
    return take_witnesses(self, imi_policy_log(options->policy), err);
}

static imi_status start_threads(imi_log_keeper *self, imi_error *err)
{
    self->integrator_runs = pthread_create(&self->integrator, NULL, run_integrator, self) == 0;
    bool asks = self->witness_count > 0;
    self->asker_runs = asks && pthread_create(&self->asker, NULL, run_asker, self) == 0;
    if (!self->integrator_runs || self->asker_runs != asks) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "no thread for the keeper of the log");
    }
    return IMI_OK;
}

imi_status imi_log_keeper_new(const imi_log_keeper_options *options, imi_log_keeper **out,
                              imi_error *err)
{
    *out = NULL;
    imi_log_keeper *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the keeper of the log");
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&fresh->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&fresh->mutex, NULL);
    IMI_AUTO(imi_log_keeper) self = fresh;
    IMI_TRY(prepare(self, options, err));
    IMI_TRY(start_threads(self, err));
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

void imi_log_keeper_destroy(imi_log_keeper **keeper)
{
    imi_log_keeper *self = keeper == NULL ? NULL : IMI_STEAL(keeper);
    if (self == NULL) {
        return;
    }
    pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (self->integrator_runs) {
        pthread_join(self->integrator, NULL);
    }
    if (self->asker_runs) {
        pthread_join(self->asker, NULL);
    }
    imi_witness_client_destroy(&self->client);
    imi_ledger_close(&self->ledger);
    imi_note_signer_destroy(&self->signer);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    imi_free(self->key_file);
    imi_free(self);
}

/* ---- Receipts ---- */

const imi_note_key *imi_log_keeper_key(const imi_log_keeper *keeper)
{
    return imi_note_signer_key(keeper->signer);
}

imi_status imi_log_keeper_receipt(imi_log_keeper *keeper, const imi_leaf_record *leaf,
                                  imi_view event, imi_buffer *out, imi_error *err)
{
    imi_ledger_trust trust = {imi_log_keeper_key(keeper), keeper->witnesses, keeper->witness_count,
                              keeper->witnesses_needed};
    return imi_ledger_receipt_of(&keeper->folder.base, &trust, (uint64_t)leaf->index, event,
                                 leaf->salt, out, err);
}
