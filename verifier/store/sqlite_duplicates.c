#include "sqlite.h"

#include <stdint.h>
#include <string.h>

typedef struct duplicates_work {
    const imi_duplicate_record *records;
    size_t count;
} duplicates_work;

static imi_status put_one(imi_connection *connection, const imi_duplicate_record *record,
                          imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_PUT_DUPLICATE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->reference_a);
    IMI_BIND_ARRAY(&binder, record->reference_b);
    imi_bind_integer(&binder, record->found_ms);
    imi_bind_real(&binder, record->fmr);
    return imi_binder_run(&binder, err);
}

static imi_status put_all(imi_connection *connection, void *argument, imi_error *err)
{
    const duplicates_work *work = argument;
    for (size_t i = 0; i < work->count; i++) {
        IMI_TRY(put_one(connection, &work->records[i], err));
    }
    return IMI_OK;
}

imi_status imi_sqlite_put_duplicates(imi_store *self, const imi_duplicate_record *records,
                                     size_t count, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(records[i].reference_a, records[i].reference_b, IMI_ID_SIZE) >= 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the references of a pair are not in order");
        }
    }
    duplicates_work work = {records, count};
    return count == 0 ? IMI_OK : imi_store_write((imi_store_sqlite *)self, put_all, &work, err);
}

static imi_status read_duplicate(sqlite3_stmt *statement, imi_duplicate_record *out, imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    IMI_READ_ARRAY(&columns, out->reference_a);
    IMI_READ_ARRAY(&columns, out->reference_b);
    out->found_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    out->fmr = imi_read_real(&columns);
    IMI_READ_ARRAY(&columns, out->verdict);
    IMI_READ_ARRAY(&columns, out->reviewed_by);
    out->reviewed_ms = imi_read_integer(&columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(&columns, out->note);
    return imi_columns_end(&columns, err);
}

static imi_status select_duplicates(imi_connection *connection, bool open_only, size_t skip,
                                    imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                    imi_error *err)
{
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_LIST_DUPLICATES, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    imi_bind_integer(&binder, open_only);
    imi_bind_integer(&binder, imi_limit_of(capacity));
    imi_bind_integer(&binder, imi_limit_of(skip));
    IMI_TRY(imi_binder_end(&binder, err));
    size_t count = 0;
    for (bool found = true; found && count < capacity;) {
        IMI_TRY(imi_statement_step(statement, &found, err));
        if (found) {
            IMI_TRY(read_duplicate(statement, &out[count++], err));
        }
    }
    *count_out = count;
    return IMI_OK;
}

imi_status imi_sqlite_list_duplicates(imi_store *self, bool open_only, size_t skip,
                                      imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                      imi_error *err)
{
    imi_store_sqlite *store = (imi_store_sqlite *)self;
    *count_out = 0;
    imi_connection *reader = imi_store_take_reader(store);
    imi_status status = select_duplicates(reader, open_only, skip, out, capacity, count_out, err);
    imi_store_give_reader(store, reader);
    return status;
}

typedef struct review_work {
    const imi_duplicate_record *record;
    const imi_audit_record *audit;
} review_work;

static imi_status review(imi_connection *connection, void *argument, imi_error *err)
{
    const review_work *work = argument;
    const imi_duplicate_record *record = work->record;
    IMI_AUTO_STATEMENT statement = NULL;
    IMI_TRY(imi_statement_get(connection, IMI_SQL_REVIEW_DUPLICATE, &statement, err));
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, record->verdict);
    IMI_BIND_ARRAY(&binder, record->reviewed_by);
    imi_bind_integer(&binder, record->reviewed_ms);
    IMI_BIND_ARRAY(&binder, record->note);
    IMI_BIND_ARRAY(&binder, record->reference_a);
    IMI_BIND_ARRAY(&binder, record->reference_b);
    IMI_TRY(imi_binder_run(&binder, err));
    if (sqlite3_changes(connection->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such pair of duplicates");
    }
    return imi_store_add_audit(connection, work->audit, err);
}

static bool is_verdict(const char *text)
{
    static const char *const verdicts[] = {"same_person", "different_people", "registry_error"};
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (strncmp(text, verdicts[i], sizeof((imi_duplicate_record *)0)->verdict) == 0) {
            return true;
        }
    }
    return false;
}

imi_status imi_sqlite_review_duplicate(imi_store *self, const imi_duplicate_record *record,
                                       const imi_audit_record *audit, imi_error *err)
{
    if (!is_verdict(record->verdict)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a verdict is same_person, different_people or registry_error");
    }
    review_work work = {record, audit};
    return imi_store_write((imi_store_sqlite *)self, review, &work, err);
}
