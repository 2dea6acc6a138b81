/**
 * Reading an identity document from a photo: where its portrait is, what its machine readable
 * zone or identity number says, whether that agrees with what a session claims, and what is
 * wrong with the photo.
 *
 * Everything read is personal data: it is never logged, and whoever holds an imi_document
 * wipes it. A photo of a document proves neither that it is genuine nor that it is the
 * subject's: check digits catch misreadings, not forgeries.
 */
#ifndef IMI_DOCUMENT_H
#define IMI_DOCUMENT_H

#include "imi/document_vision.h"
#include "imi/engine.h"
#include "imi/mrz.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Numbers are stable: they may be stored. */
typedef enum imi_document_kind {
    IMI_DOCUMENT_UNKNOWN = 0,
    IMI_DOCUMENT_PASSPORT = 1,
    IMI_DOCUMENT_IDENTITY_CARD = 2, /* a card with a zone of three or two lines */
    IMI_DOCUMENT_VISA = 3,
    IMI_DOCUMENT_RESIDENT_CARD = 4, /* Chinese resident identity card */
    IMI_DOCUMENT_KIND_COUNT = 5
} imi_document_kind;

/** Stable lower-case name, such as "identity_card". Static storage. */
const char *imi_document_kind_name(imi_document_kind kind);

/** What keeps a photo from serving; several may hold at once. Numbers are stable. */
typedef enum imi_document_reason {
    IMI_DOCUMENT_NO_DOCUMENT = 0, /* no outline, no zone, no number */
    IMI_DOCUMENT_NO_PORTRAIT = 1,
    IMI_DOCUMENT_WRONG_SIDE = 2, /* a zone that stands on the back, and no portrait */
    IMI_DOCUMENT_PORTRAIT_UNFIT = 3, /* portrait.reason says why */
    IMI_DOCUMENT_GLARE = 4, /* light washes out the portrait or the text */
    IMI_DOCUMENT_COPY_OF_A_COPY = 5, /* a hint: the photo has no colours, or a print's raster */
    IMI_DOCUMENT_MRZ_UNREADABLE = 6, /* no zone and no identity number could be read */
    IMI_DOCUMENT_CHECK_DIGIT_WRONG = 7,
    IMI_DOCUMENT_EXPIRED = 8,
    IMI_DOCUMENT_DATA_DIFFERS = 9, /* from what is claimed */
    IMI_DOCUMENT_DATA_NOT_READ = 10, /* something is claimed that could not be read */
    IMI_DOCUMENT_REASON_COUNT = 11
} imi_document_reason;

/** Stable lower-case name, such as "wrong_side". Static storage. */
const char *imi_document_reason_name(imi_document_reason reason);

typedef enum imi_document_field {
    IMI_FIELD_DOCUMENT_NUMBER = 0,
    IMI_FIELD_ISSUING_STATE = 1,
    IMI_FIELD_NATIONALITY = 2,
    IMI_FIELD_SURNAME = 3,
    IMI_FIELD_GIVEN_NAMES = 4,
    IMI_FIELD_BIRTH_DATE = 5, /* "YYYY-MM-DD", with 00 for what the document leaves open */
    IMI_FIELD_EXPIRY_DATE = 6,
    IMI_FIELD_SEX = 7, /* "M", "F" or "X" */
    IMI_FIELD_ID_NUMBER = 8, /* personal number of a zone, or resident number */
    IMI_FIELD_COUNT = 9
} imi_document_field;

/** Stable lower-case name, such as "birth_date". Static storage. */
const char *imi_document_field_name(imi_document_field field);

typedef enum imi_field_source {
    IMI_SOURCE_NONE = 0, /* not read */
    IMI_SOURCE_MRZ = 1,
    IMI_SOURCE_VISUAL = 2 /* printed outside the zone */
} imi_field_source;

/** Stable lower-case name, such as "mrz". Static storage. */
const char *imi_field_source_name(imi_field_source source);

/** What was read of a field. */
typedef struct imi_document_value {
    char text[IMI_MRZ_TEXT_SIZE]; /* "" when not read */
    imi_field_source source;
    imi_check_state check; /* of its own check digit, if it has one */
} imi_document_value;

/** How a claim and what was read agree. Only MATCH confirms a claim. */
typedef enum imi_data_match {
    IMI_DATA_NOT_CLAIMED = 0,
    IMI_DATA_NOT_READ = 1, /* not there, check digit wrong, or in a script that cannot compare */
    IMI_DATA_MISMATCH = 2,
    IMI_DATA_MATCH = 3
} imi_data_match;

