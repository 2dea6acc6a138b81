/* Runs a plan: threads take tiles in a random order until all are done or a limit is reached. */
#include "finish.h"
#include "plan.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { THREADS_MAX = 64 };

static const double PROGRESS_EVERY_S = 0.5;

/* What all threads of a measurement share. */
typedef struct run {
    const plan *plan;
    const imi_nonmated_options *options;
    uint64_t limit; /* comparisons */
    atomic_uint_fast64_t next_tile, made;
    atomic_uint_fast64_t cpu_ns; /* of all threads */
    atomic_bool out_of_memory;
} run;

typedef struct thread {
    run *run;
    tile_worker *worker;
    pthread_t id;
    double shown_s; /* when progress was last shown; calling thread only */
} thread;

static double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_cancelled(const run *r)
{
    return r->options->is_cancelled != NULL && r->options->is_cancelled(r->options->user);
}

static double cpu_s(const run *r)
{
    return (double)atomic_load(&r->cpu_ns) * 1e-9;
}

static bool is_over(const run *r)
{
    double most = r->options->cpu_seconds_max;
    return is_cancelled(r) || atomic_load(&r->out_of_memory) || atomic_load(&r->made) >= r->limit ||
           (most > 0 && cpu_s(r) >= most);
}

/* By comparisons or by time, whichever limit is closer. */
static void show_progress(thread *self)
{
    const run *r = self->run;
    double now = clock_s(CLOCK_MONOTONIC);
    if (r->options->progress == NULL || now - self->shown_s < PROGRESS_EVERY_S) {
        return;
    }
    self->shown_s = now;
    double share = (double)atomic_load(&r->made) / (double)r->limit;
    if (r->options->cpu_seconds_max > 0) {
        share = fmax(share, cpu_s(r) / r->options->cpu_seconds_max);
    }
    uint64_t done = (uint64_t)(fmin(share, 1) * (double)r->limit);
    r->options->progress(r->options->user, done, r->limit);
}

static void work(thread *self, bool is_caller)
{
    run *r = self->run;
    double last = clock_s(CLOCK_THREAD_CPUTIME_ID);
    while (!is_over(r)) {
        uint64_t place = atomic_fetch_add(&r->next_tile, 1);
        if (place >= r->plan->tiles) {
            return;
        }
        size_t a = 0, b = 0;
        plan_tile_at(r->plan, place, &a, &b);
        uint64_t made = tile_compare(self->worker, a, b);
        if (made == UINT64_MAX) {
            atomic_store(&r->out_of_memory, true);
            return;
        }
        atomic_fetch_add(&r->made, made);
        double now = clock_s(CLOCK_THREAD_CPUTIME_ID);
        atomic_fetch_add(&r->cpu_ns, (uint64_t)((now - last) * 1e9));
        last = now;
        if (is_caller) {
            show_progress(self);
        }
    }
}

static void *run_thread(void *argument)
{
    work(argument, false);
    return NULL;
}

/* A thread that does not start leaves its work to the others. */
static void run_all(thread *threads, size_t count)
{
    size_t started = 1;
    while (started < count &&
           pthread_create(&threads[started].id, NULL, run_thread, &threads[started]) == 0) {
        started++;
    }
    work(&threads[0], true);
    for (size_t i = 1; i < started; i++) {
        pthread_join(threads[i].id, NULL);
    }
}

static imi_status conclude(const run *r, const thread *threads, size_t count, imi_nonmated **out,
                           imi_error *err)
{
    if (is_cancelled(r)) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the measurement was cancelled");
    }
    if (atomic_load(&r->out_of_memory)) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a histogram");
    }
    tile_worker *workers[THREADS_MAX];
    for (size_t i = 0; i < count; i++) {
        workers[i] = threads[i].worker;
    }
    finish_input input = {r->plan, workers, count, cpu_s(r), r->options->duplicate_fmr};
    IMI_TRY(finish(&input, out, err));
    if (r->options->progress != NULL) {
        r->options->progress(r->options->user, r->limit, r->limit);
    }
    return IMI_OK;
}

static imi_status measure(const plan *p, const imi_nonmated_options *options, imi_nonmated **out,
                          imi_error *err)
{
    run r = {.plan = p, .options = options, .limit = p->pairs};
    if (options->comparisons_max > 0 && options->comparisons_max < p->pairs) {
        r.limit = options->comparisons_max;
    }
    size_t count = options->threads == 0 ? 1 : options->threads;
    thread threads[THREADS_MAX];
    bool enough = true;
    for (size_t i = 0; i < count; i++) {
        threads[i] = (thread){.run = &r, .worker = tile_worker_new(&p->tile)};
        enough = enough && threads[i].worker != NULL;
    }
    imi_status status = IMI_OK;
    if (enough) {
        run_all(threads, count);
        status = conclude(&r, threads, count, out, err);
    } else {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for %zu threads", count);
    }
    for (size_t i = 0; i < count; i++) {
        tile_worker_destroy(&threads[i].worker);
    }
    return status;
}

imi_status imi_nonmated_measure(const imi_population *population,
                                const imi_nonmated_options *options, imi_nonmated **out,
                                imi_error *err)
{
    *out = NULL;
    if (options->threads > THREADS_MAX || options->duplicates_max > NONMATED_DUPLICATES_MAX ||
        !(options->cpu_seconds_max >= 0) || !(options->duplicate_fmr >= 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "at most %d threads and %d duplicates, and no negative limits", THREADS_MAX,
                 NONMATED_DUPLICATES_MAX);
    }
    plan p;
    imi_status status = plan_make(population, options, &p, err);
    if (status == IMI_OK) {
        status = measure(&p, options, out, err);
    }
    plan_clean_up(&p);
    return status;
}
