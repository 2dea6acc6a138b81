#include "sqlite.h"

#include <stdint.h>

static imi_status check_decision(imi_decision decision, imi_error *err)
{
    if (decision < IMI_DECISION_NONE || decision > IMI_DECISION_REVIEW) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a decision", (int)decision);
    }
    return IMI_OK;
}

imi_status imi_store_add_score(imi_connection *connection, const char *session_id,
                               const imi_score_record *score, imi_error *err)
{
    IMI_TRY(check_decision(score->decision, err));
    IMI_TRY(check_decision(score->shadow_decision, err));
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_SCORE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, session_id, IMI_ID_SIZE);
    imi_bind_integer(&binder, score->at_ms);
    IMI_BIND_ARRAY(&binder, score->purpose);
    IMI_BIND_ARRAY(&binder, score->model_version);
    imi_bind_real(&binder, score->raw_similarity);
    imi_bind_real(&binder, score->normalised_similarity);
    IMI_BIND_ARRAY(&binder, score->cohort_id);
    imi_bind_integer(&binder, score->decisive);
    imi_bind_integer(&binder, score->decision);
    IMI_BIND_ARRAY(&binder, score->operating_point);
    IMI_BIND_ARRAY(&binder, score->shadow_point);
    imi_bind_integer(&binder, score->shadow_decision);
    return imi_binder_run(&binder, err);
}

static imi_status read_score(sqlite3_stmt *statement, imi_score_record *out, imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->session_id);
    out->at_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->purpose);
    IMI_READ_ARRAY(&columns, out->model_version);
    out->raw_similarity = imi_read_real(&columns);
    out->normalised_similarity = imi_read_real(&columns);
    IMI_READ_ARRAY(&columns, out->cohort_id);
    out->decisive = imi_read_flag(&columns);
    out->decision =
        (imi_decision)imi_read_integer(&columns, IMI_DECISION_NONE, IMI_DECISION_REVIEW);
    IMI_READ_ARRAY(&columns, out->operating_point);
    IMI_READ_ARRAY(&columns, out->shadow_point);
    out->shadow_decision =
        (imi_decision)imi_read_integer(&columns, IMI_DECISION_NONE, IMI_DECISION_REVIEW);
    out->subject_verified = imi_read_flag(&columns);
    return imi_columns_end(&columns, err);
}

static imi_status visit_since(imi_connection *connection, const char *purpose, int64_t since_ms,
                              imi_score_visit visit, void *user, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_VISIT_SCORES, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_text(&binder, purpose, IMI_STORE_NAME_SIZE);
    imi_bind_integer(&binder, since_ms);
    IMI_TRY(imi_binder_end(&binder, err));
    for (;;) {
        bool found = false;
        imi_score_record record = {0};
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (!found) {
            return IMI_OK;
        }
        IMI_TRY(read_score(statement, &record, err));
        IMI_TRY(visit(user, &record, err));
    }
}

imi_status imi_sqlite_visit_scores(imi_store *self, const char *purpose, int64_t since_ms,
                                   imi_score_visit visit, void *user, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = visit_since(reader, purpose, since_ms, visit, user, err);
    imi_store_give_reader(store, reader);
    return status;
}
