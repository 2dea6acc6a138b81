#include "rpc/handler.h"

#include "imi/v1/enrolment.pb-c.h"

_Static_assert((int)IMI__V1__CAPTURE_REASON__CAPTURE_REASON_MOUTH_HIDDEN ==
                   IMI_CAPTURE_MOUTH_HIDDEN,
               "capture reasons differ");

_Static_assert((int)IMI__V1__SEX__SEX_FEMALE == IMI_SEX_FEMALE, "sexes differ");
_Static_assert((int)IMI__V1__QUALITY_LEVEL__QUALITY_LEVEL_GOOD == IMI_QUALITY_GOOD,
               "levels of quality differ");
_Static_assert((int)IMI__V1__REFERENCE_KIND__REFERENCE_KIND_ADDITIONAL == IMI_REFERENCE_ADDITIONAL,
               "kinds of reference differ");

enum { LISTED_MAX = 64 };

/* How a document was read, as a message; points into itself. */
typedef struct document_message {
    Imi__V1__DocumentReading reading;
    char *reasons[IMI_DOCUMENT_REASON_COUNT];
    Imi__V1__DocumentClaimResult claims[IMI_CLAIM_COUNT], *claim_pointers[IMI_CLAIM_COUNT];
    Imi__V1__DocumentField fields[IMI_FIELD_COUNT], *field_pointers[IMI_FIELD_COUNT];
} document_message;

static void add_claim(document_message *out, imi_claim claim, imi_data_match match)
{
    size_t i = out->reading.n_claims++;
    out->claims[i] = (Imi__V1__DocumentClaimResult)IMI__V1__DOCUMENT_CLAIM_RESULT__INIT;
    out->claims[i].claim = (char *)imi_claim_name(claim);
    out->claims[i].result = (char *)imi_data_match_name(match);
    out->claim_pointers[i] = &out->claims[i];
}

static void add_field(document_message *out, imi_document_field field, imi_field_source source,
                      imi_check_state check)
{
    size_t i = out->reading.n_fields++;
    out->fields[i] = (Imi__V1__DocumentField)IMI__V1__DOCUMENT_FIELD__INIT;
    out->fields[i].field = (char *)imi_document_field_name(field);
    out->fields[i].source = (char *)imi_field_source_name(source);
    out->fields[i].check = (char *)imi_check_state_name(check);
    out->field_pointers[i] = &out->fields[i];
}

static void describe_document(const imi_document_summary *summary, document_message *out)
{
    out->reading = (Imi__V1__DocumentReading)IMI__V1__DOCUMENT_READING__INIT;
    out->reading.kind = (char *)imi_document_kind_name(summary->kind);
    out->reading.reasons = out->reasons;
    out->reading.claims = out->claim_pointers;
    out->reading.fields = out->field_pointers;
    for (int i = 0; i < IMI_DOCUMENT_REASON_COUNT; i++) {
        if ((summary->reasons >> i & 1U) != 0) {
            out->reasons[out->reading.n_reasons++] =
                (char *)imi_document_reason_name((imi_document_reason)i);
        }
    }
    for (int i = 0; i < IMI_CLAIM_COUNT; i++) {
        if (summary->matches[i] != IMI_DATA_NOT_CLAIMED) {
            add_claim(out, (imi_claim)i, summary->matches[i]);
        }
    }
    for (int i = 0; i < IMI_FIELD_COUNT; i++) {
        if (summary->sources[i] != IMI_SOURCE_NONE) {
            add_field(out, (imi_document_field)i, summary->sources[i], summary->checks[i]);
        }
    }
}

/* Enrolment and comparison answer from a compute worker: the call is held until then. */

static void enrol_done(void *user, imi_status status, const imi_error *error,
                       const imi_enrolment *enrolment)
{
    imi_rpc_call *call = user;
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, error);
    } else {
        Imi__V1__EnrolReferenceResponse answer = IMI__V1__ENROL_REFERENCE_RESPONSE__INIT;
        answer.accepted = enrolment->accepted;
        answer.reference_id = (char *)enrolment->reference_id;
        answer.reason = (Imi__V1__CaptureReason)enrolment->reason;
        answer.quality = enrolment->quality;
        const imi_matchability *matchability = &enrolment->matchability;
        imi_capture_reason weakness =
            enrolment->accepted ? matchability->reason : enrolment->reason;
        imi_capture_advice advice = imi_capture_advise(weakness, IMI_CAPTURE_PORTRAIT);
        answer.matchability = enrolment->accepted ? matchability->probability : 0;
        answer.level = (Imi__V1__QualityLevel)matchability->level;
        answer.advice_code = (char *)advice.code;
        answer.advice = (char *)advice.text;
        document_message document;
        if (enrolment->from_document) {
            describe_document(&enrolment->document, &document);
            answer.document = &document.reading;
        }
        imi_handler_reply(call, &answer);
    }
    imi_rpc_call_release(&call);
}

static imi_status enrol_reference(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    (void)response;
    const Imi__V1__EnrolReferenceRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_enrol_request wish = {
        .subject_id = request->subject_id,
        .portrait_jpeg = imi_handler_bytes(request->portrait_jpeg),
        .birth_decade = request->birth_decade,
        .sex = (imi_sex)request->sex,
        .document_jpeg = imi_handler_bytes(request->document_jpeg),
        .delete_after_ms = request->delete_after_ms,
    };
    const Imi__V1__DocumentClaims *claims = request->document_claims;
    if (claims != NULL) {
        wish.claims = (imi_document_claims){claims->document_number, claims->id_number,
                                            claims->birth_date, claims->name};
    }
    imi_rpc_call *held = imi_rpc_call_acquire(call);
    imi_status status = imi_service_enrol(service, party, &wish, enrol_done, held, err);
    if (status != IMI_OK) {
        imi_rpc_call_release(&held);
    }
    return status;
}

