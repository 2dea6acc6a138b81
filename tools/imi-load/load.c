#include "load.h"

#include "client/backend.h"
#include "phone-sim/phone.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { PHONES_MAX = 1000, BACKOFF_MS = 50, SAMPLE_MS = 1000 };

/* What all phones share. */
typedef struct crowd {
    const load_plan *plan;
    imi_rpc_channel *party;
    char reference_id[IMI_BACKEND_TEXT_SIZE];
    double started_s;
    atomic_ullong begun;
    atomic_int running;
} crowd;

typedef struct caller {
    crowd *crowd;
    pthread_t thread;
    imi_rpc_channel *channel;
    load_counts counts;
    imi_latency latency_us;
    imi_error error; /* the last failure */
} caller;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_ms(long ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

static void hear(void *user, const imi_phone_event *event)
{
    caller *self = user;
    if (event->kind == IMI_PHONE_FEEDBACK) {
        imi_latency_add(&self->latency_us, event->latency_us);
        *(event->feedback->skipped ? &self->counts.skipped : &self->counts.judged) += 1;
    }
}

static void count_capture(caller *self, const imi_phone_result *result)
{
    self->counts.frames += result->frames_answered;
    self->counts.missed += result->frames_skipped;
    self->counts.refusals += result->refusals;
    uint64_t waited_ms = (uint64_t)result->waited_ms;
    self->counts.waited += result->waits > 0;
    self->counts.waited_ms += waited_ms;
    if (waited_ms > self->counts.longest_wait_ms) {
        self->counts.longest_wait_ms = waited_ms;
    }
}

static imi_status hold_phone(caller *self, imi_phone *phone, const imi_backend_created *created,
                             imi_error *err)
{
    const load_plan *plan = self->crowd->plan;
    IMI_AUTO(imi_source) source = NULL;
    IMI_TRY(imi_media_source(plan->media, &source, err));
    IMI_TRY(imi_phone_join(phone, created->session_id, created->join_secret, err));
    IMI_TRY(imi_phone_consent(phone, true, err));
    imi_phone_result result = {.outcome = IMI_OUTCOME_NONE};
    imi_status status = plan->brief ? imi_phone_capture(phone, source, &result, err)
                                    : imi_phone_run(phone, source, &result, err);
    count_capture(self, &result);
    IMI_TRY(status);
    /* Withdrawing frees the capture at once, as a person who closes the page does. */
    return plan->brief ? imi_phone_consent(phone, false, err) : IMI_OK;
}

static imi_status run_session(caller *self, imi_error *err)
{
    const load_plan *plan = self->crowd->plan;
    char nonce[IMI_ID_SIZE];
    IMI_TRY(imi_id_new("n", nonce, err));
    imi_backend_request request = {
        .purpose = plan->purpose,
        .reference_id = self->crowd->reference_id,
        .nonce = nonce,
    };
    imi_backend_created created;
    IMI_TRY(imi_backend_create_session(self->crowd->party, &request, &created, err));
    imi_phone_options options = {
        .channel = self->channel,
        .frames_per_s = plan->frames_per_s,
        .unary = plan->unary,
        .frames_max = plan->brief ? 1 : 0,
        .observer = hear,
        .user = self,
    };
    IMI_AUTO(imi_phone) phone = NULL;
    IMI_TRY(imi_phone_new(&options, &phone, err));
    IMI_TRY(hold_phone(self, phone, &created, err));
    if (plan->brief) {
        return IMI_OK;
    }
    imi_backend_session session;
    IMI_TRY(imi_backend_get_session(self->crowd->party, created.session_id, &session, err));
    self->counts.decisions[session.decision <= IMI_DECISION_REVIEW ? session.decision : 0]++;
    return IMI_OK;
}

/* Take the right to begin one more session. */
static bool may_begin(crowd *self)
{
    const load_plan *plan = self->plan;
    if (plan->seconds > 0 && now_s() - self->started_s >= plan->seconds) {
        return false;
    }
    return atomic_fetch_add(&self->begun, 1) < plan->sessions || plan->sessions == 0;
}

static void *call_until_done(void *argument)
{
    caller *self = argument;
    while (may_begin(self->crowd)) {
        imi_error error = IMI_ERROR_INIT;
        imi_status status = run_session(self, &error);
        if (status == IMI_OK) {
            self->counts.sessions++;
            continue;
        }
        self->counts.refusals += status == IMI_E_EXHAUSTED;
        self->counts.failures++;
        self->error = error;
        pause_ms(BACKOFF_MS);
    }
    atomic_fetch_sub(&self->crowd->running, 1);
    return NULL;
}

static imi_status enrol(crowd *self, imi_error *err)
{
    imi_backend_enrolment enrolment;
    IMI_TRY(
        imi_backend_enrol(self->party, "imi-load", self->plan->reference_jpeg, &enrolment, err));
    if (!enrolment.accepted) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the reference was not accepted: %s",
                 imi_capture_reason_name(enrolment.reason));
    }
    imi_copy_text(self->reference_id, sizeof self->reference_id, enrolment.reference_id);
    return IMI_OK;
}

