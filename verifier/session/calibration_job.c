#include "calibration_job.h"

#include "imi/log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    PAGE = 128, /* references read at once: the store's readers wait meanwhile */
    NICE = 10 /* verification goes first */
};

struct imi_calibration_job {
    imi_calibration_job_parts parts;
    atomic_bool cancel;
    pthread_mutex_t mutex; /* guards all below */
    bool has_thread; /* to be joined */
    pthread_t thread;
    imi_calibration_job_options options;
    char actor[IMI_STORE_NAME_SIZE];
    imi_calibration_status status;
};

/* References of one page, decoded. Templates are wiped with it. */
typedef struct page {
    size_t count, seen; /* usable ones; all */
    char last_id[IMI_ID_SIZE];
    imi_reference_record records[PAGE];
    imi_template templates[PAGE];
    imi_cohort_statistics statistics[PAGE]; /* cohort_id "" = none */
} page;

imi_status imi_calibration_job_new(const imi_calibration_job_parts *parts,
                                   imi_calibration_job **out, imi_error *err)
{
    *out = NULL;
    if (parts->store == NULL || parts->clock == NULL || parts->scorer == NULL ||
        parts->model_version == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a calibration job needs a store, a clock, a scorer and a model version");
    }
    imi_calibration_job *job = imi_alloc(sizeof *job);
    if (job == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration job");
    }
    job->parts = *parts;
    pthread_mutex_init(&job->mutex, NULL);
    *out = job;
    return IMI_OK;
}

static void join(imi_calibration_job *job)
{
    pthread_mutex_lock(&job->mutex);
    bool has_thread = job->has_thread;
    pthread_t thread = job->thread;
    job->has_thread = false;
    pthread_mutex_unlock(&job->mutex);
    if (has_thread) {
        pthread_join(thread, NULL);
    }
}

void imi_calibration_job_destroy(imi_calibration_job **pointer)
{
    imi_calibration_job *job = pointer == NULL ? NULL : IMI_STEAL(pointer);
    if (job == NULL) {
        return;
    }
    imi_calibration_job_cancel(job);
    join(job);
    pthread_mutex_destroy(&job->mutex);
    imi_free(job);
}

void imi_calibration_job_status(imi_calibration_job *job, imi_calibration_status *out)
{
    pthread_mutex_lock(&job->mutex);
    *out = job->status;
    pthread_mutex_unlock(&job->mutex);
}

void imi_calibration_job_cancel(imi_calibration_job *job)
{
    atomic_store(&job->cancel, true);
}

/* --- Reading ----------------------------------------------------------------------------- */

/* A template that cannot be used is left out: one damaged record must not stop the rest. */
static imi_status take_reference(void *user, const imi_reference_record *record,
                                 imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)err;
    page *p = user;
    p->seen++;
    imi_copy_text(p->last_id, sizeof p->last_id, record->reference_id);
    if (record->kind == IMI_REFERENCE_ADDITIONAL || p->count == PAGE) {
        return IMI_OK;
    }
    p->records[p->count] = *record;
    p->statistics[p->count] = (imi_cohort_statistics){{0}, 0, {0}, {0}};
    if (statistics_blob.size > 0 &&
        imi_cohort_statistics_decode(statistics_blob, &p->statistics[p->count], NULL) != IMI_OK) {
        p->statistics[p->count].cohort_id[0] = '\0';
    }
    p->templates[p->count].count = 0;
    if (imi_template_decode(template_blob, &p->templates[p->count], NULL) != IMI_OK) {
        p->templates[p->count].count = 0;
    }
    p->count++;
    return IMI_OK;
}

static imi_status read_page(const imi_calibration_job *job, page *p, imi_error *err)
{
    imi_reference_query query = {.limit = PAGE};
    imi_copy_text(query.model_version, sizeof query.model_version, job->parts.model_version);
    imi_copy_text(query.after_id, sizeof query.after_id, p->last_id);
    p->count = 0;
    p->seen = 0;
    return job->parts.store->visit_references(job->parts.store, &query, take_reference, p, err);
}

static bool is_unusable(imi_status status)
{
    return status == IMI_E_MODEL_MISMATCH || status == IMI_E_INVALID_ARGUMENT ||
           status == IMI_E_CALIBRATION;
}

