#include "rpc/gateway/document.h"

void imi_document_set_text(imi_document *document, unsigned status, const char *text)
{
    imi_buffer_clean_up(&document->body);
    *document = (imi_document){.status = status, .type = "text/plain", .cache = "no-store"};
    /* Without memory for a dozen bytes the client gets the status alone. */
    imi_status ignored = imi_buffer_append_text(&document->body, text, NULL);
    (void)ignored;
}
