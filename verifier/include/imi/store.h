/**
 * The store interface: durable records. A call that returned IMI_OK survives kill -9.
 *
 * Implementations are safe for concurrent use. Optional text is "" when absent. Records are
 * value types; out buffers are the caller's.
 */
#ifndef IMI_STORE_H
#define IMI_STORE_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "imi/token_status.h"
#include "imi/vault.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_STORE_NAME_SIZE = 128, /* names, identifiers of relying parties' own, with NUL */
    IMI_STORE_NONCE_SIZE = 256,
    IMI_STORE_DETAIL_SIZE = 256,
    IMI_STORE_KEY_SIZE = 128, /* SubjectPublicKeyInfo of a P-256 key is 91 bytes */
    IMI_STORE_HASH_SIZE = 32,
    IMI_STORE_EVIDENCE_SIZE = 512,
    IMI_STORE_KIND_SIZE = 32, /* of events and leaves */
    IMI_STORE_LEAF_MAX = 4096, /* bytes of a leaf's event */
    IMI_STORE_CLAIMS_MAX = 16384, /* bytes of a consent's claims */
    IMI_STORE_CLAIM_NAMES_SIZE = 1024 /* names of a session's claims, with NUL */
};

/** Where a reference comes from. Numbers are stored: stable. */
typedef enum imi_reference_kind {
    IMI_REFERENCE_NONE = 0,
    IMI_REFERENCE_PRIMARY = 1, /* enrolled by the relying party */
    /* Template of a verified session, kept beside the primary one with the subject's consent. */
    IMI_REFERENCE_ADDITIONAL = 2
} imi_reference_kind;

/** Sex as ISO/IEC 5218 numbers it. Never needed to verify. */
typedef enum imi_sex { IMI_SEX_UNKNOWN = 0, IMI_SEX_MALE = 1, IMI_SEX_FEMALE = 2 } imi_sex;

/** An enrolled reference: a template, never the image. */
typedef struct imi_reference_record {
    char reference_id[IMI_ID_SIZE];
    char relying_party[IMI_STORE_NAME_SIZE]; /* who enrolled it; no other may use it */
    char subject_id[IMI_STORE_NAME_SIZE]; /* the relying party's name for the person */
    char model_version[IMI_STORE_NAME_SIZE];
    double quality; /* unified quality at enrolment, 0 to 1 */
    int64_t created_ms;
    imi_reference_kind kind;
    char parent_id[IMI_ID_SIZE]; /* primary reference of an additional one, or "" */
    char session_id[IMI_ID_SIZE]; /* session that an additional one comes from, or "" */
    int32_t birth_decade; /* such as 1950; 0 = not told. Groups error rates, nothing else. */
    imi_sex sex; /* groups error rates, nothing else */
    bool document_checked; /* enrolled from a document whose checks held */
    int64_t delete_after_ms; /* end of its retention; 0 = none */
} imi_reference_record;

/** A subject, as its relying party names it. */
typedef struct imi_subject_name {
    char relying_party[IMI_STORE_NAME_SIZE];
    char subject_id[IMI_STORE_NAME_SIZE];
} imi_subject_name;

/**
 * Which references to visit; "" = any. A visit holds up erasures until it ends: visit many in
 * pages, by limit and after_id.
 */
typedef struct imi_reference_query {
    char relying_party[IMI_STORE_NAME_SIZE];
    char subject_id[IMI_STORE_NAME_SIZE];
    char parent_id[IMI_ID_SIZE];
    char model_version[IMI_STORE_NAME_SIZE];
    char after_id[IMI_ID_SIZE]; /* in order of reference_id, behind this one */
    size_t limit; /* at most this many; 0 = all */
} imi_reference_query;

/**
 * One visited reference; all borrowed for the call. statistics is empty when there are none.
 * Called under the store's lock for readers: must not call the store. Another status than
 * IMI_OK ends the visit, which then returns it.
 */
typedef imi_status (*imi_reference_visit)(void *user, const imi_reference_record *record,
                                          imi_view template_blob, imi_view statistics_blob,
                                          imi_error *err);

/** A sample of references that scores are normalised with (imi/cohort.h). */
typedef struct imi_cohort_record {
    char cohort_id[IMI_ID_SIZE];
    char model_version[IMI_STORE_NAME_SIZE];
    int64_t created_ms;
    int64_t population; /* subjects enrolled when it was drawn */
} imi_cohort_record;

