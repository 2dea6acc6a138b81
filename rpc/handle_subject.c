#include "rpc/handle_follow.h"
#include "rpc/handle_stream_frames.h"
#include "rpc/handle_submit_frame.h"
#include "rpc/handler.h"

#include "imi/v1/subject.pb-c.h"

_Static_assert((int)IMI__V1__KEEP_REFERENCE__KEEP_REFERENCE_KEPT == IMI_KEEP_REFERENCE_KEPT,
               "answers about additional references differ");

static void fill_claims(const imi_joined *joined, Imi__V1__ConsentClaim *claims,
                        Imi__V1__ConsentClaim **pointers)
{
    for (size_t i = 0; i < joined->claim_count; i++) {
        const imi_claim_rule *rule = joined->claims[i];
        claims[i] = (Imi__V1__ConsentClaim)IMI__V1__CONSENT_CLAIM__INIT;
        claims[i].name = (char *)rule->name;
        claims[i].title = (char *)rule->title;
        claims[i].purpose = (char *)rule->purpose;
        claims[i].retention_days = rule->retention_days;
        claims[i].required = rule->required;
        pointers[i] = &claims[i];
    }
}

static imi_status join(imi_service *service, imi_rpc_call *call, const void *message,
                       imi_buffer *response, imi_error *err)
{
    (void)call;
    const Imi__V1__JoinRequest *request = message;
    imi_joined joined;
    IMI_TRY(imi_service_join(service, request->session_id, request->join_secret,
                             imi_handler_bytes(request->device_public_key), &joined, err));
    Imi__V1__JoinResponse answer = IMI__V1__JOIN_RESPONSE__INIT;
    answer.credential = joined.credential;
    answer.purpose_title = (char *)joined.purpose_title;
    answer.consent_text = (char *)joined.consent_text;
    answer.expires_at_ms = joined.expires_at_ms;
    Imi__V1__ConsentClaim claims[IMI_POLICY_CLAIMS_MAX], *pointers[IMI_POLICY_CLAIMS_MAX];
    fill_claims(&joined, claims, pointers);
    answer.receiver = (char *)joined.receiver;
    answer.n_claims = joined.claim_count;
    answer.claims = pointers;
    imi_status status = imi_handler_respond(&answer, response, err);
    imi_wipe(&joined, sizeof joined);
    return status;
}

static imi_status give_consent(imi_service *service, imi_rpc_call *call, const void *message,
                               imi_buffer *response, imi_error *err)
{
    const Imi__V1__GiveConsentRequest *request = message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    imi_session_state state = IMI_SESSION_NONE;
    const imi_consent_answer given = {
        .accepted = request->accepted,
        .claims = (const char *const *)request->claims,
        .claim_count = request->n_claims,
    };
    IMI_TRY(imi_service_consent(service, credential, &given, &state, err));
    Imi__V1__GiveConsentResponse answer = IMI__V1__GIVE_CONSENT_RESPONSE__INIT;
    answer.state = (Imi__V1__SessionState)state;
    return imi_handler_respond(&answer, response, err);
}

_Static_assert((int)IMI__V1__ATTESTATION_KIND__ATTESTATION_KIND_APPLE_APP ==
                   IMI_ATTESTATION_APPLE_APP,
               "kinds of attestation differ");

/* Views into the message. The decoder has refused enumerators that are not known. */
static imi_begin_capture read_begin(const Imi__V1__BeginCaptureRequest *request)
{
    imi_begin_capture out = {.cannot_mask = 0};
    for (size_t i = 0; i < request->n_cannot; i++) {
        out.cannot_mask |= 1U << request->cannot[i];
    }
    if (request->hints != NULL) {
        out.hints = (imi_device_hints){
            .virtual_camera = request->hints->virtual_camera,
            .emulator = request->hints->emulator,
            .automation = request->hints->automation,
        };
    }
    if (request->attestation != NULL) {
        out.attestation_kind = (imi_attestation_kind)request->attestation->kind;
        out.attestation = imi_handler_bytes(request->attestation->object);
    }
    return out;
}

static void fill_light(const imi_light_sequence *light, uint32_t *colours,
                       Imi__V1__LightSequence *out)
{
    for (uint32_t i = 0; i < light->count; i++) {
        const imi_light_colour *colour = &light->colours[i];
        colours[i] =
            (uint32_t)colour->red << 16 | (uint32_t)colour->green << 8 | (uint32_t)colour->blue;
    }
    out->step_ms = light->step_ms;
    out->n_colours = light->count;
    out->colours = colours;
}

