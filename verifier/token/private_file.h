/**
 * Files that hold a key or secret: readable by their owner alone, made once.
 */
#ifndef IMI_TOKEN_PRIVATE_FILE_H
#define IMI_TOKEN_PRIVATE_FILE_H

#include "imi/bytes.h"
#include "imi/status.h"

/** Fill out with fresh contents for the file. */
typedef imi_status (*imi_private_file_make)(imi_buffer *out, imi_error *err);

/**
 * Read a private file; when it does not exist, make it first with mode 0600.
 *
 * Two processes that start at once end up with the same contents.
 * Errors: IMI_E_KEY if it is not a regular file, belongs to another user, can be read or
 *         written by group or others, or is larger than limit; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_private_file_load(const char *path, size_t limit,
                                              imi_private_file_make make, imi_buffer *out,
                                              imi_error *err);

#endif