/** States of a session. Numbers are stored: stable. */
typedef enum imi_session_state {
    IMI_SESSION_NONE = 0,
    IMI_SESSION_CREATED = 1,
    IMI_SESSION_JOINED = 2,
    IMI_SESSION_CONSENTED = 3, /* may capture */
    IMI_SESSION_DECIDED = 4,
    IMI_SESSION_EXPIRED = 5,
    IMI_SESSION_WITHDRAWN = 6 /* consent refused or withdrawn */
} imi_session_state;

/** Decisions. Zero is none; nothing is accepted by default. */
typedef enum imi_decision {
    IMI_DECISION_NONE = 0,
    IMI_DECISION_VERIFIED = 1,
    IMI_DECISION_REJECTED = 2,
    IMI_DECISION_RETRY = 3,
    IMI_DECISION_REVIEW = 4
} imi_decision;

typedef struct imi_session_record {
    char session_id[IMI_ID_SIZE];
    int64_t version; /* 1 when made; each update adds 1 and must name the version it read */
    char relying_party[IMI_STORE_NAME_SIZE];
    char request_id[IMI_STORE_NAME_SIZE]; /* idempotency key of the relying party, or "" */
    char subject_id[IMI_STORE_NAME_SIZE];
    char reference_id[IMI_ID_SIZE];
    char purpose[IMI_STORE_NAME_SIZE];
    char nonce[IMI_STORE_NONCE_SIZE];
    imi_session_state state;
    uint8_t join_secret_hash[IMI_STORE_HASH_SIZE];
    uint8_t credential_hash[IMI_STORE_HASH_SIZE]; /* zeros until joined */
    uint8_t device_key[IMI_STORE_KEY_SIZE];
    uint32_t device_key_size; /* 0 until joined */
    int64_t created_ms, expires_ms, consented_ms; /* consented_ms 0 until then */
    uint32_t attempts; /* captures judged so far */
    imi_decision decision;
    char reason[IMI_STORE_NAME_SIZE]; /* code behind the decision, for staff and backend */
    double similarity, fmr; /* of the last comparison; NaN if none */
    char policy_version[IMI_STORE_NAME_SIZE];
    char model_version[IMI_STORE_NAME_SIZE];
    char token_id[IMI_ID_SIZE];
    int64_t decided_ms;
    int32_t score_kind; /* imi_score_kind of similarity */
    char operating_point[IMI_ID_SIZE]; /* that the decision was taken under; "" = shipped */
    /* Findings of the capture judged last (imi_weighed_format), or "". For staff and backend. */
    char evidence[IMI_STORE_EVIDENCE_SIZE];
    /* Names of claims, joined by blanks: asked for, and from consent on agreed to; "" = none. */
    char claims[IMI_STORE_CLAIM_NAMES_SIZE];
} imi_session_record;

/**
 * One try at proving who one is: begun with a capture, ended by its decision. Kept for a day, as
 * digests, to slow down who tries too often.
 */
typedef struct imi_attempt_record {
    char session_id[IMI_ID_SIZE];
    uint32_t number; /* within the session, from 1; beginning it again changes nothing */
    uint8_t subject[IMI_STORE_HASH_SIZE];
    uint8_t device[IMI_STORE_HASH_SIZE];
    int64_t at_ms;
} imi_attempt_record;

/** Other attempts than the one at hand, but those that ended VERIFIED. */
typedef struct imi_attempt_tally {
    uint32_t count;
    int64_t last_ms; /* when the last one ended, or began if it has not; 0 = none */
} imi_attempt_tally;

/** Whether an attempt may begin. Called inside the transaction: must not call the store. */
typedef bool (*imi_attempt_gate)(void *user, const imi_attempt_tally *subject,
                                 const imi_attempt_tally *device);

/**
 * One comparison of a session, kept so that other thresholds can be tried without any image.
 * Deleted with its session.
 */
