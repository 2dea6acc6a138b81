#include "imictl.h"

#include "phone-sim/media.h"

#include <stdio.h>

typedef struct frames_options {
    imi_media_options media;
    const char *folder;
    bool all;
    bool json;
} frames_options;

static imi_status dump(const frames_options *options, size_t *count_out, imi_error *err)
{
    IMI_AUTO(imi_media) media = NULL;
    IMI_TRY(imi_media_open(&options->media, &media, err));
    *count_out = imi_media_frames(media)->count;
    return imi_media_save(media, options->folder, err);
}

int imictl_frames(int argc, char **argv)
{
    frames_options options = {.json = false};
    const imi_cli_option rows[] = {
        {"--clip", &options.media.clip, NULL, true, "CLIP", "a video file"},
        {"--out", &options.folder, NULL, true, "DIR", "where the JPEG files go"},
        {"--segments", &options.media.segments, NULL, false, "FILE",
         "labels: only what they cover is written [shipped labels]"},
        {"--all", NULL, &options.all, false, NULL, "every frame, and no labels"},
        IMICTL_JSON_ROW(options.json),
    };
    const imi_cli_spec spec = {"imictl frames", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    options.media.plain = options.all;
    size_t count = 0;
    imi_error error = IMI_ERROR_INIT;
    if (dump(&options, &count, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    if (options.json) {
        imictl_print_json(
            json_pack("{s:s, s:I}", "folder", options.folder, "frames", (json_int_t)count));
    } else {
        printf("%s: %zu frames, named after their milliseconds\n", options.folder, count);
    }
    return IMI_EXIT_SUCCESS;
}
