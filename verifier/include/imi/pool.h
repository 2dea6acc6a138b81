/**
 * A fixed pool of worker threads behind one bounded queue.
 */
#ifndef IMI_POOL_H
#define IMI_POOL_H

#include "imi/memory.h"
#include "imi/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_pool imi_pool;

/** What a job is given: the worker's own state, made by worker_new. */
typedef void (*imi_job_function)(void *worker_state, void *job);

typedef struct imi_pool_options {
    const char *name; /* required, at most 12 characters; thread names start with it */
    size_t threads; /* required, 1 to 256 */
    size_t queue_capacity; /* required: jobs waiting, not counting those running */
    /* Optional: per-worker state such as an engine; made on the worker's thread before it
     * takes a job. If one fails, imi_pool_new fails with its error. */
    imi_status (*worker_new)(void *user, void **state_out, imi_error *err);
    void (*worker_destroy)(void *user, void *state);
    void *user; /* borrowed, outlives the pool */
} imi_pool_options;

/** Start the threads. */
IMI_MUST_USE imi_status imi_pool_new(const imi_pool_options *options, imi_pool **out,
                                     imi_error *err);
/** Run every queued job, then stop and join the threads. No submit may race with it. */
void imi_pool_destroy(imi_pool **pool);
IMI_AUTO_DEFINE(imi_pool, imi_pool_destroy)

/** How many jobs run at once. */
size_t imi_pool_threads(const imi_pool *pool);

/**
 * Queue a job; it runs exactly once on some worker.
 *
 * Ownership: on success the job belongs to the function; on failure to the caller.
 * Threads:   safe from any thread, also from a job.
 * Errors:    IMI_E_EXHAUSTED at once when the queue is full.
 */
IMI_MUST_USE imi_status imi_pool_submit(imi_pool *pool, imi_job_function function, void *take_job,
                                        imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
