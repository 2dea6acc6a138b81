#include "compute.h"

#include "imi/engine.h"
#include "imi_models/document.h"
#include "imi_models/models.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Frames waiting for a worker, per worker. At about 25 ms a frame this is a second of work:
 * guidance that comes later than that helps nobody. */
enum { QUEUE_PER_WORKER = 32, WORKERS_MAX = 256 };

/* The engine comes first: the pool hands it out as the worker's state. */
typedef struct worker {
    imi_engine *engine;
    imi_model_set models;
    imi_text_reader *reader;
    imi_card_finder *finder;
} worker;

struct imi_compute {
    char models_folder[1024];
    imi_pool *pool;
    char model_version[IMI_STORE_NAME_SIZE];
    bool has_pad;

    pthread_mutex_t mutex; /* guards the table */
    worker *workers[WORKERS_MAX];
    size_t count;
};

static void worker_free(worker *self)
{
    imi_engine_destroy(&self->engine);
    if (self->reader != NULL) {
        self->reader->destroy(self->reader);
    }
    if (self->finder != NULL) {
        self->finder->destroy(self->finder);
    }
    imi_model_set_clean_up(&self->models);
    imi_free(self);
}

static imi_status worker_load(worker *self, const char *folder, imi_error *err)
{
    IMI_TRY(imi_model_set_load(folder, &self->models, err));
    IMI_TRY(imi_document_reader_new(&self->reader, err));
    IMI_TRY(imi_card_finder_new(&self->finder, err));
    imi_engine_parts parts = imi_model_set_parts(&self->models);
    parts.text_reader = self->reader;
    parts.card_finder = self->finder;
    return imi_engine_new(&parts, &self->engine, err);
}

static imi_status note_versions(imi_compute *compute, const imi_model_set *models, imi_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < models->extractor_count; i++) {
        int size = snprintf(compute->model_version + at, sizeof compute->model_version - at, "%s%s",
                            i == 0 ? "" : "+", models->extractors[i]->model_id);
        if (size < 0 || (size_t)size >= sizeof compute->model_version - at) {
            IMI_FAIL(err, IMI_E_OVERFLOW, "the model ids are too long together");
        }
        at += (size_t)size;
    }
    compute->has_pad = models->pad_count > 0;
    return IMI_OK;
}

static imi_status worker_keep(imi_compute *compute, worker *self, imi_error *err)
{
    pthread_mutex_lock(&compute->mutex);
    imi_status status = IMI_OK;
    if (compute->count == 0) {
        status = note_versions(compute, &self->models, err);
    }
    if (status == IMI_OK) {
        compute->workers[compute->count++] = self;
    }
    pthread_mutex_unlock(&compute->mutex);
    return status;
}

static imi_status worker_new(void *user, void **state_out, imi_error *err)
{
    imi_compute *compute = user;
    worker *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a compute worker");
    }
    imi_status status = worker_load(self, compute->models_folder, err);
    if (status == IMI_OK) {
        status = worker_keep(compute, self, err);
    }
    if (status != IMI_OK) {
        worker_free(self);
        return status;
    }
    *state_out = self->engine;
    return IMI_OK;
}

imi_status imi_compute_new(const char *models_folder, size_t workers, imi_compute **out,
                           imi_error *err)
{
    *out = NULL;
    if (workers < 1 || workers > WORKERS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "workers must be 1 to %d", WORKERS_MAX);
    }
    IMI_AUTO(imi_compute) compute = imi_alloc(sizeof *compute);
    if (compute == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the compute pool");
    }
    pthread_mutex_init(&compute->mutex, NULL);
    if (!imi_copy_text(compute->models_folder, sizeof compute->models_folder, models_folder)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the models is too long");
    }
    imi_pool_options options = {
        .name = "compute",
        .threads = workers,
        .queue_capacity = QUEUE_PER_WORKER * workers,
        .worker_new = worker_new,
        .user = compute,
    };
    IMI_TRY(imi_pool_new(&options, &compute->pool, err));
    *out = IMI_STEAL(&compute);
    return IMI_OK;
}

void imi_compute_destroy(imi_compute **compute_pointer)
{
    imi_compute *compute = compute_pointer == NULL ? NULL : IMI_STEAL(compute_pointer);
    if (compute == NULL) {
        return;
    }
    imi_pool_destroy(&compute->pool);
    for (size_t i = 0; i < compute->count; i++) {
        worker_free(compute->workers[i]);
    }
    pthread_mutex_destroy(&compute->mutex);
    imi_free(compute);
}

imi_pool *imi_compute_pool(const imi_compute *compute)
{
    return compute->pool;
}

imi_status imi_compute_check_scorer(const imi_compute *compute, const imi_scorer *scorer,
                                    imi_error *err)
{
    const imi_model_set *models = &compute->workers[0]->models;
    const char *ids[IMI_MODELS_EXTRACTORS_MAX] = {NULL};
    for (size_t i = 0; i < models->extractor_count; i++) {
        ids[i] = models->extractors[i]->model_id;
    }
    return imi_scorer_check_models(scorer, ids, models->extractor_count, err);
}

const char *imi_compute_model_version(const imi_compute *compute)
{
    return compute->model_version;
}

bool imi_compute_has_pad(const imi_compute *compute)
{
    return compute->has_pad;
}
