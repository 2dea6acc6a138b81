/*
 * Access to session records: who may read one, and how one is changed.
 */
#include "credential.h"
#include "decide.h"
#include "service_internal.h"

#include <string.h>

enum { UPDATE_TRIES = 8, EVENTS_PAGE = 16 };

bool imi_id_is_plausible(const char *id)
{
    size_t size = id == NULL ? 0 : strnlen(id, IMI_ID_SIZE);
    return size > 0 && size < IMI_ID_SIZE;
}

bool imi_session_overdue(const imi_session_record *record, int64_t now_ms)
{
    bool open = record->state == IMI_SESSION_CREATED || record->state == IMI_SESSION_JOINED ||
                record->state == IMI_SESSION_CONSENTED;
    return open && now_ms >= record->expires_ms;
}

static bool may_authenticate(const imi_session_record *record, int64_t now_ms)
{
    bool bound = record->state == IMI_SESSION_JOINED || record->state == IMI_SESSION_CONSENTED ||
                 record->state == IMI_SESSION_DECIDED || record->state == IMI_SESSION_WITHDRAWN;
    return bound && record->device_key_size > 0 && now_ms < record->expires_ms;
}

imi_status imi_session_authenticate(imi_service *service, const char *credential,
                                    imi_session_record *out, imi_error *err)
{
    *out = (imi_session_record){0};
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    bool well_formed = imi_credential_split(credential, session_id, &secret);
    imi_session_record record = {0};
    if (well_formed) {
        imi_store *store = service->options.store;
        imi_status status = store->get_session(store, session_id, &record, err);
        if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
            return status;
        }
    }
    /* An unknown session is compared like a known one, so that time tells nothing either. */
    bool right = imi_credential_matches(secret, record.credential_hash);
    if (!right || !may_authenticate(&record, imi_service_now_ms(service))) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not valid");
    }
    *out = record;
    return IMI_OK;
}

imi_status imi_request_text(const char *text, size_t min, size_t max, const char *what,
                            imi_error *err)
{
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is missing", what);
    }
    size_t size = strnlen(text, max + 1);
    if (size < min || size > max) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s must have %zu to %zu bytes", what, min, max);
    }
    if (!imi_text_is_clean_utf8((imi_view){(const uint8_t *)text, size})) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is not valid UTF-8", what);
    }
    return IMI_OK;
}

imi_status imi_service_party(const imi_service *service, const char *party,
                             const imi_relying_party **out, imi_error *err)
{
    *out = party == NULL ? NULL : imi_policy_relying_party(service->options.policy, party);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_PERMISSION, "the relying party is not in the policy");
    }
    return IMI_OK;
}

imi_status imi_session_of_party(imi_service *service, const char *party, const char *session_id,
                                imi_session_record *out, imi_error *err)
{
    *out = (imi_session_record){0};
    if (party == NULL || session_id == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a relying party and a session id are needed");
    }
    /* One that left the policy loses sight of what it asked for before. */
    const imi_relying_party *known = NULL;
    IMI_TRY(imi_service_party(service, party, &known, err));
    imi_session_record record = {0};
    imi_store *store = service->options.store;
    imi_status status = imi_id_is_plausible(session_id)
                            ? store->get_session(store, session_id, &record, err)
                            : IMI_E_NOT_FOUND;
    if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
        return status;
    }
    if (status == IMI_E_NOT_FOUND || strcmp(record.relying_party, party) != 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    /* Housekeeping may lag behind the clock; the answer must not. */
    if (imi_session_overdue(&record, imi_service_now_ms(service))) {
        record.state = IMI_SESSION_EXPIRED;
    }
    *out = record;
    return IMI_OK;
}

static bool is_granted(const imi_relying_party *party, const char *purpose)
{
    for (size_t i = 0; i < party->purpose_count; i++) {
        if (strcmp(party->purposes[i], purpose) == 0) {
            return true;
        }
    }
    return false;
}

imi_status imi_service_granted_purpose(const imi_service *service, const char *party,
                                       const char *purpose, const imi_purpose **out, imi_error *err)
{
    *out = NULL;
    const imi_relying_party *relying_party = NULL;
    IMI_TRY(imi_service_party(service, party, &relying_party, err));
    const imi_purpose *found =
        purpose == NULL ? NULL : imi_policy_purpose(service->options.policy, purpose);
    if (found == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the policy knows no such purpose");
    }
    if (!is_granted(relying_party, purpose)) {
        IMI_FAIL(err, IMI_E_PERMISSION, "the relying party may not use this purpose");
    }
    *out = found;
    return IMI_OK;
}

void imi_event_describe(imi_event_record *event, const char *kind, const char *detail)
{
    imi_copy_text(event->kind, sizeof event->kind, kind);
    imi_copy_text(event->detail, sizeof event->detail, detail);
}

static void note_event(imi_session_past *past, const imi_event_record *event)
{
    if (strcmp(event->kind, IMI_EVENT_CAPTURE_BEGUN) == 0) {
        past->redraws +=
            past->open_challenge[0] != '\0' && strcmp(past->open_challenge, event->detail) != 0;
        imi_copy_text(past->open_challenge, sizeof past->open_challenge, event->detail);
        past->begins++;
    } else if (strcmp(event->kind, IMI_EVENT_CAPTURE_ABANDONED) == 0) {
        past->open_challenge[0] = '\0';
        past->begins = 0;
    } else if (strcmp(event->kind, IMI_EVENT_CAPTURE_JUDGED) == 0) {
        past->open_challenge[0] = '\0';
        past->begins = 0;
        past->suspicions += strcmp(event->detail, IMI_REASON_LIVENESS) == 0;
    }
}

