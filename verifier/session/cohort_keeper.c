#include "cohort_keeper.h"

#include "cohort_draw.h"
#include "imi/log.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum {
    CHECK_MS = 60000, /* between looks at the population */
    AGE_MAX_S = 30 * 24 * 3600,
    MEMBERS_LEFT_PERCENT = 90
};

struct imi_cohort_keeper {
    imi_cohort_keeper_options options;
    pthread_mutex_t mutex; /* guards the following, and is held for pointers only */
    imi_shared_cohort *current; /* holds a reference; NULL = none */
    int64_t next_check_ms; /* monotonic */
    bool claimed; /* a refresh runs or waits */
    /* Used by the one refresh only. */
    bool told_why_none;
    /* What was loaded last. Members only ever leave a stored cohort, so that their number tells
     * whether it is still the same; making a cohort anew costs a second. */
    char loaded_id[IMI_ID_SIZE];
    size_t loaded_members;
    bool loaded_usable;
};

/* ---- The cohort in use ---- */

void imi_shared_cohort_release(imi_shared_cohort **shared_pointer)
{
    imi_shared_cohort *shared = shared_pointer == NULL ? NULL : IMI_STEAL(shared_pointer);
    if (shared != NULL && atomic_fetch_sub(&shared->references, 1) == 1) {
        imi_cohort_destroy(&shared->cohort);
        imi_free(shared);
    }
}

imi_shared_cohort *imi_cohort_keeper_acquire(imi_cohort_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    imi_shared_cohort *shared = keeper->current;
    if (shared != NULL) {
        atomic_fetch_add(&shared->references, 1);
    }
    pthread_mutex_unlock(&keeper->mutex);
    return shared;
}

/* NULL takes the present one away. */
static void put_in_use(imi_cohort_keeper *keeper, imi_shared_cohort *take_fresh)
{
    pthread_mutex_lock(&keeper->mutex);
    imi_shared_cohort *former = keeper->current;
    keeper->current = take_fresh;
    pthread_mutex_unlock(&keeper->mutex);
    imi_shared_cohort_release(&former);
}

size_t imi_cohort_keeper_size(imi_cohort_keeper *keeper)
{
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(keeper);
    return shared == NULL ? 0 : imi_cohort_size(shared->cohort);
}

static bool is_in_use(imi_cohort_keeper *keeper, const imi_cohort *cohort)
{
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(keeper);
    return shared != NULL && strcmp(imi_cohort_id(shared->cohort), imi_cohort_id(cohort)) == 0;
}

static imi_status use_cohort(imi_cohort_keeper *keeper, imi_cohort **take_cohort, imi_error *err)
{
    if (is_in_use(keeper, *take_cohort)) {
        return IMI_OK;
    }
    imi_shared_cohort *shared = imi_alloc(sizeof *shared);
    if (shared == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort");
    }
    atomic_init(&shared->references, 1);
    shared->cohort = IMI_STEAL(take_cohort);
    imi_log(IMI_LOG_INFO, "cohort", "scores are normalised with %s of %zu people",
            imi_cohort_id(shared->cohort), imi_cohort_size(shared->cohort));
    put_in_use(keeper, shared);
    keeper->told_why_none = false;
    return IMI_OK;
}

static void use_none(imi_cohort_keeper *keeper, int64_t subjects)
{
    if (!keeper->told_why_none) {
        imi_log(IMI_LOG_WARNING, "cohort",
                "scores are raw until %d people are enrolled; %lld are now", IMI_COHORT_MEMBERS_MIN,
                (long long)subjects);
        keeper->told_why_none = true;
    }
    put_in_use(keeper, NULL);
}

/* ---- Members ---- */

/* Templates on their way from the store into a cohort. */
typedef struct gathered {
    imi_template *templates;
    imi_cohort_member members[IMI_COHORT_MEMBERS_MAX];
    char reference_ids[IMI_COHORT_MEMBERS_MAX][IMI_ID_SIZE];
    size_t count;
} gathered;

static void gathered_destroy(gathered **self_pointer)
{
    gathered *self = *self_pointer;
    if (self != NULL) {
        for (size_t i = 0; i < self->count; i++) {
            imi_template_wipe(&self->templates[i]);
        }
        imi_free(self->templates);
        imi_free(self);
        *self_pointer = NULL;
    }
}
IMI_AUTO_DEFINE(gathered, gathered_destroy)

