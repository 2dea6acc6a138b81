#include "enrol_document.h"

#include <string.h>

static const imi_jpeg_limits photo_limits = IMI_JPEG_LIMITS_PHOTO;

static bool is_claimed(const char *text)
{
    return text != NULL && text[0] != '\0';
}

bool imi_document_claims_any(const imi_document_claims *claims)
{
    return is_claimed(claims->document_number) || is_claimed(claims->id_number) ||
           is_claimed(claims->birth_date) || is_claimed(claims->name);
}

static imi_status take_claim(const char *text, imi_claim claim, imi_kept_claims *out,
                             imi_error *err)
{
    if (!is_claimed(text)) {
        return IMI_OK;
    }
    size_t size = strnlen(text, IMI_CLAIM_BYTES_MAX + 1);
    if (size > IMI_CLAIM_BYTES_MAX ||
        !imi_text_is_clean_utf8((imi_view){(const uint8_t *)text, size})) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s must be text of at most %d bytes",
                 imi_claim_name(claim), IMI_CLAIM_BYTES_MAX);
    }
    imi_copy_text(out->texts[claim], sizeof out->texts[claim], text);
    return IMI_OK;
}

imi_status imi_kept_claims_take(const imi_document_claims *claims, imi_kept_claims *out,
                                imi_error *err)
{
    *out = (imi_kept_claims){0};
    if (!is_claimed(claims->document_number) && !is_claimed(claims->id_number) &&
        !is_claimed(claims->name)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a document is checked against a number or a name at least");
    }
    IMI_TRY(take_claim(claims->document_number, IMI_CLAIM_DOCUMENT_NUMBER, out, err));
    IMI_TRY(take_claim(claims->id_number, IMI_CLAIM_ID_NUMBER, out, err));
    IMI_TRY(take_claim(claims->birth_date, IMI_CLAIM_BIRTH_DATE, out, err));
    IMI_TRY(take_claim(claims->name, IMI_CLAIM_NAME, out, err));
    const char *birth_date = out->texts[IMI_CLAIM_BIRTH_DATE];
    imi_calendar_day day;
    if (birth_date[0] != '\0' && !imi_calendar_day_read(imi_view_of_text(birth_date), &day)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim birth_date is no day like 1950-12-31");
    }
    return IMI_OK;
}

/* A photo on its way through, and everything read from it. */
typedef struct reading {
    imi_engine *engine;
    imi_image *image, *view, *part; /* owned */
    imi_document document;
} reading;

static void clean_up(reading *self)
{
    imi_document_wipe(&self->document);
    imi_image_destroy(&self->image);
    imi_image_destroy(&self->view);
    imi_image_destroy(&self->part);
}

static void summarise(const imi_document *document, imi_document_summary *out)
{
    out->kind = document->kind;
    out->reasons = document->reasons;
    for (size_t i = 0; i < IMI_CLAIM_COUNT; i++) {
        out->matches[i] = document->matches[i];
    }
    for (size_t i = 0; i < IMI_FIELD_COUNT; i++) {
        out->sources[i] = document->fields[i].source;
        out->checks[i] = document->fields[i].check;
    }
}

/* A document is accepted only if its check digits hold, so what it says was read right. */
static void take_attributes(const imi_document *document, imi_document_enrolment *out)
{
    const imi_document_value *birth = &document->fields[IMI_FIELD_BIRTH_DATE];
    imi_calendar_day day;
    if (birth->check >= IMI_CHECK_HELD_CORRECTED &&
        imi_calendar_day_read(imi_view_of_text(birth->text), &day)) {
        out->birth_decade = day.year / 10 * 10;
    }
    const char *sex = document->fields[IMI_FIELD_SEX].text;
    out->sex = strcmp(sex, "M") == 0   ? IMI_SEX_MALE
               : strcmp(sex, "F") == 0 ? IMI_SEX_FEMALE
                                       : IMI_SEX_UNKNOWN;
}

static imi_status enrol_portrait(reading *self, imi_document_enrolment *out,
                                 imi_template *template_out, imi_error *err)
{
    IMI_TRY(imi_document_cut_portrait(self->view, &self->document.portrait, &self->part, err));
    IMI_TRY(
        imi_portrait_extract_image(self->engine, self->part, &out->portrait, template_out, err));
    if (out->portrait.reason != IMI_CAPTURE_OK) {
        out->summary.reasons |= 1U << IMI_DOCUMENT_PORTRAIT_UNFIT;
        return IMI_OK;
    }
    out->accepted = true;
    take_attributes(&self->document, out);
    return IMI_OK;
}

static imi_status read_and_enrol(reading *self, imi_view jpeg, const imi_kept_claims *kept,
                                 imi_calendar_day today, imi_document_enrolment *out,
                                 imi_template *template_out, imi_error *err)
{
    const imi_document_parts parts = {self->engine, imi_engine_text_reader(self->engine),
                                      imi_engine_card_finder(self->engine)};
    if (parts.reader == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "this server has no reader of documents");
    }
    const imi_document_claims claims = {
        .document_number = kept->texts[IMI_CLAIM_DOCUMENT_NUMBER],
        .id_number = kept->texts[IMI_CLAIM_ID_NUMBER],
        .birth_date = kept->texts[IMI_CLAIM_BIRTH_DATE],
        .name = kept->texts[IMI_CLAIM_NAME],
    };
    IMI_TRY(imi_jpeg_decode(jpeg, &photo_limits, &self->image, err));
    IMI_TRY(
        imi_document_read(&parts, self->image, &claims, today, &self->document, &self->view, err));
    summarise(&self->document, &out->summary);
    out->portrait.reason = self->document.portrait_reason;
    return imi_document_is_accepted(&self->document) ? enrol_portrait(self, out, template_out, err)
                                                     : IMI_OK;
}

imi_status imi_document_enrol_extract(imi_engine *engine, imi_buffer *jpeg,
                                      const imi_kept_claims *claims, imi_calendar_day today,
                                      imi_document_enrolment *out, imi_template *template_out,
                                      imi_error *err)
{
    *out = (imi_document_enrolment){.portrait = {.reason = IMI_CAPTURE_NO_FACE}};
    *template_out = (imi_template){0};
    reading self = {.engine = engine};
    imi_status status =
        read_and_enrol(&self, imi_buffer_view(jpeg), claims, today, out, template_out, err);
    imi_buffer_clean_up(jpeg);
    clean_up(&self);
    if (status != IMI_OK) {
        imi_template_wipe(template_out);
        *out = (imi_document_enrolment){.portrait = {.reason = IMI_CAPTURE_NO_FACE}};
    }
    return status;
}