typedef struct imi_score_record {
    char session_id[IMI_ID_SIZE];
    int64_t at_ms;
    char purpose[IMI_STORE_NAME_SIZE];
    char model_version[IMI_STORE_NAME_SIZE];
    double raw_similarity; /* NaN if none */
    double normalised_similarity; /* NaN if none */
    char cohort_id[IMI_ID_SIZE]; /* "" unless normalised */
    bool decisive; /* every other check held: the comparison alone decided */
    imi_decision decision; /* of that capture */
    char operating_point[IMI_ID_SIZE]; /* "" = shipped */
    char shadow_point[IMI_ID_SIZE]; /* candidate that ran beside it, or "" */
    imi_decision shadow_decision; /* NONE without one */
    bool subject_verified; /* filled on reading: the session ended VERIFIED */
} imi_score_record;

/** Borrowed for the call, under the store's lock for readers; must not call the store. */
typedef imi_status (*imi_score_visit)(void *user, const imi_score_record *record, imi_error *err);

/** A finished measurement of non-mated scores. Its tables are JSON (imi_scorer_parse). */
typedef struct imi_calibration_record {
    char calibration_id[IMI_ID_SIZE];
    int64_t made_ms;
    char made_by[IMI_STORE_NAME_SIZE]; /* administrator, or "schedule" */
    char model_version[IMI_STORE_NAME_SIZE];
    char cohort_id[IMI_ID_SIZE]; /* "" = raw scores only */
    int64_t references, comparisons;
} imi_calibration_record;

/** Two subjects whose references look like one person: for people to look into. */
typedef struct imi_duplicate_record {
    char reference_a[IMI_ID_SIZE]; /* < reference_b */
    char reference_b[IMI_ID_SIZE];
    int64_t found_ms;
    double fmr; /* of the score, by the calibration that found it */
    char verdict[32]; /* "" = open, "same_person", "different_people", "registry_error" */
    char reviewed_by[IMI_STORE_NAME_SIZE];
    int64_t reviewed_ms;
    char note[IMI_STORE_DETAIL_SIZE];
} imi_duplicate_record;

/** Life of an operating point. Numbers are stored: stable. */
typedef enum imi_point_state {
    IMI_POINT_NONE = 0,
    IMI_POINT_PROPOSED = 1,
    IMI_POINT_APPROVED = 2, /* by a second administrator */
    IMI_POINT_ACTIVE = 3, /* decides; one a purpose */
    IMI_POINT_RETIRED = 4, /* was active; rollback can bring it back */
    IMI_POINT_WITHDRAWN = 5
} imi_point_state;

/** Operating point of a purpose: target rate and the calibration that turns it into a threshold. */
typedef struct imi_point_record {
    char point_id[IMI_ID_SIZE];
    int64_t version; /* as of imi_session_record */
    char purpose[IMI_STORE_NAME_SIZE];
    double target_fmr;
    char calibration_id[IMI_ID_SIZE];
    int32_t score_kind; /* imi_score_kind */
    double threshold;
    double fmr, fmr_low, fmr_high; /* expected, with 95 % interval */
    double fnmr, fnmr_low, fnmr_high; /* expected; NaN if nothing is known */
    int64_t comparisons; /* non-mated ones behind fmr */
    int64_t mated; /* presumed mated ones behind fnmr */
    imi_point_state state;
    bool shadow; /* runs beside the active one; one a purpose */
    char proposed_by[IMI_STORE_NAME_SIZE];
    char approved_by[IMI_STORE_NAME_SIZE]; /* "" until then */
    int64_t proposed_ms, approved_ms, activated_ms, retired_ms; /* 0 until then */
} imi_point_record;

/** One line of the audit trail. Each holds a digest over the one before: none can vanish. */
typedef struct imi_audit_record {
    int64_t sequence; /* from 1, without gaps; filled in by the store */
    int64_t at_ms;
    char actor[IMI_STORE_NAME_SIZE]; /* administrator, or "service" */
    char action[48]; /* such as "threshold.approve" */
    char object[IMI_ID_SIZE]; /* what it was done to */
    char detail[IMI_STORE_DETAIL_SIZE]; /* never personal data */
    uint8_t digest[IMI_STORE_HASH_SIZE]; /* filled in: SHA-256(previous digest, this line) */
} imi_audit_record;

/** One thing that happened to a session; sequence counts from 1 within the session. */
typedef struct imi_event_record {
    char session_id[IMI_ID_SIZE];
    int64_t sequence;
    int64_t at_ms;
    char kind[IMI_STORE_KIND_SIZE]; /* "created", "joined", "consented", "decided"... */
    char detail[IMI_STORE_DETAIL_SIZE]; /* code, never personal data */
    bool deliver; /* on storing: also queue it for the relying party's webhook */
} imi_event_record;

