/*
 * Enrolment: a portrait, or that of a document, becomes a stored template. No photo is ever stored,
 * nor what stands in a document.
 */
#include "enrol_document.h"
#include "imi/log.h"
#include "portrait.h"
#include "service_internal.h"

#include <string.h>

enum { PORTRAIT_BYTES_MAX = 4 << 20, SUBJECT_ID_MAX = 100, DECADE_MIN = 1800, DECADE_MAX = 2200 };

typedef struct enrolling {
    imi_service *service;
    const imi_relying_party *party; /* owned by the policy */
    char subject_id[IMI_STORE_NAME_SIZE];
    int32_t birth_decade;
    imi_sex sex;
    int64_t delete_after_ms;
    imi_buffer jpeg;
    bool is_document; /* what the JPEG shows */
    imi_kept_claims claims; /* with a document */
    imi_enrol_reply reply;
    void *user;
} enrolling;

static void destroy_job(enrolling *job)
{
    if (job != NULL) {
        imi_buffer_clean_up(&job->jpeg);
        imi_wipe(job, sizeof *job);
        imi_free(job);
    }
}

/* Kept for calibrations, which compare all with all. Without them they measure it themselves. */
static void store_statistics(imi_service *service, const imi_reference_record *record,
                             const imi_template *face_template)
{
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(service->cohorts);
    if (shared == NULL) {
        return;
    }
    imi_subject_key subject = imi_subject_key_of(record->relying_party, record->subject_id);
    imi_cohort_statistics statistics;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    imi_store *store = service->options.store;
    imi_error error = IMI_ERROR_INIT;
    imi_status status =
        imi_cohort_measure(shared->cohort, face_template, &subject, 1, &statistics, &error);
    if (status == IMI_OK) {
        status = imi_cohort_statistics_encode(&statistics, &blob, &error);
    }
    if (status == IMI_OK) {
        status = store->put_statistics(store, record->reference_id, imi_buffer_view(&blob), &error);
    }
    if (status != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "session", "statistics of a reference were not kept: %s",
                error.message);
    }
}

static imi_status store_reference(const enrolling *job, const imi_template *face_template,
                                  imi_enrolment *result, imi_error *err)
{
    imi_service *service = job->service;
    imi_reference_record record = {
        .quality = (double)result->quality,
        .created_ms = imi_service_now_ms(service),
        .kind = IMI_REFERENCE_PRIMARY,
        .birth_decade = job->birth_decade,
        .sex = job->sex,
        .document_checked = job->is_document,
        .delete_after_ms = job->delete_after_ms,
    };
    imi_copy_text(record.relying_party, sizeof record.relying_party, job->party->name);
    imi_copy_text(record.subject_id, sizeof record.subject_id, job->subject_id);
    imi_copy_text(record.model_version, sizeof record.model_version,
                  service->options.model_version);
    IMI_TRY(imi_id_new("ref", record.reference_id, err));
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    IMI_TRY(imi_template_encode(face_template, &blob, err));
    imi_store *store = service->options.store;
    IMI_TRY(store->put_reference(store, &record, imi_buffer_view(&blob), err));
    store_statistics(service, &record, face_template);
    imi_copy_text(result->reference_id, sizeof result->reference_id, record.reference_id);
    result->accepted = true;
    return IMI_OK;
}

static void take_view(const imi_portrait_view *view, imi_enrolment *result)
{
    result->reason = view->reason;
    result->quality = view->quality;
    result->matchability = view->matchability;
}

/* *fit_out: there is a template that may be stored. */
static imi_status extract_portrait(enrolling *job, imi_engine *engine, imi_enrolment *result,
                                   imi_template *template_out, bool *fit_out, imi_error *err)
{
    imi_portrait_view view;
    imi_status status = imi_portrait_extract(engine, &job->jpeg, &view, template_out, err);
    take_view(&view, result);
    *fit_out = status == IMI_OK && view.reason == IMI_CAPTURE_OK;
    return status;
}

