#include "phone-sim/capture_link.h"
#include "phone-sim/phone_internal.h"

#include "imi/clock.h"

#include <time.h>

/*
 * One capture as a loop: when a camera moment is due and the window has room, take a frame,
 * sign it and send it; then wait for answers until the next moment. Frames stay in the window
 * until they are answered, because the chain of signatures allows no gap: after an
 * interruption exactly these are sent again.
 */
enum {
    WINDOW_CAMERA = 4,
    WINDOW_LOCKSTEP = 1, /* so that every frame is judged, none skipped for a newer one */
    WINDOW_MAX = 4,
    RECOVERIES_MAX = 60, /* in a row, without one answer in between */
    BACKOFF_MIN_MS = 20,
    BACKOFF_MAX_MS = 1000,
    OUTCOME_POLLS = 100,
    OUTCOME_POLL_MS = 50,
    WAIT_MS = 200 /* longest wait at once, so that the time limit is seen */
};

typedef struct capture {
    imi_phone *phone;
    imi_source *source;
    imi_phone_result *result;
    imi_capture_begun begun;
    imi_capture_link *link; /* NULL: to be opened */
    imi_signed_frame window[WINDOW_MAX];
    int64_t sent_us[WINDOW_MAX];
    size_t window_size; /* most unanswered frames */
    size_t pending; /* unanswered frames, the oldest first */
    size_t sent; /* of these, sent over the present link */
    uint64_t sequence; /* of the last signed frame */
    uint64_t broken_at; /* sequence at which the link was last broken on purpose */
    uint8_t previous_signature[IMI_CORE_SIGNATURE_SIZE];
    imi_sim_cue cue;
    int64_t started_us;
    int64_t started_unix_ms;
    int64_t period_us;
    int64_t next_due_us; /* since started_us */
    int64_t lag_us; /* lockstep: how far the capture clock is behind */
    uint32_t recoveries;
    bool ended;
} capture;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void sleep_ms(int64_t ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

static int64_t elapsed_us(const capture *self)
{
    return now_us() - self->started_us;
}

static bool has_room(const capture *self)
{
    return self->pending < self->window_size;
}

static bool wants_more(const capture *self)
{
    uint32_t most = self->phone->options.frames_max;
    return most == 0 || self->sequence < most;
}

/* Sign the frame that the camera sees at this moment and put it into the window. */
static imi_status take_frame(capture *self, int64_t at_us, imi_error *err)
{
    self->cue.light_shown_ms = at_us / 1000;
    const imi_sim_frame *image = self->source->frame_at(self->source, at_us / 1000, &self->cue);
    if (image->jpeg.size > self->begun.max_frame_bytes) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "a frame of %zu bytes is larger than the server's %u",
                 image->jpeg.size, self->begun.max_frame_bytes);
    }
    imi_signed_frame *frame = &self->window[self->pending];
    frame->image = image;
    frame->sequence = self->sequence + 1;
    frame->captured_at_ms = self->started_unix_ms + at_us / 1000;
    frame->light_shown_ms = self->begun.light.count > 0 ? (uint32_t)(at_us / 1000) + 1 : 0;
    imi_core_frame_link link = {
        .nonce = self->begun.nonce,
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .image_digest = image->digest,
        .previous_signature = self->previous_signature,
    };
    IMI_TRY(imi_device_key_sign_frame(self->phone->key, &link, frame->signature, err));
    imi_copy(self->previous_signature, frame->signature, sizeof frame->signature);
    self->sequence++;
    self->pending++;
    self->result->frames_sent++;
    return IMI_OK;
}

/* Take a frame if its moment has come. A busy window makes a camera miss the moment, and
 * lockstep's clock wait. */
static imi_status take_if_due(capture *self, imi_error *err)
{
    int64_t elapsed = elapsed_us(self);
    bool lockstep = self->phone->options.pace == IMI_PHONE_PACE_LOCKSTEP;
    if (!wants_more(self) || elapsed - self->lag_us < self->next_due_us) {
        return IMI_OK;
    }
    if (!has_room(self)) {
        if (!lockstep) {
            self->next_due_us += self->period_us;
            self->result->frames_skipped++;
        }
        return IMI_OK;
    }
    if (lockstep) {
        self->lag_us = elapsed - self->next_due_us;
    }
    IMI_TRY(take_frame(self, self->next_due_us, err));
    self->next_due_us += self->period_us;
    return IMI_OK;
}

