#include "additional_reference.h"

#include "imi/log.h"
#include "service_internal.h"

#include <string.h>

static const int64_t DAY_MS = 24 * 3600 * 1000LL;

bool imi_additional_reference_may(const imi_verified_probe *verified, int64_t now_ms)
{
    const imi_additional_rules *rules = &verified->purpose->additional;
    const imi_evidence *evidence = verified->evidence;
    int64_t age_ms = now_ms - verified->reference->newest_ms;
    return rules->offer && evidence->compared && evidence->fmr >= 0 &&
           evidence->fmr <= rules->fmr_max && imi_evidence_has_networks(evidence) &&
           evidence->liveness.live && age_ms >= (int64_t)rules->after_days * DAY_MS;
}

void imi_additional_reference_consider(imi_service *service, const imi_verified_probe *verified)
{
    if (!imi_additional_reference_may(verified, imi_service_now_ms(service))) {
        return;
    }
    imi_offer offer = {
        .expires_ms = verified->record->expires_ms,
        .quality = (double)verified->evidence->probe_quality,
        .face_template = *verified->probe,
    };
    imi_copy_text(offer.session_id, sizeof offer.session_id, verified->record->session_id);
    imi_copy_text(offer.reference_id, sizeof offer.reference_id, verified->record->reference_id);
    if (!imi_offers_hold(&service->offers, &offer)) {
        imi_log(IMI_LOG_INFO, "session", "%s: no room to offer an additional reference",
                offer.session_id);
    }
    imi_wipe(&offer, sizeof offer);
}

/* ---- What is kept ---- */

/* Additional references of a primary one. */
typedef struct kept {
    const char *session_id; /* to look for */
    char of_session[IMI_ID_SIZE]; /* the one that this session gave, or "" */
    char oldest[IMI_ID_SIZE];
    int64_t oldest_ms;
    size_t count;
} kept;

static imi_status look_at(void *user, const imi_reference_record *record, imi_view template_blob,
                          imi_view statistics_blob, imi_error *err)
{
    (void)template_blob, (void)statistics_blob, (void)err;
    kept *self = user;
    if (strcmp(record->session_id, self->session_id) == 0) {
        imi_copy_text(self->of_session, sizeof self->of_session, record->reference_id);
    }
    if (self->count == 0 || record->created_ms < self->oldest_ms) {
        self->oldest_ms = record->created_ms;
        imi_copy_text(self->oldest, sizeof self->oldest, record->reference_id);
    }
    self->count++;
    return IMI_OK;
}

static imi_status find_kept(imi_service *service, const imi_session_record *session, kept *out,
                            imi_error *err)
{
    *out = (kept){.session_id = session->session_id};
    imi_store *store = service->options.store;
    imi_reference_query query = {.limit = 0};
    imi_copy_text(query.parent_id, sizeof query.parent_id, session->reference_id);
    return store->visit_references(store, &query, look_at, out, err);
}

/* An erasure that another process holds up has taken the row away already. */
static imi_status erase(imi_service *service, const char *reference_id, imi_error *err)
{
    imi_store *store = service->options.store;
    imi_status status = store->delete_reference(store, reference_id, err);
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

/* The oldest go, so that there is room for one more. */
static imi_status make_room(imi_service *service, const imi_session_record *session, uint32_t max,
                            imi_error *err)
{
    for (;;) {
        kept there;
        IMI_TRY(find_kept(service, session, &there, err));
        if (there.count < max) {
            return IMI_OK;
        }
        IMI_TRY(erase(service, there.oldest, err));
    }
}

static imi_status store_additional(imi_service *service, const imi_session_record *session,
                                   const imi_offer *offer, imi_error *err)
{
    imi_reference_record record = {
        .quality = offer->quality >= 0 && offer->quality <= 1 ? offer->quality : 0,
        .created_ms = imi_service_now_ms(service),
        .kind = IMI_REFERENCE_ADDITIONAL,
    };
    imi_copy_text(record.relying_party, sizeof record.relying_party, session->relying_party);
    imi_copy_text(record.subject_id, sizeof record.subject_id, session->subject_id);
    imi_copy_text(record.model_version, sizeof record.model_version, session->model_version);
    imi_copy_text(record.parent_id, sizeof record.parent_id, session->reference_id);
    imi_copy_text(record.session_id, sizeof record.session_id, session->session_id);
    IMI_TRY(imi_id_new("ref", record.reference_id, err));
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    IMI_TRY(imi_template_encode(&offer->face_template, &blob, err));
    imi_store *store = service->options.store;
    return store->put_reference(store, &record, imi_buffer_view(&blob), err);
}

/* ---- The subject's answer ---- */

static imi_status apply_answer(imi_service *service, imi_session_change *change, void *argument,
                               imi_error *err)
{
    (void)service;
    const imi_session_record *record = &change->record;
    if (record->state != IMI_SESSION_DECIDED || record->decision != IMI_DECISION_VERIFIED ||
        record->version >= IMI_SESSION_CHANGES_MAX) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "there is no reference to keep in this session");
    }
    imi_event_describe(&change->event, argument, "");
    return IMI_OK;
}