/* ---- The public log ---- */

/**
 * What the public log is to say of a change. The store draws a salt and keeps the leaf's entry,
 * imi_leaf_entry of salt and event (imi/crypto.h), in the transaction of the change: a change
 * that was acknowledged has its leaf. Salt and event are sealed under the subject's data key;
 * once that is destroyed the entry says nothing any more.
 */
typedef struct imi_leaf_draft {
    int64_t at_ms;
    char kind[IMI_STORE_KIND_SIZE]; /* "decision", "consent", "policy", "key", "deletion"... */
    char session_id[IMI_ID_SIZE]; /* that it is about, or "" */
    char relying_party[IMI_STORE_NAME_SIZE]; /* with subject_id: whose data key */
    char subject_id[IMI_STORE_NAME_SIZE]; /* "" = none: kept as it is */
    imi_view event; /* canonical JSON, digests only; borrowed; IMI_STORE_LEAF_MAX at most */
} imi_leaf_draft;

/** A kept leaf. */
typedef struct imi_leaf_record {
    int64_t index; /* from 0, without gaps, in order of commit */
    int64_t at_ms;
    char kind[IMI_STORE_KIND_SIZE];
    char session_id[IMI_ID_SIZE];
    uint8_t entry[IMI_STORE_HASH_SIZE];
    uint8_t salt[IMI_STORE_HASH_SIZE];
} imi_leaf_record;

/* ---- Consent ---- */

/** Numbers are stored: stable. */
typedef enum imi_consent_state {
    IMI_CONSENT_NONE = 0,
    IMI_CONSENT_GIVEN = 1,
    IMI_CONSENT_REFUSED = 2,
    IMI_CONSENT_WITHDRAWN = 3 /* was given */
} imi_consent_state;

/**
 * What a person answered when asked for consent. The claims asked for, each with purpose,
 * receiver and retention, are JSON that is kept beside it, sealed under the subject's data key.
 */
typedef struct imi_consent_record {
    char consent_id[IMI_ID_SIZE];
    char session_id[IMI_ID_SIZE];
    char relying_party[IMI_STORE_NAME_SIZE];
    char subject_id[IMI_STORE_NAME_SIZE];
    imi_consent_state state;
    int64_t at_ms; /* answered */
    int64_t withdrawn_ms; /* 0 unless WITHDRAWN */
    uint8_t text_digest[IMI_STORE_HASH_SIZE]; /* SHA-256 of the text that was shown */
} imi_consent_record;

/** What may be stored together with a session's change. Zeros = nothing; all borrowed. */
typedef struct imi_session_extras {
    imi_view token; /* signed token to keep with a decision */
    const imi_score_record *score; /* its session_id is filled in by the store */
    const imi_leaf_draft *leaf;
    const imi_consent_record *consent; /* as put_consent takes it */
    imi_view consent_claims;
} imi_session_extras;

/* ---- Redemption and status of tokens ---- */

/** Who redeemed a token, and when. */
typedef struct imi_redemption_record {
    char token_id[IMI_ID_SIZE];
    char relying_party[IMI_STORE_NAME_SIZE];
    char request_id[IMI_STORE_NAME_SIZE]; /* idempotency key, or "" = each call is another */
    int64_t at_ms;
} imi_redemption_record;

typedef enum imi_redemption_outcome {
    IMI_REDEMPTION_NONE = 0,
    IMI_REDEMPTION_NOW = 1, /* by this call */
    IMI_REDEMPTION_REPEATED = 2, /* by an earlier call of this very request */
    IMI_REDEMPTION_ALREADY = 3, /* by another request: refuse */
    IMI_REDEMPTION_NOT_VALID = 4 /* the token's status is not VALID: refuse */
} imi_redemption_outcome;

/** Place and status of a token. */
typedef struct imi_status_record {
    char token_id[IMI_ID_SIZE];
    int64_t list; /* from 1 */
    uint32_t index; /* in the list, drawn at random */
    imi_token_status status;
    int64_t changed_ms; /* 0 until its status was changed */
} imi_status_record;

typedef struct imi_status_list_record {
    int64_t list;
    int64_t changes; /* grows with each change of a status in the list */
} imi_status_list_record;

/* ---- Feed of events and their delivery ---- */

