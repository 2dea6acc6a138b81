/**
 * What is enrolled of a subject: the primary reference, and those added with consent.
 */
#ifndef IMI_SESSION_SUBJECT_REFERENCES_H
#define IMI_SESSION_SUBJECT_REFERENCES_H

#include "imi/cohort.h"
#include "imi/store.h"

enum { IMI_ADDITIONAL_REFERENCES_MAX = 8 };

/** As it is compared with. Personal data: wipe with imi_subject_reference_wipe. */
typedef struct imi_subject_reference {
    imi_reference_record primary; /* reference_id "" = erased */
    imi_template templates[1 + IMI_ADDITIONAL_REFERENCES_MAX]; /* the primary one first */
    size_t count; /* 0 = erased */
    imi_cohort_statistics statistics; /* stored ones of the primary; cohort_id "" = none */
    int64_t newest_ms; /* when the newest of them all was made */
} imi_subject_reference;

/**
 * Read it. Additional ones of other models than the primary one's are left out. A reference that
 * was erased is no error.
 */
IMI_MUST_USE imi_status imi_subject_reference_load(imi_store *store, const char *reference_id,
                                                   imi_subject_reference *out, imi_error *err);
void imi_subject_reference_wipe(imi_subject_reference *reference);

#endif