static imi_status open_link(capture *self, imi_error *err)
{
    imi_capture_route route = {
        .channel = self->phone->options.channel,
        .authorization = self->phone->authorization,
        .capture_id = self->begun.capture_id,
    };
    self->sent = 0;
    return self->phone->options.unary ? imi_capture_link_unary(&route, &self->link, err)
                                      : imi_capture_link_stream(&route, &self->link, err);
}

static bool is_transient(imi_status status)
{
    return status == IMI_E_EXHAUSTED || status == IMI_E_RPC_UNAVAILABLE ||
           status == IMI_E_CANCELLED;
}

static void interrupted(capture *self, imi_status status)
{
    imi_capture_link_destroy(&self->link);
    self->result->interruptions += status != IMI_E_EXHAUSTED;
    self->result->refusals += status == IMI_E_EXHAUSTED;
    imi_phone_tell(self->phone,
                   &(imi_phone_event){.kind = IMI_PHONE_INTERRUPTED, .status = status});
}

/* After a failure that may pass: drop the link, wait a little, go on. */
static imi_status recover(capture *self, imi_status status)
{
    if (!is_transient(status) || ++self->recoveries > RECOVERIES_MAX) {
        return status;
    }
    interrupted(self, status);
    int64_t backoff = (int64_t)BACKOFF_MIN_MS * self->recoveries;
    sleep_ms(backoff < BACKOFF_MAX_MS ? backoff : BACKOFF_MAX_MS);
    return IMI_OK;
}

static imi_status send_pending(capture *self, imi_error *err)
{
    if (self->pending == 0) {
        return IMI_OK;
    }
    if (self->link == NULL) {
        IMI_TRY(open_link(self, err));
    }
    /* A unary link answers within send, so it takes one at a time. */
    size_t most = self->phone->options.unary ? 1 : self->pending;
    while (self->sent < most) {
        self->sent_us[self->sent] = now_us();
        IMI_TRY(self->link->send(self->link, &self->window[self->sent], err));
        self->sent++;
    }
    return IMI_OK;
}

static void drop_answered(capture *self, uint64_t sequence)
{
    size_t answered = 0;
    while (answered < self->pending && self->window[answered].sequence <= sequence) {
        answered++;
    }
    for (size_t i = answered; i < self->pending; i++) {
        self->window[i - answered] = self->window[i];
        self->sent_us[i - answered] = self->sent_us[i];
    }
    self->pending -= answered;
    self->sent -= answered < self->sent ? answered : self->sent;
    self->result->frames_answered += answered;
}

static void take_answer(capture *self, const imi_frame_feedback *feedback)
{
    if (self->pending == 0 || feedback->sequence < self->window[0].sequence) {
        return; /* the second answer to a frame that was sent twice */
    }
    self->recoveries = 0;
    imi_phone_event event = {
        .kind = IMI_PHONE_FEEDBACK,
        .feedback = feedback,
        .latency_us = now_us() - self->sent_us[0],
    };
    drop_answered(self, feedback->sequence);
    imi_phone_tell(self->phone, &event);
    /* NONE means: keep the last phrase. */
    if (feedback->guidance != IMI_GUIDANCE_NONE && feedback->guidance != self->cue.guidance) {
        event.kind = IMI_PHONE_GUIDANCE;
        self->cue.guidance = feedback->guidance;
        imi_phone_tell(self->phone, &event);
    }
    self->cue.actions_done = feedback->actions_done;
    self->cue.has_target = feedback->has_target;
    self->cue.target = feedback->target;
    self->ended =
        feedback->guidance == IMI_GUIDANCE_DONE || feedback->outcome > IMI_OUTCOME_IN_PROGRESS;
}

/* Until the next camera moment, or until an answer makes room. */
static int64_t wait_ms(const capture *self)
{
    int64_t due_us = self->next_due_us + self->lag_us - elapsed_us(self);
    int64_t wait = due_us <= 0 ? WAIT_MS : due_us / 1000 + 1;
    return wait < WAIT_MS ? wait : WAIT_MS;
}

static imi_status receive_answers(capture *self, imi_error *err)
{
    int64_t timeout_ms = wait_ms(self);
    if (self->link == NULL || self->pending == 0) {
        sleep_ms(timeout_ms);
        return IMI_OK;
    }
    imi_frame_feedback feedback;
    bool got = false;
    IMI_TRY(self->link->receive(self->link, timeout_ms, &feedback, &got, err));
    if (got) {
        take_answer(self, &feedback);
    }
    return IMI_OK;
}

static bool is_over(const capture *self)
{
    bool left = !wants_more(self) && self->pending == 0;
    return self->ended || left || elapsed_us(self) / 1000 > self->phone->options.capture_timeout_ms;
}

