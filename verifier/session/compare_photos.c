/*
 * Comparison of two photos under a purpose's threshold; nothing is stored.
 */
#include "portrait.h"
#include "score.h"
#include "service_internal.h"

#include <math.h>

enum { PHOTO_BYTES_MAX = 2 << 20 };

typedef struct comparing {
    imi_service *service;
    const imi_purpose *purpose; /* owned by the policy */
    imi_buffer probe_jpeg, reference_jpeg;
    imi_compare_reply reply;
    void *user;
} comparing;

static void destroy_job(comparing *job)
{
    if (job != NULL) {
        imi_buffer_clean_up(&job->probe_jpeg);
        imi_buffer_clean_up(&job->reference_jpeg);
        imi_free(job);
    }
}

static imi_photo_comparison nothing_compared(void)
{
    return (imi_photo_comparison){.comparison = {.similarity = NAN, .fmr = NAN}};
}

typedef struct photo_pair {
    imi_template probe, reference;
} photo_pair;

static imi_status judge_pair(const comparing *job, const photo_pair *pair,
                             imi_photo_comparison *result, imi_error *err)
{
    imi_service *service = job->service;
    const imi_operating_point *point =
        imi_operating_points_acquire(service->points, job->purpose->name);
    if (point == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the purpose has no operating point");
    }
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(service->cohorts);
    imi_score_request request = {
        .point = point,
        .cohort = shared == NULL ? NULL : shared->cohort,
        .probes = &pair->probe,
        .probe_count = 1,
        .references = &pair->reference,
        .reference_count = 1,
    };
    imi_scores scores;
    imi_status status = imi_score_compare(&request, &scores, err);
    imi_operating_point_release(&point);
    IMI_TRY(status);
    result->comparison = scores.active.comparison;
    if (!(result->comparison.fmr >= 0) || !isfinite(scores.active.threshold)) {
        IMI_FAIL(err, IMI_E_INTERNAL, "the comparison gave no false match rate");
    }
    result->decision =
        imi_similarity_matches(scores.active.comparison.similarity, scores.active.threshold)
            ? IMI_DECISION_VERIFIED
            : IMI_DECISION_REJECTED;
    return IMI_OK;
}

static imi_status compare_pair(comparing *job, imi_engine *engine, photo_pair *pair,
                               imi_photo_comparison *result, imi_error *err)
{
    imi_portrait_view probe, reference;
    IMI_TRY(imi_portrait_extract(engine, &job->probe_jpeg, &probe, &pair->probe, err));
    result->probe_reason = probe.reason;
    IMI_TRY(imi_portrait_extract(engine, &job->reference_jpeg, &reference, &pair->reference, err));
    result->reference_reason = reference.reason;
    if (result->probe_reason != IMI_CAPTURE_OK || result->reference_reason != IMI_CAPTURE_OK) {
        result->decision = IMI_DECISION_RETRY;
        return IMI_OK;
    }
    return judge_pair(job, pair, result, err);
}

static void run_compare(void *engine, void *argument)
{
    comparing *job = argument;
    imi_error error = IMI_ERROR_INIT;
    imi_photo_comparison result = nothing_compared();
    photo_pair pair = {0};
    imi_status status = compare_pair(job, engine, &pair, &result, &error);
    imi_template_wipe(&pair.probe);
    imi_template_wipe(&pair.reference);
    if (status != IMI_OK) {
        result = nothing_compared();
    }
    job->reply(job->user, status, &error, &result);
    destroy_job(job);
}

static imi_status queue_compare(comparing *job, imi_view probe_jpeg, imi_view reference_jpeg,
                                imi_error *err)
{
    IMI_TRY(imi_buffer_append(&job->probe_jpeg, probe_jpeg, err));
    IMI_TRY(imi_buffer_append(&job->reference_jpeg, reference_jpeg, err));
    return imi_pool_submit(job->service->options.compute, run_compare, job, err);
}

imi_status imi_service_compare_photos(imi_service *service, const char *party, const char *purpose,
                                      imi_view probe_jpeg, imi_view reference_jpeg,
                                      imi_compare_reply reply, void *user, imi_error *err)
{
    const imi_purpose *granted = NULL;
    IMI_TRY(imi_service_granted_purpose(service, party, purpose, &granted, err));
    if (reply == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a comparison needs a reply");
    }
    IMI_TRY(imi_portrait_inspect(probe_jpeg, PHOTO_BYTES_MAX, err));
    IMI_TRY(imi_portrait_inspect(reference_jpeg, PHOTO_BYTES_MAX, err));
    comparing *job = imi_alloc(sizeof *job);
    if (job == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a comparison");
    }
    job->service = service;
    job->purpose = granted;
    job->reply = reply;
    job->user = user;
    imi_status status = queue_compare(job, probe_jpeg, reference_jpeg, err);
    if (status != IMI_OK) {
        destroy_job(job);
    }
    return status;
}
