/**
 * What the files of the SQLite store share: connections, statements, binding and reading.
 *
 * One connection writes, guarded by a mutex; a few read beside it, which WAL allows. Every
 * statement is prepared once a connection and kept.
 */
#ifndef IMI_STORE_SQLITE_H
#define IMI_STORE_SQLITE_H

#include "imi/store.h"

#include <pthread.h>
#include <sqlite3.h>

/** Statements that are kept prepared; texts in sqlite_statements.c. */
typedef enum imi_sql {
    IMI_SQL_BEGIN = 0,
    IMI_SQL_COMMIT,
    IMI_SQL_ROLLBACK,
    IMI_SQL_PUT_REFERENCE,
    IMI_SQL_GET_REFERENCE,
    IMI_SQL_DELETE_REFERENCE,
    IMI_SQL_ADD_ERASURE,
    IMI_SQL_FIND_ERASURE,
    IMI_SQL_END_ERASURE,
    IMI_SQL_VISIT_REFERENCES,
    IMI_SQL_VISIT_OF_SUBJECT,
    IMI_SQL_VISIT_OF_PARENT,
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

/** Translate a result code of SQLite. Use through IMI_SQLITE_FAIL. */
imi_status imi_sqlite_error_set(imi_error *err, sqlite3 *db, int code, const char *file, int line,
                                const char *what);

#define IMI_SQLITE_FAIL(err, db, code, what)                                                       \
    return imi_sqlite_error_set((err), (db), (code), __FILE__, __LINE__, (what))

/** Give SQLite the product's allocator, once a process, before it is first used. */
IMI_MUST_USE imi_status imi_sqlite_prepare_library(imi_error *err);

/** Bring the schema to the present version; refuse foreign and newer files. */
IMI_MUST_USE imi_status imi_sqlite_migrate(sqlite3 *db, imi_error *err);

/** A kept statement, prepared at first use; reset and unbound when its scope ends. */
IMI_MUST_USE imi_status imi_statement_get(imi_connection *connection, imi_sql sql,
                                          sqlite3_stmt **out, imi_error *err);
/** Run a statement that gives no row and takes no value. */
IMI_MUST_USE imi_status imi_statement_run(imi_connection *connection, imi_sql sql, imi_error *err);
/** Advance: found_out tells whether there is a row. */
IMI_MUST_USE imi_status imi_statement_step(sqlite3_stmt *statement, bool *found_out,
                                           imi_error *err);

static inline void imi_statement_release_(sqlite3_stmt **statement)
{
    if (*statement != NULL) {
        sqlite3_reset(*statement);
        sqlite3_clear_bindings(*statement);
    }
}

#define IMI_AUTO_STATEMENT __attribute__((cleanup(imi_statement_release_))) sqlite3_stmt *

/** Binds values in order; the first failure sticks and is reported by imi_binder_end. */
typedef struct imi_binder {
    sqlite3_stmt *statement;
    int at;
    int code;
    bool invalid; /* a text was not terminated or not UTF-8 */
} imi_binder;

imi_binder imi_binder_start(sqlite3_stmt *statement);
/** text: in an array of capacity bytes. Borrowed until the statement is released. */
void imi_bind_text(imi_binder *binder, const char *text, size_t capacity);
void imi_bind_blob(imi_binder *binder, imi_view bytes);
void imi_bind_integer(imi_binder *binder, int64_t value);
/** NaN becomes NULL. */
void imi_bind_real(imi_binder *binder, double value);
/** Errors: IMI_E_INVALID_ARGUMENT for bad text. */
IMI_MUST_USE imi_status imi_binder_end(imi_binder *binder, imi_error *err);

/** Bind the one value that a statement takes. */
IMI_MUST_USE imi_status imi_bind_one_text(sqlite3_stmt *statement, const char *text,
                                          size_t capacity, imi_error *err);

#define IMI_BIND_ARRAY(binder, array) imi_bind_text((binder), (array), sizeof(array))

/** Reads the columns of a row in order; what does not fit marks the record as damaged. */
typedef struct imi_columns {
    sqlite3_stmt *statement;
    int at;
    bool damaged;
} imi_columns;

imi_columns imi_columns_start(sqlite3_stmt *statement);
void imi_read_text(imi_columns *columns, char *out, size_t capacity);
/** Exactly what a digest takes. */
void imi_read_hash(imi_columns *columns, uint8_t hash[IMI_STORE_HASH_SIZE]);
/** 0 or 1. */
bool imi_read_flag(imi_columns *columns);
/** At most capacity bytes; the rest of out stays. */
void imi_read_blob(imi_columns *columns, uint8_t *out, size_t capacity, size_t *size_out);
int64_t imi_read_integer(imi_columns *columns, int64_t low, int64_t high);
/** NULL becomes NaN. */
double imi_read_real(imi_columns *columns);
/** Borrowed until the statement moves on; NULL becomes empty. */
imi_view imi_read_view(imi_columns *columns);
/** Errors: IMI_E_STORE_CORRUPT if any column was damaged. */
IMI_MUST_USE imi_status imi_columns_end(const imi_columns *columns, imi_error *err);

#define IMI_READ_ARRAY(columns, array) imi_read_text((columns), (array), sizeof(array))

/** A LIMIT: what does not fit is as good as no limit. */
static inline int64_t imi_limit_of(size_t capacity)
{
    return capacity > INT32_MAX ? INT32_MAX : (int64_t)capacity;
}

enum { IMI_STORE_READERS = 4 };

typedef struct imi_store_sqlite {
    imi_store base;
    pthread_mutex_t write_mutex; /* guards writer for a whole transaction */
    imi_connection writer;
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

/** Work inside one write transaction; any failure undoes all of it. */
typedef imi_status (*imi_transaction)(imi_connection *connection, void *work, imi_error *err);
IMI_MUST_USE imi_status imi_store_write(imi_store_sqlite *store, imi_transaction transaction,
                                        void *work, imi_error *err);

/** Append the next event of a session, inside a transaction; fills session_id and sequence. */
IMI_MUST_USE imi_status imi_store_add_event(imi_connection *connection, const char *session_id,
                                            imi_event_record *event, imi_error *err);

/** The columns of a reference, in order; the template comes behind them. */
void imi_read_reference(imi_columns *columns, imi_reference_record *out);
/** Run a statement whose rows are visited references and hand them on. */
IMI_MUST_USE imi_status imi_store_visit_rows(sqlite3_stmt *statement, imi_reference_visit visit,
                                             void *user, imi_error *err);
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

/** Finish erasures that were interrupted; writer locked or not shared yet. */
IMI_MUST_USE imi_status imi_store_finish_erasures(imi_store_sqlite *store, imi_error *err);

/* The interface's functions, by subject. */
imi_status imi_sqlite_put_reference(imi_store *self, const imi_reference_record *record,
                                    imi_view template_blob, imi_error *err);
imi_status imi_sqlite_get_reference(imi_store *self, const char *reference_id,
                                    imi_reference_record *out, imi_buffer *template_out,
                                    imi_error *err);
imi_status imi_sqlite_delete_reference(imi_store *self, const char *reference_id, imi_error *err);
imi_status imi_sqlite_create_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, imi_error *err);
imi_status imi_sqlite_update_session(imi_store *self, imi_session_record *record,
                                     imi_event_record *event, imi_view token,
                                     const imi_score_record *score, imi_error *err);
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
                                 const imi_audit_record *audit, imi_error *err);
imi_status imi_sqlite_get_point(imi_store *self, const char *point_id, imi_point_record *out,
                                imi_error *err);
imi_status imi_sqlite_list_points(imi_store *self, const char *purpose, imi_point_record *out,
                                  size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_append_audit(imi_store *self, const imi_audit_record *audit, imi_error *err);
imi_status imi_sqlite_list_audit(imi_store *self, int64_t after, imi_audit_record *out,
                                 size_t capacity, size_t *count_out, imi_error *err);

#endif
