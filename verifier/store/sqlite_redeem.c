#include "sqlite_trust.h"

#include "imi/memory.h"

#include <stdint.h>
#include <string.h>

typedef struct redeem_work {
    const imi_redemption_record *record;
    imi_leaf *leaf;
    imi_redemption_outcome outcome;
    imi_redemption_record held;
} redeem_work;

static imi_status find_redemption(imi_connection *connection, const char *token_id,
                                  imi_redemption_record *out, bool *found_out, imi_error *err)
{
    *found_out = false;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_REDEMPTION, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, token_id, IMI_ID_SIZE, err));
    bool row = false;
    IMI_TRY(imi_statement_step(statement, &row, err));
    if (!row) {
        return IMI_OK;
    }
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->token_id);
    IMI_READ_ARRAY(&columns, out->relying_party);
    IMI_READ_ARRAY(&columns, out->request_id);
    out->at_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_TRY(imi_columns_end(&columns, err));
    *found_out = true;
    return IMI_OK;
}

static imi_status add_redemption(imi_connection *connection, const imi_redemption_record *record,
                                 imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_REDEMPTION, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->token_id);
    IMI_BIND_ARRAY(&binder, record->relying_party);
    IMI_BIND_ARRAY(&binder, record->request_id);
    imi_bind_integer(&binder, record->at_ms);
    return imi_binder_run(&binder, err);
}

static bool is_same_request(const imi_redemption_record *a, const imi_redemption_record *b)
{
    return a->request_id[0] != '\0' &&
           strncmp(a->request_id, b->request_id, sizeof a->request_id) == 0 &&
           strncmp(a->relying_party, b->relying_party, sizeof a->relying_party) == 0;
}

/* Looking and redeeming happen under SQLite's one write lock: nobody comes in between. */
static imi_status redeem(imi_connection *connection, void *argument, imi_error *err)
{
    redeem_work *work = argument;
    const imi_redemption_record *record = work->record;
    imi_status_record status = {0};
    bool redeemed = false, listed = false;
    IMI_TRY(find_redemption(connection, record->token_id, &work->held, &redeemed, err));
    if (redeemed) {
        work->outcome =
            is_same_request(record, &work->held) ? IMI_REDEMPTION_REPEATED : IMI_REDEMPTION_ALREADY;
        return IMI_OK;
    }
    IMI_TRY(imi_store_find_status(connection, record->token_id, &status, &listed, err));
    if (listed && status.status != IMI_TOKEN_VALID) {
        work->outcome = IMI_REDEMPTION_NOT_VALID;
        return IMI_OK;
    }
    IMI_TRY(add_redemption(connection, record, err));
    IMI_TRY(imi_store_add_leaf(connection, work->leaf, err));
    work->held = *record;
    work->outcome = IMI_REDEMPTION_NOW;
    return IMI_OK;
}

imi_status imi_sqlite_redeem_token(imi_store *self, const imi_redemption_record *record,
                                   const imi_leaf_draft *leaf, imi_redemption_outcome *outcome_out,
                                   imi_redemption_record *held_out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    *outcome_out = IMI_REDEMPTION_NONE;
    *held_out = (imi_redemption_record){0};
    if (record->token_id[0] == '\0' || record->relying_party[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a redemption needs a token and a relying party");
    }
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    redeem_work work = {.record = record, .leaf = &prepared};
    IMI_TRY(imi_store_write(store, redeem, &work, err));
    *outcome_out = work.outcome;
    *held_out = work.held;
    return IMI_OK;
}

imi_status imi_sqlite_get_redemption(imi_store *self, const char *token_id,
                                     imi_redemption_record *out, imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_redemption_record record = {0};
    bool found = false;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = find_redemption(reader, token_id, &record, &found, err);
    imi_store_give_reader(store, reader);
    *out = (imi_redemption_record){0};
    IMI_TRY(status);
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the token was not redeemed");
    }
    *out = record;
    return IMI_OK;
}
