/*
 * The capture as an object: its life, its answers, and the job that judges its frames.
 */
#include "live_capture.h"

#include "service_internal.h"

/* A job finds a free worker within a millisecond, or others wait as well. */
enum { HURRY_AFTER_MS = 15 };

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
    imi_examiner_destroy(&capture->examiner);
    pthread_mutex_destroy(&capture->mutex);
    imi_wipe(capture, sizeof *capture);
    imi_free(capture);
}

static imi_status make_examiner(imi_live_capture *capture, imi_error *err)
{
    const imi_service_options *parts = &capture->service->options;
    imi_examiner_options options = {
        .challenge = &capture->plan.challenge,
        .light = &capture->plan.light,
        .networks = parts->pad_available && capture->purpose->pad != IMI_POLICY_PAD_OFF,
        .hints = &capture->plan.hints,
        .scorer = parts->scorer,
    };
    return imi_examiner_new(&options, &capture->examiner, err);
}

static imi_status fill_capture(imi_live_capture *capture, const imi_session_record *record,
                               const imi_capture_plan *plan, imi_error *err)
{
    imi_copy_text(capture->session_id, sizeof capture->session_id, record->session_id);
    imi_copy_text(capture->reference_id, sizeof capture->reference_id, record->reference_id);
    imi_copy(capture->credential_hash, record->credential_hash, sizeof capture->credential_hash);
    imi_copy(capture->device_key, record->device_key, sizeof capture->device_key);
    capture->device_key_size = record->device_key_size;
    capture->expires_ms = record->expires_ms;
    capture->plan = *plan;
    capture->next_judged = 1;
    capture->last_frame_ms = imi_service_monotonic_ms(capture->service);
    capture->last_feedback = (imi_frame_feedback){.actions_total = plan->challenge.count,
                                                  .outcome = IMI_OUTCOME_IN_PROGRESS};
    imi_frame_chain_init(&capture->chain);
    IMI_TRY(imi_id_new("cap", capture->capture_id, err));
    IMI_TRY(imi_random(capture->nonce, sizeof capture->nonce, err));
    return make_examiner(capture, err);
}

