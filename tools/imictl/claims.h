/**
 * Claims about a document, from a JSON file.
 */
#ifndef IMI_IMICTL_CLAIMS_H
#define IMI_IMICTL_CLAIMS_H

#include "imi/document.h"

#include <jansson.h>

typedef struct imictl_claims {
    imi_document_claims claims;
    json_t *json; /* owns the texts */
} imictl_claims;

/** Errors: those of reading the file; IMI_E_INVALID_ARGUMENT for anything but known texts. */
IMI_MUST_USE imi_status imictl_claims_load(const char *path, imictl_claims *out, imi_error *err);
/** Also after a load that failed. */
void imictl_claims_clean_up(imictl_claims *claims);

#endif
