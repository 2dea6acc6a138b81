#include "client/backend.h"

#include "client/call.h"
#include "imi/v1/enrolment.pb-c.h"
#include "imi/v1/relying_party.pb-c.h"
#include "imi/v1/token.pb-c.h"

#include <time.h>

/* The log takes an event in within a second, witnesses some more. */
enum { RECEIPT_TRIES = 40, RECEIPT_PAUSE_MS = 250 };

static imi_status call(imi_rpc_channel *channel, const char *path, const ProtobufCMessage *request,
                       const ProtobufCMessageDescriptor *response_type, ProtobufCMessage **response,
                       imi_error *err)
{
    imi_unary_call unary = {
        .channel = channel,
        .path = path,
        .request = request,
        .response_type = response_type,
    };
    return imi_unary_call_run(&unary, response, err);
}

static ProtobufCBinaryData bytes_field(imi_view view)
{
    return (ProtobufCBinaryData){view.size, (uint8_t *)view.data};
}

static size_t fitting(size_t count)
{
    return count < IMI_BACKEND_LINES_MAX ? count : IMI_BACKEND_LINES_MAX;
}

static imi_status read_document(const Imi__V1__DocumentReading *reading, imi_backend_document *out,
                                imi_error *err)
{
    if (reading == NULL) {
        return IMI_OK;
    }
    out->sent = true;
    IMI_TRY(imi_message_text(reading->kind, out->kind, sizeof out->kind, err));
    for (size_t i = 0; i < fitting(reading->n_reasons); i++) {
        char *reason = out->reasons[out->reason_count++];
        IMI_TRY(imi_message_text(reading->reasons[i], reason, IMI_BACKEND_NAME_SIZE, err));
    }
    for (size_t i = 0; i < fitting(reading->n_claims); i++) {
        const Imi__V1__DocumentClaimResult *from = reading->claims[i];
        imi_backend_line *line = &out->claims[out->claim_count++];
        IMI_TRY(imi_message_text(from->claim, line->name, sizeof line->name, err));
        IMI_TRY(imi_message_text(from->result, line->result, sizeof line->result, err));
    }
    for (size_t i = 0; i < fitting(reading->n_fields); i++) {
        const Imi__V1__DocumentField *from = reading->fields[i];
        imi_backend_line *line = &out->fields[out->field_count++];
        IMI_TRY(imi_message_text(from->field, line->name, sizeof line->name, err));
        IMI_TRY(imi_message_text(from->source, line->source, sizeof line->source, err));
        IMI_TRY(imi_message_text(from->check, line->result, sizeof line->result, err));
    }
    return IMI_OK;
}

static imi_status read_enrolment(const Imi__V1__EnrolReferenceResponse *response,
                                 imi_backend_enrolment *out, imi_error *err)
{
    out->reason = (imi_capture_reason)response->reason;
    out->quality = response->quality;
    out->matchability = response->matchability;
    out->level = (imi_quality_level)response->level;
    IMI_TRY(
        imi_message_text(response->reference_id, out->reference_id, sizeof out->reference_id, err));
    IMI_TRY(
        imi_message_text(response->advice_code, out->advice_code, sizeof out->advice_code, err));
    IMI_TRY(imi_message_text(response->advice, out->advice, sizeof out->advice, err));
    IMI_TRY(read_document(response->document, &out->document, err));
    out->accepted = response->accepted;
    return IMI_OK;
}

imi_status imi_backend_enrol(imi_rpc_channel *channel, const char *subject_id,
                             imi_view portrait_jpeg, imi_backend_enrolment *out, imi_error *err)
{
    imi_backend_person person = {.subject_id = subject_id};
    return imi_backend_enrol_person(channel, &person, portrait_jpeg, out, err);
}

/* Send what is filled in of the photo, about this person. */
static imi_status enrol(imi_rpc_channel *channel, const imi_backend_person *person,
                        Imi__V1__EnrolReferenceRequest *request, imi_backend_enrolment *out,
                        imi_error *err)
{
    *out = (imi_backend_enrolment){.accepted = false};
    request->subject_id = (char *)person->subject_id;
    request->birth_decade = person->birth_decade;
    request->sex = (Imi__V1__Sex)person->sex;
    request->delete_after_ms = person->delete_after_ms;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.EnrolmentService/EnrolReference", &request->base,
                 &imi__v1__enrol_reference_response__descriptor, &message, err));
    imi_status status = read_enrolment((const void *)message, out, err);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

