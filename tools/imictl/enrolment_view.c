#include "enrolment_view.h"

#include "imictl.h"

#include <stdio.h>

static json_t *claims_json(const imi_backend_document *document)
{
    json_t *object = json_object();
    for (size_t i = 0; i < document->claim_count; i++) {
        const imi_backend_line *line = &document->claims[i];
        json_object_set_new(object, line->name, json_string(line->result));
    }
    return object;
}

static json_t *document_json(const imi_backend_document *document)
{
    json_t *reasons = json_array();
    for (size_t i = 0; i < document->reason_count; i++) {
        json_array_append_new(reasons, json_string(document->reasons[i]));
    }
    json_t *fields = json_object();
    for (size_t i = 0; i < document->field_count; i++) {
        const imi_backend_line *line = &document->fields[i];
        json_object_set_new(fields, line->name,
                            json_pack("{s:s, s:s}", "source", line->source, "check", line->result));
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "kind", document->kind, "reasons", reasons, "claims",
                     claims_json(document), "fields", fields);
}

static void print_json(const imi_backend_enrolment *result)
{
    json_t *object = json_pack("{s:b, s:s, s:s, s:f, s:f, s:s, s:s, s:s}", "accepted",
                               result->accepted, "reference_id", result->reference_id, "reason",
                               imi_capture_reason_name(result->reason), "quality", result->quality,
                               "matchability", result->matchability, "level",
                               imi_quality_level_name(result->level), "advice_code",
                               result->advice_code, "advice", result->advice);
    if (result->document.sent) {
        json_object_set_new(object, "document", document_json(&result->document));
    }
    imictl_print_json(object);
}

static void print_document(const imi_backend_document *document)
{
    printf("document: %s\n", document->kind);
    for (size_t i = 0; i < document->reason_count; i++) {
        printf("  %s\n", document->reasons[i]);
    }
    for (size_t i = 0; i < document->claim_count; i++) {
        printf("  claimed %s: %s\n", document->claims[i].name, document->claims[i].result);
    }
    for (size_t i = 0; i < document->field_count; i++) {
        const imi_backend_line *line = &document->fields[i];
        printf("  %-16s read (%s), check digit %s\n", line->name, line->source, line->result);
    }
}

void imictl_enrolment_print(const imi_backend_enrolment *result, bool json)
{
    if (json) {
        print_json(result);
        return;
    }
    if (result->accepted) {
        printf("enrolled: %s (quality %.2f, matchability %.2f: %s)\n", result->reference_id,
               result->quality, result->matchability, imi_quality_level_name(result->level));
    } else if (result->document.sent) {
        printf("not accepted\n");
    } else {
        printf("not accepted: %s; use another photo\n", imi_capture_reason_name(result->reason));
    }
    if (result->document.sent) {
        print_document(&result->document);
    }
    if (result->advice[0] != '\0') {
        printf("advice: %s\n", result->advice);
    }
}
