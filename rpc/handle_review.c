/*
 * imi.v1.AdministrationService: what people look into.
 */
#include "rpc/administration_call.h"

#include <string.h>

enum { AUDIT_PAGE = 500, DUPLICATES_PAGE = 200 };

/* How many a page holds that was asked for with this limit. */
static size_t page_of(uint32_t limit, size_t most)
{
    return limit == 0 || limit > most ? most : limit;
}

static void fill_line(Imi__V1__AuditLine *out, imi_audit_record *line)
{
    imi__v1__audit_line__init(out);
    out->sequence = line->sequence;
    out->at_ms = line->at_ms;
    out->actor = line->actor;
    out->action = line->action;
    out->object = line->object;
    out->detail = line->detail;
    out->digest = (ProtobufCBinaryData){sizeof line->digest, line->digest};
}

static imi_status list_audit(imi_service *service, imi_rpc_call *call, const void *message,
                             imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ListAuditRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    size_t page = page_of(request->limit, AUDIT_PAGE);
    imi_audit_record *lines = imi_arena_alloc_array(&self.arena, page, sizeof *lines);
    Imi__V1__AuditLine *messages = imi_arena_alloc_array(&self.arena, page, sizeof *messages);
    Imi__V1__ListAuditResponse answer = IMI__V1__LIST_AUDIT_RESPONSE__INIT;
    answer.lines = imi_arena_alloc_array(&self.arena, page, sizeof(void *));
    IMI_NEED_MESSAGE(lines, err);
    IMI_NEED_MESSAGE(messages, err);
    IMI_NEED_MESSAGE(answer.lines, err);
    IMI_TRY(imi_administration_list_audit(self.administration, self.name, request->after_sequence,
                                          lines, page, &answer.n_lines, err));
    for (size_t i = 0; i < answer.n_lines; i++) {
        fill_line(&messages[i], &lines[i]);
        answer.lines[i] = &messages[i];
    }
    return imi_handler_respond(&answer, response, err);
}

/* Names of verdicts as they are stored, by their numbers in the protocol. */
static const char *const verdicts[] = {"", "same_person", "different_people", "registry_error"};
enum { VERDICTS = sizeof verdicts / sizeof verdicts[0] };

static Imi__V1__DuplicateVerdict verdict_of(const char *name)
{
    for (size_t i = 0; i < VERDICTS; i++) {
        if (strcmp(verdicts[i], name) == 0) {
            return (Imi__V1__DuplicateVerdict)i;
        }
    }
    return IMI__V1__DUPLICATE_VERDICT__DUPLICATE_VERDICT_UNSPECIFIED;
}

static void fill_duplicate(Imi__V1__Duplicate *out, imi_duplicate_view *view)
{
    imi__v1__duplicate__init(out);
    out->reference_a = view->record.reference_a;
    out->reference_b = view->record.reference_b;
    out->subject_a = view->subject_a;
    out->subject_b = view->subject_b;
    out->fmr = view->record.fmr;
    out->found_at_ms = view->record.found_ms;
    out->verdict = verdict_of(view->record.verdict);
    out->reviewed_by = view->record.reviewed_by;
    out->reviewed_at_ms = view->record.reviewed_ms;
    out->note = view->record.note;
}

static imi_status list_duplicates(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ListDuplicatesRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    size_t page = page_of(request->limit, DUPLICATES_PAGE);
    imi_duplicate_view *views = imi_arena_alloc_array(&self.arena, page, sizeof *views);
    Imi__V1__Duplicate *messages = imi_arena_alloc_array(&self.arena, page, sizeof *messages);
    Imi__V1__ListDuplicatesResponse answer = IMI__V1__LIST_DUPLICATES_RESPONSE__INIT;
    answer.duplicates = imi_arena_alloc_array(&self.arena, page, sizeof(void *));
    IMI_NEED_MESSAGE(views, err);
    IMI_NEED_MESSAGE(messages, err);
    IMI_NEED_MESSAGE(answer.duplicates, err);
    IMI_TRY(imi_administration_list_duplicates(self.administration, self.name, request->open_only,
                                               request->skip, views, page, &answer.n_duplicates,
                                               err));
    for (size_t i = 0; i < answer.n_duplicates; i++) {
        fill_duplicate(&messages[i], &views[i]);
        answer.duplicates[i] = &messages[i];
    }
    return imi_handler_respond(&answer, response, err);
}

static imi_status review_duplicate(imi_service *service, imi_rpc_call *call, const void *message,
                                   imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ReviewDuplicateRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    size_t number = (size_t)request->verdict;
    imi_duplicate_review review = {
        .reference_a = request->reference_a,
        .reference_b = request->reference_b,
        .verdict = number < VERDICTS ? verdicts[number] : "",
        .note = request->note,
    };
    IMI_TRY(imi_administration_review_duplicate(self.administration, self.name, &review, err));
    Imi__V1__ReviewDuplicateResponse answer = IMI__V1__REVIEW_DUPLICATE_RESPONSE__INIT;
    return imi_handler_respond(&answer, response, err);
}

static imi_status get_cohort(imi_service *service, imi_rpc_call *call, const void *message,
                             imi_buffer *response, imi_error *err)
{
    (void)service;
    (void)message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_cohort_summary cohort;
    IMI_TRY(imi_administration_cohort(self.administration, self.name, &cohort, err));
    Imi__V1__GetCohortResponse answer = IMI__V1__GET_COHORT_RESPONSE__INIT;
    answer.cohort_id = cohort.record.cohort_id;
    answer.size = (uint32_t)cohort.size;
    answer.created_at_ms = cohort.record.created_ms;
    answer.population = cohort.record.population;
    answer.enrolled = cohort.enrolled;
    answer.needed = IMI_COHORT_MEMBERS_MIN;
    return imi_handler_respond(&answer, response, err);
}

imi_rpc_flow imi_on_list_audit(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__list_audit_request__descriptor, list_audit);
}

imi_rpc_flow imi_on_list_duplicates(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__list_duplicates_request__descriptor,
                           list_duplicates);
}

imi_rpc_flow imi_on_review_duplicate(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__review_duplicate_request__descriptor,
                           review_duplicate);
}

imi_rpc_flow imi_on_get_cohort(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_cohort_request__descriptor, get_cohort);
}