imi_status imi_backend_enrol_person(imi_rpc_channel *channel, const imi_backend_person *person,
                                    imi_view portrait_jpeg, imi_backend_enrolment *out,
                                    imi_error *err)
{
    Imi__V1__EnrolReferenceRequest request = IMI__V1__ENROL_REFERENCE_REQUEST__INIT;
    request.portrait_jpeg = bytes_field(portrait_jpeg);
    return enrol(channel, person, &request, out, err);
}

static void put_claim(const char *text, char **field)
{
    if (text != NULL) {
        *field = (char *)text;
    }
}

imi_status imi_backend_enrol_document(imi_rpc_channel *channel, const imi_backend_person *person,
                                      imi_view document_jpeg, const imi_document_claims *claims,
                                      imi_backend_enrolment *out, imi_error *err)
{
    Imi__V1__DocumentClaims message = IMI__V1__DOCUMENT_CLAIMS__INIT;
    put_claim(claims->document_number, &message.document_number);
    put_claim(claims->id_number, &message.id_number);
    put_claim(claims->birth_date, &message.birth_date);
    put_claim(claims->name, &message.name);
    Imi__V1__EnrolReferenceRequest request = IMI__V1__ENROL_REFERENCE_REQUEST__INIT;
    request.document_jpeg = bytes_field(document_jpeg);
    request.document_claims = &message;
    return enrol(channel, person, &request, out, err);
}

static imi_status read_reference(const Imi__V1__Reference *reference, imi_backend_reference *out,
                                 imi_error *err)
{
    IMI_TRY(imi_message_text(reference->reference_id, out->reference_id, sizeof out->reference_id,
                             err));
    IMI_TRY(imi_message_text(reference->parent_id, out->parent_id, sizeof out->parent_id, err));
    IMI_TRY(imi_message_text(reference->session_id, out->session_id, sizeof out->session_id, err));
    out->kind = (imi_reference_kind)reference->kind;
    out->quality = reference->quality;
    out->created_at_ms = reference->created_at_ms;
    return IMI_OK;
}

imi_status imi_backend_list_references(imi_rpc_channel *channel, const char *subject_id,
                                       imi_backend_reference *out, size_t capacity,
                                       size_t *count_out, imi_error *err)
{
    *count_out = 0;
    Imi__V1__ListReferencesRequest request = IMI__V1__LIST_REFERENCES_REQUEST__INIT;
    request.subject_id = (char *)subject_id;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.EnrolmentService/ListReferences", &request.base,
                 &imi__v1__list_references_response__descriptor, &message, err));
    const Imi__V1__ListReferencesResponse *response = (const void *)message;
    imi_status status = IMI_OK;
    size_t count = response->n_references < capacity ? response->n_references : capacity;
    for (size_t i = 0; i < count && status == IMI_OK; i++) {
        status = read_reference(response->references[i], &out[i], err);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    *count_out = status == IMI_OK ? count : 0;
    return status;
}

imi_status imi_backend_set_claims(imi_rpc_channel *channel, const char *subject_id,
                                  const char *claims_json, imi_error *err)
{
    Imi__V1__SetSubjectClaimsRequest request = IMI__V1__SET_SUBJECT_CLAIMS_REQUEST__INIT;
    request.subject_id = (char *)subject_id;
    request.claims_json = (char *)claims_json;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.EnrolmentService/SetSubjectClaims", &request.base,
                 &imi__v1__set_subject_claims_response__descriptor, &message, err));
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

imi_status imi_backend_delete_reference(imi_rpc_channel *channel, const char *reference_id,
                                        imi_error *err)
{
    Imi__V1__DeleteReferenceRequest request = IMI__V1__DELETE_REFERENCE_REQUEST__INIT;
    request.reference_id = (char *)reference_id;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.EnrolmentService/DeleteReference", &request.base,
                 &imi__v1__delete_reference_response__descriptor, &message, err));
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

