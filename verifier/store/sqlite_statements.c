#include "sqlite.h"

/* t: name of the table with its dot where a statement joins others, else "". */
#define REFERENCE_COLUMNS(t)                                                                       \
    t "reference_id, " t "relying_party, " t "subject_id, " t "model_version, " t "quality, " t    \
      "created_ms, " t "kind, " t "parent_id, " t "session_id, " t "birth_decade, " t "sex, " t    \
      "document_checked, " t "delete_after_ms"

/* A reference as a visitor sees it. Statistics are NULL where there are none. */
#define VISITED                                                                                    \
    "SELECT " REFERENCE_COLUMNS(                                                                   \
        "r.") ", r.key_id, r.template, s.statistics FROM reference AS r "                          \
              "LEFT JOIN reference_statistics AS s ON s.reference_id = r.reference_id "

/* Values 1 to 6: relying party, subject, parent, model version, id to go on behind, limit. Which
 * index serves best is chosen by the caller; each statement checks every condition. */
#define VISIT_CONDITIONS                                                                           \
    "r.reference_id > ?5 AND (?1 = '' OR r.relying_party = ?1) AND "                               \
    "(?2 = '' OR r.subject_id = ?2) AND (?3 = '' OR r.parent_id = ?3) AND "                        \
    "(?4 = '' OR r.model_version = ?4) ORDER BY r.reference_id LIMIT ?6"

/* Values 1 and 2. */
#define OF_SUBJECT "WHERE relying_party = ?1 AND subject_id = ?2 AND subject_id <> ''"

#define SESSION_COLUMNS                                                                            \
    "session_id, version, relying_party, request_id, subject_id, reference_id, purpose, nonce, "   \
    "state, join_secret_hash, credential_hash, device_key, created_ms, expires_ms, "               \
    "consented_ms, attempts, decision, reason, similarity, fmr, policy_version, model_version, "   \
    "token_id, decided_ms, score_kind, operating_point, evidence, claims"

#define SCORE_COLUMNS(t)                                                                           \
    t "session_id, " t "at_ms, " t "purpose, " t "model_version, " t "raw_similarity, " t          \
      "normalised_similarity, " t "cohort_id, " t "decisive, " t "decision, " t                    \
      "operating_point, " t "shadow_point, " t "shadow_decision"

#define CALIBRATION_COLUMNS                                                                        \
    "calibration_id, made_ms, made_by, model_version, cohort_id, reference_count, comparisons"

#define DUPLICATE_COLUMNS                                                                          \
    "reference_a, reference_b, found_ms, fmr, verdict, reviewed_by, reviewed_ms, note"

#define POINT_COLUMNS                                                                              \
    "point_id, version, purpose, target_fmr, calibration_id, score_kind, threshold, fmr, "         \
    "fmr_low, fmr_high, fnmr, fnmr_low, fnmr_high, comparisons, mated, state, shadow, "            \
    "proposed_by, approved_by, proposed_ms, approved_ms, activated_ms, retired_ms"

#define LEAF_COLUMNS "position, at_ms, kind, session_id, entry, key_id, sealed"

/* An event of the feed; e: the event. */
#define FEED_COLUMNS                                                                               \
    "e.cursor, e.relying_party, e.session_id, e.sequence, e.at_ms, e.kind, e.detail"

#define DELIVERIES                                                                                 \
    "SELECT d.delivery_id, " FEED_COLUMNS ", d.state, d.claim, d.attempts, d.next_ms, "            \
    "d.last_error FROM delivery AS d JOIN event AS e ON e.cursor = d.cursor "

#define STATUS_COLUMNS "token_id, list, place, status, changed_ms"

#define CONSENT_COLUMNS                                                                            \
    "consent_id, session_id, relying_party, subject_id, state, at_ms, withdrawn_ms, text_digest"

/* Attempts of one subject or device since a time, but verified ones and the one at hand. */
#define TALLY(of)                                                                                  \
    "SELECT count(*), coalesce(max(at_ms), 0) FROM attempt WHERE " of " = ? AND at_ms > ? "        \
    "AND decision <> 1 AND NOT (session_id = ? AND number = ?)"

