#include "clip_frames.h"

#include "clip.h"
#include "csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FRAME_QUALITY = 90, CLIPS_MAX = 1000 };

void eval_clips_clean_up(eval_clips *clips)
{
    for (size_t i = 0; i < clips->count; i++) {
        imi_free(clips->clips[i].path);
        imi_free(clips->clips[i].name);
        imi_free(clips->clips[i].subject);
    }
    for (size_t i = 0; i < clips->sample_count; i++) {
        imi_buffer_clean_up(&clips->jpegs[i]);
    }
    if (clips->samples != NULL) {
        imi_wipe(clips->samples, clips->capacity * sizeof *clips->samples);
    }
    imi_free(clips->clips);
    imi_free(clips->samples);
    imi_free(clips->jpegs);
    *clips = (eval_clips){0};
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const eval_clip *)a)->path, ((const eval_clip *)b)->path);
}

static bool is_video(const char *file)
{
    static const char *const endings[] = {".mp4", ".webm", ".mkv", ".mov"};
    const char *ending = strrchr(file, '.');
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof endings[0]; i++) {
        if (strcmp(ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* subject: NULL: the clip's own name. */
static imi_status add_clip(eval_clips *clips, const char *folder, size_t folder_length,
                           const char *file, const char *subject, imi_error *err)
{
    if (clips->count == CLIPS_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d clips", CLIPS_MAX);
    }
    IMI_AUTO_BUFFER path = IMI_BUFFER_INIT;
    const char *slash = folder_length > 0 ? "/" : "";
    IMI_TRY(imi_buffer_printf(&path, err, "%.*s%s%s", (int)folder_length, folder, slash, file));
    IMI_TRY(imi_buffer_terminate(&path, err));
    eval_clip *at = &clips->clips[clips->count++];
    const char *base = strrchr(file, '/');
    at->path = imi_strdup((const char *)path.data);
    at->name = imi_strdup(base == NULL ? file : base + 1);
    if (at->name != NULL && strrchr(at->name, '.') != NULL) {
        *strrchr(at->name, '.') = '\0';
    }
    at->subject = imi_strdup(subject != NULL ? subject : at->name == NULL ? "" : at->name);
    if (at->path == NULL || at->name == NULL || at->subject == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu clips", clips->count);
    }
    return IMI_OK;
}

static imi_status find_in_folder(const char *folder, eval_clips *out, imi_error *err)
{
    DIR *open = opendir(folder);
    if (open == NULL) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot read the folder %s: %s", folder,
                         strerror(errno));
    }
    imi_status status = IMI_OK;
    const struct dirent *entry = NULL;
    while (status == IMI_OK && (entry = readdir(open)) != NULL) {
        if (is_video(entry->d_name)) {
            status = add_clip(out, folder, strlen(folder), entry->d_name, NULL, err);
        }
    }
    closedir(open);
    return status;
}

static imi_status find_in_list(const char *list, eval_clips *out, imi_error *err)
{
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    size_t file = 0;
    size_t subject = 0;
    IMI_TRY(eval_csv_load(list, &csv, err));
    IMI_TRY(eval_csv_column(&csv, "file", &file, err));
    IMI_TRY(eval_csv_column(&csv, "subject", &subject, err));
    const char *slash = strrchr(list, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - list);
    for (size_t row = 0; row < csv.rows; row++) {
        IMI_TRY(add_clip(out, list, folder, eval_csv_cell(&csv, row, file),
                         eval_csv_cell(&csv, row, subject), err));
    }
    return IMI_OK;
}

imi_status eval_clips_find(const char *from, eval_clips *out, imi_error *err)
{
    *out = (eval_clips){0};
    struct stat about;
    if (stat(from, &about) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_NOT_FOUND, errno, "no clips at %s: %s", from, strerror(errno));
    }
    out->clips = imi_alloc_array(CLIPS_MAX, sizeof *out->clips);
    if (out->clips == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of clips");
    }
    IMI_TRY(S_ISDIR(about.st_mode) ? find_in_folder(from, out, err) : find_in_list(from, out, err));
    qsort(out->clips, out->count, sizeof *out->clips, by_path);
    bool others = false;
    for (size_t i = 1; i < out->count; i++) {
        others = others || strcmp(out->clips[i].subject, out->clips[0].subject) != 0;
    }
    if (!others) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "clips of at least two people are needed; %s holds %zu clips", from, out->count);
    }
    return IMI_OK;
}

#ifdef IMI_EVAL_HAS_CLIPS

static imi_status count_frames(eval_clip *clip, imi_error *err)
{
    IMI_AUTO(imi_clip) file = NULL;
    IMI_TRY(imi_clip_open(clip->path, &file, err));
    for (;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(file, &image, &at_ms, err));
        if (image == NULL) {
            return IMI_OK;
        }
        clip->frames++;
    }
}

static imi_status keep_frame(eval_clips *clips, eval_clip *clip, const imi_image *image,
                             imi_error *err)
{
    imi_buffer *jpeg = &clips->jpegs[clips->sample_count];
    eval_sample *sample = &clips->samples[clips->sample_count];
    clips->sample_count++;
    clip->count++;
    IMI_TRY(imi_jpeg_encode(image, FRAME_QUALITY, jpeg, err));
    sample->file = clip->path;
    sample->jpeg = imi_buffer_view(jpeg);
    sample->kind = IMI_CAPTURE_SELFIE;
    return IMI_OK;
}

static imi_status read_frames(eval_clips *clips, eval_clip *clip, imi_error *err)
{
    IMI_AUTO(imi_clip) file = NULL;
    IMI_TRY(imi_clip_open(clip->path, &file, err));
    clip->first = clips->sample_count;
    for (size_t number = 0; number < clip->frames; number++) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(file, &image, &at_ms, err));
        if (image != NULL && number % clip->step == 0) {
            IMI_TRY(keep_frame(clips, clip, image, err));
        }
    }
    return IMI_OK;
}

imi_status eval_clips_decode(eval_clips *clips, size_t every, size_t most, imi_error *err)
{
    for (size_t i = 0; i < clips->count; i++) {
        eval_clip *clip = &clips->clips[i];
        IMI_TRY(count_frames(clip, err));
        clip->step = clip->frames / most + (clip->frames % most == 0 ? 0 : 1);
        clip->step = clip->step < every ? every : clip->step;
    }
    clips->capacity = clips->count * most;
    clips->samples = imi_alloc_aligned(clips->capacity, sizeof *clips->samples);
    clips->jpegs = imi_alloc_array(clips->capacity, sizeof *clips->jpegs);
    if (clips->samples == NULL || clips->jpegs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu frames", clips->capacity);
    }
    for (size_t i = 0; i < clips->count; i++) {
        IMI_TRY(read_frames(clips, &clips->clips[i], err));
    }
    return IMI_OK;
}

#else

imi_status eval_clips_decode(eval_clips *clips, size_t every, size_t most, imi_error *err)
{
    (void)clips;
    (void)every;
    (void)most;
    IMI_FAIL(err, IMI_E_UNSUPPORTED,
             "this program was built without video: libavformat, libavcodec and libswscale are "
             "needed");
}

#endif