static imi_status respond_begun(imi_capture_begun *begun, imi_buffer *response, imi_error *err)
{
    Imi__V1__BeginCaptureResponse answer = IMI__V1__BEGIN_CAPTURE_RESPONSE__INIT;
    answer.retry_after_ms = begun->retry_after_ms;
    answer.busy = begun->busy;
    if (begun->retry_after_ms > 0) {
        return imi_handler_respond(&answer, response, err);
    }
    Imi__V1__ChallengeAction actions[IMI_CHALLENGE_ACTIONS_MAX];
    uint32_t targets[IMI_CHALLENGE_ACTIONS_MAX], colours[IMI_LIGHT_COLOURS_MAX];
    Imi__V1__LightSequence light = IMI__V1__LIGHT_SEQUENCE__INIT;
    for (uint32_t i = 0; i < begun->challenge.count; i++) {
        actions[i] = (Imi__V1__ChallengeAction)begun->challenge.actions[i];
        targets[i] = begun->challenge.targets[i];
    }
    fill_light(&begun->light, colours, &light);
    answer.capture_id = begun->capture_id;
    answer.nonce = (ProtobufCBinaryData){sizeof begun->nonce, begun->nonce};
    answer.n_actions = begun->challenge.count;
    answer.actions = actions;
    answer.n_targets = begun->challenge.count;
    answer.targets = targets;
    answer.light = begun->light.count > 0 ? &light : NULL;
    answer.attempts_left = begun->attempts_left;
    answer.max_frame_bytes = begun->max_frame_bytes;
    return imi_handler_respond(&answer, response, err);
}

static imi_status begin_capture(imi_service *service, imi_rpc_call *call, const void *message,
                                imi_buffer *response, imi_error *err)
{
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    imi_begin_capture request = read_begin(message);
    imi_capture_begun begun;
    IMI_TRY(imi_service_begin_capture(service, credential, &request, &begun, err));
    return respond_begun(&begun, response, err);
}

static imi_status get_outcome(imi_service *service, imi_rpc_call *call, const void *message,
                              imi_buffer *response, imi_error *err)
{
    (void)message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    imi_outcome outcome;
    IMI_TRY(imi_service_outcome(service, credential, &outcome, err));
    Imi__V1__GetOutcomeResponse answer = IMI__V1__GET_OUTCOME_RESPONSE__INIT;
    answer.outcome = (Imi__V1__SubjectOutcome)outcome.outcome;
    answer.advice = (Imi__V1__Guidance)outcome.advice;
    answer.attempts_left = outcome.attempts_left;
    answer.keep_reference = (Imi__V1__KeepReference)outcome.keep_reference;
    if (outcome.keep_text != NULL) {
        answer.keep_reference_text = (char *)outcome.keep_text;
    }
    return imi_handler_respond(&answer, response, err);
}

static imi_status answer_additional(imi_service *service, imi_rpc_call *call, const void *message,
                                    imi_buffer *response, imi_error *err)
{
    const Imi__V1__AnswerAdditionalReferenceRequest *request = message;
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    IMI_TRY(imi_service_answer_additional(service, credential, request->accepted, err));
    Imi__V1__AnswerAdditionalReferenceResponse answer =
        IMI__V1__ANSWER_ADDITIONAL_REFERENCE_RESPONSE__INIT;
    answer.keep_reference = request->accepted ? IMI__V1__KEEP_REFERENCE__KEEP_REFERENCE_KEPT
                                              : IMI__V1__KEEP_REFERENCE__KEEP_REFERENCE_UNSPECIFIED;
    return imi_handler_respond(&answer, response, err);
}

static imi_rpc_flow on_join(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__join_request__descriptor, join);
}

static imi_rpc_flow on_give_consent(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__give_consent_request__descriptor, give_consent);
}

static imi_rpc_flow on_begin_capture(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__begin_capture_request__descriptor,
                           begin_capture);
}

static imi_rpc_flow on_get_outcome(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_outcome_request__descriptor, get_outcome);
}

static imi_rpc_flow on_answer_additional(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__answer_additional_reference_request__descriptor,
                           answer_additional);
}

static void drain(void *handlers)
{
    imi_frames_drain(handlers);
}

imi_rpc_service imi_handle_subject(imi_handlers *handlers)
{
    static imi_rpc_method methods[] = {
        {.name = "Join", .message = on_join},
        {.name = "GiveConsent", .message = on_give_consent},
        {.name = "BeginCapture", .message = on_begin_capture},
        {.name = "GetOutcome", .message = on_get_outcome},
        {.name = "AnswerAdditionalReference", .message = on_answer_additional},
        {.name = NULL}, /* FollowSession, SubmitFrame and StreamFrames have files of their own */
        {.name = NULL},
        {.name = NULL},
    };
    const size_t count = sizeof methods / sizeof methods[0];
    methods[count - 3] = imi_handle_follow_session();
    methods[count - 2] = imi_handle_submit_frame();
    methods[count - 1] = imi_handle_stream_frames();
    return (imi_rpc_service){
        .name = "imi.v1.SubjectService",
        .methods = methods,
        .method_count = count,
        .user = handlers,
        .drain = drain,
    };
}
