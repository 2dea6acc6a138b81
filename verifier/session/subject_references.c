#include "subject_references.h"

#include "imi/memory.h"

#include <string.h>

typedef struct gathering {
    imi_subject_reference *out;
    bool has_primary;
    size_t additional;
} gathering;

static imi_status gather_primary(gathering *self, imi_view template_blob, imi_view statistics_blob,
                                 imi_error *err)
{
    self->has_primary = true;
    /* Statistics that cannot be read are measured again. */
    if (statistics_blob.size > 0 &&
        imi_cohort_statistics_decode(statistics_blob, &self->out->statistics, NULL) != IMI_OK) {
        self->out->statistics = (imi_cohort_statistics){.count = 0};
    }
    return imi_template_decode(template_blob, &self->out->templates[0], err);
}

static imi_status gather_additional(gathering *self, const imi_reference_record *record,
                                    imi_view template_blob, imi_error *err)
{
    imi_subject_reference *out = self->out;
    bool fits = strcmp(record->model_version, out->primary.model_version) == 0;
    if (!fits || self->additional == IMI_ADDITIONAL_REFERENCES_MAX) {
        return IMI_OK;
    }
    IMI_TRY(imi_template_decode(template_blob, &out->templates[1 + self->additional], err));
    self->additional++;
    if (record->created_ms > out->newest_ms) {
        out->newest_ms = record->created_ms;
    }
    return IMI_OK;
}

/* One of the subject's: they may have been enrolled more than once. */
static imi_status gather(void *user, const imi_reference_record *record, imi_view template_blob,
                         imi_view statistics_blob, imi_error *err)
{
    gathering *self = user;
    const char *primary_id = self->out->primary.reference_id;
    if (strcmp(record->reference_id, primary_id) == 0) {
        return gather_primary(self, template_blob, statistics_blob, err);
    }
    bool beside = strcmp(record->parent_id, primary_id) == 0;
    return beside ? gather_additional(self, record, template_blob, err) : IMI_OK;
}

static imi_status load(imi_store *store, const char *reference_id, imi_subject_reference *out,
                       imi_error *err)
{
    IMI_TRY(store->get_reference(store, reference_id, &out->primary, NULL, err));
    out->newest_ms = out->primary.created_ms;
    imi_reference_query query = {.limit = 0};
    imi_copy_text(query.relying_party, sizeof query.relying_party, out->primary.relying_party);
    imi_copy_text(query.subject_id, sizeof query.subject_id, out->primary.subject_id);
    gathering all = {.out = out};
    IMI_TRY(store->visit_references(store, &query, gather, &all, err));
    if (!all.has_primary) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the reference was erased meanwhile");
    }
    out->count = 1 + all.additional;
    return IMI_OK;
}

imi_status imi_subject_reference_load(imi_store *store, const char *reference_id,
                                      imi_subject_reference *out, imi_error *err)
{
    imi_subject_reference_wipe(out);
    imi_status status = load(store, reference_id, out, err);
    if (status != IMI_OK) {
        imi_subject_reference_wipe(out);
    }
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

void imi_subject_reference_wipe(imi_subject_reference *reference)
{
    imi_wipe(reference, sizeof *reference);
}
