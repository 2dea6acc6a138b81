/**
 * Files that are served from a folder: strict names, regular files only, bounded size.
 */
#ifndef IMI_GATEWAY_SERVED_FILE_H
#define IMI_GATEWAY_SERVED_FILE_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>

/**
 * Whether a path is made of harmless names: letters, digits, "_-." and single slashes; no name
 * begins with a dot, so that none leads upward and none is hidden.
 */
bool imi_served_file_is_harmless(const char *path);

/**
 * Read a file.
 *
 * path:   of the request, such as "/log/checkpoint"; it comes from anybody.
 * suffix: appended to the path, such as ".gz"; "" for none.
 * Errors: IMI_E_NOT_FOUND, also for what is no regular file, a link, or larger than limit;
 *         IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_served_file_read(const char *folder, const char *path,
                                             const char *suffix, size_t limit, imi_buffer *out,
                                             imi_error *err);

#endif