static void describe_reference(imi_reference_record *record, Imi__V1__Reference *out)
{
    *out = (Imi__V1__Reference)IMI__V1__REFERENCE__INIT;
    out->reference_id = record->reference_id;
    out->kind = (Imi__V1__ReferenceKind)record->kind;
    out->parent_id = record->parent_id;
    out->session_id = record->session_id;
    out->quality = (float)record->quality;
    out->created_at_ms = record->created_ms;
}

static imi_status list_references(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    const Imi__V1__ListReferencesRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_reference_record records[LISTED_MAX];
    Imi__V1__Reference references[LISTED_MAX], *pointers[LISTED_MAX];
    size_t count = 0;
    IMI_TRY(imi_service_list_references(service, party, request->subject_id, records, LISTED_MAX,
                                        &count, err));
    for (size_t i = 0; i < count; i++) {
        describe_reference(&records[i], &references[i]);
        pointers[i] = &references[i];
    }
    Imi__V1__ListReferencesResponse answer = IMI__V1__LIST_REFERENCES_RESPONSE__INIT;
    answer.n_references = count;
    answer.references = pointers;
    return imi_handler_respond(&answer, response, err);
}

static imi_status delete_reference(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    const Imi__V1__DeleteReferenceRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_delete_reference(service, party, request->reference_id, err));
    Imi__V1__DeleteReferenceResponse answer = IMI__V1__DELETE_REFERENCE_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

static imi_status set_subject_claims(imi_service *service, imi_rpc_call *call, const void *message,
                                     imi_buffer *response, imi_error *err)
{
    const Imi__V1__SetSubjectClaimsRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    IMI_TRY(imi_service_set_claims(service, party, request->subject_id, request->claims_json, err));
    Imi__V1__SetSubjectClaimsResponse answer = IMI__V1__SET_SUBJECT_CLAIMS_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

static imi_status erase_subject(imi_service *service, imi_rpc_call *call, const void *message,
                                imi_buffer *response, imi_error *err)
{
    const Imi__V1__EraseSubjectRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    Imi__V1__EraseSubjectResponse answer = IMI__V1__ERASE_SUBJECT_RESPONSE__INIT;
    IMI_TRY(imi_handler_party(call, party, err));
    imi_erased erased;
    IMI_TRY(imi_service_erase_subject(service, party, request->subject_id, &erased, err));
    answer.log_index = erased.log_index;
    answer.deletion_id = erased.deletion_id;
    return imi_handler_respond(&answer, response, err);
}

static void compare_done(void *user, imi_status status, const imi_error *error,
                         const imi_photo_comparison *result)
{
    imi_rpc_call *call = user;
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, error);
    } else {
        bool compared =
            result->decision == IMI_DECISION_VERIFIED || result->decision == IMI_DECISION_REJECTED;
        Imi__V1__ComparePhotosResponse answer = IMI__V1__COMPARE_PHOTOS_RESPONSE__INIT;
        answer.probe_reason = (Imi__V1__CaptureReason)result->probe_reason;
        answer.reference_reason = (Imi__V1__CaptureReason)result->reference_reason;
        answer.decision = (Imi__V1__Decision)result->decision;
        answer.similarity = compared ? (double)result->comparison.similarity : 0;
        answer.fmr = compared ? result->comparison.fmr : 1;
        imi_handler_reply(call, &answer);
    }
    imi_rpc_call_release(&call);
}

static imi_status compare_photos(imi_service *service, imi_rpc_call *call, const void *message,
                                 imi_buffer *response, imi_error *err)
{
    (void)response;
    const Imi__V1__ComparePhotosRequest *request = message;
    char party[IMI_STORE_NAME_SIZE];
    IMI_TRY(imi_handler_party(call, party, err));
    imi_rpc_call *held = imi_rpc_call_acquire(call);
    imi_status status = imi_service_compare_photos(
        service, party, request->purpose, imi_handler_bytes(request->probe_jpeg),
        imi_handler_bytes(request->reference_jpeg), compare_done, held, err);
    if (status != IMI_OK) {
        imi_rpc_call_release(&held);
    }
    return status;
}

static imi_rpc_flow on_enrol_reference(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__enrol_reference_request__descriptor,
                           enrol_reference);
}

static imi_rpc_flow on_list_references(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__list_references_request__descriptor,
                           list_references);
}

static imi_rpc_flow on_set_subject_claims(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__set_subject_claims_request__descriptor,
                           set_subject_claims);
}

static imi_rpc_flow on_erase_subject(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__erase_subject_request__descriptor,
                           erase_subject);
}

static imi_rpc_flow on_delete_reference(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__delete_reference_request__descriptor,
                           delete_reference);
}

static imi_rpc_flow on_compare_photos(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__compare_photos_request__descriptor,
                           compare_photos);
}

imi_rpc_service imi_handle_enrolment(imi_handlers *handlers)
{
    static const imi_rpc_method methods[] = {
        {.name = "EnrolReference", .message = on_enrol_reference},
        {.name = "ListReferences", .message = on_list_references},
        {.name = "DeleteReference", .message = on_delete_reference},
        {.name = "SetSubjectClaims", .message = on_set_subject_claims},
        {.name = "EraseSubject", .message = on_erase_subject},
        {.name = "ComparePhotos", .message = on_compare_photos},
    };
    return (imi_rpc_service){
        .name = "imi.v1.EnrolmentService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = handlers,
    };
}
