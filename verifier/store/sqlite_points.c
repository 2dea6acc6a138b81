#include "sqlite_trust.h"

#include "imi/memory.h"

#include <math.h>
#include <stdint.h>

enum { SCORE_KIND_MAX = 2 };

typedef struct points_work {
    imi_point_record *records;
    size_t count;
    const imi_audit_record *audit;
    imi_leaf *leaf;
} points_work;

static imi_status check_point(const imi_point_record *record, imi_error *err)
{
    if (record->point_id[0] == '\0' || record->purpose[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an operating point needs an id and a purpose");
    }
    if (record->state <= IMI_POINT_NONE || record->state > IMI_POINT_WITHDRAWN) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a state of an operating point",
                 (int)record->state);
    }
    if (record->score_kind < 1 || record->score_kind > SCORE_KIND_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%d is not a kind of score", record->score_kind);
    }
    if (!(record->target_fmr > 0 && record->target_fmr < 1)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a target false match rate lies between 0 and 1");
    }
    if (!isfinite(record->threshold)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an operating point needs a threshold");
    }
    return IMI_OK;
}

static void bind_proposal(imi_binder *binder, const imi_point_record *record)
{
    IMI_BIND_ARRAY(binder, record->point_id);
    imi_bind_integer(binder, 1);
    IMI_BIND_ARRAY(binder, record->purpose);
    imi_bind_real(binder, record->target_fmr);
    IMI_BIND_ARRAY(binder, record->calibration_id);
    imi_bind_integer(binder, record->score_kind);
    imi_bind_real(binder, record->threshold);
    imi_bind_real(binder, record->fmr);
    imi_bind_real(binder, record->fmr_low);
    imi_bind_real(binder, record->fmr_high);
    imi_bind_real(binder, record->fnmr);
    imi_bind_real(binder, record->fnmr_low);
    imi_bind_real(binder, record->fnmr_high);
    imi_bind_integer(binder, record->comparisons);
    imi_bind_integer(binder, record->mated);
}

static imi_status add_point(imi_connection *connection, const imi_point_record *record,
                            imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_ADD_POINT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    bind_proposal(&binder, record);
    imi_bind_integer(&binder, record->state);
    imi_bind_integer(&binder, record->shadow);
    IMI_BIND_ARRAY(&binder, record->proposed_by);
    IMI_BIND_ARRAY(&binder, record->approved_by);
    imi_bind_integer(&binder, record->proposed_ms);
    imi_bind_integer(&binder, record->approved_ms);
    imi_bind_integer(&binder, record->activated_ms);
    imi_bind_integer(&binder, record->retired_ms);
    return imi_binder_run(&binder, err);
}

static imi_status find_point(imi_connection *connection, const char *point_id,
                             imi_point_record *out, imi_error *err);

static imi_status update_point(imi_connection *connection, const imi_point_record *record,
                               imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_UPDATE_POINT, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, record->state);
    imi_bind_integer(&binder, record->shadow);
    IMI_BIND_ARRAY(&binder, record->approved_by);
    imi_bind_integer(&binder, record->approved_ms);
    imi_bind_integer(&binder, record->activated_ms);
    imi_bind_integer(&binder, record->retired_ms);
    IMI_BIND_ARRAY(&binder, record->point_id);
    imi_bind_integer(&binder, record->version);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        imi_point_record stored = {0};
        IMI_TRY(find_point(connection, record->point_id, &stored, err));
        IMI_FAIL(err, IMI_E_CONFLICT, "the operating point was changed meanwhile: read it again");
    }
    return IMI_OK;
}

static bool takes_a_place(const imi_point_record *record)
{
    return record->state == IMI_POINT_ACTIVE || record->shadow;
}

/* A purpose has one active and one shadow place: whoever leaves goes before whoever comes. */
static imi_status put_points(imi_connection *connection, void *argument, imi_error *err)
{
    const points_work *work = argument;
    for (int taking = 0; taking <= 1; taking++) {
        for (size_t i = 0; i < work->count; i++) {
            const imi_point_record *record = &work->records[i];
            if (takes_a_place(record) == (taking == 1)) {
                IMI_TRY(record->version == 0 ? add_point(connection, record, err)
                                             : update_point(connection, record, err));
            }
        }
    }
    IMI_TRY(imi_store_add_audit(connection, work->audit, err));
    return imi_store_add_leaf(connection, work->leaf, err);
}

imi_status imi_sqlite_put_points(imi_store *self, imi_point_record *records, size_t count,
                                 const imi_audit_record *audit, const imi_leaf_draft *leaf,
                                 imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(check_point(&records[i], err));
    }
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    IMI_AUTO_LEAF prepared = IMI_LEAF_INIT;
    IMI_TRY(imi_store_prepare_leaf(store, leaf, &prepared, err));
    points_work work = {records, count, audit, &prepared};
    IMI_TRY(imi_store_write(store, put_points, &work, err));
    for (size_t i = 0; i < count; i++) {
        records[i].version++;
    }
    return IMI_OK;
}

static void read_point(imi_columns *columns, void *row)
{
    imi_point_record *out = row;
    IMI_READ_ARRAY(columns, out->point_id);
    out->version = imi_read_integer(columns, 1, INT64_MAX);
    IMI_READ_ARRAY(columns, out->purpose);
    out->target_fmr = imi_read_real(columns);
    IMI_READ_ARRAY(columns, out->calibration_id);
    out->score_kind = (int32_t)imi_read_integer(columns, 1, SCORE_KIND_MAX);
    out->threshold = imi_read_real(columns);
    out->fmr = imi_read_real(columns);
    out->fmr_low = imi_read_real(columns);
    out->fmr_high = imi_read_real(columns);
    out->fnmr = imi_read_real(columns);
    out->fnmr_low = imi_read_real(columns);
    out->fnmr_high = imi_read_real(columns);
    out->comparisons = imi_read_integer(columns, 0, INT64_MAX);
    out->mated = imi_read_integer(columns, 0, INT64_MAX);
    out->state =
        (imi_point_state)imi_read_integer(columns, IMI_POINT_PROPOSED, IMI_POINT_WITHDRAWN);
    out->shadow = imi_read_flag(columns);
    IMI_READ_ARRAY(columns, out->proposed_by);
    IMI_READ_ARRAY(columns, out->approved_by);
    out->proposed_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->approved_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->activated_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->retired_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
}

static imi_status find_point(imi_connection *connection, const char *point_id,
                             imi_point_record *out, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_GET_POINT, &statement, err));
    IMI_TRY(imi_bind_one_text(statement, point_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such operating point");
    }
    imi_columns columns = imi_columns_start(statement);
    read_point(&columns, out);
    return imi_columns_end(&columns, err);
}

imi_status imi_sqlite_get_point(imi_store *self, const char *point_id, imi_point_record *out,
                                imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    imi_point_record record = {0};
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = find_point(reader, point_id, &record, err);
    imi_store_give_reader(store, reader);
    *out = status == IMI_OK ? record : (imi_point_record){0};
    return status;
}

static void bind_purpose(imi_binder *binder, const void *key)
{
    imi_bind_text(binder, key, IMI_STORE_NAME_SIZE);
}

imi_status imi_sqlite_list_points(imi_store *self, const char *purpose, imi_point_record *out,
                                  size_t capacity, size_t *count_out, imi_error *err)
{
    const imi_listing listing = {IMI_SQL_LIST_POINTS, bind_purpose, purpose, read_point,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}
