/**
 * What the files of this layer share: the service itself, and access to session records.
 */
#ifndef IMI_SESSION_SERVICE_INTERNAL_H
#define IMI_SESSION_SERVICE_INTERNAL_H

#include "admission.h"
#include "captures.h"
#include "cohort_keeper.h"
#include "held_bytes.h"
#include "imi/service.h"
#include "imi/token.h"
#include "log_events.h"
#include "offers.h"
#include "operating_points.h"
#include "watch.h"

#include <stdatomic.h>

enum {
    IMI_DECISION_COUNT = 5,
    /* Changes of one session, each of which is an event. A phone that begins captures over
     * and over must not fill the store. */
    IMI_SESSION_CHANGES_MAX = 60
};

/** Counters for metrics; no ordering between them is promised. */
typedef struct imi_service_counters {
    atomic_uint_fast64_t frames_taken, frames_refused;
    atomic_uint_fast64_t frames_judged, frames_skipped; /* of those taken */
    atomic_uint_fast64_t decisions[IMI_DECISION_COUNT];
    atomic_uint_fast64_t comparisons[IMI_SCORE_KINDS + 1];
} imi_service_counters;

struct imi_service {
    imi_service_options options; /* subject_secret points to the copy below */
    uint8_t subject_secret[IMI_SECRET_SIZE];
    imi_captures captures;
    imi_admission admission;
    imi_held_bytes held_bytes;
    imi_watches watches;
    imi_offers offers;
    imi_cohort_keeper *cohorts;
    imi_operating_points *points; /* options.points, or own_points */
    imi_operating_points *own_points; /* NULL if they were given */
    imi_service_counters counters;
    atomic_bool falls_back; /* the last decision was by another kind of score than asked for */
};

/** Kinds of event, as imi.v1 documents them. */
#define IMI_EVENT_CREATED "created"
#define IMI_EVENT_JOINED "joined"
#define IMI_EVENT_CONSENTED "consented"
#define IMI_EVENT_CAPTURE_BEGUN "capture_begun"
#define IMI_EVENT_CAPTURE_JUDGED "capture_judged"
#define IMI_EVENT_CAPTURE_ABANDONED "capture_abandoned"
#define IMI_EVENT_DECIDED "decided"
#define IMI_EVENT_EXPIRED "expired"
#define IMI_EVENT_WITHDRAWN "withdrawn"
#define IMI_EVENT_CONSENT_WITHDRAWN "consent_withdrawn"
#define IMI_EVENT_CREDENTIAL_ISSUED "credential_issued"
#define IMI_EVENT_REFERENCE_OFFERED "reference_offered"
#define IMI_EVENT_REFERENCE_KEPT "reference_kept"
#define IMI_EVENT_REFERENCE_REFUSED "reference_refused"
#define IMI_EVENT_REFERENCE_WITHDRAWN "reference_withdrawn"

static inline int64_t imi_service_now_ms(const imi_service *service)
{
    return service->options.clock->unix_ms(service->options.clock);
}

static inline int64_t imi_service_monotonic_ms(const imi_service *service)
{
    return service->options.clock->monotonic_ms(service->options.clock);
}

/** Whether text has the length of an identifier; anything else is the id of nothing. */
bool imi_id_is_plausible(const char *id);

/** Not decided and out of time: nothing may happen in it any more. */
bool imi_session_overdue(const imi_session_record *record, int64_t now_ms);

/**
 * The record of a phone's session, if its credential is right and not expired.
 * Errors: IMI_E_UNAUTHENTICATED, the same whatever is wrong; out is then zeroed.
 */
IMI_MUST_USE imi_status imi_session_authenticate(imi_service *service, const char *credential,
                                                 imi_session_record *out, imi_error *err);

/**
 * The record of a relying party's own session.
 * Errors: IMI_E_NOT_FOUND, also for another party's; out is then zeroed.
 */
IMI_MUST_USE imi_status imi_session_of_party(imi_service *service, const char *party,
                                             const char *session_id, imi_session_record *out,
                                             imi_error *err);

