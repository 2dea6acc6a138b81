#include "imi/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct queued_job {
    imi_job_function function;
    void *job;
} queued_job;

struct imi_pool {
    imi_pool_options options;
    pthread_t *threads;
    size_t started;

    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t changed;
    queued_job *ring;
    size_t head, count;
    size_t ready; /* workers whose state was made, or failed */
    bool stopping;
    imi_status worker_status;
    imi_error worker_error;
};

static bool take_next(imi_pool *pool, queued_job *out)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->count == 0 && !pool->stopping) {
        pthread_cond_wait(&pool->changed, &pool->mutex);
    }
    bool found = pool->count > 0;
    if (found) {
        *out = pool->ring[pool->head];
        pool->head = (pool->head + 1) % pool->options.queue_capacity;
        pool->count--;
    }
    pthread_mutex_unlock(&pool->mutex);
    return found;
}

static imi_status make_worker_state(imi_pool *pool, void **state)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = pool->options.worker_new == NULL
                            ? IMI_OK
                            : pool->options.worker_new(pool->options.user, state, &error);
    if (status != IMI_OK && error.status == IMI_OK) {
        imi_error_set(&error, status, 0, __FILE__, __LINE__, "a worker could not start");
    }
    pthread_mutex_lock(&pool->mutex);
    pool->ready++;
    if (status != IMI_OK) {
        pool->worker_status = status;
        pool->worker_error = error;
    }
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    return status;
}

static void *work(void *argument)
{
    imi_pool *pool = argument;
    void *state = NULL;
    if (make_worker_state(pool, &state) != IMI_OK) {
        return NULL;
    }
    queued_job next;
    while (take_next(pool, &next)) {
        next.function(state, next.job);
    }
    if (pool->options.worker_destroy != NULL) {
        pool->options.worker_destroy(pool->options.user, state);
    }
    return NULL;
}

static imi_status start_threads(imi_pool *pool, imi_error *err)
{
    for (; pool->started < pool->options.threads; pool->started++) {
        int code = pthread_create(&pool->threads[pool->started], NULL, work, pool);
        if (code != 0) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, code, "cannot start worker thread %zu", pool->started);
        }
        char name[16];
        snprintf(name, sizeof name, "%.12s-%zu", pool->options.name, pool->started % 100);
        pthread_setname_np(pool->threads[pool->started], name);
    }
    pthread_mutex_lock(&pool->mutex);
    while (pool->ready < pool->options.threads) {
        pthread_cond_wait(&pool->changed, &pool->mutex);
    }
    imi_status status = pool->worker_status;
    if (status != IMI_OK && err != NULL) {
        *err = pool->worker_error;
    }
    pthread_mutex_unlock(&pool->mutex);
    return status;
}

imi_status imi_pool_new(const imi_pool_options *options, imi_pool **out, imi_error *err)
{
    *out = NULL;
    if (options->name == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a pool needs a name");
    }
    if (options->threads < 1 || options->threads > 256) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a pool has 1 to 256 threads, not %zu",
                 options->threads);
    }
    if (options->queue_capacity < 1) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a pool's queue holds at least one job");
    }
    IMI_AUTO(imi_pool) pool = imi_alloc(sizeof *pool);
    if (pool == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a pool");
    }
    pool->options = *options;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pool->ring = imi_alloc_array(options->queue_capacity, sizeof *pool->ring);
    pool->threads = imi_alloc_array(options->threads, sizeof *pool->threads);
    if (pool->ring == NULL || pool->threads == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a pool of %zu threads", options->threads);
    }
    IMI_TRY(start_threads(pool, err));
    *out = IMI_STEAL(&pool);
    return IMI_OK;
}

void imi_pool_destroy(imi_pool **pool_pointer)
{
    imi_pool *pool = pool_pointer == NULL ? NULL : IMI_STEAL(pool_pointer);
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->started; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    imi_free(pool->ring);
    imi_free(pool->threads);
    imi_free(pool);
}

size_t imi_pool_threads(const imi_pool *pool)
{
    return pool->options.threads;
}

imi_status imi_pool_submit(imi_pool *pool, imi_job_function function, void *take_job,
                           imi_error *err)
{
    pthread_mutex_lock(&pool->mutex);
    bool room = pool->count < pool->options.queue_capacity && !pool->stopping;
    if (room) {
        size_t tail = (pool->head + pool->count) % pool->options.queue_capacity;
        pool->ring[tail] = (queued_job){function, take_job};
        pool->count++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!room) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "the server is busy: try again in a moment");
    }
    return IMI_OK;
}
