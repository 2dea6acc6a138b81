/** Sample records for tests of stores, with every field set, and a scratch folder. */
#ifndef IMI_TEST_STORE_RECORDS_H
#define IMI_TEST_STORE_RECORDS_H

#include "imi/store.h"

/** A created session with a fresh id; every field differs from zero where its state allows. */
imi_session_record sample_session(void);
/** The same, decided and with a token's id. */
void decide_sample(imi_session_record *record);
imi_event_record sample_event(const char *kind);
imi_reference_record sample_reference(void);
/** Beside a primary one. */
imi_reference_record sample_additional(const imi_reference_record *primary);
imi_score_record sample_score(void);
imi_cohort_record sample_cohort(void);
imi_calibration_record sample_calibration(void);
/** Proposed, not stored yet. */
imi_point_record sample_point(void);
imi_audit_record sample_audit(const char *action);
/** About a session's subject; event: JSON, static. */
imi_leaf_draft sample_leaf(const imi_session_record *session, const char *kind, const char *event);
/** Given in a session. */
imi_consent_record sample_consent(const imi_session_record *session);
/** Of a fresh token. */
imi_redemption_record sample_redemption(const char *request_id);

void assert_sessions_equal(const imi_session_record *a, const imi_session_record *b);
void assert_references_equal(const imi_reference_record *a, const imi_reference_record *b);
void assert_points_equal(const imi_point_record *a, const imi_point_record *b);

/** Fail the test with the error's message unless status is OK. */
void assert_ok(imi_status status, const imi_error *err);

/** A new folder below TMPDIR; out holds 256 bytes. */
void scratch_make(char *out);
void scratch_remove(const char *folder);
/** The vault of a scratch folder, opened at first use and closed when the folder is removed. */
imi_vault *scratch_vault(const char *folder);
/** A vault in the folder for the caller to close. */
imi_status scratch_vault_open(const char *folder, imi_vault **out, imi_error *err);

#endif
