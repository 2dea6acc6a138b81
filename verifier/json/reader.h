/**
 * Strict JSON without allocation: JOSE headers and the claims of tokens, which a backend reads
 * thousands of times a second.
 *
 * A text is read once, whole, into nodes that the caller provides. Nodes point into the text, which
 * must outlive them. Looking something up in NULL finds NULL, so look-ups chain.
 */
#ifndef IMI_JSON_READER_H
#define IMI_JSON_READER_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <string.h>

enum { IMI_JSON_DEPTH_MAX = 16, IMI_JSON_NODES_MAX = UINT16_MAX };

typedef enum imi_json_kind {
    IMI_JSON_OBJECT = 1,
    IMI_JSON_ARRAY = 2,
    IMI_JSON_TEXT = 3,
    IMI_JSON_INTEGER = 4,
    IMI_JSON_REAL = 5,
    IMI_JSON_TRUE = 6,
    IMI_JSON_FALSE = 7,
    IMI_JSON_NULL = 8
} imi_json_kind;

/** A value as it was written, or the name of a member, behind which its value lies. */
typedef struct imi_json_node {
    const uint8_t *data; /* of a text: what is between its quotes; of a number: its digits */
    uint32_t size; /* of texts and numbers */
    uint16_t span; /* nodes from this one to the one behind all that is within it */
    uint8_t kind; /* imi_json_kind */
    bool has_escapes;
} imi_json_node;

/**
 * Read one object: RFC 8259, in UTF-8, with nothing behind it.
 *
 * Shape:  nodes: room for capacity of them, at most IMI_JSON_NODES_MAX; the object is the first.
 * Errors: status_if_bad, with what in the message, also for more than capacity values and names,
 *         nesting beyond IMI_JSON_DEPTH_MAX, members of one name, the character NUL, surrogates
 *         alone, integers beyond 64 bits, and numbers of 1e308 and more.
 */
IMI_MUST_USE imi_status imi_json_read_object(imi_view text, const char *what,
                                             imi_status status_if_bad, imi_json_node *nodes,
                                             size_t capacity, imi_error *err);

/** Value of a member, NULL if the object has none of this name or is none. */
const imi_json_node *imi_json_find(const imi_json_node *object, imi_view name);
/** The same; inline, so that sizes of literal names are known. */
static inline const imi_json_node *imi_json_member(const imi_json_node *object, const char *name)
{
    return imi_json_find(object, (imi_view){(const uint8_t *)name, strlen(name)});
}
/** First element of an array or first name of an object, NULL if there is none. */
const imi_json_node *imi_json_first(const imi_json_node *container);
/** What comes behind an element, or the next name behind a name; NULL at the end. */
const imi_json_node *imi_json_next(const imi_json_node *container, const imi_json_node *child);

bool imi_json_is(const imi_json_node *node, imi_json_kind kind);
/** Whether it is this text, however it was written. */
bool imi_json_says(const imi_json_node *node, const char *text);
/** Copy a text that is not empty and fits with its NUL; else false, and out is "". */
bool imi_json_copy_text(const imi_json_node *node, char *out, size_t capacity);
/** False, and 0, unless it is an integer. */
bool imi_json_integer(const imi_json_node *node, int64_t *out);
/**
 * The double that is nearest to a number. False, and 0, unless it is a number of at most 2^53
 * without its point, and that is moved by at most 22 places: those are exact without tables.
 */
bool imi_json_real(const imi_json_node *node, double *out);

#endif
