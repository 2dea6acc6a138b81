#include "sqlite.h"

#include <stdint.h>

typedef struct attempt_work {
    const imi_attempt_record *record;
    int64_t since_ms;
    imi_attempt_gate gate;
    void *user;
    bool admitted;
} attempt_work;

static imi_view digest_of(const uint8_t digest[IMI_STORE_HASH_SIZE])
{
    return (imi_view){digest, IMI_STORE_HASH_SIZE};
}

static imi_status forget_before(imi_connection *connection, int64_t since_ms, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_FORGET_ATTEMPTS, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, since_ms);
    return imi_binder_run(&binder, err);
}

/* By subject or by device, as the statement has it. */
static imi_status tally(imi_connection *connection, imi_sql sql, const uint8_t *digest,
                        const attempt_work *work, imi_attempt_tally *out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, sql, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_blob(&binder, digest_of(digest));
    imi_bind_integer(&binder, work->since_ms);
    IMI_BIND_ARRAY(&binder, work->record->session_id);
    imi_bind_integer(&binder, work->record->number);
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_columns columns = imi_columns_start(statement);
    out->count = (uint32_t)imi_read_integer(&columns, 0, UINT32_MAX);
    out->last_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    return imi_columns_end(&columns, err);
}

static imi_status put(imi_connection *connection, const imi_attempt_record *record, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_ATTEMPT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->session_id);
    imi_bind_integer(&binder, record->number);
    imi_bind_blob(&binder, digest_of(record->subject));
    imi_bind_blob(&binder, digest_of(record->device));
    imi_bind_integer(&binder, record->at_ms);
    return imi_binder_run(&binder, err);
}

static imi_status begin(imi_connection *connection, void *argument, imi_error *err)
{
    attempt_work *work = argument;
    imi_attempt_tally subject = {0}, device = {0};
    IMI_TRY(forget_before(connection, work->since_ms, err));
    IMI_TRY(tally(connection, IMI_SQL_TALLY_SUBJECT, work->record->subject, work, &subject, err));
    IMI_TRY(tally(connection, IMI_SQL_TALLY_DEVICE, work->record->device, work, &device, err));
    work->admitted = work->gate(work->user, &subject, &device);
    return work->admitted ? put(connection, work->record, err) : IMI_OK;
}

imi_status imi_sqlite_begin_attempt(imi_store *self, const imi_attempt_record *record,
                                    int64_t since_ms, imi_attempt_gate gate, void *user,
                                    bool *admitted_out, imi_error *err)
{
    *admitted_out = false;
    if (record->session_id[0] == '\0' || record->number == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an attempt needs a session and a number from 1");
    }
    attempt_work work = {record, since_ms, gate, user, false};
    IMI_TRY(imi_store_write((imi_store_sqlite *)self, begin, &work, err));
    *admitted_out = work.admitted;
    return IMI_OK;
}

imi_status imi_store_end_attempt(imi_connection *connection, const imi_session_record *record,
                                 int64_t at_ms, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_END_ATTEMPT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, record->decision);
    imi_bind_integer(&binder, at_ms);
    IMI_BIND_ARRAY(&binder, record->session_id);
    imi_bind_integer(&binder, record->attempts);
    return imi_binder_run(&binder, err);
}