/** An event with its place in the order of all events. */
typedef struct imi_feed_record {
    int64_t cursor; /* grows in order of commit: none behind it appears before it later */
    char relying_party[IMI_STORE_NAME_SIZE];
    imi_event_record event;
} imi_feed_record;

/** Numbers are stored: stable. */
typedef enum imi_delivery_state {
    IMI_DELIVERY_NONE = 0,
    IMI_DELIVERY_PENDING = 1,
    IMI_DELIVERY_DONE = 2,
    IMI_DELIVERY_DEAD = 3 /* given up; waits for a replay */
} imi_delivery_state;

/** Delivery of one event to its relying party's webhook. */
typedef struct imi_delivery_record {
    char delivery_id[IMI_ID_SIZE]; /* the same for every try, so that a receiver knows repeats */
    imi_feed_record item;
    imi_delivery_state state;
    int64_t claim; /* counts claims; names the one that end_delivery ends */
    uint32_t attempts; /* since it was queued or replayed, with the one claimed */
    int64_t next_ms; /* when it is due */
    char last_error[48]; /* code of the last failed attempt, or "" */
} imi_delivery_record;

typedef struct imi_store imi_store;
struct imi_store {
    /* References. put: IMI_E_CONFLICT if the id exists; IMI_E_NOT_FOUND if an additional one's
     * parent is not a primary reference of the same subject. The blob is an encoded template;
     * it is sealed under the subject's data key, and a reference whose key is gone is not found.
     */
    imi_status (*put_reference)(imi_store *self, const imi_reference_record *record,
                                imi_view template_blob, imi_error *err);
    /* IMI_E_NOT_FOUND; template_out may be NULL; appends otherwise. */
    imi_status (*get_reference)(imi_store *self, const char *reference_id,
                                imi_reference_record *out, imi_buffer *template_out,
                                imi_error *err);
    /* Erases the template, statistics, additional references, membership of cohorts and pairs of
     * duplicates so that no database page keeps them. IMI_E_NOT_FOUND; IMI_E_STORE_BUSY when
     * another process holds the pages: repeat until it is not (the next start also finishes). */
    imi_status (*delete_reference)(imi_store *self, const char *reference_id, imi_error *err);

    /* What a relying party tells of a subject, to be disclosed later: a JSON object of at most
     * IMI_STORE_CLAIMS_MAX bytes, sealed. put replaces; get appends. IMI_E_NOT_FOUND; delete:
     * IMI_E_STORE_BUSY as of delete_reference. */
    imi_status (*put_claims)(imi_store *self, const char *relying_party, const char *subject_id,
                             imi_view claims, imi_error *err);
    imi_status (*get_claims)(imi_store *self, const char *relying_party, const char *subject_id,
                             imi_buffer *claims_out, imi_error *err);
    imi_status (*delete_claims)(imi_store *self, const char *relying_party, const char *subject_id,
                                imi_error *err);
    /* Erase a subject: destroy its data key, so that no copy of anything can be read, then erase
     * references with all that hangs on them, claims and tokens. Sessions and consents stay, for
     * the relying party's statistics, without what tells whose they were; open sessions end.
     * leaf: for the public log, or NULL; it names no subject.
     * IMI_E_NOT_FOUND if nothing of it is there; IMI_E_STORE_BUSY as of delete_reference. After a
     * crash: repeat. */
    imi_status (*erase_subject)(imi_store *self, const char *relying_party, const char *subject_id,
                                const imi_leaf_draft *leaf, imi_error *err);
    /* Subjects all of whose primary references are past their retention, oldest first. */
    imi_status (*list_overdue_subjects)(imi_store *self, int64_t now_ms, imi_subject_name *out,
                                        size_t capacity, size_t *count_out, imi_error *err);