static imi_status gathered_new(gathered **out, imi_error *err)
{
    IMI_AUTO(gathered) self = imi_alloc(sizeof *self);
    if (self != NULL) {
        self->templates = imi_alloc_aligned(IMI_COHORT_MEMBERS_MAX, sizeof *self->templates);
    }
    if (self == NULL || self->templates == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the members of a cohort");
    }
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

/* A member whose template cannot be read is left out: the others make a cohort without it. */
static imi_status gather_member(void *user, const imi_reference_record *record,
                                imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)statistics_blob, (void)err;
    gathered *self = user;
    if (self->count == IMI_COHORT_MEMBERS_MAX) {
        return IMI_OK;
    }
    imi_template *place = &self->templates[self->count];
    if (imi_template_decode(template_blob, place, NULL) != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "cohort", "reference %s cannot be read", record->reference_id);
        return IMI_OK;
    }
    self->members[self->count] = (imi_cohort_member){
        .subject = imi_subject_key_of(record->relying_party, record->subject_id),
        .face_template = place,
    };
    imi_copy_text(self->reference_ids[self->count], IMI_ID_SIZE, record->reference_id);
    self->count++;
    return IMI_OK;
}

/* ---- From the store ---- */

static imi_status count_member(void *user, const imi_reference_record *record,
                               imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)record, (void)template_blob, (void)statistics_blob, (void)err;
    ++*(size_t *)user;
    return IMI_OK;
}

static void note_loaded(imi_cohort_keeper *keeper, const char *cohort_id, size_t members,
                        bool usable)
{
    imi_copy_text(keeper->loaded_id, sizeof keeper->loaded_id, cohort_id);
    keeper->loaded_members = members;
    keeper->loaded_usable = usable;
}

/* usable_out: false if too little of it is left. */
static imi_status load_members(imi_cohort_keeper *keeper, bool *usable_out, imi_error *err)
{
    *usable_out = false;
    imi_store *store = keeper->options.store;
    imi_cohort_record record;
    IMI_AUTO(gathered) all = NULL;
    IMI_TRY(gathered_new(&all, err));
    IMI_TRY(store->visit_newest_cohort(store, keeper->options.model_version, &record, gather_member,
                                       all, err));
    IMI_AUTO(imi_cohort) cohort = NULL;
    imi_status status =
        imi_cohort_new(keeper->options.scorer, all->members, all->count, &cohort, err);
    if (status == IMI_E_CALIBRATION || status == IMI_E_MODEL_MISMATCH) {
        return IMI_OK;
    }
    IMI_TRY(status);
    *usable_out = true;
    return use_cohort(keeper, &cohort, err);
}

/* What the store has, and whether it can be used. */
typedef struct stored_cohort {
    imi_cohort_record record;
    size_t members;
    bool usable;
} stored_cohort;

/* Use the stored cohort, as far as its members are still there. */
static imi_status load_stored(imi_cohort_keeper *keeper, stored_cohort *out, imi_error *err)
{
    *out = (stored_cohort){.usable = false};
    imi_store *store = keeper->options.store;
    imi_status status = store->visit_newest_cohort(store, keeper->options.model_version,
                                                   &out->record, count_member, &out->members, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    if (strcmp(out->record.cohort_id, keeper->loaded_id) == 0 &&
        out->members == keeper->loaded_members) {
        out->usable = keeper->loaded_usable;
        return IMI_OK;
    }
    IMI_TRY(load_members(keeper, &out->usable, err));
    note_loaded(keeper, out->record.cohort_id, out->members, out->usable);
    return IMI_OK;
}

/* ---- Drawing ---- */

static int64_t now_ms(const imi_cohort_keeper *keeper)
{
    return keeper->options.clock->unix_ms(keeper->options.clock);
}

static bool is_old(const imi_cohort_keeper *keeper, const imi_cohort_record *record)
{
    return (now_ms(keeper) - record->created_ms) / 1000 >= AGE_MAX_S;
}

static bool must_draw(const imi_cohort_keeper *keeper, const stored_cohort *stored,
                      int64_t subjects)
{
    const imi_cohort_record *record = &stored->record;
    int64_t drawn =
        record->population < IMI_COHORT_MEMBERS_MAX ? record->population : IMI_COHORT_MEMBERS_MAX;
    bool lost = (int64_t)stored->members * 100 < drawn * MEMBERS_LEFT_PERCENT;
    bool grown = subjects * 2 >= record->population * 3;
    return subjects >= IMI_COHORT_MEMBERS_MIN &&
           (!stored->usable || lost || grown || is_old(keeper, record));
}

static imi_status fetch_drawn(imi_cohort_keeper *keeper, const imi_cohort_draw *draw, gathered *all,
                              imi_error *err)
{
    imi_store *store = keeper->options.store;
    for (size_t i = 0; i < draw->count; i++) {
        imi_reference_record record = {0};
        IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
        imi_status status =
            store->get_reference(store, draw->members[i].reference_id, &record, &blob, err);
        if (status == IMI_E_NOT_FOUND) {
            continue; /* erased meanwhile */
        }
        IMI_TRY(status);
        IMI_TRY(gather_member(all, &record, imi_buffer_view(&blob), (imi_view){NULL, 0}, err));
    }
    return IMI_OK;
}

static imi_status store_and_use(imi_cohort_keeper *keeper, const gathered *all, int64_t subjects,
                                imi_error *err)
{
    IMI_AUTO(imi_cohort) cohort = NULL;
    IMI_TRY(imi_cohort_new(keeper->options.scorer, all->members, all->count, &cohort, err));
    imi_cohort_record record = {.created_ms = now_ms(keeper), .population = subjects};
    imi_copy_text(record.cohort_id, sizeof record.cohort_id, imi_cohort_id(cohort));
    imi_copy_text(record.model_version, sizeof record.model_version, keeper->options.model_version);
    imi_store *store = keeper->options.store;
    IMI_TRY(store->put_cohort(store, &record, (const char(*)[IMI_ID_SIZE])all->reference_ids,
                              all->count, err));
    note_loaded(keeper, record.cohort_id, all->count, true);
    return use_cohort(keeper, &cohort, err);
}

static imi_status draw_members(imi_cohort_keeper *keeper, imi_cohort_draw *draw, int64_t references,
                               int64_t subjects, imi_error *err)
{
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    imi_cohort_draw_init(draw, seed, IMI_COHORT_MEMBERS_MAX);
    IMI_TRY(imi_cohort_draw_from(draw, keeper->options.store, keeper->options.model_version,
                                 (size_t)references, IMI_COHORT_VISITED_MAX, err));
    IMI_AUTO(gathered) all = NULL;
    IMI_TRY(gathered_new(&all, err));
    IMI_TRY(fetch_drawn(keeper, draw, all, err));
    return store_and_use(keeper, all, subjects, err);
}

static imi_status draw_cohort(imi_cohort_keeper *keeper, int64_t references, int64_t subjects,
                              imi_error *err)
{
    imi_cohort_draw *draw = imi_alloc(sizeof *draw);
    if (draw == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to draw a cohort");
    }
    imi_status status = draw_members(keeper, draw, references, subjects, err);
    imi_free(draw);
    return status;
}

static imi_status refresh(imi_cohort_keeper *keeper, imi_error *err)
{
    imi_store *store = keeper->options.store;
    int64_t references = 0, subjects = 0;
    stored_cohort stored;
    IMI_TRY(
        store->count_references(store, keeper->options.model_version, &references, &subjects, err));
    IMI_TRY(load_stored(keeper, &stored, err));
    if (must_draw(keeper, &stored, subjects)) {
        return draw_cohort(keeper, references, subjects, err);
    }
    if (!stored.usable) {
        use_none(keeper, subjects);
    }
    return IMI_OK;
}

void imi_cohort_keeper_refresh(imi_cohort_keeper *keeper)
{
    imi_error error = IMI_ERROR_INIT;
    if (refresh(keeper, &error) != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "cohort", "the cohort could not be refreshed: %s", error.message);
    }
    pthread_mutex_lock(&keeper->mutex);
    keeper->claimed = false;
    pthread_mutex_unlock(&keeper->mutex);
}

