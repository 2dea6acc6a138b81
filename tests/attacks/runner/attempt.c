#include "attempt.h"

#include "client/call.h"
#include "imi/v1/relying_party.pb-c.h"
#include "phone-sim/phone.h"

#include <stdio.h>

/* A subject of its own: limits of attempts a subject are tested elsewhere. */
static imi_status enrol(const imi_attempt_plan *plan, imi_backend_enrolment *out, imi_error *err)
{
    char subject[IMI_BACKEND_TEXT_SIZE];
    char unique[IMI_ID_SIZE];
    IMI_TRY(imi_id_new("s", unique, err));
    snprintf(subject, sizeof subject, "%s-%s", plan->casting.victim->name, unique);
    imi_view photo = imi_buffer_view(&plan->casting.victim->reference_jpeg);
    IMI_TRY(imi_backend_enrol(plan->party, subject, photo, out, err));
    if (!out->accepted) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the photo of %s was not accepted: %s",
                 plan->casting.victim->name, imi_capture_reason_name(out->reason));
    }
    return IMI_OK;
}

static imi_status read_session(const imi_attempt_plan *plan, const char *session_id,
                               imi_attempt *out, imi_error *err)
{
    Imi__V1__GetSessionRequest request = IMI__V1__GET_SESSION_REQUEST__INIT;
    request.session_id = (char *)session_id;
    imi_unary_call call = {
        .channel = plan->party,
        .path = "/imi.v1.RelyingPartyService/GetSession",
        .request = &request.base,
        .response_type = &imi__v1__get_session_response__descriptor,
    };
    ProtobufCMessage *message = NULL;
    IMI_TRY(imi_unary_call_run(&call, &message, err));
    const Imi__V1__Session *session = ((const Imi__V1__GetSessionResponse *)message)->session;
    if (session->decision == IMI__V1__DECISION__DECISION_VERIFIED) {
        out->outcome = IMI_ATTEMPT_ACCEPTED;
    }
    if (session->reason[0] != '\0') {
        imi_copy_text(out->reason, sizeof out->reason, session->reason);
    }
    imi_copy_text(out->evidence, sizeof out->evidence, session->evidence);
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

static imi_status hold_phone(const imi_attempt_plan *plan, const imi_backend_created *created,
                             imi_attempt *out, imi_error *err)
{
    imi_phone_options options = {
        .channel = plan->phone,
        .frames_per_s = plan->frames_per_s,
        .pace = IMI_PHONE_PACE_LOCKSTEP,
    };
    IMI_AUTO(imi_phone) phone = NULL;
    IMI_AUTO(imi_source) source = NULL;
    imi_phone_result result = {.outcome = IMI_OUTCOME_NONE};
    IMI_TRY(imi_gen_casting_source(&plan->casting, plan->species, plan->seed, &source, err));
    IMI_TRY(imi_phone_new(&options, &phone, err));
    IMI_TRY(imi_phone_join(phone, created->session_id, created->join_secret, err));
    IMI_TRY(imi_phone_consent(phone, true, err));
    IMI_TRY(imi_phone_capture(phone, source, &result, err));
    out->frames = result.frames_answered;
    out->outcome =
        result.outcome == IMI_OUTCOME_IN_PROGRESS ? IMI_ATTEMPT_NO_RESPONSE : IMI_ATTEMPT_REFUSED;
    imi_copy_text(out->reason, sizeof out->reason, imi_guidance_name(result.advice));
    return IMI_OK;
}

imi_status imi_attempt_make(const imi_attempt_plan *plan, imi_attempt *out, imi_error *err)
{
    *out = (imi_attempt){.outcome = IMI_ATTEMPT_NO_RESPONSE};
    imi_backend_enrolment enrolment;
    IMI_TRY(enrol(plan, &enrolment, err));
    char nonce[IMI_ID_SIZE];
    imi_backend_created created;
    IMI_TRY(imi_id_new("n", nonce, err));
    imi_backend_request request = {
        .purpose = plan->purpose,
        .reference_id = enrolment.reference_id,
        .nonce = nonce,
    };
    IMI_TRY(imi_backend_create_session(plan->party, &request, &created, err));
    IMI_TRY(hold_phone(plan, &created, out, err));
    IMI_TRY(read_session(plan, created.session_id, out, err));
    return imi_backend_delete_reference(plan->party, enrolment.reference_id, err);
}
