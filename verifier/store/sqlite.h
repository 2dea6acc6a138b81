/**
 * What the files of the SQLite store share: connections, kept statements, transactions.
 *
 * One connection writes, guarded by a mutex; a few read beside it, which WAL allows. Every
 * statement is prepared once a connection and kept.
 */
#ifndef IMI_STORE_SQLITE_H
#define IMI_STORE_SQLITE_H

#include "imi/store.h"
#include "imi/vault.h"
#include "verifier/sqlite/edge.h"

#include <pthread.h>

/** Statements that are kept prepared; texts in sqlite_statements.c. */
typedef enum imi_sql {
    IMI_SQL_BEGIN = 0,
    IMI_SQL_COMMIT,
    IMI_SQL_ROLLBACK,
    IMI_SQL_SAVE,
    IMI_SQL_UNDO,
    IMI_SQL_RELEASE,
    IMI_SQL_PUT_REFERENCE,
    IMI_SQL_GET_REFERENCE,
    IMI_SQL_DELETE_REFERENCE,
    IMI_SQL_ADD_ERASURE,
    IMI_SQL_FIND_ERASURE,
    IMI_SQL_END_ERASURE,
    IMI_SQL_VISIT_REFERENCES,
    IMI_SQL_VISIT_OF_SUBJECT,
    IMI_SQL_VISIT_OF_PARENT,
    IMI_SQL_KEY_OF_REFERENCE,
    IMI_SQL_FIND_PLAIN,
    IMI_SQL_SEAL_TEMPLATE,
    IMI_SQL_LIST_OVERDUE,
    IMI_SQL_PUT_CLAIMS,
    IMI_SQL_GET_CLAIMS,
    IMI_SQL_DELETE_CLAIMS,
    IMI_SQL_ERASE_REFERENCES,
    IMI_SQL_ERASE_TOKENS,
    IMI_SQL_ERASE_CONSENTS,
    IMI_SQL_ERASE_SESSIONS,
    IMI_SQL_COUNT_REFERENCES,
    IMI_SQL_PUT_STATISTICS,
    IMI_SQL_PUT_COHORT,
    IMI_SQL_FORGET_MEMBERS,
    IMI_SQL_PUT_MEMBER,
    IMI_SQL_GET_NEWEST_COHORT,
    IMI_SQL_VISIT_MEMBERS,
    IMI_SQL_CREATE_SESSION,
    IMI_SQL_UPDATE_SESSION,
    IMI_SQL_GET_SESSION,
    IMI_SQL_FIND_SESSION_BY_REQUEST,
    IMI_SQL_FIND_SESSION_BY_TOKEN,
    IMI_SQL_PUT_TOKEN,
    IMI_SQL_GET_TOKEN,
    IMI_SQL_ADD_EVENT,
    IMI_SQL_LIST_EVENTS,
    IMI_SQL_FORGET_ATTEMPTS,
    IMI_SQL_TALLY_SUBJECT,
    IMI_SQL_TALLY_DEVICE,
    IMI_SQL_PUT_ATTEMPT,
    IMI_SQL_END_ATTEMPT,
    IMI_SQL_LIST_EXPIRED,
    IMI_SQL_ADD_SCORE,
    IMI_SQL_VISIT_SCORES,
    IMI_SQL_PUT_CALIBRATION,
    IMI_SQL_GET_CALIBRATION,
    IMI_SQL_GET_NEWEST_CALIBRATION,
    IMI_SQL_PUT_DUPLICATE,
    IMI_SQL_LIST_DUPLICATES,
    IMI_SQL_REVIEW_DUPLICATE,
    IMI_SQL_ADD_POINT,
    IMI_SQL_UPDATE_POINT,
    IMI_SQL_GET_POINT,
    IMI_SQL_LIST_POINTS,
    IMI_SQL_LAST_AUDIT,
    IMI_SQL_ADD_AUDIT,
    IMI_SQL_LIST_AUDIT,
    IMI_SQL_ADD_LEAF,
    IMI_SQL_LIST_LEAVES,
    IMI_SQL_GET_LEAF,
    IMI_SQL_FIND_LEAF,
    IMI_SQL_ADD_CONSENT,
    IMI_SQL_WITHDRAW_CONSENT,
    IMI_SQL_GET_CONSENT,
    IMI_SQL_LIST_CONSENTS,
    IMI_SQL_ADD_REDEMPTION,
    IMI_SQL_GET_REDEMPTION,
    IMI_SQL_FIND_OPEN_LIST,
    IMI_SQL_ADD_LIST,
    IMI_SQL_TAKE_PLACE,
    IMI_SQL_COUNT_PLACE,
    IMI_SQL_GET_STATUS,
    IMI_SQL_SET_STATUS,
    IMI_SQL_COUNT_CHANGE,
    IMI_SQL_LIST_LISTS,
    IMI_SQL_READ_LIST,
    IMI_SQL_LIST_FEED,
    IMI_SQL_FIND_OLD_EVENT,
    IMI_SQL_FORGET_EVENTS,
    IMI_SQL_ADD_DELIVERY,
    IMI_SQL_FIND_DUE,
    IMI_SQL_CLAIM_DELIVERY,
    IMI_SQL_END_DELIVERY,
    IMI_SQL_FIND_DELIVERY,
    IMI_SQL_LIST_DELIVERIES,
    IMI_SQL_REPLAY_DELIVERY,
    IMI_SQL_REPLAY_DEAD,
    IMI_SQL_COUNT
} imi_sql;

