/**
 * What the public log commits to: one canonical JSON text for each thing that happened, with
 * sorted members, without blanks, and never with personal data (docs/ledger.md lists them).
 */
#ifndef IMI_SESSION_LOG_EVENTS_H
#define IMI_SESSION_LOG_EVENTS_H

#include "imi/keyring.h"
#include "imi/store.h"

/** A leaf to be stored. Clean up; the draft's event lies in text. */
typedef struct imi_log_event {
    imi_leaf_draft draft;
    imi_buffer text;
} imi_log_event;

#define IMI_LOG_EVENT_INIT                                                                         \
    {                                                                                              \
        .text = IMI_BUFFER_INIT                                                                    \
    }
#define IMI_AUTO_LOG_EVENT __attribute__((cleanup(imi_log_event_clean_up))) imi_log_event
void imi_log_event_clean_up(imi_log_event *event);

/** Kinds under which the store keeps leaves; those of a session are found by it and its id. */
#define IMI_LEAF_DECISION "decision"
#define IMI_LEAF_CONSENT "consent"
#define IMI_LEAF_STATUS "status"
#define IMI_LEAF_REDEMPTION "redemption"
#define IMI_LEAF_DELETION "deletion"
#define IMI_LEAF_THRESHOLD "policy"
#define IMI_LEAF_POLICY_FILE "policy_file"
#define IMI_LEAF_KEY_ADDED "key_added"
#define IMI_LEAF_KEY_RETIRED "key_retired"

/* All fill out, which must be empty. Errors: IMI_E_NO_MEMORY, IMI_E_OVERFLOW. */

/** What a capture or a member of staff's turn ended in, as the record says. */
IMI_MUST_USE imi_status imi_log_event_decision(const imi_session_record *record, int64_t at_ms,
                                               imi_log_event *out, imi_error *err);

/** What the subject of a session answered, and to what. */
typedef struct imi_logged_consent {
    const imi_session_record *session;
    imi_consent_state state;
    const uint8_t *text_digest; /* IMI_STORE_HASH_SIZE bytes: of the text that was shown */
    const char *const *claims; /* names, in the order in which they were shown */
    size_t claim_count;
    int64_t at_ms;
} imi_logged_consent;

IMI_MUST_USE imi_status imi_log_event_consent(const imi_logged_consent *consent, imi_log_event *out,
                                              imi_error *err);

/** A line of the audit trail that changes what decides. */
IMI_MUST_USE imi_status imi_log_event_threshold(const imi_audit_record *line, imi_log_event *out,
                                                imi_error *err);
/** A policy file of this version begins to decide. */
IMI_MUST_USE imi_status imi_log_event_policy_file(const char *version, int64_t at_ms,
                                                  imi_log_event *out, imi_error *err);
/** Store that leaf unless the newest of its kind names this version already. */
IMI_MUST_USE imi_status imi_log_policy_file(imi_store *store, const char *version, int64_t at_ms,
                                            imi_error *err);

/** A key comes into the key set, or leaves it. */
IMI_MUST_USE imi_status imi_log_event_key(const imi_keyring_entry *key, bool added, int64_t at_ms,
                                          imi_log_event *out, imi_error *err);
/** What key leaves are found by in place of a session: the beginning of the key's id. */
void imi_log_key_name(const imi_keyring_entry *key, char out[IMI_ID_SIZE]);

IMI_MUST_USE imi_status imi_log_event_status(const imi_session_record *record,
                                             imi_token_status status, const char *reason,
                                             int64_t at_ms, imi_log_event *out, imi_error *err);
IMI_MUST_USE imi_status imi_log_event_redemption(const imi_session_record *record, int64_t at_ms,
                                                 imi_log_event *out, imi_error *err);
/** Who had it done, and how much went: whose data it was is nobody's business. */
typedef struct imi_logged_deletion {
    const char *deletion_id, *party;
    size_t references, sessions;
    int64_t at_ms;
} imi_logged_deletion;

IMI_MUST_USE imi_status imi_log_event_deletion(const imi_logged_deletion *deletion,
                                               imi_log_event *out, imi_error *err);

#endif
