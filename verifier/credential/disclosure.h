/**
 * Disclosures: the text that a digest in a credential stands for (RFC 9901 section 4.2).
 */
#ifndef IMI_CREDENTIAL_DISCLOSURE_H
#define IMI_CREDENTIAL_DISCLOSURE_H

#include "verifier/json/json.h"

enum { IMI_DIGEST_TEXT_SIZE = 44 };

/** SHA-256 of some text as base64url, NUL-terminated. */
IMI_MUST_USE imi_status imi_sd_digest(imi_view text, char out[IMI_DIGEST_TEXT_SIZE],
                                      imi_error *err);

/** A disclosure that somebody sent. */
typedef struct imi_disclosure {
    imi_view encoded; /* borrowed */
    json_t *array; /* [salt, name, value] of a member, [salt, value] of an element */
    char *path; /* where its digest was found; NULL: nowhere yet */
} imi_disclosure;

/** Errors: IMI_E_CREDENTIAL_DISCLOSURE unless it has one of the two forms. */
IMI_MUST_USE imi_status imi_disclosure_read(imi_view encoded, imi_disclosure *out, imi_error *err);
void imi_disclosure_clean_up(imi_disclosure *disclosure);

/** Name of a member's claim; NULL of an element. */
const char *imi_disclosure_name(const imi_disclosure *disclosure);
/** The value, borrowed. */
json_t *imi_disclosure_value(const imi_disclosure *disclosure);

/**
 * Make one with a fresh salt of 128 bits; appends it and a '~' to out.
 *
 * name: NULL for an element of an array.
 */
IMI_MUST_USE imi_status imi_disclosure_make(const char *name, json_t *value, imi_buffer *out,
                                            char digest_out[IMI_DIGEST_TEXT_SIZE], imi_error *err);

#endif
