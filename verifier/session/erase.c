/*
 * Claims about subjects, and the end of all that is kept of them.
 */
#include "claims.h"
#include "imi/log.h"
#include "token_status.h"

#include <stdio.h>
#include <string.h>

enum {
    CONSENTS_MAX = 1024, /* of a subject that are looked at: one a session */
    REFERENCES_MAX = 64,
    OVERDUE_A_TICK = 16
};

/* ---- Claims ---- */

/* Retention hangs on references: what is told of a person goes with them. */
static imi_status check_enrolled(imi_service *service, const char *party, const char *subject_id,
                                 imi_error *err)
{
    imi_reference_record one;
    size_t count = 0;
    IMI_TRY(imi_service_list_references(service, party, subject_id, &one, 1, &count, err));
    if (count == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the subject has no reference: enrol it first");
    }
    return IMI_OK;
}

imi_status imi_service_set_claims(imi_service *service, const char *party, const char *subject_id,
                                  const char *claims_json, imi_error *err)
{
    imi_store *store = service->options.store;
    IMI_TRY(check_enrolled(service, party, subject_id, err));
    if (claims_json == NULL || claims_json[0] == '\0') {
        imi_status status = store->delete_claims(store, party, subject_id, err);
        return status == IMI_E_NOT_FOUND ? IMI_OK : status;
    }
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    IMI_TRY(imi_claims_normalise(claims_json, &claims, err));
    return store->put_claims(store, party, subject_id, imi_buffer_view(&claims), err);
}

/* ---- Erasure ---- */

/* What there is of a subject before it goes. */
typedef struct inventory {
    imi_consent_record *consents; /* CONSENTS_MAX */
    size_t consent_count;
    char references[REFERENCES_MAX][IMI_ID_SIZE]; /* the first of them */
    size_t reference_count;
} inventory;

static void destroy_inventory(inventory **pointer)
{
    inventory *self = IMI_STEAL(pointer);
    if (self != NULL) {
        imi_free(self->consents);
        imi_free(self);
    }
}
IMI_AUTO_DEFINE(inventory, destroy_inventory)

static imi_status note_reference(void *user, const imi_reference_record *record,
                                 imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)template_blob, (void)statistics_blob, (void)err;
    inventory *self = user;
    if (self->reference_count < REFERENCES_MAX) {
        imi_copy_text(self->references[self->reference_count], IMI_ID_SIZE, record->reference_id);
    }
    self->reference_count++;
    return IMI_OK;
}

