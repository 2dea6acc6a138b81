/* What was read against what is claimed. */
#include "imi/document.h"
#include "name_match.h"

#include <string.h>

static bool is_claimed(const char *claim)
{
    return claim != NULL && claim[0] != '\0';
}

static bool was_read(const imi_document_value *value)
{
    return value->source != IMI_SOURCE_NONE && value->text[0] != '\0' &&
           value->check != IMI_CHECK_WRONG;
}

static char next_of_number(const char **text)
{
    while (**text == ' ' || **text == '-') {
        (*text)++;
    }
    char c = **text;
    *text += c != '\0';
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool numbers_equal(const char *a, const char *b)
{
    for (;;) {
        char x = next_of_number(&a);
        char y = next_of_number(&b);
        if (x != y) {
            return false;
        }
        if (x == '\0') {
            return true;
        }
    }
}

static imi_data_match compare_number(const imi_document_value *value, const char *claim)
{
    if (!is_claimed(claim)) {
        return IMI_DATA_NOT_CLAIMED;
    }
    if (!was_read(value)) {
        return IMI_DATA_NOT_READ;
    }
    if (numbers_equal(value->text, claim)) {
        return IMI_DATA_MATCH;
    }
    /* Without a check digit it may be another kind of number altogether. */
    return value->check == IMI_CHECK_NONE ? IMI_DATA_NOT_READ : IMI_DATA_MISMATCH;
}

/* A part that the document leaves open reads 00: the rest must not differ, and confirms nothing. */
static imi_data_match compare_date(const imi_document_value *value, const char *claim)
{
    imi_calendar_day claimed;
    if (!is_claimed(claim)) {
        return IMI_DATA_NOT_CLAIMED;
    }
    if (!imi_calendar_day_read(imi_view_of_text(claim), &claimed)) {
        return IMI_DATA_MISMATCH;
    }
    if (!was_read(value) || strlen(value->text) != 10) {
        return IMI_DATA_NOT_READ;
    }
    bool month_open = strncmp(value->text + 5, "00", 2) == 0;
    bool day_open = strncmp(value->text + 8, "00", 2) == 0;
    bool differs = strncmp(value->text, claim, 4) != 0 ||
                   (!month_open && strncmp(value->text + 5, claim + 5, 2) != 0) ||
                   (!day_open && strncmp(value->text + 8, claim + 8, 2) != 0);
    if (differs) {
        return IMI_DATA_MISMATCH;
    }
    return month_open || day_open ? IMI_DATA_NOT_READ : IMI_DATA_MATCH;
}

static void join(const imi_document_value *first, const imi_document_value *second,
                 char out[2 * IMI_MRZ_TEXT_SIZE])
{
    size_t length = strlen(first->text);
    imi_copy(out, first->text, length);
    imi_copy(out + length, second->text, strlen(second->text) + 1);
}

static imi_data_match match_of(imi_name_match match, bool may_be_cut)
{
    if (match == IMI_NAME_UNKNOWN) {
        return IMI_DATA_NOT_READ;
    }
    bool same = match == IMI_NAME_EQUAL || (match == IMI_NAME_BEGINS && may_be_cut);
    return same ? IMI_DATA_MATCH : IMI_DATA_MISMATCH;
}

static imi_data_match compare_name(const imi_document_value fields[IMI_FIELD_COUNT],
                                   bool may_be_cut, const char *claim)
{
    const imi_document_value *surname = &fields[IMI_FIELD_SURNAME];
    const imi_document_value *given = &fields[IMI_FIELD_GIVEN_NAMES];
    if (!is_claimed(claim)) {
        return IMI_DATA_NOT_CLAIMED;
    }
    if (!was_read(surname) && !was_read(given)) {
        return IMI_DATA_NOT_READ;
    }
    char spelling[2 * IMI_MRZ_TEXT_SIZE];
    imi_view name = imi_view_of_text(claim);
    join(surname, given, spelling);
    imi_data_match match = match_of(imi_name_compare(name, spelling), may_be_cut);
    if (match == IMI_DATA_MISMATCH) {
        /* Given names first: a cut at their end then lies inside the name, so nothing may miss. */
        join(given, surname, spelling);
        match = match_of(imi_name_compare(name, spelling), false);
    }
    imi_wipe(spelling, sizeof spelling);
    return match;
}

void imi_document_compare(const imi_document_value fields[IMI_FIELD_COUNT], bool names_may_be_cut,
                          const imi_document_claims *claims, imi_data_match out[IMI_CLAIM_COUNT])
{
    out[IMI_CLAIM_DOCUMENT_NUMBER] =
        compare_number(&fields[IMI_FIELD_DOCUMENT_NUMBER], claims->document_number);
    out[IMI_CLAIM_ID_NUMBER] = compare_number(&fields[IMI_FIELD_ID_NUMBER], claims->id_number);
    out[IMI_CLAIM_BIRTH_DATE] = compare_date(&fields[IMI_FIELD_BIRTH_DATE], claims->birth_date);
    out[IMI_CLAIM_NAME] = compare_name(fields, names_may_be_cut, claims->name);
}
