/**
 * A document that a GET answers with.
 */
#ifndef IMI_GATEWAY_DOCUMENT_H
#define IMI_GATEWAY_DOCUMENT_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>

/** Texts are the program's own; the caller cleans the body up. */
typedef struct imi_document {
    unsigned status; /* of HTTP */
    const char *type; /* Content-Type */
    const char *cache; /* Cache-Control */
    const char *encoding; /* Content-Encoding; NULL: none */
    bool varies; /* another encoding might have been answered */
    imi_buffer body;
} imi_document;

/** Make it a line of plain text that nobody may keep, whatever it was. */
void imi_document_set_text(imi_document *document, unsigned status, const char *text);

/** Cache-Control of what never changes. */
#define IMI_DOCUMENT_IMMUTABLE "public, max-age=31536000, immutable"

#endif
