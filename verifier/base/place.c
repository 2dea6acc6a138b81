#include "imi/place.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder above the program's own, such as build or /usr. */
static imi_status find_prefix(char out[IMI_PLACE_SIZE], imi_error *err)
{
    ssize_t size = readlink("/proc/self/exe", out, IMI_PLACE_SIZE - 1);
    if (size < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno,
                         "cannot find this program's own folder: set "
                         "IMI_SHARE to the folder of the shipped files");
    }
    out[size] = '\0';
    /* Twice the parent: POSIX dirname shortens the text in place. */
    dirname(out);
    dirname(out);
    return IMI_OK;
}

imi_status imi_place_shared(const char *name, char out[IMI_PLACE_SIZE], imi_error *err)
{
    char prefix[IMI_PLACE_SIZE];
    const char *share = getenv("IMI_SHARE");
    int size = 0;
    out[0] = '\0';
    if (share != NULL && share[0] != '\0') {
        size = snprintf(out, IMI_PLACE_SIZE, "%s/%s", share, name);
    } else {
        IMI_TRY(find_prefix(prefix, err));
        size = snprintf(out, IMI_PLACE_SIZE, "%s/share/imi/%s", prefix, name);
    }
    if (size < 0 || size >= IMI_PLACE_SIZE) {
        out[0] = '\0';
        IMI_FAIL(err, IMI_E_OVERFLOW, "the path of the shipped file %s is too long", name);
    }
    return IMI_OK;
}