imi_status imi_backend_compare(imi_rpc_channel *channel, const char *purpose, imi_view probe_jpeg,
                               imi_view reference_jpeg, imi_backend_comparison *out, imi_error *err)
{
    *out = (imi_backend_comparison){.decision = IMI_DECISION_NONE, .fmr = 1};
    Imi__V1__ComparePhotosRequest request = IMI__V1__COMPARE_PHOTOS_REQUEST__INIT;
    request.purpose = (char *)purpose;
    request.probe_jpeg = bytes_field(probe_jpeg);
    request.reference_jpeg = bytes_field(reference_jpeg);
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.EnrolmentService/ComparePhotos", &request.base,
                 &imi__v1__compare_photos_response__descriptor, &message, err));
    const Imi__V1__ComparePhotosResponse *response = (const void *)message;
    *out = (imi_backend_comparison){
        .probe_reason = (imi_capture_reason)response->probe_reason,
        .reference_reason = (imi_capture_reason)response->reference_reason,
        .decision = (imi_decision)response->decision,
        .similarity = response->similarity,
        .fmr = response->fmr,
    };
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

static imi_status read_created(const Imi__V1__CreateSessionResponse *response,
                               imi_backend_created *out, imi_error *err)
{
    IMI_TRY(imi_message_text(response->session_id, out->session_id, sizeof out->session_id, err));
    IMI_TRY(
        imi_message_text(response->join_secret, out->join_secret, sizeof out->join_secret, err));
    IMI_TRY(imi_message_text(response->join_url, out->join_url, sizeof out->join_url, err));
    out->expires_at_ms = response->expires_at_ms;
    return IMI_OK;
}

imi_status imi_backend_create_session(imi_rpc_channel *channel, const imi_backend_request *request,
                                      imi_backend_created *out, imi_error *err)
{
    *out = (imi_backend_created){.expires_at_ms = 0};
    Imi__V1__CreateSessionRequest create = IMI__V1__CREATE_SESSION_REQUEST__INIT;
    create.purpose = (char *)request->purpose;
    create.reference_id = (char *)request->reference_id;
    create.nonce = (char *)request->nonce;
    create.claims = (char **)request->claims;
    create.n_claims = request->claim_count;
    if (request->request_id != NULL) {
        create.request_id = (char *)request->request_id;
    }
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.RelyingPartyService/CreateSession", &create.base,
                 &imi__v1__create_session_response__descriptor, &message, err));
    imi_status status = read_created((const void *)message, out, err);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

/* One message's text fields and where they go. */
typedef struct text_copy {
    const char *from;
    char *to;
    size_t capacity;
} text_copy;

static imi_status copy_texts(const text_copy *copies, size_t count, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(imi_message_text(copies[i].from, copies[i].to, copies[i].capacity, err));
    }
    return IMI_OK;
}

static imi_status read_session(const Imi__V1__Session *message, imi_backend_session *out,
                               imi_error *err)
{
    *out = (imi_backend_session){.decision = IMI_DECISION_NONE, .fmr = 1};
    if (message == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server answered without a session");
    }
    const text_copy texts[] = {
        {message->session_id, out->session_id, sizeof out->session_id},
        {message->purpose, out->purpose, sizeof out->purpose},
        {message->subject_id, out->subject_id, sizeof out->subject_id},
        {message->reason, out->reason, sizeof out->reason},
        {message->token, out->token, sizeof out->token},
        {message->policy_version, out->policy_version, sizeof out->policy_version},
        {message->model_version, out->model_version, sizeof out->model_version},
        {message->score_kind, out->score_kind, sizeof out->score_kind},
        {message->operating_point, out->operating_point, sizeof out->operating_point},
        {message->evidence, out->evidence, sizeof out->evidence},
    };
    IMI_TRY(copy_texts(texts, sizeof texts / sizeof texts[0], err));
    out->state = (imi_session_state)message->state;
    out->decision = (imi_decision)message->decision;
    out->compared = message->compared;
    out->similarity = message->similarity;
    out->fmr = message->fmr;
    out->created_at_ms = message->created_at_ms;
    out->expires_at_ms = message->expires_at_ms;
    out->decided_at_ms = message->decided_at_ms;
    out->attempts = message->attempts;
    return IMI_OK;
}

imi_status imi_backend_get_session(imi_rpc_channel *channel, const char *session_id,
                                   imi_backend_session *out, imi_error *err)
{
    *out = (imi_backend_session){.decision = IMI_DECISION_NONE, .fmr = 1};
    Imi__V1__GetSessionRequest request = IMI__V1__GET_SESSION_REQUEST__INIT;
    request.session_id = (char *)session_id;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.RelyingPartyService/GetSession", &request.base,
                 &imi__v1__get_session_response__descriptor, &message, err));
    imi_status status =
        read_session(((const Imi__V1__GetSessionResponse *)message)->session, out, err);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

