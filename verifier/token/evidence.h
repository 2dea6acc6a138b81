/**
 * How kinds of evidence are written in a token.
 */
#ifndef IMI_TOKEN_EVIDENCE_H
#define IMI_TOKEN_EVIDENCE_H

#include "imi/token.h"

typedef struct imi_evidence_form {
    imi_token_evidence_kind kind;
    const char *type; /* of the evidence element */
    const char *details; /* name of the member that says what it is */
    const char *record; /* its type */
    const char *method; /* check_details.check_method */
} imi_evidence_form;

enum { IMI_EVIDENCE_FORMS = 3 };
extern const imi_evidence_form imi_evidence_forms[IMI_EVIDENCE_FORMS];

enum { IMI_TIME_TEXT_SIZE = 32 };
/** 2026-11-23T02:50:00Z. Errors: IMI_E_INVALID_ARGUMENT outside of the years 1970 to 9999. */
IMI_MUST_USE imi_status imi_time_text_render(int64_t time_s, char out[IMI_TIME_TEXT_SIZE],
                                             imi_error *err);
/** Errors: IMI_E_TOKEN_CLAIM unless text is what imi_time_text_render writes. */
IMI_MUST_USE imi_status imi_time_text_read(const char *text, int64_t *out, imi_error *err);

#endif