static imi_status add_page(imi_calibration_job *job, const page *p, imi_population *population,
                           imi_error *err)
{
    uint64_t unreadable = 0;
    for (size_t i = 0; i < p->count; i++) {
        const imi_reference_record *record = &p->records[i];
        const imi_cohort_statistics *statistics = &p->statistics[i];
        imi_population_member member = {
            .reference_id = record->reference_id,
            .subject = imi_subject_key_of(record->relying_party, record->subject_id),
            .face_template = &p->templates[i],
            .statistics = statistics->cohort_id[0] != '\0' ? statistics : NULL,
            .attributes = {record->birth_decade, record->sex},
            .realm = imi_subject_key_of(record->relying_party, ""),
        };
        imi_status status = imi_population_add(population, &member, err);
        if (status != IMI_OK && !is_unusable(status)) {
            return status;
        }
        unreadable += status != IMI_OK ? 1 : 0;
    }
    pthread_mutex_lock(&job->mutex);
    job->status.done += p->count;
    job->status.unreadable += unreadable;
    job->status.references += p->count - unreadable;
    pthread_mutex_unlock(&job->mutex);
    return IMI_OK;
}

static imi_status read_all(imi_calibration_job *job, page *p, imi_population *population,
                           imi_error *err)
{
    do {
        if (atomic_load(&job->cancel)) {
            IMI_FAIL(err, IMI_E_CANCELLED, "the calibration was cancelled");
        }
        IMI_TRY(read_page(job, p, err));
        IMI_TRY(add_page(job, p, population, err));
    } while (p->seen == PAGE);
    return IMI_OK;
}

static imi_status gather(imi_calibration_job *job, const imi_cohort *cohort,
                         const imi_calibration_job_options *options, imi_population **out,
                         imi_error *err)
{
    int64_t references = 0, subjects = 0;
    IMI_TRY(job->parts.store->count_references(job->parts.store, job->parts.model_version,
                                               &references, &subjects, err));
    pthread_mutex_lock(&job->mutex);
    job->status.total = (uint64_t)references;
    pthread_mutex_unlock(&job->mutex);
    /* Some more may be enrolled meanwhile. */
    size_t room = (size_t)references + 1000;
    imi_population_options population = {
        .scorer = job->parts.scorer,
        .cohort = cohort,
        .capacity = room < options->references_max ? room : options->references_max,
        .seed = (uint64_t)job->parts.clock->unix_ms(job->parts.clock),
    };
    IMI_AUTO(imi_population) made = NULL;
    IMI_TRY(imi_population_new(&population, &made, err));
    page *p = imi_alloc(sizeof *p);
    if (p == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to read references");
    }
    imi_status status = read_all(job, p, made, err);
    imi_wipe(p, sizeof *p);
    imi_free(p);
    IMI_TRY(status);
    if (imi_population_size(made) < imi_population_added(made)) {
        imi_log(IMI_LOG_INFO, "calibration", "measuring a sample of %zu of %zu references",
                imi_population_size(made), imi_population_added(made));
    }
    *out = IMI_STEAL(&made);
    return IMI_OK;
}

/* --- Measuring and storing --------------------------------------------------------------- */

static void note_progress(void *user, uint64_t done, uint64_t total)
{
    imi_calibration_job *job = user;
    pthread_mutex_lock(&job->mutex);
    job->status.done = done;
    job->status.total = total;
    pthread_mutex_unlock(&job->mutex);
}

static bool is_cancelled(void *user)
{
    const imi_calibration_job *job = user;
    return atomic_load(&job->cancel);
}

static imi_status measure(imi_calibration_job *job, const imi_population *population,
                          const imi_calibration_job_options *options, imi_nonmated **out,
                          imi_error *err)
{
    pthread_mutex_lock(&job->mutex);
    job->status.state = IMI_CALIBRATION_COMPARING;
    job->status.done = 0;
    pthread_mutex_unlock(&job->mutex);
    imi_nonmated_options measure = {
        .comparisons_max = options->comparisons_max,
        .cpu_seconds_max = options->cpu_seconds_max,
        .duplicate_fmr = options->duplicate_fmr,
        .duplicates_max = options->duplicates_max,
        .threads = options->threads,
        .seed = (uint64_t)job->parts.clock->unix_ms(job->parts.clock),
        .progress = note_progress,
        .user = job,
        .is_cancelled = is_cancelled,
    };
    return imi_nonmated_measure(population, &measure, out, err);
}

