/**
 * A sorted set of names, numbered from 0.
 */
#ifndef IMI_EVAL_TABLE_H
#define IMI_EVAL_TABLE_H

#include "imi/memory.h"

/** Names are borrowed; the array is the table's. */
typedef struct eval_names {
    const char **names;
    size_t count;
} eval_names;

/** Sort and keep each name once. */
IMI_MUST_USE imi_status eval_names_init(eval_names *out, const char *const *names, size_t count,
                                        imi_error *err);
void eval_names_clean_up(eval_names *names);
/** Number of a name that is in the set. */
size_t eval_names_index(const eval_names *names, const char *name);

#endif
