#include "imi/ledger.h"

#include <stdio.h>

static imi_status read_file(imi_ledger_source *source, const char *path, size_t limit,
                            imi_buffer *out, imi_error *err)
{
    const imi_ledger_folder *self = (const imi_ledger_folder *)source;
    char full[IMI_LEDGER_PATH_SIZE + 128];
    snprintf(full, sizeof full, "%s/%s", self->path, path);
    return imi_file_read(full, limit, out, err);
}

imi_status imi_ledger_folder_init(imi_ledger_folder *folder, const char *path, imi_error *err)
{
    *folder = (imi_ledger_folder){.base = {read_file}};
    if (path == NULL || path[0] == '\0' ||
        !imi_copy_text(folder->path, sizeof folder->path, path)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a log's folder has no path, or one too long");
    }
    return IMI_OK;
}
