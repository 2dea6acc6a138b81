/**
 * Texts and numbers of JSON as they are written.
 */
#ifndef IMI_JSON_NODE_H
#define IMI_JSON_NODE_H

#include "reader.h"

/**
 * Bytes that the character at takes as it is written; 0 at the closing quote, at the end, and for
 * what may not stand in a text.
 */
size_t imi_json_character(const uint8_t *at, const uint8_t *end);

/** Whether two texts, of which one has escapes, are the same once these are resolved. */
bool imi_json_same_unescaped(const imi_json_node *a, const imi_json_node *b);

/** Whether two texts are the same. Inline: most of the time of a look-up is spent here. */
static inline bool imi_json_same_text(const imi_json_node *a, const imi_json_node *b)
{
    if (a->has_escapes || b->has_escapes) {
        return imi_json_same_unescaped(a, b);
    }
    return a->size == b->size &&
           (a->size == 0 || (a->data[0] == b->data[0] && memcmp(a->data, b->data, a->size) == 0));
}

/** Whether a number that is well formed is an int64_t, or lies within a double's range. */
bool imi_json_number_fits(const imi_json_node *number);

#endif
