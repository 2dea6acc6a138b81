/**
 * What `imictl document` shows.
 */
#ifndef IMI_IMICTL_DOCUMENT_VIEW_H
#define IMI_IMICTL_DOCUMENT_VIEW_H

#include "imi/document.h"

#include <jansson.h>

/** A new object with everything that was read; NULL without memory. */
json_t *imictl_document_json(const imi_document *document);
/** The same for people, on standard output. */
void imictl_document_print(const imi_document *document);

#endif
