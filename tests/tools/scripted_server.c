#include "scripted_server.h"

#include "client/call.h"
#include "imi/crypto.h"
#include "imi/signer.h"
#include "imi/v1/subject.pb-c.h"
#include "imi_core/frame_chain.h"
#include "rpc/pki.h"
#include "rpc/transport.h"

#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct scripted_server {
    script plan;
    char folder[64];
    imi_pki pki;
    imi_rpc_service service;
    imi_rpc_server *rpc;
    pthread_mutex_t lock; /* guards all below */
    seen seen;
    uint8_t device_key[IMI_STORE_KEY_SIZE];
    size_t device_key_size;
    uint64_t last_sequence;
    int64_t last_at_ms;
    uint32_t last_shown_ms;
    uint8_t last_signature[IMI_CORE_SIGNATURE_SIZE];
    bool exhausted_once, broke_off_once;
};

/* Every capture has another nonce. */
static void nonce_of(uint32_t capture, uint8_t out[IMI_CORE_NONCE_SIZE])
{
    imi_wipe(out, IMI_CORE_NONCE_SIZE);
    out[0] = (uint8_t)capture;
}

static ProtobufCMessage *decode(const ProtobufCMessageDescriptor *type, imi_view bytes)
{
    ProtobufCMessage *message = NULL;
    return imi_message_unpack(type, bytes, &message, NULL) == IMI_OK ? message : NULL;
}

static void reply(imi_rpc_call *call, const ProtobufCMessage *message)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    if (imi_message_pack(message, &bytes, NULL) == IMI_OK) {
        imi_rpc_call_reply(call, imi_buffer_view(&bytes));
    }
}

