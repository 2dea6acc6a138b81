#include "phone-sim/phone.h"

#include "client/call.h"
#include "imi/v1/subject.pb-c.h"
#include "phone-sim/phone_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

imi_status imi_phone_new(const imi_phone_options *options, imi_phone **out, imi_error *err)
{
    *out = NULL;
    if (options->claim_count > IMI_POLICY_CLAIMS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a phone agrees to at most %d claims",
                 IMI_POLICY_CLAIMS_MAX);
    }
    if (options->channel == NULL || options->frames_per_s < 0 || options->frames_per_s > 100) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a phone needs a channel and a frame rate of at most 100");
    }
    IMI_AUTO(imi_phone) phone = imi_alloc(sizeof *phone);
    if (phone == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a phone");
    }
    phone->options = *options;
    if (!(phone->options.frames_per_s > 0)) {
        phone->options.frames_per_s = 12;
    }
    if (phone->options.capture_timeout_ms <= 0) {
        phone->options.capture_timeout_ms = 120000;
    }
    if (phone->options.patience_ms <= 0) {
        phone->options.patience_ms = 60000;
    }
    if (phone->options.busy_patience_ms <= 0) {
        phone->options.busy_patience_ms = 600000;
    }
    IMI_TRY(imi_device_key_new(&phone->key, err));
    *out = IMI_STEAL(&phone);
    return IMI_OK;
}

void imi_phone_destroy(imi_phone **phone)
{
    if (phone == NULL || *phone == NULL) {
        return;
    }
    imi_device_key_destroy(&(*phone)->key);
    imi_wipe(*phone, sizeof **phone);
    imi_free(*phone);
    *phone = NULL;
}

void imi_phone_tell(const imi_phone *phone, const imi_phone_event *event)
{
    if (phone->options.observer != NULL) {
        phone->options.observer(phone->options.user, event);
    }
}

static imi_status call(const imi_phone *phone, const char *path, const ProtobufCMessage *request,
                       const ProtobufCMessageDescriptor *response_type, ProtobufCMessage **response,
                       imi_error *err)
{
    bool joined = phone->authorization[0] != '\0';
    imi_unary_call unary = {
        .channel = phone->options.channel,
        .path = path,
        .authorization = joined ? phone->authorization : NULL,
        .request = request,
        .response_type = response_type,
    };
    return imi_unary_call_run(&unary, response, err);
}

static imi_status keep_credential(imi_phone *phone, const char *credential, imi_error *err)
{
    int size = snprintf(phone->authorization, sizeof phone->authorization, "Bearer %s", credential);
    if (size < 0 || (size_t)size >= sizeof phone->authorization) {
        phone->authorization[0] = '\0';
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server's credential is too long");
    }
    return IMI_OK;
}

/* Without these a yes would be refused. */
static imi_status keep_required(imi_phone *phone, const Imi__V1__JoinResponse *response,
                                imi_error *err)
{
    phone->required_count = 0;
    for (size_t i = 0; i < response->n_claims; i++) {
        if (!response->claims[i]->required) {
            continue;
        }
        if (phone->required_count == IMI_POLICY_CLAIMS_MAX) {
            IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server asks for too many claims");
        }
        IMI_TRY(imi_message_text(response->claims[i]->name, phone->required[phone->required_count],
                                 IMI_TOKEN_NAME_SIZE, err));
        phone->required_count++;
    }
    return IMI_OK;
}

imi_status imi_phone_join(imi_phone *phone, const char *session_id, const char *join_secret,
                          imi_error *err)
{
    IMI_TRY(imi_message_text(session_id, phone->session_id, sizeof phone->session_id, err));
    imi_view spki = imi_device_key_spki(phone->key);
    Imi__V1__JoinRequest request = IMI__V1__JOIN_REQUEST__INIT;
    request.session_id = phone->session_id;
    request.join_secret = (char *)join_secret;
    request.device_public_key = (ProtobufCBinaryData){spki.size, (uint8_t *)spki.data};
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(phone, "/imi.v1.SubjectService/Join", &request.base,
                 &imi__v1__join_response__descriptor, &message, err));
    Imi__V1__JoinResponse *response = (Imi__V1__JoinResponse *)message;
    imi_status status = keep_credential(phone, response->credential, err);
    if (status == IMI_OK) {
        status = keep_required(phone, response, err);
    }
    imi_phone_tell(phone, &(imi_phone_event){.kind = IMI_PHONE_JOINED,
                                             .purpose_title = response->purpose_title,
                                             .consent_text = response->consent_text,
                                             .receiver = response->receiver});
    imi_wipe(response->credential, strlen(response->credential));
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

