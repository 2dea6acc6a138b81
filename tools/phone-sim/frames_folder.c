#include "phone-sim/frames.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { JPEG_FILE_MAX = 16 << 20, TIME_DIGITS = 7, PATH_SIZE = 4096 };

static int is_jpeg_name(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

/* The time that imi_sim_frames_save put into the name, or -1. */
static int64_t time_of_name(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    if (digits != TIME_DIGITS || name[digits] != '.') {
        return -1;
    }
    return strtoll(name, NULL, 10);
}

static imi_status add_file(imi_sim_frames *frames, const char *folder, const char *name,
                           double period_ms, imi_error *err)
{
    char path[PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a path in %s is too long", folder);
    }
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, JPEG_FILE_MAX, &jpeg, err));
    int64_t at_ms = time_of_name(name);
    if (at_ms < 0) {
        at_ms = (int64_t)((double)frames->count * period_ms + 0.5);
    }
    return imi_sim_frames_add(frames, &jpeg, at_ms, err);
}

static imi_status add_files(imi_sim_frames *frames, const char *folder, struct dirent **entries,
                            int count, double period_ms, imi_error *err)
{
    for (int i = 0; i < count; i++) {
        IMI_TRY(add_file(frames, folder, entries[i]->d_name, period_ms, err));
    }
    if (frames->count == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no .jpg files in %s", folder);
    }
    return IMI_OK;
}

imi_status imi_sim_frames_load_folder(const char *path, double frames_per_s, imi_sim_frames **out,
                                      imi_error *err)
{
    *out = NULL;
    if (!(frames_per_s > 0 && frames_per_s <= 1000)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the frame rate must be above 0 and at most 1000");
    }
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    if (frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for frames");
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_jpeg_name, alphasort);
    if (count < 0) {
        int code = errno;
        IMI_FAIL_FOREIGN(err, code == ENOENT ? IMI_E_NOT_FOUND : IMI_E_IO, code,
                         "cannot read the folder %s: %s", path, strerror(code));
    }
    imi_status status = add_files(frames, path, entries, count, 1000.0 / frames_per_s, err);
    for (int i = 0; i < count; i++) {
        free(entries[i]); /* scandir's own */
    }
    free(entries); /* scandir's own */
    IMI_TRY(status);
    *out = IMI_STEAL(&frames);
    return IMI_OK;
}

imi_status imi_sim_frames_save(const imi_sim_frames *frames, const char *folder, imi_error *err)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", folder, strerror(errno));
    }
    for (size_t i = 0; i < frames->count; i++) {
        char path[PATH_SIZE];
        int size = snprintf(path, sizeof path, "%s/%0*lld.jpg", folder, TIME_DIGITS,
                            (long long)frames->items[i].at_ms);
        if (size < 0 || (size_t)size >= sizeof path) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path %s is too long", folder);
        }
        IMI_TRY(imi_file_write(path, imi_buffer_view(&frames->items[i].jpeg), 0644, err));
    }
    return IMI_OK;
}
