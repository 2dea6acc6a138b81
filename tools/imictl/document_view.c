#include "document_view.h"

#include <math.h>
#include <stdio.h>

static json_t *reasons_json(const imi_document *document)
{
    json_t *list = json_array();
    for (int i = 0; i < IMI_DOCUMENT_REASON_COUNT; i++) {
        if (imi_document_has(document, (imi_document_reason)i)) {
            json_array_append_new(list,
                                  json_string(imi_document_reason_name((imi_document_reason)i)));
        }
    }
    return list;
}

static json_t *fields_json(const imi_document *document)
{
    json_t *object = json_object();
    for (int i = 0; i < IMI_FIELD_COUNT; i++) {
        const imi_document_value *value = &document->fields[i];
        if (value->source != IMI_SOURCE_NONE) {
            json_object_set_new(object, imi_document_field_name((imi_document_field)i),
                                json_pack("{s:s, s:s, s:s}", "text", value->text, "source",
                                          imi_field_source_name(value->source), "check",
                                          imi_check_state_name(value->check)));
        }
    }
    return object;
}

static json_t *claims_json(const imi_document *document)
{
    json_t *object = json_object();
    for (int i = 0; i < IMI_CLAIM_COUNT; i++) {
        if (document->matches[i] != IMI_DATA_NOT_CLAIMED) {
            json_object_set_new(object, imi_claim_name((imi_claim)i),
                                json_string(imi_data_match_name(document->matches[i])));
        }
    }
    return object;
}

static json_t *corrections_json(const imi_mrz *mrz)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < mrz->correction_count && i < IMI_MRZ_CORRECTIONS_MAX; i++) {
        const imi_mrz_correction *c = &mrz->corrections[i];
        const char read[2] = {c->read, '\0'};
        const char taken[2] = {c->taken, '\0'};
        json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:s}", "line", c->line + 1, "column",
                                              c->column + 1, "read", read, "taken", taken));
    }
    return list;
}

static json_t *zone_json(const imi_mrz *mrz)
{
    if (mrz->format == IMI_MRZ_NONE) {
        return json_null();
    }
    json_t *lines = json_array();
    for (uint32_t i = 0; i < mrz->line_count; i++) {
        json_array_append_new(lines, json_string(mrz->lines[i]));
    }
    const imi_mrz_checks *checks = &mrz->checks;
    return json_pack("{s:s, s:o, s:{s:s, s:s, s:s, s:s, s:s}, s:o, s:i}", "format",
                     imi_mrz_format_name(mrz->format), "lines", lines, "checks", "document_number",
                     imi_check_state_name(checks->document_number), "birth_date",
                     imi_check_state_name(checks->birth_date), "expiry_date",
                     imi_check_state_name(checks->expiry_date), "personal_number",
                     imi_check_state_name(checks->personal_number), "composite",
                     imi_check_state_name(checks->composite), "corrections", corrections_json(mrz),
                     "fillers_repaired", (int)mrz->fillers_repaired);
}

static json_t *portrait_json(const imi_document *document)
{
    if (!document->portrait_found) {
        return json_null();
    }
    const imi_face_box *box = &document->portrait;
    return json_pack("{s:f, s:f, s:f, s:f, s:s}", "left", (double)box->left, "top",
                     (double)box->top, "width", (double)box->width, "height", (double)box->height,
                     "quality", imi_capture_reason_name(document->portrait_reason));
}

json_t *imictl_document_json(const imi_document *document)
{
    return json_pack("{s:s, s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:f, s:f, s:f}", "kind",
                     imi_document_kind_name(document->kind), "accepted",
                     imi_document_is_accepted(document), "reasons", reasons_json(document),
                     "outline_found", document->outline_found, "portrait", portrait_json(document),
                     "fields", fields_json(document), "claims", claims_json(document), "mrz",
                     zone_json(&document->mrz), "glare", (double)document->glare, "colour",
                     (double)document->colour, "raster", (double)document->raster);
}

static void print_reasons(const imi_document *document)
{
    for (int i = 0; i < IMI_DOCUMENT_REASON_COUNT; i++) {
        if (imi_document_has(document, (imi_document_reason)i)) {
            const char *hint = i == IMI_DOCUMENT_COPY_OF_A_COPY ? " (a hint)" : "";
            printf("  %s%s\n", imi_document_reason_name((imi_document_reason)i), hint);
        }
    }
}

void imictl_document_print(const imi_document *document)
{
    printf("%s, %s\n", imi_document_kind_name(document->kind),
           imi_document_is_accepted(document) ? "accepted" : "not accepted");
    print_reasons(document);
    printf("  portrait: %s\n",
           document->portrait_found ? imi_capture_reason_name(document->portrait_reason) : "none");
    for (int i = 0; i < IMI_FIELD_COUNT; i++) {
        const imi_document_value *value = &document->fields[i];
        if (value->source != IMI_SOURCE_NONE) {
            printf("  %-16s %-32s %s, check digit %s\n",
                   imi_document_field_name((imi_document_field)i), value->text,
                   imi_field_source_name(value->source), imi_check_state_name(value->check));
        }
    }
    for (int i = 0; i < IMI_CLAIM_COUNT; i++) {
        if (document->matches[i] != IMI_DATA_NOT_CLAIMED) {
            printf("  claimed %s: %s\n", imi_claim_name((imi_claim)i),
                   imi_data_match_name(document->matches[i]));
        }
    }
    if (document->mrz.correction_count > 0 || document->mrz.fillers_repaired > 0) {
        printf("  zone: %u characters corrected, %u fillers repaired\n",
               document->mrz.correction_count, document->mrz.fillers_repaired);
    }
}