static bool is_required(const imi_phone *phone, const char *name)
{
    for (size_t i = 0; i < phone->required_count; i++) {
        if (strcmp(phone->required[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* names holds twice IMI_POLICY_CLAIMS_MAX. */
static size_t choose_claims(imi_phone *phone, char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < phone->required_count; i++) {
        names[count++] = phone->required[i];
    }
    for (size_t i = 0; i < phone->options.claim_count; i++) {
        if (!is_required(phone, phone->options.claims[i])) {
            names[count++] = (char *)phone->options.claims[i];
        }
    }
    return count;
}

imi_status imi_phone_consent(imi_phone *phone, bool accepted, imi_error *err)
{
    Imi__V1__GiveConsentRequest request = IMI__V1__GIVE_CONSENT_REQUEST__INIT;
    char *claims[2 * IMI_POLICY_CLAIMS_MAX];
    request.accepted = accepted;
    request.claims = claims;
    request.n_claims = accepted ? choose_claims(phone, claims) : 0;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(phone, "/imi.v1.SubjectService/GiveConsent", &request.base,
                 &imi__v1__give_consent_response__descriptor, &message, err));
    protobuf_c_message_free_unpacked(message, NULL);
    imi_phone_tell(phone, &(imi_phone_event){.kind = IMI_PHONE_CONSENTED});
    return IMI_OK;
}

static imi_status read_light(const Imi__V1__LightSequence *message, imi_light_sequence *out,
                             imi_error *err)
{
    if (message->n_colours > IMI_LIGHT_COLOURS_MAX) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server asks for more colours than this phone knows");
    }
    out->step_ms = message->step_ms;
    out->count = (uint32_t)message->n_colours;
    for (size_t i = 0; i < message->n_colours; i++) {
        uint32_t colour = message->colours[i];
        out->colours[i] = (imi_light_colour){.red = (uint8_t)(colour >> 16),
                                             .green = (uint8_t)(colour >> 8),
                                             .blue = (uint8_t)colour};
    }
    return IMI_OK;
}

static imi_status read_begun(const Imi__V1__BeginCaptureResponse *response, imi_capture_begun *out,
                             imi_error *err)
{
    out->retry_after_ms = response->retry_after_ms;
    out->busy = response->busy != 0;
    if (response->retry_after_ms > 0) {
        return IMI_OK;
    }
    IMI_TRY(imi_message_text(response->capture_id, out->capture_id, sizeof out->capture_id, err));
    if (response->nonce.len != sizeof out->nonce ||
        response->n_actions > IMI_CHALLENGE_ACTIONS_MAX ||
        response->n_targets != response->n_actions) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server began a capture that this phone cannot read");
    }
    imi_copy(out->nonce, response->nonce.data, sizeof out->nonce);
    out->challenge.count = (uint32_t)response->n_actions;
    for (size_t i = 0; i < response->n_actions; i++) {
        out->challenge.actions[i] = (imi_action)response->actions[i];
        out->challenge.targets[i] = (uint8_t)response->targets[i];
    }
    if (response->light != NULL) {
        IMI_TRY(read_light(response->light, &out->light, err));
    }
    out->attempts_left = response->attempts_left;
    out->max_frame_bytes = response->max_frame_bytes;
    return IMI_OK;
}

imi_status imi_phone_begin(imi_phone *phone, imi_capture_begun *out, imi_error *err)
{
    *out = (imi_capture_begun){.attempts_left = 0};
    Imi__V1__BeginCaptureRequest request = IMI__V1__BEGIN_CAPTURE_REQUEST__INIT;
    Imi__V1__ChallengeAction cannot[IMI_ACTION_COUNT];
    for (int action = IMI_ACTION_NEAR_FAR; action < IMI_ACTION_COUNT; action++) {
        if ((phone->options.cannot_mask & (1U << action)) != 0) {
            cannot[request.n_cannot++] = (Imi__V1__ChallengeAction)action;
        }
    }
    request.cannot = cannot;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(phone, "/imi.v1.SubjectService/BeginCapture", &request.base,
                 &imi__v1__begin_capture_response__descriptor, &message, err));
    imi_status status = read_begun((Imi__V1__BeginCaptureResponse *)message, out, err);
    protobuf_c_message_free_unpacked(message, NULL);
    if (status == IMI_OK && out->retry_after_ms == 0) {
        imi_phone_tell(phone, &(imi_phone_event){.kind = IMI_PHONE_CAPTURE_BEGUN,
                                                 .challenge = &out->challenge});
    }
    return status;
}

imi_status imi_phone_answer_additional(imi_phone *phone, bool accepted, imi_keep_reference *out,
                                       imi_error *err)
{
    *out = IMI_KEEP_REFERENCE_NONE;
    Imi__V1__AnswerAdditionalReferenceRequest request =
        IMI__V1__ANSWER_ADDITIONAL_REFERENCE_REQUEST__INIT;
    request.accepted = accepted;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(phone, "/imi.v1.SubjectService/AnswerAdditionalReference", &request.base,
                 &imi__v1__answer_additional_reference_response__descriptor, &message, err));
    const Imi__V1__AnswerAdditionalReferenceResponse *response = (const void *)message;
    *out = (imi_keep_reference)response->keep_reference;
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

imi_status imi_phone_outcome(imi_phone *phone, imi_phone_result *out, imi_error *err)
{
    Imi__V1__GetOutcomeRequest request = IMI__V1__GET_OUTCOME_REQUEST__INIT;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(phone, "/imi.v1.SubjectService/GetOutcome", &request.base,
                 &imi__v1__get_outcome_response__descriptor, &message, err));
    Imi__V1__GetOutcomeResponse *response = (Imi__V1__GetOutcomeResponse *)message;
    out->outcome = (imi_subject_outcome)response->outcome;
    out->advice = (imi_guidance)response->advice;
    out->attempts_left = response->attempts_left;
    out->keep_reference = (imi_keep_reference)response->keep_reference;
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

static imi_status save_file(const char *folder, const char *name, imi_view contents, imi_error *err)
{
    char path[512];
    int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's name is too long");
    }
    return imi_file_write(path, contents, 0600, err);
}

imi_status imi_phone_save(const imi_phone *phone, const char *folder, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", folder, strerror(errno));
    }
    IMI_TRY(imi_device_key_pem(phone->key, &pem, err));
    IMI_TRY(save_file(folder, "key.pem", imi_buffer_view(&pem), err));
    return save_file(folder, "session", imi_view_of_text(phone->authorization), err);
}