    /* Sessions. Each call stores the record and one event, both or neither. The event's
     * session_id and sequence are filled in by the store. */
    /* IMI_E_CONFLICT if (relying_party, request_id) exists and request_id is not "". */
    imi_status (*create_session)(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_error *err);
    /* record->version must be the stored one (IMI_E_CONFLICT otherwise) and is advanced.
     * extras: what to store with it, all or nothing, or NULL. */
    imi_status (*update_session)(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, const imi_session_extras *extras,
                                 imi_error *err);
    imi_status (*get_session)(imi_store *self, const char *session_id, imi_session_record *out,
                              imi_error *err);
    imi_status (*find_session_by_request)(imi_store *self, const char *relying_party,
                                          const char *request_id, imi_session_record *out,
                                          imi_error *err);
    /* Session whose token has this jti. */
    imi_status (*find_session_by_token)(imi_store *self, const char *token_id,
                                        imi_session_record *out, imi_error *err);
    /* Appends the token; IMI_E_NOT_FOUND if the session has none. */
    imi_status (*get_token)(imi_store *self, const char *session_id, imi_buffer *token_out,
                            imi_error *err);
    /* Events with sequence > after, oldest first, at most capacity. */
    imi_status (*list_events)(imi_store *self, const char *session_id, int64_t after,
                              imi_event_record *out, size_t capacity, size_t *count_out,
                              imi_error *err);
    /* Note an attempt if the gate lets it begin, with what was there since a time; admitted_out
     * says whether it did. What is older is forgotten. update_session with a decision ends the
     * session's attempt of the record's number of attempts. */
    imi_status (*begin_attempt)(imi_store *self, const imi_attempt_record *record, int64_t since_ms,
                                imi_attempt_gate gate, void *user, bool *admitted_out,
                                imi_error *err);
    /* Sessions not decided whose expiry has passed, at most capacity ids. */
    imi_status (*list_expired)(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                               size_t capacity, size_t *count_out, imi_error *err);

    /* More of references. Visits hold one snapshot. */
    imi_status (*visit_references)(imi_store *self, const imi_reference_query *query,
                                   imi_reference_visit visit, void *user, imi_error *err);
    /* Primary references and their subjects, of this model version. */
    imi_status (*count_references)(imi_store *self, const char *model_version,
                                   int64_t *references_out, int64_t *subjects_out, imi_error *err);
    /* Keep statistics beside a reference. IMI_E_NOT_FOUND. */
    imi_status (*put_statistics)(imi_store *self, const char *reference_id,
                                 imi_view statistics_blob, imi_error *err);

    /* Cohorts. A member goes when its reference is erased, and all go when a newer cohort of the
     * model version is put; the same one put again replaces itself. put: IMI_E_NOT_FOUND if a
     * reference was erased meanwhile. */
    imi_status (*put_cohort)(imi_store *self, const imi_cohort_record *record,
                             const char (*reference_ids)[IMI_ID_SIZE], size_t count,
                             imi_error *err);
    /* The newest of this model version with its members' templates. IMI_E_NOT_FOUND. */
    imi_status (*visit_newest_cohort)(imi_store *self, const char *model_version,
                                      imi_cohort_record *out, imi_reference_visit visit, void *user,
                                      imi_error *err);

    /* Scores of a purpose ("" = all) since a time, oldest first. */
    imi_status (*visit_scores)(imi_store *self, const char *purpose, int64_t since_ms,
                               imi_score_visit visit, void *user, imi_error *err);

    /* Calibrations; put adds an audit line, which is required. get: "" = the newest of any model
     * version; appends the JSON, json_out may be NULL. */
    imi_status (*put_calibration)(imi_store *self, const imi_calibration_record *record,
                                  imi_view json, const imi_audit_record *audit, imi_error *err);
    imi_status (*get_calibration)(imi_store *self, const char *calibration_id,
                                  imi_calibration_record *out, imi_buffer *json_out,
                                  imi_error *err);

    /* Duplicates. put adds pairs that are not known yet; known ones keep their verdict, and pairs
     * of which a reference was erased meanwhile are left out. */
    imi_status (*put_duplicates)(imi_store *self, const imi_duplicate_record *records, size_t count,
                                 imi_error *err);
    /* Open ones first, least fmr first. */
    imi_status (*list_duplicates)(imi_store *self, bool open_only, size_t skip,
                                  imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                  imi_error *err);
    /* Stores verdict, note and reviewer with one audit line. IMI_E_NOT_FOUND. */
    imi_status (*review_duplicate)(imi_store *self, const imi_duplicate_record *record,
                                   const imi_audit_record *audit, imi_error *err);