static imi_status read_event(imi_view bytes, imi_backend_event *out, imi_error *err)
{
    ProtobufCMessage *message = NULL;
    IMI_TRY(imi_message_unpack(&imi__v1__watch_session_response__descriptor, bytes, &message, err));
    const Imi__V1__WatchSessionResponse *response = (const void *)message;
    out->sequence = response->sequence;
    out->at_ms = response->at_ms;
    const text_copy texts[] = {
        {response->kind, out->kind, sizeof out->kind},
        {response->detail, out->detail, sizeof out->detail},
    };
    imi_status status = copy_texts(texts, sizeof texts / sizeof texts[0], err);
    if (status == IMI_OK) {
        status = read_session(response->session, &out->session, err);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

static imi_status watch_stream(imi_rpc_stream *stream, imi_backend_listener listener, void *user,
                               imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    for (bool more = true; more;) {
        imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
        IMI_TRY(imi_rpc_stream_receive(stream, -1, &bytes, &received, err));
        if (received != IMI_RPC_RECEIVED_MESSAGE) {
            return IMI_OK;
        }
        imi_backend_event event = {.sequence = 0};
        IMI_TRY(read_event(imi_buffer_view(&bytes), &event, err));
        more = listener(user, &event);
    }
    return IMI_OK;
}

imi_status imi_backend_watch(imi_rpc_channel *channel, const char *session_id,
                             int64_t after_sequence, imi_backend_listener listener, void *user,
                             imi_error *err)
{
    Imi__V1__WatchSessionRequest request = IMI__V1__WATCH_SESSION_REQUEST__INIT;
    request.session_id = (char *)session_id;
    request.after_sequence = after_sequence;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_message_pack(&request.base, &bytes, err));
    imi_rpc_request rpc = {.path = "/imi.v1.RelyingPartyService/WatchSession"};
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_TRY(imi_rpc_stream_watch(channel, &rpc, imi_buffer_view(&bytes), &stream, err));
    return watch_stream(stream, listener, user, err);
}

imi_status imi_backend_jwks(imi_rpc_channel *channel, imi_buffer *json_out, imi_error *err)
{
    Imi__V1__GetJwksRequest request = IMI__V1__GET_JWKS_REQUEST__INIT;
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.RelyingPartyService/GetJwks", &request.base,
                 &imi__v1__get_jwks_response__descriptor, &message, err));
    imi_status status = imi_buffer_append_text(
        json_out, ((const Imi__V1__GetJwksResponse *)message)->jwks_json, err);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

static imi_status ask_receipt(imi_rpc_channel *channel, const Imi__V1__GetReceiptRequest *request,
                              imi_buffer *json_out, imi_error *err)
{
    ProtobufCMessage *message = NULL;
    IMI_TRY(call(channel, "/imi.v1.TokenService/GetReceipt", &request->base,
                 &imi__v1__get_receipt_response__descriptor, &message, err));
    imi_status status = imi_buffer_append_text(
        json_out, ((const Imi__V1__GetReceiptResponse *)message)->receipt_json, err);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

imi_status imi_backend_receipt(imi_rpc_channel *channel, const char *id, imi_receipt_kind kind,
                               imi_buffer *json_out, imi_error *err)
{
    const struct timespec pause = {0, RECEIPT_PAUSE_MS * 1000000L};
    Imi__V1__GetReceiptRequest request = IMI__V1__GET_RECEIPT_REQUEST__INIT;
    request.session_id = (char *)id;
    request.kind = (Imi__V1__ReceiptKind)kind; /* the same numbers: rpc/handle_token.c */
    size_t before = json_out->size;
    for (int i = 0; i < RECEIPT_TRIES; i++) {
        IMI_TRY(ask_receipt(channel, &request, json_out, err));
        if (json_out->size > before) {
            return IMI_OK;
        }
        nanosleep(&pause, NULL);
    }
    IMI_FAIL(err, IMI_E_DEADLINE,
             "the log has not taken the event in, or too few witnesses have cosigned: try later");
}

const char *imi_backend_decision_name(imi_decision decision)
{
    static const char *const names[] = {"none", "verified", "rejected", "retry", "review"};
    size_t count = sizeof names / sizeof names[0];
    return (size_t)decision < count ? names[decision] : "unknown";
}

const char *imi_backend_state_name(imi_session_state state)
{
    static const char *const names[] = {"none",    "created", "joined",   "consented",
                                        "decided", "expired", "withdrawn"};
    size_t count = sizeof names / sizeof names[0];
    return (size_t)state < count ? names[state] : "unknown";
}