/* Phones start spread over one frame period, as people do not call in step. */
static imi_status start_callers(crowd *self, caller *callers, size_t *started_out, imi_error *err)
{
    const load_plan *plan = self->plan;
    for (size_t i = 0; i < plan->phones; i++) {
        callers[i].crowd = self;
        IMI_TRY(imi_connection_as_phone(plan->connection, &callers[i].channel, err));
        atomic_fetch_add(&self->running, 1);
        if (pthread_create(&callers[i].thread, NULL, call_until_done, &callers[i]) != 0) {
            atomic_fetch_sub(&self->running, 1);
            IMI_FAIL(err, IMI_E_NO_MEMORY, "cannot start phone %zu", i + 1);
        }
        *started_out = i + 1;
        pause_ms((long)(1000 / plan->frames_per_s / (double)plan->phones));
    }
    return IMI_OK;
}

static imi_status watch_memory(crowd *self, load_memory *memory, imi_error *err)
{
    imi_status status = IMI_OK;
    double next_s = 0;
    while (atomic_load(&self->running) > 0) {
        double at_s = now_s() - self->started_s;
        if (status == IMI_OK && at_s >= next_s) {
            status = load_memory_sample(memory, at_s, err);
            next_s += SAMPLE_MS / 1000.0;
        }
        pause_ms(20);
    }
    return status;
}

static void gather(const caller *from, load_report *out)
{
    out->counts.sessions += from->counts.sessions;
    out->counts.failures += from->counts.failures;
    out->counts.frames += from->counts.frames;
    out->counts.judged += from->counts.judged;
    out->counts.skipped += from->counts.skipped;
    out->counts.missed += from->counts.missed;
    out->counts.refusals += from->counts.refusals;
    out->counts.waited += from->counts.waited;
    out->counts.waited_ms += from->counts.waited_ms;
    if (from->counts.longest_wait_ms > out->counts.longest_wait_ms) {
        out->counts.longest_wait_ms = from->counts.longest_wait_ms;
    }
    for (size_t i = 0; i < 5; i++) {
        out->counts.decisions[i] += from->counts.decisions[i];
    }
    imi_latency_merge(&out->latency_us, &from->latency_us);
    if (from->error.status != IMI_OK) {
        imi_copy_text(out->last_failure, sizeof out->last_failure, from->error.message);
    }
}

static imi_status run_crowd(crowd *self, caller *callers, load_memory *memory, load_report *out,
                            imi_error *err)
{
    IMI_TRY(enrol(self, err));
    size_t started = 0;
    self->started_s = now_s();
    imi_status status = start_callers(self, callers, &started, err);
    if (status == IMI_OK) {
        status = watch_memory(self, memory, err);
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(callers[i].thread, NULL);
    }
    out->seconds = now_s() - self->started_s;
    for (size_t i = 0; i < self->plan->phones; i++) {
        gather(&callers[i], out);
        imi_rpc_channel_destroy(&callers[i].channel);
    }
    imi_status erased = imi_backend_delete_reference(self->party, self->reference_id,
                                                     status == IMI_OK ? err : NULL);
    return status != IMI_OK ? status : erased;
}

imi_status load_run(const load_plan *plan, load_memory *memory, load_report *out, imi_error *err)
{
    *out = (load_report){.seconds = 0};
    if (plan->phones == 0 || plan->phones > PHONES_MAX || !(plan->frames_per_s > 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "1 to %d phones, and a frame rate above 0",
                 PHONES_MAX);
    }
    crowd self = {.plan = plan};
    IMI_TRY(imi_connection_as_party(plan->connection, &self.party, err));
    caller *callers = imi_alloc_array(plan->phones, sizeof *callers);
    imi_status status = IMI_OK;
    if (callers == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for %zu phones", plan->phones);
    } else {
        status = run_crowd(&self, callers, memory, out, err);
    }
    imi_free(callers);
    imi_rpc_channel_destroy(&self.party);
    return status;
}
