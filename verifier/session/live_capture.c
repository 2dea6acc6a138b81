/*
 * The capture as an object: its life, its answers, and the job that judges its frames.
 */
#include "live_capture.h"

#include "service_internal.h"

static void free_waiters(imi_frame_waiter *waiter)
{
    while (waiter != NULL) {
        imi_frame_waiter *next = waiter->next;
        imi_free(waiter);
        waiter = next;
    }
}

static void destroy_capture(imi_live_capture *capture)
{
    for (size_t i = 0; i < IMI_ANSWERS_KEPT; i++) {
        imi_held_bytes_release(&capture->service->held_bytes, &capture->taken[i].jpeg);
        free_waiters(capture->taken[i].waiters);
    }
    imi_probe_set_clean_up(&capture->probes);
    imi_liveness_judge_destroy(&capture->judge);
    pthread_mutex_destroy(&capture->mutex);
    imi_wipe(capture, sizeof *capture);
    imi_free(capture);
}

static imi_status fill_capture(imi_live_capture *capture, const imi_session_record *record,
                               const imi_challenge *challenge, imi_error *err)
{
    imi_copy_text(capture->session_id, sizeof capture->session_id, record->session_id);
    imi_copy_text(capture->reference_id, sizeof capture->reference_id, record->reference_id);
    imi_copy(capture->credential_hash, record->credential_hash, sizeof capture->credential_hash);
    imi_copy(capture->device_key, record->device_key, sizeof capture->device_key);
    capture->device_key_size = record->device_key_size;
    capture->expires_ms = record->expires_ms;
    capture->challenge = *challenge;
    capture->next_judged = 1;
    capture->last_frame_ms = imi_service_monotonic_ms(capture->service);
    imi_frame_chain_init(&capture->chain);
    IMI_TRY(imi_id_new("cap", capture->capture_id, err));
    IMI_TRY(imi_random(capture->nonce, sizeof capture->nonce, err));
    imi_liveness_options patience = {0};
    return imi_liveness_judge_new(challenge, &patience, &capture->judge, err);
}

imi_status imi_live_capture_new(imi_service *service, const imi_session_record *record,
                                const imi_purpose *purpose, const imi_challenge *challenge,
                                imi_live_capture **out, imi_error *err)
{
    *out = NULL;
    if (record->device_key_size > IMI_STORE_KEY_SIZE) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a stored device key is too long");
    }
    IMI_AUTO(imi_live_capture) capture = imi_alloc(sizeof *capture);
    if (capture == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a capture");
    }
    atomic_init(&capture->references, 1);
    pthread_mutex_init(&capture->mutex, NULL);
    capture->service = service;
    imi_probe_set_init(&capture->probes, &service->held_bytes);
    capture->purpose = purpose;
    IMI_TRY(fill_capture(capture, record, challenge, err));
    *out = IMI_STEAL(&capture);
    return IMI_OK;
}

imi_live_capture *imi_live_capture_acquire(imi_live_capture *capture)
{
    atomic_fetch_add_explicit(&capture->references, 1, memory_order_relaxed);
    return capture;
}

void imi_live_capture_release(imi_live_capture **capture_pointer)
{
    imi_live_capture *capture = capture_pointer == NULL ? NULL : IMI_STEAL(capture_pointer);
    if (capture != NULL &&
        atomic_fetch_sub_explicit(&capture->references, 1, memory_order_acq_rel) == 1) {
        destroy_capture(capture);
    }
}

void imi_live_capture_drop(imi_live_capture *capture)
{
    pthread_mutex_lock(&capture->mutex);
    capture->phase = IMI_PHASE_DROPPED;
    pthread_mutex_unlock(&capture->mutex);
}

imi_live_phase imi_live_capture_phase(imi_live_capture *capture)
{
    pthread_mutex_lock(&capture->mutex);
    imi_live_phase phase = capture->phase;
    pthread_mutex_unlock(&capture->mutex);
    return phase;
}