imi_status imi_live_capture_new(imi_service *service, const imi_session_record *record,
                                const imi_purpose *purpose, const imi_capture_plan *plan,
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
    capture->purpose = purpose;
    IMI_TRY(fill_capture(capture, record, plan, err));
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

bool imi_live_capture_is_busy(imi_live_capture *capture, int64_t since_ms)
{
    pthread_mutex_lock(&capture->mutex);
    bool busy = capture->phase == IMI_PHASE_LIVE && capture->last_frame_ms >= since_ms;
    pthread_mutex_unlock(&capture->mutex);
    return busy;
}

/* Of frames that wait so many are judged: of two that come together, as over a slow network, each
 * is worth a look; where workers are short there is time for the newest only. */
static uint64_t count_to_judge(bool hurried)
{
    return hurried ? 1 : 2;
}

bool imi_live_capture_take_pending(imi_live_capture *capture, imi_pending_frame *out)
{
    *out = (imi_pending_frame){.jpeg = IMI_BUFFER_INIT};
    pthread_mutex_lock(&capture->mutex);
    bool found = capture->next_judged != capture->chain.next_sequence;
    if (found) {
        imi_taken_frame *place = imi_live_capture_place(capture, capture->next_judged);
        *out = (imi_pending_frame){
            .sequence = place->sequence,
            .captured_at_ms = place->captured_at_ms,
            .arrived_at_ms = place->arrived_at_ms,
            .light_shown_ms = place->light_shown_ms,
            .jpeg = place->jpeg,
            .skipped = place->answered || place->sequence + count_to_judge(capture->hurried) <
                                              capture->chain.next_sequence,
        };
        place->jpeg = (imi_buffer)IMI_BUFFER_INIT;
        capture->judging = !place->answered;
    }
    capture->job_queued = capture->job_sure = found;
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

void imi_frame_answers_tell(imi_frame_answers *answers)
{
    const imi_error none = IMI_ERROR_INIT;
    for (size_t i = 0; i < answers->count; i++) {
        imi_frame_waiters_tell(answers->waiters[i], IMI_OK, &none, &answers->feedback[i]);
    }
}

/* Write down the answer to a frame; gives those who wait for it. Mutex held. */
static imi_frame_waiter *set_answer(imi_taken_frame *place, imi_status status,
                                    const imi_frame_feedback *feedback)
{
    place->answered = true;
    place->status = status;
    place->feedback = *feedback;
    place->feedback.sequence = place->sequence;
    place->waiter_count = 0;
    return IMI_STEAL(&place->waiters);
}

/* Mutex held. A job that waits behind others has not been queued just now. */
static bool is_late(const imi_live_capture *capture)
{
    return imi_service_monotonic_ms(capture->service) - capture->queued_ms > HURRY_AFTER_MS;
}

/* Answer all waiting frames but those that will be judged. Mutex held. */
static void shed(imi_live_capture *capture, bool hurried, imi_frame_answers *out)
{
    out->count = 0;
    imi_frame_feedback told = capture->last_feedback;
    told.skipped = true;
    bool reliable = capture->job_sure && !capture->judging && capture->phase == IMI_PHASE_LIVE;
    uint64_t judged = count_to_judge(hurried);
    for (uint64_t i = capture->next_judged; reliable && i + judged < capture->chain.next_sequence;
         i++) {
        imi_taken_frame *place = imi_live_capture_place(capture, i);
        if (!place->answered) {
            out->waiters[out->count] = set_answer(place, IMI_OK, &told);
            out->feedback[out->count++] = place->feedback;
        }
    }
}

void imi_live_capture_shed(imi_live_capture *capture, imi_frame_answers *out)
{
    shed(capture, is_late(capture), out);
}

void imi_live_capture_answer(imi_live_capture *capture, const imi_pending_frame *frame,
                             imi_status status, const imi_error *error,
                             const imi_frame_feedback *feedback)
{
    imi_frame_feedback answer = status == IMI_OK ? *feedback : (imi_frame_feedback){0};
    answer.sequence = frame->sequence;
    imi_frame_answers behind;
    pthread_mutex_lock(&capture->mutex);
    imi_taken_frame *place = imi_live_capture_place(capture, frame->sequence);
    imi_frame_waiter *waiters = place->answered ? NULL : set_answer(place, status, &answer);
    if (status == IMI_OK && !frame->skipped) {
        capture->last_feedback = answer;
    }
    capture->judging = false;
    capture->next_judged = frame->sequence + 1;
    shed(capture, capture->hurried, &behind);
    pthread_mutex_unlock(&capture->mutex);
    imi_frame_waiters_tell(waiters, status, error, &answer);
    imi_frame_answers_tell(&behind);
}

/* ---- The job ---- */

/* What is to be answered to a frame of a capture that goes on. */
static imi_status look_at(imi_live_capture *capture, imi_engine *engine,
                          const imi_pending_frame *frame, imi_frame_feedback *feedback_out,
                          imi_error *err)
{
    if (frame->skipped) {
        atomic_fetch_add(&capture->service->counters.frames_skipped, 1);
        *feedback_out = capture->last_feedback; /* which only this job writes */
        feedback_out->skipped = true;
        return imi_live_capture_skip(capture, frame, err);
    }
    atomic_fetch_add(&capture->service->counters.frames_judged, 1);
    int64_t begun_ms = imi_service_monotonic_ms(capture->service);
    imi_status status = imi_live_capture_judge(capture, engine, frame, feedback_out, err);
    imi_admission_note_frame(&capture->service->admission,
                             imi_service_monotonic_ms(capture->service) - begun_ms);
    return status;
}

static void look_and_answer(imi_live_capture *capture, imi_engine *engine,
                            const imi_pending_frame *frame)
{
    imi_error error = IMI_ERROR_INIT;
    imi_frame_feedback feedback = {0};
    imi_status status = IMI_OK;
    switch (imi_live_capture_phase(capture)) {
    case IMI_PHASE_LIVE:
        status = look_at(capture, engine, frame, &feedback, &error);
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
    capture->queued_ms = imi_service_monotonic_ms(capture->service);
    pthread_mutex_unlock(&capture->mutex);
    return more && imi_pool_submit(capture->service->options.compute, imi_live_capture_run, capture,
                                   NULL) == IMI_OK;
}

static void note_how_long_it_waited(imi_live_capture *capture)
{
    pthread_mutex_lock(&capture->mutex);
    capture->hurried = is_late(capture);
    pthread_mutex_unlock(&capture->mutex);
}

void imi_live_capture_run(void *engine, void *job)
{
    imi_live_capture *capture = job;
    imi_pending_frame frame;
    note_how_long_it_waited(capture);
    while (imi_live_capture_take_pending(capture, &frame)) {
        look_and_answer(capture, engine, &frame);
        imi_held_bytes_release(&capture->service->held_bytes, &frame.jpeg);
        if (!frame.skipped && pass_on(capture)) {
            return;
        }
    }
    imi_live_capture_release(&capture);
}