static imi_rpc_flow on_join(imi_rpc_call *call, imi_view bytes)
{
    scripted_server *self = imi_rpc_call_user(call);
    ProtobufCMessage *message = decode(&imi__v1__join_request__descriptor, bytes);
    const Imi__V1__JoinRequest *request = (const void *)message;
    pthread_mutex_lock(&self->lock);
    self->device_key_size = request->device_public_key.len;
    imi_copy(self->device_key, request->device_public_key.data, request->device_public_key.len);
    pthread_mutex_unlock(&self->lock);
    Imi__V1__JoinResponse response = IMI__V1__JOIN_RESPONSE__INIT;
    response.credential = "ses_x.secret";
    response.consent_text = "?";
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow on_consent(imi_rpc_call *call, imi_view bytes)
{
    scripted_server *self = imi_rpc_call_user(call);
    ProtobufCMessage *message = decode(&imi__v1__give_consent_request__descriptor, bytes);
    pthread_mutex_lock(&self->lock);
    self->seen.consented = ((const Imi__V1__GiveConsentRequest *)message)->accepted;
    pthread_mutex_unlock(&self->lock);
    Imi__V1__GiveConsentResponse response = IMI__V1__GIVE_CONSENT_RESPONSE__INIT;
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_RPC_PAUSE;
}

static void hear_cannot(scripted_server *self, imi_view bytes)
{
    ProtobufCMessage *message = NULL;
    if (imi_message_unpack(&imi__v1__begin_capture_request__descriptor, bytes, &message, NULL) !=
        IMI_OK) {
        return;
    }
    const Imi__V1__BeginCaptureRequest *request = (const void *)message;
    self->seen.cannot_mask = 0;
    for (size_t i = 0; i < request->n_cannot; i++) {
        self->seen.cannot_mask |= 1U << request->cannot[i];
    }
    protobuf_c_message_free_unpacked(message, NULL);
}

/* Whether no capture begins; the phone has then been told why. */
static bool turn_away(scripted_server *self, imi_rpc_call *call)
{
    if (self->plan.over) {
        imi_rpc_call_fail(call, IMI_E_SESSION_STATE, NULL);
        return true;
    }
    pthread_mutex_lock(&self->lock);
    bool waits = self->plan.wait_ms > 0 && self->seen.waits < (self->plan.busy ? 3 : 1);
    self->seen.waits += waits;
    pthread_mutex_unlock(&self->lock);
    if (waits) {
        Imi__V1__BeginCaptureResponse response = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
        response.retry_after_ms = self->plan.wait_ms;
        response.busy = self->plan.busy;
        reply(call, &response.base);
    }
    return waits;
}

static imi_rpc_flow on_begin(imi_rpc_call *call, imi_view bytes)
{
    scripted_server *self = imi_rpc_call_user(call);
    uint8_t nonce[IMI_CORE_NONCE_SIZE];
    if (turn_away(self, call)) {
        return IMI_RPC_PAUSE;
    }
    pthread_mutex_lock(&self->lock);
    hear_cannot(self, bytes);
    self->last_shown_ms = 0;
    self->seen.captures++;
    self->last_sequence = 0;
    imi_wipe(self->last_signature, sizeof self->last_signature);
    nonce_of(self->seen.captures, nonce);
    uint32_t left = SCRIPT_CAPTURES_MAX - self->seen.captures;
    pthread_mutex_unlock(&self->lock);
    Imi__V1__ChallengeAction actions[] = {IMI__V1__CHALLENGE_ACTION__CHALLENGE_ACTION_BLINK};
    Imi__V1__BeginCaptureResponse response = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
    response.capture_id = "cap_x";
    response.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    uint32_t targets[] = {0}, colours[] = {0x20ff40, 0x4060ff};
    Imi__V1__LightSequence light = IMI__V1__LIGHT_SEQUENCE__INIT;
    light.step_ms = 1000;
    light.n_colours = 2;
    light.colours = colours;
    response.actions = actions;
    response.n_actions = 1;
    response.targets = targets;
    response.n_targets = 1;
    response.light = self->plan.light ? &light : NULL;
    response.attempts_left = left;
    response.max_frame_bytes = self->plan.max_frame_bytes;
    reply(call, &response.base);
    return IMI_RPC_PAUSE;
}

static imi_subject_outcome outcome_now(const scripted_server *self)
{
    if (self->plan.over) {
        return IMI_OUTCOME_STAFF_REVIEW;
    }
    if (self->seen.captures == 0 || self->last_sequence < self->plan.frames_per_capture) {
        return IMI_OUTCOME_IN_PROGRESS;
    }
    imi_subject_outcome wanted = self->plan.outcomes[self->seen.captures - 1];
    return wanted == IMI_OUTCOME_NONE ? IMI_OUTCOME_DONE : wanted;
}

static imi_rpc_flow on_outcome(imi_rpc_call *call, imi_view bytes)
{
    (void)bytes;
    scripted_server *self = imi_rpc_call_user(call);
    Imi__V1__GetOutcomeResponse response = IMI__V1__GET_OUTCOME_RESPONSE__INIT;
    pthread_mutex_lock(&self->lock);
    response.outcome = (Imi__V1__SubjectOutcome)outcome_now(self);
    response.attempts_left = SCRIPT_CAPTURES_MAX - self->seen.captures;
    pthread_mutex_unlock(&self->lock);
    reply(call, &response.base);
    return IMI_RPC_PAUSE;
}

static bool link_holds(const scripted_server *self, const Imi__V1__Frame *frame)
{
    uint8_t nonce[IMI_CORE_NONCE_SIZE];
    uint8_t digest[IMI_CORE_DIGEST_SIZE];
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    nonce_of(self->seen.captures, nonce);
    if (imi_sha256((imi_view){frame->jpeg.data, frame->jpeg.len}, digest, NULL) != IMI_OK) {
        return false;
    }
    imi_core_frame_link link = {nonce, frame->sequence, frame->captured_at_ms, digest,
                                self->last_signature};
    imi_core_frame_message(&link, message);
    return frame->sequence == self->last_sequence + 1 && frame->captured_at_ms > self->last_at_ms &&
           frame->signature.len == 64 &&
           imi_es256_verify_spki((imi_view){self->device_key, self->device_key_size},
                                 (imi_view){message, sizeof message},
                                 (imi_view){frame->signature.data, 64}, NULL) == IMI_OK;
}

/* Take a frame as the server does: each once, in order. Under the lock. */
static void take(scripted_server *self, const Imi__V1__Frame *frame)
{
    if (frame->sequence <= self->last_sequence) {
        self->seen.repeats++;
        return;
    }
    if (!link_holds(self, frame)) {
        self->seen.broken_links++;
    }
    self->seen.frames++;
    self->seen.lit += frame->light_shown_ms > self->last_shown_ms;
    self->last_shown_ms = frame->light_shown_ms;
    self->last_sequence = frame->sequence;
    self->last_at_ms = frame->captured_at_ms;
    imi_copy(self->last_signature, frame->signature.data, sizeof self->last_signature);
}

/* What the script says of a frame. */
typedef enum verdict { ANSWER, REFUSE, BREAK_OFF, FAIL, SAY_NOTHING } verdict;

static verdict judge(scripted_server *self, const Imi__V1__Frame *frame)
{
    const script *plan = &self->plan;
    if (plan->fail_at == frame->sequence) {
        return FAIL;
    }
    if (plan->exhausted_at == frame->sequence && !self->exhausted_once) {
        self->exhausted_once = true;
        return REFUSE;
    }
    if (plan->break_off_at == frame->sequence && !self->broke_off_once) {
        self->broke_off_once = true;
        return BREAK_OFF;
    }
    take(self, frame);
    return plan->silent_from > 0 && frame->sequence >= plan->silent_from ? SAY_NOTHING : ANSWER;
}

static verdict judge_frame(scripted_server *self, const Imi__V1__Frame *frame,
                           Imi__V1__FrameFeedback *feedback)
{
    pthread_mutex_lock(&self->lock);
    verdict what = judge(self, frame);
    feedback->sequence = frame->sequence;
    feedback->guidance = IMI__V1__GUIDANCE__GUIDANCE_HOLD_STILL;
    feedback->outcome = (Imi__V1__SubjectOutcome)outcome_now(self);
    pthread_mutex_unlock(&self->lock);
    return what;
}

/* Everything but an answer. */
static void act(imi_rpc_call *call, verdict what)
{
    if (what == REFUSE) {
        imi_rpc_call_fail(call, IMI_E_EXHAUSTED, NULL);
    } else if (what == BREAK_OFF) {
        imi_rpc_call_finish(call);
    } else if (what == FAIL) {
        imi_rpc_call_fail(call, IMI_E_FRAME_CHAIN, NULL);
    }
}

static void count_call(imi_rpc_call *call)
{
    scripted_server *self = imi_rpc_call_user(call);
    pthread_mutex_lock(&self->lock);
    self->seen.calls++;
    pthread_mutex_unlock(&self->lock);
}

static imi_rpc_flow on_submit(imi_rpc_call *call, imi_view bytes)
{
    ProtobufCMessage *message = decode(&imi__v1__submit_frame_request__descriptor, bytes);
    Imi__V1__FrameFeedback feedback = IMI__V1__FRAME_FEEDBACK__INIT;
    const Imi__V1__Frame *frame = ((const Imi__V1__SubmitFrameRequest *)message)->frame;
    verdict what = judge_frame(imi_rpc_call_user(call), frame, &feedback);
    if (what == ANSWER) {
        Imi__V1__SubmitFrameResponse response = IMI__V1__SUBMIT_FRAME_RESPONSE__INIT;
        response.feedback = &feedback;
        reply(call, &response.base);
    } else {
        act(call, what);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow on_stream(imi_rpc_call *call, imi_view bytes)
{
    ProtobufCMessage *message = decode(&imi__v1__stream_frames_request__descriptor, bytes);
    Imi__V1__FrameFeedback feedback = IMI__V1__FRAME_FEEDBACK__INIT;
    const Imi__V1__Frame *frame = ((const Imi__V1__StreamFramesRequest *)message)->frame;
    verdict what = judge_frame(imi_rpc_call_user(call), frame, &feedback);
    if (what == ANSWER) {
        Imi__V1__StreamFramesResponse response = IMI__V1__STREAM_FRAMES_RESPONSE__INIT;
        response.feedback = &feedback;
        IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
        imi_status status = imi_message_pack(&response.base, &packed, NULL);
        if (status == IMI_OK) {
            status = imi_rpc_call_send(call, imi_buffer_view(&packed), NULL);
        }
        (void)status; /* the phone may have gone */
    } else {
        act(call, what);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return what == ANSWER || what == SAY_NOTHING ? IMI_RPC_CONTINUE : IMI_RPC_PAUSE;
}

static void on_half_close(imi_rpc_call *call)
{
    imi_rpc_call_finish(call);
}

static const imi_rpc_method methods[] = {
    {.name = "Join", .message = on_join},
    {.name = "GiveConsent", .message = on_consent},
    {.name = "BeginCapture", .message = on_begin},
    {.name = "GetOutcome", .message = on_outcome},
    {.name = "SubmitFrame", .open = count_call, .message = on_submit},
    {.name = "StreamFrames",
     .client_streams = true,
     .server_streams = true,
     .open = count_call,
     .message = on_stream,
     .half_close = on_half_close},
};

static void fill_defaults(script *plan)
{
    if (plan->frames_per_capture == 0) {
        plan->frames_per_capture = 5;
    }
    if (plan->max_frame_bytes == 0) {
        plan->max_frame_bytes = 1 << 20;
    }
}

scripted_server *scripted_server_start(const script *plan)
{
    scripted_server *self = imi_alloc(sizeof *self);
    assert_non_null(self);
    self->plan = *plan;
    fill_defaults(&self->plan);
    pthread_mutex_init(&self->lock, NULL);
    imi_copy_text(self->folder, sizeof self->folder, "/tmp/imi-script.XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    assert_int_equal(imi_pki_ensure(self->folder, NULL, 0, &self->pki, NULL), IMI_OK);
    self->service = (imi_rpc_service){
        .name = "imi.v1.SubjectService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = self,
    };
    imi_rpc_server_options options = {
        .address = "127.0.0.1:0",
        .cert_file = self->pki.server_cert,
        .key_file = self->pki.server_key,
        .services = &self->service,
        .service_count = 1,
    };
    assert_int_equal(imi_rpc_server_new(&options, &self->rpc, NULL), IMI_OK);
    return self;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void scripted_server_stop(scripted_server **server)
{
    scripted_server *self = *server;
    imi_rpc_server_destroy(&self->rpc);
    pthread_mutex_destroy(&self->lock);
    nftw(self->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    imi_free(self);
    *server = NULL;
}

imi_rpc_channel *scripted_server_channel(scripted_server *server)
{
    char target[64];
    snprintf(target, sizeof target, "localhost:%d", imi_rpc_server_port(server->rpc));
    imi_rpc_channel_options options = {.target = target, .ca_file = server->pki.ca_cert};
    imi_rpc_channel *channel = NULL;
    assert_int_equal(imi_rpc_channel_new(&options, &channel, NULL), IMI_OK);
    return channel;
}

seen scripted_server_seen(scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    seen copy = server->seen;
    pthread_mutex_unlock(&server->lock);
    return copy;
}