/** Stable lower-case name, such as "not_read". Static storage. */
const char *imi_data_match_name(imi_data_match match);

typedef enum imi_claim {
    IMI_CLAIM_DOCUMENT_NUMBER = 0,
    IMI_CLAIM_ID_NUMBER = 1,
    IMI_CLAIM_BIRTH_DATE = 2,
    IMI_CLAIM_NAME = 3,
    IMI_CLAIM_COUNT = 4
} imi_claim;

/** Stable lower-case name, such as "document_number". Static storage. */
const char *imi_claim_name(imi_claim claim);

/** What a session says of its subject. UTF-8, borrowed; NULL or "": not claimed. */
typedef struct imi_document_claims {
    const char *document_number;
    const char *id_number;
    const char *birth_date; /* "YYYY-MM-DD" */
    const char *name; /* surname and given names in either order; compared with both fields */
} imi_document_claims;

/**
 * Compare claims with fields.
 *
 * Numbers:  equal but for blanks, hyphens and small letters; never nearly equal. A number
 *           without a check digit of its own (optional data of a card) confirms a claim when it
 *           is equal, and says nothing when it is not.
 * Dates:    equal; a day that the document leaves open confirms nothing.
 * Names:    equal after the transliterations of ICAO Doc 9303 part 3 section 6; a name cut at
 *           the end of its zone must be a beginning of the claim (names_may_be_cut).
 * A field whose check digit is wrong counts as not read.
 */
void imi_document_compare(const imi_document_value fields[IMI_FIELD_COUNT], bool names_may_be_cut,
                          const imi_document_claims *claims, imi_data_match out[IMI_CLAIM_COUNT]);

/** What a document photo gave. Coordinates are those of the view that imi_document_read made. */
typedef struct imi_document {
    imi_document_kind kind;
    uint32_t reasons; /* bit per imi_document_reason; ask imi_document_has */
    bool outline_found;
    bool portrait_found;
    imi_face_box portrait; /* valid if portrait_found */
    imi_capture_reason portrait_reason; /* whether it serves as a reference */
    imi_document_value fields[IMI_FIELD_COUNT];
    imi_data_match matches[IMI_CLAIM_COUNT];
    imi_mrz mrz; /* format NONE when no zone was read */
    uint32_t mrz_lines_seen; /* lines that look like a zone's, also when they make none */
    float glare; /* share of the portrait or text that is washed out, the larger one */
    float colour; /* 0: grey throughout, about 0.05 and more: colours */
    float raster; /* 0 to 1: how strongly a fine regular raster shows */
} imi_document;

/** Whether a reason holds. */
bool imi_document_has(const imi_document *document, imi_document_reason reason);
/** No reason holds but hints (copy_of_a_copy), and there is a kind. */
bool imi_document_is_accepted(const imi_document *document);
/** Overwrite what was read. */
void imi_document_wipe(imi_document *document);

/** What reading needs; borrowed. One set a worker, like the engine. */
typedef struct imi_document_parts {
    imi_engine *engine; /* required */
    imi_text_reader *reader; /* required */
    imi_card_finder *finder; /* optional: without it the photo must show the document alone */
} imi_document_parts;

/**
 * Read a document.
 *
 * The card's outline is straightened; the photo is turned upright if its zone says so; the
 * largest face is the portrait. What is not found on the straightened card is looked for in
 * the whole photo.
 *
 * image:     RGB8.
 * claims:    NULL: nothing is claimed.
 * today:     for expiry and centuries.
 * view_out:  may be NULL; the image that the portrait's box lies in, for making a template.
 * Threads:   the parts are used; safe with parts of one's own.
 * Errors:    only when a model cannot run; a poor photo is reasons. out is then wiped.
 */
IMI_MUST_USE imi_status imi_document_read(const imi_document_parts *parts, const imi_image *image,
                                          const imi_document_claims *claims, imi_calendar_day today,
                                          imi_document *out, imi_image **view_out, imi_error *err);

/**
 * The portrait with the room around it that it was judged with, cut from imi_document_read's view.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for a box outside the view, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_document_cut_portrait(const imi_image *view,
                                                  const imi_face_box *portrait, imi_image **out,
                                                  imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
