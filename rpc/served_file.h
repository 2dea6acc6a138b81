/**
 * The public documents that imid writes as files: the log's checkpoint and tiles, and lists of
 * the status of tokens.
 */
#ifndef IMI_RPC_SERVED_FILE_H
#define IMI_RPC_SERVED_FILE_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>

/** A public document. type and cache are text of the program's own. */
typedef struct imi_served_file {
    const char *type; /* Content-Type */
    const char *cache; /* Cache-Control: what never changes may be kept for good */
    imi_buffer body; /* the caller cleans it up */
} imi_served_file;

/** Whether a path of a request is that of such a document, there or not. */
bool imi_served_file_is_path(const char *path);

/**
 * Read a document.
 *
 * folder: where imid writes them, "DATA/public".
 * path:   of the request, such as "/log/tile/0/x001/067"; it comes from anybody.
 * Errors: IMI_E_NOT_FOUND, also for what is no regular file; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_served_file_read(const char *folder, const char *path,
                                             imi_served_file *out, imi_error *err);

#endif