static imi_status take_inventory(imi_service *service, const imi_subject_name *subject,
                                 inventory **out, imi_error *err)
{
    imi_store *store = service->options.store;
    IMI_AUTO(inventory) self = imi_alloc(sizeof *self);
    if (self != NULL) {
        self->consents = imi_alloc_array(CONSENTS_MAX, sizeof *self->consents);
    }
    if (self == NULL || self->consents == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to erase a subject");
    }
    imi_reference_query query = {.limit = 0};
    imi_copy_text(query.relying_party, sizeof query.relying_party, subject->relying_party);
    imi_copy_text(query.subject_id, sizeof query.subject_id, subject->subject_id);
    IMI_TRY(store->visit_references(store, &query, note_reference, self, err));
    IMI_TRY(store->list_consents(store, subject->relying_party, subject->subject_id, self->consents,
                                 CONSENTS_MAX, &self->consent_count, err));
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

/* So that who watches is told, and hears no more of it. */
static imi_status apply_end(imi_service *service, imi_session_change *change, void *argument,
                            imi_error *err)
{
    (void)service, (void)argument, (void)err;
    change->unchanged = change->record.state != IMI_SESSION_CONSENTED;
    change->record.state = IMI_SESSION_WITHDRAWN;
    change->record.decision = IMI_DECISION_NONE;
    imi_event_describe(&change->event, IMI_EVENT_WITHDRAWN, "erased");
    return IMI_OK;
}

/* Whatever of it is in memory goes; who has its token or its credential can learn of it. */
static imi_status end_session(imi_service *service, const char *session_id, imi_error *err)
{
    imi_session_record record;
    imi_status status = imi_session_update(service, session_id, apply_end, NULL, &record, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    imi_captures_drop_session(&service->captures, session_id);
    imi_offers_drop(&service->offers, session_id);
    bool has_token = record.token_id[0] != '\0';
    return has_token ? imi_session_revoke(service, &record, "erased", err) : IMI_OK;
}

/* Those that have a capture, or had one. */
static imi_status end_sessions(imi_service *service, const inventory *there, imi_error *err)
{
    for (size_t i = 0; i < there->consent_count; i++) {
        IMI_TRY(end_session(service, there->consents[i].session_id, err));
    }
    return IMI_OK;
}

static void forget(imi_service *service, const imi_subject_name *subject, const inventory *there)
{
    imi_cohort_keeper_note_erasure(service->cohorts, subject->relying_party, subject->subject_id);
    for (size_t i = 0; i < there->reference_count && i < REFERENCES_MAX; i++) {
        imi_offers_drop_reference(&service->offers, there->references[i]);
    }
    /* Sessions without a consent were ended by the store, which tells nobody. */
    imi_watches_notify_all(&service->watches);
}

/* The leaf is what counts; this is for who reads the trail. */
static void add_audit_line(imi_service *service, const char *actor, const char *action,
                           const char *object, const inventory *there)
{
    imi_store *store = service->options.store;
    imi_error error = IMI_ERROR_INIT;
    imi_audit_record line = {.at_ms = imi_service_now_ms(service)};
    imi_copy_text(line.actor, sizeof line.actor, actor);
    imi_copy_text(line.action, sizeof line.action, action);
    imi_copy_text(line.object, sizeof line.object, object);
    snprintf(line.detail, sizeof line.detail, "references %zu, sessions %zu",
             there->reference_count, there->consent_count);
    if (store->append_audit(store, &line, NULL, &error) != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "session", "an erasure is not in the audit trail: %s",
                error.message);
    }
}

/* deletion_out: by which the leaf is found; it says nothing of whom. */
static imi_status erase(imi_service *service, const imi_subject_name *subject, const char *actor,
                        const char *action, char deletion_out[IMI_ID_SIZE], imi_error *err)
{
    imi_store *store = service->options.store;
    IMI_AUTO(inventory) there = NULL;
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_id_new("del", deletion_out, err));
    IMI_TRY(take_inventory(service, subject, &there, err));
    IMI_TRY(end_sessions(service, there, err));
    imi_logged_deletion logged = {
        .deletion_id = deletion_out,
        .party = subject->relying_party,
        .references = there->reference_count,
        .sessions = there->consent_count,
        .at_ms = imi_service_now_ms(service),
    };
    IMI_TRY(imi_log_event_deletion(&logged, &event, err));
    imi_status status =
        store->erase_subject(store, subject->relying_party, subject->subject_id, &event.draft, err);
    if (status == IMI_OK || status == IMI_E_STORE_BUSY) {
        forget(service, subject, there);
        add_audit_line(service, actor, action, deletion_out, there);
    }
    return status;
}

imi_status imi_service_erase_subject(imi_service *service, const char *party,
                                     const char *subject_id, imi_erased *out, imi_error *err)
{
    *out = (imi_erased){.log_index = -1};
    imi_subject_name subject = {.subject_id = ""};
    char deletion[IMI_ID_SIZE];
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    imi_store *store = service->options.store;
    IMI_TRY(imi_service_check_enroller(service, party, subject_id, err));
    imi_copy_text(subject.relying_party, sizeof subject.relying_party, party);
    imi_copy_text(subject.subject_id, sizeof subject.subject_id, subject_id);
    IMI_TRY(erase(service, &subject, party, "subject.erase", deletion, err));
    imi_status status = store->find_leaf(store, deletion, IMI_LEAF_DELETION, &leaf, &event, err);
    if (status == IMI_OK) {
        out->log_index = leaf.index;
        imi_copy_text(out->deletion_id, sizeof out->deletion_id, deletion);
    }
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

void imi_service_erase_overdue(imi_service *service)
{
    imi_store *store = service->options.store;
    imi_subject_name overdue[OVERDUE_A_TICK];
    char deletion[IMI_ID_SIZE];
    size_t count = 0;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = store->list_overdue_subjects(store, imi_service_now_ms(service), overdue,
                                                     OVERDUE_A_TICK, &count, &error);
    for (size_t i = 0; i < count && status == IMI_OK; i++) {
        status = erase(service, &overdue[i], "service", "subject.expire", deletion, &error);
    }
    imi_wipe(overdue, sizeof overdue);
    if (status != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "session", "subjects past their retention wait: %s",
                error.message);
    }
}
