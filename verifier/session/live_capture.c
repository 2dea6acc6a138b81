/*
 * The capture as an object: its life, its queue, and the answers it remembers.
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
        imi_buffer_clean_up(&capture->taken[i].jpeg);
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

static imi_taken_frame *place_of(imi_live_capture *capture, uint64_t sequence)
{
    return &capture->taken[sequence % IMI_ANSWERS_KEPT];
}

bool imi_live_capture_take_pending(imi_live_capture *capture, imi_pending_frame *out)
{
    *out = (imi_pending_frame){.jpeg = IMI_BUFFER_INIT};
    pthread_mutex_lock(&capture->mutex);
    bool found = capture->next_judged != capture->chain.next_sequence;
    if (found) {
        imi_taken_frame *place = place_of(capture, capture->next_judged);
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

/* Call and free a list of waiters. Never under a lock. */
static void tell_waiters(imi_frame_waiter *waiter, imi_status status, const imi_error *error,
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
    imi_taken_frame *place = place_of(capture, frame->sequence);
    imi_frame_waiter *waiters = IMI_STEAL(&place->waiters);
    place->waiter_count = 0;
    place->answered = true;
    place->status = status;
    place->feedback = answer;
    capture->next_judged = frame->sequence + 1;
    pthread_mutex_unlock(&capture->mutex);
    tell_waiters(waiters, status, error, &answer);
}

/* ---- Taking frames ---- */

/* How a frame stands to those taken before. */
typedef enum standing {
    STANDING_NEXT, /* to be checked against the chain */
    STANDING_ANSWERED, /* taken before; the answer is known */
    STANDING_WAITING /* taken before; the waiter was put in line */
} standing;

static imi_status recall(imi_live_capture *capture, const imi_frame *frame,
                         imi_frame_waiter *waiter, standing *standing_out,
                         imi_taken_frame *answer_out, imi_error *err)
{
    imi_taken_frame *place = place_of(capture, frame->sequence);
    if (place->sequence != frame->sequence ||
        !imi_view_equal((imi_view){place->signature, sizeof place->signature}, frame->signature)) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "another frame was taken under this sequence number");
    }
    if (place->answered) {
        *answer_out = *place;
        *standing_out = STANDING_ANSWERED;
        return IMI_OK;
    }
    if (place->waiter_count >= IMI_WAITERS_MAX) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "this frame is being judged: wait for the answer");
    }
    waiter->next = place->waiters;
    place->waiters = waiter;
    place->waiter_count++;
    *standing_out = STANDING_WAITING;
    return IMI_OK;
}

/* Mutex held. */
static imi_status classify(imi_live_capture *capture, const imi_frame *frame,
                           imi_frame_waiter *waiter, standing *standing_out,
                           imi_taken_frame *answer_out, imi_error *err)
{
    if (capture->phase == IMI_PHASE_DROPPED) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "the capture is over: begin another");
    }
    if (frame->sequence > 0 && frame->sequence < capture->chain.next_sequence) {
        return recall(capture, frame, waiter, standing_out, answer_out, err);
    }
    if (capture->chain.next_sequence - capture->next_judged >= IMI_PENDING_FRAMES_MAX) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "frames come faster than they are judged: slow down");
    }
    *standing_out = STANDING_NEXT;
    return IMI_OK;
}

/* Put a checked frame in line unless the chain has moved since; false then. *start_out: the
 * caller has to queue the job. Mutex held. */
static bool take_frame(imi_live_capture *capture, const imi_frame_chain *checked,
                       const imi_frame *frame, imi_buffer *take_jpeg, imi_frame_waiter *waiter,
                       bool *start_out)
{
    *start_out = false;
    if (capture->phase == IMI_PHASE_DROPPED ||
        capture->chain.next_sequence != checked->next_sequence) {
        return false;
    }
    imi_taken_frame *place = place_of(capture, frame->sequence);
    *place = (imi_taken_frame){
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .jpeg = *take_jpeg,
        .waiters = waiter,
        .waiter_count = 1,
    };
    *take_jpeg = (imi_buffer)IMI_BUFFER_INIT;
    imi_copy(place->signature, frame->signature.data, sizeof place->signature);
    imi_frame_chain_advance(&capture->chain, frame);
    capture->last_frame_ms = imi_service_monotonic_ms(capture->service);
    *start_out = !capture->job_queued;
    capture->job_queued = true;
    return true;
}