int64_t imi_live_capture_last_frame_ms(imi_live_capture *capture)
{
    pthread_mutex_lock(&capture->mutex);
    int64_t last_frame_ms = capture->last_frame_ms;
    pthread_mutex_unlock(&capture->mutex);
    return last_frame_ms;
}

bool imi_live_capture_take_pending(imi_live_capture *capture, imi_pending_frame *out)
{
    *out = (imi_pending_frame){.jpeg = IMI_BUFFER_INIT};
    pthread_mutex_lock(&capture->mutex);
    bool found = capture->next_judged != capture->chain.next_sequence;
    if (found) {
        imi_taken_frame *place = imi_live_capture_place(capture, capture->next_judged);
        out->sequence = place->sequence;
        out->captured_at_ms = place->captured_at_ms;
        out->jpeg = place->jpeg;
        place->jpeg = (imi_buffer)IMI_BUFFER_INIT;
    } else {
        capture->job_queued = false;
    }
    pthread_mutex_unlock(&capture->mutex);
    return found;
}

void imi_frame_waiters_tell(imi_frame_waiter *waiter, imi_status status, const imi_error *error,
                            const imi_frame_feedback *feedback)
{
    while (waiter != NULL) {
        imi_frame_waiter *next = waiter->next;
        waiter->reply(waiter->user, status, error, feedback);
        imi_free(waiter);
        waiter = next;
    }
}

void imi_live_capture_answer(imi_live_capture *capture, const imi_pending_frame *frame,
                             imi_status status, const imi_error *error,
                             const imi_frame_feedback *feedback)
{
    imi_frame_feedback answer = {.sequence = frame->sequence};
    if (status == IMI_OK) {
        answer = *feedback;
        answer.sequence = frame->sequence;
    }
    pthread_mutex_lock(&capture->mutex);
    imi_taken_frame *place = imi_live_capture_place(capture, frame->sequence);
    imi_frame_waiter *waiters = IMI_STEAL(&place->waiters);
    place->waiter_count = 0;
    place->answered = true;
    place->status = status;
    place->feedback = answer;
    capture->next_judged = frame->sequence + 1;
    pthread_mutex_unlock(&capture->mutex);
    imi_frame_waiters_tell(waiters, status, error, &answer);
}

/* ---- The job ---- */

static void judge_and_answer(imi_live_capture *capture, imi_engine *engine,
                             const imi_pending_frame *frame)
{
    imi_error error = IMI_ERROR_INIT;
    imi_frame_feedback feedback = {0};
    imi_status status = IMI_OK;
    switch (imi_live_capture_phase(capture)) {
    case IMI_PHASE_LIVE:
        status = imi_live_capture_judge(capture, engine, frame, &feedback, &error);
        break;
    case IMI_PHASE_ENDED:
        feedback = capture->final_feedback;
        break;
    case IMI_PHASE_DROPPED:
    default:
        status = imi_error_set(&error, IMI_E_FRAME_CHAIN, 0, __FILE__, __LINE__,
                               "the capture is over: begin another");
        break;
    }
    imi_live_capture_answer(capture, frame, status, &error, &feedback);
}

/* Queue another job for the frames that wait, so that one phone does not keep a worker. */
static bool pass_on(imi_live_capture *capture)
{
    pthread_mutex_lock(&capture->mutex);
    bool more = capture->next_judged != capture->chain.next_sequence;
    pthread_mutex_unlock(&capture->mutex);
    return more && imi_pool_submit(capture->service->options.compute, imi_live_capture_run, capture,
                                   NULL) == IMI_OK;
}

void imi_live_capture_run(void *engine, void *job)
{
    imi_live_capture *capture = job;
    imi_pending_frame frame;
    while (imi_live_capture_take_pending(capture, &frame)) {
        judge_and_answer(capture, engine, &frame);
        imi_held_bytes_release(&capture->service->held_bytes, &frame.jpeg);
        if (pass_on(capture)) {
            return;
        }
    }
    imi_live_capture_release(&capture);
}