/**
 * Text of a request that must have min to max bytes of clean UTF-8.
 * Errors: IMI_E_INVALID_ARGUMENT, naming what it is.
 */
IMI_MUST_USE imi_status imi_request_text(const char *text, size_t min, size_t max, const char *what,
                                         imi_error *err);

/** Policy entry of a relying party. Errors: IMI_E_PERMISSION. */
IMI_MUST_USE imi_status imi_service_party(const imi_service *service, const char *party,
                                          const imi_relying_party **out, imi_error *err);

/** Policy entry of a purpose that this party may use. Errors: unknown, IMI_E_PERMISSION. */
IMI_MUST_USE imi_status imi_service_granted_purpose(const imi_service *service, const char *party,
                                                    const char *purpose, const imi_purpose **out,
                                                    imi_error *err);

/** Whether a party may enrol, and a subject's id is one. Errors: _PERMISSION, _INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imi_service_check_enroller(const imi_service *service, const char *party,
                                                   const char *subject_id, imi_error *err);

/** Receipt of a session's newest leaf of this kind, as imi_service_receipt. */
IMI_MUST_USE imi_status imi_session_receipt(imi_service *service, const imi_session_record *session,
                                            imi_receipt_kind kind, imi_buffer *json_out,
                                            imi_error *err);

/** Erase those whose retention is over, some at a time. Failures are logged and tried again. */
void imi_service_erase_overdue(imi_service *service);

/** How long events are kept, and what was delivered of them or not. */
enum { IMI_EVENTS_KEPT_DAYS = 90 };
/** Forget older ones, some at a time. Failures are logged and tried again. */
void imi_service_forget_events(imi_service *service);

/** One change of a session, as it is being made up. */
typedef struct imi_session_change {
    imi_session_record record; /* as stored; apply changes it */
    imi_event_record event; /* zeroed; apply says kind and detail */
    imi_buffer token; /* empty; apply appends the token if there is one */
    imi_score_record score; /* zeroed; kept with the change if has_score */
    bool has_score;
    imi_log_event
        logged; /* empty; what apply puts there is stored too. Decisions are by themselves */
    imi_consent_record consent; /* zeroed; kept with the change if it has a state */
    imi_buffer consent_details; /* empty; JSON of what was asked and agreed to */
    bool unchanged; /* set by apply: there is nothing to store */
} imi_session_change;

/** Checks that the change is allowed and makes it; may run again when the record has moved. */
typedef imi_status (*imi_session_apply)(imi_service *service, imi_session_change *change,
                                        void *argument, imi_error *err);

/**
 * Load, apply, store with its event, tell the listeners. Repeats when another change came in
 * between, so that apply always judges the newest record. Store and listeners are called:
 * never under a lock.
 *
 * record_out: the record as it now stands; zeroed on failure.
 */
IMI_MUST_USE imi_status imi_session_update(imi_service *service, const char *session_id,
                                           imi_session_apply apply, void *argument,
                                           imi_session_record *record_out, imi_error *err);

/** What the events of a session tell that its record does not. */
typedef struct imi_session_past {
    uint32_t suspicions; /* captures judged that looked like an attack */
    /* Challenge of a capture begun but not judged, in text form; "" if none. Beginning again
     * must not draw anew, or an attacker would draw until a recorded clip fits. */
    char open_challenge[IMI_CHALLENGE_TEXT_SIZE];
    uint32_t begins; /* captures of that attempt so far */
    uint32_t redraws; /* open challenges that another took the place of */
} imi_session_past;

IMI_MUST_USE imi_status imi_session_read_past(imi_service *service, const char *session_id,
                                              imi_session_past *out, imi_error *err);

/** Set kind and detail of an event. */
void imi_event_describe(imi_event_record *event, const char *kind, const char *detail);

/** What the phone may know of a session. */
imi_subject_outcome imi_session_outcome(const imi_session_record *record);

#endif
