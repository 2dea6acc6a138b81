/**
 * Memory of jansson: our allocator, and a way out of the parser when it fails.
 */
#ifndef IMI_JSON_PARSE_MEMORY_H
#define IMI_JSON_PARSE_MEMORY_H

#include "imi/bytes.h"

#include <jansson.h>
#include <stdbool.h>

/**
 * json_loadb of one text with JSON_REJECT_DUPLICATES. NULL if it is bad, or memory ran out.
 *
 * out_of_memory_out: whether it was memory; nothing of the attempt is then kept.
 */
json_t *imi_json_load(imi_view text, json_error_t *detail, bool *out_of_memory_out);

#endif