static imi_status extract_document(enrolling *job, imi_engine *engine, imi_enrolment *result,
                                   imi_template *template_out, bool *fit_out, imi_error *err)
{
    imi_document_enrolment found;
    imi_calendar_day today = imi_calendar_day_of_unix_ms(imi_service_now_ms(job->service));
    imi_status status = imi_document_enrol_extract(engine, &job->jpeg, &job->claims, today, &found,
                                                   template_out, err);
    take_view(&found.portrait, result);
    result->from_document = true;
    result->document = found.summary;
    /* What the relying party told stands. */
    job->birth_decade = job->birth_decade != 0 ? job->birth_decade : found.birth_decade;
    job->sex = job->sex != IMI_SEX_UNKNOWN ? job->sex : found.sex;
    *fit_out = status == IMI_OK && found.accepted;
    return status;
}

static void run_enrol(void *engine, void *argument)
{
    enrolling *job = argument;
    imi_error error = IMI_ERROR_INIT;
    imi_enrolment result = {0};
    imi_template face_template;
    bool fit = false;
    imi_status status = job->is_document
                            ? extract_document(job, engine, &result, &face_template, &fit, &error)
                            : extract_portrait(job, engine, &result, &face_template, &fit, &error);
    if (status == IMI_OK && fit) {
        status = store_reference(job, &face_template, &result, &error);
    }
    imi_template_wipe(&face_template);
    if (status != IMI_OK) {
        result = (imi_enrolment){0};
    }
    job->reply(job->user, status, &error, &result);
    destroy_job(job);
}

static imi_status check_enroller(const imi_service *service, const char *party,
                                 const imi_relying_party **out, imi_error *err)
{
    IMI_TRY(imi_service_party(service, party, out, err));
    if (!(*out)->may_enrol) {
        IMI_FAIL(err, IMI_E_PERMISSION, "the relying party may not enrol references");
    }
    return IMI_OK;
}

static imi_status check_subject_id(const char *subject_id, imi_error *err)
{
    size_t size = subject_id == NULL ? 0 : strnlen(subject_id, SUBJECT_ID_MAX + 1);
    if (size < 1 || size > SUBJECT_ID_MAX ||
        !imi_text_is_clean_utf8((imi_view){(const uint8_t *)subject_id, size})) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "subject_id must be text of 1 to %d bytes",
                 SUBJECT_ID_MAX);
    }
    return IMI_OK;
}

imi_status imi_service_check_enroller(const imi_service *service, const char *party,
                                      const char *subject_id, imi_error *err)
{
    const imi_relying_party *relying_party = NULL;
    IMI_TRY(check_enroller(service, party, &relying_party, err));
    return check_subject_id(subject_id, err);
}

static imi_status check_attributes(const imi_enrol_request *request, imi_error *err)
{
    int32_t decade = request->birth_decade;
    if (decade != 0 && (decade < DECADE_MIN || decade > DECADE_MAX || decade % 10 != 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "birth_decade must be a decade, such as 1950, or 0");
    }
    if (request->sex != IMI_SEX_UNKNOWN && request->sex != IMI_SEX_MALE &&
        request->sex != IMI_SEX_FEMALE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "sex must be one of ISO/IEC 5218: 0, 1 or 2");
    }
    return IMI_OK;
}

static imi_status check_retention(const imi_enrol_request *request, int64_t now_ms, imi_error *err)
{
    if (request->delete_after_ms != 0 && request->delete_after_ms <= now_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "delete_after_ms must be a time to come, in milliseconds since 1970, or 0");
    }
    return IMI_OK;
}

/* The one photo of a request. Claims beside a portrait would go unchecked, and nobody notice. */
static imi_status choose_photo(const imi_enrol_request *request, imi_view *out, imi_error *err)
{
    bool is_document = request->document_jpeg.size > 0;
    if (is_document && request->portrait_jpeg.size > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a portrait or a document is enrolled, not both");
    }
    if (!is_document && imi_document_claims_any(&request->claims)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claims need the photo of a document");
    }
    *out = is_document ? request->document_jpeg : request->portrait_jpeg;
    return imi_portrait_inspect(*out, PORTRAIT_BYTES_MAX, err);
}

