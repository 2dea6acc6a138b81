/**
 * Where each field of a YAML file stands: paths such as "purposes[1].target_fmr" with their
 * lines. libcyaml checks types but names no lines for what it has already read.
 */
#ifndef IMI_POLICY_OUTLINE_H
#define IMI_POLICY_OUTLINE_H

#include "imi/bytes.h"
#include "imi/status.h"

enum { IMI_OUTLINE_PATH_SIZE = 128 };

typedef struct imi_outline imi_outline;

/**
 * Walk the file and note every field.
 *
 * Also refuses what a policy has no use for and what could hide something from a reader: fields
 * given twice, anchors and aliases, tags, a second document, deep nesting.
 * Errors: IMI_E_POLICY with name and line in the message.
 */
IMI_MUST_USE imi_status imi_outline_new(const char *name, imi_view yaml, imi_outline **out,
                                        imi_error *err);
void imi_outline_destroy(imi_outline **outline);

static inline void imi_outline_free_(imi_outline **outline)
{
    imi_outline_destroy(outline);
}

#define IMI_AUTO_OUTLINE __attribute__((cleanup(imi_outline_free_))) imi_outline *

/** Name of the file, for messages. */
const char *imi_outline_name(const imi_outline *outline);
/** Line of a path, or of the nearest field around it. */
unsigned imi_outline_line(const imi_outline *outline, const char *path);

/**
 * Fill err: "<name> line <n>: <path> <what>". Returns IMI_E_POLICY.
 */
imi_status imi_outline_fail(const imi_outline *outline, imi_error *err, const char *path,
                            const char *format, ...) IMI_PRINTF(4, 5);

#endif
