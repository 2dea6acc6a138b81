#include "gather.h"

#include "imi/place.h"
#include "imi/pool.h"
#include "imi_models/models.h"
#include "portrait/portrait.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_EVERY = 100 };

static const imi_jpeg_limits photo_limits = IMI_JPEG_LIMITS_PHOTO;

/* What all jobs of a run share. */
typedef struct run {
    const eval_gather_options *options;
    char models[IMI_PLACE_SIZE];
    pthread_mutex_t mutex; /* guards all below */
    size_t done, count;
    imi_error failure; /* the first one; status IMI_OK while there is none */
} run;

typedef struct job {
    run *run;
    eval_sample *sample;
} job;

typedef struct worker {
    imi_model_set models;
    imi_engine *engine;
} worker;

static imi_status make_engine(worker *self, imi_error *err)
{
    imi_engine_parts parts = imi_model_set_parts(&self->models);
    return imi_engine_new(&parts, &self->engine, err);
}

static void worker_destroy(void *user, void *state)
{
    (void)user;
    worker *self = state;
    imi_engine_destroy(&self->engine);
    imi_model_set_clean_up(&self->models);
    imi_free(self);
}

static imi_status worker_new(void *user, void **state_out, imi_error *err)
{
    run *r = user;
    worker *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a worker");
    }
    imi_status status = imi_model_set_load(r->models, &self->models, err);
    if (status == IMI_OK) {
        status = make_engine(self, err);
    }
    if (status != IMI_OK) {
        worker_destroy(user, self);
        return status;
    }
    *state_out = self;
    return IMI_OK;
}

static bool is_image_error(imi_status status)
{
    return status <= IMI_E_IMAGE_EMPTY && status >= IMI_E_IMAGE_TOO_SMALL;
}

static imi_status read_photo(const char *root, const char *file, imi_buffer *out, imi_error *err)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/%s", root, file);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "path of %s is too long", file);
    }
    return imi_file_read(path, photo_limits.bytes, out, err);
}

/* Put the small grey portrait in the photo's place; no portrait without exactly one face. */
static imi_status put_on_chip(worker *self, eval_sample *sample, imi_image **image, imi_error *err)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_status status = imi_portrait_make(self->engine, *image, &jpeg, err);
    imi_image_destroy(image);
    if (status == IMI_E_NOT_FOUND || status == IMI_E_CONFLICT) {
        bool none = status == IMI_E_NOT_FOUND;
        sample->status =
            imi_capture_reason_name(none ? IMI_CAPTURE_NO_FACE : IMI_CAPTURE_SEVERAL_FACES);
        return IMI_OK;
    }
    IMI_TRY(status);
    return imi_jpeg_decode(imi_buffer_view(&jpeg), &photo_limits, image, err);
}

/* *out is NULL when the image does not serve: the sample's status then says why. */
static imi_status decode(worker *self, imi_view jpeg, eval_sample *sample, imi_image **out,
                         imi_error *err)
{
    imi_status status = imi_jpeg_decode(jpeg, &photo_limits, out, err);
    if (status != IMI_OK) {
        sample->status = imi_status_name(status);
        return is_image_error(status) ? IMI_OK : status;
    }
    return sample->on_chip ? put_on_chip(self, sample, out, err) : IMI_OK;
}

/* IMI_OK also when the image does not serve: the sample's status then says why. */
static imi_status make_template(worker *self, const char *root, eval_sample *sample, imi_error *err)
{
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    if (sample->jpeg.size == 0) {
        IMI_TRY(read_photo(root, sample->file, &file, err));
    }
    IMI_AUTO(imi_image) image = NULL;
    sample->mirror_agreement = NAN;
    IMI_TRY(decode(self, sample->jpeg.size == 0 ? imi_buffer_view(&file) : sample->jpeg, sample,
                   &image, err));
    if (image == NULL) {
        return IMI_OK;
    }
    imi_face face;
    IMI_TRY(imi_engine_analyse(self->engine, image, sample->kind, &face, err));
    sample->quality = face.quality;
    sample->status = imi_capture_reason_name(face.reason);
    return face.reason != IMI_CAPTURE_OK
               ? IMI_OK
               : imi_engine_extract_measured(self->engine, image, &face, &sample->face_template,
                                             &sample->mirror_agreement, err);
}

static void show_progress(const run *r)
{
    bool show = r->done % PROGRESS_EVERY == 0 || r->done == r->count;
    if (show && !r->options->quiet) {
        fprintf(stderr, "%s%zu of %zu images%s", isatty(STDERR_FILENO) ? "\r" : "", r->done,
                r->count, isatty(STDERR_FILENO) && r->done < r->count ? "" : "\n");
    }
}

static void do_job(void *worker_state, void *argument)
{
    job *self = argument;
    run *r = self->run;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = make_template(worker_state, r->options->root, self->sample, &error);
    pthread_mutex_lock(&r->mutex);
    r->done++;
    if (status != IMI_OK && r->failure.status == IMI_OK) {
        r->failure = error;
        r->failure.status = status;
    }
    show_progress(r);
    pthread_mutex_unlock(&r->mutex);
}

static imi_status run_jobs(run *r, job *jobs, imi_error *err)
{
    IMI_AUTO(imi_pool) pool = NULL;
    imi_pool_options options = {
        .name = "eval",
        .threads = r->options->jobs,
        .queue_capacity = r->count,
        .worker_new = worker_new,
        .worker_destroy = worker_destroy,
        .user = r,
    };
    IMI_TRY(imi_pool_new(&options, &pool, err));
    for (size_t i = 0; i < r->count; i++) {
        IMI_TRY(imi_pool_submit(pool, do_job, &jobs[i], err));
    }
    /* Leaving the scope runs every job that is queued. */
    return IMI_OK;
}

static imi_status find_models(const char *folder, char out[IMI_PLACE_SIZE], imi_error *err)
{
    if (folder == NULL) {
        return imi_place_shared("models", out, err);
    }
    if (!imi_copy_text(out, IMI_PLACE_SIZE, folder)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "path of the models is too long");
    }
    return IMI_OK;
}

imi_status eval_gather(const eval_gather_options *options, eval_sample *samples, size_t count,
                       imi_error *err)
{
    if (count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are no images");
    }
    run r = {.options = options, .mutex = PTHREAD_MUTEX_INITIALIZER, .count = count};
    IMI_TRY(find_models(options->models, r.models, err));
    job *jobs = imi_alloc_array(count, sizeof *jobs);
    if (jobs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu jobs", count);
    }
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (job){&r, &samples[i]};
        samples[i].status = imi_status_name(IMI_E_INTERNAL);
    }
    imi_status status = run_jobs(&r, jobs, err);
    imi_free(jobs);
    if (status == IMI_OK && r.failure.status != IMI_OK) {
        status = r.failure.status;
        if (err != NULL) {
            *err = r.failure;
        }
    }
    return status;
}

size_t eval_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 256 ? 256 : (size_t)cores;
}
