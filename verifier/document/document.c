#include "imi/document.h"

const char *imi_document_kind_name(imi_document_kind kind)
{
    static const char *const names[IMI_DOCUMENT_KIND_COUNT] = {
        "unknown", "passport", "identity_card", "visa", "resident_card"};
    bool known = kind >= IMI_DOCUMENT_UNKNOWN && kind < IMI_DOCUMENT_KIND_COUNT;
    return known ? names[kind] : "unknown";
}

const char *imi_document_reason_name(imi_document_reason reason)
{
    static const char *const names[IMI_DOCUMENT_REASON_COUNT] = {
        "no_document", "no_portrait",    "wrong_side",     "portrait_unfit",
        "glare",       "copy_of_a_copy", "mrz_unreadable", "check_digit_wrong",
        "expired",     "data_differs",   "data_not_read"};
    bool known = reason >= IMI_DOCUMENT_NO_DOCUMENT && reason < IMI_DOCUMENT_REASON_COUNT;
    return known ? names[reason] : "unknown";
}

const char *imi_document_field_name(imi_document_field field)
{
    static const char *const names[IMI_FIELD_COUNT] = {
        "document_number", "issuing_state", "nationality", "surname",  "given_names",
        "birth_date",      "expiry_date",   "sex",         "id_number"};
    return field >= 0 && field < IMI_FIELD_COUNT ? names[field] : "unknown";
}

const char *imi_field_source_name(imi_field_source source)
{
    static const char *const names[] = {"none", "mrz", "visual"};
    return source >= IMI_SOURCE_NONE && source <= IMI_SOURCE_VISUAL ? names[source] : "unknown";
}

const char *imi_data_match_name(imi_data_match match)
{
    static const char *const names[] = {"not_claimed", "not_read", "mismatch", "match"};
    return match >= IMI_DATA_NOT_CLAIMED && match <= IMI_DATA_MATCH ? names[match] : "unknown";
}

const char *imi_claim_name(imi_claim claim)
{
    static const char *const names[IMI_CLAIM_COUNT] = {"document_number", "id_number", "birth_date",
                                                       "name"};
    return claim >= 0 && claim < IMI_CLAIM_COUNT ? names[claim] : "unknown";
}

bool imi_document_has(const imi_document *document, imi_document_reason reason)
{
    return reason >= 0 && reason < IMI_DOCUMENT_REASON_COUNT &&
           (document->reasons >> reason & 1U) != 0;
}

bool imi_document_is_accepted(const imi_document *document)
{
    uint32_t hints = 1U << IMI_DOCUMENT_COPY_OF_A_COPY;
    return document->kind != IMI_DOCUMENT_UNKNOWN && (document->reasons & ~hints) == 0;
}

void imi_document_wipe(imi_document *document)
{
    imi_wipe(document, sizeof *document);
}