    /* Operating points. Each call stores the records and one audit line, all or nothing.
     * Version 0 = new; otherwise the stored one (IMI_E_CONFLICT), which is advanced. Several
     * at once, as activation retires the one before; records that leave the active or shadow place
     * are applied first. Of a stored point only state, shadow, approval and times change. A second
     * active or shadow point of a purpose is IMI_E_CONFLICT. leaf: or NULL. */
    imi_status (*put_points)(imi_store *self, imi_point_record *records, size_t count,
                             const imi_audit_record *audit, const imi_leaf_draft *leaf,
                             imi_error *err);
    imi_status (*get_point)(imi_store *self, const char *point_id, imi_point_record *out,
                            imi_error *err);
    /* Of a purpose ("" = all), newest first. */
    imi_status (*list_points)(imi_store *self, const char *purpose, imi_point_record *out,
                              size_t capacity, size_t *count_out, imi_error *err);

    /* Audit trail. leaf: to keep with the line, or NULL. Lines with sequence > after, oldest
     * first. */
    imi_status (*append_audit)(imi_store *self, const imi_audit_record *audit,
                               const imi_leaf_draft *leaf, imi_error *err);
    imi_status (*list_audit)(imi_store *self, int64_t after, imi_audit_record *out, size_t capacity,
                             size_t *count_out, imi_error *err);

    /* Leaves of the public log. append: of what is stored nowhere else; index_out may be NULL. */
    imi_status (*append_leaf)(imi_store *self, const imi_leaf_draft *leaf, int64_t *index_out,
                              imi_error *err);
    /* Entries of the leaves from index `first` on, at most capacity: what a log integrates. */
    imi_status (*list_leaves)(imi_store *self, int64_t first,
                              uint8_t (*entries_out)[IMI_STORE_HASH_SIZE], size_t capacity,
                              size_t *count_out, imi_error *err);
    /* A leaf with its salt; appends its event. find: the newest of this kind of a session.
     * IMI_E_NOT_FOUND if there is none or it was forgotten with its data key. */
    imi_status (*get_leaf)(imi_store *self, int64_t index, imi_leaf_record *out,
                           imi_buffer *event_out, imi_error *err);
    imi_status (*find_leaf)(imi_store *self, const char *session_id, const char *kind,
                            imi_leaf_record *out, imi_buffer *event_out, imi_error *err);

    /* Consents. put: one GIVEN or REFUSED is new (IMI_E_CONFLICT if the id exists); one WITHDRAWN
     * takes back the stored one: only state and withdrawn_ms change, and claims are left alone
     * (IMI_E_NOT_FOUND; IMI_E_CONFLICT unless GIVEN). leaf: or NULL. */
    imi_status (*put_consent)(imi_store *self, const imi_consent_record *record, imi_view claims,
                              const imi_leaf_draft *leaf, imi_error *err);
    /* Appends the claims, claims_out may be NULL. IMI_E_NOT_FOUND, for claims also when they were
     * forgotten with their data key. */
    imi_status (*get_consent)(imi_store *self, const char *consent_id, imi_consent_record *out,
                              imi_buffer *claims_out, imi_error *err);
    /* Of a subject, newest first. */
    imi_status (*list_consents)(imi_store *self, const char *relying_party, const char *subject_id,
                                imi_consent_record *out, size_t capacity, size_t *count_out,
                                imi_error *err);

    /* Redeem a token exactly once, over threads, processes and crashes. Its status is read in the
     * same transaction; a token without one is VALID. The leaf (or NULL) is kept if it is redeemed
     * NOW. held_out: the redemption that stands; zeros if NOT_VALID and never redeemed. */
    imi_status (*redeem_token)(imi_store *self, const imi_redemption_record *record,
                               const imi_leaf_draft *leaf, imi_redemption_outcome *outcome_out,
                               imi_redemption_record *held_out, imi_error *err);
    /* The redemption of a token. IMI_E_NOT_FOUND. */
    imi_status (*get_redemption)(imi_store *self, const char *token_id, imi_redemption_record *out,
                                 imi_error *err);

