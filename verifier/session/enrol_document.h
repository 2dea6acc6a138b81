/**
 * A document photo that came in as JPEG: what may be told of it, and its portrait's template.
 * What was read from it does not leave this file's functions, but for attributes that group error
 * rates.
 */
#ifndef IMI_SESSION_ENROL_DOCUMENT_H
#define IMI_SESSION_ENROL_DOCUMENT_H

#include "imi/service.h"
#include "portrait.h"

enum { IMI_CLAIM_BYTES_MAX = 200 };

/** Claims that outlive a call. Personal data: wiped by whoever holds them. */
typedef struct imi_kept_claims {
    char texts[IMI_CLAIM_COUNT][IMI_CLAIM_BYTES_MAX + 1]; /* "" = not claimed */
} imi_kept_claims;

/** Whether anything is claimed. */
bool imi_document_claims_any(const imi_document_claims *claims);

/**
 * Check claims and copy them.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for text that is no UTF-8 or too long, a birth date that is no
 *         day, or neither a number nor a name: a birth date alone is that of a thousand people.
 */
IMI_MUST_USE imi_status imi_kept_claims_take(const imi_document_claims *claims,
                                             imi_kept_claims *out, imi_error *err);

/** What a document gave. */
typedef struct imi_document_enrolment {
    bool accepted; /* then the template is made */
    imi_document_summary summary;
    imi_portrait_view portrait;
    int32_t birth_decade; /* 0 unless accepted and read */
    imi_sex sex; /* UNKNOWN unless accepted and read */
} imi_document_enrolment;

/**
 * Read a document and make its portrait's template. Wipes the JPEG when done, whatever comes of
 * it.
 *
 * today:        for expiry and centuries.
 * template_out: empty unless accepted; the caller wipes it.
 * Errors:       IMI_E_UNSUPPORTED if the engine carries no reader; image limits; a model that
 *               cannot run. out then accepts nothing.
 */
IMI_MUST_USE imi_status imi_document_enrol_extract(imi_engine *engine, imi_buffer *jpeg,
                                                   const imi_kept_claims *claims,
                                                   imi_calendar_day today,
                                                   imi_document_enrolment *out,
                                                   imi_template *template_out, imi_error *err);

#endif