static const char *const texts[IMI_SQL_COUNT] = {
    /* IMMEDIATE: a transaction that will write takes its lock where waiting is harmless. */
    [IMI_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [IMI_SQL_COMMIT] = "COMMIT",
    [IMI_SQL_ROLLBACK] = "ROLLBACK",
    /* One writer's part of a transaction that several share. */
    [IMI_SQL_SAVE] = "SAVEPOINT part",
    [IMI_SQL_UNDO] = "ROLLBACK TO part",
    [IMI_SQL_RELEASE] = "RELEASE part",
    /* An additional reference needs the primary one that it stands beside. */
    [IMI_SQL_PUT_REFERENCE] = "INSERT INTO reference (" REFERENCE_COLUMNS(
        "") ", key_id, template) "
            "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15 WHERE ?7 = 1 "
            "OR EXISTS "
            "(SELECT 1 FROM reference WHERE reference_id = ?8 AND kind = 1 AND relying_party = ?2 "
            "AND subject_id = ?3)",
    [IMI_SQL_GET_REFERENCE] = "SELECT " REFERENCE_COLUMNS("") ", key_id, template FROM reference "
                                                              "WHERE reference_id = ?",
    [IMI_SQL_DELETE_REFERENCE] = "DELETE FROM reference WHERE reference_id = ?1 OR "
                                 "(parent_id <> '' AND parent_id = ?1)",
    [IMI_SQL_ADD_ERASURE] = "INSERT OR IGNORE INTO erasure (reference_id) VALUES (?)",
    [IMI_SQL_FIND_ERASURE] = "SELECT 1 FROM erasure WHERE reference_id = ?1 OR ?1 IS NULL LIMIT 1",
    [IMI_SQL_END_ERASURE] = "DELETE FROM erasure",
    [IMI_SQL_VISIT_REFERENCES] = VISITED "WHERE " VISIT_CONDITIONS,
    [IMI_SQL_VISIT_OF_SUBJECT] =
        VISITED "WHERE r.relying_party = ?1 AND r.subject_id = ?2 AND " VISIT_CONDITIONS,
    [IMI_SQL_VISIT_OF_PARENT] =
        VISITED "WHERE r.parent_id <> '' AND r.parent_id = ?3 AND " VISIT_CONDITIONS,
    [IMI_SQL_KEY_OF_REFERENCE] = "SELECT key_id FROM reference WHERE reference_id = ?",
    [IMI_SQL_FIND_PLAIN] = VISITED "WHERE r.key_id = '' LIMIT 1",
    [IMI_SQL_SEAL_TEMPLATE] = "UPDATE reference SET key_id = ?2, template = ?3 "
                              "WHERE reference_id = ?1",
    [IMI_SQL_LIST_OVERDUE] =
        "SELECT relying_party, subject_id FROM reference AS r "
        "WHERE kind = 1 AND delete_after_ms > 0 AND delete_after_ms <= ?1 "
        "GROUP BY relying_party, subject_id HAVING NOT EXISTS "
        "(SELECT 1 FROM reference AS o WHERE o.relying_party = r.relying_party "
        "AND o.subject_id = r.subject_id AND o.kind = 1 "
        "AND (o.delete_after_ms = 0 OR o.delete_after_ms > ?1)) "
        "ORDER BY min(delete_after_ms) LIMIT ?2",
    [IMI_SQL_PUT_CLAIMS] =
        "INSERT INTO subject_claims (relying_party, subject_id, key_id, claims) "
        "VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET key_id = excluded.key_id, "
        "claims = excluded.claims",
    [IMI_SQL_GET_CLAIMS] = "SELECT key_id, claims FROM subject_claims " OF_SUBJECT,
    [IMI_SQL_DELETE_CLAIMS] = "DELETE FROM subject_claims " OF_SUBJECT,
    [IMI_SQL_ERASE_REFERENCES] = "DELETE FROM reference " OF_SUBJECT,
    [IMI_SQL_ERASE_TOKENS] = "DELETE FROM session_token WHERE session_id IN "
                             "(SELECT session_id FROM session " OF_SUBJECT ")",
    /* The key's id stays: it says that there were claims once, and opens nothing. */
    [IMI_SQL_ERASE_CONSENTS] = "UPDATE consent SET subject_id = '', claims = x'' " OF_SUBJECT,
    /* Who holds an open one in memory finds it changed and withdrawn. */
    [IMI_SQL_ERASE_SESSIONS] =
        "UPDATE session SET version = version + 1, subject_id = '', reference_id = '', "
        "request_id = '', nonce = '', device_key = x'', evidence = '', "
        "join_secret_hash = zeroblob(32), credential_hash = zeroblob(32), "
        "state = CASE WHEN state IN (1, 2, 3) THEN 6 ELSE state END " OF_SUBJECT,
    [IMI_SQL_COUNT_REFERENCES] =
        "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT count(*) AS n FROM reference "
        "WHERE model_version = ? AND kind = 1 GROUP BY relying_party, subject_id)",
    [IMI_SQL_PUT_STATISTICS] =
        "INSERT INTO reference_statistics (reference_id, statistics) "
        "SELECT reference_id, ?2 FROM reference WHERE reference_id = ?1 "
        "ON CONFLICT (reference_id) DO UPDATE SET statistics = excluded.statistics",
    /* The same people may be drawn again: the cohort is then the newest, with members anew. */
    [IMI_SQL_PUT_COHORT] = "INSERT OR REPLACE INTO cohort (cohort_id, model_version, created_ms, "
                           "population) VALUES (?, ?, ?, ?) RETURNING drawn",
    /* A cohort that is not the newest serves nothing: its members are forgotten. */
    [IMI_SQL_FORGET_MEMBERS] = "DELETE FROM cohort_member WHERE drawn IN "
                               "(SELECT drawn FROM cohort WHERE model_version = ?)",
    [IMI_SQL_PUT_MEMBER] = "INSERT INTO cohort_member (drawn, reference_id) "
                           "SELECT ?1, reference_id FROM reference WHERE reference_id = ?2",
    [IMI_SQL_GET_NEWEST_COHORT] = "SELECT cohort_id, model_version, created_ms, population, drawn "
                                  "FROM cohort WHERE model_version = ? ORDER BY drawn DESC LIMIT 1",
    [IMI_SQL_VISIT_MEMBERS] = VISITED "JOIN cohort_member AS m ON m.reference_id = r.reference_id "
                                      "WHERE m.drawn = ? ORDER BY r.reference_id",
    [IMI_SQL_CREATE_SESSION] =
        "INSERT INTO session (" SESSION_COLUMNS ") VALUES (?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [IMI_SQL_UPDATE_SESSION] =
        "UPDATE session SET version = version + 1, reference_id = ?, state = ?, "
        "join_secret_hash = ?, credential_hash = ?, device_key = ?, expires_ms = ?, "
        "consented_ms = ?, attempts = ?, decision = ?, reason = ?, similarity = ?, fmr = ?, "
        "policy_version = ?, model_version = ?, token_id = ?, decided_ms = ?, score_kind = ?, "
        "operating_point = ?, evidence = ?, claims = ? WHERE session_id = ? AND version = ?",
    [IMI_SQL_GET_SESSION] = "SELECT " SESSION_COLUMNS " FROM session WHERE session_id = ?",
    [IMI_SQL_FIND_SESSION_BY_REQUEST] = "SELECT " SESSION_COLUMNS " FROM session "
                                        "WHERE relying_party = ? AND request_id = ? "
                                        "AND request_id <> ''",
    [IMI_SQL_FIND_SESSION_BY_TOKEN] = "SELECT " SESSION_COLUMNS " FROM session "
                                      "WHERE token_id = ? AND token_id <> ''",
    [IMI_SQL_PUT_TOKEN] = "INSERT INTO session_token (session_id, token) VALUES (?, ?) "
                          "ON CONFLICT (session_id) DO UPDATE SET token = excluded.token",
    [IMI_SQL_GET_TOKEN] = "SELECT token FROM session_token WHERE session_id = ?",
    [IMI_SQL_ADD_EVENT] =
        "INSERT INTO event (session_id, sequence, relying_party, at_ms, kind, detail) "
        "SELECT ?1, coalesce((SELECT max(sequence) FROM event WHERE session_id = ?1), 0) + 1, "
        "relying_party, ?2, ?3, ?4 FROM session WHERE session_id = ?1 "
        "RETURNING sequence, cursor, relying_party",
    [IMI_SQL_LIST_EVENTS] = "SELECT session_id, sequence, at_ms, kind, detail FROM event "
                            "WHERE session_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    [IMI_SQL_FORGET_ATTEMPTS] = "DELETE FROM attempt WHERE at_ms <= ?",
    [IMI_SQL_TALLY_SUBJECT] = TALLY("subject"),
    [IMI_SQL_TALLY_DEVICE] = TALLY("device"),
    /* Begun again it stays as it is: waiting cannot be got around, nor does it grow. */
    [IMI_SQL_PUT_ATTEMPT] = "INSERT INTO attempt (session_id, number, subject, device, at_ms, "
                            "decision) VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
    [IMI_SQL_END_ATTEMPT] = "UPDATE attempt SET decision = ?, at_ms = ? "
                            "WHERE session_id = ? AND number = ?",
    [IMI_SQL_LIST_EXPIRED] = "SELECT session_id FROM session WHERE state IN (1, 2, 3) "
                             "AND expires_ms <= ? ORDER BY expires_ms LIMIT ?",
    [IMI_SQL_ADD_SCORE] =
        "INSERT INTO score (" SCORE_COLUMNS("") ") "
                                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [IMI_SQL_VISIT_SCORES] = "SELECT " SCORE_COLUMNS(
        "c.") ", s.state = 4 AND s.decision = 1 "
              "FROM score AS c JOIN session AS s ON s.session_id = c.session_id "
              "WHERE c.at_ms >= ?2 AND (?1 = '' OR c.purpose = ?1) "
              "ORDER BY c.at_ms, c.number",
    [IMI_SQL_PUT_CALIBRATION] = "INSERT INTO calibration (" CALIBRATION_COLUMNS ", tables) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [IMI_SQL_GET_CALIBRATION] = "SELECT " CALIBRATION_COLUMNS ", tables FROM calibration "
                                "WHERE calibration_id = ?",
    [IMI_SQL_GET_NEWEST_CALIBRATION] = "SELECT " CALIBRATION_COLUMNS ", tables FROM calibration "
                                       "ORDER BY made DESC LIMIT 1",
    /* A pair of which a reference was erased meanwhile is no pair any more. */
    [IMI_SQL_PUT_DUPLICATE] =
        "INSERT INTO duplicate (" DUPLICATE_COLUMNS ") SELECT a.reference_id, b.reference_id, "
        "?3, ?4, '', '', 0, '' FROM reference AS a, reference AS b "
        "WHERE a.reference_id = ?1 AND b.reference_id = ?2 ON CONFLICT DO NOTHING",
    [IMI_SQL_LIST_DUPLICATES] = "SELECT " DUPLICATE_COLUMNS " FROM duplicate "
                                "WHERE ?1 = 0 OR verdict = '' ORDER BY verdict <> '', fmr, "
                                "reference_a, reference_b LIMIT ?3 OFFSET ?2",
    [IMI_SQL_REVIEW_DUPLICATE] = "UPDATE duplicate SET verdict = ?, reviewed_by = ?, "
                                 "reviewed_ms = ?, note = ? "
                                 "WHERE reference_a = ? AND reference_b = ?",
    [IMI_SQL_ADD_POINT] = "INSERT INTO point (" POINT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    /* What was proposed stays as it was proposed; only its life goes on. */
    [IMI_SQL_UPDATE_POINT] = "UPDATE point SET version = version + 1, state = ?, shadow = ?, "
                             "approved_by = ?, approved_ms = ?, activated_ms = ?, retired_ms = ? "
                             "WHERE point_id = ? AND version = ?",
    [IMI_SQL_GET_POINT] = "SELECT " POINT_COLUMNS " FROM point WHERE point_id = ?",
    [IMI_SQL_LIST_POINTS] = "SELECT " POINT_COLUMNS " FROM point WHERE ?1 = '' OR purpose = ?1 "
                            "ORDER BY made DESC LIMIT ?2",
    [IMI_SQL_LAST_AUDIT] = "SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1",
    [IMI_SQL_ADD_AUDIT] = "INSERT INTO audit (sequence, at_ms, actor, action, object, detail, "
                          "digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [IMI_SQL_LIST_AUDIT] = "SELECT sequence, at_ms, actor, action, object, detail, digest "
                           "FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
    [IMI_SQL_ADD_LEAF] = "INSERT INTO leaf (position, at_ms, kind, session_id, entry, key_id, "
                         "sealed) SELECT coalesce(max(position) + 1, 0), ?, ?, ?, ?, ?, ? "
                         "FROM leaf RETURNING position",
    [IMI_SQL_LIST_LEAVES] = "SELECT position - ?1, entry FROM leaf WHERE position >= ?1 "
                            "ORDER BY position LIMIT ?2",
    [IMI_SQL_GET_LEAF] = "SELECT " LEAF_COLUMNS " FROM leaf WHERE position = ?",
    [IMI_SQL_FIND_LEAF] = "SELECT " LEAF_COLUMNS " FROM leaf WHERE session_id = ? "
                          "AND session_id <> '' AND kind = ? ORDER BY position DESC LIMIT 1",
    /* Only of a session that is this subject's. */
    [IMI_SQL_ADD_CONSENT] =
        "INSERT INTO consent (" CONSENT_COLUMNS ", key_id, claims) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE EXISTS (SELECT 1 FROM session "
        "WHERE session_id = ?2 AND relying_party = ?3 AND subject_id = ?4)",
    [IMI_SQL_WITHDRAW_CONSENT] = "UPDATE consent SET state = 3, withdrawn_ms = ? "
                                 "WHERE consent_id = ? AND state = 1",
    [IMI_SQL_GET_CONSENT] =
        "SELECT " CONSENT_COLUMNS ", key_id, claims FROM consent WHERE consent_id = ?",
    [IMI_SQL_LIST_CONSENTS] =
        "SELECT " CONSENT_COLUMNS " FROM consent WHERE relying_party = ? AND subject_id = ? "
        "ORDER BY given DESC LIMIT ?",
    [IMI_SQL_ADD_REDEMPTION] = "INSERT INTO redemption (token_id, relying_party, request_id, "
                               "at_ms) VALUES (?, ?, ?, ?)",
    [IMI_SQL_GET_REDEMPTION] = "SELECT token_id, relying_party, request_id, at_ms FROM redemption "
                               "WHERE token_id = ?",
    [IMI_SQL_FIND_OPEN_LIST] =
        "SELECT list FROM status_list WHERE used < ? ORDER BY list DESC LIMIT 1",
    [IMI_SQL_ADD_LIST] = "INSERT INTO status_list (used, changes) VALUES (0, 0) RETURNING list",
    [IMI_SQL_TAKE_PLACE] = "INSERT INTO token_status (" STATUS_COLUMNS ") VALUES (?, ?, ?, 0, 0) "
                           "ON CONFLICT (list, place) DO NOTHING",
    [IMI_SQL_COUNT_PLACE] = "UPDATE status_list SET used = used + 1 WHERE list = ?",
    [IMI_SQL_GET_STATUS] = "SELECT " STATUS_COLUMNS " FROM token_status WHERE token_id = ?",
    [IMI_SQL_SET_STATUS] = "UPDATE token_status SET status = ?, changed_ms = ? WHERE token_id = ?",
    [IMI_SQL_COUNT_CHANGE] = "UPDATE status_list SET changes = changes + 1 WHERE list = ?",
    [IMI_SQL_LIST_LISTS] = "SELECT list, changes FROM status_list WHERE list > ? "
                           "ORDER BY list LIMIT ?",
    /* One statement, one snapshot. A row without a place is a list whose tokens are all valid. */
    [IMI_SQL_READ_LIST] = "SELECT l.list, l.changes, s.place, s.status FROM status_list AS l "
                          "LEFT JOIN token_status AS s ON s.list = l.list AND s.status <> 0 "
                          "WHERE l.list = ?",
    [IMI_SQL_LIST_FEED] = "SELECT " FEED_COLUMNS " FROM event AS e WHERE e.relying_party = ? "
                          "AND e.cursor > ? ORDER BY e.cursor LIMIT ?",
    [IMI_SQL_FIND_OLD_EVENT] = "SELECT 1 FROM event WHERE at_ms < ? LIMIT 1",
    /* Their deliveries go with them. */
    [IMI_SQL_FORGET_EVENTS] = "DELETE FROM event WHERE cursor IN "
                              "(SELECT cursor FROM event WHERE at_ms < ? ORDER BY at_ms LIMIT ?)",
    [IMI_SQL_ADD_DELIVERY] =
        "INSERT INTO delivery (cursor, delivery_id, relying_party, state, claim, attempts, "
        "next_ms, last_error) VALUES (?, ?, ?, 1, 0, 0, ?, '')",
    [IMI_SQL_FIND_DUE] = DELIVERIES "WHERE d.relying_party = ? AND d.state = 1 "
                                    "AND d.next_ms <= ? "
                                    "ORDER BY d.next_ms, d.cursor LIMIT ?",
    [IMI_SQL_CLAIM_DELIVERY] = "UPDATE delivery SET claim = claim + 1, attempts = attempts + 1, "
                               "next_ms = ? WHERE cursor = ?",
    [IMI_SQL_END_DELIVERY] = "UPDATE delivery SET state = ?, next_ms = ?, last_error = ? "
                             "WHERE delivery_id = ? AND claim = ? AND state = 1",
    [IMI_SQL_FIND_DELIVERY] = "SELECT 1 FROM delivery WHERE delivery_id = ?1 "
                              "AND (?2 = '' OR relying_party = ?2)",
    [IMI_SQL_LIST_DELIVERIES] = DELIVERIES "WHERE d.relying_party = ? AND d.state = ? "
                                           "AND d.cursor > ? ORDER BY d.cursor LIMIT ?",
    [IMI_SQL_REPLAY_DELIVERY] = "UPDATE delivery SET state = 1, attempts = 0, next_ms = ?1 "
                                "WHERE relying_party = ?2 AND delivery_id = ?3 AND state <> 1",
    [IMI_SQL_REPLAY_DEAD] = "UPDATE delivery SET state = 1, attempts = 0, next_ms = ?1 "
                            "WHERE relying_party = ?2 AND state = 3",
};

const char *imi_statement_text(imi_sql sql)
{
    return texts[sql];
}