/* Who is known to two relying parties is no cheat, and neither party's business. */
static bool is_of_one_party(imi_store *store, const imi_likely_duplicate *pair)
{
    imi_reference_record a, b;
    return store->get_reference(store, pair->reference_a, &a, NULL, NULL) == IMI_OK &&
           store->get_reference(store, pair->reference_b, &b, NULL, NULL) == IMI_OK &&
           strcmp(a.relying_party, b.relying_party) == 0;
}

static imi_status store_duplicates(imi_calibration_job *job, const imi_nonmated *nonmated,
                                   int64_t now_ms, imi_error *err)
{
    size_t found = 0, kept = 0;
    const imi_likely_duplicate *pairs = imi_nonmated_duplicates(nonmated, &found);
    if (found == 0) {
        return IMI_OK;
    }
    imi_store *store = job->parts.store;
    imi_duplicate_record *records = imi_alloc_array(found, sizeof *records);
    if (records == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu likely duplicates", found);
    }
    for (size_t i = 0; i < found; i++) {
        if (is_of_one_party(store, &pairs[i])) {
            imi_duplicate_record *record = &records[kept++];
            imi_copy_text(record->reference_a, sizeof record->reference_a, pairs[i].reference_a);
            imi_copy_text(record->reference_b, sizeof record->reference_b, pairs[i].reference_b);
            record->found_ms = now_ms;
            record->fmr = pairs[i].fmr;
        }
    }
    imi_status status = kept == 0 ? IMI_OK : store->put_duplicates(store, records, kept, err);
    imi_free(records);
    pthread_mutex_lock(&job->mutex);
    job->status.duplicates = kept;
    pthread_mutex_unlock(&job->mutex);
    return status;
}

/* What was written must load: a table that decisions cannot be made with helps nobody. */
static imi_status make_json(const imi_nonmated *nonmated, const char *calibration_id,
                            int64_t now_ms, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_nonmated_write(nonmated, calibration_id, now_ms, out, err));
    IMI_AUTO(imi_scorer) check = NULL;
    return imi_scorer_parse(imi_buffer_view(out), &check, err);
}

static imi_status store_calibration(imi_calibration_job *job, const imi_nonmated *nonmated,
                                    const char *actor, const char *cohort_id, int64_t now_ms,
                                    imi_error *err)
{
    const imi_nonmated_group *all = imi_nonmated_group_at(nonmated, 0);
    imi_calibration_record record = {.made_ms = now_ms,
                                     .references = (int64_t)all->references,
                                     .comparisons = (int64_t)all->comparisons};
    imi_audit_record audit = {.at_ms = now_ms, .action = "calibration.measure"};
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_id_new("cal", record.calibration_id, err));
    IMI_TRY(make_json(nonmated, record.calibration_id, now_ms, &json, err));
    imi_copy_text(record.made_by, sizeof record.made_by, actor);
    imi_copy_text(record.cohort_id, sizeof record.cohort_id, cohort_id);
    imi_copy_text(record.model_version, sizeof record.model_version, job->parts.model_version);
    imi_copy_text(audit.actor, sizeof audit.actor, actor);
    imi_copy_text(audit.object, sizeof audit.object, record.calibration_id);
    snprintf(audit.detail, sizeof audit.detail, "%lld references, %lld comparisons",
             (long long)record.references, (long long)record.comparisons);
    imi_store *store = job->parts.store;
    IMI_TRY(store->put_calibration(store, &record, imi_buffer_view(&json), &audit, err));
    pthread_mutex_lock(&job->mutex);
    imi_copy_text(job->status.calibration_id, sizeof job->status.calibration_id,
                  record.calibration_id);
    pthread_mutex_unlock(&job->mutex);
    return IMI_OK;
}

static imi_status run_with(imi_calibration_job *job, const imi_cohort *cohort,
                           const imi_calibration_job_options *options, const char *actor,
                           imi_error *err)
{
    IMI_AUTO(imi_population) population = NULL;
    IMI_TRY(gather(job, cohort, options, &population, err));
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    IMI_TRY(measure(job, population, options, &nonmated, err));
    imi_population_destroy(&population);
    int64_t now_ms = job->parts.clock->unix_ms(job->parts.clock);
    /* Duplicates first: once the calibration is there, so is all that it found. */
    IMI_TRY(store_duplicates(job, nonmated, now_ms, err));
    return store_calibration(job, nonmated, actor, cohort != NULL ? imi_cohort_id(cohort) : "",
                             now_ms, err);
}

