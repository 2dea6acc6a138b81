/* The worker pool. */
#include "base_fixture.h"

#include "imi/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Holds workers until it is opened. */
typedef struct gate {
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t changed;
    int waiting;
    bool open;
} gate;

#define GATE_INIT                                                                                  \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false                              \
    }

static void wait_at_gate(void *worker_state, void *job)
{
    (void)worker_state;
    gate *at = job;
    pthread_mutex_lock(&at->mutex);
    at->waiting++;
    pthread_cond_broadcast(&at->changed);
    while (!at->open) {
        pthread_cond_wait(&at->changed, &at->mutex);
    }
    pthread_mutex_unlock(&at->mutex);
}

static void gate_await(gate *at, int waiting)
{
    pthread_mutex_lock(&at->mutex);
    while (at->waiting < waiting) {
        pthread_cond_wait(&at->changed, &at->mutex);
    }
    pthread_mutex_unlock(&at->mutex);
}

static void gate_open(gate *at)
{
    pthread_mutex_lock(&at->mutex);
    at->open = true;
    pthread_cond_broadcast(&at->changed);
    pthread_mutex_unlock(&at->mutex);
}

static imi_pool *make_pool(size_t threads, size_t capacity)
{
    imi_pool_options options = {.name = "test", .threads = threads, .queue_capacity = capacity};
    imi_pool *pool = NULL;
    assert_int_equal(imi_pool_new(&options, &pool, NULL), IMI_OK);
    assert_non_null(pool);
    return pool;
}

static void count_job(void *worker_state, void *job)
{
    (void)worker_state;
    atomic_fetch_add((atomic_int *)job, 1);
}

static void test_every_job_runs_exactly_once(void **state)
{
    (void)state;
    enum { JOBS = 2000 };
    static atomic_int runs[JOBS];
    memset(runs, 0, sizeof runs);
    imi_pool *pool = make_pool(4, 64);
    for (int i = 0; i < JOBS;) {
        imi_status status = imi_pool_submit(pool, count_job, &runs[i], NULL);
        assert_true(status == IMI_OK || status == IMI_E_EXHAUSTED);
        i += status == IMI_OK;
    }
    imi_pool_destroy(&pool);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(atomic_load(&runs[i]), 1);
    }
}

static void test_full_queue_refuses_at_once(void **state)
{
    (void)state;
    enum { CAPACITY = 3 };
    gate at = GATE_INIT;
    atomic_int ran = 0;
    imi_pool *pool = make_pool(1, CAPACITY);
    assert_int_equal(imi_pool_submit(pool, wait_at_gate, &at, NULL), IMI_OK);
    gate_await(&at, 1);
    for (int i = 0; i < CAPACITY; i++) {
        assert_int_equal(imi_pool_submit(pool, count_job, &ran, NULL), IMI_OK);
    }
    imi_error error = IMI_ERROR_INIT;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(imi_pool_submit(pool, count_job, &ran, &error), IMI_E_EXHAUSTED);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_int_equal(error.status, IMI_E_EXHAUSTED);
    /* The worker is held for as long as the test likes: an answer cannot have waited for it. */
    assert_true(end.tv_sec - start.tv_sec < 5);
    gate_open(&at);
    imi_pool_destroy(&pool);
    assert_int_equal(atomic_load(&ran), CAPACITY);
}

static void test_queue_takes_jobs_again_after_it_was_full(void **state)
{
    (void)state;
    gate at = GATE_INIT;
    atomic_int ran = 0;
    imi_pool *pool = make_pool(1, 1);
    assert_int_equal(imi_pool_submit(pool, wait_at_gate, &at, NULL), IMI_OK);
    gate_await(&at, 1);
    assert_int_equal(imi_pool_submit(pool, count_job, &ran, NULL), IMI_OK);
    assert_int_equal(imi_pool_submit(pool, count_job, &ran, NULL), IMI_E_EXHAUSTED);
    gate_open(&at);
    while (imi_pool_submit(pool, count_job, &ran, NULL) != IMI_OK) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    imi_pool_destroy(&pool);
    assert_int_equal(atomic_load(&ran), 2);
}