typedef struct imi_connection {
    sqlite3 *db;
    sqlite3_stmt *statements[IMI_SQL_COUNT];
} imi_connection;

/** SQL of a statement; static storage. */
const char *imi_statement_text(imi_sql sql);

/** Open or create the file. Readers get no right to write. */
IMI_MUST_USE imi_status imi_connection_open(imi_connection *connection, const char *path,
                                            bool may_write, imi_error *err);
void imi_connection_close(imi_connection *connection);

/** A kept statement, prepared at first use; reset and unbound when its scope ends. */
IMI_MUST_USE imi_status imi_statement_get(imi_connection *connection, imi_sql sql,
                                          sqlite3_stmt **out, imi_error *err);

/** Rows of one kind, as a statement gives them. */
typedef struct imi_listing {
    imi_sql sql; /* its last value is how many rows there may be */
    void (*bind)(imi_binder *binder, const void *key); /* the values before that */
    const void *key; /* what is asked for */
    void (*read)(imi_columns *columns, void *row);
    size_t row_size;
} imi_listing;

/** Read at most capacity rows into out, by a connection of the caller's. */
IMI_MUST_USE imi_status imi_store_list_by(imi_connection *connection, const imi_listing *listing,
                                          void *out, size_t capacity, size_t *count_out,
                                          imi_error *err);
/** The same by one for reading. */
IMI_MUST_USE imi_status imi_store_list(imi_store *self, const imi_listing *listing, void *out,
                                       size_t capacity, size_t *count_out, imi_error *err);
/** For a listing whose key is one int64_t. */
void imi_bind_number(imi_binder *binder, const void *key);
/** Run a statement that gives no row, with the values that were bound. */
IMI_MUST_USE imi_status imi_binder_run(imi_binder *binder, imi_error *err);
/** Run a statement that gives no row and takes no value. */
IMI_MUST_USE imi_status imi_statement_run(imi_connection *connection, imi_sql sql, imi_error *err);

enum { IMI_STORE_READERS = 4 };

typedef struct imi_write imi_write;

typedef struct imi_store_sqlite {
    imi_store base;
    imi_vault *vault; /* borrowed */
    pthread_mutex_t write_mutex; /* guards writer for a whole transaction */
    imi_connection writer;
    pthread_mutex_t queue_mutex; /* guards the queue of those who wait for the writer */
    pthread_cond_t queue_moved;
    imi_write *queue, **queue_end;
    bool led; /* somebody writes for those who wait */
    pthread_mutex_t read_mutex; /* guards reader_taken, not the connections */
    pthread_cond_t reader_freed;
    imi_connection readers[IMI_STORE_READERS];
    bool reader_taken[IMI_STORE_READERS];
} imi_store_sqlite;

/** A free reading connection, waiting for one if need be. */
imi_connection *imi_store_take_reader(imi_store_sqlite *store);
void imi_store_give_reader(imi_store_sqlite *store, const imi_connection *reader);
/** All of them, for what tolerates no reader; give back each. */
void imi_store_take_all_readers(imi_store_sqlite *store);
void imi_store_give_all_readers(imi_store_sqlite *store);