static imi_status step(capture *self, imi_error *err)
{
    IMI_TRY(take_if_due(self, err));
    IMI_TRY(send_pending(self, err));
    uint32_t every = self->phone->options.interrupt_every;
    if (every > 0 && self->sequence - self->broken_at >= every) {
        self->broken_at = self->sequence;
        interrupted(self, IMI_E_CANCELLED);
        return IMI_OK;
    }
    return receive_answers(self, err);
}

static imi_status play(capture *self, imi_error *err)
{
    while (!is_over(self)) {
        imi_error error = IMI_ERROR_INIT;
        imi_status status = step(self, &error);
        if (status != IMI_OK) {
            status = recover(self, status);
        }
        if (status != IMI_OK) {
            if (err != NULL) {
                *err = error;
            }
            return status;
        }
    }
    return IMI_OK;
}

/* The outcome is stored a moment after the last frame was answered. */
static imi_status await_outcome(capture *self, imi_error *err)
{
    imi_phone_result *result = self->result;
    int polls = self->ended ? OUTCOME_POLLS : 1;
    for (int i = 0; i < polls; i++) {
        IMI_TRY(imi_phone_outcome(self->phone, result, err));
        if (result->outcome > IMI_OUTCOME_IN_PROGRESS) {
            break;
        }
        if (i + 1 < polls) {
            sleep_ms(OUTCOME_POLL_MS);
        }
    }
    imi_frame_feedback last = {.outcome = result->outcome, .guidance = result->advice};
    imi_phone_tell(self->phone,
                   &(imi_phone_event){.kind = IMI_PHONE_CAPTURE_ENDED, .feedback = &last});
    return IMI_OK;
}

/* Begin, or come back as often as the server has its hands full. */
static imi_status begin_in_turn(capture *self, imi_error *err)
{
    for (;;) {
        IMI_TRY(imi_phone_begin(self->phone, &self->begun, err));
        int64_t wait_ms = self->begun.retry_after_ms;
        if (!self->begun.busy ||
            self->result->waited_ms + wait_ms > self->phone->options.busy_patience_ms) {
            return IMI_OK;
        }
        self->result->waits++;
        self->result->waited_ms += wait_ms;
        sleep_ms(wait_ms);
    }
}

static imi_status capture_once(imi_phone *phone, imi_source *source, imi_phone_result *result,
                               imi_error *err)
{
    capture self = {
        .phone = phone,
        .source = source,
        .result = result,
        .period_us = (int64_t)(1e6 / phone->options.frames_per_s),
        .window_size =
            phone->options.pace == IMI_PHONE_PACE_LOCKSTEP ? WINDOW_LOCKSTEP : WINDOW_CAMERA,
    };
    IMI_TRY(begin_in_turn(&self, err));
    result->retry_after_ms = self.begun.retry_after_ms;
    if (result->retry_after_ms > 0) {
        result->outcome = IMI_OUTCOME_TRY_AGAIN;
        return IMI_OK;
    }
    self.cue.challenge = self.begun.challenge;
    self.cue.light = self.begun.light;
    self.started_us = now_us();
    self.started_unix_ms = imi_clock_system()->unix_ms(imi_clock_system());
    imi_status status = play(&self, err);
    imi_capture_link_destroy(&self.link);
    return status == IMI_OK ? await_outcome(&self, err) : status;
}

imi_status imi_phone_capture(imi_phone *phone, imi_source *source, imi_phone_result *out,
                             imi_error *err)
{
    *out = (imi_phone_result){.outcome = IMI_OUTCOME_NONE};
    return capture_once(phone, source, out, err);
}

imi_status imi_phone_run(imi_phone *phone, imi_source *source, imi_phone_result *out,
                         imi_error *err)
{
    *out = (imi_phone_result){.outcome = IMI_OUTCOME_NONE};
    int64_t patience_ms = phone->options.patience_ms;
    for (;;) {
        imi_status status = capture_once(phone, source, out, err);
        if (status == IMI_E_SESSION_STATE) {
            /* It may have ended in a review because nothing more can be tried. */
            IMI_TRY(imi_phone_outcome(phone, out, err));
            return out->outcome == IMI_OUTCOME_STAFF_REVIEW ? IMI_OK : status;
        }
        IMI_TRY(status);
        bool waits = out->retry_after_ms > 0;
        if (out->outcome != IMI_OUTCOME_TRY_AGAIN || (!waits && out->attempts_left == 0) ||
            out->retry_after_ms > patience_ms) {
            return IMI_OK;
        }
        patience_ms -= out->retry_after_ms;
        sleep_ms(out->retry_after_ms);
    }
}
