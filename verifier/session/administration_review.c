/*
 * What administrators look into: the audit trail, likely duplicates, the cohort's numbers.
 */
#include "administration_internal.h"

#include <string.h>

imi_status imi_administration_list_audit(imi_administration *self, const char *name, int64_t after,
                                         imi_audit_record *out, size_t capacity, size_t *count_out,
                                         imi_error *err)
{
    *count_out = 0;
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_store *store = self->options.store;
    return store->list_audit(store, after, out, capacity, count_out, err);
}

/* A reference may have been erased since: its pair is shown without the name. */
static imi_status fill_subject(imi_administration *self, const char *reference_id,
                               char subject_out[IMI_STORE_NAME_SIZE], imi_error *err)
{
    imi_store *store = self->options.store;
    imi_reference_record record = {0};
    subject_out[0] = '\0';
    imi_status status = store->get_reference(store, reference_id, &record, NULL, err);
    if (status == IMI_OK) {
        imi_copy_text(subject_out, IMI_STORE_NAME_SIZE, record.subject_id);
    }
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

imi_status imi_administration_list_duplicates(imi_administration *self, const char *name,
                                              bool open_only, size_t skip, imi_duplicate_view *out,
                                              size_t capacity, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_duplicate_record *records = imi_alloc_array(capacity, sizeof *records);
    if (records == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of duplicates");
    }
    imi_store *store = self->options.store;
    size_t count = 0;
    imi_status status =
        store->list_duplicates(store, open_only, skip, records, capacity, &count, err);
    for (size_t i = 0; status == IMI_OK && i < count; i++) {
        out[i] = (imi_duplicate_view){.record = records[i]};
        status = fill_subject(self, records[i].reference_a, out[i].subject_a, err);
        if (status == IMI_OK) {
            status = fill_subject(self, records[i].reference_b, out[i].subject_b, err);
        }
    }
    imi_free(records);
    IMI_TRY(status);
    *count_out = count;
    return IMI_OK;
}

static bool is_verdict(const char *text)
{
    return strcmp(text, "same_person") == 0 || strcmp(text, "different_people") == 0 ||
           strcmp(text, "registry_error") == 0;
}

imi_status imi_administration_review_duplicate(imi_administration *self, const char *name,
                                               const imi_duplicate_review *review, imi_error *err)
{
    IMI_TRY(imi_administration_admit(self, name, err));
    if (!is_verdict(review->verdict)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a verdict is same_person, different_people or registry_error");
    }
    bool in_order = strcmp(review->reference_a, review->reference_b) < 0;
    const char *first = in_order ? review->reference_a : review->reference_b;
    const char *second = in_order ? review->reference_b : review->reference_a;
    imi_duplicate_record record = {.reviewed_ms = imi_administration_now_ms(self)};
    if (!imi_copy_text(record.reference_a, sizeof record.reference_a, first) ||
        !imi_copy_text(record.reference_b, sizeof record.reference_b, second)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such pair");
    }
    if (!imi_copy_text(record.note, sizeof record.note, review->note)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a note has at most %zu bytes",
                 sizeof record.note - 1);
    }
    imi_copy_text(record.verdict, sizeof record.verdict, review->verdict);
    imi_copy_text(record.reviewed_by, sizeof record.reviewed_by, name);
    imi_audit_record audit;
    imi_administration_describe(self, &audit, name, "duplicate.review", first, "%s: %s", second,
                                review->verdict);
    imi_store *store = self->options.store;
    imi_status status = store->review_duplicate(store, &record, &audit, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such pair");
    }
    return status;
}

static imi_status count_member(void *user, const imi_reference_record *record,
                               imi_view template_blob, imi_view statistics_blob, imi_error *err)
{
    (void)record;
    (void)template_blob;
    (void)statistics_blob;
    (void)err;
    *(size_t *)user += 1;
    return IMI_OK;
}

imi_status imi_administration_cohort(imi_administration *self, const char *name,
                                     imi_cohort_summary *out, imi_error *err)
{
    *out = (imi_cohort_summary){.size = 0};
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_store *store = self->options.store;
    const char *version = self->options.model_version;
    int64_t references = 0;
    IMI_TRY(store->count_references(store, version, &references, &out->enrolled, err));
    imi_status status =
        store->visit_newest_cohort(store, version, &out->record, count_member, &out->size, err);
    if (status == IMI_E_NOT_FOUND) {
        out->record = (imi_cohort_record){.population = 0};
        return IMI_OK;
    }
    return status;
}