/** Work inside a write transaction; any failure undoes all of it. Another thread that waits for
 *  the writer may run it, so it uses nothing of its thread's. */
typedef imi_status (*imi_transaction)(imi_connection *connection, void *work, imi_error *err);
/** IMI_OK: committed. */
IMI_MUST_USE imi_status imi_store_write(imi_store_sqlite *store, imi_transaction transaction,
                                        void *work, imi_error *err);

/** Append the next event of a session, inside a transaction; fills session_id and sequence. */
IMI_MUST_USE imi_status imi_store_add_event(imi_connection *connection, const char *session_id,
                                            imi_event_record *event, imi_error *err);

/** The columns of a reference, in order; its key and the sealed template come behind them. */
void imi_read_reference(imi_columns *columns, imi_reference_record *out);
/** Run a statement whose rows are visited references, unseal them and hand them on. */
IMI_MUST_USE imi_status imi_store_visit_rows(imi_vault *vault, sqlite3_stmt *statement,
                                             imi_reference_visit visit, void *user, imi_error *err);

/** Id of a subject's data key, as imi_vault_find_key, names checked. Not inside a transaction. */
IMI_MUST_USE imi_status imi_store_find_key(imi_store_sqlite *store, const char *relying_party,
                                           const char *subject_id, bool make,
                                           char key_id_out[IMI_ID_SIZE], imi_error *err);

/** Where bytes of a reference are sealed for. */
typedef struct imi_reference_context {
    char text[16 + IMI_ID_SIZE];
} imi_reference_context;

imi_reference_context imi_template_context(const char *reference_id);
imi_reference_context imi_statistics_context(const char *reference_id);
/** Keep statistics that are sealed already, inside a transaction. IMI_E_NOT_FOUND. */
IMI_MUST_USE imi_status imi_store_put_sealed_statistics(imi_connection *connection,
                                                        const char *reference_id, imi_view sealed,
                                                        imi_error *err);
/** Seal the rows of older versions; before the store is shared. */
IMI_MUST_USE imi_status imi_store_seal_older(imi_store_sqlite *store, imi_error *err);
/** End the attempt that the record's decision is about, inside a transaction. */
IMI_MUST_USE imi_status imi_store_end_attempt(imi_connection *connection,
                                              const imi_session_record *record, int64_t at_ms,
                                              imi_error *err);
/** Append a session's score, inside a transaction. */
IMI_MUST_USE imi_status imi_store_add_score(imi_connection *connection, const char *session_id,
                                            const imi_score_record *score, imi_error *err);
/** Append the next line of the audit trail, inside a transaction. */
IMI_MUST_USE imi_status imi_store_add_audit(imi_connection *connection,
                                            const imi_audit_record *audit, imi_error *err);

/** Note an erasure inside its transaction: its bytes may still lie in the log. what: an id of
 *  the store's own, or "". */
IMI_MUST_USE imi_status imi_store_note_erasure(imi_connection *connection, const char *what,
                                               imi_error *err);
/** An erasure of this, or any (NULL), was noted and not finished. */
IMI_MUST_USE imi_status imi_store_find_erasure(imi_connection *connection, const char *what,
                                               bool *found_out, imi_error *err);
/** Finish what was noted: empty the log. */
IMI_MUST_USE imi_status imi_store_finish_erasures(imi_store_sqlite *store, imi_error *err);

/* The interface's functions, by subject. */
imi_status imi_sqlite_put_reference(imi_store *self, const imi_reference_record *record,
                                    imi_view template_blob, imi_error *err);
imi_status imi_sqlite_get_reference(imi_store *self, const char *reference_id,
                                    imi_reference_record *out, imi_buffer *template_out,
                                    imi_error *err);
imi_status imi_sqlite_delete_reference(imi_store *self, const char *reference_id, imi_error *err);
imi_status imi_sqlite_put_claims(imi_store *self, const char *relying_party, const char *subject_id,
                                 imi_view claims, imi_error *err);
imi_status imi_sqlite_get_claims(imi_store *self, const char *relying_party, const char *subject_id,
                                 imi_buffer *claims_out, imi_error *err);
