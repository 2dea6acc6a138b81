#include "fields.h"

#include <math.h>
#include <stdio.h>

/* From which share of washed-out pixels glare is to blame. */
static const float GLARE_MAX = 0.06F;
/* Below this there are no colours: scans and photos of colour documents lie at 0.02 and above. */
static const float COLOUR_MIN = 0.008F;
/* Above this the fine structure repeats as only a raster of print or pixels does; specimens that
 * were scanned and compressed reach 0.4. */
static const float RASTER_MAX = 0.6F;

static void set(imi_document *document, imi_document_reason reason)
{
    document->reasons |= 1U << reason;
}

static void put(imi_document *document, imi_document_field field, const char *text,
                imi_field_source source, imi_check_state check)
{
    imi_document_value *value = &document->fields[field];
    if (text[0] != '\0') {
        imi_copy_text(value->text, sizeof value->text, text);
        value->source = source;
        value->check = check;
    }
}

static void put_date(imi_document *document, imi_document_field field, imi_calendar_day day,
                     imi_field_source source, imi_check_state check)
{
    if (day.year != 0) {
        char text[IMI_MRZ_TEXT_SIZE];
        snprintf(text, sizeof text, "%04d-%02d-%02d", (int)day.year, (int)day.month, (int)day.day);
        put(document, field, text, source, check);
    }
}

static imi_document_kind kind_of(imi_mrz_format format)
{
    switch (format) {
    case IMI_MRZ_TD1:
    case IMI_MRZ_TD2:
        return IMI_DOCUMENT_IDENTITY_CARD;
    case IMI_MRZ_TD3:
        return IMI_DOCUMENT_PASSPORT;
    case IMI_MRZ_MRV_A:
    case IMI_MRZ_MRV_B:
        return IMI_DOCUMENT_VISA;
    case IMI_MRZ_NONE:
    case IMI_MRZ_FORMAT_COUNT:
        break;
    }
    return IMI_DOCUMENT_UNKNOWN;
}

void imi_document_take_mrz(imi_document *document, const imi_mrz *mrz)
{
    document->mrz = *mrz;
    document->kind = kind_of(mrz->format);
    const imi_mrz_checks *checks = &mrz->checks;
    const char sex[2] = {mrz->sex, '\0'};
    const imi_field_source source = IMI_SOURCE_MRZ;
    put(document, IMI_FIELD_DOCUMENT_NUMBER, mrz->document_number, source, checks->document_number);
    put(document, IMI_FIELD_ISSUING_STATE, mrz->issuing_state, source, IMI_CHECK_NONE);
    put(document, IMI_FIELD_NATIONALITY, mrz->nationality, source, IMI_CHECK_NONE);
    put(document, IMI_FIELD_SURNAME, mrz->surname, source, IMI_CHECK_NONE);
    put(document, IMI_FIELD_GIVEN_NAMES, mrz->given_names, source, IMI_CHECK_NONE);
    put_date(document, IMI_FIELD_BIRTH_DATE, mrz->birth_date, source, checks->birth_date);
    put_date(document, IMI_FIELD_EXPIRY_DATE, mrz->expiry_date, source, checks->expiry_date);
    put(document, IMI_FIELD_SEX, sex, source, IMI_CHECK_NONE);
    /* Elsewhere than on passports what states put there has no check digit of its own. */
    bool covered_wrongly = checks->composite == IMI_CHECK_WRONG;
    imi_check_state personal = mrz->format == IMI_MRZ_TD3 ? checks->personal_number
                               : covered_wrongly          ? IMI_CHECK_WRONG
                                                          : IMI_CHECK_NONE;
    const char *number = mrz->optional[0][0] != '\0' ? mrz->optional[0] : mrz->optional[1];
    put(document, IMI_FIELD_ID_NUMBER, number, source, personal);
}

void imi_document_take_resident_number(imi_document *document, const imi_resident_number *number)
{
    const char sex[2] = {number->sex, '\0'};
    document->kind = IMI_DOCUMENT_RESIDENT_CARD;
    imi_check_state check = imi_resident_number_is_sound(number) ? number->check : IMI_CHECK_WRONG;
    put(document, IMI_FIELD_ID_NUMBER, number->text, IMI_SOURCE_VISUAL, check);
    if (check != IMI_CHECK_WRONG) {
        put_date(document, IMI_FIELD_BIRTH_DATE, number->birth_date, IMI_SOURCE_VISUAL, check);
        put(document, IMI_FIELD_SEX, sex, IMI_SOURCE_VISUAL, check);
    }
}

static void judge_sight(imi_document *document)
{
    bool has_text = document->kind != IMI_DOCUMENT_UNKNOWN || document->mrz_lines_seen > 0;
    if (!has_text && !document->outline_found) {
        set(document, IMI_DOCUMENT_NO_DOCUMENT);
    } else if (!document->portrait_found) {
        set(document, document->mrz.format == IMI_MRZ_TD1 ? IMI_DOCUMENT_WRONG_SIDE
                                                          : IMI_DOCUMENT_NO_PORTRAIT);
    }
    if (document->portrait_found && document->portrait_reason != IMI_CAPTURE_OK) {
        set(document, IMI_DOCUMENT_PORTRAIT_UNFIT);
    }
    if (!(document->glare <= GLARE_MAX)) {
        set(document, IMI_DOCUMENT_GLARE);
    }
    bool looks_copied = !(document->colour >= COLOUR_MIN) || !(document->raster <= RASTER_MAX);
    if (looks_copied && !imi_document_has(document, IMI_DOCUMENT_NO_DOCUMENT)) {
        set(document, IMI_DOCUMENT_COPY_OF_A_COPY);
    }
}

static void judge_zone(imi_document *document, imi_calendar_day today)
{
    if (!imi_mrz_checks_hold(&document->mrz)) {
        set(document, IMI_DOCUMENT_CHECK_DIGIT_WRONG);
    }
    if (imi_mrz_is_expired(&document->mrz, today)) {
        set(document, IMI_DOCUMENT_EXPIRED);
    }
}

void imi_document_judge(imi_document *document, imi_calendar_day today)
{
    judge_sight(document);
    if (document->kind == IMI_DOCUMENT_UNKNOWN) {
        if (!imi_document_has(document, IMI_DOCUMENT_NO_DOCUMENT)) {
            set(document, IMI_DOCUMENT_MRZ_UNREADABLE);
        }
    } else if (document->kind == IMI_DOCUMENT_RESIDENT_CARD) {
        if (document->fields[IMI_FIELD_ID_NUMBER].check < IMI_CHECK_HELD_CORRECTED) {
            set(document, IMI_DOCUMENT_CHECK_DIGIT_WRONG);
        }
    } else {
        judge_zone(document, today);
    }
    for (size_t i = 0; i < IMI_CLAIM_COUNT; i++) {
        if (document->matches[i] == IMI_DATA_MISMATCH) {
            set(document, IMI_DOCUMENT_DATA_DIFFERS);
        } else if (document->matches[i] == IMI_DATA_NOT_READ) {
            set(document, IMI_DOCUMENT_DATA_NOT_READ);
        }
    }
}