static imi_status queue_enrol(imi_service *service, enrolling *job,
                              const imi_enrol_request *request, imi_view jpeg, imi_error *err)
{
    job->is_document = request->document_jpeg.size > 0;
    if (job->is_document) {
        IMI_TRY(imi_kept_claims_take(&request->claims, &job->claims, err));
    }
    IMI_TRY(imi_buffer_append(&job->jpeg, jpeg, err));
    return imi_pool_submit(service->options.compute, run_enrol, job, err);
}

imi_status imi_service_enrol(imi_service *service, const char *party,
                             const imi_enrol_request *request, imi_enrol_reply reply, void *user,
                             imi_error *err)
{
    const imi_relying_party *relying_party = NULL;
    IMI_TRY(check_enroller(service, party, &relying_party, err));
    IMI_TRY(check_subject_id(request->subject_id, err));
    IMI_TRY(check_attributes(request, err));
    IMI_TRY(check_retention(request, imi_service_now_ms(service), err));
    if (reply == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "enrolment needs a reply");
    }
    imi_view jpeg = {NULL, 0};
    IMI_TRY(choose_photo(request, &jpeg, err));
    enrolling *job = imi_alloc(sizeof *job);
    if (job == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an enrolment");
    }
    job->service = service;
    job->party = relying_party;
    job->reply = reply;
    job->user = user;
    job->birth_decade = request->birth_decade;
    job->sex = request->sex;
    job->delete_after_ms = request->delete_after_ms;
    imi_copy_text(job->subject_id, sizeof job->subject_id, request->subject_id);
    imi_status status = queue_enrol(service, job, request, jpeg, err);
    if (status != IMI_OK) {
        destroy_job(job);
    }
    return status;
}

imi_status imi_service_delete_reference(imi_service *service, const char *party,
                                        const char *reference_id, imi_error *err)
{
    const imi_relying_party *relying_party = NULL;
    IMI_TRY(check_enroller(service, party, &relying_party, err));
    if (reference_id == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a reference id is needed");
    }
    imi_store *store = service->options.store;
    imi_reference_record record = {0};
    imi_status status = imi_id_is_plausible(reference_id)
                            ? store->get_reference(store, reference_id, &record, NULL, err)
                            : IMI_E_NOT_FOUND;
    if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
        return status;
    }
    if (status == IMI_E_NOT_FOUND || strcmp(record.relying_party, relying_party->name) != 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such reference");
    }
    status = store->delete_reference(store, reference_id, err);
    if (record.kind == IMI_REFERENCE_PRIMARY) {
        imi_cohort_keeper_note_erasure(service->cohorts, record.relying_party, record.subject_id);
        imi_offers_drop_reference(&service->offers, reference_id);
    }
    return status;
}

/* References on their way to the caller. */
typedef struct listing {
    imi_reference_record *out;
    size_t count;
} listing;

static imi_status list_one(void *user, const imi_reference_record *record, imi_view template_blob,
                           imi_view statistics_blob, imi_error *err)
{
    (void)template_blob, (void)statistics_blob, (void)err;
    listing *self = user;
    self->out[self->count++] = *record;
    return IMI_OK;
}

imi_status imi_service_list_references(imi_service *service, const char *party,
                                       const char *subject_id, imi_reference_record *out,
                                       size_t capacity, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    const imi_relying_party *relying_party = NULL;
    IMI_TRY(check_enroller(service, party, &relying_party, err));
    IMI_TRY(check_subject_id(subject_id, err));
    if (capacity == 0) {
        return IMI_OK;
    }
    imi_store *store = service->options.store;
    imi_reference_query query = {.limit = capacity};
    imi_copy_text(query.relying_party, sizeof query.relying_party, relying_party->name);
    imi_copy_text(query.subject_id, sizeof query.subject_id, subject_id);
    listing all = {.out = out};
    IMI_TRY(store->visit_references(store, &query, list_one, &all, err));
    *count_out = all.count;
    return IMI_OK;
}