static imi_status record_answer(imi_service *service, const imi_session_record *session,
                                const char *event, imi_error *err)
{
    imi_session_record changed;
    return imi_session_update(service, session->session_id, apply_answer, (void *)event, &changed,
                              err);
}

/* Consent is durable before the template is. */
static imi_status keep(imi_service *service, const imi_session_record *session,
                       const imi_purpose *purpose, const imi_offer *offer, imi_error *err)
{
    IMI_TRY(record_answer(service, session, IMI_EVENT_REFERENCE_KEPT, err));
    IMI_TRY(make_room(service, session, purpose->additional.max, err));
    imi_status status = store_additional(service, session, offer, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_SESSION_STATE, "the enrolled reference was erased meanwhile");
    }
    return status;
}

/* It was stored while the subject took it back, or the enrolled reference went. */
static imi_status undo(imi_service *service, const imi_session_record *session, imi_error *err)
{
    kept there;
    IMI_TRY(find_kept(service, session, &there, err));
    if (there.of_session[0] != '\0') {
        IMI_TRY(erase(service, there.of_session, err));
        IMI_TRY(record_answer(service, session, IMI_EVENT_REFERENCE_WITHDRAWN, err));
    }
    IMI_FAIL(err, IMI_E_SESSION_STATE, "the offer was taken back meanwhile");
}

static imi_status accept(imi_service *service, const imi_session_record *session, imi_error *err)
{
    const imi_purpose *purpose = imi_policy_purpose(service->options.policy, session->purpose);
    imi_offer offer;
    if (!imi_offers_take(&service->offers, session->session_id, &offer)) {
        kept there;
        IMI_TRY(find_kept(service, session, &there, err));
        if (there.of_session[0] != '\0') {
            return IMI_OK; /* the answer came twice */
        }
        IMI_FAIL(err, IMI_E_SESSION_STATE, "there is no reference to keep in this session");
    }
    imi_status status = IMI_E_SESSION_STATE;
    if (purpose != NULL && purpose->additional.offer) {
        status = keep(service, session, purpose, &offer, err);
    }
    bool again = status != IMI_OK && status != IMI_E_SESSION_STATE;
    imi_wipe(&offer, sizeof offer);
    bool stays = imi_offers_end(&service->offers, session->session_id, again);
    return stays || status != IMI_OK ? status : undo(service, session, err);
}

imi_status imi_additional_reference_take_back(imi_service *service,
                                              const imi_session_record *session, imi_error *err)
{
    bool offered = imi_offers_has(&service->offers, session->session_id);
    imi_offers_drop(&service->offers, session->session_id);
    kept there;
    IMI_TRY(find_kept(service, session, &there, err));
    if (there.of_session[0] != '\0') {
        IMI_TRY(erase(service, there.of_session, err));
        return record_answer(service, session, IMI_EVENT_REFERENCE_WITHDRAWN, err);
    }
    return offered ? record_answer(service, session, IMI_EVENT_REFERENCE_REFUSED, err) : IMI_OK;
}

imi_status imi_service_answer_additional(imi_service *service, const char *credential,
                                         bool accepted, imi_error *err)
{
    imi_session_record session;
    IMI_TRY(imi_session_authenticate(service, credential, &session, err));
    return accepted ? accept(service, &session, err)
                    : imi_additional_reference_take_back(service, &session, err);
}

imi_status imi_additional_reference_state(imi_service *service, const imi_session_record *session,
                                          imi_keep_reference *out, imi_error *err)
{
    *out = IMI_KEEP_REFERENCE_NONE;
    if (session->state != IMI_SESSION_DECIDED || session->decision != IMI_DECISION_VERIFIED) {
        return IMI_OK;
    }
    if (imi_offers_has(&service->offers, session->session_id)) {
        *out = IMI_KEEP_REFERENCE_OFFERED;
        return IMI_OK;
    }
    kept there;
    IMI_TRY(find_kept(service, session, &there, err));
    *out = there.of_session[0] == '\0' ? IMI_KEEP_REFERENCE_NONE : IMI_KEEP_REFERENCE_KEPT;
    return IMI_OK;
}