static void conclude(imi_calibration_job *job, imi_status status, const imi_error *error)
{
    pthread_mutex_lock(&job->mutex);
    job->status.state = status == IMI_OK            ? IMI_CALIBRATION_DONE
                        : status == IMI_E_CANCELLED ? IMI_CALIBRATION_CANCELLED
                                                    : IMI_CALIBRATION_FAILED;
    job->status.ended_ms = job->parts.clock->unix_ms(job->parts.clock);
    if (status != IMI_OK) {
        job->status.error = *error;
        job->status.error.status = status;
    }
    imi_calibration_status ended = job->status;
    pthread_mutex_unlock(&job->mutex);
    if (status == IMI_OK) {
        imi_log(IMI_LOG_INFO, "calibration", "%s: %llu references, %llu likely duplicates",
                ended.calibration_id, (unsigned long long)ended.references,
                (unsigned long long)ended.duplicates);
    } else {
        imi_log(IMI_LOG_WARNING, "calibration", "ended: %s: %s", imi_status_name(status),
                error->message);
    }
    if (ended.unreadable > 0) {
        imi_log(IMI_LOG_WARNING, "calibration", "%llu references could not be used",
                (unsigned long long)ended.unreadable);
    }
}

static void *run(void *argument)
{
    imi_calibration_job *job = argument;
    /* On Linux a nice value is a thread's own. */
    if (setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE) != 0) {
        imi_log(IMI_LOG_WARNING, "calibration", "cannot give way to other threads");
    }
    pthread_mutex_lock(&job->mutex);
    imi_calibration_job_options options = job->options;
    char actor[IMI_STORE_NAME_SIZE];
    imi_copy_text(actor, sizeof actor, job->actor);
    pthread_mutex_unlock(&job->mutex);
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO(imi_shared_cohort)
    shared = job->parts.keeper == NULL ? NULL : imi_cohort_keeper_acquire(job->parts.keeper);
    imi_status status =
        run_with(job, shared == NULL ? NULL : shared->cohort, &options, actor, &error);
    conclude(job, status, &error);
    return NULL;
}

static bool is_running(const imi_calibration_job *job)
{
    return job->status.state == IMI_CALIBRATION_READING ||
           job->status.state == IMI_CALIBRATION_COMPARING;
}

/* Claim the job under the lock; the thread of the run before has ended and is joined by then. */
static imi_status claim(imi_calibration_job *job, const char *actor,
                        const imi_calibration_job_options *options, pthread_t *finished,
                        bool *join_out, imi_error *err)
{
    pthread_mutex_lock(&job->mutex);
    bool running = is_running(job);
    if (!running) {
        *join_out = job->has_thread;
        *finished = job->thread;
        job->has_thread = false;
        job->options = *options;
        imi_copy_text(job->actor, sizeof job->actor, actor);
        job->status = (imi_calibration_status){
            .state = IMI_CALIBRATION_READING,
            .started_ms = job->parts.clock->unix_ms(job->parts.clock),
        };
        atomic_store(&job->cancel, false);
    }
    pthread_mutex_unlock(&job->mutex);
    if (running) {
        IMI_FAIL(err, IMI_E_CONFLICT, "a calibration is running: wait for its end or cancel it");
    }
    return IMI_OK;
}

imi_status imi_calibration_job_start(imi_calibration_job *job, const char *actor,
                                     const imi_calibration_job_options *options, imi_error *err)
{
    if (actor == NULL || actor[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a calibration needs the name of who asked for it");
    }
    bool has_finished = false;
    pthread_t finished;
    IMI_TRY(claim(job, actor, options, &finished, &has_finished, err));
    if (has_finished) {
        pthread_join(finished, NULL);
    }
    pthread_mutex_lock(&job->mutex);
    int failure = pthread_create(&job->thread, NULL, run, job);
    job->has_thread = failure == 0;
    if (failure != 0) {
        job->status.state = IMI_CALIBRATION_FAILED;
    }
    pthread_mutex_unlock(&job->mutex);
    if (failure != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_EXHAUSTED, failure, "no thread for a calibration");
    }
    return IMI_OK;
}
