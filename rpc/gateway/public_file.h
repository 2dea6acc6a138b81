/**
 * The public documents that imid writes as files: the log's checkpoint and tiles, and lists of
 * the status of tokens.
 */
#ifndef IMI_GATEWAY_PUBLIC_FILE_H
#define IMI_GATEWAY_PUBLIC_FILE_H

#include "rpc/gateway/document.h"

/** What documents of a path are called in the access log, there or not; NULL: it is no such path.
 */
const char *imi_public_file_route(const char *path);

/** Read one from imid's DATA/public. Errors: as imi_served_file_read. */
IMI_MUST_USE imi_status imi_public_file_read(const char *folder, const char *path,
                                             imi_document *out, imi_error *err);

#endif