/* Set the chain back to the last judged frame; gives the waiters of all others. Mutex held. */
static imi_frame_waiter *roll_back(imi_live_capture *capture)
{
    imi_frame_waiter *all = NULL;
    for (uint64_t i = capture->next_judged; i < capture->chain.next_sequence; i++) {
        imi_taken_frame *place = place_of(capture, i);
        while (place->waiters != NULL) {
            imi_frame_waiter *waiter = place->waiters;
            place->waiters = waiter->next;
            waiter->next = all;
            all = waiter;
        }
        imi_buffer_clean_up(&place->jpeg);
        *place = (imi_taken_frame){0};
    }
    uint64_t last = capture->next_judged - 1;
    imi_frame_chain_init(&capture->chain);
    if (last > 0) {
        const imi_taken_frame *place = place_of(capture, last);
        capture->chain.next_sequence = last + 1;
        capture->chain.last_captured_at_ms = place->captured_at_ms;
        imi_copy(capture->chain.last_signature, place->signature, sizeof place->signature);
    }
    capture->job_queued = false;
    return all;
}

/* Remove one waiter from a list. */
static imi_frame_waiter *without(imi_frame_waiter *list, const imi_frame_waiter *waiter)
{
    imi_frame_waiter **link = &list;
    while (*link != NULL && *link != waiter) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = waiter->next;
    }
    return list;
}

/* Queue the job, or undo everything that was taken and not judged. On failure the waiter is the
 * caller's again; those of other calls are told to come back later. */
static imi_status start_job(imi_live_capture *capture, imi_frame_waiter *waiter, imi_error *err)
{
    imi_live_capture *reference = imi_live_capture_acquire(capture);
    imi_error error = IMI_ERROR_INIT;
    imi_status status =
        imi_pool_submit(capture->service->options.compute, imi_live_capture_run, reference, &error);
    if (status == IMI_OK) {
        return IMI_OK;
    }
    pthread_mutex_lock(&capture->mutex);
    imi_frame_waiter *others = without(roll_back(capture), waiter);
    pthread_mutex_unlock(&capture->mutex);
    imi_live_capture_release(&reference);
    imi_frame_feedback nothing = {0};
    tell_waiters(others, status, &error, &nothing);
    if (err != NULL) {
        *err = error;
    }
    return status;
}

/* Check against a copy of the chain, as the signature takes too long to be checked under the
 * lock, and take the frame if the chain has not moved meanwhile. */
static imi_status take_next(imi_live_capture *capture, const imi_frame_chain *chain,
                            const imi_frame *frame, imi_frame_waiter *waiter, bool *taken_out,
                            imi_error *err)
{
    *taken_out = false;
    imi_frame_binding binding = {{capture->device_key, capture->device_key_size}, capture->nonce};
    IMI_TRY(imi_frame_chain_check(chain, &binding, frame, err));
    IMI_TRY(imi_frame_inspect(frame->jpeg, err));
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append(&jpeg, frame->jpeg, err));
    bool start = false;
    pthread_mutex_lock(&capture->mutex);
    *taken_out = take_frame(capture, chain, frame, &jpeg, waiter, &start);
    pthread_mutex_unlock(&capture->mutex);
    return start ? start_job(capture, waiter, err) : IMI_OK;
}

/* Give a remembered answer again. */
static void reply_again(const imi_taken_frame *answer, imi_frame_waiter *waiter)
{
    imi_error error = IMI_ERROR_INIT;
    if (answer->status != IMI_OK) {
        (void)imi_error_set(&error, answer->status, 0, __FILE__, __LINE__,
                            "the frame was answered before: %s", imi_status_name(answer->status));
    }
    waiter->next = NULL;
    tell_waiters(waiter, answer->status, &error, &answer->feedback);
}

/* On success the waiter has been told or is in line. */
static imi_status submit(imi_live_capture *capture, const imi_frame *frame,
                         imi_frame_waiter *take_waiter, imi_error *err)
{
    for (;;) {
        standing how = STANDING_NEXT;
        imi_taken_frame answer;
        pthread_mutex_lock(&capture->mutex);
        imi_frame_chain chain = capture->chain;
        imi_status status = classify(capture, frame, take_waiter, &how, &answer, err);
        pthread_mutex_unlock(&capture->mutex);
        IMI_TRY(status);
        if (how == STANDING_ANSWERED) {
            reply_again(&answer, take_waiter);
        }
        if (how != STANDING_NEXT) {
            return IMI_OK;
        }
        bool taken = false;
        IMI_TRY(take_next(capture, &chain, frame, take_waiter, &taken, err));
        if (taken) {
            return IMI_OK;
        }
        /* Somebody else moved the chain: judge the frame against where it stands now. */
    }
}

imi_status imi_live_capture_submit(imi_live_capture *capture, const imi_frame *frame,
                                   imi_frame_reply reply, void *user, imi_error *err)
{
    imi_frame_waiter *waiter = imi_alloc(sizeof *waiter);
    if (waiter == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a frame");
    }
    waiter->reply = reply;
    waiter->user = user;
    imi_status status = submit(capture, frame, waiter, err);
    if (status != IMI_OK) {
        imi_free(waiter);
    }
    return status;
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
        imi_buffer_clean_up(&frame.jpeg);
        if (pass_on(capture)) {
            return;
        }
    }
    imi_live_capture_release(&capture);
}