static void test_all_threads_work_at_the_same_time(void **state)
{
    (void)state;
    gate at = GATE_INIT;
    imi_pool *pool = make_pool(3, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(imi_pool_submit(pool, wait_at_gate, &at, NULL), IMI_OK);
    }
    gate_await(&at, 3);
    gate_open(&at);
    imi_pool_destroy(&pool);
}

typedef struct order {
    int next;
    bool kept;
} order;

typedef struct numbered {
    order *shared;
    int number;
} numbered;

static void note_order(void *worker_state, void *job)
{
    (void)worker_state;
    numbered *one = job;
    one->shared->kept = one->shared->kept && one->shared->next == one->number;
    one->shared->next++;
}

static void test_one_worker_runs_jobs_in_order(void **state)
{
    (void)state;
    enum { JOBS = 50 };
    order shared = {0, true};
    numbered jobs[JOBS];
    imi_pool *pool = make_pool(1, 7);
    for (int i = 0; i < JOBS;) {
        jobs[i] = (numbered){&shared, i};
        i += imi_pool_submit(pool, note_order, &jobs[i], NULL) == IMI_OK;
    }
    imi_pool_destroy(&pool);
    assert_true(shared.kept);
    assert_int_equal(shared.next, JOBS);
}

typedef struct chain {
    imi_pool *pool;
    atomic_int runs;
} chain;

static void submit_another(void *worker_state, void *job)
{
    (void)worker_state;
    chain *self = job;
    if (atomic_fetch_add(&self->runs, 1) < 9) {
        (void)!imi_pool_submit(self->pool, submit_another, self, NULL);
    }
}

static void test_a_job_may_submit_a_job(void **state)
{
    (void)state;
    chain self = {make_pool(2, 4), 0};
    assert_int_equal(imi_pool_submit(self.pool, submit_another, &self, NULL), IMI_OK);
    while (atomic_load(&self.runs) < 10) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    imi_pool_destroy(&self.pool);
    assert_int_equal(atomic_load(&self.runs), 10);
}

/* Worker states: counted as they come and go. */
typedef struct workers {
    atomic_int made, destroyed;
    int failing; /* this one, from 1, cannot be made */
    bool fail_without_detail;
} workers;

static imi_status worker_new(void *user, void **state_out, imi_error *err)
{
    workers *all = user;
    int number = atomic_fetch_add(&all->made, 1) + 1;
    if (number == all->failing) {
        atomic_fetch_sub(&all->made, 1);
        if (all->fail_without_detail) {
            return IMI_E_MODEL_LOAD;
        }
        IMI_FAIL_FOREIGN(err, IMI_E_MODEL_LOAD, 42, "no model for worker");
    }
    *state_out = all;
    return IMI_OK;
}

static void worker_destroy(void *user, void *state)
{
    assert_ptr_equal(user, state);
    atomic_fetch_add(&((workers *)user)->destroyed, 1);
}

static imi_pool_options options_with_workers(workers *all)
{
    return (imi_pool_options){.name = "test",
                              .threads = 4,
                              .queue_capacity = 4,
                              .worker_new = worker_new,
                              .worker_destroy = worker_destroy,
                              .user = all};
}

static void check_worker_state(void *worker_state, void *job)
{
    *(void **)job = worker_state;
}

static void test_each_worker_has_its_state(void **state)
{
    (void)state;
    workers all = {0};
    imi_pool_options options = options_with_workers(&all);
    imi_pool *pool = NULL;
    void *seen = NULL;
    assert_int_equal(imi_pool_new(&options, &pool, NULL), IMI_OK);
    assert_int_equal(atomic_load(&all.made), 4);
    assert_int_equal(imi_pool_submit(pool, check_worker_state, &seen, NULL), IMI_OK);
    imi_pool_destroy(&pool);
    assert_ptr_equal(seen, &all);
    assert_int_equal(atomic_load(&all.destroyed), 4);
}