imi_status imi_sqlite_delete_claims(imi_store *self, const char *relying_party,
                                    const char *subject_id, imi_error *err);
imi_status imi_sqlite_erase_subject(imi_store *self, const char *relying_party,
                                    const char *subject_id, const imi_leaf_draft *leaf,
                                    imi_error *err);
imi_status imi_sqlite_list_overdue_subjects(imi_store *self, int64_t now_ms, imi_subject_name *out,
                                            size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_create_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, imi_error *err);
imi_status imi_sqlite_update_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, const imi_session_extras *extras,
                                     imi_error *err);
imi_status imi_sqlite_get_session(imi_store *self, const char *session_id, imi_session_record *out,
                                  imi_error *err);
imi_status imi_sqlite_find_session_by_request(imi_store *self, const char *relying_party,
                                              const char *request_id, imi_session_record *out,
                                              imi_error *err);
imi_status imi_sqlite_find_session_by_token(imi_store *self, const char *token_id,
                                            imi_session_record *out, imi_error *err);
imi_status imi_sqlite_get_token(imi_store *self, const char *session_id, imi_buffer *token_out,
                                imi_error *err);
imi_status imi_sqlite_list_events(imi_store *self, const char *session_id, int64_t after,
                                  imi_event_record *out, size_t capacity, size_t *count_out,
                                  imi_error *err);
imi_status imi_sqlite_begin_attempt(imi_store *self, const imi_attempt_record *record,
                                    int64_t since_ms, imi_attempt_gate gate, void *user,
                                    bool *admitted_out, imi_error *err);
imi_status imi_sqlite_list_expired(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                                   size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_visit_references(imi_store *self, const imi_reference_query *query,
                                       imi_reference_visit visit, void *user, imi_error *err);
imi_status imi_sqlite_count_references(imi_store *self, const char *model_version,
                                       int64_t *references_out, int64_t *subjects_out,
                                       imi_error *err);
imi_status imi_sqlite_put_statistics(imi_store *self, const char *reference_id,
                                     imi_view statistics_blob, imi_error *err);
imi_status imi_sqlite_put_cohort(imi_store *self, const imi_cohort_record *record,
                                 const char (*reference_ids)[IMI_ID_SIZE], size_t count,
                                 imi_error *err);
imi_status imi_sqlite_visit_newest_cohort(imi_store *self, const char *model_version,
                                          imi_cohort_record *out, imi_reference_visit visit,
                                          void *user, imi_error *err);
imi_status imi_sqlite_visit_scores(imi_store *self, const char *purpose, int64_t since_ms,
                                   imi_score_visit visit, void *user, imi_error *err);
imi_status imi_sqlite_put_calibration(imi_store *self, const imi_calibration_record *record,
                                      imi_view json, const imi_audit_record *audit, imi_error *err);
imi_status imi_sqlite_get_calibration(imi_store *self, const char *calibration_id,
                                      imi_calibration_record *out, imi_buffer *json_out,
                                      imi_error *err);
imi_status imi_sqlite_put_duplicates(imi_store *self, const imi_duplicate_record *records,
                                     size_t count, imi_error *err);
imi_status imi_sqlite_list_duplicates(imi_store *self, bool open_only, size_t skip,
                                      imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                      imi_error *err);
imi_status imi_sqlite_review_duplicate(imi_store *self, const imi_duplicate_record *record,
                                       const imi_audit_record *audit, imi_error *err);
imi_status imi_sqlite_put_points(imi_store *self, imi_point_record *records, size_t count,
                                 const imi_audit_record *audit, const imi_leaf_draft *leaf,
                                 imi_error *err);
imi_status imi_sqlite_get_point(imi_store *self, const char *point_id, imi_point_record *out,
                                imi_error *err);
imi_status imi_sqlite_list_points(imi_store *self, const char *purpose, imi_point_record *out,
                                  size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_append_audit(imi_store *self, const imi_audit_record *audit,
                                   const imi_leaf_draft *leaf, imi_error *err);
imi_status imi_sqlite_list_audit(imi_store *self, int64_t after, imi_audit_record *out,
                                 size_t capacity, size_t *count_out, imi_error *err);

#endif