    /* Status of tokens. allocate: a place at a random free index of the open list, VALID; the
     * same one when asked again. A list is closed when three quarters of it are taken. */
    imi_status (*allocate_status)(imi_store *self, const char *token_id, imi_status_record *out,
                                  imi_error *err);
    imi_status (*get_status)(imi_store *self, const char *token_id, imi_status_record *out,
                             imi_error *err);
    /* IMI_E_NOT_FOUND; IMI_E_CONFLICT if it is INVALID, which is final. The one it has already is
     * IMI_OK, changes nothing and keeps no leaf. leaf: or NULL. */
    imi_status (*set_status)(imi_store *self, const char *token_id, imi_token_status status,
                             int64_t now_ms, const imi_leaf_draft *leaf, imi_error *err);
    /* Lists with a number > after, and how often each changed. */
    imi_status (*list_status_lists)(imi_store *self, int64_t after, imi_status_list_record *out,
                                    size_t capacity, size_t *count_out, imi_error *err);
    /* A list's bits, lowest first in each byte, and what they were read at. IMI_E_NOT_FOUND. */
    imi_status (*read_status_list)(imi_store *self, int64_t list,
                                   uint8_t bits_out[IMI_STATUS_LIST_BYTES],
                                   imi_status_list_record *out, imi_error *err);

    /* A relying party's events with cursor > after, oldest first. */
    imi_status (*list_feed)(imi_store *self, const char *relying_party, int64_t after,
                            imi_feed_record *out, size_t capacity, size_t *count_out,
                            imi_error *err);
    /* Forget at most capacity of the events that happened before a time, with their deliveries,
     * the oldest first. */
    imi_status (*forget_events)(imi_store *self, int64_t before_ms, size_t capacity,
                                imi_error *err);

    /* Deliveries. claim: takes those of a relying party that are due, longest due first; nobody
     * else gets them until the lease is over. end: state DONE, PENDING (again at next_ms) or DEAD
     * of a claimed one; IMI_E_CONFLICT if somebody else claimed it meanwhile. */
    imi_status (*claim_deliveries)(imi_store *self, const char *relying_party, int64_t now_ms,
                                   int64_t lease_ms, imi_delivery_record *out, size_t capacity,
                                   size_t *count_out, imi_error *err);
    imi_status (*end_delivery)(imi_store *self, const imi_delivery_record *record, imi_error *err);
    /* Of a relying party and in this state, with cursor > after, oldest event first. */
    imi_status (*list_deliveries)(imi_store *self, const char *relying_party,
                                  imi_delivery_state state, int64_t after, imi_delivery_record *out,
                                  size_t capacity, size_t *count_out, imi_error *err);
    /* Make due again, with its attempts counted anew: one that is done or dead, or ("") all dead
     * ones of the party. IMI_E_NOT_FOUND for one that is not there. */
    imi_status (*replay_deliveries)(imi_store *self, const char *relying_party,
                                    const char *delivery_id, int64_t now_ms, size_t *count_out,
                                    imi_error *err);
    void (*destroy)(imi_store *self);
};

/** How far an audit trail was found whole. */
typedef struct imi_audit_head {
    int64_t lines;
    uint8_t digest[IMI_STORE_HASH_SIZE]; /* of the last line; zeros if there is none */
} imi_audit_head;

/**
 * Digest of an audit line: SHA-256 over the previous line's digest (zeros before the first) and
 * the fields sequence and at_ms as 8 bytes, actor, action, object and detail each behind its
 * length in 4 bytes, all big-endian.
 */
IMI_MUST_USE imi_status imi_audit_digest(const uint8_t previous[IMI_STORE_HASH_SIZE],
                                         const imi_audit_record *line,
                                         uint8_t out[IMI_STORE_HASH_SIZE], imi_error *err);
/**
 * Read the whole trail and check each line's number and digest.
 *
 * Lines cut off the end leave a sound trail: compare head_out with one noted elsewhere.
 * Errors: IMI_E_STORE_CORRUPT, naming the first line that is changed or missing; head_out is then
 *         the last sound one.
 */
IMI_MUST_USE imi_status imi_store_verify_audit(imi_store *store, imi_audit_head *head_out,
                                               imi_error *err);

/**
 * SQLite store (WAL, synchronous FULL), migrated to the present schema when opened.
 *
 * vault: borrowed, outlives the store; seals what belongs to a subject.
 * Errors: IMI_E_STORE_SCHEMA if made by a newer version, IMI_E_STORE_CORRUPT, IMI_E_STORE_IO.
 */
IMI_MUST_USE imi_status imi_store_sqlite_open(const char *path, imi_vault *vault, imi_store **out,
                                              imi_error *err);
/** Close through the implementation; accepts NULL, nulls the pointer. */
void imi_store_destroy(imi_store **store);
IMI_AUTO_DEFINE(imi_store, imi_store_destroy)

#ifdef __cplusplus
}
#endif
#endif