static void test_failed_worker_fails_the_pool_with_its_error(void **state)
{
    (void)state;
    for (int failing = 1; failing <= 4; failing++) {
        workers all = {.failing = failing};
        imi_pool_options options = options_with_workers(&all);
        imi_pool *pool = (imi_pool *)&all;
        imi_error error = IMI_ERROR_INIT;
        assert_int_equal(imi_pool_new(&options, &pool, &error), IMI_E_MODEL_LOAD);
        assert_null(pool);
        assert_int_equal(error.status, IMI_E_MODEL_LOAD);
        assert_int_equal(error.foreign_code, 42);
        assert_string_equal(error.message, "no model for worker");
        assert_int_equal(atomic_load(&all.destroyed), atomic_load(&all.made));
    }
}

static void test_failed_worker_without_detail_still_sets_the_error(void **state)
{
    (void)state;
    workers all = {.failing = 2, .fail_without_detail = true};
    imi_pool_options options = options_with_workers(&all);
    imi_pool *pool = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_pool_new(&options, &pool, &error), IMI_E_MODEL_LOAD);
    assert_int_equal(error.status, IMI_E_MODEL_LOAD);
    assert_true(error.message[0] != '\0');
}

static void test_impossible_options_are_refused(void **state)
{
    (void)state;
    const imi_pool_options bad[] = {
        {.name = NULL, .threads = 1, .queue_capacity = 1},
        {.name = "x", .threads = 0, .queue_capacity = 1},
        {.name = "x", .threads = 257, .queue_capacity = 1},
        {.name = "x", .threads = 1, .queue_capacity = 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_pool *pool = (imi_pool *)(uintptr_t)&bad;
        assert_int_equal(imi_pool_new(&bad[i], &pool, NULL), IMI_E_INVALID_ARGUMENT);
        assert_null(pool);
    }
}

static void test_failed_allocation_makes_no_pool(void **state)
{
    (void)state;
    imi_pool_options options = {.name = "test", .threads = 2, .queue_capacity = 4};
    int failing = 1;
    for (imi_status status = IMI_E_NO_MEMORY; status != IMI_OK; failing++) {
        imi_pool *pool = NULL;
        fail_allocation(failing);
        status = imi_pool_new(&options, &pool, NULL);
        fail_allocation(0);
        assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
        assert_true((pool != NULL) == (status == IMI_OK));
        imi_pool_destroy(&pool);
    }
    assert_int_equal(failing, 5);
}

static void test_long_name_is_allowed(void **state)
{
    (void)state;
    imi_pool_options options = {
        .name = "a-name-longer-than-twelve", .threads = 1, .queue_capacity = 1};
    imi_pool *pool = NULL;
    assert_int_equal(imi_pool_new(&options, &pool, NULL), IMI_OK);
    imi_pool_destroy(&pool);
}

static void test_destroy_takes_null(void **state)
{
    (void)state;
    imi_pool *none = NULL;
    imi_pool_destroy(&none);
    imi_pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_CHECKED(test_every_job_runs_exactly_once),
        LEAK_CHECKED(test_full_queue_refuses_at_once),
        LEAK_CHECKED(test_queue_takes_jobs_again_after_it_was_full),
        LEAK_CHECKED(test_all_threads_work_at_the_same_time),
        LEAK_CHECKED(test_one_worker_runs_jobs_in_order),
        LEAK_CHECKED(test_a_job_may_submit_a_job),
        LEAK_CHECKED(test_each_worker_has_its_state),
        LEAK_CHECKED(test_failed_worker_fails_the_pool_with_its_error),
        LEAK_CHECKED(test_failed_worker_without_detail_still_sets_the_error),
        LEAK_CHECKED(test_impossible_options_are_refused),
        LEAK_CHECKED(test_failed_allocation_makes_no_pool),
        LEAK_CHECKED(test_long_name_is_allowed),
        LEAK_CHECKED(test_destroy_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