imi_status imi_session_read_past(imi_service *service, const char *session_id,
                                 imi_session_past *out, imi_error *err)
{
    *out = (imi_session_past){0};
    imi_session_past past = {0};
    imi_store *store = service->options.store;
    imi_event_record page[EVENTS_PAGE];
    size_t count = EVENTS_PAGE;
    for (int64_t after = 0; count == EVENTS_PAGE; after = page[EVENTS_PAGE - 1].sequence) {
        IMI_TRY(store->list_events(store, session_id, after, page, EVENTS_PAGE, &count, err));
        for (size_t i = 0; i < count; i++) {
            note_event(&past, &page[i]);
        }
    }
    *out = past;
    return IMI_OK;
}

/* Every decision is in the public log, whoever took it. */
static imi_status log_decision(imi_session_change *change, imi_error *err)
{
    bool decided = strcmp(change->event.kind, IMI_EVENT_DECIDED) == 0 ||
                   strcmp(change->event.kind, IMI_EVENT_CAPTURE_JUDGED) == 0;
    return decided
               ? imi_log_event_decision(&change->record, change->event.at_ms, &change->logged, err)
               : IMI_OK;
}

/* What a backend acts upon. The steps on the way there are in the feed for those who want them. */
static bool is_for_backends(const char *kind)
{
    static const char *const kinds[] = {
        IMI_EVENT_DECIDED,           IMI_EVENT_EXPIRED,
        IMI_EVENT_WITHDRAWN,         IMI_EVENT_CONSENT_WITHDRAWN,
        IMI_EVENT_REFERENCE_OFFERED, IMI_EVENT_REFERENCE_KEPT,
        IMI_EVENT_REFERENCE_REFUSED, IMI_EVENT_REFERENCE_WITHDRAWN,
    };
    size_t i = 0;
    while (i < sizeof kinds / sizeof kinds[0] && strcmp(kinds[i], kind) != 0) {
        i++;
    }
    return i < sizeof kinds / sizeof kinds[0];
}

/* One that has no webhook now gets nothing later either. */
static bool is_delivered(const imi_service *service, const imi_session_change *change)
{
    const imi_relying_party *party =
        imi_policy_relying_party(service->options.policy, change->record.relying_party);
    return party != NULL && party->webhook_url != NULL && is_for_backends(change->event.kind);
}

/* One round of load, apply and store. */
static imi_status try_update(imi_service *service, const char *session_id, imi_session_apply apply,
                             void *argument, imi_session_change *change, imi_error *err)
{
    imi_store *store = service->options.store;
    IMI_TRY(store->get_session(store, session_id, &change->record, err));
    change->event.at_ms = imi_service_now_ms(service);
    IMI_TRY(apply(service, change, argument, err));
    if (change->unchanged) {
        return IMI_OK;
    }
    IMI_TRY(log_decision(change, err));
    change->event.deliver = is_delivered(service, change);
    imi_session_extras extras = {
        .token = imi_buffer_view(&change->token),
        .score = change->has_score ? &change->score : NULL,
        .leaf = change->logged.text.size > 0 ? &change->logged.draft : NULL,
        .consent = change->consent.state == IMI_CONSENT_NONE ? NULL : &change->consent,
        .consent_claims = imi_buffer_view(&change->consent_details),
    };
    return store->update_session(store, &change->record, &change->event, &extras, err);
}

imi_status imi_session_update(imi_service *service, const char *session_id, imi_session_apply apply,
                              void *argument, imi_session_record *record_out, imi_error *err)
{
    *record_out = (imi_session_record){0};
    if (!imi_id_is_plausible(session_id)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such session");
    }
    imi_status status = IMI_E_CONFLICT;
    for (int i = 0; i < UPDATE_TRIES && status == IMI_E_CONFLICT; i++) {
        imi_session_change change = {.token = IMI_BUFFER_INIT,
                                     .logged = IMI_LOG_EVENT_INIT,
                                     .consent_details = IMI_BUFFER_INIT};
        status = try_update(service, session_id, apply, argument, &change, err);
        imi_buffer_clean_up(&change.token);
        imi_log_event_clean_up(&change.logged);
        imi_buffer_clean_up(&change.consent_details);
        if (status == IMI_OK) {
            *record_out = change.record;
            if (!change.unchanged) {
                imi_watches_notify(&service->watches, record_out->relying_party, session_id);
            }
        }
    }
    return status;
}

imi_subject_outcome imi_session_outcome(const imi_session_record *record)
{
    if (record->state == IMI_SESSION_DECIDED) {
        return record->decision == IMI_DECISION_REVIEW ? IMI_OUTCOME_STAFF_REVIEW
                                                       : IMI_OUTCOME_DONE;
    }
    if (record->state == IMI_SESSION_WITHDRAWN) {
        return IMI_OUTCOME_DONE;
    }
    bool again = record->state == IMI_SESSION_CONSENTED && record->decision == IMI_DECISION_RETRY;
    return again ? IMI_OUTCOME_TRY_AGAIN : IMI_OUTCOME_IN_PROGRESS;
}
