/*
 * Taking frames: a frame is the next of its chain, or a repetition of one that was taken, or
 * refused. Taken frames wait in the capture's queue for its job.
 */
#include "live_capture.h"

#include "frame_image.h"
#include "service_internal.h"

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
    imi_taken_frame *place = imi_live_capture_place(capture, frame->sequence);
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
    uint64_t due = capture->chain.next_sequence;
    if (frame->sequence > due && frame->sequence - due <= IMI_EARLY_FRAMES_MAX) {
        IMI_FAIL(err, IMI_E_FRAME_EARLY, "frame %llu came where %llu was due: send it again",
                 (unsigned long long)frame->sequence, (unsigned long long)due);
    }
    if (due - capture->next_judged >= IMI_PENDING_FRAMES_MAX) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "frames come faster than they are judged: slow down");
    }
    *standing_out = STANDING_NEXT;
    return IMI_OK;
}

/* The caller has to queue a job: its number. Mutex held. */
static uint64_t call_for_job(imi_live_capture *capture, int64_t now_ms)
{
    capture->job_queued = true;
    capture->job_sure = false;
    capture->queued_ms = now_ms;
    return ++capture->job_number;
}

/* Put a checked frame in line unless the chain has moved since; false then. *job_out: the number
 * of the job that the caller has to queue, 0 for none. Mutex held. */
static bool take_frame(imi_live_capture *capture, const imi_frame_chain *checked,
                       const imi_frame *frame, imi_buffer *take_jpeg, imi_frame_waiter *waiter,
                       uint64_t *job_out)
{
    int64_t now_ms = imi_service_monotonic_ms(capture->service);
    *job_out = 0;
    if (capture->phase == IMI_PHASE_DROPPED ||
        capture->chain.next_sequence != checked->next_sequence) {
        return false;
    }
    imi_taken_frame *place = imi_live_capture_place(capture, frame->sequence);
    *place = (imi_taken_frame){
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .arrived_at_ms = now_ms,
        .light_shown_ms = frame->light_shown_ms,
        .jpeg = *take_jpeg,
        .waiters = waiter,
        .waiter_count = 1,
    };
    *take_jpeg = (imi_buffer)IMI_BUFFER_INIT;
    imi_copy(place->signature, frame->signature.data, sizeof place->signature);
    imi_frame_chain_advance(&capture->chain, frame);
    capture->last_frame_ms = now_ms;
    *job_out = capture->job_queued ? 0 : call_for_job(capture, now_ms);
    return true;
}

/* Set the chain back to the last judged frame; gives the waiters of all others. Mutex held. */
static imi_frame_waiter *roll_back(imi_live_capture *capture)
{
    imi_frame_waiter *all = NULL;
    for (uint64_t i = capture->next_judged; i < capture->chain.next_sequence; i++) {
        imi_taken_frame *place = imi_live_capture_place(capture, i);
        while (place->waiters != NULL) {
            imi_frame_waiter *waiter = place->waiters;
            place->waiters = waiter->next;
            waiter->next = all;
            all = waiter;
        }
        imi_held_bytes_release(&capture->service->held_bytes, &place->jpeg);
        *place = (imi_taken_frame){0};
    }
    uint64_t last = capture->next_judged - 1;
    imi_frame_chain_init(&capture->chain);
    if (last > 0) {
        const imi_taken_frame *place = imi_live_capture_place(capture, last);
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

/* From now on frames may rely on this job, if it has not come and gone. */
static void trust_job(imi_live_capture *capture, uint64_t number)
{
    pthread_mutex_lock(&capture->mutex);
    capture->job_sure = capture->job_sure || capture->job_number == number;
    pthread_mutex_unlock(&capture->mutex);
}

/* Queue the job, or undo everything that was taken and not judged. On failure the waiter is the
 * caller's again; those of other calls are told to come back later. */
static imi_status start_job(imi_live_capture *capture, uint64_t number, imi_frame_waiter *waiter,
                            imi_error *err)
{
    imi_live_capture *reference = imi_live_capture_acquire(capture);
    imi_error error = IMI_ERROR_INIT;
    imi_status status =
        imi_pool_submit(capture->service->options.compute, imi_live_capture_run, reference, &error);
    if (status == IMI_OK) {
        trust_job(capture, number);
        return IMI_OK;
    }
    pthread_mutex_lock(&capture->mutex);
    imi_frame_waiter *others = without(roll_back(capture), waiter);
    pthread_mutex_unlock(&capture->mutex);
    imi_live_capture_release(&reference);
    imi_frame_feedback nothing = {0};
    imi_frame_waiters_tell(others, status, &error, &nothing);
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
    imi_held_bytes *held = &capture->service->held_bytes;
    imi_buffer jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_held_bytes_copy(held, frame->jpeg, &jpeg, err));
    uint64_t job = 0;
    imi_frame_answers shed;
    pthread_mutex_lock(&capture->mutex);
    *taken_out = take_frame(capture, chain, frame, &jpeg, waiter, &job);
    imi_live_capture_shed(capture, &shed);
    pthread_mutex_unlock(&capture->mutex);
    imi_held_bytes_release(held, &jpeg); /* if it was not taken */
    imi_frame_answers_tell(&shed);
    return job > 0 ? start_job(capture, job, waiter, err) : IMI_OK;
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
    imi_frame_waiters_tell(waiter, answer->status, &error, &answer->feedback);
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
