/* Documents that the caller fetches, bounded, and how long they may be kept. */
#include "internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MAX_AGE_S = 86400 };

int imitoken_document_write(imitoken_document *document, const void *bytes, size_t size)
{
    if (document == NULL || (bytes == NULL && size > 0)) {
        return 1;
    }
    if (document->is_too_large || size > document->limit - document->body.size ||
        imi_buffer_append(&document->body, (imi_view){bytes, size}, NULL) != IMI_OK) {
        document->is_too_large = true;
        return 1;
    }
    return 0;
}

/* Digits of a count of seconds, which ends at MAX_AGE_S whatever it claims; -1 if there are none.
 */
static int64_t read_seconds(const char *text)
{
    int64_t seconds = -1;
    if (*text == '"') {
        text++;
    }
    for (; isdigit((unsigned char)*text); text++) {
        seconds = (seconds < 0 ? 0 : seconds) * 10 + (*text - '0');
        seconds = seconds > MAX_AGE_S ? MAX_AGE_S : seconds;
    }
    return seconds;
}

static bool is_directive(const char *at, size_t size, const char *name)
{
    return size == strlen(name) && strncasecmp(at, name, size) == 0;
}

void imitoken_document_cache_control(imitoken_document *document, const char *value)
{
    if (document == NULL || value == NULL) {
        return;
    }
    while (*value != '\0') {
        value += strspn(value, ", \t");
        size_t size = strcspn(value, "=, \t");
        if (is_directive(value, size, "no-store") || is_directive(value, size, "no-cache")) {
            document->max_age_s = 0;
            return;
        }
        if (is_directive(value, size, "max-age") && value[size] == '=') {
            document->max_age_s = read_seconds(value + size + 1);
        }
        value += strcspn(value, ",");
    }
}

bool imitoken_document_fetch(imitoken_document *document, imitoken_fetch fetch, void *user,
                             const char *uri, size_t limit)
{
    *document = (imitoken_document){.body = IMI_BUFFER_INIT, .limit = limit, .max_age_s = -1};
    return fetch(user, uri, document) == 0 && !document->is_too_large && document->body.size > 0;
}

void imitoken_document_clean_up(imitoken_document *document)
{
    imi_buffer_clean_up(&document->body);
}
