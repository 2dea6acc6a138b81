/**
 * Strict JSON as trees, to be changed and written: bounded, one object or array, no duplicate
 * members. What is read alone and often is read without a tree: reader.h.
 */
#ifndef IMI_JSON_H
#define IMI_JSON_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <jansson.h>

static inline void imi_json_free_(json_t **value)
{
    json_decref(*value);
}

#define IMI_AUTO_JSON __attribute__((cleanup(imi_json_free_))) json_t *

/**
 * Parse one JSON object.
 *
 * Errors: status_if_bad if the text is larger than limit, nested too deeply, not JSON, not an
 *         object, has duplicate members or NUL characters. what names it in the message.
 */
IMI_MUST_USE imi_status imi_json_parse_object(imi_view text, size_t limit, const char *what,
                                              imi_status status_if_bad, json_t **out,
                                              imi_error *err);

/** The same for one JSON array. */
IMI_MUST_USE imi_status imi_json_parse_array(imi_view text, size_t limit, const char *what,
                                             imi_status status_if_bad, json_t **out,
                                             imi_error *err);

/** String member as text, NULL if absent or of another type. Owned by the object. */
const char *imi_json_text(const json_t *object, const char *member);

/** Append the compact text of a value. */
IMI_MUST_USE imi_status imi_json_render(const json_t *value, imi_buffer *out, imi_error *err);
/** The same of what somebody else wrote: decimals of up to 15 digits stay as they were. */
IMI_MUST_USE imi_status imi_json_render_exact(const json_t *value, imi_buffer *out, imi_error *err);

#endif
