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

static void read_duplicate(imi_columns *columns, void *row)
{
    imi_duplicate_record *out = row;
    IMI_READ_ARRAY(columns, out->reference_a);
    IMI_READ_ARRAY(columns, out->reference_b);
    out->found_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    out->fmr = imi_read_real(columns);
    IMI_READ_ARRAY(columns, out->verdict);
    IMI_READ_ARRAY(columns, out->reviewed_by);
    out->reviewed_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->note);
}

typedef struct duplicates_key {
    bool open_only;
    size_t skip;
} duplicates_key;

static void bind_duplicates(imi_binder *binder, const void *key)
{
    const duplicates_key *wanted = key;
    imi_bind_integer(binder, wanted->open_only);
    imi_bind_integer(binder, imi_limit_of(wanted->skip));
}

imi_status imi_sqlite_list_duplicates(imi_store *self, bool open_only, size_t skip,
                                      imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                      imi_error *err)
{
    const duplicates_key key = {open_only, skip};
    const imi_listing listing = {IMI_SQL_LIST_DUPLICATES, bind_duplicates, &key, read_duplicate,
                                 sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
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