/* ---- When ---- */

static int64_t monotonic_ms(const imi_cohort_keeper *keeper)
{
    return keeper->options.clock->monotonic_ms(keeper->options.clock);
}

bool imi_cohort_keeper_claim(imi_cohort_keeper *keeper)
{
    int64_t now = monotonic_ms(keeper);
    pthread_mutex_lock(&keeper->mutex);
    bool due = !keeper->claimed && now >= keeper->next_check_ms;
    if (due) {
        keeper->claimed = true;
        keeper->next_check_ms = now + CHECK_MS;
    }
    pthread_mutex_unlock(&keeper->mutex);
    return due;
}

void imi_cohort_keeper_give_back(imi_cohort_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->claimed = false;
    keeper->next_check_ms = INT64_MIN;
    pthread_mutex_unlock(&keeper->mutex);
}

void imi_cohort_keeper_note_erasure(imi_cohort_keeper *keeper, const char *relying_party,
                                    const char *subject_id)
{
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(keeper);
    if (shared != NULL &&
        imi_cohort_has(shared->cohort, imi_subject_key_of(relying_party, subject_id))) {
        pthread_mutex_lock(&keeper->mutex);
        keeper->next_check_ms = INT64_MIN;
        pthread_mutex_unlock(&keeper->mutex);
    }
}

imi_status imi_cohort_keeper_new(const imi_cohort_keeper_options *options, imi_cohort_keeper **out,
                                 imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_cohort_keeper) keeper = imi_alloc(sizeof *keeper);
    if (keeper == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the keeper of cohorts");
    }
    keeper->options = *options;
    keeper->next_check_ms = INT64_MIN;
    pthread_mutex_init(&keeper->mutex, NULL);
    stored_cohort stored;
    IMI_TRY(load_stored(keeper, &stored, err));
    *out = IMI_STEAL(&keeper);
    return IMI_OK;
}

void imi_cohort_keeper_destroy(imi_cohort_keeper **keeper_pointer)
{
    imi_cohort_keeper *keeper = keeper_pointer == NULL ? NULL : IMI_STEAL(keeper_pointer);
    if (keeper != NULL) {
        imi_shared_cohort_release(&keeper->current);
        pthread_mutex_destroy(&keeper->mutex);
        imi_free(keeper);
    }
}
